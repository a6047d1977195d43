/// What Vagrant expects of a box: an account with a known key and password, and sudo without one.
enum VagrantScript {
    /// The public half of the key pair that every Vagrant has; the first start of a box replaces it.
    static let insecureKey =
        "ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAQEA6NF8iallvQVp22WDkTkyrtvp9eWW6A8YVr+kz4TjGYe7gHzIw+niNltGEFHzD8+v1I2YJ6oXevct1YeS0o9HZyN1Q9qgCgzUFtdOKLv6IedplqoPkcmF0aYet2PkEDo3MlTBckFXPITAMzF8dJSIFo9D8HfdOV0IAdx4O7PtixWKn5y2hMNG0zQPyUecp4pzC6kivAIhyfHilFR61RGL+GPXQ2MWZWFYbAGjyiYJnAmCP3NOTd0jMZEnDkbUvxhMmBYSdETk1rRgm+R4LOzFUGaHqHDLKLX+FIPKcF96hrucXzcWyLbIbEgE98OHlnVYCzRdK8jlqm8tehUc9c9WhQ== vagrant insecure public key"

    static let configure = """
        id vagrant >/dev/null 2>&1 || useradd -m -s /bin/bash vagrant
        # "vagrant", with a salt that is always the same: so is the layer.
        usermod -p '$6$ruche$iKaoD/tm5JOYrbp2TM5ZM5BsIoPy8eUg7xDE3yv5reRobjVa9pPEjU/6/5EL3UfHktJ..msM1b7nyKn9vnG2U0' vagrant
        install -d -m 700 -o vagrant -g vagrant /home/vagrant/.ssh
        echo '\(insecureKey)' >/home/vagrant/.ssh/authorized_keys
        chown vagrant:vagrant /home/vagrant/.ssh/authorized_keys
        chmod 600 /home/vagrant/.ssh/authorized_keys
        echo 'vagrant ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/vagrant
        chmod 440 /etc/sudoers.d/vagrant
        mkdir -p /etc/ssh/sshd_config.d
        printf 'UseDNS no\\n' >/etc/ssh/sshd_config.d/vagrant.conf

        """
}

import Foundation
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

/// Archives that no honest author makes, made with Python's zipfile and tarfile.
@Suite struct HostilePackageTests {
    private static let script = #"""
        import io, os, stat, sys, tarfile, zipfile, struct, warnings, zlib
        warnings.simplefilter('ignore')
        folder = sys.argv[1]
        good = b'{"name": "a", "version": "1", "job": "/run"}'
        def z(name, entries, compression=zipfile.ZIP_DEFLATED):
            with zipfile.ZipFile(os.path.join(folder, name + '.zip'), 'w', compression) as archive:
                for entry in entries: archive.writestr(*entry)
        def link(name, target):
            info = zipfile.ZipInfo(name); info.external_attr = (stat.S_IFLNK | 0o777) << 16
            return (info, target)
        def node(name, kind):
            info = zipfile.ZipInfo(name); info.create_system = 3; info.external_attr = (kind | 0o666) << 16
            return (info, b'')
        base = [('manifest.json', good), ('lxc_image.tar.gz', b'x')]
        z('dotdot', base + [('../evil', b'x')])
        z('dotdot-inside', base + [('doc/../../evil', b'x')])
        z('absolute', base + [('/etc/passwd', b'x')])
        z('twice', base + [('manifest.json', good)])
        z('backslash', base + [('doc\\..\\evil', b'x')])
        z('control', base + [('doc/a\nb', b'x')])
        z('long', base + [('d/' * 2100 + 'x', b'x')])
        z('long-part', base + [('a' * 300, b'x')])
        z('link-out', base + [link('doc/icon.png', '/etc/passwd')])
        z('link-up', base + [link('doc/icon.png', '../../etc/passwd')])
        z('device', base + [node('null', stat.S_IFCHR)])
        z('bomb', base + [('zeros', b'\0' * (100 << 20))])
        z('two-manifests', [('a/manifest.json', good), ('b/manifest.json', good), ('a/Dockerfile', b'FROM scratch')])
        z('nothing', [('readme', b'x')])
        z('empty', [])
        z('rootfs-link', base + [link('rootfs/x', '/etc')])
        # A zip whose central directory says less than what comes.
        z('liar', base + [('doc/big', b'\0' * 100000)])
        path = os.path.join(folder, 'liar.zip'); data = bytearray(open(path, 'rb').read())
        at = data.rfind(b'PK\x01\x02'); struct.pack_into('<I', data, at + 24, 10)
        at = data.rfind(b'PK\x03\x04'); struct.pack_into('<I', data, at + 22, 10)
        open(path, 'wb').write(data)
        # Sizes that no disk holds.
        z('absurd', base + [('doc/big', b'x')], zipfile.ZIP_STORED)
        path = os.path.join(folder, 'absurd.zip'); data = bytearray(open(path, 'rb').read())
        at = data.rfind(b'PK\x01\x02'); struct.pack_into('<I', data, at + 24, 0xfffffff0)
        at = data.rfind(b'PK\x03\x04'); struct.pack_into('<I', data, at + 22, 0xfffffff0)
        open(path, 'wb').write(data)
        z('truncated', base + [('doc/a', os.urandom(5000))])
        path = os.path.join(folder, 'truncated.zip'); data = open(path, 'rb').read(); open(path, 'wb').write(data[:900])
        open(os.path.join(folder, 'noise.zip'), 'wb').write(b'PK\x03\x04' + os.urandom(2000))
        open(os.path.join(folder, 'zero.zip'), 'wb').write(b'')
        with zipfile.ZipFile(os.path.join(folder, 'not-utf8.zip'), 'w') as archive:
            for entry in base: archive.writestr(*entry)
            archive.writestr('doc/aXb', b'x')
        path = os.path.join(folder, 'not-utf8.zip'); data = open(path, 'rb').read()
        open(path, 'wb').write(data.replace(b'doc/aXb', b'doc/a\xffb'))
        def t(name, entries, mode='w:gz'):
            with tarfile.open(os.path.join(folder, name + '.tar.gz'), mode) as archive:
                for name, kind, content, target in entries:
                    info = tarfile.TarInfo(name); info.type = kind; info.size = len(content); info.linkname = target
                    archive.addfile(info, io.BytesIO(content))
        R, S, H, C, F, D = tarfile.REGTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE
        tbase = [('manifest.json', R, good, ''), ('lxc_image.tar.gz', R, b'x', '')]
        t('tar-dotdot', tbase + [('../evil', R, b'x', '')])
        t('tar-absolute', tbase + [('/evil', R, b'x', '')])
        t('tar-hard', tbase + [('doc/a', H, b'', '/etc/passwd')])
        t('tar-link', tbase + [('doc/a', S, b'', '/etc/passwd')])
        t('tar-device', tbase + [('doc/a', C, b'', '')])
        t('tar-fifo', tbase + [('doc/a', F, b'', '')])
        t('tar-twice', tbase + [('LICENSE', R, b'x', ''), ('LICENSE', R, b'y', '')])
        t('tar-bomb', tbase + [('zeros', R, b'\0' * (100 << 20), '')])
        t('lxd-dotdot', [('metadata.yaml', R, b'pirus: {name: a, job: /run}', ''), ('rootfs/../../evil', R, b'x', '')])
        t('lxd-twice', [('metadata.yaml', R, b'pirus: {name: a, job: /run}', ''), ('rootfs/a', R, b'', ''), ('rootfs/a', R, b'', '')])
        # What an honest LXD image has: absolute links, hard links, devices.
        t('good-lxd', [('metadata.yaml', R, b'pirus: {name: a, job: /run}', ''), ('rootfs', D, b'', ''), ('rootfs/run', R, b'x', ''),
          ('rootfs/lib', S, b'', '/usr/lib'), ('rootfs/b', H, b'', 'rootfs/run'), ('rootfs/null', C, b'', '')])
        z('good', base + [('doc/\u00e9.html', b'x'), link('README', 'manifest.json')])
        z('good-nested', [('P/manifest.json', good), ('P/lxc_image.tar.gz', b'x'), ('__MACOSX/P/manifest.json', b'x')])
        """#

    @Test func everyOneIsRefusedAndLeavesNothing() async throws {
        try await Scratch.with { folder in
            let archives = folder.appending("archives")
            try FileTree.makeFolder(archives)
            try await SystemCommandRunner().runChecked(Command("python3", ["-c", Self.script, archives.string]))
            let target = folder.appending("out")
            for name in try FileTree.names(in: archives) {
                let path = archives.appending(name)
                if name.hasPrefix("good") {
                    let reader = try PackageReader(path, owner: "local")
                    #expect(reader.manifest != nil, "\(name): \(reader.findings)")
                    if name.hasSuffix(".zip") {
                        try reader.archive.extract(to: target)
                        #expect(FileTree.exists(target.appending("manifest.json")))
                        try FileTree.remove(target)
                    }
                    continue
                }
                let error = #expect(throws: RucheError.self, "\(name)") {
                    try PackageArchive(path).extract(to: target)
                }
                #expect(error?.code == .invalidArchive, "\(name): \(error.map { "\($0)" } ?? "-")")
                #expect(!FileTree.exists(folder.appending("evil")), "\(name)")
                try FileTree.remove(target)
            }
        }
    }

    @Test func aPackageThatNeedsTooManyBytesForItsManifestIsToldOf() async throws {
        try await Scratch.with { folder in
            let package = folder.appending("p")
            try FileTree.makeFolder(package)
            try AtomicFile.write([UInt8](repeating: 32, count: 2 << 20), to: package.appending("manifest.json"))
            let reader = try PackageReader(package, owner: "local")
            #expect(reader.manifest == nil)
            #expect(reader.errors.map(\.message) == ["the manifest is too large or no plain file"])
        }
    }
}

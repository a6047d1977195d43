import Glibc
import RucheCore
import RucheHost

extension LXDEngine {
    package func check() async -> [EngineFinding] {
        var findings = LXDTools.missing().map {
            EngineFinding(
                message: "this machine has no \($0), which begins every container",
                remedy: "install it: on Debian with \"apt install coreutils dash util-linux\"")
        }
        do {
            let server = try await client.server()
            guard server.auth == "trusted" else { return findings + [untrusted] }
            findings += try await lacks(server)
        } catch let error as RucheError where error.message.contains("permission denied") {
            findings.append(
                EngineFinding(
                    message: error.message,
                    remedy: "run the server as a user who may open the socket: root, or one in the group \"lxd\""))
        } catch let error as RucheError {
            findings.append(
                EngineFinding(
                    message: error.message,
                    remedy: "start it with \"systemctl start lxd\", or install it with \"apt install lxd\" and run "
                        + "\"lxd init\"; or correct \"socket\" or \"address\" of the engine in the configuration"))
        } catch {
            findings.append(EngineFinding(message: "the engine \"\(name)\" can't be asked: \(error)"))
        }
        return findings
    }

    private nonisolated var untrusted: EngineFinding {
        EngineFinding(
            message: "the engine \"\(name)\" does not trust this server's certificate",
            remedy: "on its machine, run \"lxc config trust add \(settings.text("certificate") ?? "FILE")\"")
    }

    private func lacks(_ server: LXDAPI.Server) async throws -> [EngineFinding] {
        var findings: [EngineFinding] = []
        let features = server.environment?.kernel_features ?? [:]
        if geteuid() != 0, features["idmapped_mounts"] != "true", features["shiftfs"] != "true" {
            findings.append(
                EngineFinding(
                    message: "its kernel can't show this user's files to containers",
                    remedy: "run the server as root, or give LXD a kernel with idmapped mounts (5.12 or later)"))
        }
        if let project = settings.text("project") {
            guard let found = try await client.find("/1.0/projects", named: project, LXDAPI.Configured.self) else {
                return findings + [
                    EngineFinding(
                        message: "it has no project \"\(project)\"",
                        remedy: "make it with \"lxc project create \(project)\", or correct \"project\"")
                ]
            }
            findings += restrictions(found.config ?? [:], project)
        }
        findings += try await lackingStorage()
        if let target = settings.text("target") { findings += try await lackingTarget(target, server) }
        return findings
    }

    private nonisolated func restrictions(_ config: [String: String], _ project: String) -> [EngineFinding] {
        guard config["restricted"] == "true" else { return [] }
        let wanted = [("restricted.containers.lowlevel", "allow"), ("restricted.devices.disk", "allow")]
        return wanted.filter { config[$0.0] != $0.1 }.map { key, value in
            EngineFinding(
                message: "the project \"\(project)\" does not allow what jobs need (\(key))",
                remedy: "run \"lxc project set \(project) \(key)=\(value)\"")
        }
    }

    private func lackingStorage() async throws -> [EngineFinding] {
        var findings: [EngineFinding] = []
        var hasRoot = false
        for profile in profiles {
            guard let found = try await client.find("/1.0/profiles", named: profile, LXDAPI.Configured.self) else {
                findings.append(
                    EngineFinding(
                        message: "it has no profile \"\(profile)\"",
                        remedy: "make it with \"lxc profile create \(profile)\", or correct \"profiles\""))
                continue
            }
            let devices = found.devices ?? [:]
            if devices.values.contains(where: { $0["type"] == "disk" && $0["path"] == "/" }) { hasRoot = true }
        }
        guard let pool = settings.text("pool") else {
            if !hasRoot {
                findings.append(
                    EngineFinding(
                        message: "none of its profiles has a root disk",
                        remedy: "name a storage pool as \"pool\", or run \"lxd init\""))
            }
            return findings
        }
        if try await client.find("/1.0/storage-pools", named: pool, LXDAPI.Configured.self) == nil {
            findings.append(
                EngineFinding(
                    message: "it has no storage pool \"\(pool)\"",
                    remedy: "make it with \"lxc storage create \(pool) dir\", or correct \"pool\""))
        }
        return findings
    }

    private func lackingTarget(_ target: String, _ server: LXDAPI.Server) async throws -> [EngineFinding] {
        guard server.environment?.server_clustered == true else {
            return [EngineFinding(message: "it is no cluster", remedy: "remove \"target\" from the configuration")]
        }
        let group = target.hasPrefix("@") ? String(target.dropFirst()) : nil
        if let group {
            guard try await client.find("/1.0/cluster/groups", named: group, LXDAPI.Configured.self) == nil else {
                return []
            }
            return [EngineFinding(message: "its cluster has no group \"\(group)\"", remedy: "correct \"target\"")]
        }
        let member = try await client.find("/1.0/cluster/members", named: target, LXDAPI.Member.self)
        guard let member else {
            return [EngineFinding(message: "its cluster has no member \"\(target)\"", remedy: "correct \"target\"")]
        }
        guard member.status != "Online" else { return [] }
        return [
            EngineFinding(
                message: "the member \"\(target)\" of its cluster is \(member.status.lowercased())",
                remedy: "start it, or choose another \"target\"")
        ]
    }
}

// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("InferIsolatedConformances"),
    .enableUpcomingFeature("ImmutableWeakCaptures"),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// Relocations and names that nobody asks for would be a sixth of what an idle server holds in memory. Packed
/// relocations need the C library of Debian 12 or a later one.
let lean = ["-Xlinker", "-z", "-Xlinker", "pack-relative-relocs", "-Xlinker", "--no-export-dynamic"]

/// A library target with the settings that every target shares.
func library(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

/// The tests of one library; `Support` holds what they share.
func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: name, dependencies: ["Support"] + dependencies, resources: resources, swiftSettings: settings)
}

let package = Package(
    name: "ruche",
    products: [.executable(name: "ruche", targets: ["ruche"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
    ],
    targets: [
        .systemLibrary(name: "CLibarchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        .systemLibrary(name: "CCmark", pkgConfig: "libcmark", providers: [.apt(["libcmark-dev"])]),
        .systemLibrary(name: "CExt2fs", pkgConfig: "ext2fs", providers: [.apt(["libext2fs-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        library("RucheCore", [yams]),
        library("RucheWire", ["RucheCore"]),
        library(
            "RucheHost",
            [
                "RucheCore", "CLibarchive", asyncHTTPClient, nioCore, nioHTTP1, nioPosix, nioSSL, subprocess,
                systemPackage, logging,
            ]),
        library("RucheImages", ["RucheCore", "RucheHost", "CExt2fs", "CZstd", crypto, systemPackage]),
        library("RucheStore", ["RucheCore", "RucheHost", grdb, systemPackage]),
        library("RucheEngines", ["RucheCore", "RucheHost", systemPackage, logging]),
        library("RucheWorkbench", ["RucheCore", "RucheHost", "RucheImages", systemPackage]),
        library("RucheBuild", ["RucheCore", "RucheHost", "RucheImages", crypto, systemPackage, logging]),
        library(
            "RucheService",
            [
                "RucheCore", "RucheHost", "RucheImages", "RucheStore", "RucheEngines", "RucheBuild", crypto,
                cryptoExtras,
                logging, serviceLifecycle, systemPackage,
            ]),
        library(
            "RucheServer",
            [
                "RucheCore", "RucheWire", "RucheHost", "RucheImages", "RucheEngines", "RucheService", "CCmark",
                hummingbird,
                hummingbirdCore, httpTypes,
                logging, nioCore, nioPosix, nioHTTP1, nioSSL, serviceLifecycle, systemPackage, crypto,
            ]),
        library(
            "RucheClient",
            [
                "RucheCore", "RucheWire", "RucheHost", asyncHTTPClient, crypto, nioCore, nioHTTP1, nioPosix, nioSSL,
                systemPackage, logging,
            ]),
        .executableTarget(
            name: "ruche",
            dependencies: [
                "RucheCore", "RucheWire", "RucheHost", "RucheImages", "RucheStore", "RucheEngines", "RucheBuild",
                "RucheWorkbench", "RucheService", "RucheServer", "RucheClient", argumentParser, logging, nioPosix,
                serviceLifecycle,
                systemPackage, unixSignals, yams,
            ],
            swiftSettings: settings,
            linkerSettings: [.unsafeFlags(["-use-ld=lld"]), .unsafeFlags(lean, .when(configuration: .release))]),
        .target(
            name: "Support", dependencies: ["RucheCore", "RucheHost", "CLibarchive", systemPackage],
            path: "Tests/Support",
            swiftSettings: settings),
        tests("RucheCoreTests", ["RucheCore"]),
        tests("RucheHostTests", ["RucheHost", "RucheCore", systemPackage]),
        tests("RucheImagesTests", ["RucheImages", "RucheHost", "RucheCore", systemPackage]),
        tests("RucheStoreTests", ["RucheStore", "RucheCore", systemPackage]),
        tests("RucheEnginesTests", ["RucheEngines", "RucheHost", "RucheCore", systemPackage]),
        tests("RucheBuildTests", ["RucheBuild", "RucheImages", "RucheHost", "RucheCore", systemPackage]),
        tests(
            "RucheServiceTests",
            [
                "RucheService", "RucheStore", "RucheEngines", "RucheBuild", "RucheImages", "RucheHost", "RucheCore",
                systemPackage, logging,
            ]),
        tests(
            "RucheServerTests",
            [
                "RucheServer", "RucheService", "RucheBuild", "RucheImages", "RucheStore", "RucheEngines", "RucheHost",
                "RucheWire", "RucheCore", hummingbird, hummingbirdTesting, systemPackage, httpTypes, nioCore, nioPosix,
                logging, serviceLifecycle,
            ]),
        tests(
            "RucheClientTests",
            [
                "RucheClient", "RucheWire", "RucheCore", "RucheHost", crypto, systemPackage, nioCore, nioHTTP1,
                nioPosix,
            ]),
        tests(
            "CommandTests",
            [
                "ruche", "RucheClient", "RucheWire", "RucheWorkbench", "RucheCore", "RucheHost", argumentParser,
                systemPackage, nioCore, nioHTTP1, nioPosix,
            ]),
        tests(
            "IntegrationTests", ["RucheCore", "RucheWire", "RucheHost", "RucheImages", systemPackage],
            resources: [
                "doi-agency.py", "oras-roundtrip.py", "records-check.py", "registry-conformance.py",
                "vagrant-cloud.py",
            ].map { .copy("Fixtures/\($0)") }),
    ],
    swiftLanguageModes: [.v6]
)

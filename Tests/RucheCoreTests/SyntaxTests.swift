import RucheCore
import Testing

@Suite struct SyntaxTests {
    @Test(arguments: [
        ("0000-0002-1825-0097", true), ("0000-0001-5109-3700", true), ("0000-0002-1694-233X", true),
        ("0000-0002-1825-0096", false), ("0000-0002-1694-2330", false), ("0000000218250097", false),
        ("https://orcid.org/0000-0002-1825-0097", false), ("", false),
    ])
    func checksORCIDs(text: String, isValid: Bool) { #expect(ORCID.isValid(text) == isValid) }

    @Test(arguments: [
        "MIT", "mit", "GPL-2.0+", "Apache-2.0 AND MIT", "(MIT OR GPL-3.0-only) AND CC0-1.0",
        "GPL-2.0-only WITH Classpath-exception-2.0", "LicenseRef-ours", "DocumentRef-a:LicenseRef-b",
    ])
    func acceptsLicences(text: String) { #expect(LicenseExpression.fault(in: text) == nil) }

    @Test(
        arguments: [
            ("", nil), ("MIT AND", nil), ("AND MIT", nil), ("()", nil), ("MIT)", nil), ("Apache2", "Apache-2.0"),
            ("MTI", "MIT"), ("BSD", "BSD-3-Clause"), (String(repeating: "(", count: 1000), nil),
            ("MIT/Apache-2.0", nil),
        ] as [(String, String?)])
    func refusesLicences(text: String, suggestion: String?) {
        let fault = LicenseExpression.fault(in: text)
        #expect(fault != nil)
        if let suggestion { #expect(fault?.suggestion == suggestion) }
    }

    @Test(arguments: [
        ("bwa", true), ("g++", true), ("libc6=2.36-9+deb12u4", true), ("aa=1:2~rc1-1", true), ("a1/bookworm", true),
        ("b", false), ("-y", false), ("Bwa", false), ("a b", false), ("a1=", false), ("a1/", false), ("a1=x", false),
        ("bwa\n", false), ("", false), ("bwa*", false), ("../x", false),
    ])
    func checksDebianPackages(text: String, isValid: Bool) { #expect(PackageSyntax.isApt(text) == isValid) }

    @Test(arguments: [
        ("numpy", true), ("numpy==2.0", true), ("numpy >=1, <2", true), ("a[b,c]~=1.0", true), ("a==1.*", true),
        ("a; python_version<'3'", true), ("a @ https://example.org/a.whl", true), ("zope.interface", true),
        ("a @ git+https://example.org/a.git@v1", true), ("a @ file:///etc", false), ("-e .", false), ("./a", false),
        ("a=1", false), ("a==", false), ("a b", false), ("", false), ("a;", false), ("a @ https://u:p@h/x", false),
        ("a\n--index-url=x", false),
    ])
    func checksPythonRequirements(text: String, isValid: Bool) { #expect(PackageSyntax.isPip(text) == isValid) }

    @Test(arguments: [
        ("a b", ["a", "b"]), ("  a   'b c' ", ["a", "b c"]), ("a\"b\"'c'", ["abc"]), ("''", [""]), ("a\\ b", ["a b"]),
        ("\"a\\\"\\n$x\"", ["a\"\\n$x"]), ("'a\\b'", ["a\\b"]), ("", []), ("a $x | *", ["a", "$x", "|", "*"]),
    ])
    func splitsWords(text: String, words: [String]) { #expect(ShellWords.split(text) == words) }

    @Test(arguments: ["'a", "\"a", "a\\", "\"a\\"])
    func refusesOpenQuotes(text: String) { #expect(ShellWords.split(text) == nil) }

    @Test(
        arguments: [
            ("stpes", "steps"), ("licence", "license"), ("Variants", "variants"), ("base-max-age", "base_max_age"),
            ("x", nil), ("completely", nil), ("", nil), (String(repeating: "a", count: 10_000), nil),
        ] as [(String, String?)])
    func findsNearestWords(word: String, expected: String?) {
        #expect(Spelling.nearest(word, among: RecipeKeys.top.keys) == expected)
    }
}

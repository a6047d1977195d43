/// Addresses a recipe may write. None may hold a user name or a password: recipes are published.
enum URLSyntax {
    static let webRule = "an http or https address without a user name or password"
    static let mirrorRule = "an http, https or file address of a Debian archive, without a user name or password"

    static func isWeb(_ text: String) -> Bool {
        text.utf8.count <= 2048
            && text.wholeMatch(of: /https?:\/\/[A-Za-z0-9._-]+(?::[0-9]{1,5})?(?:\/[^\s@"<>]*)?/) != nil
    }

    static func isMirror(_ text: String) -> Bool {
        isWeb(text) || (text.utf8.count <= 1024 && text.wholeMatch(of: /file:\/\/?(?:\/[A-Za-z0-9._~+-]+)+\/?/) != nil)
    }
}

/// What is to be done about something that happened to an instance.
package enum InstanceAction: Hashable, Sendable {
    case none
    /// Start what runs it.
    case launch
    /// Look at it until it is healthy.
    case watch
    /// Ask it to end, and end it when it does not.
    case powerDown
    /// End what runs of it at once.
    case kill
    /// End it, and remove all that it has.
    case destroy
}

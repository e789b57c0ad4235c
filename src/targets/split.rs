//! Numbers of a file that share its users.

use super::node::Node;

/// Numbers that share the users.
#[derive(Debug, Clone)]
pub(super) struct Split<'n> {
    /// The flag or the resource.
    pub(super) root: &'n Node,
    /// What holds the numbers.
    pub(super) holder: &'n Node,
    /// The number of exposed users.
    pub(super) exposed: &'n Node,
    /// The number of the others, where it stands in the file.
    pub(super) rest: Option<&'n Node>,
}

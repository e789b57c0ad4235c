//! A change under review, as the gate found it.

use super::loaded::LoadedPlan;
use super::trust::Connection;

/// What the gate found.
pub(crate) struct ReviewedChange {
    /// The revision, as it was named.
    pub(crate) rev: String,
    /// The plans that the change touches, by their place in the set.
    pub(crate) touched: Vec<usize>,
    /// What is refused besides plans that are there: plans that the change deletes, with their old
    /// text, and the shared settings.
    pub(crate) besides: Vec<LoadedPlan>,
    /// What a reviewer should know of the settings.
    pub(crate) notices: Vec<String>,
    /// The shared settings' path in the repository.
    pub(crate) config_path: String,
    /// How Prometheus may be asked.
    pub(crate) connection: Connection,
}

//! How the assignment of users to arms is not what the plan declares, as data. How it is said is
//! `report::words`.

use crate::snapshot::EvidenceIssue;
use crate::units::Exposure;

/// What is wrong with the assignment.
#[derive(Debug, Clone, PartialEq)]
pub enum Misassigned {
    /// The snapshot holds no counts of users.
    NotInSnapshot,
    /// Users were counted with these faults.
    Measured(Vec<EvidenceIssue>),
    /// No users were counted in the stage.
    NoUsers,
    /// Another share of users is exposed than was declared.
    Share {
        /// Users of both arms.
        users: f64,
        /// The share of them that is exposed.
        exposed: f64,
        /// The share declared.
        declared: Exposure,
    },
    /// The exposed arm has far more traffic than its users explain.
    TooMuchTraffic {
        /// The share declared.
        declared: Exposure,
    },
    /// The exposed arm has far less traffic than its users explain.
    TooLittleTraffic {
        /// The share declared.
        declared: Exposure,
    },
}

impl Misassigned {
    /// The word by which programs and records know it; it stays when the sentence is reworded.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotInSnapshot => "users-not-in-snapshot",
            Self::Measured(_) => "users-measured-with-faults",
            Self::NoUsers => "no-users",
            Self::Share { .. } => "wrong-share",
            Self::TooMuchTraffic { .. } => "too-much-traffic",
            Self::TooLittleTraffic { .. } => "too-little-traffic",
        }
    }
}

//! The directory of plans: finding, reading, locking, atomic writing, evidence and git.

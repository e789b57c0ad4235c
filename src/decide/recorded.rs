//! What was done to a plan and by whom, as records, commits and notifications name it. The words are
//! read here, once; whoever matches them matches variants.

use std::fmt;

use crate::plan::Actor;

use super::decision::Action;

/// Declares the words of actions once, for writing and for reading.
macro_rules! actions {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$about:meta])* $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[$meta])*
        pub enum $name {
            $($(#[$about])* $variant,)+
            /// A word of another version of this program: its records stay readable, and its commits
            /// are somebody's.
            Other(String),
        }

        impl $name {
            /// The word in records, names of their files, commits and JSON.
            #[must_use]
            pub fn key(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    other => Self::Other(other.to_owned()),
                }
            }
        }
    };
}

actions! {
    /// What was done.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum RecordedAction {
        /// The rules moved to the next stage, or up the ramp.
        Advance = "advance",
        /// Nobody was moved, and something had to be noted.
        Hold = "hold",
        /// The rules or a person stopped advances.
        Pause = "pause",
        /// The rules or a person took the change back.
        Rollback = "rollback",
        /// The rules found the rollout complete.
        Complete = "complete",
        /// A person ended a pause.
        Resume = "resume",
        /// A person started a rolled-back plan again.
        Retry = "retry",
        /// A person let a stage be left.
        Approve = "approve",
        /// A person stopped the advances of all plans.
        Freeze = "freeze",
        /// A person ended freezes.
        Unfreeze = "unfreeze",
        /// Targets were brought to what the plans say.
        Sync = "sync",
        /// A person began a directory of plans.
        Init = "init",
        /// A person began a plan.
        New = "new",
    }
}

impl From<Action> for RecordedAction {
    fn from(action: Action) -> Self {
        match action {
            Action::Advance { .. } => Self::Advance,
            Action::Hold => Self::Hold,
            Action::Pause => Self::Pause,
            Action::Rollback { .. } => Self::Rollback,
            Action::Complete => Self::Complete,
        }
    }
}

impl fmt::Display for RecordedAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordedActor {
    /// The rules, from data: what they decide can be decided again.
    Automation {
        /// Whose run it was, where that is said.
        run_by: Option<String>,
    },
    /// A person's command, which is theirs.
    Person(String),
    /// Words of another version of this program.
    Other(String),
}

const AUTOMATION: &str = "rollout";
const RUN_BY: &str = "rollout, run by ";
const PERSON: &str = "person:";

impl RecordedActor {
    /// The rules, on nobody's behalf.
    pub const AUTOMATION: Self = Self::Automation { run_by: None };

    /// The person, if it was one.
    #[must_use]
    pub fn person(&self) -> Option<&str> {
        match self {
            Self::Person(name) => Some(name),
            Self::Automation { .. } | Self::Other(_) => None,
        }
    }
}

impl From<&str> for RecordedActor {
    fn from(words: &str) -> Self {
        if let Some(person) = words.strip_prefix(PERSON) {
            Self::Person(person.to_owned())
        } else if let Some(run_by) = words.strip_prefix(RUN_BY) {
            Self::Automation {
                run_by: Some(run_by.to_owned()),
            }
        } else if words == AUTOMATION {
            Self::AUTOMATION
        } else {
            Self::Other(words.to_owned())
        }
    }
}

impl From<&Actor> for RecordedActor {
    fn from(actor: &Actor) -> Self {
        match actor {
            Actor::Person(name) => Self::Person(name.clone()),
            Actor::Guardrail(_) => Self::AUTOMATION,
        }
    }
}

impl fmt::Display for RecordedActor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Automation { run_by: None } => f.write_str(AUTOMATION),
            Self::Automation { run_by: Some(name) } => write!(f, "{RUN_BY}{name}"),
            Self::Person(name) => write!(f, "{PERSON}{name}"),
            Self::Other(words) => f.write_str(words),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_any_version_are_written_as_they_were_read() {
        for words in [
            "advance", "hold", "freeze", "retry", "new", "promote", "", "Advance",
        ] {
            assert_eq!(RecordedAction::from(words).key(), words);
        }
        assert_eq!(RecordedAction::from("rollback"), RecordedAction::Rollback);
        assert_eq!(
            RecordedAction::from("promote"),
            RecordedAction::Other("promote".into())
        );
    }

    #[test]
    fn actors_of_any_version_are_written_as_they_were_read() {
        for words in [
            "rollout",
            "rollout, run by ci",
            "rollout, run by ",
            "person:ann",
            "person:",
            "rollout, by chance",
            "",
        ] {
            assert_eq!(RecordedActor::from(words).to_string(), words);
        }
        assert_eq!(RecordedActor::from("person:ann").person(), Some("ann"));
        assert_eq!(RecordedActor::from("rollout, run by ann").person(), None);
    }

    #[test]
    fn every_action_of_the_rules_is_recorded_under_its_own_word() {
        let none = crate::units::Exposure::NONE;
        for action in [
            Action::Hold,
            Action::Advance {
                stage: 1,
                exposure: none,
            },
            Action::Pause,
            Action::Rollback { exposure: none },
            Action::Complete,
        ] {
            assert_eq!(RecordedAction::from(action).key(), action.key());
        }
    }
}

//! Closed sets of words: what a file may say at a place, declared once with the word of each.

/// One of a closed set of words of files.
pub trait Word: Copy + PartialEq + 'static {
    /// All of them, in the order in which they are offered.
    const ALL: &'static [Self];

    /// The word in files.
    fn word(self) -> &'static str;

    /// Reads the word in files back.
    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.word() == word)
    }

    /// The words of all.
    #[must_use]
    fn words() -> Vec<&'static str> {
        Self::ALL.iter().map(|one| one.word()).collect()
    }
}

/// Declares a closed set: the enum, its words, and the list of all, which cannot miss one.
macro_rules! words {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$about:meta])* $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[$meta])*
        pub enum $name {
            $($(#[$about])* $variant,)+
        }

        impl $name {
            /// The word in files.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl $crate::plan::model::word::Word for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn word(self) -> &'static str {
                self.key()
            }
        }
    };
}

pub(in crate::plan) use words;

impl Word for crate::units::Worse {
    const ALL: &'static [Self] = &[Self::Higher, Self::Lower];

    fn word(self) -> &'static str {
        match self {
            Self::Higher => "higher",
            Self::Lower => "lower",
        }
    }
}

impl Word for chrono::Weekday {
    const ALL: &'static [Self] = &[
        Self::Mon,
        Self::Tue,
        Self::Wed,
        Self::Thu,
        Self::Fri,
        Self::Sat,
        Self::Sun,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Mon => "mon",
            Self::Tue => "tue",
            Self::Wed => "wed",
            Self::Thu => "thu",
            Self::Fri => "fri",
            Self::Sat => "sat",
            Self::Sun => "sun",
        }
    }
}

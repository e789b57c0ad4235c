//! Targets: files that carry the exposure to users, and where in them it stands. What such a file looks
//! like, and in which unit it counts, is known by `targets`, not here.

use super::template::Template;
use super::word::words;

words! {
    /// What reads a target, or how it is written where nothing known does.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
    pub enum TargetKind {
        /// A flag of flagd, the daemon of OpenFeature.
        Flagd = "flagd",
        /// A feature of GrowthBook.
        Growthbook = "growthbook",
        /// A feature of Unleash, in a bootstrap file.
        Unleash = "unleash",
        /// A flag of LaunchDarkly's file data source.
        Launchdarkly = "launchdarkly",
        /// A flag of GO Feature Flag.
        Gofeatureflag = "gofeatureflag",
        /// `split_clients` of nginx, in a file of its own.
        Nginx = "nginx",
        /// A map of HAProxy, in a file of its own.
        Haproxy = "haproxy",
        /// Weighted clusters of Envoy.
        Envoy = "envoy",
        /// Weighted backends of a Gateway API HTTPRoute.
        Httproute = "httproute",
        /// Weighted destinations of an Istio VirtualService.
        Virtualservice = "virtualservice",
        /// Any numbers of a JSON file.
        Json = "json",
        /// Any numbers of a YAML file.
        Yaml = "yaml",
        /// A text file of one's own.
        Text = "text",
    }
}

/// A file that carries the exposure to users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its path, with `/`, relative to the plan's folder; neither absolute nor within `.git`.
    pub file: String,
    /// What reads it, and where the exposure stands in it.
    pub place: TargetPlace,
}

/// Where the exposure stands in a target's file, by the names that the file uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetPlace {
    /// In `fractional` of a flag of flagd.
    Flagd(FlagPlace),
    /// In a rule of a feature of GrowthBook.
    Growthbook(FlagPlace),
    /// In the strategy of a feature of Unleash, of this name.
    Unleash(String),
    /// In the fallthrough of a flag of LaunchDarkly.
    Launchdarkly(FlagPlace),
    /// In the default rule of a flag of GO Feature Flag.
    Gofeatureflag(FlagPlace),
    /// The whole file is one `split_clients` of nginx.
    Nginx(SplitClients),
    /// The whole file is one line of a map: this key, and hundredths of a percent.
    Haproxy(String),
    /// In weighted clusters of Envoy.
    Envoy(SplitPlace),
    /// In the backends of an HTTPRoute.
    Httproute(SplitPlace),
    /// In the destinations of a VirtualService.
    Virtualservice(SplitPlace),
    /// In numbers of a JSON file.
    Json(NumbersPlace),
    /// In numbers of a YAML file.
    Yaml(NumbersPlace),
    /// The whole file follows a template.
    Text(Template),
}

/// A flag with variants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlagPlace {
    /// Its name.
    pub flag: String,
    /// The variant that exposed users get: its name, or its position from 0.
    pub variant: String,
}

/// Two names between which users are split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitPlace {
    /// The name of the resource, where the file has several.
    pub name: Option<String>,
    /// Where exposed users go.
    pub exposed: String,
    /// Where the others go.
    pub rest: String,
}

/// Numbers that pointers lead to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumbersPlace {
    /// The share of exposed users.
    pub exposed: Pointer,
    /// The share of the others, where it stands in the file, too.
    pub rest: Option<Pointer>,
    /// The number that means everybody, at least 1.
    pub scale: u32,
}

/// One `split_clients` of nginx.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitClients {
    /// What is hashed, such as `checkout-$cookie_uid`.
    pub key: String,
    /// The variable that is set, with its `$`.
    pub variable: String,
    /// Its value for exposed users.
    pub exposed: String,
    /// Its value for the others.
    pub rest: String,
}

/// What of a file is a target's own.
enum Own<'t> {
    /// A flag.
    Flag(&'t str),
    /// Weights.
    Split(&'t SplitPlace),
    /// Numbers.
    Numbers(&'t NumbersPlace),
    /// All of it.
    WholeFile,
}

impl Target {
    /// What reads it.
    #[must_use]
    pub const fn kind(&self) -> TargetKind {
        match self.place {
            TargetPlace::Flagd(_) => TargetKind::Flagd,
            TargetPlace::Growthbook(_) => TargetKind::Growthbook,
            TargetPlace::Unleash(_) => TargetKind::Unleash,
            TargetPlace::Launchdarkly(_) => TargetKind::Launchdarkly,
            TargetPlace::Gofeatureflag(_) => TargetKind::Gofeatureflag,
            TargetPlace::Nginx(_) => TargetKind::Nginx,
            TargetPlace::Haproxy(_) => TargetKind::Haproxy,
            TargetPlace::Envoy(_) => TargetKind::Envoy,
            TargetPlace::Httproute(_) => TargetKind::Httproute,
            TargetPlace::Virtualservice(_) => TargetKind::Virtualservice,
            TargetPlace::Json(_) => TargetKind::Json,
            TargetPlace::Yaml(_) => TargetKind::Yaml,
            TargetPlace::Text(_) => TargetKind::Text,
        }
    }

    /// The path without steps that lead nowhere: `a/../b` is `b`.
    #[must_use]
    pub fn normal_file(&self) -> String {
        let mut steps: Vec<&str> = Vec::new();
        for step in self.file.split('/') {
            match step {
                "" | "." => {}
                ".." if steps.last().is_some_and(|last| *last != "..") => {
                    steps.pop();
                }
                _ => steps.push(step),
            }
        }
        steps.join("/")
    }

    /// True where the whole file is written by `rollout`: it may be absent, and nothing else of it is
    /// kept.
    #[must_use]
    pub const fn is_whole_file(&self) -> bool {
        match self.own() {
            Own::Flag(_) | Own::Split(_) | Own::Numbers(_) => false,
            Own::WholeFile => true,
        }
    }

    /// True where a flag's name says all of what is written in the file.
    #[must_use]
    pub const fn is_flag(&self) -> bool {
        matches!(self.own(), Own::Flag(_))
    }

    const fn own(&self) -> Own<'_> {
        match &self.place {
            TargetPlace::Flagd(place)
            | TargetPlace::Growthbook(place)
            | TargetPlace::Launchdarkly(place)
            | TargetPlace::Gofeatureflag(place) => Own::Flag(place.flag.as_str()),
            TargetPlace::Unleash(flag) => Own::Flag(flag.as_str()),
            TargetPlace::Envoy(place)
            | TargetPlace::Httproute(place)
            | TargetPlace::Virtualservice(place) => Own::Split(place),
            TargetPlace::Json(place) | TargetPlace::Yaml(place) => Own::Numbers(place),
            TargetPlace::Nginx(_) | TargetPlace::Haproxy(_) | TargetPlace::Text(_) => {
                Own::WholeFile
            }
        }
    }

    /// True where both would write the same numbers. What a pointer and a name both lead to is not seen
    /// here, but only in the file.
    #[must_use]
    pub fn collides_with(&self, other: &Self) -> bool {
        if self.normal_file() != other.normal_file() {
            return false;
        }
        match (self.own(), other.own()) {
            (Own::Flag(flag), Own::Flag(other)) => flag == other,
            (Own::Split(split), Own::Split(other)) => {
                let apart =
                    split.name.is_some() && other.name.is_some() && split.name != other.name;
                let arms = [&split.exposed, &split.rest];
                !apart && arms.contains(&&other.exposed) && arms.contains(&&other.rest)
            }
            (Own::Numbers(numbers), Own::Numbers(other)) => {
                let others = [Some(&other.exposed), other.rest.as_ref()];
                let own = [Some(&numbers.exposed), numbers.rest.as_ref()];
                own.iter().any(|own| own.is_some() && others.contains(own))
            }
            // Nobody else may write into a file that is written as a whole.
            (Own::WholeFile, _) | (_, Own::WholeFile) => true,
            (
                Own::Flag(_) | Own::Split(_) | Own::Numbers(_),
                Own::Flag(_) | Own::Split(_) | Own::Numbers(_),
            ) => false,
        }
    }
}

/// A JSON pointer (RFC 6901): the keys and positions that lead to a value, `/flags/checkout/share`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    steps: Vec<String>,
}

impl Pointer {
    /// Reads a pointer; `None` where it does not begin with `/`, or has a `~` that is neither `~0` nor
    /// `~1`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let steps = text.strip_prefix('/')?.split('/').map(unescaped);
        Some(Self {
            steps: steps.collect::<Option<_>>()?,
        })
    }

    /// The keys and positions, outermost first; at least one.
    #[must_use]
    pub fn steps(&self) -> &[String] {
        &self.steps
    }
}

fn unescaped(step: &str) -> Option<String> {
    let mut out = String::with_capacity(step.len());
    let mut letters = step.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '~' => match letters.next()? {
                '0' => out.push('~'),
                '1' => out.push('/'),
                _ => return None,
            },
            _ => out.push(letter),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(file: &str, place: TargetPlace) -> Target {
        Target {
            file: file.into(),
            place,
        }
    }

    fn flag(name: &str) -> TargetPlace {
        TargetPlace::Unleash(name.into())
    }

    fn numbers(exposed: &str, rest: Option<&str>) -> TargetPlace {
        TargetPlace::Json(NumbersPlace {
            exposed: Pointer::parse(exposed).unwrap(),
            rest: rest.map(|rest| Pointer::parse(rest).unwrap()),
            scale: 100,
        })
    }

    #[test]
    fn a_pointer_is_read_as_rfc_6901_has_it() {
        assert_eq!(Pointer::parse("/a/0/b").unwrap().steps(), ["a", "0", "b"]);
        assert_eq!(
            Pointer::parse("/a~1b/m~0n").unwrap().steps(),
            ["a/b", "m~n"]
        );
        for bad in ["", "a", "/a~2", "/a~"] {
            assert_eq!(Pointer::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_path_is_the_same_however_it_is_written() {
        for (written, normal) in [
            ("../flags/a.json", "../flags/a.json"),
            ("./../flags//x/../a.json", "../flags/a.json"),
            ("../../a", "../../a"),
        ] {
            assert_eq!(at(written, flag("a")).normal_file(), normal);
        }
    }

    #[test]
    fn two_targets_collide_where_they_write_the_same_numbers() {
        let one = at("../a.json", flag("a"));
        assert!(one.collides_with(&at("../x/../a.json", flag("a"))));
        assert!(!one.collides_with(&at("../b.json", flag("a"))));
        assert!(!one.collides_with(&at("../a.json", flag("b"))));
        let map = TargetPlace::Haproxy("k".into());
        assert!(one.collides_with(&at("../a.json", map.clone())));
        assert!(at("../a.json", map).collides_with(&one));
        let both = at("../a.json", numbers("/a", Some("/b")));
        assert!(both.collides_with(&at("../a.json", numbers("/b", None))));
        assert!(both.collides_with(&at("../a.json", numbers("/c", Some("/a")))));
        assert!(!both.collides_with(&at("../a.json", numbers("/c", Some("/d")))));
    }
}

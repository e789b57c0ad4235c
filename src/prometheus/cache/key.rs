//! Under which name an answer is kept: it belongs to who asked whom, and for what. Pure.

use sha2::{Digest as _, Sha256};

/// A digest that names a file.
pub(in crate::prometheus) type Digest = [u8; 32];

/// Who asks whom: the server, and everything that may decide what it shows to whom.
#[derive(Debug, Clone, Default)]
pub(in crate::prometheus) struct Asker(Sha256);

impl Asker {
    /// Adds what is sent with every question. Nothing of it can be read from the digest.
    pub(in crate::prometheus) fn add(&mut self, part: &[u8]) {
        add(&mut self.0, part);
    }

    /// The name of what was asked.
    pub(in crate::prometheus) fn digest(&self, question: &[String]) -> Digest {
        let mut hash = self.0.clone();
        for part in question {
            add(&mut hash, part.as_bytes());
        }
        hash.finalize().into()
    }
}

/// The length first, so that no two lists of parts are alike.
fn add(hash: &mut Sha256, part: &[u8]) {
    hash.update((part.len() as u64).to_le_bytes());
    hash.update(part);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(parts: &[&str], question: &[&str]) -> Digest {
        let mut asker = Asker::default();
        for part in parts {
            asker.add(part.as_bytes());
        }
        let question: Vec<String> = question.iter().map(|&part| part.to_owned()).collect();
        asker.digest(&question)
    }

    #[test]
    fn every_part_and_its_place_matter() {
        let names = [
            digest(&["http://a", "team-a"], &["up", "300"]),
            digest(&["http://a", "team-b"], &["up", "300"]),
            digest(&["http://a", "team-a"], &["up", "60"]),
            digest(&["http://a", "team-a"], &["up3", "00"]),
            digest(&["http://a", "team-a", "up"], &["300"]),
            digest(&["http://at", "eam-a"], &["up", "300"]),
        ];
        let one = digest(&["http://a", "team-a", ""], &["up", "300"]);
        assert!(!names.contains(&one));
        for (at, name) in names.iter().enumerate().take(4) {
            assert!(!names[at + 1..4].contains(name), "{at}");
        }
        assert_eq!(names[0], digest(&["http://a", "team-a"], &["up", "300"]));
    }
}

//! Many files as they were at a commit, for two children of git in place of two each.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::units::Digest;

use super::{GitError, Repository};

/// Names that are asked for at once: a command line holds them all, and the tree is walked once for them.
const AT_ONCE: usize = 500;

/// Files of one commit. Those that were asked for together are at hand; any other is read when it is.
#[derive(Debug)]
pub struct Past<'r> {
    repository: &'r Repository,
    commit: String,
    /// `None` for those that were not there.
    known: BTreeMap<String, Option<Vec<u8>>>,
}

/// A file of a tree.
struct Blob {
    name: String,
    id: String,
}

impl Repository {
    /// The files of these names at a commit. Names are as in [`super::FileChange`].
    ///
    /// # Errors
    /// When git fails.
    pub fn past<'r>(&'r self, commit: &str, names: &[String]) -> Result<Past<'r>, GitError> {
        let mut known = BTreeMap::new();
        let mut blobs = Vec::new();
        for names in names.chunks(AT_ONCE) {
            let listed = self.listed(commit, names)?;
            for name in names {
                match listed.get(name) {
                    // Git goes on into a folder of which it is asked for a file, too.
                    None if is_folder(name, &listed) => {}
                    None => {
                        known.insert(name.clone(), None);
                    }
                    Some(Some(id)) => blobs.push(Blob {
                        name: name.clone(),
                        id: id.clone(),
                    }),
                    Some(None) => {}
                }
            }
        }
        for (blob, bytes) in blobs.iter().zip(self.contents(&blobs)?) {
            known.insert(blob.name.clone(), Some(bytes));
        }
        Ok(Past {
            repository: self,
            commit: commit.to_owned(),
            known,
        })
    }

    /// What stands at these names in a tree: the id of each regular file, and nothing for what else is there.
    fn listed(
        &self,
        commit: &str,
        names: &[String],
    ) -> Result<BTreeMap<String, Option<String>>, GitError> {
        let list = ["ls-tree", "--full-tree", "-z", commit, "--"];
        let names = names.iter().map(String::as_str);
        let answer = self.git.tell(list.into_iter().chain(names))?;
        let entry = |entry: &str| {
            // `100644 blob ID`, a tab, the name.
            let (what, name) = entry.split_once('\t')?;
            let mut what = what.split(' ');
            let (mode, _, id) = (what.next()?, what.next()?, what.next()?);
            let is_file = matches!(mode, "100644" | "100755");
            // A line of the question ends with the name.
            let id = (is_file && !name.contains('\n')).then(|| id.to_owned());
            Some((name.to_owned(), id))
        };
        Ok(answer.split('\0').filter_map(entry).collect())
    }

    /// The bytes of these files as they would be in the work tree, in order; none where this git cannot say
    /// so of many at once.
    fn contents(&self, blobs: &[Blob]) -> Result<Vec<Vec<u8>>, GitError> {
        if blobs.is_empty() {
            return Ok(Vec::new());
        }
        let mut question = String::new();
        for Blob { name, id } in blobs {
            // Writing to a string cannot fail.
            let _ = writeln!(question, "{id} {name}");
        }
        // The size that git tells is the one before filters, so that the end of a file is where the next
        // one begins. No file can hold this mark: it is made of the ids of all of them.
        let mark = Digest::of(question.as_bytes()).as_str().to_owned();
        let format = format!("--batch=%(objectname) {mark}");
        let answer = self
            .git
            .ask_about(["cat-file", &format, "--filters"], question.into_bytes())?;
        let contents = answer
            .ok
            .then(|| parted(&answer.stdout, blobs, &mark))
            .flatten();
        Ok(contents.unwrap_or_default())
    }
}

/// Whether files below this name were listed.
fn is_folder(name: &str, listed: &BTreeMap<String, Option<String>>) -> bool {
    let below = format!("{name}/");
    let mut from = listed.range(below.clone()..);
    from.next()
        .is_some_and(|(listed, _)| listed.starts_with(&below))
}

/// The files in an answer that names each before it; `None` where one is missing.
fn parted(answer: &[u8], blobs: &[Blob], mark: &str) -> Option<Vec<Vec<u8>>> {
    let mut contents = Vec::with_capacity(blobs.len());
    let mut rest = answer;
    for (index, Blob { id, .. }) in blobs.iter().enumerate() {
        rest = rest.strip_prefix(format!("{id} {mark}\n").as_bytes())?;
        let (bytes, next) = match blobs.get(index + 1) {
            None => (rest.strip_suffix(b"\n")?, &rest[rest.len()..]),
            Some(Blob { id, .. }) => {
                let next = format!("\n{id} {mark}\n");
                let at = place(rest, next.as_bytes())?;
                (&rest[..at], &rest[at + 1..])
            }
        };
        contents.push(bytes.to_owned());
        rest = next;
    }
    Some(contents)
}

/// Where a text begins in another.
fn place(within: &[u8], wanted: &[u8]) -> Option<usize> {
    let first = *wanted.first()?;
    let mut from = 0;
    loop {
        let at = from + within[from..].iter().position(|byte| *byte == first)?;
        if within[at..].starts_with(wanted) {
            return Some(at);
        }
        from = at + 1;
    }
}

impl Past<'_> {
    /// The text of a file; `None` when it was not there.
    ///
    /// # Errors
    /// When git fails, or the file is not UTF-8.
    pub fn text(&self, name: &str) -> Result<Option<String>, GitError> {
        match self.known.get(name) {
            Some(bytes) => bytes
                .clone()
                .map(|bytes| self.repository.as_text(&self.commit, name, bytes))
                .transpose(),
            None => self.repository.text_at(&self.commit, name),
        }
    }
}

//! Who git says is at work.

use std::path::Path;

use super::run::Git;

/// `user.name` as git knows it in a folder; `None` where it is not set, or there is no git.
#[must_use]
pub fn user_name(folder: &Path) -> Option<String> {
    let answer = Git::new(folder, &[])
        .ask(["config", "--get", "user.name"])
        .ok()?;
    Some(answer.text()).filter(|name| answer.ok && !name.is_empty())
}

//! Directories of very many plans.

use std::path::PathBuf;

use chrono::DateTime;
use tempfile::TempDir;

/// Where a plan stands.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Standing {
    /// In its first stage since then, in Unix seconds.
    Progressing { entered: i64 },
    /// Nobody has it yet.
    Pending,
    /// Everybody has it.
    Complete,
    /// Taken back.
    RolledBack,
    /// Nobody has it yet, and it waits for the plan of this number to be there for everybody.
    After(usize),
    /// Somebody still writes it.
    Draft,
}

impl Standing {
    /// What a directory of years looks like in which nothing is due. What others wait for is rolled back.
    pub(crate) fn mixed(number: usize) -> Self {
        match number % 10 {
            0 => Self::RolledBack,
            1..=6 => Self::Complete,
            7 | 8 => Self::After(number / 10 * 10),
            _ => Self::Draft,
        }
    }
}

/// A directory of plans, and a home for whoever asks about them.
pub(crate) struct Directory {
    home: TempDir,
}

impl Directory {
    /// So many plans, five guardrails each; no two plans ask the same.
    pub(crate) fn write(url: &str, plans: usize, standing: impl Fn(usize) -> Standing) -> Self {
        Self::of(url, plans, |number| plan(number, 5, standing(number)))
    }

    /// One plan of one guardrail.
    pub(crate) fn of_one(url: &str, standing: Standing) -> Self {
        Self::of(url, 1, |number| plan(number, 1, standing))
    }

    fn of(url: &str, plans: usize, text: impl Fn(usize) -> String) -> Self {
        let home = TempDir::new().unwrap();
        let folder = home.path().join("rollouts");
        std::fs::create_dir(&folder).unwrap();
        let config = format!("[prometheus]\nurl = \"{url}\"\n");
        std::fs::write(folder.join("config.toml"), config).unwrap();
        for number in 0..plans {
            let path = folder.join(format!("{}.toml", name(number)));
            std::fs::write(path, text(number)).unwrap();
        }
        Self { home }
    }

    /// The folder that the plans' directory is in.
    pub(crate) fn path(&self) -> PathBuf {
        self.home.path().to_owned()
    }
}

fn name(number: usize) -> String {
    format!("plan-{number:05}")
}

fn plan(number: usize, guardrails: usize, standing: Standing) -> String {
    let mut text = format!(
        "description = \"Change {number}\"\nowner = \"team-{}\"\n",
        number % 50
    );
    match standing {
        Standing::After(other) => {
            text += &format!("after = [\"{} >= 100\"]\n", name(other));
        }
        Standing::Draft => text += "draft = \"say what is measured\"\n",
        Standing::Progressing { .. }
        | Standing::Pending
        | Standing::Complete
        | Standing::RolledBack => {}
    }
    for exposure in [10, 50, 100] {
        text += &format!("\n[[stages]]\nexposure = {exposure}\nmin_duration = \"2d\"\n");
    }
    for kind in 0..guardrails {
        text += &format!(
            "\n[[guardrails]]\nname = \"errors-{kind}\"\ncategory = \"reliability\"\nmargin = \"10%\"\nratio = {{ events = 'errors_total{{app=\"shop\",route!=\"/{number}/{kind}\"}}', total = 'requests_total{{app=\"shop\",route!=\"/{number}\"}}', worse = \"higher\" }}\n"
        );
    }
    let state = |status: &str, stage: u32, exposure: f64, entered: i64| {
        let entered = DateTime::from_timestamp(entered, 0).unwrap();
        format!(
            "\n[state]\nstatus = \"{status}\"\nstage = {stage}\nexposure = {exposure:.1}\nentered_at = {}\n",
            entered.format("%Y-%m-%dT%H:%M:%SZ")
        )
    };
    const LONG_AGO: i64 = 1_760_000_000;
    text += &match standing {
        Standing::Progressing { entered } => state("progressing", 1, 10.0, entered),
        Standing::Complete => state("complete", 3, 100.0, LONG_AGO),
        Standing::RolledBack => state("rolled_back", 1, 0.0, LONG_AGO),
        Standing::After(_) | Standing::Pending | Standing::Draft => String::new(),
    };
    text
}

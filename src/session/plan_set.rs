//! The directory of plans, read and parsed: what every command starts from. One bad plan never
//! stops the others, so a plan is kept with its mistakes; only a bad `config.toml` stops the run.

use std::collections::BTreeSet;

use crate::decide::{Environment, Exit, Neighbour};
use crate::plan::{self, Config, Mistake, Plan, State};
use crate::report::numbers::counted;
use crate::units::{Foreign, Instant, one_line};
use crate::workspace::git::Repository;
use crate::workspace::{CONFIG, Directory, Loaded, PlanFile, WorkspaceError, make_up};

use super::context::Context;
use super::failure::Failure;
use super::index::Index;
use super::loaded::LoadedPlan;
use super::names::{locate, nearest, plan_name};
use super::reviewed::ReviewedChange;
use super::shared_places::shared_places;

/// A directory with its settings and plans.
pub(crate) struct PlanSet {
    pub(crate) directory: Directory,
    pub(crate) config: Config,
    pub(crate) config_text: String,
    /// In the order of their paths.
    pub(crate) plans: Vec<LoadedPlan>,
    index: Index,
    /// Plan files that could not be read.
    pub(crate) unreadable: Vec<(String, WorkspaceError)>,
    /// Records that rollbacks owe and that still cannot be written.
    pub(crate) owed: Vec<Failure>,
    /// The change under review, where one is judged.
    pub(crate) gate: Option<ReviewedChange>,
}

impl PlanSet {
    /// Locates, reads and parses.
    ///
    /// # Errors
    /// When there is no directory, it cannot be read, or `config.toml` has mistakes.
    pub(crate) fn open(context: &Context<'_>, asked: &[String]) -> Result<Self, Failure> {
        let directory = locate(context, asked)?;
        let (plan_set, mistaken) = Self::read(directory, context)?;
        mistaken.map_or(Ok(plan_set), Err)
    }

    /// As [`PlanSet::open`], for commands that write: makes up for the records that rollbacks owe.
    ///
    /// # Errors
    /// As [`PlanSet::open`].
    pub(crate) fn to_write(context: &mut Context<'_>, asked: &[String]) -> Result<Self, Failure> {
        let plan_set = Self::open(context, asked)?;
        plan_set.made_up(context)
    }

    /// As [`PlanSet::to_write`], for commands that spare users: mistakes in `config.toml` are told and
    /// stop nothing.
    ///
    /// # Errors
    /// When there is no directory or it cannot be read.
    pub(crate) fn to_stop(context: &mut Context<'_>, asked: &[String]) -> Result<Self, Failure> {
        let directory = locate(context, asked)?;
        let (plan_set, mistaken) = Self::read(directory, context)?;
        if mistaken.is_some() {
            context.ui.warn(&format!(
                "{} has mistakes, which stop nothing here; `rollout validate` shows them",
                plan_set.directory.shown().join(CONFIG).display()
            ))?;
        }
        plan_set.made_up(context)
    }

    /// Writes the records that rollbacks owe, and reads again where one was written.
    fn made_up(mut self, context: &mut Context<'_>) -> Result<Self, Failure> {
        let mut written = false;
        let mut owed = Vec::new();
        for loaded in &self.plans {
            let standing = loaded.plan.as_ref().map(|plan| plan.state.as_ref());
            if standing.is_some_and(|state| state.is_none_or(|state| state.rollback.is_none())) {
                // Only rollbacks owe a record.
                continue;
            }
            let (directory, file) = (&self.directory, &loaded.file);
            let neighbours = self.neighbours(loaded.plan.as_ref());
            let before = || state_at_head(directory, file);
            match make_up(directory, file, before, &self.config_text, neighbours) {
                Ok(None) => {}
                Ok(Some(applied)) => {
                    written = true;
                    let path = applied.evidence_path.unwrap_or_default();
                    context.ui.note(&format!(
                        "{}: its rollback had no record; {path} makes up for it",
                        file.name
                    ))?;
                }
                Err(error) => owed.push(Failure::workspace(&error).help(format!(
                    "{} is rolled back, but the record of it is still missing",
                    file.name
                ))),
            }
        }
        if written {
            self = Self::read(self.directory, context)?.0;
        }
        self.owed = owed;
        Ok(self)
    }

    /// Reads and parses; beside it what is wrong with `config.toml`, of which then only a part is
    /// used.
    ///
    /// # Errors
    /// When the directory cannot be read.
    fn read(
        directory: Directory,
        context: &Context<'_>,
    ) -> Result<(Self, Option<Failure>), Failure> {
        let Loaded {
            config_file,
            config_text,
            config_digest: _,
            plans,
            unreadable,
        } = directory.load()?;
        let shown = Foreign(config_file.display()).to_string();
        let parsed = plan::parse_config(&config_text);
        let mistaken = parsed.value.is_none().then(|| {
            let rendered = plan::render_mistakes(
                &shown,
                &config_text,
                &parsed.mistakes,
                context.ui.color_messages,
                context.ui.width,
            );
            let count = counted(parsed.mistakes.len(), "mistake");
            Failure::invalid(format!("{shown} has {count}; no plan was looked at"))
                .preface(rendered)
        });
        let config = parsed
            .value
            .unwrap_or_else(|| plan::salvaged_config(&config_text));
        let mut plans = LoadedPlan::read_all(plans, &config);
        check_together(&mut plans, &config);
        let shared = shared_places(&directory, &plans);
        tell(&mut plans, shared);
        let plan_set = Self {
            directory,
            config,
            config_text,
            index: Index::of(&plans),
            plans,
            unreadable: unreadable.into_iter().map(|u| (u.name, u.error)).collect(),
            owed: Vec::new(),
            gate: None,
        };
        Ok((plan_set, mistaken))
    }

    /// The settings alone; where they have mistakes, the part of them that can be used.
    ///
    /// # Errors
    /// When they cannot be read.
    pub(crate) fn settings(directory: &Directory) -> Result<Config, Failure> {
        let text = directory.settings()?;
        Ok(plan::parse_config(&text)
            .value
            .unwrap_or_else(|| plan::salvaged_config(&text)))
    }

    /// A directory that is not there any more.
    pub(crate) fn bare(directory: Directory) -> Self {
        Self {
            directory,
            config: Config::default(),
            config_text: String::new(),
            plans: Vec::new(),
            index: Index::default(),
            unreadable: Vec::new(),
            owed: Vec::new(),
            gate: None,
        }
    }

    /// The plans asked for, by name or path; all of them when none is named.
    ///
    /// # Errors
    /// When a name is unknown, with the nearest ones.
    pub(crate) fn select(&self, asked: &[String]) -> Result<Vec<usize>, Failure> {
        if asked.is_empty() {
            return Ok((0..self.plans.len()).collect());
        }
        let mut chosen = Vec::new();
        for name in asked {
            let stem = plan_name(name);
            let Some(index) = self.index.place(&stem) else {
                return Err(
                    match self.unreadable.iter().find(|(n, _)| *n == one_line(&stem)) {
                        Some((_, error)) => Failure::workspace(error),
                        None => self.unknown(&stem),
                    },
                );
            };
            if !chosen.contains(&index) {
                chosen.push(index);
            }
        }
        Ok(chosen)
    }

    /// The one plan asked for, which must be valid.
    ///
    /// # Errors
    /// When it is unknown or has mistakes.
    pub(crate) fn one(
        &self,
        asked: &str,
        context: &Context<'_>,
    ) -> Result<(&LoadedPlan, &Plan), Failure> {
        let loaded = self.loaded(asked)?;
        match &loaded.plan {
            Some(plan) => Ok((loaded, plan)),
            None => Err(loaded.mistaken(context)),
        }
    }

    /// The one plan asked for, whatever its mistakes.
    ///
    /// # Errors
    /// When it is unknown.
    pub(crate) fn loaded(&self, asked: &str) -> Result<&LoadedPlan, Failure> {
        let indices = self.select(&[asked.to_owned()])?;
        Ok(&self.plans[indices[0]])
    }

    /// The plan of this name, whatever its mistakes.
    pub(crate) fn named(&self, name: &str) -> Option<&LoadedPlan> {
        self.index.place(name).map(|place| &self.plans[place])
    }

    /// Those other valid plans on which a decision on this one may depend: what it waits for, and what
    /// shares its surface where that is exclusive. None where nothing is known of the plan.
    pub(crate) fn neighbours(&self, of: Option<&Plan>) -> Vec<Neighbour> {
        let Some(of) = of else {
            return Vec::new();
        };
        let awaited = of.after.iter();
        let awaited = awaited.filter_map(|after| self.index.place(&after.plan));
        let exclusive = of.surface.iter().filter(|_| self.is_exclusive(of));
        let beside = exclusive.flat_map(|surface| self.index.on_surface(surface).iter().copied());
        let places: BTreeSet<usize> = awaited.chain(beside).collect();
        places
            .into_iter()
            .filter_map(|place| self.plans[place].plan.as_ref())
            .filter(|plan| plan.name != of.name)
            .map(|plan| Neighbour {
                name: plan.name.clone(),
                surface: plan.surface.clone(),
                status: plan.state.as_ref().map(|state| state.status),
                exposure: plan.exposure(),
            })
            .collect()
    }

    /// What a decision on this plan depends on besides its verdicts.
    pub(crate) fn surroundings(&self, plan: &Plan, now: Instant) -> Environment {
        Environment {
            now,
            calendar: self.config.calendar.clone(),
            exclusive_surface: self.is_exclusive(plan),
            neighbours: self.neighbours(Some(plan)),
            targets: self.targets_of(plan),
        }
    }

    /// Says which files could not be read, where all plans were asked for, and gives the exit code for it.
    ///
    /// # Errors
    /// When it cannot be said.
    pub(crate) fn tell_unreadable(
        &self,
        asked: &[String],
        context: &mut Context<'_>,
    ) -> Result<Exit, Failure> {
        let mut exit = Exit::Go;
        for (_, error) in self.unreadable.iter().filter(|_| asked.is_empty()) {
            let failure = Failure::workspace(error);
            let color = context.ui.color_messages;
            failure.render(context.ui.messages(), color)?;
            exit = exit.worse(failure.exit);
        }
        Ok(exit)
    }

    /// Whether two active plans on this plan's surface confound each other.
    fn is_exclusive(&self, plan: &Plan) -> bool {
        let surface = plan.surface.as_ref();
        let surface = surface.and_then(|name| self.config.surfaces.get(name));
        surface.is_some_and(|surface| surface.exclusive)
    }

    fn unknown(&self, name: &str) -> Failure {
        let failure = Failure::invalid(format!(
            "no plan is called `{name}` in {}",
            self.directory.shown().display()
        ));
        let names = self.plans.iter().map(|loaded| loaded.file.name.as_str());
        if let Some(known) = nearest(name, names) {
            return failure.help(format!("did you mean `{known}`?"));
        }
        let names: Vec<&str> = self.plans.iter().map(|s| s.file.name.as_str()).collect();
        if names.is_empty() {
            failure.help(format!("`rollout new {name}` writes one"))
        } else {
            failure.help(format!("there are: {}", names.join(", ")))
        }
    }
}

impl PlanSet {
    /// Of these plans those that the change touches; all of them where no change is judged.
    pub(crate) fn touched(&self, chosen: Vec<usize>) -> Vec<usize> {
        match &self.gate {
            None => chosen,
            Some(gate) => chosen
                .into_iter()
                .filter(|index| gate.touched.contains(index))
                .collect(),
        }
    }

    /// What is judged besides the plans that are there: those that the change deletes and must not,
    /// and the shared settings where it takes something from them.
    pub(crate) fn besides(&self) -> &[LoadedPlan] {
        self.gate.as_ref().map_or(&[], |gate| &gate.besides)
    }

    /// What a reviewer should know of the settings.
    pub(crate) fn notices(&self) -> &[String] {
        self.gate.as_ref().map_or(&[], |gate| &gate.notices)
    }

    /// What is said where there is nothing to say of any plan.
    pub(crate) fn nothing(&self) -> String {
        match &self.gate {
            Some(gate) => format!("the change since {} touches no plan", gate.rev),
            None => "no plans yet: `rollout new NAME` writes one".into(),
        }
    }
}

/// Where a plan stands in the last commit, if that is known.
fn state_at_head(directory: &Directory, file: &PlanFile) -> Option<State> {
    let repository = Repository::open(directory, &[]).ok()?;
    let path = repository.plan_path(file).ok()?;
    let text = repository.text_at("HEAD", &path).ok()??;
    plan::standing_of(&text)?
}

/// Adds what can only be seen over all plans; an error there makes its plan unusable.
fn check_together(plans: &mut [LoadedPlan], config: &Config) {
    let mut places = Vec::new();
    let found = {
        let mut together: Vec<(&str, &Plan)> = Vec::new();
        for (index, loaded) in plans.iter().enumerate() {
            if let Some(plan) = &loaded.plan {
                places.push(index);
                together.push((&loaded.file.text, plan));
            }
        }
        plan::check_together(&together, config)
    };
    let found = found
        .into_iter()
        .map(|(position, mistake)| (places[position], mistake))
        .collect();
    tell(plans, found);
}

/// Adds mistakes to the plans of these places.
fn tell(plans: &mut [LoadedPlan], found: Vec<(usize, Mistake)>) {
    for (place, mistake) in found {
        let loaded = &mut plans[place];
        if mistake.is_error() {
            loaded.plan = None;
        }
        loaded.mistakes.push(mistake);
    }
}

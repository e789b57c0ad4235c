//! Evidence of a stage that two arms differ by more than a null has it, at each block.
//!
//! `E = sum over onsets of weight * sum over alternatives of exp(S_j / (phi kappa_j))`, each onset with
//! the dispersion `phi` since then ([`super::Belief`], [`super::Onsets`]). In the first part of a stage only
//! gross harm counts: `phi` grows with the information there, so that `E` stays bounded for what is not
//! gross, however much traffic there is. What comes after it must confirm what was seen in it: for some
//! time by leaning the same way, then by itself.

use super::super::counts::{CountNull, TwoArmBlock};
use super::super::dispersion::{Dispersion, Model, Observation, Start};
use super::super::grid::{Alternatives, GRID};
use super::super::running::to_end;
use super::belief::{Belief, IMMEASURABLE, Tempered};
use super::extent::Extent;
use super::granting::{confirmed, granting};
use super::left::{Left, OfStage};
use super::limits::growth;
use super::settings::NoiseSettings;
use super::temper::{Tempering, skewness};

/// What one look reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StageReading {
    /// Log e-value of the whole mixture.
    pub log_e: f64,
    /// The dispersion since the start of the stage: what was learnt and measured.
    pub dispersion: f64,
    /// The same with the drift that arms are always granted: what evidence of harm is divided by.
    pub tempering: f64,
    /// The part of it that is clumps of events.
    pub clumps: f64,
    /// The arms vary so much more than was believed that the belief cannot be right.
    pub is_contradicted: bool,
    /// Log e-value of the first part of the stage alone, as if it had not to be gross; `None` within it.
    pub first: Option<f64>,
    /// Log e-value of what came after it; `None` within it.
    pub after: Option<f64>,
}

/// A past that the stage contradicts is believed by what begins within six hours: what contradicts it may
/// be spells of the very harm that is looked for.
const SURELY: f64 = 72.0;

/// Sudden harm is not told from the first burst of a metric of which nothing is known: it is looked for
/// where a past, groups within the stage or earlier stages count for so many blocks.
const SURE: f64 = 64.0;

/// Evidence since one onset.
#[derive(Debug, Clone)]
struct Since {
    begun: usize,
    base: Alternatives,
    start: Start,
    /// What is believed in place of what the stage's start believes.
    instead: Option<Belief>,
    /// It lasts for so few blocks that it cannot know how skewed the metric is.
    is_sudden: bool,
    weight: f64,
}

/// The evidence of one stage.
#[derive(Debug, Clone)]
pub struct StageEvidence {
    settings: NoiseSettings,
    null: CountNull,
    belief: Belief,
    dispersion: Dispersion,
    blocks: Vec<TwoArmBlock>,
    sums: Alternatives,
    whole: Since,
    after: Option<Since>,
    restarts: Vec<Since>,
    begun: usize,
    sudden: Vec<Since>,
    begun_suddenly: usize,
    /// Weighted evidence of onsets that is final.
    settled: f64,
    /// Weight of the onsets that have not come, each of which counts as 1.
    unbegun: f64,
    /// Evidence of the first part by itself.
    first: Option<f64>,
    reading: Option<StageReading>,
    tempering: Tempering,
    /// How much a drift adds up in so many blocks.
    grown: Vec<f64>,
}

impl StageEvidence {
    /// No block yet.
    #[must_use]
    pub fn new(settings: NoiseSettings, null: CountNull, belief: Belief) -> Self {
        let dispersion = Dispersion::new(Model::TwoArms);
        let whole = Since {
            begun: 0,
            base: [0.0; GRID],
            start: dispersion.start(),
            instead: None,
            is_sudden: false,
            weight: settings.onsets.start,
        };
        Self {
            settings,
            null,
            belief,
            dispersion,
            blocks: Vec::new(),
            sums: [0.0; GRID],
            whole,
            after: None,
            restarts: Vec::new(),
            begun: 0,
            sudden: Vec::new(),
            begun_suddenly: 0,
            settled: 0.0,
            unbegun: 1.0 - settings.onsets.start,
            first: None,
            reading: None,
            tempering: Tempering::of(0.0),
            grown: vec![growth(0.0)],
        }
    }

    /// Another deviation is granted in the first part from the next block on.
    pub fn grant(&mut self, granted: f64) {
        self.settings.granted = granted;
    }

    /// What is believed from the next block on.
    pub fn believe(&mut self, belief: Belief) {
        self.belief = belief;
    }

    /// Another null from the next block on, in place of that of all blocks so far.
    pub fn suppose(&mut self, null: CountNull) {
        self.null = null;
        let onsets = || {
            let some = self.after.iter().chain(&self.restarts).chain(&self.sudden);
            some.map(|since| since.begun)
        };
        let mut at: Vec<(usize, Alternatives)> =
            onsets().map(|begun| (begun, [0.0; GRID])).collect();
        at.sort_by_key(|(begun, _)| *begun);
        let mut sums = [0.0; GRID];
        let mut next = 0;
        for (k, block) in self.blocks.iter().enumerate() {
            while let Some(entry) = at.get_mut(next).filter(|(begun, _)| *begun == k) {
                entry.1 = sums;
                next += 1;
            }
            null.add(block, &mut sums);
        }
        for entry in at.iter_mut().skip(next) {
            entry.1 = sums;
        }
        self.sums = sums;
        let later = self
            .after
            .iter_mut()
            .chain(&mut self.restarts)
            .chain(&mut self.sudden);
        for since in later {
            if let Some((_, base)) = at.iter().find(|(begun, _)| *begun == since.begun) {
                since.base = *base;
            }
        }
    }

    /// Takes in one block.
    pub fn push(&mut self, block: &TwoArmBlock) -> StageReading {
        self.begin();
        self.blocks.push(*block);
        self.grown
            .push(growth(self.blocks.len() as f64 * self.settings.scale));
        self.null.add(block, &mut self.sums);
        self.dispersion.push(&Observation::two_arms(block));
        let all = std::iter::once(&mut self.whole)
            .chain(&mut self.after)
            .chain(&mut self.restarts)
            .chain(&mut self.sudden);
        for since in all {
            self.dispersion.note(&mut since.start);
        }
        let reading = self.read();
        self.reading = Some(reading);
        reading
    }

    /// Onsets before the next block.
    fn begin(&mut self) {
        let k = self.blocks.len();
        let NoiseSettings {
            onsets,
            gross_blocks,
            ..
        } = self.settings;
        if gross_blocks > 0 && k == gross_blocks {
            let mut after = self.since(0.0);
            if !self.belief.is_learnt() {
                after.instead = None;
            }
            self.after = Some(after);
        }
        if onsets.is_due(k) {
            let begun: Vec<usize> = self.restarts.iter().map(|since| since.begun).collect();
            if let Some(place) = to_end(&begun, k) {
                let since = self.restarts.remove(place);
                self.settle(&since);
            }
            let weight = onsets.restart(self.begun);
            self.begun += 1;
            self.restarts.push(self.since(weight));
            self.unbegun -= weight;
        }
        if onsets.sudden > 0.0
            && onsets.lasting > 0
            && k >= gross_blocks.max(onsets.heard)
            && self.belief.rests_on() >= SURE
        {
            if self.sudden.len() == onsets.lasting {
                let oldest = self.sudden.remove(0);
                self.settle(&oldest);
            }
            let weight = onsets.suddenly(self.begun_suddenly);
            self.begun_suddenly += 1;
            self.sudden.push(self.suddenly(weight));
            self.unbegun -= weight;
        }
    }

    /// What this onset has shown is final.
    fn settle(&mut self, since: &Since) {
        let e = self.evidence(since, &mut self.tempering.clone());
        self.settled += since.weight * e;
    }

    /// Evidence that begins now.
    fn since(&self, weight: f64) -> Since {
        // A past that holds is better knowledge than the stage's own, which the very onset that is
        // looked for would have inflated.
        let instead = self.reading.and_then(|reading| {
            if !self.belief.is_learnt() {
                Some(Belief::guess(reading.dispersion))
            } else if reading.is_contradicted && self.extent(&self.whole).time() >= SURELY {
                Some(self.belief.at_least(reading.dispersion))
            } else {
                None
            }
        });
        Since {
            begun: self.blocks.len(),
            base: self.sums,
            start: self.dispersion.start(),
            instead,
            is_sudden: false,
            weight,
        }
    }

    /// Evidence of harm that begins suddenly now. What one burst is cannot be told from what has come since;
    /// what the stage has shown before says more of it.
    fn suddenly(&self, weight: f64) -> Since {
        let mut since = self.since(weight);
        let shown = self.of_stage().map_or(1.0, |stage| stage.mid);
        let belief = since.instead.unwrap_or(self.belief);
        since.instead = Some(belief.at_least(shown));
        since.is_sudden = true;
        since
    }

    fn read(&mut self) -> StageReading {
        let k = self.blocks.len();
        let gross = self.settings.gross_blocks;
        let mut tempering = self.tempering.clone();
        let extent = self.extent(&self.whole);
        let tempered = self.tempered(&self.whole, &extent);
        let phi = self.granting(&tempered, &extent);
        let all = self.average(&self.whole, phi, &tempered, &mut tempering);
        if k == gross {
            self.first = Some(all.ln());
        }
        let after = self.after.as_ref();
        let after = after.map(|since| self.evidence(since, &mut tempering).ln());
        let from_start = match after {
            None if k <= gross => {
                let granted = self.settings.granted.powi(2) * extent.information;
                self.average(&self.whole, phi + granted, &tempered, &mut tempering)
            }
            None => all,
            Some(after) => {
                let since = (k - gross) as f64 * self.settings.scale;
                all.min((confirmed(since) * after).exp())
            }
        };
        let mut e = self.whole.weight * from_start + self.settled + self.unbegun;
        for since in self.restarts.iter().chain(&self.sudden) {
            e += since.weight * self.evidence(since, &mut tempering);
        }
        self.tempering = tempering;
        StageReading {
            log_e: e.ln(),
            dispersion: tempered.dispersion.max(1.0),
            tempering: phi,
            clumps: tempered.clumps.min(phi).max(1.0),
            is_contradicted: tempered.is_contradicted,
            first: self.first.filter(|_| after.is_some()),
            after,
        }
    }

    /// The e-value since an onset.
    fn evidence(&self, since: &Since, tempering: &mut Tempering) -> f64 {
        let extent = self.extent(since);
        let tempered = self.tempered(since, &extent);
        let phi = self.granting(&tempered, &extent);
        self.average(since, phi, &tempered, tempering)
    }

    fn average(
        &self,
        since: &Since,
        phi: f64,
        tempered: &Tempered,
        tempering: &mut Tempering,
    ) -> f64 {
        if phi >= IMMEASURABLE {
            return 1.0;
        }
        let skewness = skewness(tempered.clumps.min(phi));
        tempering.at(skewness).average(&self.sums, &since.base, phi)
    }

    fn tempered(&self, since: &Since, extent: &Extent) -> Tempered {
        let tally = self.dispersion.tally_since(&since.start);
        let measured = self.dispersion.measured(&since.start, &tally);
        let belief = since.instead.as_ref().unwrap_or(&self.belief);
        let mut tempered = belief.tempers(measured.as_ref(), extent);
        if since.is_sudden {
            tempered.clumps = tempered.clumps.max(belief.clumps());
        }
        tempered
    }

    fn granting(&self, tempered: &Tempered, extent: &Extent) -> f64 {
        let (drift, shows) = (self.settings.drift, self.settings.drift_shows);
        granting(tempered.dispersion, extent, drift, shows)
    }

    fn extent(&self, since: &Since) -> Extent {
        let tally = self.dispersion.tally_since(&since.start);
        Extent {
            blocks: tally.blocks,
            expected: tally.expected,
            information: tally.spread,
            scale: self.settings.scale,
            grown: self.grown[self.blocks.len() - since.begun],
        }
    }

    /// What the stage leaves to the next one, with what earlier ones had left to it; the latter alone
    /// where it has measured nothing.
    #[must_use]
    pub fn left(&self, earlier: Option<&Left>) -> Option<Left> {
        self.of_stage().map_or_else(
            || earlier.copied(),
            |stage| {
                let believed = if self.belief.is_learnt() {
                    self.belief.clumps()
                } else {
                    1.0
                };
                Some(Left::after(earlier, &stage, believed))
            },
        )
    }

    pub(super) fn of_stage(&self) -> Option<OfStage> {
        let extent = self.extent(&self.whole);
        let start = &self.whole.start;
        let tally = self.dispersion.tally_since(start);
        let measured = self.dispersion.measured(start, &tally)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "lags of one hour: a small positive number"
        )]
        let hour = (12.0 / self.settings.scale).ceil().max(1.0) as usize;
        let short = self.dispersion.measured_over(start, hour)?;
        Some(OfStage::of(
            short,
            measured.long_run,
            measured.lags,
            &extent,
        ))
    }
}

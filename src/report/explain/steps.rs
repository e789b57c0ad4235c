//! What was asked, counted, compared and concluded for one guardrail, in that order. Who knows
//! statistics can follow each step; who does not finds what to do. It repeats what the judge said and
//! works out nothing of its own.

use std::io;

use crate::judge::planning::{LEAST_BLOCKS, LEAST_CLUSTERS};
use crate::judge::{Clear, Finding, LimitFinding, Look, Measure, Scale, StageWeights, Verdict};
use crate::plan::{Guardrail, OnNoData, Plan, Role};
use crate::snapshot::{Housing, Snapshot};
use crate::units::{Instant, Period};

use super::super::numbers;
use super::super::told::told;
use super::super::words::{instances, past, verdict};
use super::page::Page;
use super::words::{
    advice, consequence, count, dispersion, hypothesis, kind_name, minute, needed, spent,
};

impl Page<'_> {
    pub(super) fn title(&mut self, guardrail: &Guardrail) -> io::Result<()> {
        let Guardrail {
            name,
            category,
            role,
            metric,
            margin: _,
            limit: _,
            on_breach,
            on_no_data,
            definition: _,
        } = guardrail;
        let title = self.styles.title;
        let role = match role {
            Role::Guardrail => "guardrail",
            Role::Success => "success metric",
        };
        let silence = match on_no_data {
            OnNoData::Hold => "hold".to_owned(),
            OnNoData::Pause => "pause".to_owned(),
            OnNoData::Rollback { after } => format!("rollback after {after}"),
        };
        writeln!(
            self.out,
            "{title}{name}{title:#}  {} {role}, {}; breach: {}, no data: {silence}",
            category.key(),
            kind_name(metric.kind),
            on_breach.key(),
        )
    }

    pub(super) fn asked(&mut self, finding: &Finding) -> io::Result<()> {
        self.section("Asked")?;
        if finding.queries.is_empty() {
            self.line("queries", "not recorded in this snapshot")?;
        }
        for query in &finding.queries {
            // A query is copied, not read: it stays on one line.
            writeln!(self.out, "    {query}")?;
        }
        for issue in told(finding) {
            self.styled("wrong", &issue.to_string(), self.styles.doubt)?;
        }
        Ok(())
    }

    pub(super) fn counted(
        &mut self,
        plan: &Plan,
        guardrail: &Guardrail,
        finding: &Finding,
        snapshot: Option<&Snapshot>,
        now: Instant,
    ) -> io::Result<()> {
        self.section("Counted")?;
        let length = snapshot.map_or_else(String::new, |s| format!(" of {}", s.block));
        self.line(
            "blocks",
            &format!(
                "{} judged{length}, {} missing",
                finding.blocks, finding.blocks_missing
            ),
        )?;
        if let Some(snapshot) = snapshot {
            let warmup = plan.judge.warmup_blocks(snapshot.block);
            let left_out = match warmup {
                1 => "the first block after the entry is".to_owned(),
                more => format!("the first {more} blocks after the entry are"),
            };
            let (time, until) = (minute(snapshot.since()), minute(now));
            self.line(
                "span",
                &format!(
                    "from the stage's entry at {time} to {until}; {left_out} left \
                     out, because traffic shifts and caches fill, and so is \
                     the block that is not closed yet"
                ),
            )?;
        }
        let series = snapshot.and_then(|one| one.guardrails.get(&guardrail.name));
        if let Some(counts) = series.and_then(|series| series.instances.as_ref()) {
            self.line("instances", &instances(counts))?;
        }
        if let Some(known) = series.and_then(past) {
            self.line("past", &known)?;
        }
        let restart = plan
            .state
            .as_ref()
            .and_then(|state| state.restarts.get(&guardrail.name));
        if let Some(restart) = restart {
            self.line(
                "restart",
                &format!(
                    "evidence before {} does not count: the definition changed, or a person \
                     resumed the plan",
                    minute(restart.at)
                ),
            )?;
        }
        let Some(measure) = &finding.measure else {
            return Ok(());
        };
        let kind = guardrail.metric.kind;
        for (name, arm) in [
            ("exposed", Some(&measure.exposed)),
            ("unexposed", measure.unexposed.as_ref()),
        ] {
            let Some(arm) = arm else { continue };
            let value = numbers::arm(kind, arm);
            let text = match (numbers::events(arm, false), numbers::between(kind, arm)) {
                (Some(events), None) => format!("{events} = {value}"),
                (None, None) => value,
                // The events are those beyond the boundary that is compared, not the quantile's.
                (events, Some(between)) => format!(
                    "{value} ({between}), interpolated within its bucket{}",
                    events.map_or_else(String::new, |events| format!("; {events} slower"))
                ),
            };
            self.line(name, &text)?;
        }
        Ok(())
    }

    pub(super) fn compared(&mut self, guardrail: &Guardrail, finding: &Finding) -> io::Result<()> {
        let Some(measure) = &finding.measure else {
            return Ok(());
        };
        let kind = guardrail.metric.kind;
        match measure.scale {
            Scale::Level => return Ok(()),
            Scale::Ratio | Scale::Difference => {}
        }
        self.section("Compared")?;
        if let Some(boundaries) = &measure.boundaries {
            self.line("at", &boundaries.to_string())?;
        }
        self.line(
            "effect",
            &format!(
                "{}: exposed against unexposed",
                numbers::estimate(kind, measure)
            ),
        )?;
        self.line(
            "interval",
            &format!(
                "{}; the truth is inside with 95 % confidence at all looks together, however \
                 often one looks",
                numbers::interval(kind, measure)
            ),
        )?;
        self.line("dispersion", &dispersion(measure))
    }

    pub(super) fn harm(
        &mut self,
        plan: &Plan,
        guardrail: &Guardrail,
        finding: &Finding,
    ) -> io::Result<()> {
        let Some(measure) = &finding.measure else {
            return Ok(());
        };
        let Some(margin) = measure.margin else {
            return Ok(());
        };
        let Measure {
            log_e_breach,
            log_e_breach_peak,
            ..
        } = measure;
        let kind = guardrail.metric.kind;
        self.section("Is harm beyond the margin proven?")?;
        self.line(
            "question",
            &format!(
                "harm beyond {} (the margin): {}",
                numbers::on_scale(kind, measure.scale, margin),
                hypothesis(measure.scale)
            ),
        )?;
        self.line(
            "this stage",
            &format!(
                "{log_e_breach} now; three quarters of the e-value are of the stage since its \
                 entry, the rest of restarts every two hours, for harm that sets in late"
            ),
        )?;
        let weights = StageWeights::of(plan);
        let carried = plan
            .state
            .as_ref()
            .and_then(|state| state.carried.get(&guardrail.name));
        self.line(
            "whole rollout",
            &format!(
                "{log_e_breach_peak} at its highest: the logarithm of e^stage x ({:.3} for this \
                 stage{}) + {:.3} for the stages to come{}",
                weights.present,
                carried.map_or_else(String::new, |log| format!(
                    " + {:.3} carried from earlier ones",
                    log.0.exp()
                )),
                weights.later,
                if finding.limit.is_some() {
                    "; e^stage is the mean of margin and limit"
                } else {
                    ""
                }
            ),
        )?;
        let peers = plan
            .guardrails
            .iter()
            .filter(|peer| {
                peer.on_breach == guardrail.on_breach
                    && peer.role == Role::Guardrail
                    && peer.metric.kind.compares_arms()
            })
            .count()
            .max(1);
        let needed = needed(plan.judge.rollback_alpha);
        let text = if peers == 1 {
            format!("{needed}, over the whole rollout at any look")
        } else {
            format!(
                "{needed} on average (of e-values, not of logarithms) over the {peers} guardrails \
                 whose breach means {}; {:+.2} proves this one alone",
                consequence(guardrail.on_breach),
                plan.judge.rollback_alpha.threshold().0 + count(peers).ln(),
            )
        };
        self.line("needed", &text)
    }

    pub(super) fn absence(
        &mut self,
        plan: &Plan,
        guardrail: &Guardrail,
        finding: &Finding,
    ) -> io::Result<()> {
        let Some(measure) = &finding.measure else {
            return Ok(());
        };
        let kind = guardrail.metric.kind;
        let Some(rule_out) = measure.rule_out else {
            if measure.margin.is_some() {
                self.section("Is enough harm ruled out to leave the stage?")?;
                self.line(
                    "question",
                    "none: the stage asks for no more than no breach",
                )?;
            }
            return Ok(());
        };
        self.section("Is enough harm ruled out to leave the stage?")?;
        self.line(
            "question",
            &format!(
                "harm of {} or more: {}",
                numbers::on_scale(kind, measure.scale, rule_out),
                hypothesis(measure.scale)
            ),
        )?;
        match (finding.clear, measure.log_e_pass) {
            (Some(Clear::Look(look)), _) => self.score(&look, measure)?,
            (_, Some(log_e)) if log_e.0 < 0.0 => {
                self.line("evidence", &format!("{log_e} now: it speaks for harm"))?;
            }
            (_, Some(log_e)) => self.line("evidence", &format!("{log_e} now"))?,
            (_, None) => {}
        }
        let enough = if measure.belief.is_some() {
            format!(
                ", and {LEAST_CLUSTERS} clusters of events expected in the exposed arm (events over dispersion)"
            )
        } else {
            format!(", and {LEAST_BLOCKS} blocks")
        };
        let needed = match finding.clear {
            Some(Clear::Look(look)) => spent(plan, &look),
            Some(Clear::Evidence(_)) | None => needed(plan.judge.advance_alpha),
        };
        self.line("needed", &format!("{needed}{enough}"))?;
        match (finding.verdict, measure.expected_wait) {
            // It is not this that is missing.
            (Verdict::Inconclusive, Some(Period::ZERO)) => Ok(()),
            (Verdict::Inconclusive, Some(wait)) => self.line(
                "expected",
                &format!("about {} more at the present rate", wait.rough()),
            ),
            (Verdict::Inconclusive, None) => self.line(
                "expected",
                "cannot be said: at the present rate the evidence does not grow",
            ),
            (Verdict::Pass | Verdict::Breach | Verdict::NoData(_) | Verdict::NotApplicable, _) => {
                Ok(())
            }
        }
    }

    fn score(&mut self, look: &Look, measure: &Measure) -> io::Result<()> {
        let score = match look.z {
            Some(z) if z < 0.0 => format!("{:.2} standard errors worse than that, now", -z),
            Some(z) => format!("{z:.2} standard errors better than that, now"),
            None => "none yet".to_owned(),
        };
        self.line("score", &score)?;
        // Of means and levels the scatter of the blocks is all that counts.
        if measure.belief.is_none() {
            return Ok(());
        }
        let pods = match measure.noise.and_then(|noise| noise.housing) {
            Some(Housing::Own) => ", with what the arms' own instances may differ by for good",
            Some(Housing::Shared) | None => "",
        };
        self.line(
            "dispersion",
            &format!(
                "{:.1}: no less than the unexposed arm has shown, now or before the stage{pods}",
                look.dispersion
            ),
        )
    }

    pub(super) fn limit(&mut self, plan: &Plan, finding: &Finding) -> io::Result<()> {
        let Some(LimitFinding {
            bound,
            log_e_breach,
            ambient,
            breached,
            undecided,
        }) = &finding.limit
        else {
            return Ok(());
        };
        self.section("Is the exposed arm beyond its limit?")?;
        self.line("limit", &numbers::bound(*bound))?;
        self.line("evidence", &format!("{log_e_breach} now"))?;
        self.line("needed", &needed(plan.judge.rollback_alpha))?;
        let text = match (breached, ambient) {
            (true, _) => "beyond it, proven",
            (false, true) => {
                "beyond it in both arms: not caused by this change, so the plan is held and not rolled \
                 back"
            }
            (false, false) => "not proven",
        };
        self.line("so", text)?;
        match undecided {
            Some(undecided) => self.line("undecidable", &undecided.to_string()),
            None => Ok(()),
        }
    }

    pub(super) fn verdict(&mut self, plan: &Plan, finding: &Finding) -> io::Result<()> {
        self.section("So")?;
        let style = self.styles.verdict(finding.verdict);
        self.styled("verdict", verdict(finding.verdict), style)?;
        self.line("because", &finding.why.to_string())?;
        self.line("to do", &advice(plan, finding))?;
        writeln!(self.out)
    }
}

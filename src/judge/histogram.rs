//! A latency guardrail's buckets turned into evidence, or into the reason why there is none. How they
//! are compared is in `latency`.

use crate::plan::{Guardrail, Plan, Role, Schedule};
use crate::snapshot::{Arm, GuardrailSeries, Series};
use crate::stats::OneArmBlock;

use super::buckets::{Buckets, Latency, OwnBuckets, Past};
use super::evidence::{Evidence, LimitEvidence};
use super::examine::Examined;
use super::latency::{self, Comparable};
use super::{Issue, latency_limit, pacing};

impl Examined {
    /// Histogram buckets, at the boundaries that both arms have.
    pub(super) fn latency(
        &mut self,
        plan: &Plan,
        guardrail: &Guardrail,
        series: &GuardrailSeries,
        latency: Latency,
    ) {
        let (exposed, unexposed) = (&series.exposed.buckets, &series.unexposed.buckets);
        let arms: &[&Vec<(f64, Series)>] = if self.alone {
            &[exposed]
        } else {
            &[exposed, unexposed]
        };
        if !arms.iter().all(|arm| is_whole(arm)) {
            self.discard_for(vec![Issue::NoBuckets]);
            return;
        }
        let columns: Vec<&Series> = arms
            .iter()
            .flat_map(|arm| arm.iter().map(|(_, column)| column))
            .collect();
        let judged = self.frame.pick(&series.ends, &columns, |row| {
            // Cumulative counts that fall are a scrape's skew; a block of them says nothing.
            let (first, second) = row.split_at(exposed.len());
            [first, second].iter().all(|arm| {
                arm.first().is_none_or(|lowest| *lowest >= 0.0)
                    && arm.windows(2).all(|pair| pair[0] <= pair[1])
            })
        });
        self.note(&judged);
        let seconds = latency.unit.seconds();
        let bounds_of = |arm: &[(f64, Series)]| -> Vec<f64> {
            let finite = arm.iter().filter(|(bound, _)| bound.is_finite());
            finite.map(|(bound, _)| bound * seconds).collect()
        };
        let (own, other) = (bounds_of(exposed), bounds_of(unexposed));
        // The columns of both arms at bounds that both have; the last is `+Inf`.
        let shared: Vec<(usize, Option<usize>)> = (0..exposed.len())
            .filter_map(|column| {
                if self.alone {
                    return Some((column, None));
                }
                let here = exposed[column].0;
                // Servers compute the bounds of a native resolution to the last bit, or nearly so.
                let same = |(bound, _): &(f64, Series)| {
                    let apart = (bound - here).abs();
                    bound.total_cmp(&here).is_eq()
                        || (here.is_finite() && apart <= SAME * here.abs())
                };
                let place = unexposed.iter().position(same)?;
                Some((column, Some(exposed.len() + place)))
            })
            .collect();
        let bounds: Vec<f64> = shared[..shared.len() - 1]
            .iter()
            .map(|(column, _)| own[*column])
            .collect();
        let rows: Vec<Vec<f64>> = judged
            .rows
            .iter()
            .map(|row| {
                let exposed = shared.iter().map(|(column, _)| row[*column]);
                let unexposed = shared
                    .iter()
                    .filter_map(|(_, column)| Some(row[(*column)?]));
                exposed.chain(unexposed).collect()
            })
            .collect();
        let all = rows.iter().map(|row| {
            let unexposed = row.last().copied().unwrap_or(0.0);
            [row.get(bounds.len()).copied().unwrap_or(0.0), unexposed]
        });
        self.note_silence(&judged.ends, all);
        let before = self.frame.entered();
        let past = Past::of(series.history.as_ref(), before, &bounds, seconds);
        let buckets = Buckets {
            ends: &judged.ends,
            bounds: &bounds,
            rows: &rows,
            past: &past,
        };
        let block = self.frame.block();
        let own_rows = |from: usize, to: usize| -> Vec<Vec<f64>> {
            let rows = judged.rows.iter();
            rows.map(|row| row[from..to].to_vec()).collect()
        };
        let width = exposed.len() + if self.alone { 0 } else { unexposed.len() };
        let of_exposed = own_rows(0, exposed.len());
        let of_unexposed = own_rows(exposed.len(), width);
        let nothing = Past::default();
        let of_arm = |bounds, rows| Buckets {
            ends: &judged.ends,
            bounds,
            rows,
            past: &nothing,
        };
        let alone = of_arm(&own, &of_exposed);
        let others = of_arm(&other, &of_unexposed);
        let mut unbounded: Vec<Issue> = alone
            .unbounded(Arm::Exposed, latency.quantile)
            .into_iter()
            .collect();
        if !self.alone {
            unbounded.extend(others.unbounded(Arm::Unexposed, latency.quantile));
        }
        let question = self.question(guardrail);
        let compared = match &question {
            Some(question) => latency::compare(&buckets, latency, question, block),
            None => Comparable::NotYet,
        };
        let comparison = match compared {
            Comparable::At { comparison, unsaid } => {
                let asks = guardrail.role == Role::Guardrail && self.rule_out.is_some();
                if let Some(bound) = unsaid.filter(|_| asks) {
                    self.issues.push(Issue::TailUnjudged { bound });
                }
                question
                    .as_ref()
                    .map(|question| self.permitted(*comparison, &judged.ends, question))
            }
            Comparable::NotYet => None,
            // What cannot be proven is not judged; a limit still is.
            Comparable::Unprovable(refused) => {
                self.no_evidence(Issue::Unprovable(refused.clone()));
                self.refused = Some(refused);
                None
            }
            Comparable::Nowhere(gross) => {
                let problem = match unbounded.first() {
                    Some(unbounded) => unbounded.clone(),
                    None => latency::nowhere(latency, &own, &other),
                };
                self.no_evidence(problem);
                // Arms whose buckets differ may differ in what they count, too.
                let are_alike = [exposed, unexposed]
                    .iter()
                    .all(|arm| arm.len() == shared.len());
                gross.filter(|_| are_alike).map(|gross| *gross)
            }
        };
        if let (Schedule::Ramp(_), Some(margin), Some(comparison)) =
            (&plan.course, guardrail.margin, &comparison)
            && guardrail.metric.kind.counts_bad_events(margin)
        {
            self.excess = latency::slow(&buckets, latency, block)
                .and_then(|slow| pacing::excess(plan, guardrail, &slow, comparison, block));
        }
        for problem in unbounded {
            if !self.issues.contains(&problem) {
                self.issues.push(problem);
            }
        }
        let limit = guardrail.limit.map(|limit| {
            // The limit is the exposed arm's alone, so its own bounds count.
            let whole = |offset: usize, bounds: &[f64], bound: Option<usize>| -> Vec<OneArmBlock> {
                let block = |row: &Vec<f64>| {
                    let total = row[offset + bounds.len()];
                    let within = bound.map_or(total, |bound| row[offset + bound]);
                    OneArmBlock {
                        events: (total - within).max(0.0),
                        total,
                    }
                };
                judged.rows.iter().map(block).collect()
            };
            let exposed_buckets = OwnBuckets {
                bounds: &own,
                beyond: &|bound| whole(0, &own, bound),
            };
            let unexposed_buckets = OwnBuckets {
                bounds: &other,
                beyond: &|bound| whole(exposed.len(), &other, bound),
            };
            let ambient = (!self.alone).then_some(&unexposed_buckets);
            let evidence =
                latency_limit::against_limit(&exposed_buckets, ambient, latency, limit, block);
            LimitEvidence {
                exposed: alone.seen(Arm::Exposed, latency.quantile, evidence.exposed),
                ..evidence
            }
        });
        if let Some(undecidable) = limit.as_ref().and_then(|limit| limit.undecidable.clone()) {
            self.no_evidence(undecidable);
        }
        self.evidence = Some(Evidence {
            ends: judged.ends,
            comparison,
            limit,
        });
    }

    /// There are blocks, and what is asked cannot be said from them.
    fn no_evidence(&mut self, problem: Issue) {
        if !self.issues.contains(&problem) {
            self.issues.push(problem.clone());
        }
        if self.no_data.is_none() {
            self.no_data = Some((
                self.frame.nothing_since(self.frame.entered()),
                vec![problem],
            ));
        }
    }
}

/// Bounds that differ by less, relatively, are one. The finest native resolution grows by 0.27 % a bucket.
const SAME: f64 = 1e-9;

/// Increasing bounds up to infinity.
fn is_whole(arm: &[(f64, Series)]) -> bool {
    let sorted = arm.windows(2).all(|pair| pair[0].0 < pair[1].0);
    arm.len() >= 2 && sorted && arm.last().is_some_and(|(bound, _)| bound.is_infinite())
}

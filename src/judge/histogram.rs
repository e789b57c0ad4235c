//! A latency guardrail's buckets turned into evidence, or into the reason why there is none. How they
//! are compared is in `latency`.

use crate::plan::{Course, Guardrail, Plan};
use crate::snapshot::{GuardrailSeries, Series};

use super::evidence::Evidence;
use super::examine::Examined;
use super::latency::{self, Buckets, Latency};
use super::pacing;

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
        let shared: Vec<(f64, &Series, Option<&Series>)> = exposed
            .iter()
            .filter(|(bound, _)| !bound.is_nan())
            .filter_map(|(bound, column)| {
                let other = unexposed.iter().find(|(b, _)| b.total_cmp(bound).is_eq());
                match other {
                    _ if self.alone => Some((*bound, column, None)),
                    Some((_, other)) => Some((*bound, column, Some(other))),
                    None => None,
                }
            })
            .collect();
        let whole = shared.last().is_some_and(|(bound, ..)| bound.is_infinite());
        let sorted = shared.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if !whole || !sorted || shared.len() < 2 {
            let why = "the arms share no histogram buckets up to `+Inf`";
            self.issues.push(why.into());
            self.void(why);
            return;
        }
        let mut columns: Vec<&Series> = shared.iter().map(|(_, column, _)| *column).collect();
        columns.extend(shared.iter().filter_map(|(.., other)| *other));
        let judged = self.frame.pick(&series.ends, &columns, |row| {
            // Cumulative counts that fall are a scrape's skew; a block of them says nothing.
            row.chunks(shared.len())
                .all(|arm| arm[0] >= 0.0 && arm.windows(2).all(|pair| pair[0] <= pair[1]))
        });
        self.note(&judged);
        let bounds: Vec<f64> = shared[..shared.len() - 1]
            .iter()
            .map(|(b, ..)| *b)
            .collect();
        let buckets = Buckets {
            bounds: &bounds,
            rows: &judged.rows,
        };
        let block = self.frame.block();
        let compared = self.question(guardrail).map_or(Ok(None), |question| {
            latency::compare(&buckets, latency, &question, block)
        });
        let comparison = compared.unwrap_or_else(|refused| {
            // What cannot be proven is not judged; a limit still is.
            self.no_data = Some((
                self.frame.nothing_since(self.frame.entered()),
                refused.to_string(),
            ));
            self.issues.push(refused.to_string());
            self.refused = Some(refused);
            None
        });
        if let (Course::Ramp(_), Some(margin), Some(comparison)) =
            (&plan.course, guardrail.margin, &comparison)
            && guardrail.metric.kind.counts_bad_events(margin)
        {
            self.excess = latency::slow(&buckets, latency, block)
                .and_then(|slow| pacing::excess(plan, guardrail, &slow, comparison, block));
        }
        self.issues.extend(buckets.unbounded(latency.quantile));
        let limit = guardrail
            .limit
            .map(|limit| latency::against_limit(&buckets, latency, limit, self.alone, block));
        self.evidence = Some(Evidence {
            ends: judged.ends,
            comparison,
            limit,
        });
    }
}

//! A mean's or a level's series turned into evidence, or into the reason why there is none. How they are
//! compared is in `paired` and in `gauge`.

use crate::plan::{Column, Guardrail};
use crate::snapshot::GuardrailSeries;
use crate::stats::PairedBlock;

use super::evidence::Evidence;
use super::examine::Examined;
use super::gauge::{self, Levels};
use super::paired::{self, Terms};

impl Examined {
    /// Means.
    pub(super) fn means(&mut self, guardrail: &Guardrail, series: &GuardrailSeries) {
        let Some(columns) = self.columns(series, &[Column::Sum, Column::Count]) else {
            return;
        };
        let judged = self.frame.pick(&series.ends, &columns, |row| {
            row.chunks(2).all(|arm| arm[1] >= 0.0)
        });
        self.note(&judged);
        let blocks: Vec<PairedBlock> = judged
            .rows
            .iter()
            .map(|row| PairedBlock {
                exposed_sum: row[0],
                exposed_count: row[1],
                unexposed_sum: row.get(2).copied().unwrap_or(0.0),
                unexposed_count: row.get(3).copied().unwrap_or(0.0),
            })
            .collect();
        let totals = blocks.iter().map(|b| [b.exposed_count, b.unexposed_count]);
        self.note_silence(&judged.ends, totals);
        let worse = guardrail.metric.kind.worse();
        let block = self.frame.block();
        self.evidence = Some(Evidence {
            ends: judged.ends,
            comparison: self.question(guardrail).map(|question| {
                let past = paired::per_unit(series.history.as_ref());
                paired::compare(&blocks, &question, Terms::Values(past), block)
            }),
            limit: guardrail
                .limit
                .map(|limit| paired::against_limit(&blocks, self.alone, limit.value, worse, block)),
        });
    }

    /// Levels.
    pub(super) fn levels(&mut self, guardrail: &Guardrail, series: &GuardrailSeries) {
        let Some(columns) = self.columns(series, &[Column::Query]) else {
            return;
        };
        let judged = self.frame.pick(&series.ends, &columns, |_| true);
        self.note(&judged);
        let levels: Vec<[f64; 2]> = judged
            .rows
            .iter()
            .map(|row| [row[0], row.get(1).copied().unwrap_or(0.0)])
            .collect();
        let levels = Levels {
            ends: &judged.ends,
            levels: &levels,
            history: series.history.as_ref(),
            block: self.frame.block(),
        };
        let worse = guardrail.metric.kind.worse();
        let comparison = self
            .question(guardrail)
            .map(|question| gauge::compare(&levels, &question));
        let limit = guardrail
            .limit
            .map(|limit| gauge::against_limit(&levels, self.alone, limit.value, worse));
        self.evidence = Some(Evidence {
            comparison,
            limit,
            ends: judged.ends,
        });
    }
}

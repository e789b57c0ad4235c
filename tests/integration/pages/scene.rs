//! A shop whose traffic is drawn, and plans that are led through it by the built program: `advance` and
//! `report` read snapshots that are made here, so that no Prometheus is asked.

use rollout::plan::{Plan, parse_config, parse_plan};
use serde_json::{Map, Value, json};

use super::super::support::{Output, Rollout};

/// When every story begins: 2026-03-02T08:00:00Z.
const START: i64 = 1_772_438_400;
/// Requests a second, of both arms together.
const REQUESTS: u32 = 100;

const METRICS: &str = r#"
[metrics.errors]
category = "reliability"
ratio = { events = 'http_requests_total{app="shop",code=~"5.."}', total = 'http_requests_total{app="shop"}' }

[metrics.latency]
category = "experience"
latency = { histogram = 'http_request_duration_seconds_bucket{app="shop"}', quantile = 0.95 }

[metrics.orders]
category = "business"
ratio = { events = 'orders_total{app="shop"}', total = 'carts_total{app="shop"}', worse = "lower" }
"#;

/// What the exposed arm of a guardrail does in the block that ends then: a factor of harm, or `None`
/// where nothing was measured.
pub(super) type Harm<'a> = &'a dyn Fn(&str, f64) -> Option<f64>;

/// Nothing happens.
pub(super) fn calm(_guardrail: &str, _hours: f64) -> Option<f64> {
    Some(1.0)
}

/// A directory of plans, and the shop.
pub(super) struct Scene {
    pub(super) rollout: Rollout,
    /// Minutes of a block.
    block: u32,
    seed: u64,
}

impl Scene {
    /// No plan yet; blocks of so many minutes.
    pub(super) fn new(block: u32) -> Self {
        let rollout = Rollout::new().file("rollouts/config.toml", &config(block));
        Self {
            rollout,
            block,
            seed: 7,
        }
    }

    /// A plan in stages of four hours; the last ones rule out as little as their margins.
    pub(super) fn staged(&self, name: &str, exposures: &[f64], guardrails: &[&str]) {
        let stages: Vec<String> = exposures
            .iter()
            .map(|exposure| {
                let rule_out = if *exposure < 30.0 {
                    "rule_out = \"2x\"\n"
                } else {
                    ""
                };
                format!("[[stages]]\nexposure = {exposure}\nmin_duration = \"4h\"\n{rule_out}")
            })
            .collect();
        self.plan(name, &stages.join("\n"), guardrails);
    }

    /// A plan on a ramp.
    pub(super) fn ramp(&self, name: &str, over: &str, every: &str, guardrails: &[&str]) {
        let ramp = format!("[ramp]\nfrom = 1\nto = 100\nover = \"{over}\"\nevery = \"{every}\"\n");
        self.plan(name, &ramp, guardrails);
    }

    fn plan(&self, name: &str, course: &str, guardrails: &[&str]) {
        let guardrails: Vec<String> = guardrails
            .iter()
            .map(|guardrail| {
                let metric = guardrail.split('-').next().unwrap_or_default();
                let margin = if metric == "orders" { "5%" } else { "10%" };
                format!(
                    "[[guardrails]]\nname = \"{guardrail}\"\nmetric = \"{metric}\"\nmargin = \"{margin}\"\non_breach = \"rollback\"\n"
                )
            })
            .collect();
        let text = format!(
            "description = \"Pay on one page, with what was bought last\"\nowner = \"payments\"\n\n{course}\n{}",
            guardrails.join("\n")
        );
        self.rollout.write(&format!("rollouts/{name}.toml"), text);
    }

    /// Enters, raises or rolls back a plan, so many hours after the start.
    pub(super) fn advance(&mut self, name: &str, hours: f64, harm: Harm<'_>) -> Output {
        let mut args = vec!["advance".to_owned(), name.to_owned()];
        if let Some(snapshot) = self.snapshot(name, hours, harm) {
            self.rollout.write("snapshot.json", snapshot.to_string());
            args.extend(["--snapshot", "snapshot.json"].map(str::to_owned));
        }
        args.extend(["--now".to_owned(), at(hours)]);
        self.rollout.run(args)
    }

    /// What Prometheus would say of a plan at so many hours; `None` before anybody is exposed.
    pub(super) fn snapshot(&mut self, name: &str, hours: f64, harm: Harm<'_>) -> Option<Value> {
        let plan = self.parsed(name);
        let state = plan.state.as_ref()?;
        let entered = state.entered_at.timestamp();
        let until = START + seconds(hours);
        let ends: Vec<i64> = (1..)
            .map(|block| entered + block * i64::from(self.block) * 60)
            .take_while(|end| *end <= until)
            .collect();
        let share = state.exposure.percent() / 100.0;
        let mut guardrails = Map::new();
        for guardrail in &plan.guardrails {
            let factors: Vec<Option<f64>> = ends
                .iter()
                .map(|end| harm(&guardrail.name, since_start(*end)))
                .collect();
            let none = vec![Some(1.0).filter(|_| share < 1.0); ends.len()];
            let queries = [
                "sum by (variant) (increase(http_requests_total{app=\"shop\",code=~\"5..\"}[5m]))",
                "sum by (variant) (increase(http_requests_total{app=\"shop\"}[5m]))",
            ];
            guardrails.insert(
                guardrail.name.clone(),
                json!({
                    "ends": ends,
                    "exposed": self.arm(&guardrail.name, share, &factors),
                    "unexposed": self.arm(&guardrail.name, 1.0 - share, &none),
                    "issues": [],
                    "queries": queries,
                }),
            );
        }
        Some(json!({
            "format": "rollout-snapshot/1",
            "plan": name,
            "taken_at": at(hours),
            "source": "http://prometheus.example:9090",
            "stage": state.stage,
            "entered_at": state.entered_at.to_rfc3339(),
            "block_seconds": self.block * 60,
            "guardrails": guardrails,
        }))
    }

    /// The columns of one arm.
    fn arm(&mut self, guardrail: &str, share: f64, factors: &[Option<f64>]) -> Value {
        let requests = f64::from(REQUESTS * self.block * 60) * share;
        if guardrail.starts_with("latency") {
            // Shares of requests that were not slower than this.
            let fast = [("0.1", 0.50), ("0.2", 0.90), ("0.5", 0.97), ("1", 0.995)];
            let mut buckets = Map::new();
            let totals: Vec<Option<f64>> = factors
                .iter()
                .map(|factor| factor.map(|_| self.count(requests)))
                .collect();
            let mut above = totals.clone();
            for (le, share) in fast.iter().rev() {
                let mut within: f64 = *share;
                if *le != "1" {
                    within = share
                        / fast
                            .iter()
                            .find(|(_, next)| next > share)
                            .map_or(1.0, |next| next.1);
                }
                above = above
                    .iter()
                    .zip(factors)
                    .map(|(count, factor)| {
                        let slower = (1.0 - within) * (*factor)?;
                        let count = (*count)?;
                        Some((count - self.count(count * slower)).max(0.0))
                    })
                    .collect();
                buckets.insert((*le).to_owned(), json!(above));
            }
            buckets.insert("+Inf".to_owned(), json!(totals));
            return json!({ "le": buckets });
        }
        let base = if guardrail.starts_with("orders") {
            0.4
        } else {
            0.01
        };
        let (mut events, mut totals) = (Vec::new(), Vec::new());
        for factor in factors {
            let total = factor.map(|_| self.count(requests));
            // Fewer orders are worse.
            let rate = factor.map(|factor| {
                if base > 0.1 {
                    base / factor
                } else {
                    base * factor
                }
            });
            events.push(
                total
                    .zip(rate)
                    .map(|(total, rate)| self.count(total * rate).min(total)),
            );
            totals.push(total);
        }
        json!({ "events": events, "total": totals })
    }

    /// A count that scatters like a real one, the same on every run.
    fn count(&mut self, mean: f64) -> f64 {
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        #[expect(clippy::cast_precision_loss, reason = "noise")]
        let unit = (self.seed >> 40) as f64 / 16_777_216.0;
        (mean + (unit - 0.5) * (12.0 * mean).sqrt())
            .max(0.0)
            .round()
    }

    /// The plan as its file has it now.
    fn parsed(&self, name: &str) -> Plan {
        let config = parse_config(&config(self.block));
        let config = config
            .value
            .unwrap_or_else(|| panic!("{:?}", config.mistakes));
        let text = self.rollout.read(&format!("rollouts/{name}.toml"));
        let parsed = parse_plan(name, &text, &config);
        parsed
            .value
            .unwrap_or_else(|| panic!("{:?}", parsed.mistakes))
    }
}

fn config(block: u32) -> String {
    format!("[judge]\npreflight = false\nblock = \"{block}m\"\n{METRICS}")
}

/// So many hours after the start, as a command line has it.
pub(super) fn at(hours: f64) -> String {
    chrono::DateTime::from_timestamp(START + seconds(hours), 0)
        .unwrap()
        .format("%Y-%m-%dT%H:%M:%SZ")
        .to_string()
}

fn seconds(hours: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "hours of a story")]
    let seconds = (hours * 3_600.0).round() as i64;
    seconds
}

fn since_start(second: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "hours of a story")]
    let seconds = (second - START) as f64;
    seconds / 3_600.0
}

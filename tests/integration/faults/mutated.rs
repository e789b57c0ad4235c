//! Files that were damaged anyhow: each reader gives an answer or a mistake, soon, and never panics.
//!
//! `ROLLOUT_TEST_MUTATIONS=100000` is the long form.

#![expect(
    clippy::disallowed_methods,
    reason = "tests read fixtures; the program itself may not"
)]

use std::path::Path;
use std::time::Duration;

use rollout::plan::{parse_config, parse_plan, salvaged_targets};
use rollout::prometheus::read_answer;
use rollout::snapshot;
use rollout::targets;
use rollout::units::Exposure;
use rollout::workspace::Record;

use crate::support::cpu;

/// No text of some kilobytes may keep its reader at work for longer, without optimisation, too.
const LONGEST: Duration = Duration::from_secs(1);

/// Nor may all of them together hold more, in bytes, where a process does nothing else.
const MOST: u64 = 200 << 20;

/// What is put into a text where it hurts.
const PIECES: [&str; 20] = [
    "\"",
    "'''",
    "[",
    "]]",
    "{",
    "}",
    "=",
    "\n",
    "\\u0000",
    "nan",
    "-inf",
    "1e999",
    "-0",
    "null",
    "true",
    "\u{feff}",
    "\u{202e}",
    "99999999999999999999",
    "2026-02-30T25:00:00Z",
    "[[stages]]",
];

/// What servers answer: of each kind one.
const ANSWERS: [&str; 5] = [
    r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"variant":"treatment","pod":"a\"}\\","le":"+Inf"},"values":[[1767300000.123,"1.5"],[1767300015,"NaN"],[1767300030,"-Inf"]]},{"metric":{},"values":[[1767300000,"7"]]}]},"warnings":["remote read: timeout"]}"#,
    r#"{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"variant":"control"},"histograms":[[1767300000,{"count":"12","sum":"3.5","buckets":[[0,"0.5","1","5"],[1,"1","2","7"]]}]]}]}}"#,
    r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"shop \u00e9"},"value":[1767300000,"1"]}]}}"#,
    r#"{"status":"success","data":{"resultType":"scalar","result":[1767300000,"1e300"]}}"#,
    r#"{"status":"error","errorType":"bad_data","error":"1:1: parse error: unexpected \u001b[31m","data":null}"#,
];

/// A text and who reads it.
struct Format {
    name: &'static str,
    seeds: Vec<String>,
    read: fn(&str),
}

fn file(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The files below a folder whose names end like this.
fn files(folder: &Path, end: &str, found: &mut Vec<String>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().flatten().collect();
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            files(&path, end, found);
        } else if path.to_string_lossy().ends_with(end) {
            found.extend(std::fs::read_to_string(&path));
        }
    }
}

fn formats() -> Vec<Format> {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let (mut plans, mut records) = (Vec::new(), Vec::new());
    files(&examples, ".toml", &mut plans);
    files(&examples, "-rollback.json", &mut records);
    files(&examples, "-advance.json", &mut records);
    records.retain(|text| text.len() < 60_000);
    assert!(plans.len() > 5 && !records.is_empty());
    vec![
        Format {
            name: "plans and settings",
            seeds: plans,
            read: |text| {
                let config = parse_config("").value.unwrap();
                let parsed = parse_plan("checkout", text, &config);
                assert!(parsed.value.is_some() || !parsed.mistakes.is_empty());
                drop(parse_config(text));
                drop(salvaged_targets(text));
            },
        },
        Format {
            name: "records",
            seeds: records,
            read: |text| drop(Record::read(text)),
        },
        Format {
            name: "answers of Prometheus",
            seeds: ANSWERS.map(str::to_owned).to_vec(),
            read: |text| {
                for (status, piece) in [(200, text.len()), (200, 7), (400, 64), (503, 64)] {
                    let (answer, series) = read_answer(status, text.as_bytes(), piece);
                    assert!(answer.is_err() || series <= text.len() / 2);
                }
            },
        },
        Format {
            name: "snapshots",
            seeds: vec![file("examples/healthy-advance/before.json"), {
                let mut text = file("examples/healthy-advance/snapshot.json");
                let end = boundary(&text, 60_000);
                text.truncate(end);
                text
            }],
            read: |text| drop(snapshot::read(text)),
        },
        Format {
            name: "targets",
            seeds: vec![
                file("examples/flagd-python/flags.json"),
                file("examples/gitops-httproute/apps/route.yaml"),
            ],
            read: |text| {
                for kind in [
                    "flagd = { file = 'f', flag = 'checkout', variant = 'on' }",
                    "json = { file = 'f', exposed = '/flags/0', rest = '/flags/1' }",
                    "yaml = { file = 'f', exposed = '/spec/0', rest = '/spec/1' }",
                    "httproute = { file = 'f', exposed = 'shop-canary', rest = 'shop' }",
                ] {
                    let plan = format!("[[targets]]\n{kind}\n");
                    for target in salvaged_targets(&plan) {
                        drop(targets::check(&target, text));
                        let to = Exposure::from_percent(12.5).unwrap();
                        drop(targets::write(&target, text, to));
                    }
                }
            },
        },
    ]
}

struct Numbers(u64);

impl Numbers {
    fn below(&mut self, many: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % many.max(1)
    }
}

/// The nearest place at or before this one at which a character begins.
fn boundary(text: &str, mut place: usize) -> usize {
    place = place.min(text.len());
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    place
}

/// The text after one to four accidents.
fn damaged(seed: &str, others: &[String], numbers: &mut Numbers) -> String {
    let mut text = seed.to_owned();
    for _ in 0..=numbers.below(4) {
        let from = boundary(&text, numbers.below(text.len() + 1));
        let to = boundary(&text, (from + numbers.below(40)).min(text.len()));
        match numbers.below(6) {
            0 => text.replace_range(from..to, ""),
            1 => text.insert_str(from, PIECES[numbers.below(PIECES.len())]),
            2 => text.replace_range(from..to, PIECES[numbers.below(PIECES.len())]),
            3 => {
                let piece = text[from..to].repeat(1 + numbers.below(60));
                text.insert_str(to, &piece);
            }
            4 => text.truncate(from),
            _ => {
                let other = &others[numbers.below(others.len())];
                let at = boundary(other, numbers.below(other.len() + 1));
                let end = boundary(other, (at + 200).min(other.len()));
                text.insert_str(from, &other[at..end]);
            }
        }
    }
    text
}

#[test]
fn no_damage_to_a_file_stops_its_reader() {
    let asked = std::env::var("ROLLOUT_TEST_MUTATIONS").ok();
    let all: usize = asked.and_then(|many| many.parse().ok()).unwrap_or(2_000);
    let formats = formats();
    let each = all.div_ceil(formats.len());
    let mut slowest = None;
    for Format { name, seeds, read } in &formats {
        let mut numbers = Numbers(0x00da_7a9e);
        for _ in 0..each {
            let text = damaged(&seeds[numbers.below(seeds.len())], seeds, &mut numbers);
            let began = cpu::used();
            let survived = std::panic::catch_unwind(|| read(&text));
            assert!(survived.is_ok(), "{name}: a reader panicked at\n{text}");
            let took = cpu::used().zip(began).map(|(now, began)| now - began);
            slowest = slowest.max(took);
            assert!(
                took < Some(LONGEST),
                "{name}: a reader took {took:?} for\n{text}"
            );
        }
    }
    let memory = cpu::most_memory();
    // Other tests have memory of their own.
    let alone = all > 2_000;
    assert!(!alone || memory < Some(MOST), "{memory:?} bytes were held");
    println!(
        "{} damaged texts of {} formats, the slowest in {slowest:?}; at most {memory:?} bytes held",
        each * formats.len(),
        formats.len()
    );
}

//! What answers cost the server: the samples that it read for them, as Prometheus says with
//! `stats=all`. Other servers do not say.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde::Deserialize;

/// Samples that were read since it was asked.
#[derive(Debug, Default)]
pub(super) struct Effort {
    is_asked: AtomicBool,
    samples: AtomicU64,
    said: AtomicU64,
    unsaid: AtomicU64,
}

#[derive(Deserialize)]
struct Envelope {
    data: Option<Data>,
}

#[derive(Deserialize)]
struct Data {
    stats: Option<Stats>,
}

#[derive(Deserialize)]
struct Stats {
    samples: Option<Samples>,
}

#[derive(Deserialize)]
struct Samples {
    #[serde(rename = "totalQueryableSamples")]
    total: u64,
}

impl Effort {
    pub(super) fn is_asked(&self) -> bool {
        self.is_asked.load(Ordering::Relaxed)
    }

    /// Adds what an answer says of itself.
    pub(super) fn add(&self, body: &[u8]) {
        if !self.is_asked() {
            return;
        }
        let read = serde_json::from_slice::<Envelope>(body).ok();
        let samples = read.and_then(|envelope| envelope.data?.stats?.samples);
        match samples {
            Some(samples) => {
                self.samples.fetch_add(samples.total, Ordering::Relaxed);
                self.said.fetch_add(1, Ordering::Relaxed);
            }
            None => {
                self.unsaid.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// From now on it is asked for.
    pub(super) fn start(&self) {
        self.is_asked.store(true, Ordering::Relaxed);
    }

    /// Samples that were read since the latest call; `None` where the server does not say of each answer.
    pub(super) fn take(&self) -> Option<u64> {
        let take = |count: &AtomicU64| count.swap(0, Ordering::Relaxed);
        let Self {
            is_asked: _,
            samples,
            said,
            unsaid,
        } = self;
        let (samples, said, unsaid) = (take(samples), take(said), take(unsaid));
        (said > 0 && unsaid == 0).then_some(samples)
    }
}

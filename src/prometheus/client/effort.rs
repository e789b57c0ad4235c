//! What answers cost the server: the samples that it read for them, as Prometheus says with
//! `stats=all`. Other servers do not say.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde::Deserialize;

use super::Client;

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
}

impl Client {
    /// From now on the server is asked how many samples it reads.
    pub(in crate::prometheus) fn count_samples(&self) {
        self.effort.is_asked.store(true, Ordering::Relaxed);
    }

    /// Samples that were read for the answers since the latest call; `None` where the server does not say
    /// of each of them.
    pub(in crate::prometheus) fn samples_read(&self) -> Option<u64> {
        let take = |count: &AtomicU64| count.swap(0, Ordering::Relaxed);
        let Effort {
            is_asked: _,
            samples,
            said,
            unsaid,
        } = &self.effort;
        let (samples, said, unsaid) = (take(samples), take(said), take(unsaid));
        (said > 0 && unsaid == 0).then_some(samples)
    }
}

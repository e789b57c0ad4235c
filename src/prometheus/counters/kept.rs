//! What was found of counters, kept for an hour: how often they are scraped, where nothing is wrong with
//! them. A counter that stops to be one meanwhile moves no traffic: before such a decision nothing that is
//! kept is used.

use crate::plan::VectorSelector;
use crate::prometheus::Client;
use crate::units::{Instant, Period};

/// For so long it is used.
const KEPT: Period = Period::from_hours(1);

/// Under this name; it changes with the form and with what is looked at.
const NAME: &str = "scrapes 1";

fn key(selector: &VectorSelector) -> [String; 2] {
    [selector.text(), NAME.to_owned()]
}

/// The seconds between scrapes of a counter of which a run within the last hour has found nothing wrong.
pub(super) fn load(client: &Client, selector: &VectorSelector, now: Instant) -> Option<u32> {
    let cache = client.cache()?;
    let every = read(&cache.load(&key(selector))?, now)?;
    cache.note_use();
    Some(every)
}

/// Keeps the seconds between scrapes of a counter of which nothing is wrong.
pub(super) fn store(client: &Client, selector: &VectorSelector, every: u32, now: Instant) {
    if let Some(cache) = client.cache() {
        cache.store(&key(selector), &write(every, now));
    }
}

/// When it was found, and the seconds between scrapes.
fn write(every: u32, now: Instant) -> Vec<u8> {
    let mut bytes = now.timestamp().to_le_bytes().to_vec();
    bytes.extend(every.to_le_bytes());
    bytes
}

fn read(bytes: &[u8], now: Instant) -> Option<u32> {
    let (found_at, every) = bytes.split_first_chunk::<8>()?;
    let age = now.timestamp() - i64::from_le_bytes(*found_at);
    let is_fresh = (0..i64::from(KEPT.seconds())).contains(&age);
    let every = u32::from_le_bytes(every.try_into().ok()?);
    is_fresh.then_some(every)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        chrono::DateTime::from_timestamp(seconds, 0).unwrap()
    }

    #[test]
    fn what_was_found_is_used_for_an_hour_and_never_before_it_was_found() {
        let bytes = write(15, at(36_000));
        assert_eq!(read(&bytes, at(36_000)), Some(15));
        assert_eq!(read(&bytes, at(39_599)), Some(15));
        assert_eq!(read(&bytes, at(39_600)), None);
        assert_eq!(read(&bytes, at(35_999)), None);
        assert_eq!(read(&bytes[..11], at(36_000)), None);
        assert_eq!(read(b"", at(36_000)), None);
    }
}

//! A stretch of numbers as a text of few characters that gives them back bit for bit.
//!
//! The numbers are whole multiples of a power of ten. Each is foreseen as a moving average of those before
//! it, and what it is off by is written in as many bits as such differences usually need: a Rice code whose
//! parameter follows their mean, as in lossless audio (T. Robinson, SHORTEN, Cambridge 1994) and images
//! (JPEG-LS, ITU-T T.87, A.5.1). The bits are spelled in Z85 (rfc.zeromq.org/spec/32), five characters for
//! four bytes, of which none has to be escaped in JSON. Counts around 3,000 in blocks of five minutes take
//! 1.3 characters each.
//!
//! ```text
//! 864,0,3,6,3021,<Z85>    so many numbers, decimals, weight, bits of the first, first number, bits
//! ```

/// Fewer numbers than this are shorter as they are.
const LEAST: usize = 8;

/// Decimals of a number, at most: 10^15 still is an exact `f64`.
const MOST_DECIMALS: usize = 15;

/// A multiple is below this, so that every one of them is an exact `f64`.
const MOST: i64 = 1 << 52;

/// What stands between the fields.
const COMMA: char = ',';

/// The average takes in one part of 2^weight of each number. The first repeats the last number, the last
/// follows a mean over some 60: which of them fits is tried.
const WEIGHTS: std::ops::RangeInclusive<u32> = 0..=5;

/// Bits of an average's fraction.
const FRACTION: u32 = 8;

/// Ones in a row that say that the whole difference follows.
const ESCAPE: u32 = 32;

/// The text of these numbers; `None` where they are no multiples of a power of ten, or few.
pub(super) fn dense(values: &[f64]) -> Option<String> {
    let (&first, others) = values.split_first().filter(|_| values.len() >= LEAST)?;
    let texts = std::iter::once(&first).chain(others);
    // Negative zero is zero.
    let texts: Vec<String> = texts.map(|value| (value + 0.0).to_string()).collect();
    let fraction = |text: &String| text.split_once('.').map_or(0, |(_, digits)| digits.len());
    let decimals = texts.iter().map(fraction).max()?;
    if decimals > MOST_DECIMALS {
        return None;
    }
    let multiple = |text: &String| -> Option<i64> {
        let zeros = "0".repeat(decimals - fraction(text));
        let digits = text.replace('.', "") + &zeros;
        digits.parse().ok().filter(|whole: &i64| whole.abs() < MOST)
    };
    let multiples: Vec<i64> = texts.iter().map(multiple).collect::<Option<_>>()?;
    let (&first, others) = multiples.split_first()?;
    let spelled = WEIGHTS.map(|weight| {
        let mut average = Average::of(first, weight);
        let off: Vec<u64> = others.iter().map(|value| average.off(*value)).collect();
        let start = Usual::of(&off).bits();
        let mut bits = Bits::default();
        let mut usual = Usual::from_bits(start);
        for off in &off {
            bits.push_rice(*off, usual.bits());
            usual.learn(*off);
        }
        let bits = z85(&bits.bytes());
        let count = values.len();
        format!("{count},{decimals},{weight},{start},{first},{bits}")
    });
    spelled.min_by_key(String::len)
}

/// The numbers of such a text, at most so many; `None` where it is anything else.
pub(super) fn numbers(text: &str, most: usize) -> Option<Vec<f64>> {
    let mut fields = text.splitn(6, COMMA);
    let count: usize = fields.next()?.parse().ok()?;
    let decimals: usize = fields.next()?.parse().ok()?;
    let weight: u32 = fields.next()?.parse().ok()?;
    let start: u32 = fields
        .next()?
        .parse()
        .ok()
        .filter(|bits| *bits < u64::BITS)?;
    let first: i64 = fields.next()?.parse().ok().filter(is_exact)?;
    let bytes = from_z85(fields.next()?)?;
    let is_of_us = decimals <= MOST_DECIMALS && WEIGHTS.contains(&weight);
    if !is_of_us || !(1..=most).contains(&count) {
        return None;
    }
    let mut bits = Reader::of(&bytes);
    let mut average = Average::of(first, weight);
    let mut usual = Usual::from_bits(start);
    let mut values = Vec::with_capacity(count);
    values.push(value(first, decimals)?);
    while values.len() < count {
        let off = bits.rice(usual.bits())?;
        usual.learn(off);
        values.push(value(average.next(off)?, decimals)?);
    }
    Some(values)
}

fn is_exact(multiple: &i64) -> bool {
    multiple.checked_abs().is_some_and(|size| size < MOST)
}

/// The number that is written like this: the nearest `f64`, as of any decimal text.
fn value(multiple: i64, decimals: usize) -> Option<f64> {
    format!("{multiple}e-{decimals}").parse().ok()
}

/// What is foreseen of the next number.
struct Average {
    /// In parts of 2^[`FRACTION`].
    level: i64,
    weight: u32,
}

impl Average {
    const fn of(first: i64, weight: u32) -> Self {
        Self {
            level: first << FRACTION,
            weight,
        }
    }

    /// The nearest whole number.
    const fn foreseen(&self) -> i64 {
        (self.level + (1 << (FRACTION - 1))) >> FRACTION
    }

    /// What this number is off by, signs folded: 0, -1, 1, -2, 2 are 0, 1, 2, 3, 4.
    const fn off(&mut self, value: i64) -> u64 {
        let off = value - self.foreseen();
        self.learn(value);
        ((off << 1) ^ (off >> 63)).cast_unsigned()
    }

    /// The number that is off by this.
    fn next(&mut self, off: u64) -> Option<i64> {
        let half = (off >> 1).cast_signed();
        let off = if off & 1 == 0 { half } else { -1 - half };
        let value = self.foreseen().checked_add(off).filter(is_exact)?;
        self.learn(value);
        Some(value)
    }

    const fn learn(&mut self, value: i64) {
        self.level += ((value << FRACTION) - self.level) >> self.weight;
    }
}

/// How much numbers usually are off: a sum over some of the latest, and how many.
struct Usual {
    sum: u64,
    count: u64,
}

impl Usual {
    /// So many are looked back at.
    const MEMORY: u64 = 32;

    fn of(all: &[u64]) -> Self {
        let sum = all.iter().fold(0, |sum: u64, off| sum.saturating_add(*off));
        Self {
            sum,
            count: u64::try_from(all.len()).unwrap_or(u64::MAX),
        }
    }

    const fn from_bits(bits: u32) -> Self {
        Self {
            sum: 1 << bits,
            count: 1,
        }
    }

    /// Bits that are written as they are: half the mean needs no more. Of differences around a normal
    /// distribution that is within 0.1 bits of the best.
    fn bits(&self) -> u32 {
        let half = self.sum / self.count.max(1) / 2;
        u64::BITS - half.leading_zeros()
    }

    const fn learn(&mut self, off: u64) {
        self.sum = self.sum.saturating_add(off);
        self.count += 1;
        if self.count == Self::MEMORY {
            self.sum /= 2;
            self.count /= 2;
        }
    }
}

/// Bits one after the other, the highest of a byte first.
#[derive(Default)]
struct Bits {
    bits: Vec<bool>,
}

impl Bits {
    /// A number above its lowest bits as ones and a zero, then these bits.
    fn push_rice(&mut self, number: u64, low: u32) {
        let high = number >> low;
        if high >= u64::from(ESCAPE) {
            self.push(u64::MAX, ESCAPE);
            self.push(number, u64::BITS);
            return;
        }
        self.bits.extend((0..high).map(|_| true));
        self.bits.push(false);
        self.push(number, low);
    }

    /// The lowest so many bits.
    fn push(&mut self, number: u64, count: u32) {
        let bit = |place: u32| number >> place & 1 == 1;
        self.bits.extend((0..count).rev().map(bit));
    }

    fn bytes(&self) -> Vec<u8> {
        let byte = |bits: &[bool]| {
            let bits = bits.iter().zip([128, 64, 32, 16, 8, 4, 2, 1]);
            bits.map(|(is_set, bit)| if *is_set { bit } else { 0 })
                .sum()
        };
        self.bits.chunks(8).map(byte).collect()
    }
}

/// The same bits read.
struct Reader<'a> {
    bytes: &'a [u8],
    place: usize,
}

impl<'a> Reader<'a> {
    const fn of(bytes: &'a [u8]) -> Self {
        Self { bytes, place: 0 }
    }

    fn bit(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.place / 8)?;
        let is_set = byte << (self.place % 8) & 128 != 0;
        self.place += 1;
        Some(is_set)
    }

    fn whole(&mut self, count: u32) -> Option<u64> {
        (0..count).try_fold(0, |number, _| Some(number << 1 | u64::from(self.bit()?)))
    }

    fn rice(&mut self, low: u32) -> Option<u64> {
        let mut high = 0;
        while self.bit()? {
            high += 1;
            if high == ESCAPE {
                return self.whole(u64::BITS);
            }
        }
        let high = u64::from(high).checked_mul(1_u64.checked_shl(low)?)?;
        high.checked_add(self.whole(low)?)
    }
}

/// The characters of Z85, in order.
const Z85: &[u8; 85] =
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/// Bytes as text; zeros fill the last four.
fn z85(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() / 4 * 5 + 5);
    for chunk in bytes.chunks(4) {
        let mut four = [0; 4];
        four[..chunk.len()].copy_from_slice(chunk);
        let mut rest = u32::from_be_bytes(four);
        let mut five = [b'0'; 5];
        for place in five.iter_mut().rev() {
            *place = Z85[(rest % 85) as usize];
            rest /= 85;
        }
        text.extend(five.map(char::from));
    }
    text
}

fn from_z85(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 5 * 4);
    for five in text.as_bytes().chunks(5) {
        let five: [u8; 5] = five.try_into().ok()?;
        let four = five.iter().try_fold(0_u32, |sum, byte| {
            let digit = Z85.iter().position(|known| known == byte)?;
            sum.checked_mul(85)?.checked_add(u32::try_from(digit).ok()?)
        })?;
        bytes.extend(four.to_be_bytes());
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand::SeedableRng as _;
    use rand_distr::{Distribution as _, Poisson};
    use rand_pcg::Pcg64;

    use super::*;

    fn bits(values: &[f64]) -> Vec<u64> {
        values.iter().map(|value| value.to_bits()).collect()
    }

    #[test]
    fn text_of_bytes_is_that_of_the_specification() {
        let bytes = [0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b];
        assert_eq!(z85(&bytes), "HelloWorld");
        assert_eq!(from_z85("HelloWorld").unwrap(), bytes);
        assert_eq!(from_z85("Hello,orld"), None);
        assert_eq!(from_z85("#####"), None);
    }

    #[test]
    fn a_steady_count_takes_little_more_than_its_noise() {
        let mut random = Pcg64::seed_from_u64(1);
        for (mean, most) in [(0.2, 0.25), (5.0, 0.65), (3_000.0, 1.38), (300_000.0, 1.9)] {
            let poisson = Poisson::new(mean).unwrap();
            let counts: Vec<f64> = (0..2_016).map(|_| poisson.sample(&mut random)).collect();
            let text = dense(&counts).unwrap();
            assert_eq!(bits(&numbers(&text, 2_016).unwrap()), bits(&counts));
            // The entropy of a Poisson count is log2(2 pi e mean) / 2 bits, of which a character holds 6.4.
            let each = text.len() as f64 / counts.len() as f64;
            assert!(each < most, "{mean}: {each}");
        }
    }

    #[test]
    fn fractions_and_levels_below_zero_come_back() {
        let mut random = Pcg64::seed_from_u64(2);
        let level = |_| -> f64 {
            let level: f64 = random.random_range(-40.0..40.0);
            format!("{level:.4}").parse().unwrap()
        };
        let levels: Vec<f64> = (0..288).map(level).collect();
        let text = dense(&levels).unwrap();
        assert_eq!(bits(&numbers(&text, 288).unwrap()), bits(&levels));
    }

    #[test]
    fn what_is_no_such_text_is_not_read() {
        let counts: Vec<f64> = (0..20).map(|k| f64::from(k % 7)).collect();
        let text = dense(&counts).unwrap();
        assert_eq!(numbers(&text, 20).unwrap(), counts);
        assert_eq!(numbers(&text, 19), None);
        assert_eq!(numbers(&text[..text.len() - 1], 20), None);
        assert_eq!(numbers(&text[..text.len() - 5], 20), None);
        for text in [
            "",
            "3",
            "3,0,0,0,1",
            "3,16,0,0,1,00000",
            "3,0,9,0,1,00000",
            "3,0,0,64,1,00000",
            "3,0,0,0,-9223372036854775808,00000",
            "99999999999999999999,0,0,0,1,00000",
        ] {
            assert_eq!(numbers(text, 100), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_written_comes_back_bit_for_bit(
            values in proptest::collection::vec(prop_oneof![
                (0_u32..4).prop_map(f64::from),
                (-100_000_i32..100_000).prop_map(|value| f64::from(value) / 1_000.0),
                0.0_f64..1e15,
                proptest::num::f64::NORMAL,
            ], 0..60)
        ) {
            if let Some(text) = dense(&values) {
                prop_assert_eq!(bits(&numbers(&text, values.len()).unwrap()), bits(&values));
            }
        }

        #[test]
        fn nothing_makes_reading_panic(text in "([0-9]{1,3},){3}[0-9]{1,2},-?[0-9]{1,16},[0-9a-zA-Z#]{0,30}") {
            let _ = numbers(&text, 1_000);
        }
    }
}

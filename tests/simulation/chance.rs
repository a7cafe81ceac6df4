//! Chance that can be played again: every draw follows from the seed.

use std::sync::Mutex;

use kith_domain::Ids;
use kith_tests::locked;
use uuid::Uuid;

/// A stream of numbers (`SplitMix64`, Steele, Lea and Flood 2014).
#[derive(Debug)]
pub(crate) struct Chance(Mutex<u64>);

impl Chance {
    pub(crate) const fn of(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }

    pub(crate) fn draw(&self) -> u64 {
        let mut state = locked(&self.0);
        *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut drawn = *state;
        drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        drawn ^ (drawn >> 31)
    }

    /// From 0 to `most`, both included.
    pub(crate) fn up_to(&self, most: i64) -> i64 {
        let sides = u64::try_from(most + 1).expect("a positive number");
        i64::try_from(self.draw() % sides).expect("no more than the most")
    }

    pub(crate) fn between(&self, least: i64, most: i64) -> i64 {
        least + self.up_to(most - least)
    }

    pub(crate) fn one_in(&self, times: i64) -> bool {
        self.up_to(times - 1) == 0
    }

    pub(crate) fn pick<'a, T>(&self, from: &'a [T]) -> Option<&'a T> {
        let last = i64::try_from(from.len()).expect("few") - 1;
        if last < 0 { None } else { from.get(usize::try_from(self.up_to(last)).expect("small")) }
    }
}

/// Ids that come again with the same seed, in the same order.
impl Ids for Chance {
    fn next(&self) -> Uuid {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.draw().to_be_bytes());
        bytes[8..].copy_from_slice(&self.draw().to_be_bytes());
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

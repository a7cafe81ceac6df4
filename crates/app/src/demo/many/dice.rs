//! Chance that falls the same way each time.

use std::sync::{Mutex, PoisonError};

use kith_domain::Ids;
use uuid::{Builder, Uuid};

/// `SplitMix64` (Steele, Lea and Flood, 2014): enough for names and ids that nobody has to guess at.
pub(super) struct Dice(u64);

impl Dice {
    /// Dice of their own for each number and each purpose.
    pub(super) fn of(number: u32, purpose: u64) -> Self {
        Self(u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ purpose)
    }

    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// 0 to `end`, without `end`.
    pub(super) fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.throw() % u64::from(end.max(1))).unwrap_or(0)
    }

    /// Whether something happens that happens so many times in a hundred.
    pub(super) fn happens(&mut self, in_a_hundred: u32) -> bool {
        self.below(100) < in_a_hundred
    }

    /// One of a list.
    pub(super) fn one_of<T: Copy + Default>(&mut self, list: &[T]) -> T {
        let end = u32::try_from(list.len()).unwrap_or(u32::MAX);
        let at = usize::try_from(self.below(end)).unwrap_or(0);
        list.get(at).copied().unwrap_or_default()
    }
}

/// Ids that are the same each time. They name things of the demonstration and open nothing.
pub(super) struct SeededIds(Mutex<Dice>);

impl SeededIds {
    pub(super) fn of(number: u32, purpose: u64) -> Self {
        Self(Mutex::new(Dice::of(number, purpose)))
    }
}

impl Ids for SeededIds {
    fn next(&self) -> Uuid {
        let mut dice = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bits = (u128::from(dice.throw()) << 64) | u128::from(dice.throw());
        Builder::from_random_bytes(bits.to_be_bytes()).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_same_number_gives_the_same_and_another_gives_others() {
        let ids = |number| {
            let ids = SeededIds::of(number, 7);
            (0..1_000).map(|_| ids.next()).collect::<BTreeSet<_>>()
        };
        assert_eq!(ids(1), ids(1));
        assert_eq!(ids(1).union(&ids(2)).count(), 2_000);
        assert!(ids(3).iter().all(|id| id.get_version_num() == 4));
    }

    #[test]
    fn what_happens_often_happens_often() {
        let mut dice = Dice::of(1, 1);
        let times = (0..10_000).filter(|_| dice.happens(30)).count();
        assert!((2_800..3_200).contains(&times), "{times}");
        assert!((0..100).all(|_| dice.below(3) < 3));
    }
}

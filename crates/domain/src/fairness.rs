//! Whether a week rests on two people. Said plainly to the carer, and never kept: nobody has a score.

use std::collections::BTreeMap;

/// Promises of a week below which nothing is said: two people who do four things are no burden.
pub const FEWEST: usize = 5;

/// Two who carry most of a week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TwoCarry<T> {
    /// Who; the one with more first.
    pub who: [T; 2],
    /// How many they promised or did.
    pub theirs: usize,
    /// Of how many.
    pub of: usize,
}

/// The two people who promised or did at least three quarters of `promises`, one entry a promise;
/// `None` when it is spread better, or too little to speak of.
pub fn two_carry<T: Copy + Ord>(promises: impl IntoIterator<Item = T>) -> Option<TwoCarry<T>> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    for who in promises {
        *counts.entry(who).or_default() += 1;
    }
    let of: usize = counts.values().sum();
    let mut most: Vec<(usize, T)> = counts.into_iter().map(|(who, count)| (count, who)).collect();
    most.sort_by(|one, other| other.cmp(one));
    let [(first, one), (second, other), ..] = most.as_slice() else { return None };
    let theirs = first + second;
    (of >= FEWEST && theirs * 4 >= of * 3).then_some(TwoCarry { who: [*one, *other], theirs, of })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_of_eight_is_said_and_half_is_not() {
        let week = ["Joan", "Tom", "Joan", "Tom", "Joan", "Joan", "Derek", "Priya"];
        let found = two_carry(week);
        assert_eq!(found, Some(TwoCarry { who: ["Joan", "Tom"], theirs: 6, of: 8 }));
        assert_eq!(two_carry(["Joan", "Tom", "Derek", "Priya", "Ruth", "Sam"]), None);
        assert_eq!(two_carry(["Joan", "Tom", "Joan", "Tom"]), None, "too little to speak of");
        assert_eq!(two_carry(["Joan"; 9]), None, "that is one person");
    }
}

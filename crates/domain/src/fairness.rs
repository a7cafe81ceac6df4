//! Whether a week rests on one person or on two. Said plainly to the carer, and never kept: nobody has a score.

use std::collections::BTreeMap;

/// Promises of a week below which nothing is said: four things are no burden.
pub const FEWEST: usize = 5;

/// One person who carries most of a week, or two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FewCarry<T> {
    /// Who, one or two; the one with more first.
    pub who: Vec<T>,
    /// How many they promised or did.
    pub theirs: usize,
    /// Of how many.
    pub of: usize,
}

/// The one person, or else the two, who promised or did at least three quarters of `promises`, one
/// entry a promise; `None` when it is spread better, or too little to speak of.
pub fn few_carry<T: Copy + Ord>(promises: impl IntoIterator<Item = T>) -> Option<FewCarry<T>> {
    let mut counts: BTreeMap<T, usize> = BTreeMap::new();
    for who in promises {
        *counts.entry(who).or_default() += 1;
    }
    let of: usize = counts.values().sum();
    if of < FEWEST {
        return None;
    }
    let mut most: Vec<(usize, T)> = counts.into_iter().map(|(who, count)| (count, who)).collect();
    most.sort_by(|one, other| other.cmp(one));
    (1..=2).find_map(|people| {
        let few = most.get(..people)?;
        let theirs: usize = few.iter().map(|(count, _)| count).sum();
        let who = few.iter().map(|(_, who)| *who).collect();
        (theirs * 4 >= of * 3).then_some(FewCarry { who, theirs, of })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_of_eight_is_said_and_half_is_not() {
        let week = ["Joan", "Tom", "Joan", "Tom", "Joan", "Joan", "Derek", "Priya"];
        let found = few_carry(week);
        assert_eq!(found, Some(FewCarry { who: vec!["Joan", "Tom"], theirs: 6, of: 8 }));
        assert_eq!(few_carry(["Joan", "Tom", "Derek", "Priya", "Ruth", "Sam"]), None);
        assert_eq!(few_carry(["Joan", "Tom", "Joan", "Tom"]), None, "too little to speak of");
    }

    #[test]
    fn one_who_carries_most_of_it_alone_is_named_alone() {
        let all = few_carry(["Ruth"; 5]);
        assert_eq!(all, Some(FewCarry { who: vec!["Ruth"], theirs: 5, of: 5 }));
        let most = few_carry(["Tom", "Ruth", "Ruth", "Ruth", "Ruth", "Ruth", "Ruth", "Joan"]);
        assert_eq!(most, Some(FewCarry { who: vec!["Ruth"], theirs: 6, of: 8 }));
    }
}

//! A set of categories, small enough to copy.

use core::fmt;

use crate::access::Category;

/// A set of [`Category`], one bit each.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct CategorySet(u32);

impl CategorySet {
    /// Nothing.
    pub const EMPTY: Self = Self(0);

    /// The set of these categories.
    pub const fn of(categories: &[Category]) -> Self {
        let mut set = Self::EMPTY;
        let mut rest = categories;
        while let [category, others @ ..] = rest {
            set = set.with(*category);
            rest = others;
        }
        set
    }

    /// This set and `category`.
    #[must_use]
    pub const fn with(self, category: Category) -> Self {
        Self(self.0 | Self::bit(category))
    }

    /// This set but `category`.
    #[must_use]
    pub const fn without(self, category: Category) -> Self {
        Self(self.0 & !Self::bit(category))
    }

    /// What is in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in this set and not in `other`.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether `category` is in it.
    pub const fn contains(self, category: Category) -> bool {
        self.0 & Self::bit(category) != 0
    }

    /// Whether everything of `other` is in it.
    pub const fn contains_all(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether nothing is in it.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many are in it.
    pub const fn len(self) -> usize {
        self.0.count_ones() as usize
    }

    /// What is in it, in the order of [`Category::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Category> {
        Category::ALL.iter().copied().filter(move |category| self.contains(*category))
    }

    const fn bit(category: Category) -> u32 {
        1 << category.index()
    }
}

impl FromIterator<Category> for CategorySet {
    fn from_iter<I: IntoIterator<Item = Category>>(categories: I) -> Self {
        categories.into_iter().fold(Self::EMPTY, Self::with)
    }
}

impl fmt::Debug for CategorySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Category::as_str)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_a_bit_of_its_own() {
        let all: CategorySet = Category::ALL.iter().copied().collect();
        assert_eq!(all.len(), Category::ALL.len());
        assert_eq!(all.iter().collect::<Vec<_>>(), Category::ALL);
        for category in Category::ALL {
            let without = all.without(*category);
            assert!(!without.contains(*category));
            assert_eq!(without.len(), all.len() - 1);
            assert_eq!(without.with(*category), all);
            assert!(all.contains_all(without) && !without.contains_all(all));
            assert_eq!(all.difference(without), CategorySet::of(&[*category]));
        }
    }

    #[test]
    fn debug_lists_the_words() {
        let set = CategorySet::of(&[Category::Care]).union(CategorySet::of(&[Category::Rota]));
        assert_eq!(format!("{set:?}"), r#"{"rota", "care"}"#);
        assert!(CategorySet::EMPTY.is_empty() && !set.is_empty());
    }
}

//! Who is in a circle, what was granted to them, and how a circle's state may change.

use crate::access::{Category, CircleState, Standing};
use crate::category_set::CategorySet;
use crate::time::Timestamp;
use crate::words::words;

words! {
    /// What a member is in one circle.
    pub enum MemberRole {
        /// The person whose circle it is.
        Patient = "patient",
        /// Speaks for the patient.
        Carer = "carer",
        /// A compassionate friend.
        Friend = "friend",
        /// One of the hospice's volunteers, accepted into the circle.
        Volunteer = "volunteer",
    }
}

words! {
    /// Whether a member has answered, and is still there.
    pub enum MembershipState {
        /// Asked, has not answered.
        Invited = "invited",
        /// Said yes.
        Active = "active",
        /// Said no, left, was taken out or never answered.
        Left = "left",
    }
}

impl MemberRole {
    /// What such a member is towards the circle at this moment.
    pub const fn standing(self, state: MembershipState) -> Standing {
        match (state, self) {
            (MembershipState::Invited, _) => Standing::Invited,
            (MembershipState::Left, _) => Standing::Left,
            (MembershipState::Active, Self::Patient) => Standing::Patient,
            (MembershipState::Active, Self::Carer) => Standing::Carer,
            (MembershipState::Active, Self::Friend) => Standing::Friend,
            (MembershipState::Active, Self::Volunteer) => Standing::Volunteer,
        }
    }
}

words! {
    /// On what basis a grant was decided.
    pub enum GrantBasis {
        /// The patient decided.
        OwnConsent = "own_consent",
        /// An attorney for health and welfare decided.
        Attorney = "attorney",
        /// A best-interests decision (Mental Capacity Act 2005, section 4).
        BestInterests = "best_interests",
    }
}

/// When a grant counts. A grant is never edited, only ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GrantPeriod {
    /// First second in which it counts.
    pub from: Timestamp,
    /// First second in which it no longer counts, when an end was decided.
    pub until: Option<Timestamp>,
    /// When it was withdrawn.
    pub withdrawn: Option<Timestamp>,
}

impl GrantPeriod {
    /// Whether the grant counts at `at`.
    pub fn is_live(&self, at: Timestamp) -> bool {
        self.from <= at
            && self.until.is_none_or(|until| at < until)
            && self.withdrawn.is_none_or(|withdrawn| at < withdrawn)
    }
}

words! {
    /// The answers to "What may she see?". Each is only a set of grants.
    pub enum Preset {
        /// *Just the rota*.
        JustRota = "just_rota",
        /// *The rota, and how she is*.
        HowSheIs = "how_she_is",
        /// *Also the private page*.
        PrivatePage = "private_page",
    }
}

const JUST_ROTA: CategorySet =
    CategorySet::of(&[Category::Identity, Category::Rota, Category::Task, Category::Help]);
const HOW_SHE_IS: CategorySet =
    JUST_ROTA.with(Category::Address).with(Category::News).with(Category::People);
const PRIVATE_PAGE: CategorySet = HOW_SHE_IS.with(Category::Care);

impl Preset {
    /// What it grants.
    pub const fn categories(self) -> CategorySet {
        match self {
            Self::JustRota => JUST_ROTA,
            Self::HowSheIs => HOW_SHE_IS,
            Self::PrivatePage => PRIVATE_PAGE,
        }
    }

    /// What it grants with or without the tick *and how to get in*.
    pub const fn with_entry(self, entry: bool) -> CategorySet {
        if entry { self.categories().with(Category::Entry) } else { self.categories() }
    }

    /// The preset, and the tick *and how to get in*, that grant exactly these categories; `None`
    /// when they were chosen item by item.
    pub fn of(granted: CategorySet) -> Option<(Self, bool)> {
        let entry = granted.contains(Category::Entry);
        let rest = granted.without(Category::Entry);
        Self::ALL.iter().find(|p| p.categories() == rest).map(|preset| (*preset, entry))
    }
}

words! {
    /// Where a member's bead is drawn. Shown to the patient and the carers only.
    pub enum Ring {
        /// Sees the private page, or how to get in.
        Inner = "inner",
        /// Sees how she is, or where she lives.
        Middle = "middle",
        /// Helps with the rota.
        Outer = "outer",
        /// Has not answered.
        Invited = "invited",
    }
}

impl Ring {
    /// The ring of a member with these grants; `None` for somebody who has left.
    pub const fn of(state: MembershipState, granted: CategorySet) -> Option<Self> {
        match state {
            MembershipState::Left => None,
            MembershipState::Invited => Some(Self::Invited),
            MembershipState::Active => {
                Some(if granted.contains(Category::Care) || granted.contains(Category::Entry) {
                    Self::Inner
                } else if granted.contains(Category::News) || granted.contains(Category::Address) {
                    Self::Middle
                } else {
                    Self::Outer
                })
            }
        }
    }
}

impl CircleState {
    /// Whether a circle in this state may come to `next`.
    ///
    /// Nothing comes back from `erased`. A frozen circle is not erased before somebody lifts the
    /// freeze. `ending` may be undone (mistakes happen), `remembering` only as far as `ending`.
    pub const fn may_become(self, next: Self) -> bool {
        use CircleState as S;
        match self {
            S::Forming => {
                matches!(next, S::Active | S::Frozen | S::Restricted | S::Ending | S::Erased)
            }
            S::Active => {
                matches!(next, S::Paused | S::Frozen | S::Restricted | S::Ending | S::Erased)
            }
            S::Paused => {
                matches!(next, S::Active | S::Frozen | S::Restricted | S::Ending | S::Erased)
            }
            S::Frozen => {
                matches!(next, S::Forming | S::Active | S::Paused | S::Restricted | S::Ending)
            }
            S::Restricted => matches!(
                next,
                S::Forming | S::Active | S::Paused | S::Frozen | S::Ending | S::Erased
            ),
            S::Ending => matches!(
                next,
                S::Active | S::Paused | S::Frozen | S::Restricted | S::Remembering | S::Erased
            ),
            S::Remembering => matches!(next, S::Ending | S::Restricted | S::Erased),
            S::Erased | S::NoCircle => false,
        }
    }

    /// Whether the circle asks for help, lets tasks be taken and reminds.
    pub const fn asks_and_reminds(self) -> bool {
        matches!(self, Self::Active)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_grow_and_are_recognised() {
        assert!(HOW_SHE_IS.contains_all(JUST_ROTA));
        assert!(PRIVATE_PAGE.contains_all(HOW_SHE_IS));
        for preset in Preset::ALL {
            assert!(!preset.categories().contains(Category::Entry));
            for entry in [false, true] {
                assert_eq!(Preset::of(preset.with_entry(entry)), Some((*preset, entry)));
            }
            assert_eq!(Preset::of(preset.categories().without(Category::Rota)), None);
        }
        assert_eq!(Preset::of(CategorySet::EMPTY), None);
    }

    #[test]
    fn rings_follow_the_grants() {
        let ring = |set| Ring::of(MembershipState::Active, set);
        assert_eq!(ring(Preset::JustRota.categories()), Some(Ring::Outer));
        assert_eq!(ring(Preset::JustRota.with_entry(true)), Some(Ring::Inner));
        assert_eq!(ring(Preset::HowSheIs.categories()), Some(Ring::Middle));
        assert_eq!(ring(Preset::PrivatePage.categories()), Some(Ring::Inner));
        assert_eq!(ring(CategorySet::EMPTY), Some(Ring::Outer));
        assert_eq!(Ring::of(MembershipState::Invited, PRIVATE_PAGE), Some(Ring::Invited));
        assert_eq!(Ring::of(MembershipState::Left, PRIVATE_PAGE), None);
    }

    #[test]
    fn only_an_active_member_stands_as_what_she_is() {
        for role in MemberRole::ALL {
            assert_eq!(role.standing(MembershipState::Invited), Standing::Invited);
            assert_eq!(role.standing(MembershipState::Left), Standing::Left);
            assert_eq!(role.standing(MembershipState::Active).as_str(), role.as_str());
        }
    }

    #[test]
    fn a_grant_counts_from_its_first_second_until_it_ends() {
        let at = Timestamp::from_second;
        let open = GrantPeriod { from: at(100), until: None, withdrawn: None };
        assert!(!open.is_live(at(99)) && open.is_live(at(100)) && open.is_live(at(1_000_000)));
        let ended = GrantPeriod { until: Some(at(200)), ..open };
        assert!(ended.is_live(at(199)) && !ended.is_live(at(200)));
        let withdrawn = GrantPeriod { withdrawn: Some(at(150)), ..ended };
        assert!(withdrawn.is_live(at(149)) && !withdrawn.is_live(at(150)));
    }

    #[test]
    fn states_change_only_as_agreed() {
        use CircleState as S;
        for from in S::ALL {
            assert!(!from.may_become(*from), "{from} to itself");
            assert!(!S::Erased.may_become(*from));
            assert!(!S::NoCircle.may_become(*from) && !from.may_become(S::NoCircle));
            assert_eq!(from.asks_and_reminds(), *from == S::Active);
        }
        assert!(S::Forming.may_become(S::Active));
        assert!(S::Ending.may_become(S::Active), "a mistake can be undone");
        assert!(!S::Active.may_become(S::Remembering), "kind words come after the quiet");
        assert!(!S::Active.may_become(S::Forming));
        assert!(!S::Frozen.may_become(S::Erased));
        assert!(!S::Remembering.may_become(S::Active));
    }
}

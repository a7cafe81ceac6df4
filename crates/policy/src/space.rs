//! What the three tables are asked: field-less words only, so that each space is finite.

use casbin::{CoreApi as _, Enforcer};
use kith_domain::{Action, Basis, Category, CircleState, EXISTING_PAIRS, Standing, Tier};

/// One column of a rule.
#[derive(Debug)]
pub(crate) struct Column {
    /// Its name in the policy definition.
    pub(crate) name: &'static str,
    /// The name of what it is compared with in the request definition.
    pub(crate) told: &'static str,
    /// Bit of a word that a rule may hold here.
    pub(crate) bit: fn(&str) -> Option<u32>,
    /// Whether a rule may say `*`. Where it may not, the request tells several words and the rule
    /// names one of them.
    pub(crate) any: bool,
}

/// The bits of a request, one mask a column. A rule matches when each of its masks shares a bit.
pub(crate) type Masks = [u32; 5];

/// Matches every word.
pub(crate) const ANY: u32 = u32::MAX;

/// The questions of one table.
pub(crate) trait Space: Copy + core::fmt::Debug + Send + Sync {
    /// Name of the table and of its files.
    const NAME: &'static str;
    /// The columns between the rule's number and its effect.
    const COLUMNS: &'static [Column];
    /// Length of the dense array.
    const CELLS: usize;

    /// Every question about a pair of category and action that exists.
    fn all() -> impl Iterator<Item = Self> + Send;
    /// Position in the dense array.
    fn index(self) -> usize;
    /// What a rule is compared with.
    fn masks(self) -> Masks;
    /// Asks casbin.
    fn ask(self, enforcer: &Enforcer) -> casbin::Result<bool>;
    /// The question in words, for errors.
    fn words(self) -> String;
}

const STANDING: Column = Column {
    name: "standing",
    told: "standing",
    bit: |word| parsed(word).map(standing_bit),
    any: true,
};
const CATEGORY: Column = Column {
    name: "category",
    told: "category",
    bit: |word| parsed(word).map(category_bit),
    any: true,
};
const ACTION: Column =
    Column { name: "action", told: "action", bit: |word| parsed(word).map(action_bit), any: true };
const STATE: Column =
    Column { name: "state", told: "state", bit: |word| parsed(word).map(state_bit), any: true };
// A rule that asked for the lack of a grant or a window would give a permission to whoever loses
// one, so the words "none" and "shut" exist in requests only.
const GRANT: Column = Column {
    name: "grant",
    told: "grant",
    bit: |word| (word == LIVE[1]).then_some(0b10),
    any: true,
};
const WINDOW: Column = Column {
    name: "window",
    told: "window",
    bit: |word| (word == OPEN[1]).then_some(0b10),
    any: true,
};
const TIER: Column = Column {
    name: "tier",
    told: "reached",
    bit: |word| parsed(word).map(|tier: Tier| 1 << tier.index()),
    any: false,
};

const LIVE: [&str; 2] = ["none", "live"];
const OPEN: [&str; 2] = ["shut", "open"];

fn parsed<T: core::str::FromStr>(word: &str) -> Option<T> {
    word.parse().ok()
}

const fn standing_bit(standing: Standing) -> u32 {
    1 << standing.index()
}

const fn category_bit(category: Category) -> u32 {
    1 << category.index()
}

const fn action_bit(action: Action) -> u32 {
    1 << action.index()
}

const fn state_bit(state: CircleState) -> u32 {
    1 << state.index()
}

const STANDINGS: usize = Standing::ALL.len();
const CATEGORIES: usize = Category::ALL.len();
const ACTIONS: usize = Action::ALL.len();
const BASES: usize = Basis::ALL.len();
const TIERS: usize = Tier::ALL.len();
const STATES: usize = CircleState::ALL.len();

const _: () = assert!(STANDINGS <= 32 && CATEGORIES <= 32 && ACTIONS <= 32 && STATES <= 32);

const fn pair_index(category: Category, action: Action) -> usize {
    category.index() * ACTIONS + action.index()
}

/// A question of `policies/who.csv`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Who {
    pub(crate) standing: Standing,
    pub(crate) category: Category,
    pub(crate) action: Action,
    pub(crate) basis: Basis,
}

impl Who {
    const fn granted(self) -> bool {
        matches!(self.basis, Basis::Grant | Basis::Both)
    }

    const fn window_open(self) -> bool {
        matches!(self.basis, Basis::Window | Basis::Both)
    }

    fn told(self) -> [&'static str; 5] {
        [
            self.standing.as_str(),
            self.category.as_str(),
            self.action.as_str(),
            if self.granted() { LIVE[1] } else { LIVE[0] },
            if self.window_open() { OPEN[1] } else { OPEN[0] },
        ]
    }
}

impl Space for Who {
    const NAME: &'static str = "who";
    const COLUMNS: &'static [Column] = &[STANDING, CATEGORY, ACTION, GRANT, WINDOW];
    const CELLS: usize = STANDINGS * CATEGORIES * ACTIONS * BASES;

    fn all() -> impl Iterator<Item = Self> {
        Standing::ALL.iter().flat_map(|&standing| {
            EXISTING_PAIRS.iter().flat_map(move |&(category, action)| {
                Basis::ALL.iter().map(move |&basis| Self { standing, category, action, basis })
            })
        })
    }

    fn index(self) -> usize {
        (self.standing.index() * CATEGORIES * ACTIONS + pair_index(self.category, self.action))
            * BASES
            + self.basis.index()
    }

    fn masks(self) -> Masks {
        [
            standing_bit(self.standing),
            category_bit(self.category),
            action_bit(self.action),
            1 << u32::from(self.granted()),
            1 << u32::from(self.window_open()),
        ]
    }

    fn ask(self, enforcer: &Enforcer) -> casbin::Result<bool> {
        let [standing, category, action, grant, window] = self.told();
        enforcer.enforce((standing, category, action, grant, window))
    }

    fn words(self) -> String {
        self.told().join(" ")
    }
}

/// A question of `policies/sure.csv`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sure {
    pub(crate) tier: Tier,
    pub(crate) category: Category,
    pub(crate) action: Action,
}

impl Sure {
    /// The tiers that the session has reached. The lack of a session reaches nothing but itself,
    /// and no session reaches it.
    fn reached(self) -> impl Iterator<Item = Tier> {
        Tier::ALL
            .iter()
            .copied()
            .filter(move |&tier| tier == self.tier || (tier != Tier::None && tier < self.tier))
    }
}

impl Space for Sure {
    const NAME: &'static str = "sure";
    const COLUMNS: &'static [Column] = &[TIER, CATEGORY, ACTION];
    const CELLS: usize = TIERS * CATEGORIES * ACTIONS;

    fn all() -> impl Iterator<Item = Self> {
        Tier::ALL.iter().flat_map(|&tier| {
            EXISTING_PAIRS.iter().map(move |&(category, action)| Self { tier, category, action })
        })
    }

    fn index(self) -> usize {
        self.tier.index() * CATEGORIES * ACTIONS + pair_index(self.category, self.action)
    }

    fn masks(self) -> Masks {
        let reached = self.reached().fold(0, |mask, tier| mask | 1 << tier.index());
        [reached, category_bit(self.category), action_bit(self.action), 0, 0]
    }

    fn ask(self, enforcer: &Enforcer) -> casbin::Result<bool> {
        let reached: Vec<&str> = self.reached().map(Tier::as_str).collect();
        enforcer.enforce((reached, self.category.as_str(), self.action.as_str()))
    }

    fn words(self) -> String {
        format!("{} {} {}", self.tier, self.category, self.action)
    }
}

/// A question of `policies/state.csv`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct State {
    pub(crate) circle: CircleState,
    pub(crate) standing: Standing,
    pub(crate) category: Category,
    pub(crate) action: Action,
}

impl Space for State {
    const NAME: &'static str = "state";
    const COLUMNS: &'static [Column] = &[STATE, STANDING, CATEGORY, ACTION];
    const CELLS: usize = STATES * STANDINGS * CATEGORIES * ACTIONS;

    fn all() -> impl Iterator<Item = Self> {
        CircleState::ALL.iter().flat_map(|&circle| {
            Standing::ALL.iter().flat_map(move |&standing| {
                EXISTING_PAIRS.iter().map(move |&(category, action)| Self {
                    circle,
                    standing,
                    category,
                    action,
                })
            })
        })
    }

    fn index(self) -> usize {
        (self.circle.index() * STANDINGS + self.standing.index()) * CATEGORIES * ACTIONS
            + pair_index(self.category, self.action)
    }

    fn masks(self) -> Masks {
        [
            state_bit(self.circle),
            standing_bit(self.standing),
            category_bit(self.category),
            action_bit(self.action),
            0,
        ]
    }

    fn ask(self, enforcer: &Enforcer) -> casbin::Result<bool> {
        enforcer.enforce((
            self.circle.as_str(),
            self.standing.as_str(),
            self.category.as_str(),
            self.action.as_str(),
        ))
    }

    fn words(self) -> String {
        format!("{} {} {} {}", self.circle, self.standing, self.category, self.action)
    }
}

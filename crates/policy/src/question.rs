//! One combination of facts, without ids.

use core::fmt;

use kith_domain::{Action, Basis, Category, CircleState, Owner, Standing, Tier};

use crate::facts::Facts;

/// Everything that an answer depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// What the person is towards the owner.
    pub standing: Standing,
    /// What it is about.
    pub category: Category,
    /// What is to be done with it.
    pub action: Action,
    /// Why the person may see the category.
    pub basis: Basis,
    /// How sure we are that it is this person.
    pub tier: Tier,
    /// State of the circle.
    pub state: CircleState,
}

impl Question {
    /// `None` when the facts contradict each other: a circle without a state, or an organisation
    /// with the state of a circle.
    pub(crate) fn new(facts: &Facts, category: Category, action: Action) -> Option<Self> {
        let without_circle = matches!(facts.owner, Owner::Organisation(_));
        (without_circle == (facts.state == CircleState::NoCircle)).then_some(Self {
            standing: facts.standing,
            category,
            action,
            basis: facts.basis(category),
            tier: facts.tier,
            state: facts.state,
        })
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { standing, category, action, basis, tier, state } = self;
        write!(
            f,
            "standing {standing}, category {category}, action {action}, basis {basis}, \
             tier {tier}, state {state}"
        )
    }
}

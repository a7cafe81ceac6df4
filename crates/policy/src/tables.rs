//! The three tables.

use kith_domain::{Action, Basis, Category, CircleState, EXISTING_PAIRS, Standing, Tier};

use crate::facts::Facts;
use crate::verdict::{Outcome, Verdict};

/// Why the engine does not start.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// No rule.
    #[error("{0} has no rule")]
    NoRules(&'static str),
}

#[derive(Debug)]
pub(crate) struct Tables;

impl Tables {
    #[expect(clippy::unused_async, reason = "casbin loads asynchronously")]
    pub(crate) async fn load() -> Result<Self, LoadError> {
        Ok(Self)
    }

    #[expect(clippy::unused_self, reason = "the arrays live here")]
    pub(crate) fn decide(&self, facts: &Facts, category: Category, action: Action) -> Verdict {
        let outcome = if !EXISTING_PAIRS.contains(&(category, action)) {
            Outcome::Denied
        } else if let Some(tier) = step_up(facts, category, action) {
            Outcome::StepUp(tier)
        } else if (facts.tier == Tier::None) == (facts.standing == Standing::Job)
            && who(facts.standing, category, action, facts.basis(category))
            && sure(facts.tier, category, action)
            && state(facts.state, facts.standing, category, action)
        {
            Outcome::Allowed
        } else {
            Outcome::Denied
        };
        Verdict { outcome, who: None, sure: None, state: None }
    }
}

use Action as A;
use Category as C;
use CircleState as S;

fn step_up(facts: &Facts, category: Category, action: Action) -> Option<Tier> {
    let asked = match facts.standing {
        Standing::Patient | Standing::Carer | Standing::Friend | Standing::Volunteer => true,
        Standing::Coordinator | Standing::Administrator | Standing::Oneself => {
            who(facts.standing, category, action, Basis::Both)
        }
        _ => false,
    };
    let needed = [Tier::Link, Tier::SignedIn, Tier::Trusted, Tier::Fresh]
        .into_iter()
        .find(|tier| sure(*tier, category, action))?;
    (asked && facts.tier < needed).then_some(needed)
}

fn who(standing: Standing, category: Category, action: Action, basis: Basis) -> bool {
    let granted = matches!(basis, Basis::Grant | Basis::Both);
    let window = matches!(basis, Basis::Window | Basis::Both)
        && action == A::Disclose
        && matches!(category, C::Identity | C::Task | C::Address | C::Entry | C::Help);
    match standing {
        Standing::Patient => {
            !matches!(category, C::Contact | C::Oversight | C::Delivery | C::Packing)
        }
        Standing::Carer if category.is_confidential() => granted || window,
        Standing::Carer => matches!(category, C::Slot | C::People | C::Looks | C::Introduction),
        Standing::Friend | Standing::Volunteer => match (category, action) {
            (C::Slot, A::Disclose | A::Take | A::Answer) | (C::Looks, A::Disclose) => true,
            (C::News, A::Contribute) | (C::People, A::List | A::Disclose) => granted,
            (_, A::Disclose) if category.is_confidential() => granted || window,
            _ => false,
        },
        Standing::Invited => {
            matches!((category, action), (C::Introduction | C::Slot, A::Disclose))
        }
        Standing::Helper => {
            matches!((category, action), (C::Delivery | C::Packing, A::Disclose))
                && matches!(basis, Basis::Window | Basis::Both)
        }
        Standing::Coordinator => match (category, action) {
            (C::Oversight, _) | (C::Delivery | C::Packing, A::Amend) => true,
            (C::Delivery, A::Disclose) => granted,
            _ => false,
        },
        Standing::Administrator => {
            matches!((category, action), (C::Oversight, A::List | A::Govern))
        }
        Standing::Oneself => category == C::Contact,
        Standing::Job => {
            matches!((category, action), (C::Slot | C::Contact | C::Introduction, A::Disclose))
        }
        Standing::Left | Standing::Stranger => false,
    }
}

fn sure(tier: Tier, category: Category, action: Action) -> bool {
    let from = match (category, action) {
        (C::Slot, A::Disclose | A::Take | A::Answer) | (C::Introduction, A::Disclose) => Tier::Link,
        (C::Contact, A::Disclose | A::Amend) => Tier::SignedIn,
        (
            C::Identity | C::Rota | C::Task | C::Help | C::Address | C::News,
            A::Disclose | A::Amend | A::Contribute,
        )
        | (C::Slot, A::Ask)
        | (C::People | C::Oversight, A::List | A::Disclose | A::Amend)
        | (C::Looks | C::Introduction | C::Delivery | C::Packing, _) => Tier::Trusted,
        _ => Tier::Fresh,
    };
    if tier == Tier::None {
        matches!((category, action), (C::Slot | C::Contact | C::Introduction, A::Disclose))
    } else {
        tier >= from
    }
}

fn state(state: CircleState, standing: Standing, category: Category, action: Action) -> bool {
    let family = matches!(standing, Standing::Patient | Standing::Carer);
    let member = family || matches!(standing, Standing::Friend | Standing::Volunteer);
    let reads = matches!(action, A::Disclose | A::List | A::Review);
    let boxes = matches!(standing, Standing::Helper | Standing::Coordinator)
        && matches!(category, C::Delivery | C::Packing);
    let oversight = standing == Standing::Coordinator && category == C::Oversight;
    let carer_erases = standing == Standing::Carer && (category, action) == (C::People, A::Erase);
    match state {
        S::NoCircle => {
            boxes
                || category == C::Contact
                || (category == C::Oversight
                    && matches!(standing, Standing::Coordinator | Standing::Administrator))
        }
        S::Forming => {
            (family && !matches!((category, action), (C::Slot, A::Ask | A::Take)))
                || (member && reads)
                || (matches!(standing, Standing::Invited | Standing::Job)
                    && category == C::Introduction)
                || boxes
                || oversight
        }
        S::Active => {
            (member && !carer_erases)
                || matches!(standing, Standing::Invited | Standing::Job)
                || boxes
                || oversight
        }
        S::Paused => {
            (member && !carer_erases && !matches!((category, action), (C::Slot, A::Ask | A::Take)))
                || boxes
                || oversight
        }
        S::Frozen => {
            (standing == Standing::Patient
                && (reads || matches!((category, action), (C::People, A::Remove | A::Govern))))
                || (oversight && matches!(action, A::List | A::Govern))
        }
        S::Restricted => oversight && matches!(action, A::List | A::Govern),
        S::Ending => {
            (family && (reads || matches!(action, A::Export | A::Govern | A::Remove)))
                || (oversight && matches!(action, A::List | A::Disclose | A::Govern))
        }
        S::Remembering => {
            (family
                && (reads
                    || matches!(
                        action,
                        A::Contribute | A::Export | A::Erase | A::Govern | A::Remove
                    )))
                || (member && category == C::News && matches!(action, A::Disclose | A::Contribute))
                || (oversight && matches!(action, A::List | A::Govern))
        }
        S::Erased => false,
    }
}

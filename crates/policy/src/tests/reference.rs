//! The rules once more, in plain Rust from design.md sections 4 and 5, and compared with the tables
//! over every combination. Two authors of one law: where they differ, one of them is wrong.

use kith_domain::{Action, Basis, Category, CircleState, Standing, Tier};

use crate::invariants::combinations;
use crate::question::Question;
use crate::tables::Tables;
use crate::verdict::Outcome;

use Action as A;
use Category as C;
use CircleState as S;
use Standing as P;

pub(crate) fn may(q: Question) -> Outcome {
    let needed = needed(q.category, q.action);
    let own_page = match q.standing {
        P::Patient | P::Carer | P::Friend | P::Volunteer => true,
        P::Coordinator | P::Administrator | P::Oneself => who(Question { basis: Basis::Both, ..q }),
        _ => false,
    };
    if own_page && q.tier < needed {
        return Outcome::StepUp(needed);
    }
    let sure = if q.standing == P::Job { q.tier == Tier::None } else { q.tier >= needed };
    if sure && who(q) && state(q) { Outcome::Allowed } else { Outcome::Denied }
}

fn needed(category: Category, action: Action) -> Tier {
    match (category, action) {
        (C::Slot, A::Disclose | A::Take | A::Answer)
        | (C::Introduction, A::Disclose)
        | (C::People, A::Contribute) => Tier::Link,
        (C::Contact, A::Disclose | A::Amend) | (C::Concern, A::Contribute) => Tier::SignedIn,
        (C::Care | C::Entry | C::Contact, _)
        | (C::Concern, A::Disclose | A::Amend | A::Erase)
        | (_, A::Name | A::Remove | A::Govern | A::Export | A::Erase) => Tier::Fresh,
        _ => Tier::Trusted,
    }
}

fn who(q: Question) -> bool {
    let granted = matches!(q.basis, Basis::Grant | Basis::Both);
    let window = matches!(q.basis, Basis::Window | Basis::Both);
    let task_discloses =
        matches!(q.category, C::Identity | C::Task | C::Address | C::Help | C::Entry);
    let shown = q.action == A::Disclose && (granted || (window && task_discloses));
    let circle = matches!(q.category, C::Slot | C::People | C::Looks | C::Introduction);
    match q.standing {
        P::Patient => q.category.is_confidential() || circle,
        P::Carer if q.category.is_confidential() => granted || shown,
        P::Carer => circle,
        P::Friend | P::Volunteer => match (q.category, q.action) {
            (category, A::Disclose) if category.is_confidential() => shown,
            (C::News | C::Task, A::Contribute) | (C::People, A::List | A::Disclose) => granted,
            (C::Slot, A::Disclose | A::Take | A::Answer) | (C::Looks, A::Disclose) => true,
            _ => false,
        },
        P::Invited => matches!(
            (q.category, q.action),
            (C::Introduction | C::Slot, A::Disclose) | (C::People, A::Contribute)
        ),
        P::Helper => {
            window && q.action == A::Disclose && matches!(q.category, C::Delivery | C::Packing)
        }
        P::Coordinator => match (q.category, q.action) {
            (C::Oversight, _) | (C::Delivery | C::Packing, A::Amend) => true,
            (C::Concern, action) => action != A::Contribute,
            (C::Delivery, A::Disclose) => granted,
            _ => false,
        },
        P::Administrator => q.category == C::Oversight && matches!(q.action, A::List | A::Govern),
        P::Oneself => {
            q.category == C::Contact || (q.category, q.action) == (C::Concern, A::Contribute)
        }
        P::Job => {
            q.action == A::Disclose && matches!(q.category, C::Slot | C::Contact | C::Introduction)
        }
        P::Left | P::Stranger => false,
    }
}

fn state(q: Question) -> bool {
    let family = matches!(q.standing, P::Patient | P::Carer);
    let others = matches!(q.standing, P::Friend | P::Volunteer);
    let staff = matches!(q.standing, P::Coordinator | P::Helper);
    let reads = matches!(q.action, A::Disclose | A::List | A::Review);
    let asks_or_takes = matches!(q.action, A::Ask | A::Take);
    let carer_erases_circle =
        q.standing == P::Carer && q.category == C::People && q.action == A::Erase;
    let manages = q.category == C::People && matches!(q.action, A::Remove | A::Govern);
    let oversees = q.standing == P::Coordinator && q.category == C::Oversight;
    let sees_it_is_there = oversees && matches!(q.action, A::List | A::Govern);
    match q.state {
        S::Forming => {
            staff
                || (family && !asks_or_takes)
                || (others && reads)
                || (matches!(q.standing, P::Invited | P::Job)
                    && (q.category, q.action) == (C::Introduction, A::Disclose))
        }
        S::Active => {
            staff
                || (family && !carer_erases_circle)
                || others
                || q.standing == P::Invited
                || (q.standing == P::Job && q.category != C::Contact)
        }
        S::Paused => {
            staff
                || ((family || others) && !asks_or_takes && !carer_erases_circle)
                || (q.standing == P::Job && q.category == C::Slot)
        }
        S::Frozen => (q.standing == P::Patient && (reads || manages)) || sees_it_is_there,
        S::Restricted => sees_it_is_there,
        S::Ending => {
            (family && (reads || manages || q.action == A::Export))
                || sees_it_is_there
                || (oversees && reads)
        }
        S::Remembering => {
            let kind_words =
                q.category == C::News && matches!(q.action, A::Disclose | A::Contribute);
            (family && (reads || manages))
                || ((q.standing == P::Carer || others) && kind_words)
                || (q.standing == P::Carer && matches!(q.action, A::Export | A::Erase))
                || sees_it_is_there
        }
        S::Erased => false,
        S::NoCircle => {
            let own = q.standing == P::Oneself && q.category == C::Concern;
            staff || q.standing == P::Administrator || q.category == C::Contact || own
        }
    }
}

#[tokio::test]
async fn the_tables_answer_every_combination_as_the_reference_does() {
    let tables = Tables::load().await.unwrap();
    let mut compared = 0;
    for question in combinations() {
        assert_eq!(tables.decide(question).outcome, may(question), "{question}");
        compared += 1;
    }
    assert_eq!(compared, 12 * 59 * 4 * 5 * 9);
}

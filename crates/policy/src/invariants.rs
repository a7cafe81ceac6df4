//! What must hold over every combination, whatever the rules say.
//!
//! Plain Rust over the finished tables, not rules of casbin, so that a wrong rule cannot weaken
//! them.

use kith_domain::{Action, Basis, Category, CircleState, EXISTING_PAIRS, Standing, Tier};

use crate::question::Question;
use crate::space::{State, Sure, Who};
use crate::table::{Cell, LoadError};
use crate::tables::Tables;
use crate::verdict::Outcome;

use Action as A;
use Category as C;
use CircleState as S;

/// One invariant and over how many combinations it was found to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Proof {
    pub(crate) says: &'static str,
    pub(crate) combinations: usize,
}

struct Invariant {
    says: &'static str,
    /// Which combinations it speaks of.
    concerns: fn(&Question) -> bool,
    /// Whether it holds for one of them.
    holds: fn(&Tables, Question) -> bool,
}

/// Every combination of facts and of pairs that exist.
pub(crate) fn combinations() -> impl Iterator<Item = Question> {
    Standing::ALL.iter().flat_map(|&standing| {
        EXISTING_PAIRS.iter().flat_map(move |&(category, action)| {
            Basis::ALL.iter().flat_map(move |&basis| {
                Tier::ALL.iter().flat_map(move |&tier| {
                    CircleState::ALL.iter().map(move |&state| Question {
                        standing,
                        category,
                        action,
                        basis,
                        tier,
                        state,
                    })
                })
            })
        })
    })
}

/// Checks every invariant over every combination.
pub(crate) fn check(tables: &Tables) -> Result<Vec<Proof>, LoadError> {
    let mut proofs = vec![unknown_pairs_are_refused(tables)?];
    proofs
        .extend(INVARIANTS.iter().map(|invariant| Proof { says: invariant.says, combinations: 0 }));
    for question in combinations() {
        for (invariant, proof) in INVARIANTS.iter().zip(proofs.iter_mut().skip(1)) {
            if (invariant.concerns)(&question) {
                if !(invariant.holds)(tables, question) {
                    let cell = question.to_string();
                    return Err(LoadError::Broken { says: invariant.says, cell });
                }
                proof.combinations += 1;
            }
        }
    }
    match proofs.iter().find(|proof| proof.combinations == 0) {
        Some(proof) => Err(LoadError::Vacuous { says: proof.says }),
        None => Ok(proofs),
    }
}

fn unknown_pairs_are_refused(tables: &Tables) -> Result<Proof, LoadError> {
    let says = "a pair of category and action that does not exist is refused by all three tables";
    let mut combinations = 0;
    for &category in Category::ALL {
        for &action in Action::ALL {
            if EXISTING_PAIRS.contains(&(category, action)) {
                continue;
            }
            let who = Standing::ALL.iter().flat_map(|&standing| {
                Basis::ALL
                    .iter()
                    .map(move |&basis| tables.who.decide(Who { standing, category, action, basis }))
            });
            let sure =
                Tier::ALL.iter().map(|&tier| tables.sure.decide(Sure { tier, category, action }));
            let state = CircleState::ALL.iter().flat_map(|&circle| {
                Standing::ALL.iter().map(move |&standing| {
                    tables.state.decide(State { circle, standing, category, action })
                })
            });
            for cell in who.chain(sure).chain(state) {
                if cell != Cell::default() {
                    return Err(LoadError::Broken { says, cell: format!("{category} {action}") });
                }
                combinations += 1;
            }
        }
    }
    Ok(Proof { says, combinations })
}

const INVARIANTS: &[Invariant] = &[
    Invariant {
        says: "nobody but the patient touches a confidential category without a live grant or an \
               open window",
        concerns: |q| {
            q.category.is_confidential()
                && q.basis == Basis::None
                && q.standing != Standing::Patient
        },
        holds: no_rule_lets,
    },
    Invariant {
        says: "only the patient and a live grant change, add to, export or erase a confidential \
               category",
        concerns: |q| {
            q.category.is_confidential()
                && q.action != A::Disclose
                && q.standing != Standing::Patient
                && !granted(q.basis)
        },
        holds: no_rule_lets,
    },
    Invariant {
        says: "coordinator, administrator, job, invited, left, stranger, helper and oneself never \
               touch a confidential category",
        concerns: |q| q.category.is_confidential() && !is_member(q.standing),
        holds: no_rule_lets,
    },
    Invariant {
        says: "left and stranger are allowed nothing",
        concerns: |q| matches!(q.standing, Standing::Left | Standing::Stranger),
        holds: no_rule_lets,
    },
    Invariant {
        says: "friend and volunteer change nothing of the patient's; news and tasks they only add to",
        concerns: |q| {
            matches!(q.standing, Standing::Friend | Standing::Volunteer)
                && !matches!(q.action, A::Disclose | A::List | A::Take | A::Answer)
                && !(matches!(q.category, C::News | C::Task) && q.action == A::Contribute)
        },
        holds: no_rule_lets,
    },
    Invariant {
        says: "an open window alone only discloses, and only identity, task, address, help, \
               entry, delivery and packing",
        concerns: |q| {
            q.basis == Basis::Window
                && !(q.action == A::Disclose
                    && matches!(
                        q.category,
                        C::Identity
                            | C::Task
                            | C::Address
                            | C::Help
                            | C::Entry
                            | C::Delivery
                            | C::Packing
                    ))
        },
        holds: |tables, q| {
            allowed(tables, q) == allowed(tables, Question { basis: Basis::None, ..q })
        },
    },
    Invariant {
        says: "the end of a grant or of a window never turns a refusal into a permission",
        concerns: |q| q.basis != Basis::Both,
        holds: |tables, q| {
            !allowed(tables, q)
                || Basis::ALL
                    .iter()
                    .filter(|&&more| includes(more, q.basis))
                    .all(|&basis| allowed(tables, Question { basis, ..q }))
        },
    },
    Invariant {
        says: "a surer session loses nothing",
        concerns: |q| !matches!(q.tier, Tier::None | Tier::Fresh),
        holds: |tables, q| {
            !allowed(tables, q)
                || Tier::ALL
                    .iter()
                    .filter(|&&tier| tier > q.tier)
                    .all(|&tier| allowed(tables, Question { tier, ..q }))
        },
    },
    Invariant {
        says: "without a session only the program is allowed anything, and the program only \
               without one",
        concerns: |q| (q.tier == Tier::None) != (q.standing == Standing::Job),
        holds: refused,
    },
    Invariant {
        says: "below a trusted device nothing confidential is touched",
        concerns: |q| q.category.is_confidential() && q.tier < Tier::Trusted,
        holds: refused,
    },
    Invariant {
        says: "care and entry are touched only in a fresh session",
        concerns: |q| matches!(q.category, C::Care | C::Entry) && q.tier != Tier::Fresh,
        holds: refused,
    },
    Invariant {
        says: "naming, removing, governing, exporting and erasing need a fresh session",
        concerns: |q| {
            matches!(q.action, A::Name | A::Remove | A::Govern | A::Export | A::Erase)
                && q.tier != Tier::Fresh
        },
        holds: refused,
    },
    Invariant {
        says: "only the patient and the carer name and remove people",
        concerns: |q| {
            matches!(q.action, A::Name | A::Remove)
                && !matches!(q.standing, Standing::Patient | Standing::Carer)
        },
        holds: no_rule_lets,
    },
    Invariant {
        says: "only the patient and the carer act for somebody else, on a trusted device, and only \
               until the circle ends",
        concerns: |q| {
            q.action == A::ActFor
                && !(matches!(q.standing, Standing::Patient | Standing::Carer)
                    && q.tier >= Tier::Trusted
                    && matches!(q.state, S::Forming | S::Active | S::Paused))
        },
        holds: refused,
    },
    Invariant {
        says: "while the circle lives, nobody but the patient erases it once it is set up",
        concerns: |q| {
            (q.category, q.action) == (C::People, A::Erase)
                && q.standing != Standing::Patient
                && !matches!(q.state, S::Forming | S::Remembering)
        },
        holds: refused,
    },
    Invariant {
        says: "only an active circle asks, and lets a slot be taken",
        concerns: |q| matches!(q.action, A::Ask | A::Take) && q.state != S::Active,
        holds: refused,
    },
    Invariant {
        says: "in a frozen circle only the patient reads; of others, the coordinator sees that \
               the circle is there and governs it",
        concerns: |q| {
            q.state == S::Frozen && q.standing != Standing::Patient && !coordinator_looks_after(*q)
        },
        holds: refused,
    },
    Invariant {
        says: "in a frozen circle the patient reads, removes and governs, and nothing else",
        concerns: |q| {
            q.state == S::Frozen
                && q.standing == Standing::Patient
                && !matches!(q.action, A::Disclose | A::List | A::Review | A::Remove | A::Govern)
        },
        holds: refused,
    },
    Invariant {
        says: "a restricted circle is stored: the coordinator sees that it is there and governs \
               it, and nothing else happens",
        concerns: |q| q.state == S::Restricted && !coordinator_looks_after(*q),
        holds: refused,
    },
    Invariant {
        says: "in a circle that is ending nothing is changed, added or erased",
        concerns: |q| {
            q.state == S::Ending && matches!(q.action, A::Amend | A::Contribute | A::Erase)
        },
        holds: refused,
    },
    Invariant {
        says: "a circle that is ending or remembering is none of the program's business",
        concerns: |q| q.standing == Standing::Job && matches!(q.state, S::Ending | S::Remembering),
        holds: refused,
    },
    Invariant {
        says: "of an erased circle nothing is allowed",
        concerns: |q| q.state == S::Erased,
        holds: refused,
    },
    Invariant {
        says: "who is invited adds to the people of a circle, and does nothing else with them",
        concerns: |q| {
            q.standing == Standing::Invited && q.category == C::People && q.action != A::Contribute
        },
        holds: no_rule_lets,
    },
    Invariant {
        says: "the program reads slot, contact and introduction, and nothing else",
        concerns: |q| {
            q.standing == Standing::Job
                && !(q.action == A::Disclose
                    && matches!(q.category, C::Slot | C::Contact | C::Introduction))
        },
        holds: no_rule_lets,
    },
    Invariant {
        says: "the program reads a slot only while the circle is active or paused",
        concerns: |q| {
            q.standing == Standing::Job
                && q.category == C::Slot
                && !matches!(q.state, S::Active | S::Paused)
        },
        holds: refused,
    },
    Invariant {
        says: "contact belongs to the organisation, never to a circle",
        concerns: |q| q.category == C::Contact && q.state != S::NoCircle,
        holds: refused,
    },
    Invariant {
        says: "without a circle there is only contact, oversight, delivery, packing and concern",
        concerns: |q| {
            q.state == S::NoCircle
                && !matches!(
                    q.category,
                    C::Contact | C::Oversight | C::Delivery | C::Packing | C::Concern
                )
        },
        holds: refused,
    },
    Invariant {
        says: "what somebody told the organisation in confidence is read by coordinators only, and \
               added to by oneself only",
        concerns: |q| {
            q.category == C::Concern
                && match q.action {
                    A::Contribute => q.standing != Standing::Oneself,
                    _ => q.standing != Standing::Coordinator,
                }
        },
        holds: no_rule_lets,
    },
    Invariant {
        says: "a concern is opened and settled only in a fresh session",
        concerns: |q| {
            q.category == C::Concern
                && matches!(q.action, A::Disclose | A::Amend)
                && q.tier != Tier::Fresh
        },
        holds: refused,
    },
    Invariant {
        says: "a page that asks a member for a surer session is the same for every member, \
               whatever the grants, windows and state",
        concerns: |q| is_member(q.standing),
        holds: |tables, q| {
            let same =
                Question { standing: Standing::Patient, basis: Basis::Both, state: S::Active, ..q };
            asks_for(tables, q) == asks_for(tables, same)
        },
    },
    Invariant {
        says: "whoever is nothing to the circle is never asked for a surer session",
        concerns: |q| {
            matches!(
                q.standing,
                Standing::Invited
                    | Standing::Left
                    | Standing::Helper
                    | Standing::Job
                    | Standing::Stranger
            )
        },
        holds: |tables, q| asks_for(tables, q).is_none(),
    },
];

fn allowed(tables: &Tables, question: Question) -> bool {
    tables.decide(question).outcome == Outcome::Allowed
}

fn refused(tables: &Tables, question: Question) -> bool {
    !allowed(tables, question)
}

/// Refused by `who.csv` alone, so that no rule of the other two tables is needed to hold it.
fn no_rule_lets(tables: &Tables, question: Question) -> bool {
    let Question { standing, category, action, basis, .. } = question;
    !tables.who.decide(Who { standing, category, action, basis }).allowed
}

fn asks_for(tables: &Tables, question: Question) -> Option<Tier> {
    match tables.decide(question).outcome {
        Outcome::StepUp(tier) => Some(tier),
        Outcome::Allowed | Outcome::Denied => None,
    }
}

const fn granted(basis: Basis) -> bool {
    matches!(basis, Basis::Grant | Basis::Both)
}

const fn includes(more: Basis, less: Basis) -> bool {
    matches!(
        (more, less),
        (Basis::Both, _)
            | (_, Basis::None)
            | (Basis::Grant, Basis::Grant)
            | (Basis::Window, Basis::Window)
    )
}

const fn is_member(standing: Standing) -> bool {
    matches!(standing, Standing::Patient | Standing::Carer | Standing::Friend | Standing::Volunteer)
}

fn coordinator_looks_after(question: Question) -> bool {
    question.standing == Standing::Coordinator
        && question.category == C::Oversight
        && matches!(question.action, A::List | A::Govern)
}

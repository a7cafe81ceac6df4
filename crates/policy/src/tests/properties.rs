//! Properties over random facts, random rules and random words.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use kith_domain::ids::{CircleId, OrganisationId};
use kith_domain::{
    Action, Basis, Category, CategorySet, CircleState, EXISTING_PAIRS, Owner, Standing, Tier,
};
use uuid::Uuid;

use crate::facts::Facts;
use crate::question::Question;
use crate::rows::{self, RowFault};
use crate::space::{Space as _, State, Sure, Who};
use crate::table::Table;
use crate::tables::{SHIPPED, Tables, Text, Texts};
use crate::verdict::Outcome;

fn shipped() -> &'static Tables {
    static TABLES: std::sync::OnceLock<Tables> = std::sync::OnceLock::new();
    TABLES.get_or_init(|| block_on(Tables::load()).unwrap())
}

fn block_on<F: Future>(future: F) -> F::Output {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn categories() -> impl Strategy<Value = CategorySet> {
    prop::collection::vec(select(Category::ALL), 0..Category::ALL.len())
        .prop_map(CategorySet::from_iter)
}

fn facts() -> impl Strategy<Value = Facts> {
    let who = (select(Standing::ALL), select(Tier::ALL), select(CircleState::ALL));
    (who, categories(), categories(), any::<bool>()).prop_map(
        |((standing, tier, state), grants, windows, everyday_recorded)| {
            let organisation = OrganisationId::from_uuid(Uuid::from_u128(1));
            let owner = if state == CircleState::NoCircle {
                Owner::Organisation(organisation)
            } else {
                Owner::Circle(CircleId::from_uuid(Uuid::from_u128(2)))
            };
            Facts {
                standing,
                tier,
                grants,
                windows,
                everyday_recorded,
                ..Facts::stranger(organisation, owner, state)
            }
        },
    )
}

/// Each tier of a session with each that is surer.
fn tiers_of_a_session() -> Vec<(Tier, Tier)> {
    let pairs = Tier::ALL.iter().flat_map(|&tier| Tier::ALL.iter().map(move |&more| (tier, more)));
    pairs.filter(|&(tier, surer)| tier != Tier::None && surer > tier).collect()
}

/// Whether this standing is asked for a surer session, where that is all that is wanting.
fn is_asked(standing: Standing) -> bool {
    !matches!(
        standing,
        Standing::Invited | Standing::Left | Standing::Helper | Standing::Job | Standing::Stranger
    )
}

fn outcome(facts: &Facts, category: Category, action: Action) -> Outcome {
    let question = Question::new(facts, category, action).expect("facts that fit together");
    shipped().decide(question).outcome
}

/// The columns of a rule for `who`, of known words in any combination.
fn who_rule() -> impl Strategy<Value = String> {
    fn word(all: Vec<&'static str>) -> impl Strategy<Value = &'static str> {
        prop_oneof![1 => Just("*"), 3 => select(all)]
    }
    (
        word(Standing::ALL.iter().map(|word| word.as_str()).collect()),
        word(Category::ALL.iter().map(|word| word.as_str()).collect()),
        word(Action::ALL.iter().map(|word| word.as_str()).collect()),
        word(vec!["live"]),
        word(vec!["open"]),
    )
        .prop_map(|(standing, category, action, grant, window)| {
            format!("{standing}, {category}, {action}, {grant}, {window}")
        })
}

fn who_rules() -> impl Strategy<Value = String> {
    let effect = prop_oneof![2 => Just("allow"), 1 => Just("deny")];
    prop::collection::btree_map(who_rule(), effect, 1..12).prop_map(|rules| {
        let numbered: Vec<String> = (1..)
            .zip(rules)
            .map(|(number, (rule, effect)): (u16, _)| format!("p, {number}, {rule}, {effect}"))
            .collect();
        numbered.join("\n")
    })
}

fn shuffled(rules: &'static str) -> impl Strategy<Value = String> {
    let lines: Vec<&'static str> = rules.lines().filter(|line| line.starts_with('p')).collect();
    Just(lines).prop_shuffle().prop_map(|lines| lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever ends, nobody may do more for it.
    #[test]
    fn the_end_of_a_grant_or_window_gives_nothing(
        facts in facts(),
        ended in categories(),
        shut in categories(),
        (category, action) in select(EXISTING_PAIRS),
    ) {
        let less = Facts {
            grants: ended.iter().fold(facts.grants, CategorySet::without),
            windows: shut.iter().fold(facts.windows, CategorySet::without),
            ..facts.clone()
        };
        if outcome(&less, category, action) == Outcome::Allowed {
            prop_assert_eq!(outcome(&facts, category, action), Outcome::Allowed);
        }
    }

    /// A grant for one category says nothing about another.
    #[test]
    fn a_grant_for_one_category_opens_no_other(
        facts in facts(),
        granted in select(Category::ALL),
        (category, action) in select(EXISTING_PAIRS),
    ) {
        let more = Facts {
            grants: facts.grants.with(granted),
            windows: facts.windows.with(granted),
            ..facts.clone()
        };
        if granted != category {
            prop_assert_eq!(outcome(&more, category, action), outcome(&facts, category, action));
        }
    }

    /// From link upwards, a surer session may do no less, and is never asked for more. Whoever is
    /// asked for a surer session was never refused for the want of one; whoever is nothing to the
    /// circle is not asked, so that a refusal tells them nothing.
    #[test]
    fn a_surer_session_loses_nothing(
        facts in facts(),
        (tier, surer) in select(tiers_of_a_session()),
        (category, action) in select(EXISTING_PAIRS),
    ) {
        let facts = Facts { tier, ..facts };
        let more = Facts { tier: surer, ..facts.clone() };
        match outcome(&facts, category, action) {
            Outcome::Allowed => {
                prop_assert_eq!(outcome(&more, category, action), Outcome::Allowed);
            }
            Outcome::Denied if is_asked(facts.standing) => {
                prop_assert_eq!(outcome(&more, category, action), Outcome::Denied);
            }
            Outcome::Denied => {
                prop_assert!(!matches!(outcome(&more, category, action), Outcome::StepUp(_)));
            }
            Outcome::StepUp(needed) if surer >= needed => {
                prop_assert!(!matches!(outcome(&more, category, action), Outcome::StepUp(_)));
            }
            Outcome::StepUp(needed) => {
                prop_assert_eq!(outcome(&more, category, action), Outcome::StepUp(needed));
            }
        }
    }

    /// Facts that contradict each other are no question at all.
    #[test]
    fn a_state_that_does_not_fit_the_owner_is_refused(
        facts in facts(),
        state in select(CircleState::ALL),
        (category, action) in select(EXISTING_PAIRS),
    ) {
        let fits = (facts.state == CircleState::NoCircle) == (state == CircleState::NoCircle);
        let other = Facts { state, ..facts };
        prop_assert_eq!(Question::new(&other, category, action).is_some(), fits);
    }

    /// What is none of our words is refused, never taken for one of them.
    #[test]
    fn an_unknown_word_is_a_refusal(word in "[a-z_*]{0,12}") {
        let known = |all: Vec<&str>| all.contains(&word.as_str());
        prop_assert_eq!(
            word.parse::<Standing>().is_ok(),
            known(Standing::ALL.iter().map(|word| word.as_str()).collect())
        );
        prop_assert_eq!(
            word.parse::<Category>().is_ok(),
            known(Category::ALL.iter().map(|word| word.as_str()).collect())
        );
        prop_assert_eq!(
            word.parse::<Action>().is_ok(),
            known(Action::ALL.iter().map(|word| word.as_str()).collect())
        );
        prop_assert_eq!(
            word.parse::<Basis>().is_ok(),
            known(Basis::ALL.iter().map(|word| word.as_str()).collect())
        );
        prop_assert_eq!(
            word.parse::<Tier>().is_ok(),
            known(Tier::ALL.iter().map(|word| word.as_str()).collect())
        );
        prop_assert_eq!(
            word.parse::<CircleState>().is_ok(),
            known(CircleState::ALL.iter().map(|word| word.as_str()).collect())
        );
    }

    /// One word of one shipped rule replaced by anything that is not a word: never read as a rule.
    #[test]
    fn a_rule_with_an_unknown_word_is_refused(
        line in any::<Index>(),
        column in 2_usize..8,
        word in "[A-Za-z_ .;'\"]{0,10}",
    ) {
        let lines: Vec<&str> =
            SHIPPED.who.rules.lines().filter(|line| line.starts_with('p')).collect();
        let mut words: Vec<&str> = line.get(&lines).split(", ").collect();
        words[column] = &word;
        let rule = words.join(", ");
        match rows::parse::<Who>(&rule) {
            Err((1, RowFault::Word { .. } | RowFault::Effect)) => {}
            other => {
                prop_assert!(
                    other.is_ok() && is_a_word(word.trim()),
                    "{} was read as {:?}", rule, other
                );
            }
        }
    }

    /// A deny wins and the order of the rules does not matter, for any rules.
    #[test]
    fn a_deny_wins_wherever_it_stands(rules in who_rules(), turn in any::<Index>()) {
        let rows = rows::parse::<Who>(&rules).unwrap();
        let mut turned = rows.clone();
        turned.rotate_left(turn.index(rows.len()));
        turned.reverse();
        for request in Who::all() {
            prop_assert_eq!(
                rows::deciding(&rows, request).allowed,
                rows::deciding(&turned, request).allowed
            );
        }
    }
}

fn is_a_word(word: &str) -> bool {
    word.parse::<Standing>().is_ok()
        || word.parse::<Category>().is_ok()
        || word.parse::<Action>().is_ok()
        || matches!(word, "live" | "open" | "allow" | "deny")
}

proptest! {
    // Each case asks casbin thousands of times.
    #![proptest_config(ProptestConfig {
        cases: 12,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn casbin_reads_any_rules_as_we_do(rules in who_rules()) {
        let rows = rows::parse::<Who>(&rules).unwrap();
        let cells = block_on(Table::<Who>::ask_casbin(SHIPPED.who.model, &rows));
        prop_assert!(cells.is_ok(), "{:?}", cells.err());
    }

    #[test]
    fn the_shipped_rules_say_the_same_in_any_order(
        who in shuffled(SHIPPED.who.rules),
        sure in shuffled(SHIPPED.sure.rules),
        state in shuffled(SHIPPED.state.rules),
    ) {
        let texts = Texts {
            who: Text { rules: &who, ..SHIPPED.who },
            sure: Text { rules: &sure, ..SHIPPED.sure },
            state: Text { rules: &state, ..SHIPPED.state },
        };
        let tables = block_on(Tables::from_texts(texts)).unwrap();
        for request in Who::all() {
            let same = shipped().who.decide(request).allowed;
            prop_assert_eq!(tables.who.decide(request).allowed, same);
        }
        for request in Sure::all() {
            let same = shipped().sure.decide(request).allowed;
            prop_assert_eq!(tables.sure.decide(request).allowed, same);
        }
        for request in State::all() {
            let same = shipped().state.decide(request).allowed;
            prop_assert_eq!(tables.state.decide(request).allowed, same);
        }
    }
}

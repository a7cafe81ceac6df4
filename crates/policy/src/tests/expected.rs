//! `policies/expected.csv` and `policies/matrix.txt`: what people review.

use std::collections::BTreeSet;

use kith_domain::{Action, Category, EXISTING_PAIRS, Standing};

use crate::invariants::combinations;
use crate::question::Question;
use crate::report;
use crate::tables::Tables;
use crate::verdict::Outcome;

const EXPECTED: &str = include_str!("../../../../policies/expected.csv");
const HEADER: &str = "standing,category,action,basis,tier,state,expected,reason";

struct Expected {
    line: usize,
    question: Question,
    outcome: Outcome,
}

fn expected() -> Vec<Expected> {
    let mut lines =
        (1..).zip(EXPECTED.lines()).filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    assert_eq!(lines.next().unwrap().1, HEADER);
    lines.map(|(line, text)| parse(line, text)).collect()
}

fn parse(line: usize, text: &str) -> Expected {
    let columns: Vec<&str> = text.splitn(8, ',').collect();
    let [standing, category, action, basis, tier, state, expected, reason] = columns[..] else {
        panic!("line {line} has too few columns")
    };
    assert!(reason.len() > 3, "line {line} gives no reason");
    let question = Question {
        standing: standing.parse().unwrap(),
        category: category.parse().unwrap(),
        action: action.parse().unwrap(),
        basis: basis.parse().unwrap(),
        tier: tier.parse().unwrap(),
        state: state.parse().unwrap(),
    };
    let outcome = match (expected, expected.strip_prefix("step_up:")) {
        ("allow", _) => Outcome::Allowed,
        ("deny", _) => Outcome::Denied,
        (_, Some(tier)) => Outcome::StepUp(tier.parse().unwrap()),
        _ => panic!("line {line} expects {expected}"),
    };
    Expected { line, question, outcome }
}

#[tokio::test]
async fn every_expected_decision_is_the_answer() {
    let tables = Tables::load().await.unwrap();
    let wrong: Vec<String> = expected()
        .iter()
        .filter_map(|Expected { line, question, outcome }| {
            let verdict = tables.decide(*question);
            (verdict.outcome != *outcome)
                .then(|| format!("line {line}: {question}: {verdict:?}, not {outcome:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A decision that is spelt out twice may be changed in one place only.
#[test]
fn no_decision_is_expected_twice() {
    let mut seen = BTreeSet::new();
    for Expected { line, question, .. } in expected() {
        assert!(seen.insert(question.to_string()), "line {line} says again: {question}");
    }
}

#[tokio::test]
async fn everything_that_anybody_may_do_is_spelt_out() {
    let tables = Tables::load().await.unwrap();
    let spelt_out: BTreeSet<(Standing, Category, Action)> = expected()
        .iter()
        .filter(|expected| expected.outcome == Outcome::Allowed)
        .map(|expected| kind(expected.question))
        .collect();
    let allowed: BTreeSet<_> = combinations()
        .filter(|question| tables.decide(*question).outcome == Outcome::Allowed)
        .map(kind)
        .collect();
    let missing: Vec<_> = allowed.difference(&spelt_out).collect();
    assert!(missing.is_empty(), "no line of policies/expected.csv allows {missing:?}");
}

/// Nothing confidential goes by without a line that refuses it, for every standing but hers.
#[test]
fn every_confidential_disclosure_is_refused_somewhere() {
    let refused: BTreeSet<_> = expected()
        .iter()
        .filter(|expected| expected.outcome == Outcome::Denied)
        .map(|expected| kind(expected.question))
        .collect();
    let strict: Vec<Standing> = Standing::ALL
        .iter()
        .copied()
        .filter(|standing| {
            !matches!(standing, Standing::Patient | Standing::Helper | Standing::Oneself)
        })
        .collect();
    for (category, action) in EXISTING_PAIRS {
        if category.is_confidential() && *action == Action::Disclose {
            for &standing in &strict {
                assert!(
                    refused.contains(&(standing, *category, *action)),
                    "no line of policies/expected.csv refuses {standing} {category} {action}"
                );
            }
        }
    }
}

fn kind(question: Question) -> (Standing, Category, Action) {
    (question.standing, question.category, question.action)
}

/// The matrix is printed from the arrays, so that a change of the rules shows in review as what it
/// does. To print it again, run this test with `KITH_PRINT_MATRIX=1`, and read the difference.
#[tokio::test]
async fn the_printed_matrix_is_what_the_tables_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/matrix.txt");
    let printed = report::matrix().await.unwrap();
    if std::env::var_os("KITH_PRINT_MATRIX").is_some() {
        std::fs::write(path, &printed).unwrap();
    }
    let checked_in = std::fs::read_to_string(path).unwrap();
    assert!(
        checked_in == printed,
        "policies/matrix.txt is not what the tables say; print it with KITH_PRINT_MATRIX=1"
    );
}

#[tokio::test]
async fn the_proof_names_what_was_asked() {
    let report = report::check_report().await.unwrap();
    assert!(report.contains("9499 cells in all, no disagreement"), "{report}");
    assert!(report.contains("care and entry are touched only in a fresh session"), "{report}");
}

#[tokio::test]
async fn an_answer_is_explained_by_its_rules() {
    let question = parse(1, "friend,care,disclose,grant,fresh,active,allow,granted").question;
    let words = report::explain(question).await.unwrap();
    assert_eq!(
        words,
        "standing friend, category care, action disclose, basis grant, tier fresh, state active\n\
         allowed\n\
         who: p, 307, friend, care, disclose, live, *, allow\n\
         sure: p, 501, fresh, *, *, allow\n\
         state: p, 203, active, friend, *, *, allow\n"
    );

    let refused = Question { standing: Standing::Coordinator, ..question };
    let words = report::explain(refused).await.unwrap();
    assert!(words.contains("\ndenied\nwho: no rule, so refused\n"), "{words}");

    let unsure = Question { tier: "trusted".parse().unwrap(), ..question };
    let words = report::explain(unsure).await.unwrap();
    assert!(words.contains("\nneeds a surer session first: fresh;"), "{words}");
}

//! The policy in words: the proof, the reason for one answer, and the printed matrix.
//!
//! Each loads the shipped tables as the service does at start; none needs a log.

use core::fmt::Write as _;

use kith_domain::{Basis, CircleState, EXISTING_PAIRS, Standing, Tier};

use crate::question::Question;
use crate::rows;
use crate::space::{Space, State, Sure, Who};
use crate::table::{LoadError, Table};
use crate::tables::{SHIPPED, Tables};
use crate::verdict::{Outcome, RuleId};

/// What was asked and proved, for `kith policy check`. Fails as the service's start would.
pub async fn check_report() -> Result<String, LoadError> {
    let tables = Tables::load().await?;
    let mut text = String::new();
    table_line(&mut text, &tables.who);
    table_line(&mut text, &tables.sure);
    table_line(&mut text, &tables.state);
    line(&mut text, format_args!("{} cells in all, no disagreement", tables.asked()));
    line(&mut text, format_args!("{} invariants hold:", tables.proofs.len()));
    for proof in &tables.proofs {
        line(&mut text, format_args!("{:>9}  {}", proof.combinations, proof.says));
    }
    Ok(text)
}

/// What is answered to one question, and by which rules, for `kith policy explain`.
pub async fn explain(question: Question) -> Result<String, LoadError> {
    let tables = Tables::load().await?;
    let verdict = tables.decide(question);
    let mut text = String::new();
    line(&mut text, format_args!("{question}"));
    match verdict.outcome {
        Outcome::Allowed => line(&mut text, format_args!("allowed")),
        Outcome::Denied => line(&mut text, format_args!("denied")),
        Outcome::StepUp(tier) => line(
            &mut text,
            format_args!("needs a surer session first: {tier}; nothing else was looked at"),
        ),
    }
    rule_line::<Who>(&mut text, SHIPPED.who.rules, verdict.who);
    rule_line::<Sure>(&mut text, SHIPPED.sure.rules, verdict.sure);
    rule_line::<State>(&mut text, SHIPPED.state.rules, verdict.state);
    if (question.tier == Tier::None) != (question.standing == Standing::Job) {
        line(
            &mut text,
            format_args!("without a session only the program acts, and it never has one"),
        );
    }
    Ok(text)
}

/// Everything that is allowed, as a table a standing: `policies/matrix.txt`.
pub async fn matrix() -> Result<String, LoadError> {
    let tables = Tables::load().await?;
    let mut text = String::from(
        "What is allowed, printed from the finished tables. Every column must hold at once; what is\n\
         not printed is refused.\n",
    );
    for &standing in Standing::ALL {
        line(&mut text, format_args!("\n{standing}"));
        let lines = standing_lines(&tables, standing);
        if lines.is_empty() {
            line(&mut text, format_args!("  nothing"));
            continue;
        }
        line(
            &mut text,
            format_args!(
                "  {:<13} {:<11} {:<16} {:<15} {}",
                "category", "action", "because of", "tier", "states"
            ),
        );
        for entry in lines {
            line(&mut text, format_args!("{entry}"));
        }
    }
    Ok(text)
}

fn standing_lines(tables: &Tables, standing: Standing) -> Vec<String> {
    let allowed = |category, action, basis, tier, state| {
        let question = Question { standing, category, action, basis, tier, state };
        tables.decide(question).outcome == Outcome::Allowed
    };
    // The three tables do not depend on each other, so what is allowed is a product of three sets.
    EXISTING_PAIRS
        .iter()
        .filter_map(|&(category, action)| {
            let (mut bases, mut tiers, mut states) = (Vec::new(), Vec::new(), Vec::new());
            for &basis in Basis::ALL {
                for &tier in Tier::ALL {
                    for &state in CircleState::ALL {
                        if allowed(category, action, basis, tier, state) {
                            insert(&mut bases, basis);
                            insert(&mut tiers, tier);
                            insert(&mut states, state);
                        }
                    }
                }
            }
            if bases.is_empty() {
                return None;
            }
            let because = because(&bases);
            let tiers = from_tier(&tiers);
            let states: Vec<&str> = states.into_iter().map(CircleState::as_str).collect();
            let (category, action) = (category.as_str(), action.as_str());
            Some(format!(
                "  {category:<13} {action:<11} {because:<16} {tiers:<15} {}",
                states.join(" ")
            ))
        })
        .collect()
}

fn because(bases: &[Basis]) -> String {
    match bases {
        [Basis::None, Basis::Grant, Basis::Window, Basis::Both] => "standing".to_owned(),
        [Basis::Grant, Basis::Both] => "grant".to_owned(),
        [Basis::Window, Basis::Both] => "window".to_owned(),
        [Basis::Grant, Basis::Window, Basis::Both] => "grant or window".to_owned(),
        other => words(other.iter().map(|basis| basis.as_str())),
    }
}

fn from_tier(tiers: &[Tier]) -> String {
    match tiers {
        [Tier::None] => "no session".to_owned(),
        [lowest, ..] if tiers == tiers_from(*lowest) => format!("from {lowest}"),
        other => words(other.iter().map(|tier| tier.as_str())),
    }
}

fn tiers_from(lowest: Tier) -> Vec<Tier> {
    Tier::ALL.iter().copied().filter(|tier| *tier >= lowest).collect()
}

fn words<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<Vec<_>>().join(" ")
}

fn insert<T: Ord>(set: &mut Vec<T>, value: T) {
    if let Err(place) = set.binary_search(&value) {
        set.insert(place, value);
    }
}

fn table_line<S: Space>(text: &mut String, table: &Table<S>) {
    line(
        text,
        format_args!(
            "{}: {} rules, each of which decides; casbin answered {} cells as the rules read",
            S::NAME,
            table.rules,
            table.asked
        ),
    );
}

fn rule_line<S: Space>(text: &mut String, rules: &str, rule: Option<RuleId>) {
    let name = S::NAME;
    match rule.and_then(|rule| rows::line_of(rules, rule)) {
        Some(rule) => line(text, format_args!("{name}: {rule}")),
        None => line(text, format_args!("{name}: no rule, so refused")),
    }
}

fn line(text: &mut String, words: core::fmt::Arguments<'_>) {
    // Writing to a String does not fail.
    let _: core::fmt::Result = writeln!(text, "{words}");
}

//! Every rule carries something: without it, or turned round, an answer differs from the reference.

use crate::invariants::combinations;
use crate::question::Question;
use crate::rows::{self, Row};
use crate::space::{Space, State, Sure, Who};
use crate::table::Table;
use crate::tables::{SHIPPED, Tables};
use crate::tests::reference;
use crate::verdict::Outcome;

struct Rules {
    who: Vec<Row>,
    sure: Vec<Row>,
    state: Vec<Row>,
}

impl Rules {
    fn shipped() -> Self {
        Self {
            who: rows::parse::<Who>(SHIPPED.who.rules).unwrap(),
            sure: rows::parse::<Sure>(SHIPPED.sure.rules).unwrap(),
            state: rows::parse::<State>(SHIPPED.state.rules).unwrap(),
        }
    }

    fn tables(&self) -> Tables {
        Tables {
            who: Table::from_rows(&self.who),
            sure: Table::from_rows(&self.sure),
            state: Table::from_rows(&self.state),
            proofs: Vec::new(),
        }
    }
}

fn differs(tables: &Tables, answers: &[(Question, Outcome)]) -> bool {
    answers.iter().any(|(question, outcome)| tables.decide(*question).outcome != *outcome)
}

/// What is left when each rule in turn is taken out, and when its effect is turned round.
fn mutants(rows: &[Row]) -> impl Iterator<Item = (String, Vec<Row>)> {
    (0..rows.len()).flat_map(|place| {
        let mut without = rows.to_vec();
        let line = without.remove(place).line;
        let mut turned = rows.to_vec();
        turned[place] = turned[place].turned_round();
        [(format!("without {line}"), without), (format!("turned round {line}"), turned)]
    })
}

fn unnoticed<S: Space>(
    rows: &[Row],
    answers: &[(Question, Outcome)],
    tables: &mut Tables,
    table: fn(&mut Tables) -> &mut Table<S>,
) -> Vec<String> {
    mutants(rows)
        .filter_map(|(what, rows)| {
            *table(tables) = Table::from_rows(&rows);
            (!differs(tables, answers)).then_some(what)
        })
        .collect()
}

#[test]
fn every_rule_taken_out_or_turned_round_changes_an_answer() {
    let rules = Rules::shipped();
    let answers: Vec<(Question, Outcome)> =
        combinations().map(|question| (question, reference::may(question))).collect();
    assert!(!differs(&rules.tables(), &answers), "the rules are not those of the reference");

    let mut missed = unnoticed(&rules.who, &answers, &mut rules.tables(), |tables| &mut tables.who);
    missed.extend(unnoticed(&rules.sure, &answers, &mut rules.tables(), |tables| &mut tables.sure));
    missed
        .extend(unnoticed(&rules.state, &answers, &mut rules.tables(), |tables| &mut tables.state));
    assert!(missed.is_empty(), "{missed:#?}");
}

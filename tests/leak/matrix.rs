//! The access matrix: what each route answers to each visitor, in a file that review sees.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kith_web::ROUTES;

use crate::requests::{Answer, Case};
use crate::visitors::Visitor;

/// Set to write the file anew.
const UPDATE: &str = "UPDATE_ACCESS_MATRIX";

const HEAD: &str = "\
# What every route answers to every standing and tier: status, where it leads, and to whom.
# Written by the test `leak` when UPDATE_ACCESS_MATRIX is set; a change here is a change of access.
# The links in mails are brought by everybody; `nobody/link` brings nothing else.
";

/// Answers by case, in the order of the routes.
#[derive(Debug, Default)]
pub(crate) struct Matrix(Vec<(String, BTreeMap<String, Vec<(&'static str, String)>>)>);

impl Matrix {
    pub(crate) fn add(&mut self, case: &Case, visitor: &Visitor, answer: &Answer) {
        let name = case.name();
        if !self.0.iter().any(|(known, _)| *known == name) {
            self.0.push((name.clone(), BTreeMap::new()));
        }
        let groups = self.0.iter_mut().find(|(known, _)| *known == name);
        let (_, groups) = groups.unwrap();
        let to = masked(answer.header("location"));
        let said = if to.is_empty() {
            answer.status.to_string()
        } else {
            format!("{} {to}", answer.status)
        };
        groups.entry(said).or_default().push((visitor.standing(), visitor.name()));
    }

    fn text(&self) -> String {
        let mut lines = vec![HEAD.to_owned()];
        let mut cases: Vec<_> = self.0.iter().collect();
        cases.sort_by_key(|(name, _)| position(name));
        for (name, groups) in cases {
            lines.push(name.clone());
            let all: Vec<&(&str, String)> = groups.values().flatten().collect();
            for (said, visitors) in groups {
                let to =
                    if groups.len() == 1 { "everybody".to_owned() } else { people(visitors, &all) };
                lines.push(format!("    {said}: {to}"));
            }
        }
        lines.join("\n") + "\n"
    }

    /// Compares with the file, or writes it.
    pub(crate) fn compare(&self) {
        for route in ROUTES {
            let begins = |name: &str| name.split(' ').nth(1) == Some(route.path);
            assert!(self.0.iter().any(|(name, _)| begins(name)), "{route:?} has no row");
        }
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("leak/access_matrix.txt");
        let now = self.text();
        if std::env::var_os(UPDATE).is_some() {
            std::fs::write(path, now).unwrap();
            return;
        }
        let golden = std::fs::read_to_string(path).unwrap_or_default();
        let changed: Vec<String> = differences(&golden, &now);
        assert!(
            changed.is_empty(),
            "who may reach what has changed. If it is meant, run this test with {UPDATE}=1 and \
             have the file reviewed:\n{}",
            changed.join("\n")
        );
    }
}

fn position(name: &str) -> (usize, String) {
    let at = ROUTES.iter().position(|route| name.split(' ').nth(1) == Some(route.path));
    (at.unwrap_or(usize::MAX), name.to_owned())
}

/// `patient carer/fresh`: a standing alone where all of its tiers are here.
fn people(visitors: &[(&'static str, String)], all: &[&(&str, String)]) -> String {
    let mut words: Vec<String> = Vec::new();
    for (standing, name) in visitors {
        let of = |list: &[&(&str, String)]| list.iter().filter(|one| one.0 == *standing).count();
        let here: Vec<&(&str, String)> = visitors.iter().collect();
        let word = if of(&here) == of(all) { (*standing).to_owned() } else { name.clone() };
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words.join(" ")
}

/// A path without ids, tokens, receipts and what a page is told to go on to.
pub(crate) fn masked(path: &str) -> String {
    let path = path.split_once("next=").map_or(path, |(before, _)| before);
    let path = path.trim_end_matches(['?', '&']);
    let part = |part: &str| if part.len() >= 32 { "*".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Lines that are only in one of the two, each below its route.
fn differences(golden: &str, now: &str) -> Vec<String> {
    let lines = |text: &str| {
        let mut route = String::new();
        let mut lines = Vec::new();
        for line in text.lines() {
            if line.starts_with(' ') {
                lines.push(format!("{route}{line}"));
            } else {
                line.clone_into(&mut route);
            }
        }
        lines
    };
    let (golden, now) = (lines(golden), lines(now));
    let gone = golden.iter().filter(|line| !now.contains(line)).map(|line| format!("- {line}"));
    let come = now.iter().filter(|line| !golden.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(come).collect()
}

#[test]
fn a_changed_line_is_named_with_its_route() {
    let golden = "# head\nGET /\n    200: everybody\nGET /x\n    404: stranger\n";
    let now = golden.replace("404: stranger", "200: stranger");
    assert_eq!(differences(golden, golden), Vec::<String>::new());
    assert_eq!(
        differences(golden, &now),
        ["- GET /x    404: stranger", "+ GET /x    200: stranger"]
    );
}

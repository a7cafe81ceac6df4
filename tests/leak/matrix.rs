//! The access matrix: what each route answers to each visitor, in a file that review sees.

use std::collections::BTreeMap;
use std::path::PathBuf;

use kith_web::{Method, ROUTES};

use crate::requests::{Answer, Case};
use crate::visitors::Visitor;

/// Set to write the file anew.
const UPDATE: &str = "UPDATE_ACCESS_MATRIX";

const HEAD: &str = "\
# What every route answers to every standing and tier: status, where it leads, and to whom.
# Written by the test `leak` when UPDATE_ACCESS_MATRIX is set; a change here is a change of access.
# The links in mails are brought by everybody; `nobody/link` brings nothing else.
";

/// A visitor by standing and by name.
type Visit = (&'static str, String);

/// By case and answer, who got it.
#[derive(Debug, Default)]
pub(crate) struct Matrix(BTreeMap<String, BTreeMap<String, Vec<Visit>>>);

impl Matrix {
    pub(crate) fn add(&mut self, case: &Case, visitor: &Visitor, answer: &Answer) {
        let groups = self.0.entry(case.name()).or_default();
        let to = masked(answer.header("location"));
        let said = if to.is_empty() {
            answer.status.to_string()
        } else {
            format!("{} {to}", answer.status)
        };
        groups.entry(said).or_default().push((visitor.standing(), visitor.name()));
    }

    /// The lines of each case.
    fn rows(&self) -> BTreeMap<String, Vec<String>> {
        let mut rows = BTreeMap::new();
        for (name, groups) in &self.0 {
            let all: Vec<&Visit> = groups.values().flatten().collect();
            let line = |(said, visitors): (&String, &Vec<_>)| {
                let everybody = groups.len() == 1;
                let to = if everybody { "everybody".to_owned() } else { people(visitors, &all) };
                format!("    {said}: {to}")
            };
            rows.insert(name.clone(), groups.iter().map(line).collect());
        }
        rows
    }

    /// Compares the rows of one method with the file, or writes them there. Tests that write the
    /// file at the same time undo each other: run them with one thread.
    pub(crate) fn compare(&self, method: Method) {
        let rows = self.rows();
        for route in ROUTES.iter().filter(|route| route.method == method) {
            assert!(rows.keys().any(|name| path(name) == route.path), "{route:?} has no row");
        }
        let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("leak/access_matrix.txt");
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let (mut golden, other): (BTreeMap<_, _>, BTreeMap<_, _>) =
            read(&text).into_iter().partition(|(name, _)| name.starts_with(word(method)));
        if std::env::var_os(UPDATE).is_some() {
            golden = rows;
            golden.extend(other);
            std::fs::write(file, written(&golden)).unwrap();
            return;
        }
        let changed = differences(&golden, &rows);
        assert!(
            changed.is_empty(),
            "who may reach what has changed. If it is meant, run this test with {UPDATE}=1 and \
             one thread, and have the file reviewed:\n{}",
            changed.join("\n")
        );
    }
}

const fn word(method: Method) -> &'static str {
    match method {
        Method::Get => "GET ",
        Method::Post => "POST ",
    }
}

/// The path in a case's name.
fn path(name: &str) -> &str {
    name.split(' ').nth(1).unwrap_or_default()
}

fn written(rows: &BTreeMap<String, Vec<String>>) -> String {
    let mut names: Vec<&String> = rows.keys().collect();
    names.sort_by_key(|name| position(name));
    let mut lines = vec![HEAD.to_owned()];
    for name in names {
        lines.push(name.clone());
        lines.extend(rows[name].iter().cloned());
    }
    lines.join("\n") + "\n"
}

fn read(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut rows: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut name = String::new();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with(' ') {
            rows.entry(name.clone()).or_default().push(line.to_owned());
        } else {
            line.clone_into(&mut name);
        }
    }
    rows
}

fn position(name: &str) -> (usize, String) {
    let at = ROUTES.iter().position(|route| path(name) == route.path);
    (at.unwrap_or(usize::MAX), name.to_owned())
}

/// `patient carer/fresh`: a standing alone where all of its tiers are here.
fn people(visitors: &[Visit], all: &[&Visit]) -> String {
    let mut words: Vec<String> = Vec::new();
    for (standing, name) in visitors {
        let of = |list: &[&Visit]| list.iter().filter(|one| one.0 == *standing).count();
        let here: Vec<&Visit> = visitors.iter().collect();
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

/// Lines that are only in one of the two, each after its route.
fn differences(
    golden: &BTreeMap<String, Vec<String>>,
    now: &BTreeMap<String, Vec<String>>,
) -> Vec<String> {
    let only = |these: &BTreeMap<String, Vec<String>>, those: &BTreeMap<_, Vec<String>>, sign| {
        let mut only = Vec::new();
        for (name, lines) in these {
            let known = those.get(name);
            let fresh =
                lines.iter().filter(|line| !known.is_some_and(|known| known.contains(line)));
            only.extend(fresh.map(|line| format!("{sign} {name}{line}")));
        }
        only
    };
    let mut all = only(golden, now, '-');
    all.extend(only(now, golden, '+'));
    all
}

#[test]
fn a_changed_line_is_named_with_its_route() {
    let golden = "# head\n\nGET /\n    200: everybody\nGET /x\n    404: stranger\n";
    let now = golden.replace("404: stranger", "200: stranger");
    assert_eq!(differences(&read(golden), &read(golden)), Vec::<String>::new());
    assert_eq!(
        differences(&read(golden), &read(&now)),
        ["- GET /x    404: stranger", "+ GET /x    200: stranger"]
    );
}

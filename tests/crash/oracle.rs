//! Judges a run from what was wanted, what the rows say, and what the relay has: never from what
//! the program says of itself.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::ledger::Copy;

/// A mail as its row says.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    pub(crate) dedupe: String,
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
}

impl Row {
    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.state.as_str(), "sent" | "cancelled" | "expired" | "failed")
    }

    fn ended(&self) -> String {
        format!("{}: {}", self.state, self.reason.as_deref().unwrap_or("-"))
    }
}

/// What there is to judge by. Mails that were wanted are known by the text that plans them once.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    /// Must arrive.
    pub(crate) wanted: BTreeSet<String>,
    /// Must not leave any more, from this entry of the ledger on.
    pub(crate) given_back: BTreeMap<String, usize>,
    /// The outbox at the end.
    pub(crate) rows: Vec<Row>,
    /// The ledger.
    pub(crate) copies: Vec<Copy>,
    /// For each run that was killed, the mails that its rows said were being sent.
    pub(crate) under_way: BTreeMap<u32, BTreeSet<Uuid>>,
    /// The most that may be sent at once.
    pub(crate) connections: usize,
}

/// What must never be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// Wanted, and no relay has it, whatever its row says.
    Lost(String),
    /// Wanted, and its row says something else than that it was sent.
    NotSent(String, String),
    /// A row that nobody wanted.
    NotPlanned(String),
    /// The relay has a mail of no row.
    OfNoRow(Uuid),
    /// Two copies of one mail differ, in their bytes or their Message-ID.
    Altered(Uuid),
    /// Two mails have one Message-ID.
    SameMessageId(Uuid),
    /// Sent again, although it was not being sent when its process died.
    RepeatedWithoutCause(Uuid),
    /// More repeats after one kill than there are connections.
    TooManyRepeats(u32, usize),
    /// Sent after the promise was given back.
    SentAfterGivenBack(String),
    /// About a promise that was given back, and not cancelled for it.
    NotCancelled(String, String),
}

/// Everything that is wrong.
pub(crate) fn problems(evidence: &Evidence) -> Vec<Problem> {
    let mut copies: BTreeMap<Uuid, Vec<(usize, &Copy)>> = BTreeMap::new();
    for (entry, copy) in evidence.copies.iter().enumerate() {
        copies.entry(copy.mail()).or_default().push((entry, copy));
    }
    let mut problems = Vec::new();
    rows(evidence, &copies, &mut problems);
    same_bytes(&copies, &mut problems);
    repeats(evidence, &copies, &mut problems);
    problems
}

/// Copies of the same mail after the first.
pub(crate) fn repeated(copies: &[Copy]) -> usize {
    copies.len() - copies.iter().map(Copy::mail).collect::<BTreeSet<_>>().len()
}

fn rows(
    evidence: &Evidence,
    copies: &BTreeMap<Uuid, Vec<(usize, &Copy)>>,
    problems: &mut Vec<Problem>,
) {
    let mut missing = evidence.wanted.clone();
    let mut ids = BTreeSet::new();
    for row in &evidence.rows {
        ids.insert(row.id);
        let copies = copies.get(&row.id).map_or(&[][..], Vec::as_slice);
        let dedupe = row.dedupe.clone();
        if evidence.wanted.contains(&dedupe) {
            missing.remove(&dedupe);
            if copies.is_empty() {
                problems.push(Problem::Lost(dedupe.clone()));
            }
            if row.state != "sent" {
                problems.push(Problem::NotSent(dedupe, row.ended()));
            }
        } else if let Some(from) = evidence.given_back.get(&dedupe) {
            if copies.iter().any(|(entry, _)| entry >= from) {
                problems.push(Problem::SentAfterGivenBack(dedupe));
            } else if copies.is_empty() && row.ended() != "cancelled: claim_dropped" {
                problems.push(Problem::NotCancelled(dedupe, row.ended()));
            }
        } else {
            problems.push(Problem::NotPlanned(dedupe));
        }
    }
    problems.extend(missing.into_iter().map(Problem::Lost));
    problems
        .extend(copies.keys().filter(|mail| !ids.contains(mail)).copied().map(Problem::OfNoRow));
}

fn same_bytes(copies: &BTreeMap<Uuid, Vec<(usize, &Copy)>>, problems: &mut Vec<Problem>) {
    let mut message_ids = BTreeSet::new();
    for (mail, copies) in copies {
        let (_, first) = copies[0];
        if copies.iter().any(|(_, copy)| {
            copy.bytes != first.bytes
                || copy.to != first.to
                || copy.message_id() != first.message_id()
        }) {
            problems.push(Problem::Altered(*mail));
        }
        if !message_ids.insert(first.message_id()) {
            problems.push(Problem::SameMessageId(*mail));
        }
    }
}

fn repeats(
    evidence: &Evidence,
    copies: &BTreeMap<Uuid, Vec<(usize, &Copy)>>,
    problems: &mut Vec<Problem>,
) {
    // A repeat is the doing of the kill after the copy before it.
    let mut after: BTreeMap<u32, usize> = BTreeMap::new();
    for (mail, copies) in copies {
        for pair in copies.windows(2) {
            let ((_, before), (_, again)) = (pair[0], pair[1]);
            let under_way = evidence.under_way.get(&before.run);
            let caused = under_way.is_some_and(|mails| mails.contains(mail));
            if again.run == before.run || !caused {
                problems.push(Problem::RepeatedWithoutCause(*mail));
            }
            *after.entry(before.run).or_default() += 1;
        }
    }
    for (run, repeats) in after {
        if repeats > evidence.connections {
            problems.push(Problem::TooManyRepeats(run, repeats));
        }
    }
}

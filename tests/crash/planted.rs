//! The oracle finds what it is there to find: each fault is planted in a run that is sound.

use std::collections::{BTreeMap, BTreeSet};

use kith_tests::Sink;
use uuid::Uuid;

use crate::house::House;
use crate::ledger::Copy;
use crate::oracle::{Evidence, Problem, problems};

/// Mails of the planted run.
const MAILS: usize = 6;

/// A run of six mails, of which one worker's fault may have touched the rows before.
async fn run(fault: Option<&str>) -> Evidence {
    let mut house = House::new().await;
    house.ask(MAILS).await;
    if let Some(sql) = fault {
        house.break_by_hand(sql).await;
    }
    let sink = Sink::open();
    house.deliver(&sink).await;
    let copies = sink
        .accepted()
        .into_iter()
        .map(|handed| Copy { run: 1, at: 0, to: handed.to, bytes: handed.bytes })
        .collect();
    house.evidence(copies, BTreeMap::new(), 4).await
}

/// The same after a kill, at which the first `mails` were in flight and after which they were
/// repeated.
async fn run_with_repeats(mails: usize) -> Evidence {
    let mut evidence = run(None).await;
    let again: Vec<Copy> =
        evidence.copies.iter().take(mails).map(|copy| Copy { run: 2, ..copy.clone() }).collect();
    let under_way: BTreeSet<Uuid> = again.iter().map(Copy::mail).collect();
    evidence.under_way.insert(1, under_way);
    evidence.copies.extend(again);
    evidence
}

fn dedupe_of(evidence: &Evidence, mail: Uuid) -> String {
    let mut rows = evidence.rows.iter();
    rows.find(|row| row.id == mail).expect("it has a row").dedupe.clone()
}

#[tokio::test]
async fn a_sound_run_has_no_problem() {
    let evidence = run_with_repeats(4).await;
    assert_eq!((evidence.copies.len(), problems(&evidence)), (MAILS + 4, Vec::new()));
}

#[tokio::test]
async fn a_worker_that_marks_a_mail_sent_before_it_is_handed_over_is_caught() {
    let evidence =
        run(Some("UPDATE outbox SET state = 'sent' WHERE id = (SELECT MIN(id) FROM outbox)")).await;
    let first = evidence.rows.first().expect("rows are in the order of ids");
    assert_eq!(problems(&evidence), [Problem::Lost(first.dedupe.clone())]);
}

#[tokio::test]
async fn a_mail_that_was_never_planned_is_caught() {
    let evidence = run(Some("DELETE FROM outbox WHERE id = (SELECT MIN(id) FROM outbox)")).await;
    let planned: BTreeSet<_> = evidence.rows.iter().map(|row| row.dedupe.clone()).collect();
    let lost = evidence.wanted.difference(&planned).cloned().map(Problem::Lost);
    assert_eq!(problems(&evidence), lost.collect::<Vec<_>>());
    assert_eq!(evidence.rows.len(), MAILS - 1);
}

#[tokio::test]
async fn a_mail_that_is_missing_in_the_ledger_is_caught() {
    let mut evidence = run_with_repeats(0).await;
    let lost = evidence.copies.remove(0).mail();
    assert_eq!(problems(&evidence), [Problem::Lost(dedupe_of(&evidence, lost))]);
}

#[tokio::test]
async fn a_repeat_that_differs_is_caught() {
    let faults = [("Heron", "Robin"), ("Message-ID: <", "Message-ID: <x"), ("Date: ", "Date:  ")];
    for (was, is) in faults {
        let mut evidence = run_with_repeats(2).await;
        let copy = evidence.copies.last_mut().expect("the second repeat");
        let text = String::from_utf8(copy.bytes.clone()).expect("text");
        assert!(text.contains(was), "the mail says {was}");
        copy.bytes = text.replacen(was, is, 1).into_bytes();
        let altered = Problem::Altered(copy.mail());
        assert_eq!(problems(&evidence), [altered]);
    }
}

#[tokio::test]
async fn a_repeat_too_many_is_caught() {
    let evidence = run_with_repeats(5).await;
    assert_eq!(problems(&evidence), [Problem::TooManyRepeats(1, 5)]);
}

#[tokio::test]
async fn a_repeat_of_what_was_not_in_flight_is_caught() {
    let mut evidence = run_with_repeats(2).await;
    let mail = evidence.copies[0].mail();
    let under_way = evidence.under_way.get_mut(&1).expect("the first run was killed");
    assert!(under_way.remove(&mail));
    assert_eq!(problems(&evidence), [Problem::RepeatedWithoutCause(mail)]);
}

#[tokio::test]
async fn a_repeat_without_a_kill_is_caught() {
    let mut evidence = run_with_repeats(1).await;
    let again = evidence.copies.last_mut().expect("the repeat");
    again.run = 1;
    let mail = again.mail();
    assert_eq!(problems(&evidence), [Problem::RepeatedWithoutCause(mail)]);
}

#[tokio::test]
async fn a_mail_about_a_promise_that_was_given_back_is_caught() {
    let mut evidence = run_with_repeats(0).await;
    let dedupe = dedupe_of(&evidence, evidence.copies[3].mail());
    evidence.wanted.remove(&dedupe);
    evidence.given_back.insert(dedupe.clone(), 3);
    assert_eq!(problems(&evidence), [Problem::SentAfterGivenBack(dedupe.clone())]);
    // What had arrived before is no fault.
    evidence.given_back.insert(dedupe.clone(), 4);
    assert_eq!(problems(&evidence), []);
    // One that vanished without a word is.
    evidence.copies.remove(3);
    let said = Problem::NotCancelled(dedupe, "sent: -".to_owned());
    assert_eq!(problems(&evidence), [said]);
}

#[tokio::test]
async fn rows_and_mails_that_do_not_belong_together_are_caught() {
    let mut evidence = run_with_repeats(0).await;
    let gone = evidence.rows.remove(0);
    assert_eq!(
        problems(&evidence),
        [Problem::Lost(gone.dedupe.clone()), Problem::OfNoRow(gone.id)]
    );
    evidence.rows.push(gone.clone());
    evidence.wanted.remove(&gone.dedupe);
    assert_eq!(problems(&evidence), [Problem::NotPlanned(gone.dedupe)]);
}

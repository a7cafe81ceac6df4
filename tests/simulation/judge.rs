//! Judges a run by what people wanted at each moment, what the rows say at the end, and what the
//! relay took.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kith_domain::ids::{OrganisationId, TaskId};
use kith_domain::{HORIZON_DAYS, Timestamp};
use kith_store::Store;
use kith_tests::clock::london;
use uuid::Uuid;

use crate::relay::Notes;
use crate::truth::{Dated, MailOf, Wish};

/// What must never be. Mails are named by the text that plans them once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// Handed over without having been marked as being sent.
    NotMarked(String, String),
    /// Handed over when it was of no use any more.
    TooLate(String),
    /// Handed over although nobody wanted it any more, and why.
    Unwanted(String, &'static str),
    /// Handed over with other bytes than the time before.
    Altered(String),
    /// Handed over, and there is no such row.
    OfNoRow(Uuid),
    /// Wanted from before it was due until it was of no use any more, and there is no row.
    Missing(String),
    /// Wanted so, and its row ended as if it were not.
    GivenUp(String, String),
    /// Wanted so on a good day, and yet it was not sent.
    NotSent(String, String),
    /// In no final state although its time is over.
    NeverEnded(String, String),
    /// Its row says that it was sent, and the relay never took it.
    SentWithoutCopy(String),
    /// Its row says that it failed, and the relay never refused it.
    FailedWithoutRefusal(String, String),
    /// Taken twice, although the first time was answered by a process that lived.
    Repeated(String),
    /// A day of a task that has no slot.
    NoSlot(String),
    /// A day of a task that has two.
    TwoSlots(String),
    /// A slot at another time of day than its task.
    WrongHour(String),
}

/// One look of the program.
#[derive(Clone, Debug)]
pub(crate) struct Moment {
    pub(crate) at: Timestamp,
    /// Nothing was in its way.
    pub(crate) calm: bool,
    pub(crate) wishes: Arc<BTreeMap<Uuid, Wish>>,
}

/// Hours before a reminder was due within which trouble may still hold it up: the longest wait
/// after a failure is an hour and a fifth.
const AFTERMATH_HOURS: i64 = 2;

/// What is wrong with the mails at the end. `deaths` are the processes that died.
pub(crate) fn mails(
    moments: &[Moment],
    rows: &[MailOf],
    notes: &Notes,
    deaths: &BTreeSet<u32>,
    now: Timestamp,
) -> Vec<Problem> {
    let by_text: BTreeMap<&str, &MailOf> =
        rows.iter().map(|row| (row.dedupe.as_str(), row)).collect();
    let mut problems = Vec::new();
    for row in rows {
        if !row.has_ended() && row.useful_until() < now {
            problems.push(Problem::NeverEnded(row.dedupe.clone(), row.state.clone()));
        }
        let copies: Vec<_> = notes.taken.iter().filter(|taken| taken.mail == row.id).collect();
        if row.state == "sent" && copies.is_empty() {
            problems.push(Problem::SentWithoutCopy(row.dedupe.clone()));
        }
        let may_fail = match row.reason.as_deref() {
            Some("refused_by_server") => notes.refused.contains(&row.id),
            // Once nothing arrives at an address, what goes there is not tried again.
            Some("bounced") => notes.unreachable,
            _ => false,
        };
        if row.state == "failed" && !may_fail {
            problems.push(Problem::FailedWithoutRefusal(row.dedupe.clone(), row.ended()));
        }
        for pair in copies.windows(2) {
            let died_with_it =
                deaths.contains(&pair[0].life) && notes.last_of.get(&pair[0].life) == Some(&row.id);
            if pair[0].told && !died_with_it {
                problems.push(Problem::Repeated(row.dedupe.clone()));
            }
        }
    }
    reminders(moments, &by_text, &mut problems);
    problems
}

/// Each reminder that was wanted without a break from before it was due until its time was over has
/// ended where a person sees it; and was sent, where nothing was in the way.
fn reminders(moments: &[Moment], by_text: &BTreeMap<&str, &MailOf>, problems: &mut Vec<Problem>) {
    let claims: BTreeSet<Uuid> =
        moments.last().into_iter().flat_map(|moment| moment.wishes.keys().copied()).collect();
    for claim in claims {
        let wish = |index: usize| moments[index].wishes.get(&claim);
        let mut begins = 0;
        while begins < moments.len() {
            let mut ends = begins + 1;
            while ends < moments.len() && wish(ends) == wish(begins) {
                ends += 1;
            }
            if let Some(wish) = wish(begins) {
                one_wish(wish, &moments[begins..ends], by_text, problems);
            }
            begins = ends;
        }
    }
}

fn one_wish(
    wish: &Wish,
    while_it_stood: &[Moment],
    by_text: &BTreeMap<&str, &MailOf>,
    problems: &mut Vec<Problem>,
) {
    let useful_until = wish.useful_until();
    for (kind, due) in wish.reminders() {
        let from_before = while_it_stood.iter().any(|moment| moment.at <= due);
        let until_after = while_it_stood.iter().any(|moment| moment.at >= useful_until);
        if !from_before || !until_after || due >= useful_until {
            continue;
        }
        let much_later = useful_until.plus_hours(AFTERMATH_HOURS);
        let until_much_later = while_it_stood.iter().any(|moment| moment.at >= much_later);
        let text = wish.dedupe(kind);
        let Some(row) = by_text.get(text.as_str()) else {
            problems.push(Problem::Missing(text));
            continue;
        };
        let visible = matches!(row.state.as_str(), "sent" | "expired" | "failed");
        let in_time = |moment: &&Moment| {
            moment.at >= due.plus_hours(-AFTERMATH_HOURS) && moment.at < useful_until
        };
        let before = while_it_stood.iter().any(|m| m.at <= due.plus_hours(-AFTERMATH_HOURS));
        let mut on_time = while_it_stood.iter().filter(in_time).peekable();
        let looked = while_it_stood.iter().any(|m| m.at >= due && m.at < useful_until);
        let good_day = before && looked && on_time.peek().is_some() && on_time.all(|m| m.calm);
        if good_day && row.state != "sent" {
            problems.push(Problem::NotSent(text, row.ended()));
        } else if !visible && until_much_later {
            // Else what was too late already may have been called off as well before anybody looked.
            problems.push(Problem::GivenUp(text, row.ended()));
        }
    }
}

/// What is wrong with the weeks: each day of a task has one slot until twelve weeks ahead, at the
/// task's time of day where nobody moved it.
pub(crate) async fn weeks(
    store: &Store,
    organisation: OrganisationId,
    slots: &[Dated],
    now: Timestamp,
) -> Vec<Problem> {
    use jiff::ToSpan as _;
    let mut problems = Vec::new();
    let mut by_day: BTreeMap<(Uuid, i32, &str), Vec<&Dated>> = BTreeMap::new();
    for slot in slots {
        by_day.entry((slot.task_id, slot.series, &slot.made_for)).or_default().push(slot);
    }
    for ((task, _, day), slots) in &by_day {
        if slots.len() > 1 {
            problems.push(Problem::TwoSlots(format!("{task} {day}")));
        }
    }
    let tasks: BTreeSet<Uuid> = slots.iter().map(|slot| slot.task_id).collect();
    let snapshot = store.snapshot(organisation).await.unwrap();
    let zone = london();
    for id in tasks {
        let task = snapshot.task(TaskId::from_uuid(id)).await.unwrap().expect("tasks are kept");
        if task.ended {
            continue;
        }
        let today = zone.date(now);
        let horizon = today.saturating_add(HORIZON_DAYS.days());
        for day in task.repeat.days_between(task.first.date(), today, horizon) {
            if task.left_out.contains(day) {
                continue;
            }
            let text = day.to_string();
            let of_day: Vec<_> =
                slots.iter().filter(|slot| slot.task_id == id && slot.made_for == text).collect();
            let Some(newest) = of_day.iter().max_by_key(|slot| slot.series) else {
                problems.push(Problem::NoSlot(format!("{id} {text}")));
                continue;
            };
            let (starts, _) = task.first.on(day).instants(&zone);
            // Days of a series that was changed on the way are those of the tests of series.
            let as_planned = task.series == 0 && newest.revision == 0 && newest.state == "open";
            if as_planned && newest.starts() != starts {
                problems.push(Problem::WrongHour(format!("{id} {text}")));
            }
        }
    }
    snapshot.end();
    problems
}

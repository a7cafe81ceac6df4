//! What one person has promised and opened, as the pages about that person show it.

use jiff::civil::Date;
use kith_app::{About, LookView, Promised, Traces};
use kith_domain::{Action, Category, ClaimState};

use super::looks::look_row;
use super::slots::slot_path;
use crate::http::caller::Caller;
use crate::page::view::{LookRow, SlotRow, SlotState, kind_icon};
use crate::words;

/// Looks that the page about taking somebody out shows.
const MOST_SEEN: usize = 8;

/// What is private beyond the everyday of a circle.
const PRIVATE: [Category; 4] = [Category::Address, Category::News, Category::Care, Category::Entry];

/// "A visit", "Monday 23 November, 2pm to 3pm".
pub(super) fn promised(about: &About, name: &str, traces: &Traces) -> Vec<SlotRow> {
    let row = |one: &Promised| SlotRow {
        icon: kind_icon(one.kind.as_str()),
        what: words::task_kind(one.kind.as_str()).to_owned(),
        when: format!(
            "{}, {}",
            words::day(one.local_start.date()),
            words::times_of(one.kind, one.local_start.time(), one.local_end.time())
        ),
        href: slot_path(about.circle, one.slot),
        state: match one.state {
            ClaimState::CoverWanted => SlotState::CoverWanted {
                who: name.to_owned(),
                with: String::new(),
                may_take: false,
            },
            _ => SlotState::Covered { who: name.to_owned(), mine: false },
        },
    };
    traces.promised.iter().map(row).collect()
}

/// "A visit on Monday 23 November".
pub(super) fn promises(traces: &Traces) -> Vec<String> {
    let said = |one: &Promised| {
        let day = words::day(one.local_start.date());
        format!("{} on {day}", words::task_kind(one.kind.as_str()))
    };
    traces.promised.iter().map(said).collect()
}

/// What they opened of what is private, newest first.
pub(super) fn seen(caller: &Caller, traces: &Traces, today: Date) -> Vec<LookRow> {
    let organisation = &caller.visit.organisation.name;
    let private = traces.looks.iter().filter(|look| PRIVATE.contains(&look.category));
    private.take(MOST_SEEN).map(|look| look_row(look, organisation, today)).collect()
}

/// Whether they have read how to get in.
pub(super) fn saw_entry(traces: &Traces) -> bool {
    let opened =
        |look: &LookView| look.category == Category::Entry && look.action == Action::Disclose;
    traces.looks.iter().any(opened)
}

//! The week of a circle, on the screen and on paper.

use crate::http::address::{Path, Query};
use jiff::ToSpan as _;
use jiff::civil::Date;
use kith_app::{About, Carrying, ComesAgain, RotaWeek, SlotView};
use kith_domain::ids::CircleId;
use kith_domain::{CircleState, Ends};
use serde::Deserialize;

use super::people::patient;
use super::slots::{Called, pair, slot_path, state};
use super::{Answered, go, page};
use crate::form_view::Post;
use crate::http::answer::Answer;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::page::layout::{Flash, Place};
use crate::page::rota::{PrintRotaPage, RotaDay, RotaPage, RotaSlot};
use crate::page::view::{SlotState, kind_icon};
use crate::words;

/// Which week.
#[derive(Deserialize)]
pub(crate) struct Week {
    week: Option<String>,
    /// What was put on the rota a moment ago and comes again.
    task: Option<String>,
}

impl Week {
    /// A day of the week that is asked for.
    fn day(&self) -> Result<Option<Date>, Answer> {
        self.week.as_deref().map(|day| day.parse().map_err(|_| Answer::NotHere)).transpose()
    }
}

pub(crate) async fn week(
    caller: Caller,
    Path(circle): Path<CircleId>,
    Query(query): Query<Week>,
) -> Answered {
    let view = caller.web.app.rota_week(&caller.visit, circle, query.day()?).await?;
    let mut shown = show(&caller, &view);
    if let Some(task) = query.task.and_then(|task| task.parse().ok())
        && let Some(again) = caller.web.app.comes_again(&caller.visit, circle, task).await?
    {
        let said = format!("It is on the rota. {}", comes_again(&again));
        shown.layout.flash = Some(Flash::Done(said));
    }
    page(&shown)
}

/// "Every Tuesday, 10am to 11am, until 24 December 2026. Next: Tuesday 24 November and Tuesday 1
/// December."
fn comes_again(again: &ComesAgain) -> String {
    let (days, all) = (again.repeat.ending(Ends::Never).to_string(), again.repeat.to_string());
    let ends = all.strip_prefix(&days).unwrap_or_default();
    let times = words::times_of(again.kind, again.times.0, again.times.1);
    let next: Vec<String> = again.next.iter().map(|day| words::day(*day)).collect();
    let next = match next.as_slice() {
        [] => String::new(),
        days => format!(" Next: {}.", words::list(days)),
    };
    format!("{}, {times}{ends}.{next}", words::capital(&days))
}

pub(crate) async fn print(
    caller: Caller,
    Path(circle): Path<CircleId>,
    Query(query): Query<Week>,
) -> Answered {
    let view = caller.web.app.rota_week(&caller.visit, circle, query.day()?).await?;
    let now = view.about.zone.local(caller.visit.now());
    page(&PrintRotaPage {
        layout: caller.family(&view.about, Place::Rota),
        back: format!("{}/rota?week={}", circle_path(view.about.circle), view.monday),
        circle: view.about.nature_name.clone(),
        week: words::days(view.monday, view.monday.saturating_add(6.days())),
        paused: view.about.state == CircleState::Paused,
        printed: words::day_at(now),
        days: days(&caller, &view, Called::ByName),
        card: super::private::who_to_call_card(&view.about),
    })
}

fn show(caller: &Caller, view: &RotaWeek) -> RotaPage {
    let base = circle_path(view.about.circle);
    let of = |monday: Date| format!("{base}/rota?week={monday}");
    RotaPage {
        layout: caller.family(&view.about, Place::Rota),
        patient: patient(&view.about),
        week: words::days(view.monday, view.monday.saturating_add(6.days())),
        before: view.before.map(of),
        after: view.after.map(of),
        print: format!("{base}/print/rota?week={}", view.monday),
        paused: view.about.state == CircleState::Paused,
        days: days(caller, view, Called::You),
        carrying: view.carrying.as_ref().map(carrying),
        add: view.about.change_rota.then(|| format!("{base}/rota/add")),
        copy: copy(caller, view),
    }
}

/// "Joan and Tom have six of these eight."
fn carrying(carrying: &Carrying) -> String {
    let (who, have) = match carrying.names.as_slice() {
        [_] if carrying.is_you => ("You".to_owned(), "have"),
        [one] => (one.clone(), "has"),
        several => (words::list(several), "have"),
    };
    let (theirs, of) = (words::number(carrying.theirs), words::number(carrying.of));
    if carrying.theirs == carrying.of {
        format!("{who} {have} all {of} of these.")
    } else {
        format!("{who} {have} {theirs} of these {of}.")
    }
}

/// Puts the week on the one after it; an empty week is filled from the one before it.
fn copy(caller: &Caller, view: &RotaWeek) -> Option<Post> {
    let empty = |day: &kith_app::RotaDay| {
        day.morning.is_empty() && day.afternoon.is_empty() && day.evening.is_empty()
    };
    let is_over = |monday: Date| monday.saturating_add(6.days()) < view.today;
    let from = if view.days.iter().all(empty) {
        view.before.filter(|_| !is_over(view.monday))?
    } else {
        view.after.filter(|next| !is_over(*next)).map(|_| view.monday)?
    };
    view.about.change_rota.then(|| {
        let post = caller.post(format!("{}/rota/copy", circle_path(view.about.circle)));
        post.with("week", Some(from.to_string()))
    })
}

/// Copies a week to the next.
pub(crate) async fn copy_week(
    caller: Caller,
    Path(circle): Path<CircleId>,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    let from = fields.get("week").parse().map_err(|_| Answer::OldForm)?;
    let copied = caller.web.app.copy_week(&caller.visit, circle, from, receipt).await?;
    let said = match copied.added {
        0 => "nothing-copied".to_owned(),
        added => format!("copied-{added}"),
    };
    go(&format!("{}/rota?week={}&said={said}", circle_path(circle), copied.monday))
}

fn days(caller: &Caller, view: &RotaWeek, naming: Called) -> Vec<RotaDay> {
    let slots = |slots: &[SlotView]| -> Vec<RotaSlot> {
        slots.iter().map(|slot| rota_slot(caller, &view.about, slot, naming)).collect()
    };
    view.days
        .iter()
        .map(|day| RotaDay {
            weekday: words::weekday(day.date.weekday()).to_owned(),
            date: words::day_month(day.date),
            is_today: day.date == view.today,
            morning: slots(&day.morning),
            afternoon: slots(&day.afternoon),
            evening: slots(&day.evening),
        })
        .collect()
}

fn rota_slot(caller: &Caller, about: &About, slot: &SlotView, naming: Called) -> RotaSlot {
    // Narrow cells say that somebody is needed; who has not answered is on the task's own page.
    let state = match state(caller, about, slot, naming) {
        SlotState::Needed { take, ask, .. } if slot.taken == 0 => {
            SlotState::Needed { asked: pair(slot), take, ask }
        }
        other => other,
    };
    RotaSlot {
        icon: kind_icon(slot.kind.as_str()),
        what: words::task_kind(slot.kind.as_str()).to_owned(),
        when: words::times_of(slot.kind, slot.local_start.time(), slot.local_end.time()),
        href: slot_path(about.circle, slot.id),
        // On paper it is what it is now.
        instead: slot
            .instead
            .as_ref()
            .filter(|_| naming == Called::You)
            .map(super::instead::in_a_cell),
        state,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_something_comes_again_is_said_with_its_next_days() {
        let (day, at) = (jiff::civil::date, |hour| jiff::civil::time(hour, 0, 0, 0));
        let start = kith_domain::repeat::RruleStart::of(day(2026, 11, 24));
        let said = |rule, next: &[u8]| {
            let repeat = kith_domain::Repeat::from_rrule(rule, &start).unwrap();
            let next = next.iter().map(|d| day(2026, 11, d.cast_signed())).collect();
            let kind = kith_domain::TaskKind::Visit;
            comes_again(&ComesAgain { kind, repeat, times: (at(10), at(11)), next })
        };
        assert_eq!(
            said("FREQ=WEEKLY;BYDAY=TU", &[10, 17, 24]),
            "Every Tuesday, 10am to 11am. Next: Tuesday 10 November, Tuesday 17 November and Tuesday 24 \
             November."
        );
        assert_eq!(
            said("FREQ=MONTHLY;BYMONTHDAY=24;COUNT=2", &[24]),
            "On the 24th of every month, 10am to 11am, twice. Next: Tuesday 24 November."
        );
        assert_eq!(
            said("FREQ=DAILY;UNTIL=20261201", &[]),
            "Every day, 10am to 11am, until 1 December 2026."
        );
    }

    #[test]
    fn who_carries_a_week_is_said_in_a_sentence() {
        let says = |names: &[&str], is_you, theirs| {
            let names = names.iter().map(ToString::to_string).collect();
            carrying(&Carrying { names, is_you, theirs, of: 8 })
        };
        assert_eq!(says(&["Joan", "Tom"], false, 6), "Joan and Tom have six of these eight.");
        assert_eq!(says(&["Joan"], false, 6), "Joan has six of these eight.");
        assert_eq!(says(&["Ruth"], true, 8), "You have all eight of these.");
    }
}

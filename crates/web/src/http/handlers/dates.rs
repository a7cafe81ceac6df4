//! Taking several dates of one task at once.

use crate::http::address::Path;
use kith_app::{DateChoice, DatesForm, Every, Failure, Problem, What};
use kith_domain::ids::{CircleId, SlotId};
use kith_domain::repeat::{Weekdays, weekday};

use super::slot::layout;
use super::slots::slot_path;
use super::{Answered, again, go, page};
use crate::form_view::FieldView;
use crate::http::caller::Caller;
use crate::http::fields::Fields;
use crate::http::problems::{field, sentence_for};
use crate::page::dates::{DateTick, DatesPage};
use crate::page::task_form::Again;
use crate::words;

type Slot = Path<(CircleId, SlotId)>;

fn show(
    caller: &Caller,
    slot: SlotId,
    view: &DatesForm,
    fields: &Fields,
    problems: &[Problem],
) -> DatesPage {
    let own = slot_path(view.about.circle, slot);
    let tick = |date: &DateChoice| {
        let day = words::day(date.local_start.date());
        let (from, to) = (date.local_start.time(), date.local_end.time());
        let times = words::times_of(view.kind, from, to);
        let hint = "You have promised something else at that time, or close to it.";
        DateTick {
            value: date.slot.to_string(),
            when: format!("{day}, {times}"),
            hint: if date.clash { hint.to_owned() } else { String::new() },
            ticked: fields
                .list()
                .iter()
                .any(|(name, value)| name == "dates" && *value == date.slot.to_string()),
        }
    };
    DatesPage {
        layout: layout(caller, &view.about),
        what: words::task_kind(view.kind.as_str()).to_owned(),
        post: caller
            .post(format!("{own}/dates"))
            .with("several", view.weekdays.map(|_| "yes".to_owned())),
        back: own,
        dates: view.dates.iter().map(tick).collect(),
        chosen: FieldView { value: String::new(), error: sentence_for(problems, "dates") },
        until: field(fields, problems, "all_until"),
        reaches: view.reaches.map_or_else(String::new, |day| {
            let reaches = format!("The rota reaches to {}.", words::day(day));
            if view.repeat.is_again() {
                format!("{reaches} Later ones become yours as they are put on it.")
            } else {
                reaches
            }
        }),
        comes: view.repeat.is_again().then(|| view.repeat.to_string()),
        on: days(view, fields),
        on_error: FieldView { value: String::new(), error: sentence_for(problems, "on") },
        promised: view.promised.map(|(repeat, _)| repeat.to_string()),
        open: fields.has("all_open"),
    }
}

/// The weekdays of which only some may be promised: all of them, or those that are promised now, until
/// somebody has sent the form.
fn days(view: &DatesForm, fields: &Fields) -> Vec<(&'static str, &'static str, bool)> {
    let Some(days) = view.weekdays else { return Vec::new() };
    let now = view.promised.and_then(|(_, on)| on).unwrap_or(days);
    let ticked = |letters: &str| {
        if fields.has("several") {
            fields.all("on").any(|on| on == letters)
        } else {
            weekday(letters).is_some_and(|day| now.contains(day))
        }
    };
    let mut week = Again::week(ticked);
    week.retain(|(letters, ..)| weekday(letters).is_some_and(|day| days.contains(day)));
    week
}

pub(crate) async fn form_page(caller: Caller, Path((circle, slot)): Slot) -> Answered {
    let view = caller.web.app.dates_form(&caller.visit, circle, slot).await?;
    page(&show(&caller, slot, &view, &Fields::default(), &[]))
}

/// Takes the dates that were ticked, or all until a day.
pub(crate) async fn take(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let ticked = fields.list().iter().filter(|(name, _)| name == "dates");
    let chosen: Vec<SlotId> = ticked.filter_map(|(_, value)| value.parse().ok()).collect();
    let app = &caller.web.app;
    let every = match fields.get("all_until").trim() {
        "" if fields.has("all_open") => Every::UntilISay,
        "" => Every::No,
        typed => {
            if let Ok(until) = typed.parse() {
                Every::Until(until)
            } else {
                // Nobody promises more than was meant: a day that cannot be read is asked for again.
                let view = app.dates_form(&caller.visit, circle, slot).await?;
                let problem = Problem { field: "all_until", what: What::Choose };
                return again(&show(&caller, slot, &view, &fields, &[problem]));
            }
        }
    };
    let on = Weekdays::of(fields.all("on").filter_map(weekday));
    if on.is_none() && every != Every::No && fields.has("several") {
        let view = app.dates_form(&caller.visit, circle, slot).await?;
        let problem = Problem { field: "on", what: What::Choose };
        return again(&show(&caller, slot, &view, &fields, &[problem]));
    }
    match app.take_dates(&caller.visit, circle, slot, (&chosen, every, on), receipt).await {
        Ok(several) => {
            (caller.web.mail_waits)();
            let said = match (several.yours, several.gone) {
                _ if several.every => "every",
                (0, _) => "taken",
                (_, 0) => "dates",
                _ => "some-dates",
            };
            go(&format!("{}?said={said}", slot_path(circle, slot)))
        }
        Err(Failure::Invalid(problems)) => {
            let view = app.dates_form(&caller.visit, circle, slot).await?;
            again(&show(&caller, slot, &view, &fields, &problems))
        }
        Err(other) => Err(other.into()),
    }
}

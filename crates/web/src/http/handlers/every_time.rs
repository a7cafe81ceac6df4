//! What somebody does each time that it comes, and ending that.

use crate::http::address::{Path, Query};
use kith_app::{EveryTime, Failure, Problem, StopEvery};
use kith_domain::Repeat;
use kith_domain::ids::{CircleId, MembershipId, SlotId};
use serde::Deserialize;

use super::slot::layout;
use super::slots::slot_path;
use super::{Answered, again, go, page};
use crate::http::caller::Caller;
use crate::http::fields::Fields;
use crate::http::problems::field;
use crate::page::every_time::StopEveryPage;
use crate::words;

type Slot = Path<(CircleId, SlotId)>;

/// "Tom does this every Tuesday, until 24 December 2026.", and where one's own ends.
pub(super) fn sentences(every: &[EveryTime], own: &str) -> Vec<(String, Option<String>)> {
    let sentence = |every: &EveryTime| {
        let comes = each(every.repeat);
        let name = every.name.as_deref().unwrap_or("Somebody");
        let words = match (every.is_you, every.is_asked) {
            (true, false) => format!("You do this {comes}."),
            (true, true) => "You did this each time. It comes at other times now, and you are \
                             asked whether those suit you."
                .to_owned(),
            (false, false) => format!("{name} does this {comes}."),
            (false, true) => format!(
                "{name} did this each time. It comes at other times now, and {name} is asked."
            ),
        };
        let end = match every.may_end {
            _ if every.is_you => Some(format!("{own}/every")),
            Some(whose) => Some(format!("{own}/every?whose={whose}")),
            None => None,
        };
        (words, end)
    };
    every.iter().map(sentence).collect()
}

fn each(repeat: Repeat) -> String {
    repeat.to_string()
}

/// For whom it is ended; the reader's own when nobody is named.
#[derive(Deserialize)]
pub(crate) struct Whose {
    whose: Option<MembershipId>,
}

fn show(
    caller: &Caller,
    (slot, whose): (SlotId, Option<MembershipId>),
    view: &StopEvery,
    fields: &Fields,
    problems: &[Problem],
) -> StopEveryPage {
    let own = slot_path(view.about.circle, slot);
    let kind = words::task_kind(view.kind.as_str());
    StopEveryPage {
        layout: layout(caller, &view.about),
        what: format!("{kind}, {}", each(view.repeat)),
        dates: view.dates.last().map(|last| {
            let how_many = words::how_many(view.dates.len(), "date is", "dates are");
            let how_many = words::capital(&how_many);
            let rota =
                view.name.as_ref().map_or("your rota".to_owned(), |name| format!("{name}’s rota"));
            format!("{how_many} on {rota} now, the last on {}.", words::day(*last))
        }),
        name: view.name.clone(),
        post: caller
            .post(format!("{own}/every"))
            .with("whose", whose.map(|whose| whose.to_string())),
        last: field(fields, problems, "last"),
        then: field(fields, problems, "then"),
        back: own,
    }
}

pub(crate) async fn form_page(
    caller: Caller,
    Path((circle, slot)): Slot,
    Query(Whose { whose }): Query<Whose>,
) -> Answered {
    let view = caller.web.app.stop_every_form(&caller.visit, circle, slot, whose).await?;
    let fields = Fields::filled(&[("last", &view.today.to_string()), ("then", "keep")]);
    page(&show(&caller, (slot, whose), &view, &fields, &[]))
}

/// Ends it after a day.
pub(crate) async fn stop(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let how = (fields.get("last"), fields.get("then") == "back");
    let app = &caller.web.app;
    let whose = fields.get("whose").parse().ok();
    match app.stop_every(&caller.visit, circle, (slot, whose), how, receipt).await {
        Ok(handed_back) => {
            (caller.web.mail_waits)();
            let said = if handed_back > 0 { "every-back" } else { "every-ended" };
            go(&format!("{}?said={said}", slot_path(circle, slot)))
        }
        Err(Failure::Invalid(problems)) => {
            let view = app.stop_every_form(&caller.visit, circle, slot, whose).await?;
            again(&show(&caller, (slot, whose), &view, &fields, &problems))
        }
        Err(other) => Err(other.into()),
    }
}

//! One slot: take it, see what one promised, give it back.

use crate::http::address::Path;
use axum::http::{HeaderValue, header};
use axum::response::IntoResponse;
use kith_app::{About, CannotHow, CannotOutcome, Opening, SlotPage, SlotView, TakeOutcome, Taker};
use kith_domain::ids::{CircleId, SlotId};
use kith_domain::{CircleState, ClaimState, Timestamp, reminder};

use super::instead;
use super::people::patient;
use super::private::who_to_call;
use super::slot_more::{self, Typed};
use super::slots::{Called, STAYS, asked, slot_path, state, who, who_is_sure};
use super::{Answered, again, go, page, slot_history};
use crate::form_view::{FieldView, Post};
use crate::http::answer::Answer;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::page::answer::CannotPage;
use crate::page::layout::{Layout, Place};
use crate::page::slot::{NoteFrom, Opening as Part, SlotDoing, SlotPage as SlotHtml};
use crate::page::slot_more::More;
use crate::page::view::{SlotState, kind_icon};
use crate::words;

type Slot = Path<(CircleId, SlotId)>;

/// The circle's navigation on a trusted device; the helper's own elsewhere, with nature names.
pub(super) fn layout(caller: &Caller, about: &About) -> Layout {
    if about.patient.is_some() {
        caller.family(about, Place::Rota)
    } else {
        caller.volunteer(about.reader.clone(), Place::MyRota)
    }
}

/// Where somebody goes back to.
pub(super) fn back(about: &About) -> String {
    if about.patient.is_some() {
        format!("{}/rota", circle_path(about.circle))
    } else {
        "/me/rota".to_owned()
    }
}

pub(super) fn what(slot: &SlotView) -> String {
    words::task_kind(slot.kind.as_str()).to_owned()
}

fn times(slot: &SlotView) -> String {
    words::times_of(slot.kind, slot.local_start.time(), slot.local_end.time())
}

fn show(caller: &Caller, view: &SlotPage) -> SlotHtml {
    let (about, slot) = (&view.about, &view.slot);
    let own = slot_path(about.circle, slot.id);
    SlotHtml {
        layout: layout(caller, about),
        back: Some(back(about)),
        patient: about.patient.is_some().then(|| patient(about)),
        circle: about.nature_name.clone(),
        icon: kind_icon(slot.kind.as_str()),
        what: what(slot),
        day: words::day(slot.local_start.date()),
        times: times(slot),
        lasts: words::within(slot.kind, slot.local_start.time(), slot.local_end.time())
            .is_none()
            .then(|| words::lasts(slot.ends.seconds_since(slot.starts) / 60)),
        comes: view.repeat.is_again().then(|| view.repeat.to_string()),
        each_time: super::every_time::sentences(&view.every_time, &own),
        if_nobody: (view.may_change && slot.kind.needs_somebody())
            .then(|| words::if_nobody(slot.if_nobody.as_str())),
        paused: about.state == CircleState::Paused && slot.own.is_some_and(ClaimState::is_live),
        state: doing(caller, view),
        note: slot.note.clone().map(|words| NoteFrom {
            words,
            by: view.note_by.clone().unwrap_or_else(|| "the circle".to_owned()),
        }),
        address: opening(caller, about, view.address, format!("{own}/address")),
        help_opens: match view.help {
            Opening::AfterTaking(at) | Opening::From(at) => {
                Some(words::day_at(about.zone.local(at)))
            }
            Opening::No | Opening::Now(_) => None,
        },
        entry: opening(caller, about, view.entry, format!("{own}/entry")),
        history: slot_history::in_order(caller, view),
        change: view.may_change.then(|| format!("{own}/change")),
        put_back: view
            .may_put_back
            .then(|| (caller.post(format!("{own}/back")), slot_history::put_back(view))),
        who_to_call: who_to_call(about),
        also: Vec::new(),
        instead: Vec::new(),
        yes_to_all: None,
        more: More::default(),
        own_page: None,
    }
}

/// Takes a slot whose page says what else the reader has promised around that time.
pub(super) fn take_knowing(caller: &Caller, own: &str) -> Post {
    caller.post(format!("{own}/take")).with("seen", Some("yes".to_owned()))
}

/// What the reader can do about it.
fn doing(caller: &Caller, view: &SlotPage) -> SlotDoing {
    let (about, slot) = (&view.about, &view.slot);
    let own = slot_path(about.circle, slot.id);
    let now = caller.visit.now();
    let today = about.zone.date(now);
    if slot.own.is_some_and(ClaimState::is_live) {
        let cover_wanted = slot.own == Some(ClaimState::CoverWanted);
        let others: Vec<Taker> = slot.who.iter().filter(|who| !who.is_you).cloned().collect();
        return SlotDoing::Mine {
            soon: if slot.ends <= now {
                words::lately(slot.local_start.date(), today)
            } else {
                words::soon(slot.local_start.date(), today)
            },
            with: who(&others, Called::You, STAYS),
            over: slot.ends <= now,
            calendar: (slot.ends > now).then(|| format!("{own}/calendar")),
            cannot: (slot.ends > now && !cover_wanted).then(|| format!("{own}/cannot")),
            cover_wanted,
            keep: cover_wanted.then(|| caller.post(format!("{own}/keep"))),
            there: view.may_confirm.then(|| caller.post(format!("{own}/there"))),
            sure: view.confirmed,
        };
    }
    match state(caller, about, slot, Called::You) {
        SlotState::Needed { .. } | SlotState::CoverWanted { .. } => SlotDoing::Needed {
            take: slot.may_take.then(|| take_knowing(caller, &own)),
            ask: slot.may_ask.then(|| caller.post(format!("{own}/ask"))),
            asked: asked(slot, Called::You, today),
            sent_tomorrow: slot.may_ask
                && slot.asked_later.is_none()
                && !reminder::in_sending_hours(now, &about.zone),
            shown_as: (about.reader.as_ref())
                .map_or_else(|| "your first name".to_owned(), |name| format!("“{name}”")),
            no: back(about),
            said_no: view.has_said_no,
            sorry: view.may_say_no.then(|| caller.post(format!("{own}/no"))),
        },
        SlotState::Covered { .. } => SlotDoing::Covered { who: who_is_sure(&slot.who) },
        SlotState::Done { who } => SlotDoing::Done { who },
        SlotState::Arranged => SlotDoing::Arranged,
        SlotState::Passed => SlotDoing::Passed,
        SlotState::Cancelled => SlotDoing::Cancelled,
    }
}

fn opening(caller: &Caller, about: &About, opening: Opening, reveal: String) -> Part {
    let day = |at: Timestamp| words::day_at(about.zone.local(at));
    match opening {
        Opening::No => Part::No,
        Opening::AfterTaking(at) => Part::AfterTaking { from: day(at) },
        Opening::From(at) => Part::From { when: day(at) },
        Opening::Now(_) => Part::Reveal(caller.post(reveal)),
    }
}

/// What was opened, and until when it is shown.
fn shown(
    caller: &Caller,
    about: &About,
    text: Option<String>,
    until: Option<Timestamp>,
    nothing: &str,
) -> Part {
    let today = about.zone.date(caller.visit.now());
    Part::Shown {
        words: text.unwrap_or_else(|| nothing.to_owned()),
        until: until.map_or_else(
            || "you leave this page".to_owned(),
            |until| words::until(about.zone.local(until), today),
        ),
    }
}

pub(crate) async fn one(caller: Caller, Path((circle, slot)): Slot) -> Answered {
    page(&in_full(&caller, circle, slot, &Typed::default()).await?)
}

async fn in_full(
    caller: &Caller,
    circle: CircleId,
    slot: SlotId,
    typed: &Typed,
) -> Result<SlotHtml, Answer> {
    let view = caller.web.app.slot_page(&caller.visit, circle, slot).await?;
    let more = caller.web.app.slot_more(&caller.visit, circle, slot).await?;
    let instead = instead::parts(caller, circle, &view.slot, &more);
    let more = slot_more::parts(caller, &view, &more, typed);
    Ok(SlotHtml { instead, more, ..show(caller, &view) })
}

/// The page again, with what was typed into one of its forms and what to do about it.
pub(super) async fn once_more(
    caller: &Caller,
    circle: CircleId,
    slot: SlotId,
    typed: &Typed,
) -> Answered {
    again(&in_full(caller, circle, slot, typed).await?)
}

/// "I can do this". From a list, which says nothing of what else the reader has promised, one is
/// shown the slot's page first where that would be at the same time.
pub(crate) async fn take(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let own = slot_path(circle, slot);
    let app = &caller.web.app;
    if !fields.has("seen") && app.clash_with(&caller.visit, circle, slot).await?.is_some() {
        return go(&format!("{own}?said=clash"));
    }
    match caller.web.app.take_slot(&caller.visit, circle, slot, receipt).await? {
        TakeOutcome::Yours => {
            (caller.web.mail_waits)();
            go(&format!("{own}/taken"))
        }
        TakeOutcome::Full => go(&format!("{own}?said=taken")),
        TakeOutcome::Gone => go(&format!("{own}?said=gone")),
    }
}

pub(crate) async fn cannot_page(caller: Caller, Path((circle, slot)): Slot) -> Answered {
    let view = caller.web.app.slot_page(&caller.visit, circle, slot).await?;
    if !view.slot.own.is_some_and(ClaimState::is_live) {
        return go(&slot_path(circle, slot));
    }
    let choices = slot_more::choices(&caller, &view, FieldView::default()).await?;
    let ring_first = ring_first(&caller, &view).await?;
    page(&cannot_form(&caller, &view, choices, ring_first))
}

/// The form again, when whoever was chosen cannot be asked.
pub(crate) async fn cannot_again(
    caller: &Caller,
    circle: CircleId,
    slot: SlotId,
    wrong: FieldView,
) -> Answered {
    let view = caller.web.app.slot_page(&caller.visit, circle, slot).await?;
    let choices = slot_more::choices(caller, &view, wrong).await?;
    let ring_first = ring_first(caller, &view).await?;
    again(&cannot_form(caller, &view, choices, ring_first))
}

/// The number for the door, for those who may see it: nearer than the hospice's.
async fn ring_first(caller: &Caller, view: &SlotPage) -> Result<Option<String>, Answer> {
    if !view.ring_too {
        return Ok(None);
    }
    let (circle, slot) = (view.about.circle, view.slot.id);
    Ok(caller.web.app.slot_more(&caller.visit, circle, slot).await?.door.phone)
}

fn cannot_form(
    caller: &Caller,
    view: &SlotPage,
    (swap, to_ring): (Option<slot_more::Swap>, Option<String>),
    ring_first: Option<String>,
) -> CannotPage {
    let own = slot_path(view.about.circle, view.slot.id);
    let post = |how: &str| caller.post(format!("{own}/cannot")).with("how", Some(how.to_owned()));
    CannotPage {
        layout: layout(caller, &view.about),
        what: what(&view.slot),
        when: format!("{}, {}", words::day(view.slot.local_start.date()), times(&view.slot)),
        cover: post("cover"),
        swap,
        to_ring,
        give_back: view.may_give_back.then(|| post("give_back")),
        ring: view.ring_too.then(|| caller.visit.organisation.phone.clone()),
        ring_first,
        keep: own,
    }
}

pub(crate) async fn cannot(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let how = match fields.get("how") {
        "give_back" => CannotHow::GiveBack,
        _ => CannotHow::AskForCover,
    };
    let outcome = caller.web.app.cannot_make_it(&caller.visit, circle, slot, how, receipt).await?;
    (caller.web.mail_waits)();
    let said = match outcome {
        CannotOutcome::GivenBack => "given-back",
        CannotOutcome::CoverAsked => "cover",
        CannotOutcome::Over => "over",
    };
    go(&format!("{}?said={said}", slot_path(circle, slot)))
}

/// "I can make it after all."
pub(crate) async fn keep(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    caller.web.app.keep_after_all(&caller.visit, circle, slot, receipt).await?;
    go(&format!("{}?said=kept", slot_path(circle, slot)))
}

/// "I’ll be there."
pub(crate) async fn there(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let there = caller.web.app.confirm_promise(&caller.visit, circle, slot, receipt).await?;
    let said = if there { "there" } else { "over" };
    go(&format!("{}?said={said}", slot_path(circle, slot)))
}

/// "Not this time."
pub(crate) async fn no(caller: Caller, Path((circle, slot)): Slot, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    caller.web.app.no_sorry(&caller.visit, circle, slot, receipt).await?;
    go("/me/rota?said=sorry")
}

/// Shows the address, which is recorded. A form, so that nothing opens by being fetched.
pub(crate) async fn address(caller: Caller, Path((circle, slot)): Slot) -> Answered {
    let opened = caller.web.app.address_for_slot(&caller.visit, circle, slot).await?;
    let view = caller.web.app.slot_page(&caller.visit, circle, slot).await?;
    let nothing = "Nobody has written the address down. Please ring.";
    let address = shown(&caller, &view.about, opened.address, opened.until, nothing);
    page(&SlotHtml { address, ..show(&caller, &view) })
}

/// Shows how to get in, once.
pub(crate) async fn entry(caller: Caller, Path((circle, slot)): Slot) -> Answered {
    let view = caller.web.app.slot_page(&caller.visit, circle, slot).await?;
    let opened = caller.web.app.reveal_entry(&caller.visit, circle).await?;
    let text = opened.entry.map(|entry| entry.text);
    let nothing = "Nobody has written down how to get in. Please ring.";
    let entry = shown(&caller, &view.about, text, opened.until, nothing);
    page(&SlotHtml { entry, ..show(&caller, &view) })
}

/// A file for calendars (RFC 5545).
pub(crate) async fn calendar(caller: Caller, Path((circle, slot)): Slot) -> Answered {
    let file = caller.web.app.slot_calendar(&caller.visit, circle, slot).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_static("attachment; filename=\"task.ics\""),
        ),
    ];
    Ok((headers, file).into_response())
}

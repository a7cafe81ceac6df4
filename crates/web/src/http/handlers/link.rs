//! What the link in a mail about one task opens: nature name, kind and time, and a button.

use crate::http::address::Path;
use jiff::civil::DateTime;
use kith_app::{AlsoNeeded, CannotOutcome, LinkSlot, LinkSlotState, TakeOutcome};
use kith_domain::TaskKind;
use kith_domain::ids::MailId;

use super::slots::slot_path;
use super::{Answered, go, instead, page};
use crate::http::caller::Caller;
use crate::http::fields::Fields;
use crate::page::answer::CannotPage;
use crate::page::slot::{Opening, SlotDoing, SlotPage};
use crate::page::slot_more::More;
use crate::page::view::kind_icon;
use crate::words;

type Link = Path<(MailId, String)>;

/// Hours before a task from which whoever cannot make it rings as well.
const RING_HOURS: i64 = 2;

fn link_path(mail: MailId, token: &str) -> String {
    format!("/s/{mail}/{token}")
}

/// Mails of quiet circles do not say what it is; nor does the page behind them.
fn what(slot: &LinkSlot) -> String {
    slot.kind.map_or("Something", |kind| words::task_kind(kind.as_str())).to_owned()
}

fn times(slot: &LinkSlot) -> String {
    times_of(slot.kind, slot.local_start, slot.local_end)
}

fn times_of(kind: Option<TaskKind>, from: DateTime, to: DateTime) -> String {
    let (from, to) = (from.time(), to.time());
    kind.map_or_else(|| words::times(from, to), |kind| words::times_of(kind, from, to))
}

/// "A visit, Friday 27 November, 2pm to 3pm", and where it is.
fn also(slot: &AlsoNeeded) -> (String, String) {
    let what = slot.kind.map_or("Something", |kind| words::task_kind(kind.as_str()));
    let day = words::day(slot.local_start.date());
    let times = times_of(slot.kind, slot.local_start, slot.local_end);
    (format!("{what}, {day}, {times}"), slot.path.clone())
}

fn show(caller: &Caller, own: &str, slot: &LinkSlot) -> SlotPage {
    let post = |may: bool, action: &str| may.then(|| caller.post(format!("{own}/{action}")));
    let mine = |cover_wanted: bool| SlotDoing::Mine {
        with: String::new(),
        soon: words::soon(slot.local_start.date(), now(caller).date()),
        calendar: None,
        cannot: slot.may_ask_for_cover.then(|| format!("{own}/cannot")),
        over: slot.local_end <= now(caller),
        cover_wanted,
        keep: post(cover_wanted && slot.may_take, "take"),
        there: post(slot.may_confirm, "there"),
        sure: slot.confirmed,
    };
    SlotPage {
        layout: caller.plain(),
        back: None,
        patient: None,
        circle: slot.nature_name.clone(),
        icon: kind_icon(slot.kind.map_or("other", TaskKind::as_str)),
        what: what(slot),
        day: words::day(slot.local_start.date()),
        times: times(slot),
        lasts: None,
        comes: None,
        each_time: Vec::new(),
        if_nobody: None,
        paused: slot.paused
            && matches!(slot.state, LinkSlotState::Yours | LinkSlotState::YoursUntilCovered),
        state: match slot.state {
            LinkSlotState::Needed => SlotDoing::Needed {
                take: post(slot.may_take, "take"),
                ask: None,
                asked: String::new(),
                sent_tomorrow: false,
                shown_as: "your first name".to_owned(),
                no: "/".to_owned(),
                sorry: post(slot.may_say_no, "no"),
                said_no: slot.has_said_no,
            },
            LinkSlotState::SwapOffered => SlotDoing::Needed {
                take: None,
                ask: None,
                asked: if slot.has_said_no {
                    String::new()
                } else {
                    "Somebody asks you by name to swap. Sign in to see what they would do in return, and \
                     to say yes. You can say no here."
                        .to_owned()
                },
                sent_tomorrow: false,
                shown_as: String::new(),
                no: "/".to_owned(),
                sorry: post(slot.may_say_no, "no"),
                said_no: slot.has_said_no,
            },
            LinkSlotState::Yours => mine(false),
            LinkSlotState::YoursUntilCovered => mine(true),
            LinkSlotState::Covered => SlotDoing::Covered { who: "Somebody".to_owned() },
            LinkSlotState::Cancelled => SlotDoing::Cancelled,
            LinkSlotState::Over => SlotDoing::Passed,
        },
        note: None,
        address: Opening::No,
        help_opens: None,
        entry: Opening::No,
        history: Vec::new(),
        change: None,
        put_back: None,
        who_to_call: None,
        also: slot.also.iter().map(also).collect(),
        instead: instead::behind_link(caller, own, slot),
        yes_to_all: instead::yes_to_all(caller, own, slot),
        more: More {
            clash: slot.clash.then(|| {
                "You have promised something else at that time, or close to it.".to_owned()
            }),
            ..More::default()
        },
        own_page: Some(own_page(slot)),
    }
}

/// Where the rest is: the task's own page, which asks whoever is not signed in to do so.
fn own_page(slot: &LinkSlot) -> (&'static str, String) {
    let words = if slot.signed_in { "Open your task" } else { "Sign in to see more" };
    (words, slot_path(slot.circle, slot.slot))
}

/// The wall clock of the organisation.
fn now(caller: &Caller) -> DateTime {
    caller.visit.organisation.zone.local(caller.visit.now())
}

/// GET: changes nothing, however often a mail scanner fetches it.
pub(crate) async fn open(caller: Caller, Path((mail, token)): Link) -> Answered {
    let slot = caller.web.app.slot_by_link(&caller.visit, mail, &token).await?;
    page(&show(&caller, &link_path(mail, &token), &slot))
}

/// "Yes, I’ll do this."
pub(crate) async fn take(caller: Caller, Path((mail, token)): Link, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let said = match caller.web.app.take_by_link(&caller.visit, mail, &token, receipt).await? {
        TakeOutcome::Yours => "yours",
        TakeOutcome::Full => "taken",
        TakeOutcome::Gone => "gone",
    };
    (caller.web.mail_waits)();
    go(&format!("{}?said={said}", link_path(mail, &token)))
}

/// "I can’t make it": what that means from here.
pub(crate) async fn cannot(caller: Caller, Path((mail, token)): Link) -> Answered {
    let slot = caller.web.app.slot_by_link(&caller.visit, mail, &token).await?;
    let own = link_path(mail, &token);
    if !slot.may_ask_for_cover {
        return go(&own);
    }
    let ahead = slot.local_start.duration_since(now(&caller)).as_hours();
    page(&CannotPage {
        layout: caller.plain(),
        what: what(&slot),
        when: format!("{}, {}", words::day(slot.local_start.date()), times(&slot)),
        cover: caller.post(format!("{own}/cover")),
        give_back: None,
        swap: None,
        to_ring: None,
        ring: (ahead < RING_HOURS).then(|| caller.visit.organisation.phone.clone()),
        // Whoever reads this mailbox does not learn where the patient can be rung.
        ring_first: None,
        keep: own,
    })
}

/// Asks for somebody else; it stays the reader's until then.
pub(crate) async fn cover(caller: Caller, Path((mail, token)): Link, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let app = &caller.web.app;
    let said = match app.ask_for_cover_by_link(&caller.visit, mail, &token, receipt).await? {
        CannotOutcome::CoverAsked | CannotOutcome::GivenBack => "cover",
        CannotOutcome::Over => "over",
    };
    (caller.web.mail_waits)();
    go(&format!("{}?said={said}", link_path(mail, &token)))
}

/// "I’ll be there."
pub(crate) async fn there(caller: Caller, Path((mail, token)): Link, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let there = caller.web.app.confirm_by_link(&caller.visit, mail, &token, receipt).await?;
    let said = if there { "there" } else { "over" };
    go(&format!("{}?said={said}", link_path(mail, &token)))
}

/// "Not this time."
pub(crate) async fn no(caller: Caller, Path((mail, token)): Link, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    caller.web.app.say_no_by_link(&caller.visit, mail, &token, receipt).await?;
    go(&format!("{}?said=thanked", link_path(mail, &token)))
}

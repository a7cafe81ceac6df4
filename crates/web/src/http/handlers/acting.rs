//! Saying something for somebody whom no e-mail reaches.

use crate::http::address::Path;
use kith_app::{AwayFor, Failure, MemberPage, Problem, SaidLine, SaidOutcome, SayFor};
use kith_domain::ids::{CircleId, MembershipId, SlotId};
use kith_domain::{SaidFor, Zone};

use super::people::Member;
use super::slots::slot_path;
use super::{Answered, again, go, page};
use crate::form_view::FieldView;
use crate::http::answer::Answer;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::http::problems::sentence_for;
use crate::page::acting::{AwayForPage, SayCard, SayForPage, YesForPage};
use crate::page::layout::Place;
use crate::page::person::SpokenFor;
use crate::words;

type OfSlot = Path<(CircleId, SlotId, MembershipId)>;

/// "Ruth said for Joan on Tuesday at 2pm that Joan can’t come."
pub(super) fn said(caller: &Caller, zone: &Zone, line: &SaidLine) -> String {
    let by = match (line.by_you, &line.by) {
        (true, _) => "You",
        (false, Some(name)) => name,
        (false, None) => "Somebody who was in the circle",
    };
    let whom = match (line.for_you, &line.whom) {
        (true, _) => "you",
        (false, Some(name)) => name,
        (false, None) => "somebody",
    };
    let is = if line.for_you { "are" } else { "is" };
    let that = match line.what {
        SaidFor::Yes => "would like to help".to_owned(),
        SaidFor::Takes => "will do it".to_owned(),
        SaidFor::There => "will be there".to_owned(),
        SaidFor::Late => format!("{is} running late"),
        SaidFor::Cover => "would like somebody to take over".to_owned(),
        SaidFor::Cannot => "can’t come".to_owned(),
        SaidFor::Keep => "can come after all".to_owned(),
        SaidFor::Away => format!("{is} away for a while"),
        SaidFor::Back => format!("{is} back"),
        SaidFor::Suits => "can come at the other time".to_owned(),
        SaidFor::SuitsNot => "can’t come at the other time".to_owned(),
        SaidFor::Stops => "will not do it each time any more".to_owned(),
    };
    let at = zone.local(line.at);
    let day = words::on_day(at.date(), zone.date(caller.visit.now()));
    let when = format!("{day} at {}", words::time(at.time()));
    format!("{by} said for {whom} {when} that {whom} {that}")
}

/// What is said for somebody whom no e-mail reaches.
pub(super) fn spoken_for(caller: &Caller, view: &MemberPage, own: &str) -> SpokenFor {
    let (for_them, zone) = (&view.spoken_for, &view.about.zone);
    SpokenFor {
        yes: for_them.may_say_yes.then(|| format!("{own}/yes")),
        away: for_them.may_speak.then(|| format!("{own}/away")),
        away_when: for_them.away.map(|away| format!("from {}", words::days(away.from, away.until))),
        said: for_them.said.iter().map(|line| said(caller, zone, line)).collect(),
    }
}

fn card(caller: &Caller, view: &SayFor, own: &str, what: SaidFor) -> SayCard {
    let name = &view.name;
    let only_cover = !view.may.contains(&SaidFor::Cannot);
    let (heading, means, button) = match what {
        SaidFor::Keep => (
            format!("{name} can come after all"),
            "Whoever was told that somebody else is needed hears that it is settled.".to_owned(),
            format!("It stays with {name}"),
        ),
        SaidFor::Late => (
            format!("{name} is running late"),
            "Whoever else is in charge is told.".to_owned(),
            "Say so".to_owned(),
        ),
        SaidFor::Cover if only_cover => (
            format!("{name} can’t come"),
            format!(
                "It is soon. We ask the circle, and until another person says yes it stays with \
                 {name}."
            ),
            "Ask for somebody to take over".to_owned(),
        ),
        SaidFor::Cover => (
            format!("{name} would like somebody to take over"),
            format!("We ask the circle. Until another person says yes it stays with {name}."),
            "Ask for somebody to take over".to_owned(),
        ),
        SaidFor::Cannot => (
            format!("{name} can’t come"),
            format!("{name} no longer has it, and the circle is asked."),
            format!("Give it back for {name}"),
        ),
        _ => (
            format!("{name} will be there"),
            "Whoever is in charge sees it, and nobody rings to ask.".to_owned(),
            "Say so".to_owned(),
        ),
    };
    let post = caller.post(own.to_owned()).with("said", Some(what.as_str().to_owned()));
    SayCard { id: what.as_str(), heading, means, button, post }
}

/// What can be said for somebody about a task.
pub(crate) async fn say_page(caller: Caller, Path((circle, slot, member)): OfSlot) -> Answered {
    let view = caller.web.app.say_for_form(&caller.visit, circle, slot, member).await?;
    let back = slot_path(circle, slot);
    let own = format!("{back}/for/{member}");
    page(&SayForPage {
        layout: caller.family(&view.about, Place::Rota),
        what: format!(
            "{}, {}, {}",
            words::task_kind(view.kind.as_str()),
            words::day(view.local_start.date()),
            words::times_of(view.kind, view.local_start.time(), view.local_end.time())
        ),
        cards: view.may.iter().map(|what| card(&caller, &view, &own, *what)).collect(),
        name: view.name.clone(),
        back,
    })
}

pub(crate) async fn say(
    caller: Caller,
    Path((circle, slot, member)): OfSlot,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    let what: SaidFor = fields.get("said").parse().map_err(|_| Answer::NotHere)?;
    let app = &caller.web.app;
    let came = app.say_for(&caller.visit, circle, (slot, member), what, receipt).await?;
    (caller.web.mail_waits)();
    let said = match (came, what) {
        (SaidOutcome::Over, _) => "for-over",
        (SaidOutcome::GivenBack, _) => "for-back",
        (SaidOutcome::CoverAsked, _) => "for-cover",
        (SaidOutcome::Noted, SaidFor::Late) => "for-late",
        (SaidOutcome::Noted, SaidFor::Keep) => "for-kept",
        (SaidOutcome::Noted, _) => "for-there",
    };
    go(&format!("{}?said={said}", slot_path(circle, slot)))
}

fn person_path(circle: CircleId, member: MembershipId) -> String {
    format!("{}/people/{member}", circle_path(circle))
}

/// What it means that somebody said yes.
pub(crate) async fn yes_page(caller: Caller, Path((circle, member)): Member) -> Answered {
    let view = caller.web.app.yes_for_form(&caller.visit, circle, member).await?;
    let back = person_path(circle, member);
    page(&YesForPage {
        layout: caller.family(&view.about, Place::People),
        name: view.name,
        post: caller.post(format!("{back}/yes")),
        back,
    })
}

/// "Joan said yes to me."
pub(crate) async fn yes(
    caller: Caller,
    Path((circle, member)): Member,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    caller.web.app.say_yes_for(&caller.visit, circle, member, receipt).await?;
    go(&format!("{}?said=yes-for", person_path(circle, member)))
}

fn away_form(
    caller: &Caller,
    view: AwayFor,
    own: &str,
    fields: &Fields,
    problems: &[Problem],
) -> AwayForPage {
    AwayForPage {
        layout: caller.family(&view.about, Place::People),
        name: view.name,
        post: caller.post(format!("{own}/away")),
        from: FieldView { value: fields.take("away_from"), error: sentence_for(problems, "from") },
        until: FieldView {
            value: fields.take("away_until"),
            error: sentence_for(problems, "until"),
        },
        hand_on: fields.has("hand_on"),
        away: view.away.map(|away| {
            let when = format!("from {}", words::days(away.from, away.until));
            (when, caller.post(format!("{own}/away/end")))
        }),
        back: own.to_owned(),
    }
}

/// When somebody is away.
pub(crate) async fn away_page(caller: Caller, Path((circle, member)): Member) -> Answered {
    let view = caller.web.app.away_for_form(&caller.visit, circle, member).await?;
    page(&away_form(&caller, view, &person_path(circle, member), &Fields::default(), &[]))
}

pub(crate) async fn away(
    caller: Caller,
    Path((circle, member)): Member,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    let own = person_path(circle, member);
    let days = (fields.get("away_from"), fields.get("away_until"));
    let (app, hand_on) = (&caller.web.app, fields.has("hand_on"));
    match app.away_for(&caller.visit, (circle, member), days, hand_on, receipt).await {
        Ok(handed_on) => {
            (caller.web.mail_waits)();
            let said = if handed_on > 0 { "for-away-asked" } else { "for-away" };
            go(&format!("{own}?said={said}"))
        }
        Err(Failure::Invalid(problems)) => {
            let view = app.away_for_form(&caller.visit, circle, member).await?;
            again(&away_form(&caller, view, &own, &fields, &problems))
        }
        Err(other) => Err(other.into()),
    }
}

/// "Joan is back."
pub(crate) async fn back(
    caller: Caller,
    Path((circle, member)): Member,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    caller.web.app.back_for(&caller.visit, circle, member, receipt).await?;
    go(&format!("{}?said=for-is-back", person_path(circle, member)))
}

//! The coordinator's day: gaps, circles to check on, and one circle.

use std::collections::BTreeMap;

use crate::http::address::{Path, Query};
use jiff::civil::Date;
use kith_app::{
    CardOffer, CheckReason, CircleDetail, CircleToCheck, Cover, Freezing, GapToday, HospiceCircle,
    HospiceToday, Noted, PlannedTask,
};
use kith_domain::ids::{CircleId, SlotId};
use kith_domain::{CircleState, HospiceWord, Zone};
use serde::Deserialize;

use super::{Answered, go, page};
use crate::http::answer::{Answer, encoded};
use crate::http::caller::Caller;
use crate::http::fields::Fields;
use crate::page::hospice::{CheckRow, CircleRow, CirclesPage, GapRow, TodayPage};
use crate::page::hospice_circle::{
    Noted as NotedHtml, OversightDetail, OversightPage, OversightSlot,
};
use crate::page::layout::{Layout, Place};
use crate::page::view::kind_icon;
use crate::picture::{Heat, HeatCell, HeatDay, HeatRow};
use crate::words;

/// Where a list goes on.
#[derive(Deserialize)]
pub(crate) struct After {
    after: Option<String>,
}

pub(crate) fn circle_href(circle: CircleId) -> String {
    format!("/h/circles/{circle}")
}

/// The staff's layout with the first name of whoever is signed in.
pub(crate) async fn staff(caller: &Caller, here: Place) -> Result<Layout, Answer> {
    let details = caller.web.app.my_details(&caller.visit).await?;
    Ok(caller.staff(Some(details.name), here))
}

pub(crate) const fn state_words(state: CircleState) -> &'static str {
    match state {
        CircleState::Forming => "Being set up",
        CircleState::Active => "Going on",
        CircleState::Paused => "Paused",
        CircleState::Frozen => "Frozen",
        CircleState::Restricted => "Locked away",
        CircleState::Ending => "Ending",
        CircleState::Remembering => "Remembering",
        CircleState::Erased | CircleState::NoCircle => "Gone",
    }
}

const fn cell(cover: Cover) -> HeatCell {
    HeatCell { covered: cover.covered as usize, gaps: cover.gaps as usize }
}

/// "yesterday", "9 days ago", "not yet".
fn days_ago(date: Option<Date>, today: Date) -> String {
    let ago = |date: Date| date.until(today).map_or(0, |span| span.get_days());
    match date.map(ago) {
        None => "not yet".to_owned(),
        Some(..=0) => "today".to_owned(),
        Some(1) => "yesterday".to_owned(),
        Some(days) => format!("{days} days ago"),
    }
}

/// "You noted today at 10am", and of somebody else "A colleague noted today at 10am".
fn noted_when(noted: Noted, zone: &Zone, today: Date) -> String {
    let who = if noted.by_you { "You" } else { "A colleague" };
    let at = zone.local(noted.at);
    format!("{who} noted {} at {}", words::on_day(at.date(), today), words::time(at.time()))
}

fn gap_row(gap: &GapToday, zone: &Zone, today: Date) -> GapRow {
    let kind = words::task_kind(gap.kind.as_str()).to_lowercase();
    let asked = match (gap.dropped, gap.last_asked) {
        _ if gap.noted.is_some() && !gap.over => gap.noted.map_or_else(String::new, |noted| {
            let said = match noted.what {
                HospiceWord::Coming => "somebody is coming",
                HospiceWord::Nobody => "nobody can come",
            };
            format!("{}: {said}.", noted_when(noted, zone, today))
        }),
        _ if gap.over && gap.cover_wanted => "It is over, and nobody had taken over.".to_owned(),
        _ if gap.over => "It is over, and nobody had said yes.".to_owned(),
        _ if gap.cover_wanted => {
            "Whoever promised it can’t make it. Nobody has taken over so far.".to_owned()
        }
        (Some(dropped), asked) if asked.is_none_or(|asked| asked <= dropped) => {
            format!("A helper gave it back at {}.", words::until(dropped, today))
        }
        (_, Some(asked)) => {
            format!("Asked {}. No answer yet.", words::on_day(asked.date(), today))
        }
        _ => "Nobody was asked yet.".to_owned(),
    };
    GapRow {
        circle: gap.nature_name.clone(),
        what: format!("{kind}, {}", words::time(gap.starts.time())),
        asked,
        ring: circle_href(gap.circle),
        noted: gap.noted.is_some(),
    }
}

/// The gaps that are for the circles to settle: how many each has.
fn other_gaps(gaps: &[GapToday]) -> Vec<CheckRow> {
    let mut by_circle: BTreeMap<(&str, CircleId), usize> = BTreeMap::new();
    for gap in gaps.iter().filter(|gap| !gap.must) {
        *by_circle.entry((&gap.nature_name, gap.circle)).or_default() += 1;
    }
    let row = |((name, circle), gaps): ((&str, CircleId), usize)| CheckRow {
        circle: name.to_owned(),
        reason: format!("{}.", words::capital(&words::how_many(gaps, "gap", "gaps"))),
        href: circle_href(circle),
    };
    by_circle.into_iter().map(row).collect()
}

fn reason(reason: CheckReason, today: Date) -> String {
    match reason {
        CheckReason::Gaps { gaps } => format!("{gaps} gaps this week."),
        CheckReason::NoWord { kind, starts } => {
            let kind = words::task_kind(kind.as_str());
            let when = words::on_day(starts.date(), today);
            let time = words::time(starts.time());
            format!(
                "{kind} {when} at {time}: somebody has to come, and whoever promised has not answered."
            )
        }
        CheckReason::NobodyComes { kind, starts } => {
            let kind = words::task_kind(kind.as_str());
            let when = words::on_day(starts.date(), today);
            format!(
                "{kind} {when} at {}: somebody has to come, and the hospice was told that nobody can.",
                words::time(starts.time())
            )
        }
        CheckReason::TwoPeople => "Two people do nearly everything.".to_owned(),
        CheckReason::MailUnsent { mails } => {
            let mails = words::how_many(mails as usize, "e-mail", "e-mails");
            format!("{} did not arrive this week.", words::capital(&mails))
        }
        CheckReason::LeadNotReached => "E-mails to the lead carer come back.".to_owned(),
        CheckReason::NoVisit { days: Some(days) } => format!("No visit for {days} days."),
        CheckReason::NoVisit { days: None } => "No visit for a long time.".to_owned(),
        CheckReason::NobodySeen { days: Some(days) } => {
            format!("Nobody in charge was here for {days} days.")
        }
        CheckReason::NobodySeen { days: None } => "Nobody in charge was here yet.".to_owned(),
    }
}

fn check_row(circle: &CircleToCheck, today: Date) -> CheckRow {
    let reasons: Vec<String> = circle.reasons.iter().map(|one| reason(*one, today)).collect();
    CheckRow {
        circle: circle.nature_name.clone(),
        reason: reasons.join(" "),
        href: circle_href(circle.circle),
    }
}

/// "Tue".
fn short(date: Date) -> String {
    words::weekday(date.weekday()).chars().take(3).collect()
}

/// "24 Nov".
fn short_date(date: Date) -> String {
    format!("{} {}", date.day(), words::month(date).chars().take(3).collect::<String>())
}

fn heat(view: &HospiceToday, today: Date) -> Heat {
    let day = |date: &Date| HeatDay {
        name: if *date == today { "Today".to_owned() } else { short(*date) },
        date: short_date(*date),
    };
    let rows = view.rows.iter().map(|circle| HeatRow {
        name: match circle.state {
            CircleState::Active => circle.nature_name.clone(),
            state => format!("{} ({})", circle.nature_name, state_words(state).to_lowercase()),
        },
        href: Some(circle_href(circle.circle)),
        cells: circle.days.iter().copied().map(cell).collect(),
    });
    Heat { rows_are: "Circle", days: view.days.iter().map(day).collect(), rows: rows.collect() }
}

/// Whom of the staff e-mails do not reach. Who the others are is not said: they see it themselves.
fn unreached(view: &HospiceToday) -> Vec<String> {
    let mut lines = Vec::new();
    if view.own_mail_comes_back {
        lines.push(
            "E-mails to you come back. Is your address still right? If it works again, say so under \
             “My details”."
                .to_owned(),
        );
    }
    match view.staff_to_reach {
        0 => {}
        1 => lines.push("E-mails to one of your colleagues come back.".to_owned()),
        more => {
            let colleagues = words::number(more as usize);
            lines.push(format!("E-mails to {colleagues} of your colleagues come back."));
        }
    }
    lines
}

/// GET: gaps of today, circles to check on, cover.
pub(crate) async fn today(caller: Caller, Query(query): Query<After>) -> Answered {
    let view = caller.web.app.hospice_today(&caller.visit, query.after.as_deref()).await?;
    let zone = &caller.visit.organisation.zone;
    let today = zone.date(caller.visit.now());
    let layout = staff(&caller, Place::Today).await?;
    page(&TodayPage {
        reader: layout.person.clone().unwrap_or_default(),
        layout,
        date: words::day(today),
        empty: view.rows.is_empty() && query.after.is_none(),
        gaps_today: view.gaps_today as usize,
        unsent: (view.unsent_mails > 0).then(|| {
            let mails = words::how_many(view.unsent_mails as usize, "e-mail", "e-mails");
            format!("{} of the last seven days did not arrive.", words::capital(&mails))
        }),
        worries: (view.worries > 0).then(|| {
            let wait = if view.worries == 1 { "waits" } else { "wait" };
            let worries = words::how_many(view.worries as usize, "worry", "worries");
            format!("{} {wait} for you.", words::capital(&worries))
        }),
        unreached: unreached(&view),
        gaps: view
            .gaps
            .iter()
            .filter(|gap| gap.must)
            .map(|gap| gap_row(gap, zone, today))
            .collect(),
        other_gaps: other_gaps(&view.gaps),
        gaps_ahead: view.gaps_next_six_days as usize,
        check: view.to_check.iter().map(|circle| check_row(circle, today)).collect(),
        heat: heat(&view, today),
        more: view.next_page.as_deref().map(|after| format!("/h?after={}#heat", encoded(after))),
        start: "/h/start".to_owned(),
    })
}

/// GET: every circle.
pub(crate) async fn circles(caller: Caller, Query(query): Query<After>) -> Answered {
    let view = caller.web.app.hospice_circles(&caller.visit, query.after.as_deref()).await?;
    let today = caller.visit.organisation.zone.date(caller.visit.now());
    let row = |circle: &kith_app::CircleRow| CircleRow {
        name: circle.nature_name.clone(),
        href: circle_href(circle.circle),
        area: circle.area.clone(),
        state: state_words(circle.state),
        active: circle.state == CircleState::Active,
        people: words::capital(&words::how_many(circle.people as usize, "person", "people")),
        week: cell(circle.week),
        seen: days_ago(circle.carer_seen, today),
    };
    page(&CirclesPage {
        layout: staff(&caller, Place::Circles).await?,
        circles: view.rows.iter().map(row).collect(),
        more: view.next_page.as_deref().map(|name| format!("/h/circles?after={}", encoded(name))),
        first: query.after.is_some().then(|| "/h/circles".to_owned()),
        start: "/h/start".to_owned(),
    })
}

fn slot_row(caller: &Caller, circle: CircleId, slot: &PlannedTask, today: Date) -> OversightSlot {
    let zone = &caller.visit.organisation.zone;
    let said = slot.noted.map(|noted| noted.what);
    let post = |what: HospiceWord| {
        let offered = slot.may_note && said != Some(what);
        let action = format!("{}/slots/{}/said", circle_href(circle), slot.slot);
        offered.then(|| caller.post(action).with("said", Some(what.as_str().to_owned())))
    };
    OversightSlot {
        icon: kind_icon(slot.kind.as_str()),
        kind: words::task_kind(slot.kind.as_str()).to_owned(),
        when: format!(
            "{}, {}",
            words::day_in_line(slot.starts.date(), today),
            words::times_of(slot.kind, slot.starts.time(), slot.ends.time())
        ),
        cover: slot.cover,
        noted: slot.noted.map(|noted| NotedHtml {
            coming: noted.what == HospiceWord::Coming,
            when: format!("{}.", noted_when(noted, zone, today)),
        }),
        coming: post(HospiceWord::Coming),
        nobody: post(HospiceWord::Nobody),
    }
}

fn detail(caller: &Caller, circle: CircleId, detail: CircleDetail, today: Date) -> OversightDetail {
    let week = |week: kith_app::WeekCover| HeatRow {
        name: short_date(week.monday),
        href: None,
        cells: week.days.into_iter().map(cell).collect(),
    };
    let comes_back = detail.contact.as_ref().is_some_and(|contact| contact.mail_comes_back);
    let (contact, phone) =
        detail.contact.map_or((None, None), |contact| (contact.name, Some(contact.phone)));
    OversightDetail {
        people: words::capital(&words::how_many(detail.people as usize, "person", "people")),
        last_seen: words::capital(&days_ago(detail.carer_seen, today)),
        contact,
        phone,
        comes_back,
        cover: Heat {
            rows_are: "Week",
            days: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
                .map(|name| HeatDay { name: name.to_owned(), date: String::new() })
                .into(),
            rows: detail.weeks.into_iter().map(week).collect(),
        },
        slots: detail.slots.iter().map(|slot| slot_row(caller, circle, slot, today)).collect(),
    }
}

/// GET: one circle. Opening it is recorded.
pub(crate) async fn circle(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    let view = caller.web.app.hospice_circle(&caller.visit, circle).await?;
    let HospiceCircle { nature_name, area, state, card, freezing, may_end_devices, .. } = view;
    let today = caller.visit.organisation.zone.date(caller.visit.now());
    let own = circle_href(circle);
    let state = state_words(state);
    page(&OversightPage {
        layout: staff(&caller, Place::Circles).await?,
        back: "/h".to_owned(),
        circle: nature_name,
        state: if area.is_empty() { state.to_owned() } else { format!("{state}, in {area}") },
        detail: view.detail.map(|view| detail(&caller, circle, view, today)),
        card: (card == CardOffer::AgainOrNew).then(|| format!("{own}/card")),
        new_card: (card != CardOffer::None).then(|| caller.post(format!("{own}/card"))),
        lost_devices: may_end_devices.then(|| caller.post(format!("{own}/lost-devices"))),
        freeze: (freezing == Freezing::Freeze).then(|| caller.post(format!("{own}/freeze"))),
        unfreeze: (freezing == Freezing::Unfreeze).then(|| caller.post(format!("{own}/unfreeze"))),
    })
}

/// POST: the patient lost her devices; a carer shows her another.
pub(crate) async fn end_lost_devices(
    caller: Caller,
    Path(circle): Path<CircleId>,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    caller.web.app.end_lost_devices(&caller.visit, circle, receipt).await?;
    go(&format!("{}?said=devices-ended", circle_href(circle)))
}

/// POST: only the patient reads from now on.
pub(crate) async fn freeze(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    caller.web.app.freeze(&caller.visit, circle).await?;
    go(&format!("{}?said=frozen", circle_href(circle)))
}

/// POST: the circle may go on.
pub(crate) async fn unfreeze(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    caller.web.app.unfreeze(&caller.visit, circle).await?;
    go(&format!("{}?said=unfrozen", circle_href(circle)))
}

/// POST: what one was told on the telephone about a slot at which somebody has to be.
pub(crate) async fn note_word(
    caller: Caller,
    Path((circle, slot)): Path<(CircleId, SlotId)>,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    let what = fields.get("said").parse().map_err(|_| Answer::NotHere)?;
    caller.web.app.note_hospice_word(&caller.visit, circle, slot, what, receipt).await?;
    (caller.web.mail_waits)();
    go(&format!("{}?said=noted", circle_href(circle)))
}

//! One's own rota across circles, where one may go, and one's own details.

use crate::http::address::Path;
use jiff::civil::Date;
use kith_app::{
    DetailsForm, Failure, MyCircle, MyDetails, MyEvery, MyLately, MyNext, MyPlaces, MySlot,
    Opening, Problem,
};
use kith_domain::ids::CircleId;
use kith_domain::{CircleState, ClaimState, MemberRole};

use super::help_needed::needed;
use super::slots::slot_path;
use super::{Answered, again, go, page};
use crate::form_view::{FieldView, Post};
use crate::http::answer::Answer;
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::http::problems::{field, sentence_for};
use crate::page::details::{DetailsPage, LeavePage};
use crate::page::front::PlacesPage;
use crate::page::layout::Place;
use crate::page::my_rota::{LatelyRow, MyRotaPage, NextSlot};
use crate::page::view::{SlotRow, SlotState, kind_icon};
use crate::words;

/// Where somebody comes in: the own rota, the one circle that is theirs, or a choice.
pub(crate) async fn me(caller: Caller) -> Answered {
    let places = caller.web.app.my_places(&caller.visit).await?;
    match place(&places) {
        Where::Rota => my_rota(&caller, &places).await,
        Where::To(path) => go(&path),
        Where::Choose => {
            let layout = caller.plain();
            page(&PlacesPage { layout, places: choices(&places) })
        }
    }
}

/// The own rota, whatever else one is.
pub(crate) async fn rota(caller: Caller) -> Answered {
    let places = caller.web.app.my_places(&caller.visit).await?;
    my_rota(&caller, &places).await
}

#[derive(Debug, PartialEq, Eq)]
enum Where {
    Rota,
    To(String),
    Choose,
}

const fn is_in_charge(circle: &MyCircle) -> bool {
    matches!(circle.role, MemberRole::Patient | MemberRole::Carer)
}

fn place(places: &MyPlaces) -> Where {
    let staff = places.staff.is_some();
    match places.circles.as_slice() {
        [] if staff => Where::To("/h".to_owned()),
        // On a device that is not trusted there is only the rota to see; one chooses.
        [only] if !staff && is_in_charge(only) && only.trusted => Where::To(way_into(only)),
        circles if staff || circles.iter().any(is_in_charge) => Where::Choose,
        _ => Where::Rota,
    }
}

/// The circle's home, or its set-up where that is not finished.
fn way_into(circle: &MyCircle) -> String {
    let base = circle_path(circle.circle);
    if circle.state == CircleState::Forming && is_in_charge(circle) {
        format!("{base}/set-up/person")
    } else {
        format!("{base}/")
    }
}

fn name_of(circle: &MyCircle) -> String {
    match &circle.patient {
        Some(_) if circle.role == MemberRole::Patient => "Your circle".to_owned(),
        Some(patient) => format!("{} circle", words::possessive(patient)),
        None => format!("{} circle", circle.nature_name),
    }
}

fn choices(places: &MyPlaces) -> Vec<(String, String, String)> {
    let circle = |circle: &MyCircle| {
        let about = match circle.role {
            MemberRole::Patient => "It is about you",
            MemberRole::Carer => "You are a carer here",
            MemberRole::Friend => "You are a friend here",
            MemberRole::Volunteer => "You are a volunteer here",
        };
        (name_of(circle), about.to_owned(), way_into(circle))
    };
    let mut choices: Vec<_> = places.circles.iter().map(circle).collect();
    if !choices.is_empty() {
        let about = "What you have promised, and what needs someone";
        choices.push(("My rota".to_owned(), about.to_owned(), "/me/rota".to_owned()));
    }
    if !choices.is_empty() {
        let about = "Which e-mails you get, and when";
        choices.push(("Your e-mails".to_owned(), about.to_owned(), "/me/e-mails".to_owned()));
    }
    if places.staff.is_some() {
        let about = "What needs a phone call today";
        choices.push(("The hospice’s circles".to_owned(), about.to_owned(), "/h".to_owned()));
    }
    choices
}

/// Sends a code to an address that nobody has proved yet.
fn prove(caller: &Caller, details: &MyDetails) -> Option<Post> {
    let address = details.email.clone().filter(|_| details.unproved);
    address.map(|address| caller.post("/sign-in").with("email", Some(address)))
}

async fn my_rota(caller: &Caller, places: &MyPlaces) -> Answered {
    let rota = caller.web.app.my_rota(&caller.visit).await?;
    let details = caller.web.app.my_details(&caller.visit).await?;
    let prove = prove(caller, &details);
    let reader = details.name;
    let today = today(caller);
    page(&MyRotaPage {
        prove,
        layout: caller.volunteer(Some(reader.clone()), Place::MyRota),
        reader,
        next: rota.next.as_ref().map(|next| ticket(caller, next, today)),
        lately: rota.lately.iter().map(|slot| lately(caller, slot, today)).collect(),
        later: rota.after.iter().map(|slot| row(caller, slot, today)).collect(),
        every: rota.every.iter().map(every).collect(),
        needed: needed(caller, &rota, today),
        comes_back: rota.mail_comes_back.then(|| caller.post("/me/address-works")),
        rest: Some("/me/away".to_owned()),
        resting_until: rota
            .away
            .iter()
            .filter(|away| away.now)
            .map(|away| away.until)
            .max()
            .map(words::day_month),
        circles: places
            .circles
            .iter()
            .filter(|circle| circle.trusted)
            .map(|circle| (name_of(circle), way_into(circle)))
            .collect(),
    })
}

/// Today where the organisation is: pages across circles have one today.
pub(super) fn today(caller: &Caller) -> Date {
    caller.visit.organisation.zone.date(caller.visit.now())
}

fn what(slot: &MySlot) -> String {
    format!("{}, {} circle", words::task_kind(slot.kind.as_str()), slot.nature_name)
}

fn every(every: &MyEvery) -> (String, String) {
    let kind = words::task_kind(every.kind.as_str());
    let at = words::time(every.start);
    let words = format!("{kind}, {} circle: at {at}, {}", every.nature_name, every.repeat);
    (words, format!("{}/every", slot_path(every.circle, every.slot)))
}

fn times(slot: &MySlot) -> String {
    words::times_of(slot.kind, slot.local_start.time(), slot.local_end.time())
}

/// "tomorrow, 2pm to 3pm", and what is open or said about it.
fn when(slot: &MySlot, today: Date) -> String {
    let when = format!("{}, {}", words::day_in_line(slot.local_start.date(), today), times(slot));
    match slot.instead {
        Some(instead) => format!("{when}. Could it be {} instead?", words::day_at(instead)),
        None if slot.confirmed => format!("{when}. You said you’ll be there"),
        None if slot.may_confirm => format!("{when}. Please say that you’ll be there"),
        None => when,
    }
}

pub(super) fn row(caller: &Caller, slot: &MySlot, today: Date) -> SlotRow {
    let path = slot_path(slot.circle, slot.slot);
    let you = "You".to_owned();
    SlotRow {
        icon: kind_icon(slot.kind.as_str()),
        what: what(slot),
        when: when(slot, today),
        state: match slot.own {
            None if slot.by_name => SlotState::Needed {
                asked: "You are asked by name.".to_owned(),
                take: None,
                ask: None,
            },
            None => SlotState::Needed {
                asked: String::new(),
                take: Some(caller.post(format!("{path}/take"))),
                ask: None,
            },
            Some(ClaimState::CoverWanted) => {
                SlotState::CoverWanted { who: you, with: String::new(), may_take: false }
            }
            Some(_) => SlotState::Covered { who: you, mine: true },
        },
        href: path,
    }
}

/// What one had promised: done in one tap, or said at more length on its page.
fn lately(caller: &Caller, slot: &MyLately, today: Date) -> LatelyRow {
    let href = slot_path(slot.circle, slot.slot);
    let kind = words::task_kind(slot.kind.as_str());
    let times = words::times_of(slot.kind, slot.local_start.time(), slot.local_end.time());
    LatelyRow {
        icon: kind_icon(slot.kind.as_str()),
        what: format!("{kind}, {} circle", slot.nature_name),
        when: format!("{}, {times}", words::day_in_line(slot.local_start.date(), today)),
        known: super::slot_more::said_of(slot.state),
        done: (slot.may_say && slot.state.is_live()).then(|| caller.post(format!("{href}/done"))),
        href,
    }
}

fn ticket(caller: &Caller, next: &MyNext, today: Date) -> NextSlot {
    let slot = &next.slot;
    let href = slot_path(slot.circle, slot.slot);
    let kind = words::task_kind(slot.kind.as_str());
    NextSlot {
        icon: kind_icon(slot.kind.as_str()),
        soon: words::soon(slot.local_start.date(), today),
        day: words::day(slot.local_start.date()),
        times: times(slot),
        what: match &next.patient {
            Some(patient) => format!("{kind} for {patient}"),
            None => what(slot),
        },
        place: opens(next),
        note: next.note.clone(),
        paused: next.paused,
        instead: slot.instead.map(|at| format!("Could it be {} instead?", words::day_at(at))),
        calendar: format!("{href}/calendar"),
        cannot: (slot.own == Some(ClaimState::Claimed)).then(|| format!("{href}/cannot")),
        there: slot.may_confirm.then(|| caller.post(format!("{href}/there"))),
        sure: slot.confirmed,
        href,
    }
}

/// When the task's page shows the address, by the clock of the circle.
fn opens(next: &MyNext) -> Option<String> {
    match next.address {
        Opening::From(at) => {
            let at = words::day_at(next.zone.local(at));
            Some(format!("The address opens on the task’s page on {at}."))
        }
        Opening::Now(_) => Some("The address is on the task’s page.".to_owned()),
        Opening::No | Opening::AfterTaking(_) => None,
    }
}

fn form(
    caller: &Caller,
    details: &MyDetails,
    places: &MyPlaces,
    fields: &Fields,
    problems: &[Problem],
) -> DetailsPage {
    let may_leave =
        |circle: &&MyCircle| matches!(circle.role, MemberRole::Friend | MemberRole::Volunteer);
    DetailsPage {
        layout: caller.volunteer(Some(details.name.clone()), Place::Details),
        post: caller.post("/me/details"),
        name: FieldView { value: fields.take("name"), error: sentence_for(problems, "name") },
        email: details.email.clone(),
        address: "/me/address".to_owned(),
        prove: prove(caller, details),
        comes_back: details.mail_comes_back.then(|| caller.post("/me/address-works")),
        phone: field(fields, problems, "phone"),
        hospice_rings: details.hospice_rings,
        mails: "/me/e-mails".to_owned(),
        devices: "/devices".to_owned(),
        sign_out_everywhere: caller.post("/sign-out/everywhere"),
        worried: places
            .circles
            .iter()
            .map(|circle| {
                let name = format!("{} circle", circle.nature_name);
                (name, format!("{}/worried", circle_path(circle.circle)))
            })
            .collect(),
        leave: places
            .circles
            .iter()
            .filter(may_leave)
            .map(|circle| {
                let name = format!("{} circle", circle.nature_name);
                (name, format!("/me/circles/{}/leave", circle.circle))
            })
            .collect(),
    }
}

fn as_they_are(details: &MyDetails) -> Fields {
    Fields::filled(&[
        ("name", &details.name),
        ("phone", details.phone.as_deref().unwrap_or_default()),
    ])
}

pub(crate) async fn details_page(caller: Caller) -> Answered {
    let details = caller.web.app.my_details(&caller.visit).await?;
    let places = caller.web.app.my_places(&caller.visit).await?;
    page(&form(&caller, &details, &places, &as_they_are(&details), &[]))
}

pub(crate) async fn details(caller: Caller, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    let typed = DetailsForm { name: fields.get("name"), phone: fields.get("phone") };
    match caller.web.app.save_details(&caller.visit, typed, receipt).await {
        Ok(()) => go("/me/details?said=saved"),
        Err(Failure::Invalid(problems)) => {
            let details = caller.web.app.my_details(&caller.visit).await?;
            let places = caller.web.app.my_places(&caller.visit).await?;
            again(&form(&caller, &details, &places, &fields, &problems))
        }
        Err(other) => Err(other.into()),
    }
}

/// The circle, if one is in it and may leave it by oneself.
async fn own_circle(caller: &Caller, circle: CircleId) -> Result<MyCircle, Answer> {
    let places = caller.web.app.my_places(&caller.visit).await?;
    let found = places.circles.into_iter().find(|one| one.circle == circle && !is_in_charge(one));
    found.ok_or(Answer::NotHere)
}

pub(crate) async fn leave_page(caller: Caller, Path(circle): Path<CircleId>) -> Answered {
    let own = own_circle(&caller, circle).await?;
    let rota = caller.web.app.my_rota(&caller.visit).await?;
    let promised = rota.next.iter().map(|next| &next.slot).chain(&rota.after);
    let tasks = promised.filter(|slot| slot.circle == circle).map(|slot| {
        let kind = words::task_kind(slot.kind.as_str());
        format!("{kind} on {}", words::day(slot.local_start.date()))
    });
    page(&LeavePage {
        layout: caller.volunteer(None, Place::Details),
        circle: own.nature_name,
        tasks: tasks.collect(),
        surer: (!own.trusted)
            .then(|| format!("{0}/enrol?next=/me/circles/{circle}/leave", circle_path(circle))),
        post: caller.post(format!("/me/circles/{circle}/leave")),
        stay: "/me/details".to_owned(),
    })
}

/// "It works again", of one's own address.
pub(crate) async fn address_works(caller: Caller, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    caller.web.app.my_address_works(&caller.visit, receipt).await?;
    go("/me/details?said=address-works")
}

pub(crate) async fn leave(
    caller: Caller,
    Path(circle): Path<CircleId>,
    fields: Fields,
) -> Answered {
    let receipt = fields.receipt()?;
    caller.web.app.leave_circle(&caller.visit, circle, receipt).await?;
    (caller.web.mail_waits)();
    // Whoever is in no other circle is signed out by leaving.
    go("/?said=left")
}

#[cfg(test)]
mod tests {
    use kith_domain::Standing;
    use uuid::Uuid;

    use super::*;

    fn circle(role: MemberRole, trusted: bool) -> MyCircle {
        MyCircle {
            circle: CircleId::from_uuid(Uuid::from_u128(7)),
            nature_name: "Heron".to_owned(),
            state: CircleState::Active,
            role,
            patient: trusted.then(|| "Margaret".to_owned()),
            trusted,
        }
    }

    fn towards(circles: Vec<MyCircle>, staff: bool) -> Where {
        place(&MyPlaces { circles, staff: staff.then_some(Standing::Coordinator) })
    }

    #[test]
    fn everybody_comes_in_where_there_is_something_to_do() {
        let home = format!("/c/{}/", Uuid::from_u128(7));
        assert_eq!(towards(vec![], false), Where::Rota);
        assert_eq!(towards(vec![circle(MemberRole::Friend, true)], false), Where::Rota);
        assert_eq!(towards(vec![circle(MemberRole::Carer, true)], false), Where::To(home));
        assert_eq!(towards(vec![circle(MemberRole::Carer, false)], false), Where::Choose);
        assert_eq!(towards(vec![], true), Where::To("/h".to_owned()));
        let both = vec![circle(MemberRole::Patient, true), circle(MemberRole::Friend, true)];
        assert_eq!(towards(both, false), Where::Choose);
        let forming = MyCircle { state: CircleState::Forming, ..circle(MemberRole::Carer, true) };
        let set_up = format!("/c/{}/set-up/person", Uuid::from_u128(7));
        assert_eq!(towards(vec![forming], false), Where::To(set_up));
    }
}

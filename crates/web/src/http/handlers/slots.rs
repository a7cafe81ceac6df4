//! Slots as lists show them: who does each, and what the reader can do about it.

use jiff::civil::Date;
use kith_app::{About, SlotView, Taker};
use kith_domain::ids::{CircleId, SlotId};
use kith_domain::{ClaimState, SlotState as State, Timestamp, reminder};

use crate::http::caller::{Caller, circle_path};
use crate::page::view::{SlotRow, SlotState, kind_icon};
use crate::words;

/// `/c/{circle}/rota/{slot}`.
pub(crate) fn slot_path(circle: CircleId, slot: SlotId) -> String {
    format!("{}/rota/{slot}", circle_path(circle))
}

/// Whether the reader is called "You".
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Called {
    /// "You and Tom".
    You,
    /// By the own name, on a sheet that others read.
    ByName,
}

/// "You and Tom", of those who stand in one of `states`.
pub(crate) fn who(takers: &[Taker], naming: Called, states: &[ClaimState]) -> String {
    let mut here: Vec<&Taker> =
        takers.iter().filter(|taker| states.contains(&taker.state)).collect();
    here.sort_by_key(|taker| !taker.is_you);
    let names: Vec<&str> = here
        .iter()
        .map(|taker| match (taker.is_you && naming == Called::You, &taker.name) {
            (true, _) => "You",
            (false, Some(name)) => name,
            (false, None) => "Somebody",
        })
        .collect();
    words::list(&names)
}

/// Those who want no cover.
pub(crate) const STAYS: &[ClaimState] = &[ClaimState::Claimed, ClaimState::Done];
const ALL: &[ClaimState] = &[ClaimState::Claimed, ClaimState::CoverWanted, ClaimState::Done];

/// What is said beside a slot that needs somebody.
pub(crate) fn asked(slot: &SlotView, naming: Called, today: Date) -> String {
    if slot.taken > 0 {
        let more = usize::try_from(slot.places.saturating_sub(slot.taken)).unwrap_or(0);
        let wants = who(&slot.who, naming, &[ClaimState::CoverWanted]);
        if wants.is_empty() {
            return format!("{}. {}", who(&slot.who, naming, ALL), lacks(more));
        }
        let others = who(&slot.who, naming, STAYS);
        let stay = (!others.is_empty()).then(|| format!("{others} will be there."));
        let lacks = (more > 0).then(|| lacks(more));
        let wants = format!("{wants} would like somebody to take over.");
        return std::iter::once(wants).chain(stay).chain(lacks).collect::<Vec<_>>().join(" ");
    }
    let said = match (slot.asked, slot.waiting) {
        (0, _) => Some(pair(slot)).filter(|words| !words.is_empty()),
        (_, 0) => Some("Everybody who was asked has answered.".to_owned()),
        (_, 1) => Some("Still looking. One has not answered.".to_owned()),
        (_, more) => Some(format!("Still looking. {} have not answered.", capital_number(more))),
    };
    let later = slot.asked_later.map(|(people, at)| {
        let who = match (slot.asked, people) {
            (0, 1) => "One person is".to_owned(),
            (0, people) => format!("{} people are", capital_number(people)),
            (_, 1) => "One more is".to_owned(),
            (_, people) => format!("{} more are", capital_number(people)),
        };
        let when = words::on_day(at.date(), today);
        format!("{who} asked by e-mail {when} at {}.", words::time(at.time()))
    });
    let tried = (slot.asked_tried > 0).then(|| {
        let mails = words::how_many(slot.asked_tried, "e-mail", "e-mails");
        format!("We are still trying to send {mails}.")
    });
    said.into_iter().chain(tried).chain(later).collect::<Vec<_>>().join(" ")
}

fn capital_number(n: usize) -> String {
    words::capital(&words::number(n))
}

/// "One more is needed."
fn lacks(more: usize) -> String {
    let are = if more == 1 { "is" } else { "are" };
    format!("{} more {are} needed.", words::capital(&words::number(more)))
}

/// "Two people are needed.", where one is not enough.
pub(crate) fn pair(slot: &SlotView) -> String {
    match usize::try_from(slot.places).unwrap_or(1) {
        0 | 1 => String::new(),
        places => format!("{} people are needed.", words::capital(&words::number(places))),
    }
}

/// Whether nobody was asked by mail, is being asked, or is asked later.
const fn is_asked_of_nobody(slot: &SlotView) -> bool {
    slot.asked == 0 && slot.asked_tried == 0 && slot.asked_later.is_none()
}

/// Who does it.
pub(crate) fn state(caller: &Caller, about: &About, slot: &SlotView, naming: Called) -> SlotState {
    let path = slot_path(about.circle, slot.id);
    if slot.state == State::Cancelled {
        return SlotState::Cancelled;
    }
    if !slot.kind.needs_somebody() {
        return SlotState::Arranged;
    }
    if slot.cover_wanted {
        return SlotState::CoverWanted {
            who: who(&slot.who, naming, &[ClaimState::CoverWanted]),
            with: who(&slot.who, naming, STAYS),
            may_take: slot.may_take,
        };
    }
    if slot.needs_somebody {
        if slot.ends <= caller.visit.now() && slot.who.is_empty() {
            return SlotState::Passed;
        }
        return SlotState::Needed {
            asked: asked(slot, naming, about.zone.date(caller.visit.now())),
            take: slot.may_take.then(|| caller.post(format!("{path}/take"))),
            ask: (slot.may_ask && slot.taken == 0 && is_asked_of_nobody(slot))
                .then(|| caller.post(format!("{path}/ask"))),
        };
    }
    // Somebody had promised it, and it did not happen.
    if slot.who.is_empty() {
        return SlotState::Passed;
    }
    let names = who(&slot.who, naming, ALL);
    if slot.who.iter().all(|taker| taker.state == ClaimState::Done) {
        return SlotState::Done { who: names };
    }
    SlotState::Covered { who: names, mine: slot.own.is_some_and(ClaimState::is_live) }
}

/// One slot of a day's list.
pub(crate) fn row(caller: &Caller, about: &About, slot: &SlotView) -> SlotRow {
    SlotRow {
        icon: kind_icon(slot.kind.as_str()),
        what: words::task_kind(slot.kind.as_str()).to_owned(),
        when: words::times_of(slot.kind, slot.local_start.time(), slot.local_end.time()),
        href: slot_path(about.circle, slot.id),
        state: match state(caller, about, slot, Called::You) {
            SlotState::Covered { mine, .. } => {
                SlotState::Covered { who: who_is_sure(&slot.who), mine }
            }
            other => other,
        },
    }
}

/// "Tom (will be there) and Joan".
pub(crate) fn who_is_sure(takers: &[Taker]) -> String {
    let name = |taker: &Taker| {
        let name = who(core::slice::from_ref(taker), Called::You, ALL);
        match (taker.unreminded, taker.confirmed) {
            _ if taker.is_you => name,
            (true, _) => format!("{name} (cannot be reminded by e-mail)"),
            (_, true) => format!("{name} (will be there)"),
            _ => name,
        }
    };
    let mut here: Vec<&Taker> = takers.iter().filter(|taker| ALL.contains(&taker.state)).collect();
    here.sort_by_key(|taker| !taker.is_you);
    words::list(&here.into_iter().map(name).collect::<Vec<_>>())
}

/// The word of what is said after asking: mails wait for the morning, and nobody is asked whom none
/// reaches.
pub(crate) fn said_asked(now: Timestamp, about: &About, slot: &SlotView) -> &'static str {
    match (slot.asked, slot.asked_later) {
        _ if slot.asked_tried > 0 => "asked-tried",
        (0, None) => "asked-nobody",
        (_, None) => "asked",
        // By the choice of each, and not for the night.
        (_, Some(_)) if reminder::in_sending_hours(now, &about.zone) => "asked-waits",
        (_, Some(_)) => "asked-later",
    }
}

#[cfg(test)]
mod tests {
    use kith_domain::ids::MembershipId;
    use uuid::Uuid;

    use super::*;

    /// A visit on Tuesday that nobody has taken.
    fn view() -> SlotView {
        let (starts, ends) = (Timestamp::from_second(0), Timestamp::from_second(3_600));
        let local = |hour| jiff::civil::date(1970, 1, 1).at(hour, 0, 0, 0);
        SlotView {
            id: SlotId::from_uuid(Uuid::nil()),
            task: kith_domain::ids::TaskId::from_uuid(Uuid::nil()),
            kind: kith_domain::TaskKind::Visit,
            starts,
            ends,
            local_start: local(0),
            local_end: local(1),
            part: kith_domain::DayPart::of(local(0).time()),
            state: State::Open,
            places: 1,
            taken: 0,
            who: Vec::new(),
            own: None,
            needs_somebody: true,
            cover_wanted: false,
            may_take: false,
            may_ask: false,
            asked: 0,
            waiting: 0,
            asked_tried: 0,
            asked_later: None,
            note: None,
            disclosure: kith_domain::Disclosure::NONE,
            if_nobody: kith_domain::IfNobody::TellMe,
            instead: None,
        }
    }

    fn taker(name: Option<&str>, is_you: bool, state: ClaimState) -> Taker {
        let membership = MembershipId::from_uuid(Uuid::nil());
        let name = name.map(str::to_owned);
        Taker { membership, name, is_you, state, confirmed: false, unreminded: false }
    }

    #[test]
    fn of_a_pair_it_is_said_who_comes_and_who_cannot() {
        let pair = |tom, joan, places| {
            let mut slot = view();
            slot.who = vec![taker(Some("Tom"), false, tom), taker(Some("Joan"), false, joan)];
            (slot.taken, slot.places) = (2, places);
            asked(&slot, Called::You, jiff::civil::date(1970, 1, 1))
        };
        let (claimed, wants) = (ClaimState::Claimed, ClaimState::CoverWanted);
        assert_eq!(
            pair(wants, claimed, 2),
            "Tom would like somebody to take over. Joan will be there."
        );
        assert_eq!(pair(wants, wants, 2), "Tom and Joan would like somebody to take over.");
        assert_eq!(pair(claimed, claimed, 3), "Tom and Joan. One more is needed.");
        assert_eq!(
            pair(wants, claimed, 3),
            "Tom would like somebody to take over. Joan will be there. One more is needed."
        );
    }

    #[test]
    fn it_is_said_when_those_are_asked_who_wait() {
        let said = |of: (usize, usize), later| {
            let mut slot = view();
            let at = jiff::civil::date(1970, 1, 2).at(8, 0, 0, 0);
            (slot.asked, slot.waiting) = of;
            slot.asked_later = Some((later, at));
            asked(&slot, Called::You, jiff::civil::date(1970, 1, 1))
        };
        assert_eq!(said((0, 0), 8), "Eight people are asked by e-mail tomorrow at 8am.");
        assert_eq!(
            said((2, 1), 1),
            "Still looking. One has not answered. One more is asked by e-mail tomorrow at 8am."
        );
        let mut slot = view();
        (slot.asked, slot.waiting, slot.asked_tried) = (1, 0, 2);
        assert_eq!(
            asked(&slot, Called::You, jiff::civil::date(1970, 1, 1)),
            "Everybody who was asked has answered. We are still trying to send two e-mails."
        );
    }

    #[test]
    fn the_reader_comes_first_and_is_called_you_except_on_paper() {
        let tom = taker(Some("Tom"), false, ClaimState::Claimed);
        let me = taker(Some("Ruth"), true, ClaimState::CoverWanted);
        let hidden = taker(None, false, ClaimState::Done);
        let all = [tom, me, hidden];
        assert_eq!(who(&all, Called::You, ALL), "You, Tom and Somebody");
        assert_eq!(who(&all, Called::ByName, &[ClaimState::CoverWanted]), "Ruth");
        assert_eq!(who(&all[..1], Called::You, ALL), "Tom");
        let sure = all.map(|taker| Taker { confirmed: true, ..taker });
        assert_eq!(who_is_sure(&sure), "You, Tom (will be there) and Somebody (will be there)");
        let [tom, ..] = sure;
        let unreminded = Taker { unreminded: true, ..tom };
        assert_eq!(who_is_sure(&[unreminded]), "Tom (cannot be reminded by e-mail)");
    }
}

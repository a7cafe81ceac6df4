//! Asking the circle for somebody to do a slot: everybody at once, or ring by ring.

use kith_domain::asking::ladder;
use kith_domain::ids::{MembershipId, TaskId};
use kith_domain::{AskRing, MailKind, SlotState, Timestamp, reminder};
use kith_store::{Circle, MailSubject, MayBeAsked, NewMail, Slot, StoreError, UnitOfWork};

use crate::outbox::frozen::Detail;
use crate::outbox::taken_in::{ASKED_LATELY, ONE_A_DAY, asked_again_from, asked_apart, is_near};

/// How a slot comes to be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    /// With what was put on the rota, or because its time has come.
    Usual,
    /// Somebody in charge has pressed the button: it waits behind no other asking of the day.
    ByHand,
}

/// Asks everybody in the circle who may help with `slot`, but for `but`: a line on their list of
/// help that is needed, and a mail for those who read mails of ours. Whoever said no, and whoever
/// promised already, is left alone. Returns how many people were asked in this round.
///
/// `round` is 0 for the first asking; a mail is planned once for each person and round, so that
/// nobody is asked twice because a form was sent twice.
pub(crate) async fn ask_for(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    but: &[MembershipId],
    now: Timestamp,
    (asking, round): (Asking, u32),
) -> Result<u32, StoreError> {
    let mut asked = 0;
    let round = Round { circle, slot, asking, number: round, now };
    for member in to_ask(unit, circle, slot, but, now).await? {
        asked += u32::from(ask(unit, &round, &member, now).await?);
    }
    Ok(asked)
}

/// The same ring by ring, the first at `from`: who waits for a place, then the inner circle, then
/// everybody. A later ring's mails are planned now for then; each is looked at again before it is
/// sent, so that nobody is asked for what somebody has taken meanwhile, and whoever says no hears
/// no more of it.
pub(crate) async fn ask_in_turn(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    but: &[MembershipId],
    (now, from): (Timestamp, Timestamp),
    round: u32,
) -> Result<(), StoreError> {
    let members = to_ask(unit, circle, slot, but, now).await?;
    let rings: Vec<AskRing> = AskRing::ALL
        .iter()
        .copied()
        .filter(|ring| members.iter().any(|member| member.ring == *ring))
        .collect();
    let round = Round { circle, slot, asking: Asking::Usual, number: round, now };
    for (ring, at) in ladder(from, slot.starts, &rings) {
        for member in members.iter().filter(|member| member.ring == ring) {
            ask(unit, &round, member, at).await?;
        }
    }
    Ok(())
}

/// There are more places: asks whoever waits for one of the slots of `task`. The others are not asked
/// again for that.
pub(crate) async fn ask_who_waits(
    unit: &UnitOfWork,
    circle: &Circle,
    task: TaskId,
    now: Timestamp,
) -> Result<(), StoreError> {
    for slot in unit.slots_of_task(task, now).await? {
        if !slot.needs_somebody() || unit.waiting_for(slot.id).await?.is_empty() {
            continue;
        }
        let number = u32::try_from(unit.claims_of(slot.id).await?.len()).unwrap_or(u32::MAX);
        let round = Round { circle, slot: &slot, asking: Asking::Usual, number, now };
        for member in to_ask(unit, circle, &slot, &[], now).await? {
            if member.ring == AskRing::Waiting {
                ask(unit, &round, &member, now).await?;
            }
        }
    }
    Ok(())
}

/// Asks this member alone, once. `false` when they may not be asked: they have left, are away, or the
/// circle is paused.
pub(crate) async fn ask_one(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    membership: MembershipId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let members = to_ask(unit, circle, slot, &[], now).await?;
    let Some(member) = members.iter().find(|member| member.membership == membership) else {
        return Ok(false);
    };
    let round = Round { circle, slot, asking: Asking::Usual, number: 0, now };
    ask(unit, &round, member, now).await?;
    Ok(true)
}

async fn to_ask(
    unit: &UnitOfWork,
    circle: &Circle,
    slot: &Slot,
    but: &[MembershipId],
    now: Timestamp,
) -> Result<Vec<MayBeAsked>, StoreError> {
    let over = slot.state != SlotState::Open || slot.starts <= now;
    if over || !circle.state.asks_and_reminds() || !slot.kind.needs_somebody() {
        return Ok(Vec::new());
    }
    let mut members = unit.may_be_asked(slot, now).await?;
    members.retain(|member| !but.contains(&member.membership));
    Ok(members)
}

/// What those who are asked in one round have in common.
struct Round<'a> {
    circle: &'a Circle,
    slot: &'a Slot,
    asking: Asking,
    number: u32,
    now: Timestamp,
}

/// Asks one person at `at`. Says whether they were not asked in this round before.
async fn ask(
    unit: &UnitOfWork,
    round: &Round<'_>,
    member: &MayBeAsked,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let for_the_first_time = unit.add_ask(round.slot, member.membership, at).await?;
    let by_mail = member.by_mail && ask_by_mail(unit, round, member, at).await?;
    Ok(for_the_first_time || by_mail)
}

async fn ask_by_mail(
    unit: &UnitOfWork,
    round: &Round<'_>,
    member: &MayBeAsked,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let Round { circle, slot, asking, number, now } = *round;
    let by_hand = asking == Asking::ByHand;
    let kind = MailKind::SomebodyNeeded;
    let mail = NewMail {
        kind,
        dedupe: format!("somebody_needed:{}:{}:{number}", slot.id, member.membership),
        subject: MailSubject {
            person: Some(member.person),
            circle: Some(circle.id),
            slot: Some(slot.id),
            ..MailSubject::default()
        },
        detail: Detail { by_hand: by_hand.then_some(true), ..Detail::default() }.to_json(),
        due_at: reminder::send_from(kind, at, &circle.zone, Some(slot.starts)),
        useful_until: reminder::useful_until(slot.starts),
    };
    let (dedupe, due) = (&mail.dedupe, mail.due_at);
    // One that was cancelled while the circle did not ask is planned again; one that waits for its
    // ring's turn, or for tomorrow, is sent sooner.
    let asked = unit.add_mail(&mail, now).await?
        || unit.plan_mail_again(dedupe, now).await?
        || unit.ask_sooner(slot.id, member.membership, dedupe, at, due).await?;
    if by_hand {
        unit.put_mail_detail(dedupe, &mail.detail).await?;
    }
    if asked {
        // Said at once, so that nobody is told that they have been asked who wait until tomorrow.
        let person = unit.person(member.person).await?;
        let own = person.mail.hours.send_from(kind, due, &circle.zone, Some(slot.starts));
        let waits = !by_hand && !is_near(slot, due);
        let (from, why) = if waits {
            let again = asked_again_from(unit, None, &person, circle, due).await?;
            again.map_or((own, "night"), |again| (again, ONE_A_DAY))
        } else {
            let last = unit.last_asked_of(slot.id, member.person, None).await?;
            let again = last.and_then(|last| asked_apart(last, &person, (circle, slot)));
            let again = again.filter(|again| *again > own);
            again.map_or((own, "night"), |again| (again, ASKED_LATELY))
        };
        if from > due && from < mail.useful_until {
            unit.put_mail_off(dedupe, why, from, now).await?;
        }
    }
    Ok(asked)
}

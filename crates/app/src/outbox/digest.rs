//! The one mail a day that somebody chose in place of reminders: what they promised for today and
//! tomorrow, in every circle, as it stands when it is sent.

use kith_domain::{MailReason, Timestamp, reminder};
use kith_store::{Mail, MailSubject, UnitOfWork};
use kith_vault::WrappedKey;

use crate::outbox::check::{Not, Ready};
use crate::outbox::frozen::{Frozen, Item, times};

/// Promises that one mail says at most.
const MOST: u32 = 30;

pub(crate) async fn digest(
    unit: &UnitOfWork,
    mail: &Mail,
    organisation_key: WrappedKey,
    now: Timestamp,
) -> Result<Ready, Not> {
    let person = mail.subject.person.ok_or(MailReason::CannotBeWritten)?;
    let person = unit.person(person).await?;
    if !person.mail.wants(mail.kind) {
        Err(MailReason::ConsentWithdrawn)?;
    }
    if unit.mail_comes_back(person.id).await?.is_some() {
        Err(MailReason::Bounced)?;
    }
    let (mut items, mut circles) = (Vec::new(), Vec::new());
    for (claim, _) in unit.own_claims(person.id, now, MOST).await? {
        // Held, then read again: what is given back meanwhile is not said.
        let subject = MailSubject {
            person: Some(person.id),
            circle: Some(claim.circle),
            claim: Some(claim.id),
            ..MailSubject::default()
        };
        unit.hold_for_mail(mail.kind, &subject).await?;
        let place = unit.place_of(claim.circle, person.id).await?;
        let (Some(claim), Some(slot), Some(circle)) = (
            unit.claim(claim.id).await?.filter(|claim| claim.state.is_live()),
            unit.slot(claim.slot).await?,
            unit.circle(claim.circle).await?,
        ) else {
            continue;
        };
        let is_member = place.is_some_and(|place| {
            place.id == claim.membership && place.state == kith_domain::MembershipState::Active
        });
        let today = circle.zone.date(now);
        let soon = circle.zone.date(slot.starts) <= today.tomorrow().unwrap_or(today)
            && reminder::useful_until(slot.starts) > now;
        if !is_member || !soon || !circle.state.asks_and_reminds() {
            continue;
        }
        if items.is_empty() && !person.mail.hours.contains(now, &circle.zone) {
            let morning = person.mail.hours.next(now, &circle.zone);
            if morning >= mail.useful_until {
                Err(MailReason::TooLate)?;
            }
            return Err(Not::Before(morning, "night"));
        }
        items.push(if circle.quiet_mail {
            Item::Day(circle.zone.date(slot.starts))
        } else {
            Item::Task(times(&slot, &circle.zone), circle.nature_name.clone())
        });
        if !circles.contains(&(circle.id, circle.state)) {
            circles.push((circle.id, circle.state));
        }
    }
    if items.is_empty() {
        Err(MailReason::ClaimDropped)?;
    }
    Ok(Ready {
        asked: None,
        frozen: Frozen::Digest { items },
        person: person.id,
        address: person.email.ok_or(MailReason::NoAddress)?,
        organisation_key,
        circle: None,
        circles,
        entries: Vec::new(),
        inviter: None,
    })
}

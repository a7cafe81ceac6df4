//! What somebody promised in every circle, as it stands when it is sent, in one mail: for today and
//! tomorrow, in place of reminders, or for the coming week.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kith_domain::{MailKind, MailReason, Timestamp, reminder};
use kith_store::{Mail, MailSubject, MailSurroundings, UnitOfWork};

use crate::outbox::check::{Not, Ready, Recipient};
use crate::outbox::frozen::{Detail, Frozen, Item, times};

/// Promises that one mail says at most.
const MOST: u32 = 30;

/// The days that a mail tells of.
#[derive(Clone, Copy)]
enum Span {
    TodayAndTomorrow,
    /// From this Monday to Sunday.
    Week(Date),
}

impl Span {
    fn of(mail: &Mail) -> Option<Self> {
        match mail.kind {
            MailKind::WeekAhead => Detail::from_json(&mail.detail).monday().map(Self::Week),
            _ => Some(Self::TodayAndTomorrow),
        }
    }

    fn holds(self, day: Date, today: Date) -> bool {
        match self {
            Self::TodayAndTomorrow => day <= today.tomorrow().unwrap_or(today),
            Self::Week(monday) => (monday..monday.saturating_add(7.days())).contains(&day),
        }
    }
}

pub(crate) async fn digest(
    unit: &UnitOfWork,
    mail: &Mail,
    around: MailSurroundings,
    now: Timestamp,
) -> Result<Ready, Not> {
    let MailSurroundings { person, address, organisation_key, .. } = around;
    let person = person.ok_or(MailReason::CannotBeWritten)?;
    if !person.mail.wants(mail.kind) {
        Err(MailReason::ConsentWithdrawn)?;
    }
    if address.unproved {
        Err(MailReason::NotProved)?;
    }
    if address.comes_back.is_some() {
        Err(MailReason::Bounced)?;
    }
    let span = Span::of(mail).ok_or(MailReason::CannotBeWritten)?;
    let (mut items, mut circles) = (Vec::new(), Vec::new());
    // Something is not said only because its circle rests.
    let mut rests = false;
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
        let told = span.holds(circle.zone.date(slot.starts), today)
            && reminder::useful_until(slot.starts) > now;
        if !is_member || !told {
            continue;
        }
        if !circle.state.asks_and_reminds() {
            rests = true;
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
        // It is planned again when the circle goes on.
        Err(if rests { MailReason::CircleNotActive } else { MailReason::ClaimDropped })?;
    }
    Ok(Ready {
        asked: None,
        frozen: match span {
            Span::TodayAndTomorrow => Frozen::Digest { items },
            Span::Week(monday) => Frozen::WeekAhead { monday, items },
        },
        to: Recipient::Person(person.id, person.email.ok_or(MailReason::NoAddress)?),
        organisation_key,
        circle: None,
        circles,
        entries: Vec::new(),
        inviter: None,
    })
}

//! From what a mail says to its bytes, with the permits that it takes.

use std::sync::Arc;

use kith_domain::{
    Category, CircleState, EmailAddress, MailKind, Owner, PersonName, Standing, Tier, Timestamp,
    Told,
};
use kith_mail::{DigestItem, Message, NatureName, QuietAbout, SlotTimes, Stamp, render};
use kith_policy::{Disclose, Facts, List, Permit, Refused, RequestScope};
use kith_store::{Mail, Organisation};

use crate::App;
use crate::gate::shown;
use crate::outbox::Delivery;
use crate::outbox::check::{Ready, Recipient, category};
use crate::outbox::code::Code;
use crate::outbox::frozen::{Frozen, Item};
use crate::outbox::links::Links;

/// Why a mail was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unwritten {
    /// The policy does not allow the program to write it now.
    #[error("the policy refuses this mail")]
    Refused,
    /// The decision could not be recorded; the same again may work.
    #[error("the decision could not be recorded")]
    Busy,
    /// What it needs cannot be opened or put together: `0` says what.
    #[error("{0} cannot be written")]
    Broken(&'static str),
}

/// A mail on its way to one recipient.
pub(crate) struct Written {
    pub(crate) to: EmailAddress,
    pub(crate) bytes: Vec<u8>,
}

/// A mail that is marked as being sent.
pub(crate) struct Marked {
    /// The row.
    pub(crate) mail: Mail,
    /// What it is made from.
    pub(crate) ready: Ready,
    /// The code that was just made for it.
    pub(crate) code: Option<Code>,
    /// Attempts begun, with this one.
    pub(crate) attempts: u32,
    /// When the first began.
    pub(crate) first_attempt_at: Timestamp,
}

impl App {
    /// Asks for the permits, opens the address and puts the mail together.
    pub(crate) async fn write(
        &self,
        delivery: &Delivery,
        organisation: &Organisation,
        marked: &Marked,
    ) -> Result<Written, Unwritten> {
        let scope = RequestScope::new(self.now(), Arc::clone(&self.ids));
        let Marked { mail, ready, .. } = marked;
        let id = organisation.id;
        if let Some(category) = category(mail.kind) {
            for (circle, state) in &ready.circles {
                let facts = Facts::job(id, Owner::Circle(*circle), *state);
                let _permit = self.job(&scope, &facts, category).await?;
            }
        }
        let owner = Owner::Organisation(id);
        // A coordinator is told no more than the hospice's page says to them.
        let staff = Facts {
            standing: Standing::Coordinator,
            tier: Tier::Fresh,
            ..Facts::stranger(id, owner, CircleState::NoCircle)
        };
        if mail.kind == MailKind::Uncovered && !self.engine.may::<List>(&staff, Category::Oversight)
        {
            return Err(Unwritten::Refused);
        }
        let to = match &ready.to {
            Recipient::Operator => {
                let operator = self.settings.operator_email.clone();
                operator.ok_or(Unwritten::Broken("the operator's address"))?
            }
            Recipient::Person(person, address) => {
                let facts = Facts::job(id, owner, CircleState::NoCircle).about(person.as_uuid());
                let permit = self.job(&scope, &facts, Category::Contact).await?;
                let key = self
                    .vault
                    .unwrap_key(&ready.organisation_key)
                    .map_err(|_| Unwritten::Broken("the organisation's key"))?;
                let broken = Unwritten::Broken("the address");
                let address = self.vault.open(&permit, &key, address).map_err(|_| broken)?;
                EmailAddress::parse(&shown(&address)).map_err(|_| broken)?
            }
        };
        let inviter = self.inviter_of(&scope, organisation, ready).await?;
        let links = Links::new(&self.settings.base_url, organisation, &self.vault);
        // Each ring is told what the policy lets whoever is in it read behind this mail's link.
        let told = ready.asked.as_ref();
        let quiet = told.is_some_and(|facts| !self.engine.may::<Disclose>(facts, Category::Slot));
        let message = message(marked, inviter, &links, quiet)?;
        let unsubscribe = message
            .has_unsubscribe()
            .then(|| links.stop(mail.id))
            .transpose()
            .map_err(|_| Unwritten::Broken("the link to stop mails"))?;
        let settings = message
            .has_unsubscribe()
            .then(|| links.settings(mail.id))
            .transpose()
            .map_err(|_| Unwritten::Broken("the link to the choice of mails"))?;
        let stamp = Stamp {
            message_id: self.vault.message_id(mail.id.as_uuid(), &marked.identity()),
            date: marked.first_attempt_at,
            boundary: self.vault.message_id(mail.id.as_uuid(), "boundary"),
            to: to.clone(),
            from: delivery.from.clone(),
            reply_to: delivery.reply_to.clone(),
            unsubscribe,
            settings,
            calendar: ready
                .entries
                .iter()
                .zip(std::iter::repeat(ready.to.person()))
                .filter_map(|(entry, person)| Some(entry.appointment(&self.vault, person?)))
                .collect(),
        };
        let bytes = render(&message, &stamp).map_err(|_| Unwritten::Broken("the message"))?;
        Ok(Written { to, bytes })
    }

    async fn job<'s>(
        &self,
        scope: &'s RequestScope,
        facts: &Facts,
        category: Category,
    ) -> Result<Permit<'s, Disclose>, Unwritten> {
        self.engine.authorize(scope, facts, category).await.map_err(|refusal| match refusal {
            Refused::Record(_) => Unwritten::Busy,
            Refused::Denied | Refused::StepUp(_) => Unwritten::Refused,
        })
    }

    async fn inviter_of(
        &self,
        scope: &RequestScope,
        organisation: &Organisation,
        ready: &Ready,
    ) -> Result<Option<PersonName>, Unwritten> {
        let (Some((content, wrapped)), Some(circle)) = (&ready.inviter, &ready.circle) else {
            return Ok(None);
        };
        let broken = Unwritten::Broken("the inviter's name");
        let facts = Facts::job(organisation.id, Owner::Circle(circle.id), circle.state);
        let permit = self.job(scope, &facts, Category::Introduction).await?;
        let key = self.vault.unwrap_key(wrapped).map_err(|_| broken)?;
        let name = self.vault.open(&permit, &key, &content.sealed).map_err(|_| broken)?;
        PersonName::parse(&shown(&name)).map(Some).map_err(|_| broken)
    }
}

impl Marked {
    /// What the Message-ID follows from, beside the row: the words, so that a copy has the same;
    /// for a code the attempt, since every attempt brings another code.
    fn identity(&self) -> String {
        match self.ready.frozen {
            Frozen::SignInCode | Frozen::AddressCode => {
                format!("{}:{}", self.mail.kind, self.attempts)
            }
            _ => self.words(),
        }
    }

    /// The words as they stand in the row.
    pub(crate) fn words(&self) -> String {
        let Ready { frozen, circle, entries, .. } = &self.ready;
        frozen.to_json(self.mail.kind, circle.as_ref(), entries)
    }
}

/// A mail that proves who reads at an address, or says that it is another one now.
fn about_address(
    ready: &Ready,
    code: Option<&Code>,
    links: &Links<'_>,
) -> Result<Option<Message>, Unwritten> {
    let no_link = |_| Unwritten::Broken("the link");
    let made = || code.ok_or(Unwritten::Broken("the code"));
    Ok(Some(match &ready.frozen {
        Frozen::SignInCode => {
            let code = made()?;
            let link = links.sign_in(&code.link).map_err(no_link)?;
            Message::SignInCode { code: code.digits.as_str().to_owned(), link }
        }
        Frozen::AddressCode => {
            let link = links.own_address().map_err(no_link)?;
            Message::AddressCode { code: made()?.digits.as_str().to_owned(), link }
        }
        Frozen::AddressChanged { phone } => {
            let link = links.help().map_err(no_link)?;
            Message::AddressChanged { phone: phone.clone(), link }
        }
        _ => return Ok(None),
    }))
}

fn message(
    marked: &Marked,
    inviter: Option<PersonName>,
    links: &Links<'_>,
    quietly: bool,
) -> Result<Message, Unwritten> {
    let Marked { mail, ready, code, .. } = marked;
    let no_link = |_| Unwritten::Broken("the link");
    if let Some(message) = about_address(ready, code.as_ref(), links)? {
        return Ok(message);
    }
    let nature =
        |name: &str| NatureName::parse(name).map_err(|_| Unwritten::Broken("the nature name"));
    let item = |item: &Item| {
        Ok(match item {
            Item::Task(slot, circle) => DigestItem::Task { slot: *slot, circle: nature(circle)? },
            Item::Day(day) => DigestItem::Day(*day),
        })
    };
    match &ready.frozen {
        Frozen::Digest { items } => {
            let items = items.iter().map(item).collect::<Result<_, Unwritten>>()?;
            return Ok(Message::Digest { items, link: links.rota().map_err(no_link)? });
        }
        Frozen::WeekAhead { monday, items } => {
            let items = items.iter().map(item).collect::<Result<_, Unwritten>>()?;
            let link = links.rota().map_err(no_link)?;
            return Ok(Message::WeekAhead { monday: *monday, items, link });
        }
        Frozen::Concern => {
            return Ok(Message::Concern { link: links.concerns().map_err(no_link)? });
        }
        Frozen::Uncovered { items } => {
            let items = items.iter().map(item).collect::<Result<_, Unwritten>>()?;
            return Ok(Message::Uncovered { items, link: links.hospice().map_err(no_link)? });
        }
        Frozen::Figures(figures) => {
            let link = links.health().map_err(no_link)?;
            return Ok(Message::Figures { figures: *figures, link });
        }
        _ => {}
    }
    let about = ready.circle.as_ref().ok_or(Unwritten::Broken("the circle"))?;
    let circle = nature(&about.nature_name)?;
    if let Frozen::Promised { slot, more } = &ready.frozen
        && !more.is_empty()
    {
        let item = |slot: &SlotTimes| {
            if about.quiet_mail {
                return DigestItem::Day(slot.starts.date());
            }
            DigestItem::Task { slot: *slot, circle: circle.clone() }
        };
        let mut slots: Vec<_> = std::iter::once(slot).chain(more).collect();
        slots.sort_by_key(|slot| slot.starts);
        let mut items: Vec<_> = slots.into_iter().map(item).collect();
        // Of a quiet circle two on one day are one line.
        items.dedup();
        return Ok(Message::SeveralPromised { items, link: links.rota().map_err(no_link)? });
    }
    let link = match &ready.frozen {
        Frozen::Invitation { .. } => {
            let welcome = mail.subject.welcome.ok_or(Unwritten::Broken("the invitation"))?;
            links.invitation(welcome)
        }
        Frozen::Named { .. } => links.circle(about.id),
        Frozen::AsksToJoin => links.asking(about.id),
        _ => links.slot(mail.id),
    }
    .map_err(no_link)?;
    if (about.quiet_mail || quietly)
        && let Some((about, day)) = quiet(&ready.frozen)
    {
        return Ok(Message::Quiet { about, day, link });
    }
    Ok(match ready.frozen.clone() {
        Frozen::Invitation { .. } => Message::Invitation { inviter, circle, link },
        Frozen::Promised { slot, .. } => Message::Promised { slot, circle, link },
        Frozen::Reminder { slot, at, asks } => Message::Reminder { slot, circle, at, asks, link },
        Frozen::NobodyYet { gaps } => Message::NobodyYet { gaps, circle, link },
        Frozen::SomebodyNeeded { slot, more } => {
            Message::SomebodyNeeded { slot, more, circle, link }
        }
        Frozen::Changed { old, new } => Message::Changed { old, new, circle, link },
        Frozen::MoveAsked { moves } => Message::MoveAsked { moves, circle, link },
        Frozen::Cancelled { slot } => Message::Cancelled { slot, circle, link },
        Frozen::CoverWanted { slot } => Message::CoverWanted { slot, circle, link },
        Frozen::CoverFound { slot } => Message::CoverFound { slot, circle, link },
        Frozen::Told { slot, what } => Message::Told { what, slot, circle, link },
        Frozen::PleaseConfirm { slot } => Message::PleaseConfirm { slot, circle, link },
        Frozen::NoWord { slot, for_them } => Message::NoWord { slot, for_them, circle, link },
        Frozen::Paused { slots, more } => Message::Paused { slots, more, circle, link },
        Frozen::GoesOn { slots, more } => Message::GoesOn { slots, more, circle, link },
        Frozen::Named { how } => Message::Named { how, circle, link },
        Frozen::AsksToJoin => Message::AsksToJoin { circle, link },
        Frozen::SignInCode
        | Frozen::AddressCode
        | Frozen::AddressChanged { .. }
        | Frozen::Digest { .. }
        | Frozen::WeekAhead { .. }
        | Frozen::Concern
        | Frozen::Uncovered { .. }
        | Frozen::Figures(_) => return Err(Unwritten::Broken("the message")),
    })
}

/// What a quiet circle's mail says in place of a slot: the day that the person has in mind.
fn quiet(frozen: &Frozen) -> Option<(QuietAbout, jiff::civil::Date)> {
    match frozen {
        Frozen::Promised { slot, .. }
        | Frozen::Reminder { slot, .. }
        | Frozen::PleaseConfirm { slot } => Some((QuietAbout::Something, slot.starts.date())),
        Frozen::SomebodyNeeded { slot, .. } | Frozen::Told { slot, what: Told::SwapOffered } => {
            Some((QuietAbout::Question, slot.starts.date()))
        }
        Frozen::NoWord { slot, .. } => Some((QuietAbout::PleaseLook, slot.starts.date())),
        Frozen::Changed { old: slot, .. }
        | Frozen::Cancelled { slot }
        | Frozen::CoverFound { slot }
        | Frozen::Told { slot, .. }
        | Frozen::CoverWanted { slot } => Some((QuietAbout::Change, slot.starts.date())),
        Frozen::Invitation { .. }
        | Frozen::SignInCode
        | Frozen::AddressCode
        | Frozen::AddressChanged { .. }
        | Frozen::Digest { .. }
        | Frozen::WeekAhead { .. }
        | Frozen::Concern
        | Frozen::Uncovered { .. }
        | Frozen::Figures(_)
        | Frozen::Named { .. }
        | Frozen::AsksToJoin => None,
        Frozen::Paused { slots, .. } | Frozen::GoesOn { slots, .. } => {
            slots.first().map(|slot| (QuietAbout::Change, slot.starts.date()))
        }
        Frozen::NobodyYet { gaps } => {
            gaps.first().map(|gap| (QuietAbout::PleaseLook, gap.slot.starts.date()))
        }
        Frozen::MoveAsked { moves } => {
            moves.first().map(|(old, _)| (QuietAbout::Question, old.starts.date()))
        }
    }
}

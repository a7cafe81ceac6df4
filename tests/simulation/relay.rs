//! The relay of a run: its weather is drawn by chance, and it looks at the rows before it takes a
//! mail, so that what should never have been offered is noticed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use kith_app::Transport;
use kith_domain::{Clock as _, EmailAddress, MailKind, Timestamp};
use kith_mail::read::read;
use kith_mail::{Accepted, DeliveryError, Reason};
use kith_tests::clock::london;
use kith_tests::locked;
use kith_tests::world::link_parts;
use uuid::Uuid;

use crate::chance::Chance;
use crate::judge::Problem;
use crate::life::Life;
use crate::people;
use crate::planted::Fault;
use crate::town::Town;
use crate::truth::{MailOf, Wish, mails, wishes};

/// How the relay is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Weather {
    /// Takes everything.
    #[default]
    Fine,
    /// Anything may come of a mail.
    Changeable,
    /// Takes nothing.
    Down,
}

/// A mail that it took.
#[derive(Clone, Debug)]
pub(crate) struct Taken {
    pub(crate) mail: Uuid,
    /// The process that handed it over.
    pub(crate) life: u32,
    /// It was told so.
    pub(crate) told: bool,
}

/// What was noted down.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a thing that may have happened")]
pub(crate) struct Notes {
    pub(crate) taken: Vec<Taken>,
    /// The mails that were refused for good at some time.
    pub(crate) refused: BTreeSet<Uuid>,
    /// Of some address it was said that nothing arrives there.
    pub(crate) unreachable: bool,
    /// The last mail that each process began.
    pub(crate) last_of: BTreeMap<u32, Uuid>,
    pub(crate) problems: Vec<Problem>,
    /// Everything that happened, in order.
    pub(crate) trace: Vec<String>,
    /// Somebody did something.
    pub(crate) acted: bool,
    /// Not everything was as on a good day.
    pub(crate) trouble: bool,
    /// A dialogue was not held to its end.
    pub(crate) in_a_dialogue: bool,
    /// How often somebody did something.
    pub(crate) deeds: usize,
    offered: BTreeMap<Uuid, (Offer, usize)>,
}

/// What was offered of a mail the last time.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Offer {
    to: String,
    bytes: Vec<u8>,
}

impl Offer {
    fn message_id(&self) -> Option<String> {
        read(&self.bytes)?.header("Message-ID").map(str::to_owned)
    }
}

/// The relay.
pub(crate) struct Relay {
    pub(crate) town: Arc<Town>,
    pub(crate) chance: Arc<Chance>,
    pub(crate) life: Arc<Life>,
    pub(crate) weather: Mutex<Weather>,
    pub(crate) fault: Option<Fault>,
    pub(crate) notes: Mutex<Notes>,
}

#[async_trait]
impl Transport for Relay {
    async fn deliver(&self, to: &EmailAddress, bytes: &[u8]) -> Result<Accepted, DeliveryError> {
        self.life.step();
        locked(&self.notes).in_a_dialogue = true;
        let (mut bytes, mail) = (bytes.to_vec(), self.mail_in(bytes).await);
        if let Some(fault) = self.fault {
            fault.before(&self.town, mail, &mut bytes).await;
        }
        self.begins(mail, to.as_str(), &bytes).await;
        if self.fault == Some(Fault::HandsOverTwice) && self.chance.one_in(4) {
            self.takes(mail, true);
        }
        if self.chance.one_in(8) {
            let what = people::something(&self.town, &self.chance).await;
            self.say(format!("while it is sent: {what}"));
            self.somebody_acted();
        }
        let answer = self.answer(mail);
        self.say(format!("relay: {answer:?}"));
        if let Some(fault) = self.fault {
            fault.after(&self.town, mail).await;
        }
        locked(&self.notes).in_a_dialogue = false;
        self.life.step();
        answer
    }
}

impl Relay {
    pub(crate) fn say(&self, what: impl Into<String>) {
        let now = self.town.world.clock.now();
        locked(&self.notes).trace.push(format!("{now} {}", what.into()));
    }

    pub(crate) fn somebody_acted(&self) {
        let mut notes = locked(&self.notes);
        notes.acted = true;
        notes.deeds += 1;
    }

    fn complain(&self, problem: Problem) {
        self.say(format!("PROBLEM {problem:?}"));
        locked(&self.notes).problems.push(problem);
    }

    fn takes(&self, mail: Uuid, told: bool) {
        let life = self.life.number();
        locked(&self.notes).taken.push(Taken { mail, life, told });
    }

    /// `MAIL FROM`: the mail must be marked, wanted, of use, and what it was the last time.
    async fn begins(&self, id: Uuid, to: &str, bytes: &[u8]) {
        locked(&self.notes).last_of.insert(self.life.number(), id);
        let now = self.town.world.clock.now();
        let mails = mails(&self.town.world.beside).await;
        let Some(mail) = mails.iter().find(|mail| mail.id == id) else {
            return self.complain(Problem::OfNoRow(id));
        };
        self.say(format!("offered {} to {to}", mail.dedupe));
        if mail.state != "sending" {
            self.complain(Problem::NotMarked(mail.dedupe.clone(), mail.state.clone()));
        }
        if now >= mail.useful_until() {
            self.complain(Problem::TooLate(mail.dedupe.clone()));
        }
        let wishes = wishes(&self.town.world.beside).await;
        if let Some(why) = self.unwanted(mail, wishes.values(), now).await {
            self.complain(Problem::Unwanted(mail.dedupe.clone(), why));
        }
        self.is_what_it_was(mail, &Offer { to: to.to_owned(), bytes: bytes.to_vec() });
    }

    /// What is offered again is the same to the byte, with the same Message-ID. Where what it says
    /// has changed since, it is another mail with another Message-ID; a code is made anew each time,
    /// and what somebody is asked for passes.
    fn is_what_it_was(&self, mail: &MailOf, offer: &Offer) {
        let mut notes = locked(&self.notes);
        let deeds = notes.deeds;
        let before = notes.offered.insert(mail.id, (offer.clone(), deeds));
        let Some((before, at_deed)) = before else { return };
        let passes = [
            MailKind::SignInCode,
            MailKind::SomebodyNeeded,
            MailKind::NobodyYet,
            MailKind::Digest,
            MailKind::WeekAhead,
            MailKind::Paused,
            MailKind::GoesOn,
        ];
        let may_differ = deeds > at_deed || passes.iter().any(|kind| kind.as_str() == mail.kind);
        let same_id = offer.message_id() == before.message_id();
        if *offer != before && (same_id || !may_differ) {
            notes.problems.push(Problem::Altered(mail.dedupe.clone()));
        }
    }

    /// Why a mail should not leave now, as people want it at this instant.
    async fn unwanted(
        &self,
        mail: &MailOf,
        mut wishes: impl Iterator<Item = &Wish>,
        now: Timestamp,
    ) -> Option<&'static str> {
        let (Some(person), Some(circle)) = (mail.person_id, mail.circle_id) else { return None };
        let kind: MailKind = mail.kind.parse().expect("a kind of mail");
        let snapshot = self.town.world.store.snapshot(self.town.world.organisation).await.unwrap();
        let circle = snapshot.circle(kith_domain::ids::CircleId::from_uuid(circle)).await.unwrap();
        let person = kith_domain::ids::PersonId::from_uuid(person);
        let circle = circle.expect("circles are kept");
        let place = snapshot.place_of(circle.id, person).await.unwrap();
        let person = snapshot.person(person).await.unwrap();
        snapshot.end();
        if !kind.may_leave(circle.state) {
            return Some("the circle does not ask");
        }
        if place.is_none_or(|place| place.state != kith_domain::MembershipState::Active) {
            return Some("the person has left");
        }
        // What a mail of the day could not say because its circle was paused.
        let beside = mail.dedupe.starts_with("reminder:beside:");
        if !person.mail.wants(if beside { MailKind::Digest } else { kind }) {
            return Some("the person does not want such mails");
        }
        if kind != MailKind::Reminder {
            return None;
        }
        let Some(wish) = wishes.find(|wish| Some(wish.id) == mail.claim_id) else {
            return Some("nobody promised it");
        };
        if !(wish.stands() || beside && wish.is_promised()) {
            return Some("the promise does not stand");
        }
        if now >= wish.useful_until() {
            return Some("the slot begins");
        }
        if !wish.hours().contains(now, &london()) {
            return Some("it is night for its person");
        }
        let chosen = wish.reminders().into_iter().map(|(kind, _)| wish.dedupe(kind));
        // Two of them at one instant are one mail: either may be the one.
        let all = kith_domain::ReminderKind::ALL.iter().filter(|kind| wish.choice().wants(**kind));
        let any = chosen.chain(all.map(|kind| wish.dedupe(*kind))).any(|text| text == mail.dedupe);
        if any || beside {
            None
        } else {
            Some("another time was agreed, or another reminder chosen")
        }
    }

    /// The row that a mail was made from: the mail id in its link. A link that has none is that of
    /// the one mail that is being sent.
    async fn mail_in(&self, bytes: &[u8]) -> Uuid {
        let link = read(bytes).expect("a mail of ours").link().expect("a link");
        if link.as_str().contains("/s/") {
            return link_parts(link.as_str()).0.as_uuid();
        }
        let mut rows = mails(&self.town.world.beside).await;
        rows.retain(|row| row.state == "sending");
        assert_eq!(rows.len(), 1, "one mail at a time");
        rows[0].id
    }

    fn answer(&self, mail: Uuid) -> Result<Accepted, DeliveryError> {
        let weather = *locked(&self.weather);
        let drawn = match weather {
            Weather::Fine => 0,
            Weather::Changeable => self.chance.up_to(13),
            Weather::Down => self.chance.between(8, 9),
        };
        if drawn > 5 {
            locked(&self.notes).trouble = true;
        }
        match drawn {
            0..=5 => {
                self.takes(mail, true);
                Ok(Accepted { code: 250 })
            }
            6 => Err(DeliveryError::Retry(Reason::Code(451))),
            7 => Err(DeliveryError::Retry(Reason::Code(452))),
            8 => Err(DeliveryError::RelayDown(Reason::Code(535))),
            9 => Err(DeliveryError::Retry(Reason::Connect)),
            10 => Err(DeliveryError::Retry(Reason::Broken)),
            11 | 12 => {
                self.takes(mail, false);
                let how = if drawn == 11 { Reason::Broken } else { Reason::TimedOut };
                Err(DeliveryError::Retry(how))
            }
            _ => {
                locked(&self.notes).refused.insert(mail);
                // Some say that nothing arrives at the address.
                let address = self.chance.one_in(4);
                locked(&self.notes).unreachable |= address;
                Err(DeliveryError::Refused { code: 550, address })
            }
        }
    }
}

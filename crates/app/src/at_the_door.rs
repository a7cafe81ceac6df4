//! What whoever comes needs at the door: a number to ring, what was left to say by whoever was there
//! before, what she eats; and telling that one is late.

use kith_domain::ids::{CircleId, SlotId};
use kith_domain::{Category, LongText, PhoneNumber, TaskKind, TextError, Timestamp, Told};
use kith_policy::{Amend, Contribute, Disclose, Permit};
use kith_store::{Claim, Content, Snapshot};
use kith_vault::{Field, OwnerKey, Sealed};

use crate::App;
use crate::about::{About, Names, SealedAbout};
use crate::answering::Answering;
use crate::failure::{Failure, Problems, What};
use crate::gate::Inside;
use crate::promise::in_charge;
use crate::told;
use crate::visit::{Receipt, Visit};

/// Days for which what was left to say is of use to whoever comes next.
const HAND_OVER_DAYS: i64 = 7;
/// Hours before a slot from which one may be late for it.
const LATE_HOURS: i64 = 2;

/// What came of "I'm running late".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Late {
    /// Whoever is in charge is told.
    Told,
    /// It is too early for that, or over.
    NotNow,
}

/// A text with who wrote it and when.
#[derive(Clone, PartialEq, Eq)]
pub struct DoorText {
    /// What was left to say.
    pub text: String,
    /// First name of who wrote it.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
}

impl std::fmt::Debug for DoorText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DoorText")
    }
}

/// What a slot's page shows to whoever comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DoorTexts {
    /// The number to ring from the door; while the window of the reader's own slot is open.
    pub phone: Option<String>,
    /// What whoever was there last wants the next one to know; the same.
    pub hand_over: Option<DoorText>,
    /// What she likes and must not eat; with a meal or the shopping.
    pub food: Option<String>,
    /// The reader may say that they are late.
    pub may_be_late: bool,
    /// The reader may leave a word for whoever comes next.
    pub may_hand_over: bool,
    /// The reader may write down number and food.
    pub may_write: bool,
}

/// What the form about the door is filled with.
#[derive(Clone, Debug)]
pub struct DoorForm {
    /// The circle and the reader.
    pub about: About,
    /// The number to ring from the door.
    pub phone: Option<String>,
    /// What she likes and must not eat.
    pub food: Option<String>,
}

/// The sealed texts.
pub(crate) struct Sealeds {
    phone: Option<Content>,
    hand_over: Option<Content>,
    food: Option<Content>,
}

impl Sealeds {
    pub(crate) async fn read(snapshot: &Snapshot, circle: CircleId) -> Result<Self, Failure> {
        let id = circle.as_uuid();
        Ok(Self {
            phone: snapshot.content(circle, Field::DoorPhone, id).await?,
            hand_over: snapshot.content(circle, Field::HandOver, id).await?,
            food: snapshot.content(circle, Field::Food, id).await?,
        })
    }

    /// Opens what this reader may see of it, for a slot with this own promise.
    pub(crate) async fn open(
        &self,
        inside: &Inside<'_>,
        key: &OwnerKey,
        names: &Names,
        slot: &kith_store::Slot,
        own: Option<&Claim>,
    ) -> Result<DoorTexts, Failure> {
        let now = inside.now();
        let mine = own.is_some_and(|claim| claim.state.is_live());
        let window = kith_domain::claim::window(slot.starts, slot.ends);
        let here = mine && window.contains(now);
        let mut texts = DoorTexts {
            may_be_late: mine && may_be_late(slot, now),
            may_hand_over: here && slot.starts <= now && inside.may::<Contribute>(Category::Task),
            may_write: inside.may::<Amend>(Category::Help) && inside.may::<Amend>(Category::Task),
            ..DoorTexts::default()
        };
        if here && let Some(permit) = inside.permit_if_any::<Disclose>(Category::Help).await? {
            texts.phone = inside.open(&permit, key, self.phone.as_ref())?;
        }
        let fed = matches!(slot.kind, TaskKind::Meal | TaskKind::Shopping);
        if !(here || fed) {
            return Ok(texts);
        }
        let Some(permit) = inside.permit_if_any::<Disclose>(Category::Task).await? else {
            return Ok(texts);
        };
        if fed {
            texts.food = inside.open(&permit, key, self.food.as_ref())?;
        }
        let lately = |note: &&Content| now.seconds_since(note.at) < HAND_OVER_DAYS * 86_400;
        if here && let Some(note) = self.hand_over.as_ref().filter(lately) {
            let text = inside.open(&permit, key, Some(note))?.unwrap_or_default();
            let by = note.author.and_then(|author| names.of(author));
            texts.hand_over = Some(DoorText { text, by, at: note.at });
        }
        Ok(texts)
    }
}

fn may_be_late(slot: &kith_store::Slot, now: Timestamp) -> bool {
    slot.starts <= now.plus_hours(LATE_HOURS) && now < slot.ends
}

impl App {
    /// "I'm running late": the carers are told at once; nothing else changes.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when the slot is not the reader's.
    pub async fn running_late(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        receipt: Receipt,
    ) -> Result<Late, Failure> {
        let (answer, done) = self.answering(visit, circle, slot, receipt, "late").await?;
        if done.is_some() {
            return Ok(Late::Told);
        }
        let Answering { permit, inside, rows } = answer;
        let claim = rows.claim.as_ref().ok_or(Failure::NotHere)?;
        let (slot, now) = (&rows.slot, visit.now());
        if !may_be_late(slot, now) {
            return Ok(Late::NotNow);
        }
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "late", "told", now).await?;
                let about = told::About { circle: &inside.circle, slot, now };
                let members = unit.members(circle).await?;
                for person in in_charge(&members).into_iter().filter(|who| *who != claim.person) {
                    let what = Told::RunningLate;
                    told::tell_of_claim(unit, &about, person, what, claim.id).await?;
                }
                Ok(Late::Told)
            })
            .await
    }

    /// Leaves a word for whoever comes next; the one before is shown no more.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the field `hand_over`; [`Failure::NotHere`] for whoever has not
    /// promised the slot, and may not read what tasks say.
    pub async fn leave_word(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        text: &str,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "hand-over").await?;
        let found = crate::rota::slot_of(&snapshot, circle, slot).await?;
        let own = match (&found, &inside.place) {
            (Some(slot), Some(place)) => snapshot.newest_claim(slot.id, place.membership).await?,
            _ => None,
        };
        snapshot.end().await?;
        let permit = inside.permit::<Contribute>(Category::Task).await?;
        if done.is_some() {
            return Ok(());
        }
        let there = own.is_some_and(|claim| claim.state != kith_domain::ClaimState::Dropped);
        if !there || found.is_none_or(|slot| slot.starts > visit.now()) {
            return Err(Failure::NotHere);
        }
        let text = LongText::parse(text)
            .map_err(|error| Failure::field("hand_over", What::Text(error)))?;
        let sealed = inside.seal(&permit, &inside.key()?, Field::HandOver, text.as_str())?;
        let author = inside.own_place()?.membership;
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "hand-over", "kept", now).await?;
                unit.put_content(circle, circle.as_uuid(), Some(author), sealed, now).await?;
                Ok(())
            })
            .await
    }

    /// The form about the door, for those who may write it down.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for everybody else.
    pub async fn door_form(&self, visit: &Visit, circle: CircleId) -> Result<DoorForm, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let sealed = Sealeds::read(&snapshot, circle).await?;
        snapshot.end().await?;
        let _: Permit<'_, Amend> = inside.permit(Category::Help).await?;
        let _: Permit<'_, Amend> = inside.permit(Category::Task).await?;
        let help: Permit<'_, Disclose> = inside.permit(Category::Help).await?;
        let task: Permit<'_, Disclose> = inside.permit(Category::Task).await?;
        let key = inside.key()?;
        let phone = inside.open(&help, &key, sealed.phone.as_ref())?;
        let food = inside.open(&task, &key, sealed.food.as_ref())?;
        let (about, _) = about.open(&inside, &key).await?;
        Ok(DoorForm { about, phone, food })
    }

    /// Writes down the number to ring from the door, and what she eats; empty takes it away.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the fields `phone` and `food`.
    pub async fn write_door(
        &self,
        visit: &Visit,
        circle: CircleId,
        (phone, food): (&str, &str),
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "door").await?;
        snapshot.end().await?;
        let help: Permit<'_, Amend> = inside.permit(Category::Help).await?;
        let task: Permit<'_, Amend> = inside.permit(Category::Task).await?;
        if done.is_some() {
            return Ok(());
        }
        let mut problems = Problems::default();
        let phone = match PhoneNumber::parse(phone) {
            Err(TextError::Missing) => None,
            parsed => problems.text("phone", parsed),
        };
        let food = problems.optional("food", LongText::parse(food));
        problems.check()?;
        let key = inside.key()?;
        let seal = |permit, field, text: Option<&str>| -> Result<Option<Sealed>, Failure> {
            text.map(|text| inside.seal(permit, &key, field, text)).transpose()
        };
        let phone = seal(&help, Field::DoorPhone, phone.as_ref().map(PhoneNumber::as_str))?;
        let food = seal(&task, Field::Food, food.as_ref().map(LongText::as_str))?;
        let author = inside.own_place()?.membership;
        let (id, now) = (circle.as_uuid(), visit.now());
        self.store
            .change(&help, async |unit| {
                unit.keep_receipt(receipt.0, "door", "kept", now).await?;
                unit.also(&help, &task).await?;
                for (field, sealed) in [(Field::DoorPhone, phone), (Field::Food, food)] {
                    match sealed {
                        Some(sealed) => {
                            unit.put_content(circle, id, Some(author), sealed, now).await?;
                        }
                        None => {
                            unit.erase_content(circle, field, id).await?;
                        }
                    }
                }
                Ok(())
            })
            .await
    }
}

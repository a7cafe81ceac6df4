//! What whoever comes needs at the door: a number to ring, what was left to say by whoever was there
//! before, what she eats; and telling that one is late.

use kith_domain::claim::window;
use kith_domain::ids::{CircleId, SlotId};
use kith_domain::{
    Category, ClaimState, LongText, PhoneNumber, TaskKind, TextError, Timestamp, Told,
};
use kith_policy::{Amend, Contribute, Disclose, Permit};
use kith_store::{Claim, Content, Slot, Snapshot};
use kith_vault::{Field, OwnerKey, Sealed};

use crate::App;
use crate::about::{About, Names, SealedAbout};
use crate::after::is_the_time;
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
    /// What whoever was there last wants the next one to know; the same, and for whoever is in charge
    /// at the slot that was going on when it was left.
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

/// What is written down for whoever comes; not what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoorKnown {
    /// There is a number to ring from the door.
    pub phone: bool,
    /// It is said what is liked, and what must be left out.
    pub food: bool,
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

    /// What is written down, for those who may write it.
    pub(crate) fn known(&self, inside: &Inside<'_>) -> Option<DoorKnown> {
        let writes = inside.may::<Amend>(Category::Help) && inside.may::<Amend>(Category::Task);
        writes.then_some(DoorKnown { phone: self.phone.is_some(), food: self.food.is_some() })
    }

    /// Opens what this reader may see of it, for a slot with this own promise.
    pub(crate) async fn open(
        &self,
        inside: &Inside<'_>,
        key: &OwnerKey,
        names: &Names,
        slot: &Slot,
        own: Option<&Claim>,
    ) -> Result<DoorTexts, Failure> {
        let now = inside.now();
        let mine = own.is_some_and(|claim| claim.state.is_live());
        // Whoever has just said that it is done is still there, or on the way home.
        let came = own.is_some_and(|c| c.state.is_live() || c.state == ClaimState::Done);
        let here = came && window(slot.starts, slot.ends).contains(now);
        let lately = self.hand_over.as_ref().filter(|note| is_lately(note, now));
        let left_here = |note: &&Content| inside.is_in_charge() && goes_on(slot, note.at);
        let note = lately.filter(|note| here || left_here(note));
        let mut texts = DoorTexts {
            may_be_late: mine && may_be_late(slot, now),
            may_hand_over: may_leave_word(slot, own, self.hand_over.as_ref(), now)
                && inside.may::<Contribute>(Category::Task),
            may_write: inside.may::<Amend>(Category::Help) && inside.may::<Amend>(Category::Task),
            ..DoorTexts::default()
        };
        if here && let Some(permit) = inside.permit_if_any::<Disclose>(Category::Help).await? {
            texts.phone = inside.open(&permit, key, self.phone.as_ref())?;
        }
        let fed = matches!(slot.kind, TaskKind::Meal | TaskKind::Shopping);
        if note.is_none() && !fed {
            return Ok(texts);
        }
        let Some(permit) = inside.permit_if_any::<Disclose>(Category::Task).await? else {
            return Ok(texts);
        };
        if fed {
            texts.food = inside.open(&permit, key, self.food.as_ref())?;
        }
        if let Some(note) = note {
            texts.hand_over = Some(left(inside, &permit, key, names, note)?);
        }
        Ok(texts)
    }
}

/// What was left to say for whoever comes next, for the home of whoever is in charge and did not
/// write it: as long as the next one would read it.
pub(crate) async fn left_to_say(
    inside: &Inside<'_>,
    key: &OwnerKey,
    names: &Names,
    note: Option<&Content>,
) -> Result<Option<DoorText>, Failure> {
    let me = inside.place.as_ref().map(|place| place.membership);
    let new = |note: &&Content| is_lately(note, inside.now()) && note.author != me;
    let Some(note) = note.filter(|_| inside.is_in_charge()).filter(new) else { return Ok(None) };
    let Some(permit) = inside.permit_if_any::<Disclose>(Category::Task).await? else {
        return Ok(None);
    };
    left(inside, &permit, key, names, note).map(Some)
}

fn left(
    inside: &Inside<'_>,
    permit: &Permit<'_, Disclose>,
    key: &OwnerKey,
    names: &Names,
    note: &Content,
) -> Result<DoorText, Failure> {
    let text = inside.open(permit, key, Some(note))?.unwrap_or_default();
    let by = note.author.and_then(|author| names.of(author));
    Ok(DoorText { text, by, at: note.at })
}

fn is_lately(note: &Content, now: Timestamp) -> bool {
    now.seconds_since(note.at) < HAND_OVER_DAYS * 86_400
}

/// Whether somebody is, or was a moment ago, at this slot.
fn goes_on(slot: &Slot, at: Timestamp) -> bool {
    slot.starts <= at && window(slot.starts, slot.ends).contains(at)
}

/// Whoever is there leaves a word, or was there lately, unless somebody else has left one since: an
/// older one has nothing to say to whoever comes next, and would take the place of what does.
fn may_leave_word(
    slot: &Slot,
    own: Option<&Claim>,
    left: Option<&Content>,
    now: Timestamp,
) -> bool {
    let since = |claim: &Claim| {
        left.is_some_and(|note| note.at >= slot.ends && note.author != Some(claim.membership))
    };
    is_the_time(slot, now)
        && own.is_some_and(|claim| claim.state != ClaimState::Dropped && !since(claim))
}

pub(crate) fn may_be_late(slot: &Slot, now: Timestamp) -> bool {
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
                unit.claim_is_late(claim.id, now).await?;
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
    /// promised the slot, before it begins and a week after its end, when somebody else has left a
    /// word since, and for whoever may not read what tasks say.
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
        let left = snapshot.content(circle, Field::HandOver, circle.as_uuid()).await?;
        snapshot.end();
        let permit = inside.permit::<Contribute>(Category::Task).await?;
        if done.is_some() {
            return Ok(());
        }
        let may = |slot: &Slot| may_leave_word(slot, own.as_ref(), left.as_ref(), visit.now());
        if !found.is_some_and(|slot| may(&slot)) {
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
        snapshot.end();
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
        snapshot.end();
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

//! After a visit: how it was, as whoever promised it says it, for a week.
//!
//! What the task told is closed two hours after its end, as before; only leaving words stays open.

use jiff::civil::DateTime;
use kith_domain::claim::transition;
use kith_domain::ids::{CircleId, SlotId};
use kith_domain::{Category, ClaimEvent, ClaimState, LongText, TaskKind, Timestamp};
use kith_policy::{Answer, Contribute, Permit};
use kith_store::{Claim, Slot};
use kith_vault::Field;

use crate::App;
use crate::failure::{Failure, Problems};
use crate::gate::Inside;
use crate::promise;
use crate::rota::slot_of;
use crate::visit::{Receipt, Visit};

/// Days after the end of a slot for which whoever promised it is asked how it was.
pub(crate) const LATELY_DAYS: i64 = 7;
/// Promises that are over, on one page.
pub(crate) const MOST_LATELY: u32 = 20;

/// A promise whose time has come, as its nature name, kind and time.
#[derive(Clone, Debug)]
pub struct MyLately {
    /// The circle.
    pub circle: CircleId,
    /// "Heron".
    pub nature_name: String,
    /// The slot.
    pub slot: SlotId,
    /// What.
    pub kind: TaskKind,
    /// When it started, by the wall clock of the circle.
    pub local_start: DateTime,
    /// When it ended, by the wall clock of the circle.
    pub local_end: DateTime,
    /// What is known of it.
    pub state: ClaimState,
    /// The reader may say how it was.
    pub may_say: bool,
}

/// How a slot was: what whoever promised it may say on its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HowItWas {
    /// What is known of it.
    pub state: ClaimState,
    /// A kind word may go with "I have done this".
    pub may_add: bool,
}

/// How it was, as whoever promised it says it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ItWas<'a> {
    /// Done, with a kind word for the circle; it may be empty.
    Done(&'a str),
    /// It did not happen.
    Not,
}

impl std::fmt::Debug for ItWas<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if *self == Self::Not { "Not" } else { "Done" })
    }
}

/// Whether it is the time to say how a slot was: from its start, and for a week after its end.
pub(crate) fn is_the_time(slot: &Slot, now: Timestamp) -> bool {
    slot.starts <= now && now < slot.ends.plus_days(LATELY_DAYS)
}

/// What the page of a slot offers to whoever had promised it.
pub(crate) fn how_it_was(
    inside: &Inside<'_>,
    slot: &Slot,
    own: Option<&Claim>,
) -> Option<HowItWas> {
    let state = own.map(|claim| claim.state).filter(|state| *state != ClaimState::Dropped)?;
    let open = is_the_time(slot, inside.now()) && inside.may::<Answer>(Category::Slot);
    open.then(|| HowItWas { state, may_add: inside.may::<Contribute>(Category::News) })
}

impl App {
    /// Says how a slot was that the reader had promised, once it has begun and for a week after. What
    /// was said before can be corrected, for people press the wrong button; nobody is mailed.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the field `kind_word`; [`Failure::NotHere`] when the slot is not the
    /// reader's, has not begun, or is long over.
    pub async fn say_how_it_was(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        it_was: ItWas<'_>,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let sent = snapshot.receipt(receipt.0, "how-it-was").await?;
        let found = slot_of(&snapshot, circle, slot).await?;
        let own = match (&found, &inside.place) {
            (Some(slot), Some(place)) => snapshot.newest_claim(slot.id, place.membership).await?,
            _ => None,
        };
        snapshot.end();
        let permit: Permit<'_, Answer> = inside.permit(Category::Slot).await?;
        if sent.is_some() {
            return Ok(());
        }
        let now = visit.now();
        // As long as it lasts whoever cannot make it says that, and others are asked.
        let may =
            |slot: &Slot| is_the_time(slot, now) && (it_was != ItWas::Not || slot.ends <= now);
        found.filter(may).ok_or(Failure::NotHere)?;
        let claim = own.filter(|claim| claim.state != ClaimState::Dropped);
        let claim = claim.ok_or(Failure::NotHere)?;
        let (event, typed) = match it_was {
            ItWas::Done(words) => (ClaimEvent::Finish, words),
            ItWas::Not => (ClaimEvent::Miss, ""),
        };
        let mut problems = Problems::default();
        let word = problems.optional("kind_word", LongText::parse(typed));
        problems.check()?;
        let word = match word {
            Some(word) => {
                let permit: Permit<'_, Contribute> = inside.permit(Category::News).await?;
                let sealed =
                    inside.seal(&permit, &inside.key()?, Field::KindWord, word.as_str())?;
                Some((permit, sealed))
            }
            None => None,
        };
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "how-it-was", "said", now).await?;
                let ends = transition(claim.state, event).is_ok();
                if !promise::end(unit, &claim, event, None, now).await? && ends {
                    return Err(Failure::Changed);
                }
                if let Some((contribute, sealed)) = word {
                    unit.also(&permit, &contribute).await?;
                    let subject = sealed.place().row;
                    let author = Some(claim.membership);
                    unit.put_content(circle, subject, author, sealed, now).await?;
                }
                Ok(())
            })
            .await
    }
}

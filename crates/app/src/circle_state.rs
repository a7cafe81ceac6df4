//! Pausing a circle and going on, freezing it for safety, and quiet mail.

use kith_domain::ids::CircleId;
use kith_domain::{Category, CircleState};
use kith_policy::{Govern, List, Permit};
use kith_store::StoreError;

use crate::App;
use crate::about::{About, SealedAbout};
use crate::at_the_door::{DoorKnown, Sealeds};
use crate::failure::Failure;
use crate::gate::Inside;
use crate::pausing::{tell_of_pause, tell_that_it_goes_on};
use crate::standing_promise::catch_up;
use crate::visit::{Receipt, Visit};

/// A change of a circle's state that the patient or a carer may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CircleChange {
    /// Nothing new is asked or taken, and nobody is reminded.
    Pause,
    /// The circle asks and reminds again.
    Resume,
    /// From now on only the patient reads. Hers alone; the hospice may too.
    Freeze,
    /// Opens a frozen circle again, paused.
    Unfreeze,
}

/// What may be set for a circle.
#[derive(Clone, Debug)]
pub struct CircleSettings {
    /// The circle, its state and quiet mail, and the reader.
    pub about: About,
    /// What the reader may do about the state, once it is sure who asks.
    pub may: Vec<CircleChange>,
    /// The reader may set quiet mail, once it is sure who asks.
    pub may_set_quiet_mail: bool,
    /// What is written down for whoever comes; for those who may write it.
    pub door: Option<DoorKnown>,
}

impl App {
    /// The circle's settings, for the patient and carers.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for everybody else.
    pub async fn circle_settings(
        &self,
        visit: &Visit,
        circle: CircleId,
    ) -> Result<CircleSettings, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let door = Sealeds::read(&snapshot, circle).await?;
        snapshot.end();
        let _: Permit<'_, List> = inside.permit(Category::People).await?;
        if !inside.is_in_charge() {
            return Err(Failure::NotHere);
        }
        let key = inside.key()?;
        let (about, _) = about.open(&inside, &key).await?;
        let governs = inside.would::<Govern>(Category::People);
        let all = [
            CircleChange::Pause,
            CircleChange::Resume,
            CircleChange::Freeze,
            CircleChange::Unfreeze,
        ];
        let may =
            all.into_iter().filter(|change| governs && target(*change, &inside, None).is_ok());
        let door = door.known(&inside);
        Ok(CircleSettings { may: may.collect(), may_set_quiet_mail: governs, door, about })
    }

    /// Changes the state of a circle. Mail that may not leave in the new state is cancelled in the
    /// same transaction. Whoever has promised something is told when it is paused, and when it goes on;
    /// then the reminders of what is promised are planned
    /// again, and so is what was cancelled only because the circle did not ask: invitations, cover
    /// that is wanted, what nobody has taken, and who is asked for it.
    ///
    /// # Errors
    ///
    /// [`Failure::Changed`] when the circle is in a state from which that makes no sense.
    pub async fn change_circle_state(
        &self,
        visit: &Visit,
        circle: CircleId,
        change: CircleChange,
        receipt: Receipt,
    ) -> Result<CircleState, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "circle-state").await?;
        let before = match change {
            CircleChange::Unfreeze => snapshot.state_before_freeze(circle).await?,
            _ => None,
        };
        snapshot.end();
        let permit = inside.permit::<Govern>(Category::People).await?;
        let from = inside.circle.state;
        if done.is_some() {
            return Ok(from);
        }
        let to = target(change, &inside, before)?;
        let (now, by) = (visit.now(), inside.session.person);
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "circle-state", to.as_str(), now).await?;
                if !unit.put_circle_state(circle, from, to, now).await? {
                    return Err(Failure::Changed);
                }
                if to == CircleState::Frozen {
                    crate::handed_out::stop_words(unit, circle, now).await?;
                }
                unit.cancel_mail_that_may_not_leave(circle, to, now).await?;
                if to.asks_and_reminds() {
                    unit.plan_circle_again(circle, now).await?;
                    unit.plan_mail_of_circle_again(circle, now).await?;
                    unit.plan_uncovered_again(circle, now).await?;
                    unit.look_at_gaps_again(circle, now).await?;
                    let circle = unit.circle(circle).await?.ok_or(StoreError::NotFound)?;
                    catch_up(unit, &circle, now).await?;
                    tell_that_it_goes_on(unit, &circle, by, now).await?;
                } else if change == CircleChange::Pause {
                    tell_of_pause(unit, &inside.circle, by, now).await?;
                }
                Ok(to)
            })
            .await
    }

    /// Whether the circle's mails leave out time and kind of task.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for whoever may not govern the circle.
    pub async fn set_quiet_mail(
        &self,
        visit: &Visit,
        circle: CircleId,
        quiet: bool,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "quiet-mail").await?;
        snapshot.end();
        let permit = inside.permit::<Govern>(Category::People).await?;
        if done.is_some() {
            return Ok(());
        }
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "quiet-mail", "done", visit.now()).await?;
                unit.put_quiet_mail(circle, quiet).await?;
                Ok(())
            })
            .await
    }
}

/// The state that a change leads to. A frozen circle that was being set up or ending goes on
/// there; any other is paused, so that nothing is asked before somebody says so.
fn target(
    change: CircleChange,
    inside: &Inside<'_>,
    before: Option<CircleState>,
) -> Result<CircleState, Failure> {
    use CircleState as S;
    let from = inside.circle.state;
    let to = match change {
        CircleChange::Pause if from == S::Active => S::Paused,
        CircleChange::Resume if from == S::Paused => S::Active,
        CircleChange::Freeze if inside.is_patient() && from.may_become(S::Frozen) => S::Frozen,
        CircleChange::Unfreeze if inside.is_patient() && from == S::Frozen => match before {
            Some(before @ (S::Forming | S::Ending)) => before,
            _ => S::Paused,
        },
        _ => return Err(Failure::Changed),
    };
    Ok(to)
}

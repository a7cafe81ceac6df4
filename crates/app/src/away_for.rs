//! "She is away": noted for a member whom no e-mail reaches, in this circle and in no other.

use kith_domain::ids::{CircleId, MembershipId};
use kith_domain::{Category, SaidFor, Timestamp};
use kith_policy::{ActFor, Disclose, Permit};
use kith_store::{Membership, Snapshot};

use crate::App;
use crate::about::{About, SealedAbout};
use crate::acting_for::may_be_spoken_for;
use crate::away::{Away, MOST_PROMISES, away, parsed};
use crate::failure::Failure;
use crate::gate::Inside;
use crate::promise;
use crate::said_yes::of_circle;
use crate::visit::{Receipt, Visit};

/// The form.
#[derive(Clone, Debug)]
pub struct AwayFor {
    /// The circle and the reader.
    pub about: About,
    /// Who: first name.
    pub name: String,
    /// What was noted, and is not over.
    pub away: Option<Away>,
}

/// A member for whom the reader may say something.
async fn spoken_for(
    snapshot: &Snapshot,
    inside: &Inside<'_>,
    member: MembershipId,
) -> Result<Option<Membership>, Failure> {
    let me = inside.place.as_ref().map(|place| place.membership);
    let Some(member) = of_circle(snapshot, inside.circle.id, member).await? else {
        return Ok(None);
    };
    Ok(may_be_spoken_for(snapshot, &member, me).await?.then_some(member))
}

impl App {
    /// When a member is away, as it was noted for them.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for everybody but the patient and the carers, and for a member who reads
    /// our e-mails.
    pub async fn away_for_form(
        &self,
        visit: &Visit,
        circle: CircleId,
        member: MembershipId,
    ) -> Result<AwayFor, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let member = spoken_for(&snapshot, &inside, member).await?;
        let noted = match &member {
            Some(member) => snapshot.absence_here(member.id, visit.now()).await?,
            None => None,
        };
        snapshot.end();
        // Nothing is said yet: the decision is recorded with what is.
        drop(inside.permit::<ActFor>(Category::People).await?);
        let _: Permit<'_, Disclose> = inside.permit(Category::People).await?;
        let member = member.ok_or(Failure::NotHere)?;
        let (about, names) = about.open(&inside, &inside.key()?).await?;
        let name = names.of(member.id).unwrap_or_default();
        Ok(AwayFor { about, name, away: noted.map(|noted| away(visit, &noted)) })
    }

    /// Notes that a member is away: nobody asks for what falls into it. With `hand_on` somebody else
    /// is looked for who does what they have promised here then, as if they had said so. Answers how
    /// many promises that were.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the fields `from` and `until`; [`Failure::NotHere`] as for the form.
    pub async fn away_for(
        &self,
        visit: &Visit,
        (circle, member): (CircleId, MembershipId),
        days: (&str, &str),
        hand_on: bool,
        receipt: Receipt,
    ) -> Result<usize, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "away-for").await?;
        let member = spoken_for(&snapshot, &inside, member).await?;
        snapshot.end();
        let permit: Permit<'_, ActFor> = inside.permit(Category::People).await?;
        let about_slots: Permit<'_, ActFor> = inside.permit(Category::Slot).await?;
        if hand_on {
            // How many there are is what the rota says.
            let _: Permit<'_, Disclose> = inside.permit(Category::Rota).await?;
        }
        if let Some(done) = done {
            return Ok(done.parse().unwrap_or(0));
        }
        let member = member.ok_or(Failure::NotHere)?;
        let (from, until) = parsed(visit, days.0, days.1)?;
        let (speaker, now) = (inside.speaker()?, visit.now());
        self.store
            .change(&permit, async |unit| {
                let again = unit.hold_membership(member.id).await?.ok_or(Failure::Changed)?;
                if !may_be_spoken_for(unit, &again, Some(speaker.membership)).await? {
                    return Err(Failure::Changed);
                }
                unit.put_absence_here(&again, (from, until)).await?;
                unit.add_said_for(&again, speaker.membership, (SaidFor::Away, None), now).await?;
                let mut handed_on = 0;
                if hand_on {
                    unit.also(&permit, &about_slots).await?;
                    let falls = |starts: Timestamp| from <= starts && starts < until;
                    for (claim, slot) in unit.claims_of_place(again.id, now, MOST_PROMISES).await? {
                        if falls(slot.starts) {
                            let circle = &inside.circle;
                            promise::cannot_make_it(unit, circle, &slot, &claim, speaker, now)
                                .await?;
                            let said = (SaidFor::Cannot, Some(slot.id));
                            unit.add_said_for(&again, speaker.membership, said, now).await?;
                            handed_on += 1;
                        }
                    }
                }
                let word = handed_on.to_string();
                unit.keep_receipt(receipt.0, "away-for", &word, now).await?;
                Ok(handed_on)
            })
            .await
    }

    /// Notes that a member is back, where somebody in charge had noted that they are away. What they
    /// said themselves stays.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] as for the form.
    pub async fn back_for(
        &self,
        visit: &Visit,
        circle: CircleId,
        member: MembershipId,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "back-for").await?;
        let member = spoken_for(&snapshot, &inside, member).await?;
        snapshot.end();
        let permit: Permit<'_, ActFor> = inside.permit(Category::People).await?;
        if done.is_some() {
            return Ok(());
        }
        let member = member.ok_or(Failure::NotHere)?;
        let (by, now) = (inside.own_place()?.membership, visit.now());
        self.store
            .change(&permit, async |unit| {
                let member = unit.hold_membership(member.id).await?.ok_or(Failure::Changed)?;
                if !may_be_spoken_for(unit, &member, Some(by)).await? {
                    return Err(Failure::Changed);
                }
                unit.keep_receipt(receipt.0, "back-for", "done", now).await?;
                if unit.absence_here(member.id, now).await?.is_some() {
                    unit.end_absence_here(member.id).await?;
                    unit.add_said_for(&member, by, (SaidFor::Back, None), now).await?;
                }
                Ok(())
            })
            .await
    }
}

//! "She said yes to me": somebody who lives on paper and the telephone, named without an address that
//! works, is on the rota by the word of whoever is in charge.
//!
//! It is the same yes as that behind the link of an invitation: a place in the circle, and nothing opened.
//! There is no session by it, no device and no address, so what was granted lies there and is read by
//! nobody, until the person comes in with the two welcome words, which work as before. From then on,
//! the others may take a slot for them and say for them what they say on the telephone.

use kith_domain::ids::{CircleId, MembershipId};
use kith_domain::{Category, MemberRole, MembershipState, SaidFor, Unreached};
use kith_policy::{ActFor, Disclose, Permit};
use kith_store::{Membership, Reader};

use crate::App;
use crate::about::{About, SealedAbout};
use crate::failure::Failure;
use crate::visit::{Receipt, Visit};

/// What is asked before it is said.
#[derive(Clone, Debug)]
pub struct YesFor {
    /// The circle and the reader.
    pub about: About,
    /// Whose yes: first name.
    pub name: String,
}

/// Whether a yes may be noted for this member: invited, and no e-mail reaches them, but by their own
/// wish: whoever stopped our mails has the link, and answers by it. Of friends and volunteers only: who is a carer decides for the patient and is told what she must know, and does
/// neither on paper.
pub(crate) async fn may_be_noted(reader: &Reader, member: &Membership) -> Result<bool, Failure> {
    let helps = matches!(member.role, MemberRole::Friend | MemberRole::Volunteer);
    Ok(helps
        && member.state == MembershipState::Invited
        && reader.unreached(member.person).await?.is_some_and(|why| why != Unreached::Stopped))
}

impl App {
    /// What it means to say yes for a member.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for everybody but the patient and the carers, and for somebody who has
    /// answered, or whom our e-mails reach.
    pub async fn yes_for_form(
        &self,
        visit: &Visit,
        circle: CircleId,
        member: MembershipId,
    ) -> Result<YesFor, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let member = of_circle(&snapshot, circle, member).await?;
        let may = match &member {
            Some(member) => may_be_noted(&snapshot, member).await?,
            None => false,
        };
        snapshot.end();
        // Nothing is said yet: the decision is recorded with what is.
        drop(inside.permit::<ActFor>(Category::People).await?);
        let _: Permit<'_, Disclose> = inside.permit(Category::People).await?;
        let member = member.filter(|_| may).ok_or(Failure::NotHere)?;
        let (about, names) = about.open(&inside, &inside.key()?).await?;
        Ok(YesFor { about, name: names.of(member.id).unwrap_or_default() })
    }

    /// Notes that a member said yes. Nothing opens by it.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] as for the form; [`Failure::Changed`] when they have answered in this
    /// moment.
    pub async fn say_yes_for(
        &self,
        visit: &Visit,
        circle: CircleId,
        member: MembershipId,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "yes-for").await?;
        let member = of_circle(&snapshot, circle, member).await?;
        let may = match &member {
            Some(member) => may_be_noted(&snapshot, member).await?,
            None => false,
        };
        snapshot.end();
        let permit: Permit<'_, ActFor> = inside.permit(Category::People).await?;
        if done.is_some() {
            return Ok(());
        }
        let member = member.filter(|_| may).ok_or(Failure::NotHere)?;
        let (by, now) = (inside.own_place()?.membership, visit.now());
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "yes-for", "done", now).await?;
                // They may come in, say no, or be written to at another address, in this moment.
                let again = unit.hold_membership(member.id).await?.ok_or(Failure::Changed)?;
                if !may_be_noted(unit, &again).await? {
                    return Err(Failure::Changed);
                }
                let (from, to) = (MembershipState::Invited, MembershipState::Active);
                if !unit.put_membership_state(member.id, from, to, now).await? {
                    return Err(Failure::Changed);
                }
                unit.add_said_for(&again, by, (SaidFor::Yes, None), now).await?;
                Ok(())
            })
            .await
    }
}

/// A member of this circle.
pub(crate) async fn of_circle(
    reader: &Reader,
    circle: CircleId,
    member: MembershipId,
) -> Result<Option<Membership>, Failure> {
    Ok(reader.membership(member).await?.filter(|member| member.circle == circle))
}

//! "It works again": mail to an address came back, and somebody who knows says that it would not now.

use kith_domain::ids::{CircleId, MembershipId, PersonId};
use kith_domain::{Category, MembershipState};
use kith_policy::{Amend, Name};
use kith_store::UnitOfWork;

use crate::visit::{Receipt, Visit};
use crate::{App, Failure};

impl App {
    /// The reader's own address works again: mails are sent there as before.
    ///
    /// # Errors
    ///
    /// [`Failure::SignIn`] when nobody is signed in; [`Failure::NotHere`] while the address is not
    /// proved.
    pub async fn my_address_works(&self, visit: &Visit, receipt: Receipt) -> Result<(), Failure> {
        let (snapshot, towards) = self.enter_organisation(visit, false).await?;
        let done = snapshot.receipt(receipt.0, "my-address-works").await?;
        snapshot.end();
        let permit = towards.permit::<Amend>(Category::Contact).await?;
        if done.is_some() {
            return Ok(());
        }
        let (person, now) = (towards.session.person, visit.now());
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "my-address-works", "done", now).await?;
                works_again(unit, person).await
            })
            .await
    }

    /// The same of a member's address, which whoever is in charge was told and does not see.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for whoever may not name people, when there is no such member, and while
    /// the address is not proved.
    pub async fn address_works(
        &self,
        visit: &Visit,
        circle: CircleId,
        membership: MembershipId,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "address-works").await?;
        let member = snapshot.membership(membership).await?;
        snapshot.end();
        let permit = inside.permit::<Name>(Category::People).await?;
        let member = member
            .filter(|member| member.circle == circle && member.state != MembershipState::Left)
            .ok_or(Failure::NotHere)?;
        if done.is_some() {
            return Ok(());
        }
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "address-works", "done", now).await?;
                works_again(unit, member.person).await
            })
            .await
    }
}

/// The mark is on the address, and so on everybody who reads there: whoever typed somebody else's
/// address says nothing of it.
async fn works_again(unit: &UnitOfWork, person: PersonId) -> Result<(), Failure> {
    if unit.address_is_unproved(person).await? {
        return Err(Failure::NotHere);
    }
    Ok(unit.mail_arrives(person).await?)
}

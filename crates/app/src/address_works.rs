//! "It works again": mail to an address came back, and somebody who knows says that it would not now.

use kith_domain::ids::{CircleId, MembershipId};
use kith_domain::{Category, MembershipState};
use kith_policy::{Amend, Name};

use crate::visit::{Receipt, Visit};
use crate::{App, Failure};

impl App {
    /// The reader's own address works again: mails are sent there as before.
    ///
    /// # Errors
    ///
    /// [`Failure::SignIn`] when nobody is signed in.
    pub async fn my_address_works(&self, visit: &Visit, receipt: Receipt) -> Result<(), Failure> {
        let (snapshot, towards) = self.enter_organisation(visit, false).await?;
        let done = snapshot.receipt(receipt.0, "my-address-works").await?;
        snapshot.end().await?;
        let permit = towards.permit::<Amend>(Category::Contact).await?;
        if done.is_some() {
            return Ok(());
        }
        let (person, now) = (towards.session.person, visit.now());
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "my-address-works", "done", now).await?;
                Ok(unit.mail_arrives(person).await?)
            })
            .await
    }

    /// The same of a member's address, which whoever is in charge was told and does not see.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for whoever may not name people, and when there is no such member.
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
        snapshot.end().await?;
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
                Ok(unit.mail_arrives(member.person).await?)
            })
            .await
    }
}

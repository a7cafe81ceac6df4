//! Taking somebody out of a circle.

use kith_domain::ids::{CircleId, MembershipId};
use kith_domain::{Category, MemberRole, MembershipState};
use kith_policy::Remove;

use crate::failure::What;
use crate::handed_out::{has_device, patient_of};
use crate::leaving::leave;
use crate::visit::{Receipt, Visit};
use crate::{App, Failure};

impl App {
    /// Takes a person out of the circle: silently, and at once.
    ///
    /// The patient may take out anybody, the last carer too; a carer may not take out the patient,
    /// and the circle keeps one person in charge: a carer, or a patient with a device of her own.
    pub async fn remove(
        &self,
        visit: &Visit,
        circle: CircleId,
        membership: MembershipId,
        not_again: bool,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let members = snapshot.members(circle).await?;
        let done = snapshot.receipt(receipt.0, "remove").await?;
        // A patient without a device of her own cannot run the circle alone.
        let patient_can = match patient_of(&members) {
            Some(patient) => has_device(&snapshot, patient, visit.now()).await?,
            None => false,
        };
        snapshot.end();
        let permit = inside.permit::<Remove>(Category::People).await?;
        if done.is_some() {
            return Ok(());
        }
        let member = members
            .iter()
            .find(|member| member.id == membership && member.state != MembershipState::Left)
            .ok_or(Failure::NotHere)?;
        if member.role == MemberRole::Patient && !inside.is_patient() {
            return Err(Failure::NotHere);
        }
        let in_charge_after = members.iter().any(|other| {
            other.id != member.id
                && other.state == MembershipState::Active
                && match other.role {
                    MemberRole::Carer => true,
                    MemberRole::Patient => patient_can,
                    MemberRole::Friend | MemberRole::Volunteer => false,
                }
        });
        if !in_charge_after {
            return Err(Failure::field("member", What::LastInCharge));
        }
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "remove", "done", now).await?;
                leave(unit, member, now).await?;
                if not_again {
                    unit.refuse_person(circle, member.person, now).await?;
                }
                Ok(())
            })
            .await
    }
}

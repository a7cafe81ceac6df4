//! The patient lost her tablet. It takes two: the hospice, which rings her and ends her devices, and
//! a carer, who then shows a new one. Neither can become the patient alone.

use kith_domain::ids::CircleId;
use kith_domain::{Category, MemberRole, MembershipState, Timestamp};
use kith_policy::Govern;
use kith_store::{Membership, Reader, StoreError};

use super::card::may_give_card;
use crate::handed_out::{has_device, patient_of};
use crate::visit::{Receipt, Visit};
use crate::{App, Failure};

/// Word under which the form is remembered.
const LOST: &str = "lost-devices";

/// The patient's place, when there is a device to end and a carer who can show another.
pub(super) async fn with_lost_device(
    reader: &Reader,
    members: &[Membership],
    now: Timestamp,
) -> Result<Option<Membership>, StoreError> {
    let carer = members
        .iter()
        .any(|member| member.role == MemberRole::Carer && member.state == MembershipState::Active);
    match patient_of(members).filter(|_| carer) {
        Some(patient) if has_device(reader, patient, now).await? => Ok(Some(patient.clone())),
        _ => Ok(None),
    }
}

impl App {
    /// Ends every device of the patient's in this circle, and what was handed out for another one.
    /// The circle's record shows that it was done.
    pub async fn end_lost_devices(
        &self,
        visit: &Visit,
        circle: CircleId,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter_as_staff(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, LOST).await?;
        let members = snapshot.members(circle).await?;
        let patient = with_lost_device(&snapshot, &members, visit.now()).await?;
        snapshot.end();
        let permit = inside.permit::<Govern>(Category::Oversight).await?;
        if done.is_some() {
            return Ok(());
        }
        let patient =
            patient.filter(|_| may_give_card(inside.circle.state)).ok_or(Failure::NotHere)?;
        let now = inside.now();
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, LOST, "done", now).await?;
                unit.end_welcomes_of(patient.id, now).await?;
                unit.end_enrolments(patient.person, Some(circle), None, now).await?;
                unit.end_sessions(patient.person, None, now).await?;
                Ok(())
            })
            .await
    }
}

//! Leaving a circle, and what ends when somebody is no longer in it: everything, in one transaction.

use kith_domain::ids::CircleId;
use kith_domain::{
    Category, CategorySet, ClaimEnd, ClaimState, GrantBasis, MailReason, MemberRole,
    MembershipState, Tier, Timestamp,
};
use kith_policy::Amend;
use kith_store::{Membership, UnitOfWork};
use kith_vault::Field;

use crate::failure::What;
use crate::promise;
use crate::proposed_move;
use crate::visit::{Receipt, Visit};
use crate::{App, Failure};

/// Word under which the form is remembered.
const LEAVE: &str = "leave";

impl App {
    /// Leaves a circle oneself. What one had promised is asked of the others again.
    ///
    /// From an unknown browser nothing is final: whoever only reads the mailbox does not take
    /// somebody out of a circle.
    ///
    /// # Errors
    ///
    /// [`What::LastInCharge`] for the patient and carers.
    pub async fn leave_circle(
        &self,
        visit: &Visit,
        circle: CircleId,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, towards) = self.enter_organisation(visit, false).await?;
        snapshot.end();
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, LEAVE).await?;
        let members = snapshot.members(circle).await?;
        snapshot.end();
        if done.is_some() {
            return Ok(());
        }
        let own = inside.own_place()?.membership;
        let member = members.iter().find(|member| member.id == own).ok_or(Failure::NotHere)?;
        if member.role != MemberRole::Friend && member.role != MemberRole::Volunteer {
            return Err(Failure::field("member", What::LastInCharge));
        }
        if inside.facts.tier < Tier::Trusted {
            return Err(Failure::StepUp { circle: Some(circle), tier: Tier::Trusted });
        }
        // One's place in a circle is one's own to give up, whatever its state lets one do there.
        let permit = towards.permit::<Amend>(Category::Contact).await?;
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, LEAVE, "done", now).await?;
                for (claim, slot) in unit.claims_of_place(own, now, 500).await? {
                    promise::leave_open(unit, &inside.circle, &slot, &claim, now).await?;
                }
                leave(unit, member, now).await
            })
            .await
    }
}

/// Ends a membership with its grants, ways in, enrolments, promises and pending mails. Sessions
/// and calendar of somebody who is in no other circle end too. Nobody is mailed.
pub(crate) async fn leave(
    unit: &UnitOfWork,
    member: &Membership,
    now: Timestamp,
) -> Result<(), Failure> {
    if !unit.put_membership_state(member.id, member.state, MembershipState::Left, now).await? {
        return Err(Failure::Changed);
    }
    // Whoever is just coming in or being named waits until this is done, or this for them.
    unit.hold_circle(member.circle).await?;
    unit.put_grants(member, CategorySet::EMPTY, GrantBasis::OwnConsent, None, now).await?;
    unit.end_welcomes_of(member.id, now).await?;
    if member.role == MemberRole::Carer {
        crate::handed_out::stop_words(unit, member.circle, now).await?;
    }
    if member.lead {
        // Nobody is rung who is no longer in the circle.
        for field in [Field::OversightName, Field::OversightPhone] {
            unit.erase_content(member.circle, field, member.circle.as_uuid()).await?;
        }
    }
    unit.end_enrolments(member.person, Some(member.circle), None, now).await?;
    // First, so that no new week gets a promise that is not seen here.
    unit.end_standing_promises(member.id, now).await?;
    unit.end_absence_here(member.id).await?;
    for (claim, _) in unit.claims_of_place(member.id, now, 500).await? {
        if unit.put_claim_state(&claim, ClaimState::Dropped, now).await? {
            unit.claim_ended_as(claim.id, ClaimEnd::Left).await?;
            proposed_move::after_drop(unit, &claim, now).await?;
        }
    }
    unit.cancel_mail_for(member.person, member.circle, MailReason::MembershipEnded, now).await?;
    if unit.memberships_of(member.person).await?.is_empty() {
        unit.end_feed(member.person, now).await?;
        if !unit.is_staff(member.person).await? {
            unit.end_sessions(member.person, None, now).await?;
        }
    }
    Ok(())
}

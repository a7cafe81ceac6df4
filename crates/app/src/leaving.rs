//! What ends when somebody is no longer in a circle: everything, in one transaction.

use kith_domain::{
    CategorySet, ClaimState, GrantBasis, MailReason, MemberRole, MembershipState, Timestamp,
};
use kith_store::{Membership, UnitOfWork};
use kith_vault::Field;

use crate::Failure;

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
    for (claim, _) in unit.claims_of_place(member.id, now, 500).await? {
        unit.put_claim_state(&claim, ClaimState::Dropped, now).await?;
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

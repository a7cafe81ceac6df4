//! Whether an address may be named: not where it was refused, and not twice.

use kith_domain::MembershipState;
use kith_domain::ids::{CircleId, MembershipId};
use kith_store::{Membership, Reader};

use crate::failure::{Problems, What};
use crate::{App, Failure};

impl App {
    /// Which of some addresses, each with its field, cannot be named; two of the same address neither.
    pub(crate) async fn cannot_all_be_named(
        &self,
        reader: &Reader,
        circle: CircleId,
        addresses: &[(&'static str, [u8; 16])],
    ) -> Result<Problems, Failure> {
        let mut cannot = Problems::default();
        for (nth, (field, index)) in addresses.iter().enumerate() {
            let twice = addresses.iter().take(nth).any(|(_, earlier)| earlier == index);
            if twice || self.cannot_be_named(reader, circle, index).await? {
                cannot.add(field, What::CannotBeNamed);
            }
        }
        Ok(cannot)
    }

    /// On the "not this person" list, or in the circle already: the same answer, which says nothing
    /// about other circles.
    pub(crate) async fn cannot_be_named(
        &self,
        reader: &Reader,
        circle: CircleId,
        index: &[u8],
    ) -> Result<bool, Failure> {
        self.cannot_be_named_but(reader, circle, index, None).await
    }

    /// The same for somebody who asked to join: two who typed one address, and have shown of it
    /// nothing, are not both let in.
    pub(crate) async fn cannot_be_let_in(
        &self,
        reader: &Reader,
        circle: CircleId,
        index: &[u8],
    ) -> Result<bool, Failure> {
        let members = reader.members(circle).await?;
        for person in reader.persons_at(index).await? {
            let is_here = |member: &Membership| {
                member.person == person.id && member.state != MembershipState::Left
            };
            if members.iter().any(is_here) && reader.address_is_unproved(person.id).await? {
                return Ok(true);
            }
        }
        self.cannot_be_named(reader, circle, index).await
    }

    /// The same, where one place is about to have another address.
    pub(crate) async fn cannot_be_named_but(
        &self,
        reader: &Reader,
        circle: CircleId,
        index: &[u8],
        but: Option<MembershipId>,
    ) -> Result<bool, Failure> {
        if reader.is_refused(circle, index).await? {
            return Ok(true);
        }
        let members = reader.members(circle).await?;
        for person in reader.persons_at(index).await? {
            let is_in = members.iter().any(|member| {
                member.person == person.id
                    && member.state != MembershipState::Left
                    && Some(member.id) != but
            });
            // Whoever typed an address that is somebody else's keeps nobody out.
            let is_theirs =
                !person.shares_mailbox && !reader.address_is_unproved(person.id).await?;
            if is_in && is_theirs {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

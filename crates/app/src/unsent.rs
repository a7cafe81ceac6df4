//! Mails that ended without reaching anybody, for the people who can do something about it.

use std::collections::BTreeMap;

use kith_domain::ids::{MembershipId, PersonId};
use kith_domain::{MailReason, MembershipState};
use kith_store::{Mail, Membership};

use crate::about::Names;
use crate::gate::Inside;

/// Days for which such a mail is spoken of.
pub(crate) const DAYS: i64 = 7;
/// Mails that are looked at.
pub(crate) const MOST: u32 = 100;

/// Mails to one person that did not arrive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// First name, where it is known and may be seen.
    pub name: Option<String>,
    /// It is the reader.
    pub is_you: bool,
    /// How many, but for those that were too late.
    pub mails: u32,
    /// How many were never tried, as they would have come too late to be of use.
    pub too_late: u32,
    /// Every e-mail comes back, until somebody says that the address works again.
    pub comes_back: bool,
}

/// One line for each member who missed something or to whom everything comes back, whoever missed
/// most first. Nobody can be rung who has left.
pub(crate) fn show(
    inside: &Inside<'_>,
    names: &Names,
    members: &[Membership],
    mails: &[Mail],
    comes_back: &[MembershipId],
) -> Vec<Unsent> {
    let of = |was_tried: bool| {
        let mut missed: BTreeMap<PersonId, u32> = BTreeMap::new();
        let these = mails.iter().filter(|mail| is_too_late(mail) != was_tried);
        for person in these.filter_map(|mail| mail.subject.person) {
            *missed.entry(person).or_default() += 1;
        }
        missed
    };
    let (missed, too_late) = (of(true), of(false));
    let count = |missed: &BTreeMap<PersonId, u32>, member: &Membership| {
        missed.get(&member.person).copied().unwrap_or_default()
    };
    let mut unsent: Vec<Unsent> = members
        .iter()
        .filter(|member| member.state != MembershipState::Left)
        .map(|member| Unsent {
            name: names.of(member.id),
            is_you: member.person == inside.session.person,
            mails: count(&missed, member),
            too_late: count(&too_late, member),
            comes_back: comes_back.contains(&member.id),
        })
        .filter(|unsent| unsent.mails > 0 || unsent.too_late > 0 || unsent.comes_back)
        .collect();
    unsent.sort_by(|a, b| b.mails.cmp(&a.mails).then_with(|| a.name.cmp(&b.name)));
    unsent
}

/// Whether it was given up before anything was sent: nothing is wrong with the address.
fn is_too_late(mail: &Mail) -> bool {
    mail.first_attempt_at.is_none() && mail.reason.as_deref() == Some(MailReason::TooLate.as_str())
}

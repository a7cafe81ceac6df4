//! Mails about the address at which somebody reads mail: the code goes to the new one, and the old
//! one is told once it is the old one.

use kith_domain::ids::AddressChangeId;
use kith_domain::{MailKind, MailReason, Timestamp};
use kith_store::{AddressChange, Mail, MailSubject, NewMail, StoreError, UnitOfWork};
use kith_vault::{Vault, WrappedKey, random_code, random_token};

use crate::outbox::check::{Not, Ready, Recipient};
use crate::outbox::code::Code;
use crate::outbox::frozen::{Detail, Frozen};

/// Minutes for which a mail with a code is worth sending; the code itself starts at hand-over.
pub(crate) const CODE_USEFUL_MINUTES: i64 = 30;
/// Days for which it is tried to tell the old address.
pub(crate) const TOLD_DAYS: i64 = 7;
/// What the code's keyed hash is for.
const CODE: &str = "address code";

/// A mail about a change of an address, to be sent now, at night too.
pub(crate) fn mail_about(change: &AddressChange, kind: MailKind, now: Timestamp) -> NewMail {
    let useful_until = if kind == MailKind::AddressCode {
        now.plus_minutes(CODE_USEFUL_MINUTES)
    } else {
        now.plus_days(TOLD_DAYS)
    };
    NewMail {
        kind,
        dedupe: format!("{kind}:{}", change.id),
        subject: MailSubject { person: Some(change.person), ..MailSubject::default() },
        detail: Detail { address: Some(change.id.as_uuid()), ..Detail::default() }.to_json(),
        due_at: now,
        useful_until,
    }
}

/// Whether this is the code that was sent for an asking.
pub(crate) fn code_fits(vault: &Vault, change: &AddressChange, code: &str) -> bool {
    let stored = change.code_mac.as_ref();
    stored.is_some_and(|stored| vault.mac_matches(CODE, change.id.as_uuid(), code, stored))
}

fn about(mail: &Mail) -> Option<AddressChangeId> {
    Detail::from_json(&mail.detail).address.map(AddressChangeId::from_uuid)
}

/// Makes a code for one asking. `None` when it is over.
pub(crate) async fn mint_for_address(
    unit: &UnitOfWork,
    vault: &Vault,
    mail: &Mail,
    now: Timestamp,
) -> Result<Option<Code>, StoreError> {
    let Some(id) = about(mail) else { return Ok(None) };
    let code = Code { digits: random_code(), link: random_token() };
    let mac = vault.mac(CODE, id.as_uuid(), code.digits.as_str());
    Ok(unit.mint_address_code(id, &mac, now).await?.then_some(code))
}

/// The code goes to the new address while it is asked for; word of the change to the old one.
pub(crate) async fn of_address(
    unit: &UnitOfWork,
    mail: &Mail,
    organisation_key: WrappedKey,
) -> Result<Ready, Not> {
    let id = about(mail).ok_or(MailReason::CannotBeWritten)?;
    let (frozen, to) = if mail.kind == MailKind::AddressCode {
        let change = unit.address_change(id).await?.ok_or(MailReason::Superseded)?;
        (Frozen::AddressCode, Recipient::Person(change.person, change.email))
    } else {
        let (person, old) = unit.address_before(id).await?.ok_or(MailReason::TooLate)?;
        let phone = unit.own_organisation().await?.phone;
        (Frozen::AddressChanged { phone }, Recipient::Person(person, old))
    };
    Ok(Ready {
        frozen,
        entries: Vec::new(),
        to,
        organisation_key,
        circle: None,
        circles: Vec::new(),
        asked: None,
        inviter: None,
    })
}

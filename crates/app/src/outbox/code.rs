//! Sign-in codes are made when their mail is handed over, and made again when it is tried again: a
//! code never waits in a queue, and the one that may have been lost on the way is void.

use kith_domain::Timestamp;
use kith_domain::ids::SignInId;
use kith_store::{StoreError, UnitOfWork};
use kith_vault::{Token, Vault, random_code, random_token, token_hash};

/// A code and a link that does the same.
pub(crate) struct Code {
    pub(crate) digits: Token,
    pub(crate) link: Token,
}

/// Makes a code for one asking. `None` when the asking is over.
pub(crate) async fn mint(
    unit: &UnitOfWork,
    vault: &Vault,
    asking: SignInId,
    now: Timestamp,
) -> Result<Option<Code>, StoreError> {
    let code = Code { digits: random_code(), link: random_token() };
    let mac = vault.mac("code", asking.as_uuid(), code.digits.as_str());
    let hash = token_hash(code.link.as_str());
    Ok(unit.mint_sign_in(asking, &mac, &hash, now).await?.then_some(code))
}

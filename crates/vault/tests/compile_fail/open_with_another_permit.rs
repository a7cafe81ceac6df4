use kith_policy::{Amend, Permit};
use kith_vault::{OwnerKey, Plaintext, Sealed, Vault, VaultError};

fn look(
    vault: &Vault,
    permit: &Permit<'_, Amend>,
    key: &OwnerKey,
    sealed: &Sealed,
) -> Result<Plaintext, VaultError> {
    vault.open(permit, key, sealed)
}

fn main() {
    let _ = look;
}

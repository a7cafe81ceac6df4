use kith_policy::{Disclose, Permit};
use kith_vault::{OwnerKey, Place, Sealed, Vault, VaultError};

fn write(
    vault: &Vault,
    permit: &Permit<'_, Disclose>,
    key: &OwnerKey,
    place: Place,
) -> Result<Sealed, VaultError> {
    vault.seal(permit, key, place, "text")
}

fn main() {
    let _ = write;
}

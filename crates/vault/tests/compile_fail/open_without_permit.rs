use kith_vault::{OwnerKey, Plaintext, Sealed, Vault, VaultError};

fn look(vault: &Vault, key: &OwnerKey, sealed: &Sealed) -> Result<Plaintext, VaultError> {
    vault.open(key, sealed)
}

fn main() {
    let _ = look;
}

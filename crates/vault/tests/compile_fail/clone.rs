fn needs_clone<T: Clone>() {}

fn main() {
    needs_clone::<kith_vault::Plaintext>();
    needs_clone::<kith_vault::OwnerKey>();
}

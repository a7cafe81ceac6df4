fn needs_serialize<T: serde::Serialize>() {}

fn main() {
    needs_serialize::<kith_vault::Plaintext>();
    needs_serialize::<kith_vault::Token>();
}

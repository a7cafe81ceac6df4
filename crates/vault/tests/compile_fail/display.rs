fn needs_display<T: core::fmt::Display>() {}

fn main() {
    needs_display::<kith_vault::Plaintext>();
}

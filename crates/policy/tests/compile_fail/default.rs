//! A permit out of nothing.
use kith_policy::{Disclose, Permit};

fn needs_default<T: Default>() {}

fn main() {
    needs_default::<Permit<'static, Disclose>>();
}

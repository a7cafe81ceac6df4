//! One permit made into two.
use kith_policy::{Disclose, Permit};

fn needs_clone<T: Clone>() {}

fn main() {
    needs_clone::<Permit<'static, Disclose>>();
}

//! A permit put into a cookie.
use kith_policy::{Disclose, Permit};

fn needs_serialize<T: serde::Serialize>() {}

fn main() {
    needs_serialize::<Permit<'static, Disclose>>();
}

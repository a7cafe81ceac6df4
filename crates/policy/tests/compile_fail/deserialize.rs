//! A permit out of bytes.
use kith_policy::{Disclose, Permit};

fn needs_deserialize<T: serde::de::DeserializeOwned>() {}

fn main() {
    needs_deserialize::<Permit<'static, Disclose>>();
}

//! The engine's own constructor, taken by somebody else.
use kith_policy::{Disclose, Permit};

fn main() {
    let _forge = Permit::<'static, Disclose>::mint;
}

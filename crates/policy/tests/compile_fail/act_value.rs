//! An action as a value: it is a type only.
use kith_policy::Disclose;

fn main() {
    let _action: Disclose = Disclose;
}

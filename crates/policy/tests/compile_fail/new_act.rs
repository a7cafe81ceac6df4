//! An action of one's own, which no rule knows.
use kith_domain::Action;
use kith_policy::Act;

enum Peek {}

impl Act for Peek {
    const ACTION: Action = Action::Disclose;
}

fn main() {}

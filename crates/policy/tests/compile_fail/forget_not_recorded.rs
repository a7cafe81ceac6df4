//! A refusal handled as if everything allowed were recorded.
use kith_policy::Refused;

fn page(refused: Refused) -> u16 {
    match refused {
        Refused::Denied => 404,
        Refused::StepUp(_) => 403,
    }
}

fn main() {}

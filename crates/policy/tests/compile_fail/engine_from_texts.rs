//! An engine over other rules than the shipped ones.
use kith_policy::tables::Tables;

fn main() {
    let _ = Tables::from_texts;
}

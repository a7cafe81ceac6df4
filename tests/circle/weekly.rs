//! A task that comes again, as several areas begin with.

use kith_store::Slot;
use kith_tests::TestDatabase;

use crate::house::{House, shopping, weekly};

/// Shopping comes every Wednesday from 4 March at ten.
pub(crate) struct Weekly<'d> {
    pub(crate) house: House<'d>,
    pub(crate) slots: Vec<Slot>,
}

impl<'d> Weekly<'d> {
    pub(crate) async fn new(database: &'d TestDatabase) -> Self {
        let house = House::new(database).await;
        let slots = house.task(weekly(shopping("2026-03-04")), false).await;
        Self { house, slots }
    }
}

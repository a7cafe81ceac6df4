//! Between rows and the words of the domain.

use std::str::FromStr;

use jiff::civil::{Date, Time};
use kith_domain::Timestamp;
use uuid::Uuid;

use crate::error::StoreError;

/// Parses a stored word; a row that holds any other word makes no sense.
pub(crate) fn word<T: FromStr>(text: &str, table: &'static str, id: Uuid) -> Result<T, StoreError> {
    text.parse().map_err(|_| StoreError::Inconsistent { table, id })
}

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second)
}

pub(crate) fn at_option(second: Option<i64>) -> Option<Timestamp> {
    second.map(Timestamp::from_second)
}

/// `2026-11-22`: sorts as text on both databases.
pub(crate) fn date_text(date: Date) -> String {
    date.to_string()
}

pub(crate) fn date(text: &str, table: &'static str, id: Uuid) -> Result<Date, StoreError> {
    word(text, table, id)
}

/// `14:30`, seconds are never used.
pub(crate) fn time_text(time: Time) -> String {
    format!("{:02}:{:02}", time.hour(), time.minute())
}

pub(crate) fn time(text: &str, table: &'static str, id: Uuid) -> Result<Time, StoreError> {
    word(&format!("{text}:00"), table, id)
}

/// Counts and versions are small and never negative; anything else makes no sense.
pub(crate) fn small(number: i32, table: &'static str, id: Uuid) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| StoreError::Inconsistent { table, id })
}

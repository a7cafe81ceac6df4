//! Instants, zones and the clock.

use core::fmt;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// Says what time it is. Passed in everywhere, so that tests and the demo can move time.
pub trait Clock: Send + Sync + 'static {
    /// Now, in whole seconds.
    fn now(&self) -> Timestamp;
}

/// An instant: UTC, whole seconds.
///
/// Whole seconds and one offset make text order equal time order in SQLite, and make PostgreSQL
/// return exactly what was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Seconds since 1970-01-01T00:00:00Z.
    ///
    /// Values outside the years 0001 to 9999 saturate there.
    pub const fn from_second(second: i64) -> Self {
        const MIN: i64 = -62_135_596_800;
        const MAX: i64 = 253_402_207_200;
        if second < MIN {
            Self(MIN)
        } else if second > MAX {
            Self(MAX)
        } else {
            Self(second)
        }
    }

    /// Drops the fraction of a jiff instant.
    pub fn from_jiff(at: jiff::Timestamp) -> Self {
        Self::from_second(at.as_second())
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn as_second(self) -> i64 {
        self.0
    }

    /// The same instant for wall-clock arithmetic.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_second(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }

    /// This many seconds later (earlier when negative).
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self::from_second(self.0.saturating_add(seconds))
    }

    /// This many minutes later.
    #[must_use]
    pub const fn plus_minutes(self, minutes: i64) -> Self {
        self.plus_seconds(minutes.saturating_mul(60))
    }

    /// This many hours later.
    #[must_use]
    pub const fn plus_hours(self, hours: i64) -> Self {
        self.plus_seconds(hours.saturating_mul(3_600))
    }

    /// This many times 24 hours later. For calendar days use [`Zone`].
    #[must_use]
    pub const fn plus_days(self, days: i64) -> Self {
        self.plus_hours(days.saturating_mul(24))
    }

    /// Seconds from `earlier` to `self`.
    pub const fn seconds_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_jiff().fmt(f)
    }
}

/// A time zone known by its IANA name, such as `Europe/London`.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone {
    name: String,
    zone: TimeZone,
}

/// The name is not in the IANA time zone database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown time zone; use an IANA name such as Europe/London")]
pub struct UnknownZone;

impl Zone {
    /// Looks the name up in the time zone database.
    pub fn parse(name: &str) -> Result<Self, UnknownZone> {
        let zone = TimeZone::get(name).map_err(|_| UnknownZone)?;
        let name = zone.iana_name().ok_or(UnknownZone)?.to_owned();
        Ok(Self { name, zone })
    }

    /// The IANA name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Wall-clock date and time at an instant.
    pub fn local(&self, at: Timestamp) -> DateTime {
        self.zone.to_datetime(at.to_jiff())
    }

    /// Calendar day at an instant.
    pub fn date(&self, at: Timestamp) -> Date {
        self.local(at).date()
    }

    /// The instant of a wall-clock time.
    ///
    /// A time that the clocks skip is moved forward by the length of the gap; a time that comes
    /// twice is its first coming (RFC 5545 section 3.3.5, jiff's "compatible").
    pub fn instant(&self, local: DateTime) -> Timestamp {
        self.zone.to_ambiguous_zoned(local).compatible().map_or_else(
            |_| Timestamp::from_second(0),
            |zoned| Timestamp::from_jiff(zoned.timestamp()),
        )
    }

    /// First instant of a calendar day.
    pub fn start_of_day(&self, date: Date) -> Timestamp {
        self.instant(date.at(0, 0, 0, 0))
    }

    /// Minutes east of UTC at an instant.
    pub fn offset_minutes(&self, at: Timestamp) -> i32 {
        self.zone.to_offset(at.to_jiff()).seconds() / 60
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Zone").field(&self.name).finish()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

//! How often something may be tried: a token bucket in whole numbers, kept as a row.

use core::net::{IpAddr, Ipv6Addr};

use crate::time::Timestamp;

/// How much is allowed at once, and how soon it comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many at once, 1 or more.
    pub burst: u32,
    /// Seconds until one more is allowed, 1 or more.
    pub every_seconds: u32,
}

impl Limit {
    /// Askings for a code from one network address (one [`network`]): 5, then 1 a minute.
    pub const PER_NETWORK: Self = Self { burst: 5, every_seconds: 60 };
    /// Codes sent to one mail address: 3, then 1 an hour.
    pub const PER_ADDRESS: Self = Self { burst: 3, every_seconds: 3_600 };
    /// Codes sent again for one asking: 2, then 1 every 5 minutes.
    pub const PER_REQUEST: Self = Self { burst: 2, every_seconds: 300 };

    /// Most a bucket holds, in thousandths.
    const fn capacity_milli(self) -> i64 {
        self.burst as i64 * 1_000
    }
}

/// What is left of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// What was left at `updated`, in thousandths of one try.
    pub level_milli: i64,
    /// When that was.
    pub updated: Timestamp,
}

/// The limit is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the limit is reached for {seconds} seconds")]
pub struct LimitReached {
    /// Seconds until one more is allowed.
    pub seconds: i64,
}

impl Bucket {
    /// A bucket nobody has taken from.
    pub const fn full(limit: Limit, now: Timestamp) -> Self {
        Self { level_milli: limit.capacity_milli(), updated: now }
    }

    /// The bucket after one more try at `now`.
    ///
    /// A refusal leaves the bucket as it is, so that it costs no write and what had come back is
    /// not rounded away. A clock that was set back gives nothing and takes nothing.
    pub fn take(self, limit: Limit, now: Timestamp) -> Result<Self, LimitReached> {
        let every = i64::from(limit.every_seconds).max(1);
        let elapsed = now.seconds_since(self.updated).max(0);
        let level = self
            .level_milli
            .saturating_add(elapsed.saturating_mul(1_000) / every)
            .min(limit.capacity_milli());
        if level >= 1_000 {
            Ok(Self { level_milli: level - 1_000, updated: now.max(self.updated) })
        } else {
            let needed = 1_000 - self.level_milli;
            let ready = self.updated.plus_seconds((needed * every + 999) / 1_000);
            Err(LimitReached { seconds: ready.seconds_since(now).max(1) })
        }
    }
}

/// The part of a network address that stands for one customer: the whole of IPv4, the first 64
/// bits of IPv6.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_second(1_800_000_000);

    /// How many of `tries` evenly spread over `seconds` are allowed.
    fn allowed(limit: Limit, tries: i64, seconds: i64) -> usize {
        let mut bucket = Bucket::full(limit, START);
        let mut allowed = 0;
        for n in 0..tries {
            if let Ok(next) = bucket.take(limit, START.plus_seconds(n * seconds / tries)) {
                bucket = next;
                allowed += 1;
            }
        }
        allowed
    }

    #[test]
    fn an_hour_of_trying_sends_few_codes() {
        assert!(allowed(Limit::PER_ADDRESS, 10_000, 3_600) <= 4);
        assert_eq!(allowed(Limit::PER_ADDRESS, 10_000, 3_601), 4);
        assert_eq!(allowed(Limit::PER_NETWORK, 10_000, 60), 5);
        assert_eq!(allowed(Limit::PER_NETWORK, 10_000, 601), 15);
        assert_eq!(allowed(Limit::PER_REQUEST, 10, 1), 2);
    }

    #[test]
    fn the_wait_is_as_long_as_it_says() {
        let mut bucket = Bucket::full(Limit::PER_REQUEST, START);
        for _ in 0..2 {
            bucket = bucket.take(Limit::PER_REQUEST, START).expect("within the burst");
        }
        let later = START.plus_seconds(17);
        let wait = bucket.take(Limit::PER_REQUEST, later).expect_err("used up").seconds;
        assert_eq!(wait, 283);
        assert!(bucket.take(Limit::PER_REQUEST, later.plus_seconds(wait - 1)).is_err());
        assert!(bucket.take(Limit::PER_REQUEST, later.plus_seconds(wait)).is_ok());
    }

    #[test]
    fn a_bucket_never_holds_more_than_the_burst() {
        assert_eq!(allowed(Limit::PER_NETWORK, 1, 1), 1);
        let rested = START.plus_days(30);
        let mut bucket = Bucket::full(Limit::PER_NETWORK, START);
        let mut taken = 0;
        while let Ok(next) = bucket.take(Limit::PER_NETWORK, rested) {
            bucket = next;
            taken += 1;
        }
        assert_eq!(taken, 5);
    }

    #[test]
    fn a_clock_set_back_gives_nothing() {
        let mut bucket = Bucket::full(Limit::PER_REQUEST, START);
        let earlier = START.plus_hours(-1);
        bucket = bucket.take(Limit::PER_REQUEST, earlier).expect("within the burst");
        bucket = bucket.take(Limit::PER_REQUEST, earlier).expect("within the burst");
        assert!(bucket.take(Limit::PER_REQUEST, START).is_err());
        assert!(bucket.take(Limit::PER_REQUEST, START.plus_seconds(300)).is_ok());
    }

    #[test]
    fn one_customer_is_one_network() {
        let net = |text: &str| network(text.parse().expect("an address")).to_string();
        assert_eq!(net("192.0.2.7"), "192.0.2.7");
        assert_eq!(net("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(net("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }
}

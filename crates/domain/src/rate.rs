//! How often something may be tried. What is left of a limit is a row, so that all processes share
//! it.

use core::net::{IpAddr, Ipv6Addr};

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
    /// Askings of one person for another address: 5, then 1 every 10 minutes.
    pub const PER_ADDRESS_CHANGE: Self = Self { burst: 5, every_seconds: 600 };
    /// Readings of one calendar by calendar programs: 30, then 1 a minute.
    pub const PER_FEED: Self = Self { burst: 30, every_seconds: 60 };
    /// Askings to join by one share link: 12, as friends of one group ask at once; then 1 every 10 minutes.
    pub const PER_SHARE_LINK: Self = Self { burst: 12, every_seconds: 600 };
    /// Addresses typed from paper that were of nothing, from one network address: 10, then 1 every 10
    /// minutes.
    pub const PER_NETWORK_GUESSED: Self = Self { burst: 10, every_seconds: 600 };
    /// Codes sent again for one asking: 2, then 1 every 5 minutes.
    pub const PER_REQUEST: Self = Self { burst: 2, every_seconds: 300 };
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

    #[test]
    fn one_customer_is_one_network() {
        let net = |text: &str| network(text.parse().expect("an address")).to_string();
        assert_eq!(net("192.0.2.7"), "192.0.2.7");
        assert_eq!(net("::ffff:192.0.2.7"), "192.0.2.7");
        assert_eq!(net("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }
}

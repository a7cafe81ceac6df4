//! The last part of an address that a person can type from a piece of paper.

use core::fmt;

/// Figures and small letters without those that look alike (Crockford's base 32).
const SIGNS: [char; 32] = [
    '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j',
    'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'v', 'w', 'x', 'y', 'z',
];
/// How many signs: 40 bits.
const LENGTH: usize = 8;

/// Eight signs, shown as "7k3d-9xqm": one of 2⁴⁰. What it leads to asks for more.
#[derive(Clone, PartialEq, Eq)]
pub struct ShortCode(String);

impl ShortCode {
    /// The code of 40 random bits.
    pub fn from_bits(bytes: [u8; 5]) -> Self {
        let bits = bytes.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
        let sign = |place: usize| {
            let index = usize::try_from((bits >> (5 * place)) & 31).unwrap_or_default();
            SIGNS.get(index).copied().unwrap_or('0')
        };
        Self((0..LENGTH).rev().map(sign).collect())
    }

    /// Reads a code as people type it: any case, with or without the hyphen, and with o for 0, i or
    /// l for 1.
    pub fn parse(typed: &str) -> Option<Self> {
        if typed.len() > 2 * LENGTH {
            return None;
        }
        let signs: String = typed
            .chars()
            .filter(|sign| *sign != '-')
            .map(|sign| match sign.to_ascii_lowercase() {
                'o' => '0',
                'i' | 'l' => '1',
                other => other,
            })
            .collect();
        let known = signs.chars().all(|sign| SIGNS.contains(&sign));
        (known && signs.chars().count() == LENGTH).then_some(Self(signs))
    }

    /// The eight signs, without the hyphen.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (first, second) = self.0.split_at_checked(LENGTH / 2).unwrap_or((&self.0, ""));
        write!(f, "{first}-{second}")
    }
}

impl fmt::Debug for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShortCode")
    }
}

#[cfg(test)]
mod tests {
    use super::ShortCode;

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = ShortCode::from_bits([0x39, 0x8c, 0x20, 0x01, 0xff]);
        let shown = code.to_string();
        assert_eq!(shown.len(), 9);
        for typed in [shown.clone(), shown.to_uppercase(), shown.replace('-', "")] {
            assert_eq!(ShortCode::parse(&typed).as_ref(), Some(&code), "{typed}");
        }
        let o = shown.replace('0', "O").replace('1', "l");
        assert_eq!(ShortCode::parse(&o), Some(code));
        for wrong in ["", "7k3d", "7k3d-9xqmm", "7k3d-9xq!", &"a".repeat(43)] {
            assert_eq!(ShortCode::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_bit_counts() {
        let zero = ShortCode::from_bits([0; 5]);
        for bit in 0..40_u8 {
            let mut bytes = [0_u8; 5];
            bytes[usize::from(bit / 8)] = 1 << (bit % 8);
            assert_ne!(ShortCode::from_bits(bytes), zero, "{bit}");
        }
    }
}

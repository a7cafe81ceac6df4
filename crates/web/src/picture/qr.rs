//! A QR code as one SVG path.

use std::fmt;

use askama::filters::HtmlSafe;
use qrcode::{Color, EcLevel, QrCode};

/// An address that a phone or tablet can read from the screen or from paper.
#[derive(Clone)]
pub(crate) struct Qr {
    size: usize,
    dark: Vec<bool>,
}

/// Quiet edge that readers need, in modules (ISO/IEC 18004 asks for four).
const EDGE: usize = 4;

impl Qr {
    /// Draws this address. `None` when it is longer than a code can hold (about 2,300 bytes).
    pub(crate) fn new(address: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(address, EcLevel::M).ok()?;
        let dark = code.to_colors().into_iter().map(|colour| colour == Color::Dark).collect();
        Some(Self { size: code.width(), dark })
    }
}

impl fmt::Debug for Qr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What it says is a key to something.
        f.debug_struct("Qr").field("size", &self.size).finish_non_exhaustive()
    }
}

impl fmt::Display for Qr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whole = self.size + 2 * EDGE;
        write!(
            f,
            r#"<span class="qr-box"><svg viewBox="0 0 {whole} {whole}" role="img" aria-label="Code to scan with a camera" shape-rendering="crispEdges"><path d=""#
        )?;
        for (y, row) in self.dark.chunks(self.size).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|one, other| one == other) {
                if run.first() == Some(&true) {
                    write!(f, "M{} {}h{}v1h-{}z", x + EDGE, y + EDGE, run.len(), run.len())?;
                }
                x += run.len();
            }
        }
        f.write_str(r#""/></svg></span>"#)
    }
}

// INVARIANT: the path holds numbers only; the address itself is not written.
impl HtmlSafe for Qr {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_is_drawn_whole_and_says_nothing_in_the_clear() {
        let qr = Qr::new("https://kith.example/t/secret").unwrap();
        let drawn = qr.to_string();
        assert!(!drawn.contains("secret"));
        let area: usize = drawn
            .split('M')
            .skip(1)
            .map(|run| run.split(['h', 'v']).nth(1).unwrap().parse::<usize>().unwrap())
            .sum();
        assert_eq!(area, qr.dark.iter().filter(|&&dark| dark).count());
        assert!(!format!("{qr:?}").contains("true"));
    }

    #[test]
    fn an_address_too_long_is_refused() {
        assert!(Qr::new(&"x".repeat(4000)).is_none());
    }
}

//! Every pairing of colours that carries words is at least 7:1, and every edge that carries
//! meaning at least 3:1 (WCAG 2.2, "contrast ratio"), by light and in the dark.

use std::collections::HashMap;

use crate::assets::{Asset, STYLE};

const TOKENS: &str = include_str!("../scss/_tokens.scss");

/// Text and what it stands on.
const WORDS: [(&str, &str); 24] = [
    ("ink", "paper"),
    ("ink", "surface"),
    ("ink", "sand"),
    ("ink", "plum-tint"),
    ("ink", "pine-tint"),
    ("ink", "leaf-tint"),
    ("ink", "clay-tint"),
    ("ink-2", "paper"),
    ("ink-2", "surface"),
    ("ink-2", "sand"),
    ("ink-2", "pine-tint"),
    ("pine", "paper"),
    ("pine", "surface"),
    ("pine", "sand"),
    ("pine", "pine-tint"),
    ("on-pine", "pine"),
    ("plum", "paper"),
    ("plum", "plum-tint"),
    ("on-plum", "plum"),
    ("honey-ink", "honey"),
    ("clay", "surface"),
    ("clay", "clay-tint"),
    ("on-clay", "clay"),
    ("leaf", "leaf-tint"),
];

/// Edges that say something.
const EDGES: [(&str, &str); 5] = [
    ("honey-line", "paper"),
    ("honey-line", "surface"),
    ("line-strong", "surface"),
    ("plum", "surface"),
    ("leaf", "surface"),
];

fn tokens(text: &str) -> HashMap<&str, (f64, f64, f64)> {
    text.split(['{', ';', '}', '\n'])
        .filter_map(|part| part.trim().strip_prefix("--")?.split_once(":#"))
        .filter(|(_, hex)| hex.len() == 6)
        .map(|(name, hex)| {
            let channel = |at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
            (name, (linear(channel(0)), linear(channel(2)), linear(channel(4))))
        })
        .collect()
}

fn linear(channel: u8) -> f64 {
    let value = f64::from(channel) / 255.0;
    if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
}

fn ratio(one: (f64, f64, f64), other: (f64, f64, f64)) -> f64 {
    let [one, other] = [one, other].map(|(r, g, b)| 0.2126 * r + 0.7152 * g + 0.0722 * b);
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn words_and_edges_can_be_read_by_light_and_in_the_dark() {
    let (light, dark) = TOKENS.split_once("prefers-color-scheme:dark").unwrap();
    for (scheme, text) in [("light", light), ("dark", dark)] {
        let tokens = tokens(text);
        assert!(tokens.len() > 20, "{scheme}: only {} tokens read", tokens.len());
        for (least, pairs) in [(7.0, WORDS.as_slice()), (3.0, EDGES.as_slice())] {
            for &(front, back) in pairs {
                let found = ratio(tokens[front], tokens[back]);
                assert!(found >= least, "{scheme}: {front} on {back} is {found:.2}, not {least}");
            }
        }
    }
}

#[test]
fn the_focus_colour_stands_out_against_its_ink() {
    let focus = tokens("--focus:#ffd04a;--focus-ink:#2a2420");
    assert!(ratio(focus["focus"], focus["focus-ink"]) >= 7.0);
    assert!(Asset::find(STYLE).is_some_and(|style| {
        str::from_utf8(style.bytes).is_ok_and(|css| css.contains("#ffd04a"))
    }));
}

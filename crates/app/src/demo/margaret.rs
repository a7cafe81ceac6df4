//! What stands on Margaret's private page, and what was said in her circle.

pub(super) const COMFORT: &str = "Gets breathless after the stairs. Sit her up, open \
    the window and wait with her. If it does not ease in ten minutes, ring the nurse.";
pub(super) const MATTERS: &str = "To be at home. The window open a little. Radio 3, \
    not the television. Please call her Margaret, never Maggie.";
pub(super) const ENTRY: &str = "Key safe to the left of the back door: 4471. The \
    alarm is off in the daytime.";
pub(super) const HELP: &str = "Fernhill Hospice nurse: 01632 960 123, day or night.\n\
    Sam (son): 07700 900 456";
pub(super) const NEWS: &str = "A good night. She would love a visitor who talks about the garden.";
/// Who wrote it, how many days ago, and what.
pub(super) const KIND_WORDS: [(&str, i64, &str); 2] = [
    ("Priya", 3, "Soup is in the blue tub. Just warm it through."),
    ("Joan", 2, "Lovely hour with Margaret. We did the crossword and she beat me."),
];
/// Who opened the private page, how many hours ago, and whether the way in as well.
pub(super) const LOOKS: [(&str, i64, bool); 8] = [
    ("Ruth", 278, false),
    ("Sam", 206, false),
    ("Ruth", 158, false),
    ("Sam", 87, false),
    ("Joan", 42, false),
    ("Ruth", 17, false),
    ("Ruth", 12, false),
    ("Joan", 1, true),
];

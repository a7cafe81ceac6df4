//! A circle that is paused, and goes on.

use super::{CANNOT, FOOTER, OPEN_YOUR_TASK, Wording, circle_name, in_one_line};
use crate::message::{NatureName, SlotTimes};

pub(super) fn paused(slots: &[SlotTimes], more: usize, circle: &NatureName) -> Wording {
    let it = if slots.len() + more == 1 { "this" } else { "any of these" };
    Wording {
        heading: "No need to come for now".to_owned(),
        before: vec![format!(
            "The circle is paused. There is no need to come for {it} until it goes on, and we will \
             tell you when it does."
        )],
        block: lines(slots, more, circle),
        button: OPEN_YOUR_TASK,
        after: vec!["You need do nothing. Thank you for offering.".to_owned()],
        footer: FOOTER.to_owned(),
    }
}

pub(super) fn goes_on(slots: &[SlotTimes], more: usize, circle: &NatureName) -> Wording {
    Wording {
        heading: "The circle goes on".to_owned(),
        before: vec!["The pause is over. What you promised stands, from now on.".to_owned()],
        block: lines(slots, more, circle),
        button: OPEN_YOUR_TASK,
        after: vec![CANNOT.to_owned()],
        footer: FOOTER.to_owned(),
    }
}

fn lines(slots: &[SlotTimes], more: usize, circle: &NatureName) -> Vec<String> {
    let more = match more {
        0 => None,
        1 => Some("And one more after that".to_owned()),
        more => Some(format!("And {more} more after that")),
    };
    slots.iter().copied().map(in_one_line).chain(more).chain([circle_name(circle)]).collect()
}

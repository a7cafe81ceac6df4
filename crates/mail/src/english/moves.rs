//! Whether what somebody promised may be at another time.

use kith_domain::english::day as date;

use super::times::{day_and_time, kind, time_range};
use super::{FOOTER, Wording, circle_name};
use crate::message::{NatureName, SlotTimes};

/// One mail, whatever the number of dates.
pub(super) fn asked(moves: &[(SlotTimes, SlotTimes)], circle: &NatureName) -> Wording {
    let when = |slot: SlotTimes| {
        format!("{}, {}", date(slot.starts.date()), time_range(slot.kind, slot.starts, slot.ends))
    };
    let heading = match moves {
        [(old, new)] => format!(
            "Can it be {} instead of {}?",
            day_and_time(new.starts),
            day_and_time(old.starts)
        ),
        _ => "Can these be at another time?".to_owned(),
    };
    let mut block = Vec::new();
    if let [(old, new)] = moves {
        block.push(when(*new));
        block.push(format!("Instead of: {}", when(*old)));
    } else {
        block.extend(
            moves.iter().map(|(old, new)| format!("{}, instead of {}", when(*new), when(*old))),
        );
    }
    if let Some((slot, _)) = moves.first() {
        block.push(kind(slot.kind).to_owned());
    }
    block.push(circle_name(circle));
    let (before, after) = if moves.len() == 1 {
        (
            "You have promised this. Would the new time suit you?",
            "Nothing moves until you say yes. It is fine to say no: then it stays as it was.",
        )
    } else {
        (
            "You have promised these. Would the new times suit you?",
            "Nothing moves until you say yes. You can answer for each of them, and it is fine to \
             say no.",
        )
    };
    Wording {
        heading,
        before: vec![before.to_owned()],
        block,
        button: "Open it to say yes or no",
        after: vec![after.to_owned()],
        footer: FOOTER.to_owned(),
    }
}

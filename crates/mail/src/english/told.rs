//! What one person is told about a slot.

use kith_domain::Told;

use super::{FOOTER, OPEN_YOUR_TASK, Wording, day_and_time, slot_lines};
use crate::message::{NatureName, SlotTimes};

pub(super) fn told(what: Told, slot: SlotTimes, circle: &NatureName) -> Wording {
    let when = day_and_time(slot.starts);
    let (heading, before, after) = match what {
        Told::SwapOffered => (
            format!("Could you take this on {when}?"),
            "Somebody in the circle asks you, by name, to take this. Open the task to say yes or no. If \
             they would do something of yours in return, the page says so: then sign in there to see \
             what it is, and to say yes.",
            Some("It is fine to say no, and you do not need to say why."),
        ),
        Told::SwapDone => (
            "Your swap is settled".to_owned(),
            "You both said yes. Somebody else does this one now.",
            None,
        ),
        Told::SwapDeclined => (
            "The swap did not work out".to_owned(),
            "This one stays yours.",
            Some("If you can't make it, open your task and ask for somebody to take over."),
        ),
        Told::RunningLate => (
            format!("A little later on {when}"),
            "Whoever has this task is running late, and is on the way.",
            None,
        ),
        Told::MoveAgreed => (
            "It is settled".to_owned(),
            "Everybody who had promised this said yes to the new time. This is when it is now.",
            None,
        ),
        Told::MoveDeclined => (
            "It stays as it was".to_owned(),
            "Somebody who has promised this cannot do it at the other time.",
            Some("Open the task to leave it, or to thank them and move it without them."),
        ),
        Told::MoveStays => (
            format!("It stays as it was, on {when}"),
            "You were asked whether this could be at another time. There is no need to answer any \
             more: it stays as it was.",
            None,
        ),
        Told::Freed => (
            "No need to go".to_owned(),
            "It is at another time now, which does not suit you, and somebody else is looked for. \
             Thank you for offering, and for telling us.",
            None,
        ),
        Told::StandingEnded => (
            "This comes at other times now".to_owned(),
            "You had promised to do this each time. It comes at other times from now on, so nothing \
             more is added to your rota. What is on it already stays yours.",
            Some("If the new times suit you, open your task and take them."),
        ),
        Told::ComesAfterAll => (
            format!("It is on after all on {when}"),
            "This had been taken off the rota, and is on it again. You do it each time, so it is \
             yours again.",
            Some("If you can't make it, open your task and say so. You do not need to say why."),
        ),
        Told::Covered => (
            format!("Somebody will be there on {when}"),
            "You were told that somebody else was needed. That is settled: somebody does it.",
            None,
        ),
        Told::CoveredTellThem => (
            format!("Somebody else does it on {when}"),
            "Whoever had promised this wanted somebody to take over, and somebody has. No e-mail of \
             ours reaches them: please tell them that there is no need to go.",
            Some("Open the task to see who it was, and who does it now."),
        ),
        Told::HospiceComing => (
            format!("Somebody is coming on {when}"),
            "The hospice was told so on the telephone, and has noted it. It asks no more about this \
             one.",
            Some("If that is not so, please ring the hospice."),
        ),
        Told::HospiceNobody => (
            format!("Nobody can come on {when}"),
            "The hospice was told so on the telephone, and has noted it. Whoever had promised this \
             still has it.",
            Some("If that is not so, or you need help with it, please ring the hospice."),
        ),
    };
    Wording {
        heading,
        before: vec![before.to_owned()],
        block: slot_lines(slot, circle),
        button: button(what),
        after: after.into_iter().map(str::to_owned).collect(),
        footer: FOOTER.to_owned(),
    }
}

/// Whose task it is.
const fn button(what: Told) -> &'static str {
    match what {
        Told::SwapOffered
        | Told::MoveDeclined
        | Told::RunningLate
        | Told::Covered
        | Told::CoveredTellThem
        | Told::HospiceComing
        | Told::HospiceNobody => "Open the task",
        Told::SwapDone
        | Told::SwapDeclined
        | Told::MoveAgreed
        | Told::MoveStays
        | Told::Freed
        | Told::StandingEnded
        | Told::ComesAfterAll => OPEN_YOUR_TASK,
    }
}

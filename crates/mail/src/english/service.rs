//! To whoever runs the service.

use jiff::civil::DateTime;
use kith_domain::english::time;

use super::{Wording, date};
use crate::message::Figures;

pub(super) fn figures(figures: &Figures) -> Wording {
    let at = |at: Option<DateTime>, none: &str| {
        at.map_or(none.to_owned(), |at| format!("{}, {}", date(at.date()), time(at.time())))
    };
    let Figures { sent, waiting, put_off, given_up, unreached, oldest_due, last_tick } = figures;
    Wording {
        heading: "Kith is at work".to_owned(),
        before: vec![
            "It says so itself once a day, at 7am. If this message does not come one morning, \
             something is wrong."
                .to_owned(),
        ],
        block: vec![
            format!("Sent in 24 hours: {sent}"),
            format!("Given up in 24 hours: {given_up}"),
            format!("Still to leave: {waiting}"),
            format!("Of these put off: {put_off}"),
            format!("Oldest that is due: {}", at(*oldest_due, "none")),
            format!("Addresses at which nothing arrives: {unreached}"),
            format!("Last look at what is due: {}", at(*last_tick, "never")),
        ],
        button: "How it is now",
        after: vec![
            "If it stops coming: run `kith doctor` where Kith runs, and do what it says. Then see \
             that `kith serve` runs, and read the end of its log. What is waiting is kept, and goes \
             out as soon as it is of use and everything works again."
                .to_owned(),
            "To end these messages, empty `reminders.operator_email` in the configuration."
                .to_owned(),
        ],
        footer: "Figures only: this message says nothing of anybody.".to_owned(),
    }
}

//! The words of mails that tell of several tasks.

use jiff::civil::Date;

use super::{FOOTER, Wording, circle_name, date, in_one_line};
use crate::message::DigestItem;

pub(super) fn promised(items: &[DigestItem]) -> Wording {
    tasks("Thank you. They are yours.".to_owned(), "This is what you promised.", items)
}

pub(super) fn digest(items: &[DigestItem]) -> Wording {
    tasks("Your tasks today and tomorrow".to_owned(), "Thank you for offering.", items)
}

pub(super) fn week_ahead(monday: Date, items: &[DigestItem]) -> Wording {
    tasks(format!("Your week from {}", date(monday)), "Thank you for offering.", items)
}

/// To a coordinator, who reads there what the hospice's page says too.
pub(super) fn uncovered(items: &[DigestItem]) -> Wording {
    Wording {
        heading: "Somebody has to come, and nobody has said yes".to_owned(),
        before: vec![
            "Nobody has taken this so far, or whoever did can't make it, or more people are needed. \
             Whoever is in charge of the circle was told before you."
                .to_owned(),
        ],
        block: items.iter().map(line).collect(),
        button: "Open the hospice’s page",
        after: vec![
            "The circle’s page there has the lead carer’s phone. You hear of each such gap once, and \
             at most once an hour."
                .to_owned(),
        ],
        footer: FOOTER.to_owned(),
    }
}

fn line(item: &DigestItem) -> String {
    match item {
        DigestItem::Task { slot, circle } => {
            format!("{}, {}", in_one_line(*slot), circle_name(circle))
        }
        DigestItem::Day(day) => format!("{}: something", date(*day)),
    }
}

fn tasks(heading: String, before: &str, items: &[DigestItem]) -> Wording {
    Wording {
        heading,
        before: vec![before.to_owned()],
        block: items.iter().map(line).collect(),
        button: "Open your rota",
        after: vec![
            "If you can't make one of them, open your rota and tell us as soon as you know. You \
             do not need to say why."
                .to_owned(),
        ],
        footer: FOOTER.to_owned(),
    }
}

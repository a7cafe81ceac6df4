//! Every sentence of the mails, in English. Another language is another file like this one.

use jiff::civil::Date;
use kith_domain::{PersonName, ReminderKind};

use crate::message::{Message, NamedAs, NatureName, QuietAbout, SlotTimes, Subject};

mod address;
mod gaps;
mod moves;
mod pause;
mod service;
mod several;
mod times;
mod told;

use kith_domain::english::day as date;
pub(crate) use times::kind;
use times::{day_and_time, time_range};

/// The language of this file, as HTML names it.
pub(crate) const LANGUAGE: &str = "en-GB";

/// What mail programs show beside the subject, also on a locked screen: it says nothing.
pub(crate) const PREVIEW: &str = "A short message from Kith.";

const FOOTER: &str = "We leave names and addresses out on purpose. The links are yours alone: \
                      please do not forward this message.";
/// Above the link to the choice of mails.
pub(crate) const FEWER: &str = "Which e-mails you get, and when";
const OPEN_YOUR_TASK: &str = "Open your task";
const CANNOT: &str = "If you can't make it, open your task and tell us as soon as you know. You do \
                      not need to say why.";
/// What a calendar says of a day of a circle that wants quiet mail.
pub(crate) const BUSY: &str = "Busy";

/// The words of one mail, without layout.
pub(crate) struct Wording {
    pub(crate) heading: String,
    /// Paragraphs above the block.
    pub(crate) before: Vec<String>,
    /// Lines that stand out; the first one most.
    pub(crate) block: Vec<String>,
    pub(crate) button: &'static str,
    /// Paragraphs below the button.
    pub(crate) after: Vec<String>,
    pub(crate) footer: String,
}

/// The line of a subject.
pub(crate) fn subject(subject: Subject) -> String {
    match subject {
        Subject::Code => "Your code for Kith".to_owned(),
        Subject::Address => "Your address for Kith was changed".to_owned(),
        Subject::Invited => "Somebody has asked for your help".to_owned(),
        Subject::Circle => "News of your circle".to_owned(),
        Subject::Something(day) => format!("You have something on {}", date(day)),
        Subject::Question(day) => format!("Can you help on {}?", date(day)),
        Subject::Change(day) => format!("A change on {}", date(day)),
        Subject::PleaseLook(day) => format!("Please look at {}", date(day)),
        Subject::Week => "Your week".to_owned(),
        Subject::ToRead => "Something new to read".to_owned(),
        Subject::Service => "Kith is at work".to_owned(),
    }
}

/// The words of a mail.
pub(crate) fn wording(message: &Message) -> Wording {
    match message {
        Message::Invitation { inviter, circle, .. } => invitation(inviter.as_ref(), circle),
        Message::SignInCode { code, .. } => sign_in_code(code),
        Message::AddressCode { code, .. } => address::code(code),
        Message::AddressChanged { phone, .. } => address::changed(phone),
        Message::Promised { slot, circle, .. } => promised(*slot, circle),
        Message::SeveralPromised { items, .. } => several::promised(items),
        Message::Reminder { slot, circle, at, asks, .. } => reminder(*slot, circle, *at, *asks),
        Message::NobodyYet { gaps, circle, .. } => gaps::nobody_yet(gaps, circle),
        Message::SomebodyNeeded { slot, more, circle, .. } => somebody_needed(*slot, more, circle),
        Message::Changed { old, new, circle, .. } => changed(*old, *new, circle),
        Message::MoveAsked { moves, circle, .. } => moves::asked(moves, circle),
        Message::Cancelled { slot, circle, .. } => cancelled(*slot, circle),
        Message::CoverFound { slot, circle, .. } => cover_found(*slot, circle),
        Message::PleaseConfirm { slot, circle, .. } => please_confirm(*slot, circle),
        Message::NoWord { slot, for_them, circle, .. } => no_word(*slot, *for_them, circle),
        Message::Digest { items, .. } => several::digest(items),
        Message::WeekAhead { monday, items, .. } => several::week_ahead(*monday, items),
        Message::Concern { .. } => concern(),
        Message::Uncovered { items, .. } => several::uncovered(items),
        Message::Figures { figures, .. } => service::figures(figures),
        Message::CoverWanted { slot, circle, .. } => cover_wanted(*slot, circle),
        Message::Told { what, slot, circle, .. } => told::told(*what, *slot, circle),
        Message::Paused { slots, more, circle, .. } => pause::paused(slots, *more, circle),
        Message::GoesOn { slots, more, circle, .. } => pause::goes_on(slots, *more, circle),
        Message::Named { how, circle, .. } => named(*how, circle),
        Message::AsksToJoin { circle, .. } => asks_to_join(circle),
        Message::Quiet { about, day, .. } => quiet(*about, *day),
    }
}

fn invitation(inviter: Option<&PersonName>, circle: &NatureName) -> Wording {
    let who = inviter.map(PersonName::as_str).filter(|name| is_plain_name(name));
    Wording {
        heading: format!("{} has asked for your help", who.unwrap_or("Somebody you know")),
        before: vec![
            "You are invited to a circle of compassionate friends: a few people who share small \
             tasks, such as the shopping, a visit or a lift."
                .to_owned(),
            format!("In e-mails it is called the {} circle.", circle.as_str()),
        ],
        block: Vec::new(),
        button: "Open your invitation",
        after: vec![
            "You may be asked for two welcome words. Whoever invited you will tell you them."
                .to_owned(),
            "It is fine to say no, and you do not need to say why.".to_owned(),
        ],
        footer: FOOTER.to_owned(),
    }
}

/// "204 817".
fn grouped(code: &str) -> String {
    match code.split_at_checked(3) {
        Some((first, second)) => format!("{first} {second}"),
        None => code.to_owned(),
    }
}

fn sign_in_code(code: &str) -> Wording {
    Wording {
        heading: "Your code to sign in".to_owned(),
        before: vec!["Type it where you asked for it. It works for 10 minutes.".to_owned()],
        block: vec![grouped(code)],
        button: "Sign in",
        after: vec![
            "If you did not ask for a code, you need do nothing. Never tell it to anybody: we will \
             not ask you for it."
                .to_owned(),
        ],
        footer: "The link is yours alone: please do not forward this message.".to_owned(),
    }
}

fn promised(slot: SlotTimes, circle: &NatureName) -> Wording {
    Wording {
        heading: "Thank you. It is yours.".to_owned(),
        before: vec!["This is what you promised.".to_owned()],
        block: slot_lines(slot, circle),
        button: OPEN_YOUR_TASK,
        after: vec![CANNOT.to_owned()],
        footer: FOOTER.to_owned(),
    }
}

fn reminder(slot: SlotTimes, circle: &NatureName, at: ReminderKind, asks: bool) -> Wording {
    // Only of such a task the page has a button for it.
    let word = asks.then_some(
        "Somebody has to come for this one. Please open it and say that you'll be there.",
    );
    Wording {
        heading: format!("Your task on {}", day_and_time(slot.starts)),
        before: vec![
            match at {
                ReminderKind::DayBefore => "Thank you for offering. Here is a reminder.",
                ReminderKind::Morning => "Thank you for offering. It is today.",
                ReminderKind::HoursBefore => "Thank you for offering. It starts soon.",
            }
            .to_owned(),
        ],
        block: slot_lines(slot, circle),
        button: OPEN_YOUR_TASK,
        after: word.into_iter().chain([CANNOT]).map(str::to_owned).collect(),
        footer: FOOTER.to_owned(),
    }
}

fn somebody_needed(slot: SlotTimes, more: &[SlotTimes], circle: &NatureName) -> Wording {
    let mut block = slot_lines(slot, circle);
    block.extend(more.iter().map(|slot| format!("Also: {}", in_one_line(*slot))));
    Wording {
        heading: format!("Can you help on {}?", day_and_time(slot.starts)),
        before: vec!["Somebody is needed. If it suits you, open the task and take it.".to_owned()],
        block,
        button: "Open the task",
        after: vec!["It is fine to say no, and you do not need to say why.".to_owned()],
        footer: FOOTER.to_owned(),
    }
}

fn changed(old: SlotTimes, new: SlotTimes, circle: &NatureName) -> Wording {
    let mut block = slot_lines(new, circle);
    block.push(format!(
        "Before: {}, {}",
        date(old.starts.date()),
        time_range(old.kind, old.starts, old.ends)
    ));
    Wording {
        heading: "Your task has changed".to_owned(),
        before: vec!["This is how it stands now.".to_owned()],
        block,
        button: OPEN_YOUR_TASK,
        after: vec![
            "If it does not suit you any more, open your task and tell us. You do not need to say \
             why."
                .to_owned(),
        ],
        footer: FOOTER.to_owned(),
    }
}

fn cancelled(slot: SlotTimes, circle: &NatureName) -> Wording {
    Wording {
        heading: format!("Your task on {} is cancelled", day_and_time(slot.starts)),
        before: vec!["There is no need to go. Thank you for offering.".to_owned()],
        block: slot_lines(slot, circle),
        button: OPEN_YOUR_TASK,
        after: Vec::new(),
        footer: FOOTER.to_owned(),
    }
}

fn cover_wanted(slot: SlotTimes, circle: &NatureName) -> Wording {
    Wording {
        heading: format!("{} needs somebody else", day_and_time(slot.starts)),
        before: vec![
            "Whoever took this task can't make it. It stays theirs until somebody else takes it."
                .to_owned(),
        ],
        block: slot_lines(slot, circle),
        button: "Open the task",
        after: Vec::new(),
        footer: FOOTER.to_owned(),
    }
}

fn cover_found(slot: SlotTimes, circle: &NatureName) -> Wording {
    Wording {
        heading: format!("Somebody else does your task on {}", day_and_time(slot.starts)),
        before: vec!["There is no need to go. Thank you for telling us.".to_owned()],
        block: slot_lines(slot, circle),
        button: "Open the task",
        after: Vec::new(),
        footer: FOOTER.to_owned(),
    }
}

fn please_confirm(slot: SlotTimes, circle: &NatureName) -> Wording {
    Wording {
        heading: format!("Will you be there on {}?", day_and_time(slot.starts)),
        before: vec![
            "Somebody has to come for this one. Open your task to say that you'll be there."
                .to_owned(),
        ],
        block: slot_lines(slot, circle),
        button: OPEN_YOUR_TASK,
        after: vec![CANNOT.to_owned()],
        footer: FOOTER.to_owned(),
    }
}

fn no_word(slot: SlotTimes, for_them: bool, circle: &NatureName) -> Wording {
    let after = for_them.then(|| {
        "Somebody who promised it gets no e-mails from us. When you know that they will be there, you can \
         say it for them on the task's page."
            .to_owned()
    });
    Wording {
        heading: format!("No word yet about {}", day_and_time(slot.starts)),
        before: vec![
            "Somebody has promised this task, and has not said yet that they will be there. You \
             could ring them."
                .to_owned(),
        ],
        block: slot_lines(slot, circle),
        button: "Open the task",
        after: after.into_iter().collect(),
        footer: FOOTER.to_owned(),
    }
}

/// Says nothing of circle, person or matter: a mailbox is read by others.
fn concern() -> Wording {
    Wording {
        heading: "There is something new in the private notes".to_owned(),
        before: vec!["Sign in to read it. There may be more than one.".to_owned()],
        block: Vec::new(),
        button: "Open the private notes",
        after: Vec::new(),
        footer: FOOTER.to_owned(),
    }
}

fn named(how: NamedAs, circle: &NatureName) -> Wording {
    let sentence = match how {
        NamedAs::YouAreIn => {
            "Somebody has named you as a compassionate friend. Open the circle to see what you can \
             do."
        }
        NamedAs::MaySeeMore => {
            "You may now see something that you could not see before. Open the circle to see what \
             it is."
        }
    };
    Wording {
        heading: "You have been named".to_owned(),
        before: vec![sentence.to_owned()],
        block: vec![circle_name(circle)],
        button: "Open the circle",
        after: Vec::new(),
        footer: FOOTER.to_owned(),
    }
}

fn asks_to_join(circle: &NatureName) -> Wording {
    Wording {
        heading: "Somebody asks to join".to_owned(),
        before: vec![
            "They opened the link that you or somebody else in charge sent. Ring them before you \
             answer: they can tell you two words, and you see the same two."
                .to_owned(),
        ],
        block: vec![circle_name(circle)],
        button: "See who asks",
        after: vec!["Until you say yes they see nothing.".to_owned()],
        footer: FOOTER.to_owned(),
    }
}

fn quiet(about: QuietAbout, day: Date) -> Wording {
    let day = date(day);
    let (heading, button) = match about {
        QuietAbout::Something => (format!("You have something on {day}"), OPEN_YOUR_TASK),
        QuietAbout::Change => (format!("Something has changed on {day}"), OPEN_YOUR_TASK),
        QuietAbout::Question => (format!("There is a question about {day}"), "Open it to answer"),
        QuietAbout::PleaseLook => (format!("Please look at {day}"), "Open the task"),
    };
    Wording {
        heading,
        before: Vec::new(),
        block: Vec::new(),
        button,
        after: Vec::new(),
        footer: FOOTER.to_owned(),
    }
}

/// Letters, spaces, apostrophes and hyphens. Anything else could be read as a link by a mail
/// program, or as an instruction, and the mail then does without the name.
fn is_plain_name(name: &str) -> bool {
    name.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '\'' | '\u{2019}' | '-'))
}

fn slot_lines(slot: SlotTimes, circle: &NatureName) -> Vec<String> {
    vec![
        date(slot.starts.date()),
        time_range(slot.kind, slot.starts, slot.ends),
        kind(slot.kind).to_owned(),
        circle_name(circle),
    ]
}

/// "Tuesday 24 November, 2pm to 3pm: A visit".
fn in_one_line(slot: SlotTimes) -> String {
    let times = time_range(slot.kind, slot.starts, slot.ends);
    format!("{}, {times}: {}", date(slot.starts.date()), kind(slot.kind))
}

fn circle_name(circle: &NatureName) -> String {
    format!("{} circle", circle.as_str())
}

#[cfg(test)]
mod tests {
    use super::is_plain_name;

    #[test]
    fn names_that_a_program_could_turn_into_a_link_are_left_out() {
        for name in ["Ruth", "Mary Ann", "O'Brien", "Anne-Marie", "Zoë", "小林"] {
            assert!(is_plain_name(name), "{name}");
        }
        for name in ["evil.example", "call 0163", "a@b", "x/y", "Tom (next door)", "Ruth: urgent"] {
            assert!(!is_plain_name(name), "{name}");
        }
    }
}

//! Every sentence of the mails, in English. Another language is another file like this one.

use jiff::civil::{Date, DateTime, Weekday};
use kith_domain::{PersonName, ReminderKind, TaskKind, Told};

use crate::message::{DigestItem, Message, NamedAs, NatureName, QuietAbout, SlotTimes, Subject};

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
        Subject::Invited => "Somebody has asked for your help".to_owned(),
        Subject::Named => "Somebody has named you".to_owned(),
        Subject::Something(day) => format!("You have something on {}", weekday(day)),
        Subject::Question(day) => format!("Can you help on {}?", weekday(day)),
        Subject::Change(day) => format!("A change on {}", weekday(day)),
    }
}

/// The words of a mail.
pub(crate) fn wording(message: &Message) -> Wording {
    match message {
        Message::Invitation { inviter, circle, .. } => invitation(inviter.as_ref(), circle),
        Message::SignInCode { code, .. } => sign_in_code(code),
        Message::Promised { slot, circle, .. } => promised(*slot, circle),
        Message::Reminder { slot, circle, at, .. } => reminder(*slot, circle, *at),
        Message::SomebodyNeeded { slot, more, circle, .. } => somebody_needed(*slot, more, circle),
        Message::Changed { old, new, circle, .. } => changed(*old, *new, circle),
        Message::Cancelled { slot, circle, .. } => cancelled(*slot, circle),
        Message::CoverFound { slot, circle, .. } => cover_found(*slot, circle),
        Message::Digest { items, .. } => digest(items),
        Message::CoverWanted { slot, circle, .. } => cover_wanted(*slot, circle),
        Message::Told { what, slot, circle, .. } => told(*what, *slot, circle),
        Message::Named { how, circle, .. } => named(*how, circle),
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

fn sign_in_code(code: &str) -> Wording {
    let grouped = match code.split_at_checked(3) {
        Some((first, second)) => format!("{first} {second}"),
        None => code.to_owned(),
    };
    Wording {
        heading: "Your code to sign in".to_owned(),
        before: vec!["Type it where you asked for it. It works for 10 minutes.".to_owned()],
        block: vec![grouped],
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

fn reminder(slot: SlotTimes, circle: &NatureName, at: ReminderKind) -> Wording {
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
        after: vec!["Open it to say that you'll be there.".to_owned(), CANNOT.to_owned()],
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
        time_range(old.starts, old.ends)
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

fn digest(items: &[DigestItem]) -> Wording {
    let line = |item: &DigestItem| match item {
        DigestItem::Task { slot, circle } => {
            format!("{}, {}", in_one_line(*slot), circle_name(circle))
        }
        DigestItem::Day(day) => format!("{}: something", date(*day)),
    };
    Wording {
        heading: "Your tasks today and tomorrow".to_owned(),
        before: vec!["Thank you for offering.".to_owned()],
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

fn told(what: Told, slot: SlotTimes, circle: &NatureName) -> Wording {
    let when = day_and_time(slot.starts);
    let (heading, before, after) = match what {
        Told::SwapOffered => (
            format!("Could you take this on {when}?"),
            "Somebody in the circle asks you, by name, to swap. Open the task to see what they \
             offer, and to answer.",
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
    };
    Wording {
        heading,
        before: vec![before.to_owned()],
        block: slot_lines(slot, circle),
        button: if what == Told::SwapOffered { "Open the task" } else { OPEN_YOUR_TASK },
        after: after.into_iter().map(str::to_owned).collect(),
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

fn quiet(about: QuietAbout, day: Date) -> Wording {
    let day = weekday(day.weekday());
    Wording {
        heading: match about {
            QuietAbout::Something => format!("You have something on {day}"),
            QuietAbout::Change => format!("Something has changed on {day}"),
        },
        before: Vec::new(),
        block: Vec::new(),
        button: OPEN_YOUR_TASK,
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
        time_range(slot.starts, slot.ends),
        kind(slot.kind).to_owned(),
        circle_name(circle),
    ]
}

/// "Tuesday 24 November, 2pm to 3pm: A visit".
fn in_one_line(slot: SlotTimes) -> String {
    let times = time_range(slot.starts, slot.ends);
    format!("{}, {times}: {}", date(slot.starts.date()), kind(slot.kind))
}

fn circle_name(circle: &NatureName) -> String {
    format!("{} circle", circle.as_str())
}

pub(crate) const fn kind(kind: TaskKind) -> &'static str {
    match kind {
        TaskKind::Shopping => "Shopping",
        TaskKind::Visit => "A visit",
        TaskKind::Meal => "A meal",
        TaskKind::Lift => "A lift",
        TaskKind::Evening => "An evening together",
        TaskKind::DogWalk => "Walking the dog",
        TaskKind::Call => "A call or a hello",
        TaskKind::Outing => "Going out together",
        TaskKind::Newspaper => "The newspaper",
        TaskKind::Internet => "Help with the internet",
        TaskKind::BoxDelivery => "A back home box",
        TaskKind::Arranged => "Arranged already",
        TaskKind::Other => "Something else",
    }
}

const fn weekday(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

const fn month(number: i8) -> &'static str {
    match number {
        1 => "January",
        2 => "February",
        3 => "March",
        4 => "April",
        5 => "May",
        6 => "June",
        7 => "July",
        8 => "August",
        9 => "September",
        10 => "October",
        11 => "November",
        _ => "December",
    }
}

/// "Tuesday 24 November".
fn date(day: Date) -> String {
    format!("{} {} {}", weekday(day.weekday()), day.day(), month(day.month()))
}

/// "Tuesday at 2pm".
fn day_and_time(at: DateTime) -> String {
    format!("{} at {}", weekday(at.date().weekday()), time(at))
}

/// "2pm to 3.30pm"; the day as well where it ends on another.
fn time_range(starts: DateTime, ends: DateTime) -> String {
    if starts.date() == ends.date() {
        format!("{} to {}", time(starts), time(ends))
    } else {
        format!("{} to {} on {}", time(starts), time(ends), weekday(ends.date().weekday()))
    }
}

/// "2pm", "3.30pm", "noon", "midnight".
fn time(at: DateTime) -> String {
    let (hour, minute) = (at.hour(), at.minute());
    match (hour, minute) {
        (0, 0) => return "midnight".to_owned(),
        (12, 0) => return "noon".to_owned(),
        _ => {}
    }
    let half = if hour < 12 { "am" } else { "pm" };
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    if minute == 0 { format!("{hour}{half}") } else { format!("{hour}.{minute:02}{half}") }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{is_plain_name, time, time_range};

    #[test]
    fn times_read_as_people_say_them() {
        let day = date(2026, 11, 24);
        for (hour, minute, said) in [
            (0, 0, "midnight"),
            (0, 30, "12.30am"),
            (9, 5, "9.05am"),
            (11, 59, "11.59am"),
            (12, 0, "noon"),
            (12, 15, "12.15pm"),
            (14, 0, "2pm"),
            (15, 30, "3.30pm"),
            (23, 0, "11pm"),
        ] {
            assert_eq!(time(day.at(hour, minute, 0, 0)), said);
        }
        let night = time_range(day.at(22, 0, 0, 0), date(2026, 11, 25).at(7, 0, 0, 0));
        assert_eq!(night, "10pm to 7am on Wednesday");
        assert_eq!(time_range(day.at(14, 0, 0, 0), day.at(15, 30, 0, 0)), "2pm to 3.30pm");
    }

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

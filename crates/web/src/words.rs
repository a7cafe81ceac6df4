//! How dates, times, names and numbers are said, in British English. Sentences that belong to one
//! page are in its template.

use jiff::civil::{Date, DateTime};
pub(crate) use kith_domain::english::{
    day, day_month, month, time, times, times_of, weekday, within,
};

/// "Margaret’s", with the curly apostrophe.
pub(crate) fn possessive(name: &str) -> String {
    format!("{name}’s")
}

/// "Ruth", "Ruth and Sam", "Ruth, Sam and Joan".
pub(crate) fn list<S: AsRef<str>>(names: &[S]) -> String {
    match names {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [first @ .., last] => {
            let first: Vec<&str> = first.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", first.join(", "), last.as_ref())
        }
    }
}

/// What those in charge are told when e-mails to somebody come back. The address is not theirs to see.
pub(crate) fn comes_back(name: &str) -> String {
    format!("E-mails to {name} come back. Ring {name}, or ask for another address.")
}

/// That no e-mail reaches somebody, for those who may ring instead; `why` is the word for it.
pub(crate) fn unreached(name: &str, why: &str) -> String {
    match why {
        "comes_back" => comes_back(name),
        "not_proved" => format!(
            "{name} gets no e-mail from us yet: the address that {name} gave is not proved. Please ring."
        ),
        "stopped" => {
            format!(
                "{name} gets no e-mail from us, and wants none. Please ring about what changes."
            )
        }
        _ => format!("{name} gets no e-mail from us: we have no address. Please ring."),
    }
}

/// What a form is about, by the path that it goes to: for whoever sends it once more after a check.
pub(crate) fn what_was_typed(path: &str) -> &'static str {
    let path = path.split('?').next().unwrap_or_default();
    let ends = |end: &str| path.ends_with(end);
    match () {
        () if ends("/news") => "News for the circle",
        () if ends("/kind-words") => "Kind words",
        () if ends("/private/edit") => "The private page",
        () if ends("/rota/add") => "A new task",
        () if ends("/change") => "A change to a task",
        () if ends("/hand-over") => "A word for whoever comes next",
        () if ends("/done") => "How it was",
        () if ends("/worried") => "A note to the coordinators",
        () if ends("/door") => "What whoever comes needs",
        () if ends("/people/name") || ends("/people/several") => "Naming somebody",
        () if ends("/items") => "What somebody may see",
        () if ends("/remove") => "Taking somebody out of the circle",
        () if ends("/leave") => "Leaving the circle",
        () if path.contains("/settings/") => "How the circle runs",
        () if ends("/me/details") => "Your details",
        () if ends("/me/away") => "When you are away",
        () if ends("/me/e-mails") => "Your e-mails",
        () if ends("/swap/answer") => "Your answer to a swap",
        () if ends("/cannot") || ends("/swap") => "A task that you cannot make",
        () if ends("/take") || ends("/dates") => "A task that you take",
        () => "The page you were on",
    }
}

/// The words of the button that was pressed before a check, where there was nothing to type beside it:
/// nobody takes it for done because they were told that something was kept.
pub(crate) fn what_was_pressed(path: &str, fields: &[(String, String)]) -> Option<&'static str> {
    let change = || fields.iter().find(|(name, _)| name == "change").map(|(_, word)| word.as_str());
    match path {
        path if path.ends_with("/settings/state") => match change()? {
            "pause" => Some("Pause the circle"),
            "resume" => Some("Go on"),
            "unfreeze" => Some("Let the others in again"),
            _ => None,
        },
        path if path.ends_with("/leave") => Some("Leave the circle"),
        _ => None,
    }
}

/// Numbers up to ten in words, as people write them.
pub(crate) fn number(n: usize) -> String {
    const WORDS: [&str; 11] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    WORDS.get(n).map_or_else(|| n.to_string(), |&word| word.to_owned())
}

/// "one thing", "two things", "12 things".
pub(crate) fn how_many(n: usize, one: &str, more: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { more })
}

/// What a carer sends by her own phone with the link by which somebody asks to join: nothing of the
/// patient in it.
pub(crate) fn ready_text(circle: &str, url: &str) -> String {
    format!(
        "Would you like to help with small things that suit you: the shopping, a visit, a lift? Open \
         this and ask to join the {circle} circle. You will see two words. I will ring you to hear \
         them. {url}"
    )
}

/// The same sentence with its first letter large.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Who did it, within a sentence: "you and Tom".
pub(crate) fn in_a_sentence(who: &str) -> String {
    match who.strip_prefix("You") {
        // And not somebody whose name begins so.
        Some(rest) if rest.is_empty() || rest.starts_with([' ', ',']) => format!("you{rest}"),
        _ => who.to_owned(),
    }
}

/// "Today", "Tomorrow", "Yesterday", or "Tuesday 24 November".
pub(crate) fn day_from(date: Date, today: Date) -> String {
    if date == today {
        "Today".to_owned()
    } else if today.tomorrow().is_ok_and(|next| next == date) {
        "Tomorrow".to_owned()
    } else if today.yesterday().is_ok_and(|last| last == date) {
        "Yesterday".to_owned()
    } else {
        day(date)
    }
}

/// "23 to 29 November", "30 November to 6 December".
pub(crate) fn days(from: Date, to: Date) -> String {
    if from.month() == to.month() {
        format!("{} to {}", from.day(), day_month(to))
    } else {
        format!("{} to {}", day_month(from), day_month(to))
    }
}

/// What follows when nobody takes a task, by its word.
pub(crate) fn if_nobody(word: &str) -> &'static str {
    match word {
        "fine" => "If nobody can, that is fine.",
        "must" => "Somebody must come: if nobody can, the hospice is asked to find someone.",
        _ => "If nobody can, you are told the day before.",
    }
}

/// "Wednesday 25 November at 2pm".
pub(crate) fn day_at(at: DateTime) -> String {
    format!("{} at {}", day(at.date()), time(at.time()))
}

/// "Today, 7.50am", "Saturday 21 November, 9am".
pub(crate) fn moment(at: DateTime, today: Date) -> String {
    format!("{}, {}", day_from(at.date(), today), time(at.time()))
}

/// The same within a sentence: "today at 7.50am", "on Saturday 21 November at 9am".
pub(crate) fn at_moment(at: DateTime, today: Date) -> String {
    format!("{} at {}", on_day(at.date(), today), time(at.time()))
}

/// "5.30pm today", "4pm tomorrow", "4pm on Thursday 26 November".
pub(crate) fn until(at: DateTime, today: Date) -> String {
    format!("{} {}", time(at.time()), on_day(at.date(), today))
}

/// A day within a sentence: "today", "yesterday", "on Thursday 26 November".
pub(crate) fn on_day(date: Date, today: Date) -> String {
    match day_from(date, today).as_str() {
        near @ ("Today" | "Tomorrow" | "Yesterday") => near.to_lowercase(),
        other => format!("on {other}"),
    }
}

/// A day that follows something in its line: "today", "yesterday", "Thursday 26 November".
pub(crate) fn day_in_line(date: Date, today: Date) -> String {
    let day = on_day(date, today);
    day.strip_prefix("on ").map_or_else(|| day.clone(), str::to_owned)
}

/// Of what has ended, above its day: "Today", "Yesterday", "It is over".
pub(crate) fn lately(date: Date, today: Date) -> String {
    let said = day_from(date, today);
    if said == day(date) { "It is over".to_owned() } else { said }
}

/// How far away a day is: "Today", "Tomorrow", "In three days", "In two weeks", "In 16 days", "In about
/// seven weeks".
pub(crate) fn soon(date: Date, today: Date) -> String {
    let days = today.until(date).map_or(0, |span| span.get_days());
    let near = usize::try_from(days).unwrap_or(0);
    match near {
        0 | 1 => day_from(date, today),
        14 | 21 | 28 => format!("In {} weeks", number(near / 7)),
        2..=27 => format!("In {} days", number(near)),
        more => format!("In about {} weeks", number((more + 3) / 7)),
    }
}

/// How long something lasts, to the half hour: "About an hour and a half."
pub(crate) fn lasts(minutes: i64) -> String {
    let halves = usize::try_from((minutes + 15) / 30).unwrap_or(0);
    let said = match (halves / 2, halves % 2 == 1) {
        _ if minutes < 23 => "a quarter of an hour".to_owned(),
        (0, _) => "half an hour".to_owned(),
        (1, false) => "an hour".to_owned(),
        (1, true) => "an hour and a half".to_owned(),
        (hours, false) => how_many(hours, "hour", "hours"),
        (hours, true) => format!("{} and a half hours", number(hours)),
    };
    format!("About {said}.")
}

/// What people call a kind of task, by the word that forms send and rows store: "Walk the dog".
pub(crate) fn task_kind(kind: &str) -> &'static str {
    match kind {
        "shopping" => "Shopping",
        "visit" => "A visit",
        "meal" => "A meal",
        "lift" => "A lift somewhere",
        "evening" => "Sit in the evening",
        "dog_walk" => "Walk the dog",
        "call" => "A call or a hello",
        "outing" => "Go out together",
        "newspaper" => "The newspaper",
        "internet" => "Help with the internet",
        "box_delivery" => "A back home box",
        "arranged" => "Arranged already",
        _ => "Something else",
    }
}

/// "Monday 23 November, 9am".
pub(crate) fn date_and_time(at: DateTime) -> String {
    format!("{}, {}", day(at.date()), time(at.time()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_reader_is_small_within_a_sentence_and_nobody_else_is() {
        let said = ["You", "You and Tom", "You, Tom and Joan", "Yousef", "Tom and Yousef"];
        let within = ["you", "you and Tom", "you, Tom and Joan", "Yousef", "Tom and Yousef"];
        assert_eq!(said.map(in_a_sentence), within);
    }

    #[test]
    fn days_are_said_from_today() {
        let today = date(2026, 11, 23);
        assert_eq!(day_from(today, today), "Today");
        assert_eq!(day_from(date(2026, 11, 24), today), "Tomorrow");
        assert_eq!(day_from(date(2026, 11, 22), today), "Yesterday");
        assert_eq!(day_from(date(2026, 11, 26), today), "Thursday 26 November");
        assert_eq!(day_in_line(date(2026, 11, 26), today), "Thursday 26 November");
        assert_eq!(day_in_line(today, today), "today");
        assert_eq!(days(today, date(2026, 11, 29)), "23 to 29 November");
        assert_eq!(days(date(2026, 11, 30), date(2026, 12, 6)), "30 November to 6 December");
    }

    #[test]
    fn how_far_and_how_long_is_said_in_round_numbers() {
        let today = date(2026, 11, 23);
        assert_eq!(soon(today, today), "Today");
        assert_eq!(soon(date(2026, 11, 24), today), "Tomorrow");
        assert_eq!(soon(date(2026, 11, 26), today), "In three days");
        assert_eq!(soon(date(2026, 12, 7), today), "In two weeks");
        assert_eq!(soon(date(2026, 12, 9), today), "In 16 days");
        assert_eq!(soon(date(2026, 12, 21), today), "In four weeks");
        assert_eq!(soon(date(2027, 1, 12), today), "In about seven weeks");
        assert_eq!(soon(date(2026, 11, 20), today), "Friday 20 November");
        assert_eq!(until(date(2026, 11, 23).at(17, 30, 0, 0), today), "5.30pm today");
        let later = date(2026, 11, 26).at(16, 0, 0, 0);
        assert_eq!(until(later, today), "4pm on Thursday 26 November");
        assert_eq!(moment(later, today), "Thursday 26 November, 4pm");
        assert_eq!(at_moment(later, today), "on Thursday 26 November at 4pm");
        assert_eq!(at_moment(today.at(7, 50, 0, 0), today), "today at 7.50am");
        assert_eq!(lasts(15), "About a quarter of an hour.");
        assert_eq!(lasts(30), "About half an hour.");
        assert_eq!(lasts(60), "About an hour.");
        assert_eq!(lasts(90), "About an hour and a half.");
        assert_eq!(lasts(180), "About three hours.");
    }

    #[test]
    fn names_and_numbers_read_as_sentences() {
        assert_eq!(list::<&str>(&[]), "");
        assert_eq!(list(&["Ruth"]), "Ruth");
        assert_eq!(list(&["Ruth", "Sam", "Joan"]), "Ruth, Sam and Joan");
        assert_eq!(possessive("James"), "James’s");
        assert_eq!(how_many(1, "task", "tasks"), "one task");
        assert_eq!(how_many(11, "task", "tasks"), "11 tasks");
        assert_eq!(capital("two tasks"), "Two tasks");
        assert_eq!(capital(""), "");
    }
}

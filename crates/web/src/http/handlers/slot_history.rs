//! What happened to a slot so far, in sentences.

use jiff::civil::Date;
use kith_app::{About, HistoryLine, SlotPage};
use kith_domain::{ClaimEnd, ClaimState, HospiceWord, Timestamp};

use super::acting;
use crate::http::caller::Caller;
use crate::words;

/// What happened so far, oldest first.
pub(super) fn in_order(caller: &Caller, view: &SlotPage) -> Vec<String> {
    let about = &view.about;
    let promises = view.history.iter().map(|line| (line.at, history(caller, about, line)));
    let said = view.said_for.iter();
    let said = said.map(|line| (line.at, acting::said(caller, &about.zone, line)));
    let hospice = view.hospice_words.iter();
    let hospice = hospice.map(|(what, at, _)| (*at, hospice_word(caller, about, *what, *at)));
    let mut lines: Vec<(Timestamp, String)> = promises.chain(said).chain(hospice).collect();
    lines.sort_by_key(|(at, _)| *at);
    let said_no = view.said_no.iter().map(|name| format!("{name} said no to this one"));
    lines.into_iter().map(|(_, line)| line).chain(said_no).collect()
}

/// What it means to put a slot back that was taken off.
pub(super) fn put_back(view: &SlotPage) -> String {
    let mut had: Vec<&str> = Vec::new();
    for line in view.history.iter().filter(|line| line.ended_as == Some(ClaimEnd::TakenOff)) {
        let name = line.name.as_ref().filter(|name| Some(*name) != view.about.reader.as_ref());
        had.extend(name.map(String::as_str).filter(|name| !had.contains(name)));
    }
    let who = words::list(&had);
    match had.len() {
        _ if !view.every_time.is_empty() => {
            "Whoever does it each time has it again then, and is told. Anybody else is asked."
                .to_owned()
        }
        0 => "It is open again then, and needs somebody.".to_owned(),
        1 => format!(
            "{who} had promised it, and was told that there is no need to go. It is open again then, and \
             {who} is asked whether that suits after all."
        ),
        _ => format!(
            "{who} had promised it, and were told that there is no need to go. It is open again then, and \
             they are asked whether that suits after all."
        ),
    }
}

/// "Fernhill Hospice noted today at 10.05am: nobody can come".
pub(super) fn hospice_word(
    caller: &Caller,
    about: &About,
    what: HospiceWord,
    at: Timestamp,
) -> String {
    let local = about.zone.local(at);
    let day = words::on_day(local.date(), about.zone.date(caller.visit.now()));
    let said = match what {
        HospiceWord::Coming => "somebody is coming",
        HospiceWord::Nobody => "nobody can come",
    };
    let hospice = &caller.visit.organisation.name;
    format!("{hospice} noted {day} at {}: {said}", words::time(local.time()))
}

fn history(caller: &Caller, about: &About, line: &HistoryLine) -> String {
    let at = about.zone.local(line.at);
    let today: Date = about.zone.date(caller.visit.now());
    let name = line.name.as_deref().unwrap_or("Somebody who was in the circle");
    let when = format!("{} at {}", words::on_day(at.date(), today), words::time(at.time()));
    let then = match line.state {
        ClaimState::Claimed => "",
        ClaimState::CoverWanted => ", and would like somebody to take over",
        ClaimState::Done => ", and did it",
        ClaimState::Dropped => match line.ended_as {
            None | Some(ClaimEnd::GivenBack) => ", and gave it back",
            Some(ClaimEnd::Undone) => ", and took that back",
            Some(ClaimEnd::Covered) => ", and somebody else took over",
            Some(ClaimEnd::Swapped) => ", and swapped it",
            Some(ClaimEnd::TakenOff) => ". It was taken off the rota",
            Some(ClaimEnd::Freed) => ". It was moved to a time that did not suit",
            Some(ClaimEnd::Left) => ", and left the circle",
        },
        ClaimState::Missed => ", and it was not done",
    };
    format!("{name} took it {when}{then}")
}

//! Sentences beside fields: what to do, in plain words.

use kith_app::{Problem, What};
use kith_domain::{OwnNumberError, TaskProblem, TextError};

use super::fields::Fields;
use crate::form_view::FieldView;

/// A field as it was typed, with the sentence for it if something is wrong.
pub(crate) fn field(fields: &Fields, problems: &[Problem], name: &str) -> FieldView {
    FieldView { value: fields.take(name), error: sentence_for(problems, name) }
}

/// A field whose value is never shown again, such as a number.
pub(crate) fn secret(problems: &[Problem], name: &str) -> FieldView {
    FieldView { value: String::new(), error: sentence_for(problems, name) }
}

/// The first sentence about a field.
pub(crate) fn sentence_for(problems: &[Problem], name: &str) -> Option<String> {
    problems.iter().find(|problem| problem.field == name).map(sentence)
}

fn sentence(problem: &Problem) -> String {
    let about = problem.field;
    match &problem.what {
        What::Text(error) => text(about, *error),
        What::Task(problem) => task(*problem),
        What::OwnNumber(error) => own_number(*error),
        What::Choose => match about {
            "preset" | "see" => "Choose what they may see".to_owned(),
            "basis" => "Choose one of these answers".to_owned(),
            "scope" => {
                "Choose those that follow too: how it comes again is never for this one only"
                    .to_owned()
            }
            "last" | "all_until" | "from" => "Choose today, or a day that is still to come".to_owned(),
            "on" => "Tick at least one day of the week".to_owned(),
            "dates" => "Tick a date, or give the day until which you take them".to_owned(),
            "until" => "Choose a last day that does not come before the first".to_owned(),
            "to" => "Choose whom we shall ask".to_owned(),
            _ => "Choose one".to_owned(),
        },
        What::NotWelcomeWords => {
            "Type the two words, with a space between them, like blue teapot".to_owned()
        }
        What::WrongWords(0) => {
            "These words do not fit. Ask for new ones, by phone or face to face".to_owned()
        }
        What::WrongWords(left) => {
            format!("These words do not fit. Please check them. {}", tries(*left))
        }
        What::WrongCode => {
            "This code does not fit. Check the six figures in your e-mail".to_owned()
        }
        What::CodeRanOut => "That code has run out. Ask for a new one".to_owned(),
        What::WrongNumber(left) => format!("That is not your number. {}", tries(*left)),
        What::NumberHere(left) => {
            format!("You have a number on this device already. Type that one. {}", tries(*left))
        }
        What::NumbersDiffer => "The two numbers are not the same. Type both again".to_owned(),
        What::CannotBeNamed => {
            "This address cannot be named here. Check it, or leave it out and ring them".to_owned()
        }
        What::NeedsRota => "To help, they need to see the rota as well".to_owned(),
        What::NotYoursToShare => {
            "You can share only what was shared with you. The rest is for the person whose circle it is"
                .to_owned()
        }
        What::CardNeedsMailbox => {
            "This card needs an e-mail address that we do not have. Ask for two new words instead"
                .to_owned()
        }
        What::NotAlreadyHere => {
            "Leave this box empty: when two people share an e-mail address or a device, each has a number of their own"
                .to_owned()
        }
        What::TellsTooMuch => {
            "This task tells the address, who to call or how to get in, which is not shared with you. Untick that, or ask the person whose circle it is"
                .to_owned()
        }
        What::HasOwnDevice => {
            "There is a trusted tablet or phone already. New words come from there, or ring the hospice"
                .to_owned()
        }
        What::EachTimeAlready => {
            "They do this each time already, or on some of the days. End that first, on the page of the task, and then say what holds now"
                .to_owned()
        }
        What::TimePast => "That time has passed. Choose a later one".to_owned(),
        What::AwayTooOften => {
            "You have told us of fifty times away already, and there is no room for another. Say of one of them that you are here after all, or give one long time for several that follow each other"
                .to_owned()
        }
        What::TooSoon => {
            "Several people have just asked by this link. Please send this again in ten minutes: keep this page open"
                .to_owned()
        }
        What::LastInCharge => {
            "A circle needs one person in charge. Name another first, or ring the hospice"
                .to_owned()
        }
    }
}

fn tries(left: u32) -> String {
    match left {
        1 => "You can try once more".to_owned(),
        left => format!("You can try {} more times", crate::words::number(left as usize)),
    }
}

fn text(field: &str, error: TextError) -> String {
    // One of several rows: "name_3" is a name.
    let kind = field.split_once('_').filter(|(_, row)| row.parse::<u8>().is_ok());
    let field = kind.map_or(field, |(kind, _)| kind);
    match (field, error) {
        (
            "email" | "not_this_person",
            TextError::Missing | TextError::Shape | TextError::NotAllowed,
        ) => "Enter an e-mail address, like grace@example.com".to_owned(),
        ("name", TextError::Missing) => "Please give a first name".to_owned(),
        ("phone", _) => "Enter a phone number, like 01632 960 001".to_owned(),
        (_, TextError::Missing) => "Please write something here".to_owned(),
        (_, TextError::TooLong { limit, given }) => {
            format!("Please shorten this: it may have {limit} letters, and has {given}")
        }
        (_, TextError::NotAllowed) => {
            "Please use letters, figures and ordinary punctuation only".to_owned()
        }
        (_, TextError::Shape) => "Please check how this is written".to_owned(),
    }
}

fn own_number(error: OwnNumberError) -> String {
    match error {
        OwnNumberError::Obvious => "That is easy to guess. Choose another number".to_owned(),
        _ => "Choose 4 to 8 figures".to_owned(),
    }
}

fn task(problem: TaskProblem) -> String {
    match problem {
        TaskProblem::Note(error) => text("note", error),
        TaskProblem::Rule(why) => format!("This rule cannot be used here: {why}"),
        other => task_words(other).to_owned(),
    }
}

const fn task_words(problem: TaskProblem) -> &'static str {
    match problem {
        TaskProblem::Kind => "Choose what is needed",
        TaskProblem::Date => "Choose a day, like 24/11/2026",
        TaskProblem::DatePast => "That day has passed. Choose today or a later day",
        TaskProblem::DateTooFar => "That is more than a year ahead. Choose an earlier day",
        TaskProblem::Start => "Give the time it starts, like 14:00",
        TaskProblem::End => "Give the time it ends, like 15:30, or leave it empty",
        TaskProblem::Within => "Choose when on the day it should be",
        TaskProblem::Length(_) => {
            "The end must come after the start: at least 15 minutes and at most a day later"
        }
        TaskProblem::Until => "Give the last day, like 31/01/2027, or leave it empty",
        TaskProblem::UntilBeforeDate => "The last day is before the first. Check both",
        TaskProblem::Repeat => "Choose whether it comes again",
        TaskProblem::Every => "Give a number from 1 to 99, or leave it empty for each one",
        TaskProblem::OfMonth => "Choose the day of the month",
        TaskProblem::Times => "Give a number from 1 to 999, or leave it empty",
        TaskProblem::TwoEnds => "Give a last day or a number of times, not both",
        TaskProblem::OutFrom => "Give the first day to leave out, like 20/12/2026",
        TaskProblem::OutTo => {
            "Give the last day to leave out, within a year of the first, or leave it empty"
        }
        TaskProblem::Rule(_) => "This rule cannot be used here",
        TaskProblem::Places => "Ask for 1 to 9 people",
        TaskProblem::Note(_) => "Please check the note",
        TaskProblem::IfNobody => "Choose what should happen if nobody can",
    }
}

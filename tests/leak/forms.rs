//! What is sent to each route that takes a form: right enough to be done, with markers as free text.

use kith_domain::Ids as _;
use kith_vault::{Field, RandomIds};

use crate::house::{CODE, OWN_NUMBER, Things};
use crate::marks::{Marks, Whose};
use crate::requests::Case;

/// The fields in which markers are typed. Made once, before the first request.
pub(crate) fn prepare(marks: &mut Marks) {
    for field in [
        Field::PersonName,
        Field::Address,
        Field::Help,
        Field::CareComfort,
        Field::CareMatters,
        Field::Entry,
        Field::TaskNote,
        Field::News,
        Field::KindWord,
        Field::Relationship,
        Field::HandOver,
        Field::Food,
        Field::ConcernNote,
        Field::ConcernCallback,
    ] {
        marks.make(field, Whose::Typed);
    }
    marks.make_address(Whose::Typed);
}

/// The body of a case. Fields that a route does not know are ignored by it.
pub(crate) fn body(case: &Case, things: &Things, marks: &Marks) -> String {
    let typed = |field| marks.of(field, Whose::Typed).to_owned();
    let email = format!("{}@canary.example", typed(Field::PersonEmail));
    // Whoever could, would give themselves everything.
    let for_oneself = case.about == "oneself";
    let mut fields = vec![
        ("receipt", RandomIds.next().to_string()),
        ("name", typed(Field::PersonName)),
        ("your_name", typed(Field::PersonName)),
        ("relation", typed(Field::Relationship)),
        ("email", email.clone()),
        ("phone", "01632 960777".to_owned()),
        ("see", if for_oneself { "private_page" } else { "how_she_is" }.to_owned()),
        ("basis", "own_consent".to_owned()),
        ("say_who", "yes".to_owned()),
        ("not_this_person", email),
        ("words", things.welcome_words.clone()),
        ("number", OWN_NUMBER.to_owned()),
        ("number_again", OWN_NUMBER.to_owned()),
        ("code", CODE.to_owned()),
        ("comfort", typed(Field::CareComfort)),
        ("matters", typed(Field::CareMatters)),
        ("help", typed(Field::Help)),
        ("news", typed(Field::News)),
        ("date", "2026-03-10".to_owned()),
        ("start", "11:00".to_owned()),
        ("end", "12:00".to_owned()),
        ("places", "2".to_owned()),
        ("note", typed(Field::TaskNote)),
        ("if_nobody", "tell_me".to_owned()),
        // Whose promise is touched has been seen, and it is changed.
        ("promises", "change".to_owned()),
        ("seen", things.promised.to_string()),
        ("who", "carer".to_owned()),
        ("area", "Northgate".to_owned()),
        ("day_before", "18".to_owned()),
        ("hours_before", "2".to_owned()),
        ("daily", String::new()),
        ("from", "8".to_owned()),
        ("until", "20".to_owned()),
        ("asked", "yes".to_owned()),
        ("confirmed", "yes".to_owned()),
        ("calendar", "yes".to_owned()),
        ("how", "cover".to_owned()),
        ("to", things.places[&crate::visitors::Who::FriendNews].to_string()),
        ("answer", "yes".to_owned()),
        ("member", things.places[&crate::visitors::Who::FriendRota].to_string()),
        ("went", "done".to_owned()),
        ("claim", things.claim.to_string()),
        ("worry", typed(Field::ConcernNote)),
        ("callback", typed(Field::ConcernCallback)),
        ("hand_over", typed(Field::HandOver)),
        ("kind_word", typed(Field::KindWord)),
        ("food", typed(Field::Food)),
        ("question", things.question.to_string()),
        ("last", "2026-03-31".to_owned()),
        ("then", "back".to_owned()),
        ("wait", "yes".to_owned()),
        ("all_until", "2026-03-31".to_owned()),
        ("away_from", "2026-03-10".to_owned()),
        ("away_until", "2026-03-12".to_owned()),
        ("hand_on", "yes".to_owned()),
        ("which", "this".to_owned()),
        ("out_from", "2026-03-10".to_owned()),
        ("out_to", "2026-03-10".to_owned()),
        ("rota", "yes".to_owned()),
        ("identity", "yes".to_owned()),
        ("need-shopping", "yes".to_owned()),
        ("part-shopping", "morning".to_owned()),
        ("day-shopping", "2026-03-10".to_owned()),
        ("person", things.persons[&crate::visitors::Who::FriendRota].to_string()),
    ];
    let own: &[(&str, String)] = &match case.route {
        "/c/{circle}/kind-words" => vec![("kind", typed(Field::KindWord))],
        "/c/{circle}/private/edit" => {
            vec![("entry", typed(Field::Entry)), ("address", typed(Field::Address))]
        }
        "/c/{circle}/people/{member}" if for_oneself => vec![("entry", "yes".to_owned())],
        "/c/{circle}/people/{member}/items" if for_oneself => {
            ["task", "address", "news", "help", "care", "entry", "people"]
                .map(|word| (word, "yes".to_owned()))
                .to_vec()
        }
        "/c/{circle}/people/{member}/items" => vec![("care", "yes".to_owned())],
        "/c/{circle}/settings/state" => vec![("change", "pause".to_owned())],
        "/c/{circle}/rota/copy" => vec![("week", "2026-03-02".to_owned())],
        "/c/{circle}/rota/{slot}/for/{member}" => vec![("said", "there".to_owned())],
        "/h/circles/{circle}/slots/{slot}/said" => vec![("said", "coming".to_owned())],
        route if route.contains("/rota/") => vec![("kind", "shopping".to_owned())],
        _ => Vec::new(),
    };
    fields.extend(own.iter().cloned());
    let pairs: Vec<String> = fields
        .into_iter()
        .map(|(name, value)| format!("{name}={}", percent_encoded(&value)))
        .collect();
    pairs.join("&")
}

fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

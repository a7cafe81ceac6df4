//! What a friend may see, as the choice cards ask it.

use super::view::{Choice, Patient};

/// The presets and "item by item", each saying on its card what it shows and what it does not.
/// Values are the domain's words, and `pick`.
pub(crate) fn choices(patient: &Patient) -> Vec<Choice> {
    let how = patient.how();
    let address_once = "The address, once they take a task";
    let card = |value: &str, label: String, hint: String, sees: Vec<(bool, String)>| Choice {
        sees,
        ..Choice::explained(value, label, hint)
    };
    let yes = |what: &str| (true, what.to_owned());
    let no = |what: &str| (false, what.to_owned());
    let news = if patient.is_reader { "Your news" } else { "Your news and kind words" };
    vec![
        card(
            "just_rota",
            "Just the rota".to_owned(),
            "Good for neighbours, club friends and volunteers.".to_owned(),
            vec![
                yes("What needs doing, and when"),
                yes("Who to call"),
                yes(address_once),
                (false, crate::words::capital(&how)),
                no("The private page"),
            ],
        ),
        card(
            "how_she_is",
            format!("The rota, and {how}"),
            "Good for close friends.".to_owned(),
            vec![
                yes("What needs doing, and when"),
                yes("Who to call"),
                yes("The address"),
                yes(news),
                yes("Who is in the circle"),
                no("The private page"),
            ],
        ),
        card(
            "private_page",
            "Also the private page".to_owned(),
            format!("Only for people {} would trust with what matters most.", patient.named()),
            vec![
                yes("What needs doing, and when"),
                yes("Who to call"),
                yes("The address"),
                yes(news),
                yes("Who is in the circle"),
                yes("Care and comfort, what matters"),
            ],
        ),
        Choice::explained(
            "pick",
            "Let me choose item by item",
            "We will show you a short list on the next page.",
        ),
    ]
}

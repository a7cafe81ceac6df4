//! About the address at which somebody reads mail.

use super::{Wording, grouped};

pub(super) fn code(code: &str) -> Wording {
    Wording {
        heading: "Your code for this address".to_owned(),
        before: vec![
            "Somebody asked to get their e-mails from Kith here. If that was you, type this code \
             where you asked. It works for 10 minutes."
                .to_owned(),
        ],
        block: vec![grouped(code)],
        button: "Open the page for it",
        after: vec![
            "If it was not you, you need do nothing: without the code nothing comes here. Never \
             tell it to anybody: we will not ask you for it."
                .to_owned(),
        ],
        footer: "We leave names and addresses out on purpose.".to_owned(),
    }
}

pub(super) fn changed(phone: &str) -> Wording {
    Wording {
        heading: "Your address for Kith was changed".to_owned(),
        before: vec![
            "From now on our e-mails go to your new address, and you sign in with it. If that was \
             you, you need do nothing."
                .to_owned(),
            format!(
                "If that was not you, ring {phone}, at any hour. They can put it right, and end \
                 what should not be."
            ),
        ],
        block: Vec::new(),
        button: "Whom to ring",
        after: Vec::new(),
        footer: "We leave names and addresses out on purpose.".to_owned(),
    }
}

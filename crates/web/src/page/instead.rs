//! Another time for what somebody promised: the question, and what those who asked see of it.

use super::sample;
use crate::form_view::Post;

/// One question, as one reader sees it.
#[derive(Clone, Debug)]
pub(crate) enum InsteadPart {
    /// The reader is asked.
    AsksYou {
        /// "Could it be Thursday 26 November, 2pm to 3pm instead?"
        question: String,
        /// "It is on Wednesday 25 November, 10am to 11am now."
        now: String,
        /// "You said yes. …", once it was answered.
        said: Option<String>,
        /// None once that was said.
        yes: Option<Post>,
        no: Option<Post>,
    },
    /// The patient and carers, who asked.
    AskedThem {
        /// "Asked Tom whether Thursday 26 November, 2pm to 3pm suits instead."
        asked: String,
        /// "Tom is still coming on Wednesday 25 November at 10am, until Tom says yes."
        stays: String,
        /// Takes it back: the words of the button.
        leave: Option<(Post, &'static str)>,
        /// "Thank Tom, and move it without Tom".
        free: Option<(Post, String)>,
        /// Somebody without e-mail, whom one rings: first name, yes and no.
        rings: Vec<(String, Post, Post)>,
    },
}

/// As Tom reads it.
pub(super) fn asks_you() -> InsteadPart {
    InsteadPart::AsksYou {
        question: "Could it be Friday 27 November, 2pm to 3.30pm instead?".to_owned(),
        now: "It is on Thursday 26 November, 2pm to 3.30pm now.".to_owned(),
        said: None,
        yes: Some(sample::post("/c/heron-7f3a/rota/41/move/answer")),
        no: Some(sample::post("/c/heron-7f3a/rota/41/move/answer")),
    }
}

/// The same, answered.
pub(super) fn answered() -> InsteadPart {
    match asks_you() {
        InsteadPart::AsksYou { question, now, no, .. } => InsteadPart::AsksYou {
            question,
            now,
            said: Some("You said yes. We wait for the others.".to_owned()),
            yes: None,
            no,
        },
        other @ InsteadPart::AskedThem { .. } => other,
    }
}

/// As Ruth reads it.
pub(super) fn asked_them() -> InsteadPart {
    let post = || sample::post("/c/heron-7f3a/rota/41/move");
    InsteadPart::AskedThem {
        asked: "Asked Tom and Alan whether Friday 27 November, 2pm to 3.30pm suits instead."
            .to_owned(),
        stays: "It stays on Thursday 26 November, 2pm to 3.30pm, until they say yes.".to_owned(),
        leave: Some((post(), "Do not ask any more")),
        free: None,
        rings: vec![("Alan".to_owned(), post(), post())],
    }
}

/// The same once Tom said no.
pub(super) fn declined() -> InsteadPart {
    let post = || sample::post("/c/heron-7f3a/rota/41/move");
    InsteadPart::AskedThem {
        asked: "Tom cannot do Friday 27 November, 2pm to 3.30pm instead.".to_owned(),
        stays: "Tom is still coming on Thursday 26 November, 2pm to 3.30pm.".to_owned(),
        leave: Some((post(), "Leave it as it is")),
        free: Some((post(), "Thank Tom, and move it without Tom".to_owned())),
        rings: Vec::new(),
    }
}

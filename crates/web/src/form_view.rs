//! What a form shows again after it was sent: the words typed, and what to do about them.

/// One field as the page shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldView {
    /// What was typed or chosen; kept when something else in the form is wrong.
    pub(crate) value: String,
    /// What to do, as a sentence for the person: "Enter an e-mail address, like grace@example.com".
    pub(crate) error: Option<String>,
}

impl FieldView {
    /// A field with something in it and nothing wrong.
    pub(crate) fn filled(value: impl Into<String>) -> Self {
        Self { value: value.into(), error: None }
    }

    /// A field that must be looked at again.
    pub(crate) fn wrong(value: impl Into<String>, sentence: impl Into<String>) -> Self {
        Self { value: value.into(), error: Some(sentence.into()) }
    }

    /// The sentence, or nothing.
    pub(crate) fn sentence(&self) -> &str {
        self.error.as_deref().unwrap_or_default()
    }

    /// For radios and selects: whether this is the chosen value.
    pub(crate) fn is(&self, value: &str) -> bool {
        self.value == value
    }
}

/// What the summary at the top of a form lists: the id of the field, and the sentence beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FormErrors(Vec<(&'static str, String)>);

impl FormErrors {
    /// Collects the sentences of these fields, in the order of the page.
    pub(crate) fn of<'a>(fields: impl IntoIterator<Item = (&'static str, &'a FieldView)>) -> Self {
        let wrong = |(id, field): (&'static str, &FieldView)| Some((id, field.error.clone()?));
        Self(fields.into_iter().filter_map(wrong).collect())
    }

    /// The same for several of one kind, each with the words that say which one: "Friend 2: ".
    pub(crate) fn naming<'a>(
        fields: impl IntoIterator<Item = (&'static str, String, &'a FieldView)>,
    ) -> Self {
        let wrong = |(id, which, field): (&'static str, String, &FieldView)| {
            Some((id, format!("{which}{}", field.error.clone()?)))
        };
        Self(fields.into_iter().filter_map(wrong).collect())
    }

    /// Whether the form may be sent on.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Field id and sentence, in the order of the page.
    pub(crate) fn list(&self) -> &[(&'static str, String)] {
        &self.0
    }

    /// "one thing", "two things".
    pub(crate) fn count(&self) -> String {
        crate::words::how_many(self.0.len(), "thing", "things")
    }
}

/// Where a form goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Post {
    /// Path that takes the POST.
    pub(crate) action: String,
    /// Hidden value that makes sending twice count once.
    pub(crate) receipt: String,
    /// Other hidden values: where one was going, and what was typed before a check, sealed.
    pub(crate) hidden: Vec<(&'static str, String)>,
}

impl Post {
    /// With a hidden value, if there is one.
    pub(crate) fn with(mut self, name: &'static str, value: Option<String>) -> Self {
        self.hidden.extend(value.map(|value| (name, value)));
        self
    }
}

/// Another way in, for whoever cannot take the one that is asked for.
#[derive(Clone, Debug)]
pub(crate) enum OtherWay {
    /// Another page.
    Link(String),
    /// A form, which brings what was typed along.
    Post(Post),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_lists_what_is_wrong_in_the_order_of_the_page() {
        let name = FieldView::filled("Grace");
        let email = FieldView::wrong("grace at home", "Enter an e-mail address");
        let see = FieldView::wrong("", "Choose what Grace may see");
        let errors = FormErrors::of([("name", &name), ("email", &email), ("see", &see)]);
        assert_eq!(errors.list().iter().map(|(id, _)| *id).collect::<Vec<_>>(), ["email", "see"]);
        assert_eq!(errors.count(), "two things");
        assert!(FormErrors::of([("name", &name)]).is_empty());
    }
}

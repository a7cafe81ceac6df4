//! Which e-mails one gets, and when: the same page for whoever is signed in and for whoever
//! follows the link in a mail.

use askama::Template;

use super::layout::{Layout, Place};
use super::view::Choice;
use super::{Page, sample};
use crate::form_view::{FieldView, Post};
use crate::words;

#[expect(clippy::struct_excessive_bools, reason = "each is one box of the form")]
/// Names nobody: a mailbox is read by others.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/mail_settings.html")]
pub(crate) struct MailSettingsPage {
    pub(crate) layout: Layout,
    pub(crate) post: Post,
    /// Hour of the reminder on the day before; empty for none.
    pub(crate) day_before: FieldView,
    pub(crate) morning: bool,
    /// Hours before; empty for none.
    pub(crate) hours_before: FieldView,
    /// Hour of the one mail a day in place of reminders; empty for none.
    pub(crate) daily: FieldView,
    /// First hour in which mail is wanted.
    pub(crate) from: FieldView,
    /// Hour from which none is.
    pub(crate) until: FieldView,
    /// To be asked when somebody is needed.
    pub(crate) asked: bool,
    /// To read what one has just promised.
    pub(crate) confirmed: bool,
    /// To read on Sunday what one promised for the week.
    pub(crate) week_ahead: bool,
    /// To have it put into one's calendar.
    pub(crate) calendar: bool,
    /// No mail at all but codes.
    pub(crate) stopped: bool,
    /// The own calendar; not behind the link of a mail, which opens nothing else.
    pub(crate) feed: Option<FeedView>,
}

/// One's own calendar for calendar programs.
#[derive(Clone, Debug)]
pub(crate) struct FeedView {
    /// Its address, and what stops it.
    pub(crate) made: Option<(String, Post)>,
    /// Makes it, or another one in its place.
    pub(crate) make: Post,
}

/// "6pm".
fn hour(hour: i8) -> String {
    words::time(jiff::civil::Time::constant(hour, 0, 0, 0))
}

fn hours(hours: core::ops::RangeInclusive<i8>) -> impl Iterator<Item = Choice> {
    hours.map(|at| Choice::plain(at.to_string(), hour(at)))
}

impl MailSettingsPage {
    fn hours_of_day_before() -> Vec<Choice> {
        let none = Choice::plain("", "No reminder on the day before");
        let at = (8..=19).map(|at| Choice::plain(at.to_string(), format!("At {}", hour(at))));
        core::iter::once(none).chain(at).collect()
    }

    fn hours_of_daily() -> Vec<Choice> {
        let none = Choice::plain("", "No, remind me of each by itself");
        let at = (8..=19).map(|at| Choice::plain(at.to_string(), format!("Yes, at {}", hour(at))));
        core::iter::once(none).chain(at).collect()
    }

    fn numbers_of_hours() -> Vec<Choice> {
        let none = Choice::plain("", "No reminder so near");
        let before = |number: i8| {
            let count = usize::try_from(number).unwrap_or_default();
            let words = words::how_many(count, "hour before", "hours before");
            Choice::plain(number.to_string(), words::capital(&words))
        };
        core::iter::once(none).chain((1..=6).map(before)).collect()
    }

    fn first_hours() -> Vec<Choice> {
        hours(8..=12).collect()
    }

    fn last_hours() -> Vec<Choice> {
        hours(16..=20).collect()
    }
}

impl Page for MailSettingsPage {
    const NAME: &'static str = "mail-settings";

    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self {
            layout: sample::volunteer(Place::Details),
            post: sample::post("/me/e-mails"),
            day_before: FieldView::filled("18"),
            morning: false,
            hours_before: FieldView::filled("2"),
            daily: FieldView::default(),
            from: FieldView::filled("8"),
            until: FieldView::filled("20"),
            asked: true,
            confirmed: true,
            week_ahead: true,
            calendar: true,
            stopped: false,
            feed: Some(FeedView { made: None, make: sample::post("/me/feed") }),
        };
        let made =
            ("https://kith.example/feed/secret.ics".to_owned(), sample::post("/me/feed/stop"));
        let feed = FeedView { made: Some(made), make: sample::post("/me/feed") };
        let with_feed = Self { feed: Some(feed), ..page.clone() };
        let link = Self {
            layout: sample::nobody(),
            post: sample::post("/e-mails/1/token"),
            stopped: true,
            feed: None,
            ..page.clone()
        };
        vec![("", page), ("feed", with_feed), ("link", link)]
    }
}

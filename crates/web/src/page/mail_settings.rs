//! Which e-mails one gets, and when: the same page for whoever is signed in and for whoever
//! follows the link in a mail.

use askama::Template;
use kith_domain::MailKind;

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
pub(crate) enum FeedView {
    /// It is told on a device that is trusted, and this is none.
    Elsewhere,
    /// Makes one.
    NotMade(Post),
    /// Its address, what stops it, and what makes another in its place.
    Made { address: String, stop: Post, make: Post },
}

/// "6pm".
fn hour(hour: i8) -> String {
    words::time(jiff::civil::Time::constant(hour, 0, 0, 0))
}

fn hours(hours: core::ops::RangeInclusive<i8>) -> impl Iterator<Item = Choice> {
    hours.map(|at| Choice::plain(at.to_string(), hour(at)))
}

/// What is said of mails that nobody can turn off by themselves, in the order of the page.
const ALWAYS: [(&str, &[MailKind]); 9] = [
    (
        "A code, when you sign in or change your e-mail address; and word to the old address",
        &[MailKind::SignInCode, MailKind::AddressCode, MailKind::AddressChanged],
    ),
    (
        "When something you promised is moved or cancelled, or somebody took over from you; at night \
         too if it is within a day",
        &[MailKind::Changed, MailKind::Cancelled, MailKind::CoverFound],
    ),
    (
        "When somebody asks whether something you promised could be at another time, or asks you by \
         name to swap; and what came of it when you asked",
        &[MailKind::MoveAsked, MailKind::Told],
    ),
    (
        "Where somebody must come: when you have not said that you will be there",
        &[MailKind::PleaseConfirm],
    ),
    (
        "When a circle in which you promised something is paused, and when it goes on",
        &[MailKind::Paused, MailKind::GoesOn],
    ),
    (
        "When you are invited to a circle, or named for more",
        &[MailKind::Invitation, MailKind::Named],
    ),
    (
        "If you are a carer: when somebody can’t make it, and when that is settled; when somebody is \
         running late; when nobody has taken something for tomorrow, or where somebody must come and \
         has not said that they will be there",
        &[MailKind::CoverWanted, MailKind::NobodyYet, MailKind::NoWord],
    ),
    ("If you are a carer: when somebody asks to join the circle", &[MailKind::AsksToJoin]),
    (
        "If you are a coordinator: when there is something new in the private notes, at most once an \
         hour; and when nobody has taken something for which somebody must come",
        &[MailKind::Concern, MailKind::Uncovered],
    ),
];

impl MailSettingsPage {
    fn always() -> impl Iterator<Item = &'static str> {
        ALWAYS.iter().map(|(words, _)| *words)
    }

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
            feed: Some(FeedView::NotMade(sample::post("/me/feed"))),
        };
        let feed = FeedView::Made {
            address: "https://kith.example/feed/secret.ics".to_owned(),
            stop: sample::post("/me/feed/stop"),
            make: sample::post("/me/feed"),
        };
        let with_feed = Self { feed: Some(feed), ..page.clone() };
        let elsewhere = Self { feed: Some(FeedView::Elsewhere), ..page.clone() };
        let link = Self {
            layout: sample::nobody(),
            post: sample::post("/e-mails/1/token"),
            stopped: true,
            feed: None,
            ..page.clone()
        };
        vec![("", page), ("feed", with_feed), ("elsewhere", elsewhere), ("link", link)]
    }
}

#[cfg(test)]
mod tests {
    use kith_domain::MailChoice;

    use super::*;

    #[test]
    fn every_mail_that_cannot_be_turned_off_is_listed() {
        let none = MailChoice {
            asked: false,
            confirmed: false,
            reminders: kith_domain::ReminderChoice::NONE,
            ..MailChoice::ORDINARY
        };
        for kind in MailKind::ALL {
            // Reminders are chosen one by one, and nobody of the organisation gets figures.
            let always =
                none.wants(*kind) && !matches!(kind, MailKind::Reminder | MailKind::Figures);
            let listed = ALWAYS.iter().any(|(_, kinds)| kinds.contains(kind));
            assert_eq!(listed, always, "{kind}");
        }
    }
}

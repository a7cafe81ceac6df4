//! Which e-mails one gets, and when.

use kith_app::{MailForm, MyFeed};
use kith_domain::MailChoice;
use kith_domain::ids::MailId;

use super::{Answered, go, page};
use crate::form_view::{FieldView, Post};
use crate::http::address::Path;
use crate::http::caller::Caller;
use crate::http::fields::Fields;
use crate::page::layout::{Layout, Place};
use crate::page::mail_settings::{FeedView, MailSettingsPage};

type Link = Path<(MailId, String)>;

fn show(layout: Layout, post: Post, choice: MailChoice) -> MailSettingsPage {
    let filled = |hour: Option<i8>| {
        FieldView::filled(hour.map_or_else(String::new, |hour| hour.to_string()))
    };
    MailSettingsPage {
        layout,
        post,
        day_before: filled(choice.reminders.day_before),
        morning: choice.reminders.morning,
        hours_before: filled(choice.reminders.hours_before),
        daily: filled(choice.daily),
        from: filled(Some(choice.hours.from())),
        until: filled(Some(choice.hours.until())),
        asked: choice.asked,
        confirmed: choice.confirmed,
        week_ahead: choice.week_ahead,
        calendar: choice.calendar,
        stopped: choice.stopped,
        feed: None,
    }
}

fn typed(fields: &Fields) -> MailForm<'_> {
    MailForm {
        day_before: fields.get("day_before"),
        morning: fields.has("morning"),
        hours_before: fields.get("hours_before"),
        daily: fields.get("daily"),
        from: fields.get("from"),
        until: fields.get("until"),
        asked: fields.has("asked"),
        confirmed: fields.has("confirmed"),
        week_ahead: fields.has("week_ahead"),
        calendar: fields.has("calendar"),
        stopped: fields.has("stopped"),
    }
}

/// GET, when signed in.
pub(crate) async fn own_page(caller: Caller) -> Answered {
    let choice = caller.web.app.my_mail_settings(&caller.visit).await?;
    let feed = caller.web.app.my_feed(&caller.visit).await?;
    let make = caller.post("/me/feed");
    let feed = Some(match feed {
        MyFeed::Elsewhere => FeedView::Elsewhere,
        MyFeed::NotMade => FeedView::NotMade(make),
        MyFeed::Made(feed) => {
            FeedView::Made { address: feed.address, stop: caller.post("/me/feed/stop"), make }
        }
    });
    let (layout, post) = (caller.volunteer(None, Place::Details), caller.post("/me/e-mails"));
    page(&MailSettingsPage { feed, ..show(layout, post, choice) })
}

/// POST, when signed in.
pub(crate) async fn own(caller: Caller, fields: Fields) -> Answered {
    let receipt = fields.receipt()?;
    caller.web.app.save_my_mail_settings(&caller.visit, typed(&fields), receipt).await?;
    go("/me/e-mails?said=saved")
}

/// GET through the link in a mail: changes nothing, however often it is fetched.
pub(crate) async fn by_link_page(caller: Caller, Path((mail, token)): Link) -> Answered {
    let choice = caller.web.app.mail_settings_by_link(&caller.visit, mail, &token).await?;
    let post = caller.post(format!("/e-mails/{mail}/{token}"));
    page(&show(caller.plain(), post, choice))
}

/// POST from that page.
pub(crate) async fn by_link(caller: Caller, Path((mail, token)): Link, fields: Fields) -> Answered {
    let (receipt, app) = (fields.receipt()?, &caller.web.app);
    let form = typed(&fields);
    app.save_mail_settings_by_link(&caller.visit, mail, &token, form, receipt).await?;
    go(&format!("/e-mails/{mail}/{token}?said=saved"))
}

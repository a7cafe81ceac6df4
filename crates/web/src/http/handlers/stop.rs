//! The link in every mail that stops the mails (RFC 8058).

use crate::http::address::Path;
use kith_domain::ids::MailId;

use super::{Answered, page};
use crate::http::caller::Caller;
use crate::page::stop_mail::StopMailPage;

type Link = Path<(MailId, String)>;

/// GET: a button, and nothing before it.
pub(crate) async fn ask(caller: Caller, Path((mail, token)): Link) -> Answered {
    let view = caller.web.app.stop_mail_page(&caller.visit, mail, &token).await?;
    let post = (!view.stopped).then(|| caller.post(format!("/stop/{mail}/{token}")));
    page(&StopMailPage { layout: caller.plain(), stop: post, settings: view.settings })
}

/// POST: from the button, or from a mail program. Needs no cookie and uses none; twice is once.
pub(crate) async fn stop(caller: Caller, Path((mail, token)): Link) -> Answered {
    let view = caller.web.app.stop_mail(&caller.visit, mail, &token).await?;
    page(&StopMailPage { layout: caller.plain(), stop: None, settings: view.settings })
}

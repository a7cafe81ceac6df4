//! The demonstration's own pages: doors, time and mails. Their routes are there in it only.

use std::sync::Arc;
use std::time::Duration;

use crate::http::address::{Path, Query};
use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse};
use jiff::civil::time;
use kith_app::{DEMO_NUMBER, DemoPerson};
use kith_domain::Timestamp;
use serde::Deserialize;

use super::sign_in::{Carried, let_in};
use super::{Answered, go, page};
use crate::http::answer::{Answer, encoded};
use crate::http::caller::{Caller, circle_path};
use crate::http::fields::Fields;
use crate::http::{DemoDoors, KeptMail};
use crate::page::demo::{
    DemoDoor, DemoFrontPage, DemoMailPage, DemoMailRow, DemoMailsPage, DemoStep,
};
use crate::words;

/// Mails on one page.
const MAILS: usize = 30;
/// Mails that are looked through for those of one person.
const MOST_MAILS: usize = 2_000;
/// Mails on the page of the doors.
const LATEST: usize = 5;
/// Instants that one step goes through at most.
const MOST_INSTANTS: usize = 1_000;
/// Looks at the outbox after which the worker is not waited for any longer.
const MOST_LOOKS: usize = 300;
/// The longest that one look is waited for.
const ONE_LOOK: Duration = Duration::from_secs(5);
/// Days within which the next mail is looked for.
const LOOK_AHEAD_DAYS: i64 = 14;

fn doors(caller: &Caller) -> Result<Arc<dyn DemoDoors>, Answer> {
    caller.web.demo.clone().ok_or(Answer::NotHere)
}

const fn about(who: DemoPerson) -> &'static str {
    match who {
        DemoPerson::Ruth => "Margaret’s daughter. She set up the circle and keeps the rota.",
        DemoPerson::Margaret => {
            "It is her circle. She decides who sees what, and sees who has looked."
        }
        DemoPerson::Joan => "An old friend. She may open the private page.",
        DemoPerson::Tom => "A neighbour. He sees just the rota, and has promised a visit.",
        DemoPerson::Derek => "A patient who runs his own circle, Otter.",
        DemoPerson::Amira => "A coordinator of the hospice. She sees gaps, and no names.",
        DemoPerson::TomsMailbox => {
            "Signed in with a code from Tom’s mail, on a device that nobody trusts."
        }
    }
}

fn door(caller: &Caller, who: DemoPerson) -> DemoDoor {
    let by_mail_only = who == DemoPerson::TomsMailbox;
    // Margaret has a tablet and no e-mail.
    let has_mailbox = !by_mail_only && who != DemoPerson::Margaret;
    DemoDoor {
        name: if by_mail_only {
            "Somebody with Tom’s mailbox only".to_owned()
        } else {
            who.first_name().to_owned()
        },
        about: about(who).to_owned(),
        enter: caller.post("/demo/be").with("who", Some(who.as_str().to_owned())),
        mailbox: has_mailbox.then(|| mailbox_of(who)),
    }
}

fn mailbox_of(who: DemoPerson) -> String {
    format!("/demo/mailbox?to={}", who.as_str())
}

fn row(caller: &Caller, mail: &KeptMail) -> DemoMailRow {
    let known = DemoPerson::ALL.into_iter().find(|who| who.email() == mail.to);
    DemoMailRow {
        to: known.map_or_else(|| mail.to.clone(), |who| who.first_name().to_owned()),
        subject: mail.subject.clone(),
        when: words::date_and_time(caller.visit.organisation.zone.local(mail.at)),
        href: format!("/demo/mailbox/{}", mail.id),
    }
}

/// GET: who to be, how far to go, what was written.
pub(crate) async fn front(caller: Caller) -> Answered {
    let latest = doors(&caller)?.mails(0, LATEST);
    let step = |words, to: &str| DemoStep {
        words,
        go: caller.post("/demo/forward").with("to", Some(to.to_owned())),
    };
    page(&DemoFrontPage {
        layout: caller.plain(),
        doors: DemoPerson::ALL.into_iter().map(|who| door(&caller, who)).collect(),
        number: DEMO_NUMBER.to_owned(),
        time: words::date_and_time(caller.visit.organisation.zone.local(caller.visit.now())),
        forward: vec![
            step("To the next e-mail", "mail"),
            step("To tomorrow at 8am", "morning"),
            step("On by a day", "day"),
            step("On by a week", "week"),
        ],
        mails: "/demo/mailbox".to_owned(),
        latest: latest.iter().map(|mail| row(&caller, mail)).collect(),
    })
}

/// POST: comes in as somebody.
pub(crate) async fn be(caller: Caller, fields: Fields) -> Answered {
    doors(&caller)?;
    let who = DemoPerson::parse(fields.get("who")).ok_or(Answer::OldForm)?;
    let new = caller.web.app.demo_come_in(&caller.visit, who).await?;
    let home = match (who, caller.web.app.demo_circle(who)) {
        (DemoPerson::TomsMailbox, _) => mailbox_of(DemoPerson::Tom),
        (_, Some(circle)) => format!("{}/", circle_path(circle)),
        (_, None) => "/h".to_owned(),
    };
    let_in(&caller, new, &Carried::default(), &home)
}

/// POST: lets time pass, stopping at every instant at which something is due.
pub(crate) async fn forward(caller: Caller, fields: Fields) -> Answered {
    let doors = doors(&caller)?;
    let zone = &caller.visit.organisation.zone;
    let now = caller.web.app.now();
    let days_on = |days| zone.instant(zone.local(now).saturating_add(jiff::Span::new().days(days)));
    let tomorrow = zone.date(now.plus_days(1)).to_datetime(time(8, 0, 0, 0));
    let (target, until_mail) = match fields.get("to") {
        "mail" => (now.plus_days(LOOK_AHEAD_DAYS), true),
        "morning" => (zone.instant(tomorrow), false),
        "day" => (days_on(1), false),
        "week" => (days_on(7), false),
        _ => return Err(Answer::OldForm),
    };
    pass(&caller, &*doors, target, until_mail).await?;
    go("/demo#time")
}

async fn pass(
    caller: &Caller,
    doors: &dyn DemoDoors,
    target: Timestamp,
    until_mail: bool,
) -> Result<(), Answer> {
    let app = &caller.web.app;
    let newest = || doors.mails(0, 1).pop().map(|mail| mail.id);
    settle(caller).await?;
    let before = newest();
    for _ in 0..MOST_INSTANTS {
        let due = app.next_due().await?.filter(|due| *due > app.now() && *due <= target);
        let Some(due) = due else { break };
        doors.move_to(due);
        settle(caller).await?;
        if until_mail && newest() != before {
            return Ok(());
        }
    }
    if !until_mail {
        doors.move_to(target);
        settle(caller).await?;
    }
    Ok(())
}

/// Does what is planned for this instant and waits until the mails that are due have left, so that
/// the page that comes back shows them.
async fn settle(caller: &Caller) -> Result<(), Answer> {
    let app = &caller.web.app;
    for _ in 0..MOST_LOOKS {
        let looked = app.outbox_looked_at();
        let ahead = app.work_ahead().await?;
        let due = app.next_due().await?.is_some_and(|due| due <= app.now());
        if !ahead && !due {
            break;
        }
        (caller.web.mail_waits)();
        // Nobody looks any more when the program is told to stop.
        drop(tokio::time::timeout(ONE_LOOK, looked).await);
    }
    Ok(())
}

/// Whose mails, and which page of them.
#[derive(Deserialize)]
pub(crate) struct Which {
    to: Option<String>,
    page: Option<usize>,
}

/// GET: mails, newest first.
pub(crate) async fn mailbox(caller: Caller, Query(which): Query<Which>) -> Answered {
    let doors = doors(&caller)?;
    let who = which.to.as_deref().and_then(DemoPerson::parse);
    let number = which.page.unwrap_or(1).max(1);
    let skip = (number - 1).saturating_mul(MAILS);
    let mut mails: Vec<KeptMail> = match who {
        None => doors.mails(skip, MAILS + 1),
        Some(who) => {
            let own = doors.mails(0, MOST_MAILS).into_iter().filter(|mail| mail.to == who.email());
            own.skip(skip).take(MAILS + 1).collect()
        }
    };
    let more = mails.len() > MAILS;
    mails.truncate(MAILS);
    let address = |page: usize| match who {
        None => format!("/demo/mailbox?page={page}"),
        Some(who) => format!("{}&page={page}", mailbox_of(who)),
    };
    page(&DemoMailsPage {
        layout: caller.plain(),
        back: "/demo".to_owned(),
        mailbox: who.map(|who| who.first_name().to_owned()),
        mails: mails.iter().map(|mail| row(&caller, mail)).collect(),
        all: who.map(|_| "/demo/mailbox".to_owned()),
        older: more.then(|| address(number + 1)),
        newer: (number > 1).then(|| address(number - 1)),
    })
}

/// The links of a text, as paths of ours, each with the words on the line before it.
fn links(text: &str, base_url: &str) -> Vec<(String, String)> {
    let mut before = "";
    let mut links = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        match line.strip_prefix(base_url).filter(|path| path.starts_with('/')) {
            Some(path) => links.push((before.trim_end_matches(':').to_owned(), path.to_owned())),
            None => before = line,
        }
    }
    links
}

/// GET: one mail.
pub(crate) async fn mail(caller: Caller, Path(id): Path<String>) -> Answered {
    let mail = doors(&caller)?.mail(&id).ok_or(Answer::NotHere)?;
    page(&DemoMailPage {
        layout: caller.plain(),
        back: "/demo/mailbox".to_owned(),
        mail: row(&caller, &mail),
        links: links(&mail.text, &caller.web.base_url),
        html: (!mail.html.is_empty()).then(|| format!("/demo/mailbox/{}/html", encoded(&mail.id))),
        text: mail.text,
    })
}

/// GET: the HTML part as a mail program shows it: its own styles, and nothing else of it works but
/// links.
pub(crate) async fn mail_html(caller: Caller, Path(id): Path<String>) -> Answered {
    const ONLY_STYLES: HeaderValue = HeaderValue::from_static(
        "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; \
         frame-ancestors 'none'",
    );
    let mail = doors(&caller)?.mail(&id).ok_or(Answer::NotHere)?;
    Ok(([(header::CONTENT_SECURITY_POLICY, ONLY_STYLES)], Html(mail.html)).into_response())
}

#[cfg(test)]
mod tests {
    use super::links;

    #[test]
    fn only_links_to_here_are_offered_with_the_words_before_them() {
        let text = "Hello\n\nOpen your task:\nhttps://kith.example/s/1/abc\n\n\
                    https://kith.example.evil/x\nhttps://elsewhere.example/\n--\nBye";
        let found = links(text, "https://kith.example");
        assert_eq!(found, [("Open your task".to_owned(), "/s/1/abc".to_owned())]);
    }
}

//! Leaks of each kind, planted: whatever looks for leaks must find them.

use kith_tests::both;
use kith_vault::Field;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::house::House;
use crate::logs::{self, Log};
use crate::mails::{self, Mail};
use crate::marks::{Marks, Seen, Whose};
use crate::requests::{Answer, Case, Web};
use crate::search::{PREFIX, base64, hex};
use crate::storage;
use crate::visitors::{Sure, Visitor, Who};
use crate::walk::leaks;

const ROUTE: &str = "/c/{circle}/private";

fn answer(header: &str, body: &str) -> Answer {
    let mut headers = http::HeaderMap::new();
    headers.insert("location", header.parse().unwrap());
    Answer { status: 200, headers, body: body.as_bytes().to_vec() }
}

fn visitor(who: Who, sure: Sure) -> Visitor {
    let (host, cookies) = ("kith.example", String::new());
    Visitor { who, sure, host, cookies, enrolment: None }
}

#[test]
fn a_marker_in_an_answer_is_found() {
    let mut marks = Marks::default();
    let care = marks.make(Field::CareComfort, Whose::Circle);
    let typed = marks.make(Field::News, Whose::Typed);
    let find = |header: &str, body: &str, who, sure| {
        let typed = format!("news={typed}");
        let visitor = visitor(who, sure);
        leaks(&answer(header, body), &typed, &marks, &visitor, ROUTE, &mut Seen::default()).len()
    };
    let (friend, fresh) = (Who::FriendPrivate, Sure::Fresh);
    let page = format!("<p>{care}</p>");
    assert_eq!(find("/", &page, friend, fresh), 0, "who was named sees it");
    assert_eq!(
        find("/", &format!("<p>{typed}</p>"), friend, fresh),
        0,
        "what was typed comes back"
    );
    assert_eq!(find("/", &page, friend, Sure::Trusted), 1, "not sure enough");
    assert_eq!(find("/", &page, Who::FriendNews, fresh), 1, "not named for it");
    assert_eq!(find("/", &page, Who::Coordinator, fresh), 1, "the hospice");
    assert_eq!(find(&format!("/?said={care}"), "", friend, fresh), 1, "in an address");
    assert_eq!(find(&format!("/?said={typed}"), "", friend, fresh), 1, "typed, in an address");
    for body in [base64(care.as_bytes()), hex(&care), care.to_lowercase()] {
        assert_eq!(find("/", &body, Who::FriendNews, fresh), 1, "{body}");
    }
    let elsewhere = visitor(friend, fresh);
    let found =
        leaks(&answer("/", &page), "", &marks, &elsewhere, "/c/{circle}/", &mut Seen::default());
    assert_eq!(found.len(), 1, "on a page that does not show it");
}

#[test]
fn a_marker_in_a_mail_is_found() {
    let mut marks = Marks::default();
    let patient = marks.make(Field::PatientName, Whose::Circle);
    let inviter = marks.make(Field::InviterName, Whose::Circle);
    let to = marks.make_address(Whose::Of(Who::FriendRota));
    let other = marks.make_address(Whose::Of(Who::FriendNews));
    let mail = |subject: &str, text: &str, html: &str| {
        let bytes = format!(
            "To: {to}\r\nSubject: {subject}\r\n\
             Content-Type: multipart/alternative; boundary=\"b\"\r\n\r\n\
             --b\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: quoted-printable\r\n\r\n{text}\r\n\
             --b\r\nContent-Type: text/html; charset=utf-8\r\n\
             Content-Transfer-Encoding: 7bit\r\n\r\n{html}\r\n--b--\r\n"
        );
        mails::leaks(&Mail { to: to.clone(), bytes: bytes.into_bytes() }, &marks).len()
    };
    assert_eq!(mail("Thursday", "Heron", "Heron"), 0);
    assert!(mail(&format!("{patient} on Thursday"), "", "") > 0, "in the subject");
    assert!(mail("", &format!("for {patient}"), "") > 0, "in the text");
    // Broken in two by quoted-printable.
    let (start, end) = patient.split_at(9);
    assert!(mail("", &format!("for {start}=\r\n{end}"), "") > 0, "in the encoded text");
    assert!(mail("", "", &format!("<b>{patient}</b>")) > 0, "in the HTML");
    assert!(mail("", &format!("from {other}"), "") > 0, "another person");
    assert!(mail("", &format!("{inviter} asks"), "") > 0, "no invitation");
    assert_eq!(mail("", &format!("{inviter} asks\nhttps://kith.example/i/x"), ""), 0);
    let raw = Mail { to: to.clone(), bytes: b"no mail".to_vec() };
    assert_eq!(mails::leaks(&raw, &marks).len(), 1, "what cannot be read is no mail of ours");
}

#[test]
fn a_marker_or_a_secret_in_the_log_is_found() {
    let mut marks = Marks::default();
    let address = marks.make(Field::Address, Whose::Circle);
    let secrets = ["736194".to_owned(), "blue teapot".to_owned(), "x".repeat(43)];
    let find = |work: &dyn Fn()| logs::leaks(&Log::during(work).bytes(), &marks, &secrets).len();
    assert_eq!(find(&|| tracing::trace!(circle = "1736194", "opened")), 0);
    assert_eq!(find(&|| tracing::trace!("opened {address}")), 1, "at the lowest level");
    assert_eq!(find(&|| tracing::info_span!("request", %address).in_scope(|| ())), 1, "in a span");
    assert_eq!(find(&|| tracing::debug!(to = "somebody@canary.example", "sent")), 1);
    for secret in &secrets {
        assert_eq!(find(&|| tracing::warn!(secret, "wrong")), 1, "{secret}");
    }
}

both! {
    /// A text that is stored as it is leaks into the raw database, a page and a mail.
    async fn a_marker_that_is_not_sealed_is_found(database) {
        let house = House::new(database).await;
        for raw in storage::raw(database).await {
            assert_eq!(storage::leaks(&raw, &house.marks, &house.secrets), Vec::<String>::new());
        }
        let beside = database.connect().await;
        let statement = Statement::from_sql_and_values(
            beside.get_database_backend(),
            "UPDATE circle SET nature_name = $1 WHERE id = $2",
            [format!("{PREFIX}plain").into(), house.things.circle.as_uuid().into()],
        );
        beside.execute_raw(statement).await.unwrap();
        // A token as it is, in a column of words.
        let statement = Statement::from_sql_and_values(
            beside.get_database_backend(),
            "UPDATE circle SET area = $1 WHERE id = $2",
            [house.secrets[0].clone().into(), house.things.circle.as_uuid().into()],
        );
        beside.execute_raw(statement).await.unwrap();
        let raws = storage::raw(database).await;
        for raw in raws.iter().filter(|(name, _)| name != "the database-shm") {
            let leaks = storage::leaks(raw, &house.marks, &house.secrets);
            // Before a checkpoint a change is only in the log, and what the planner remembers of a
            // column depends on how often a value occurs in it.
            let least = match raw.0.as_str() {
                "the database" => 0,
                "pg_statistic" => 1,
                _ => 2,
            };
            assert!(leaks.len() >= least, "{}: {leaks:?}", raw.0);
        }
        let case = Case { method: kith_web::Method::Get, route: "/me/rota", about: "" };
        let friend = house.visitor("friend-rota/signed-in");
        let web = Web::new(&house);
        let (page, _) = web.ask(&case, friend, &house.things, &house.marks).await;
        let found = leaks(&page, "", &house.marks, friend, case.route, &mut Seen::default());
        assert!(!found.is_empty(), "the page says it");
        let mut post = mails::Post::of(database).await;
        post.deliver(&house).await;
        let mails = post.sent();
        assert!(mails.iter().any(|mail| !mails::leaks(mail, &house.marks).is_empty()), "a mail says it");
        post.end().await;
        beside.close().await.unwrap();
    }
}

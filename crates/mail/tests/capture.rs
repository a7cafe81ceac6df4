//! The demo's mailbox.

use std::os::unix::fs::PermissionsExt as _;

use kith_domain::{EmailAddress, Timestamp};
use kith_mail::{
    Accepted, Capture, DeliveryError, Link, Message, Reason, Stamp, Transport, render,
};

#[expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]
fn code(digits: &str) -> (EmailAddress, Vec<u8>) {
    let to = EmailAddress::parse("tom@example.org").expect("an address");
    let link = Link::parse("http://localhost:8080/sign-in/token").expect("a link");
    let stamp = Stamp {
        message_id: "0123456789abcdef".to_owned(),
        date: Timestamp::from_second(1_795_455_000),
        boundary: "fedcba9876543210".to_owned(),
        to: to.clone(),
        from: EmailAddress::parse("reminders@kith.example").expect("an address"),
        reply_to: None,
        unsubscribe: None,
        settings: None,
        calendar: Vec::new(),
    };
    let message = Message::SignInCode { code: digits.to_owned(), link };
    (to, render(&message, &stamp).expect("a mail"))
}

#[tokio::test]
async fn mails_are_kept_and_read_back_newest_first_by_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mails");
    let capture = Capture::open(&path).unwrap();
    assert_eq!(capture.list(None, 10).unwrap(), []);
    for digits in ["111111", "222222", "333333"] {
        let (to, bytes) = code(digits);
        assert_eq!(capture.deliver(&to, &bytes).await, Ok(Accepted { code: 250 }));
    }
    let page = capture.list(None, 2).unwrap();
    let seen: Vec<_> = page.iter().map(|mail| (mail.number, &mail.text[..])).collect();
    assert!(matches!(seen[..], [(3, third), (2, second)]
        if third.contains("333 333") && second.contains("222 222")));
    let rest = capture.list(Some(2), 2).unwrap();
    assert_eq!(rest.len(), 1);
    let [oldest] = &rest[..] else { panic!("one is left") };
    assert_eq!(oldest.to, "tom@example.org");
    assert_eq!(oldest.subject, "Your code for Kith");
    assert_eq!(oldest.date, "Mon, 23 Nov 2026 17:30:00 +0000");
    assert!(oldest.text.contains("http://localhost:8080/sign-in/token"));
    assert!(oldest.html.contains("<h1"));
    assert_eq!(capture.get(1).unwrap().as_ref(), Some(oldest));
    assert_eq!(capture.get(9).unwrap(), None);

    // Numbers go on after a new start, and nobody else can read them.
    let again = Capture::open(&path).unwrap();
    let (to, bytes) = code("444444");
    again.deliver(&to, &bytes).await.unwrap();
    assert_eq!(again.list(None, 1).unwrap()[0].number, 4);
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(path.clone()), 0o700);
    let names: Vec<_> = std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()).collect();
    assert_eq!(names.len(), 4);
    for name in names {
        assert_eq!(mode(name), 0o600);
    }
}

#[tokio::test]
async fn other_files_are_left_out_and_a_missing_folder_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mails");
    let capture = Capture::open(&path).unwrap();
    std::fs::write(path.join("notes.txt"), "x").unwrap();
    std::fs::write(path.join("0000000007.eml"), "not a mail of ours").unwrap();
    assert_eq!(capture.list(None, 10).unwrap(), []);
    std::fs::remove_dir_all(&path).unwrap();
    let (to, bytes) = code("111111");
    let answer = capture.deliver(&to, &bytes).await;
    assert_eq!(answer, Err(DeliveryError::Retry(Reason::Disk)));
}

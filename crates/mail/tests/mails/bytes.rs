//! Headers, lengths and links of the mails as they are sent.

use std::collections::BTreeSet;

use kith_domain::{EmailAddress, ReminderKind, TaskKind};
use kith_mail::read::read;
use kith_mail::{Link, Message, RenderError, Stamp, render};

use crate::samples::{address, all, code, invitation, reminder, rendered, stamp};

const HEADERS: [&str; 11] = [
    "Date",
    "Message-ID",
    "From",
    "To",
    "Subject",
    "Reply-To",
    "Auto-Submitted",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
];

#[test]
fn headers_are_those_of_the_list_in_this_order() {
    let visit = reminder(TaskKind::Visit, ReminderKind::DayBefore);
    let mail = rendered(&visit);
    let names: Vec<&str> = mail.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, HEADERS);
    for (name, value) in [
        ("Date", "Mon, 23 Nov 2026 17:30:00 +0000"),
        ("Message-ID", "<0123456789abcdef0123456789abcdef@kith.example>"),
        ("From", "Kith <reminders@kith.example>"),
        ("To", "tom@example.org"),
        ("Reply-To", "office@hospice.example"),
        ("Auto-Submitted", "auto-generated"),
        ("List-Unsubscribe", "<https://kith.example/u/token>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
        ("Content-Type", "multipart/alternative; boundary=\"fedcba9876543210fedcba9876543210\""),
    ] {
        assert_eq!(mail.header(name), Some(value));
    }
    let bytes = String::from_utf8(render(&visit, &stamp()).unwrap()).unwrap();
    assert!(bytes.contains("Content-Transfer-Encoding: 7bit"));
}

#[test]
fn codes_word_of_a_changed_address_and_figures_cannot_be_unsubscribed_from_and_all_else_can() {
    let always = ["sign_in_code", "address_code", "address_changed", "figures"];
    for message in all() {
        let mail = rendered(&message);
        let has = mail.header("List-Unsubscribe").is_some();
        assert_eq!(has, !always.contains(&message.as_str()));
        assert_eq!(mail.header("List-Unsubscribe-Post").is_some(), has);
        for without in [Stamp { unsubscribe: None, ..stamp() }, Stamp { settings: None, ..stamp() }]
        {
            let answer = render(&message, &without);
            assert_eq!(answer.is_ok(), !has);
            if has {
                assert_eq!(answer, Err(RenderError::NoUnsubscribe));
            }
        }
    }
}

#[test]
fn the_same_mail_is_the_same_bytes() {
    for message in all() {
        let first = render(&message, &stamp()).unwrap();
        for _ in 0..3 {
            assert_eq!(render(&message.clone(), &stamp().clone()).unwrap(), first);
        }
    }
    let different: BTreeSet<Vec<u8>> =
        all().iter().map(|message| render(message, &stamp()).unwrap()).collect();
    assert_eq!(different.len(), all().len());
}

#[test]
fn lines_and_sizes_keep_their_limits() {
    for message in all() {
        let bytes = render(&message, &stamp()).unwrap();
        assert!(bytes.is_ascii());
        for line in bytes.split(|byte| *byte == b'\n') {
            assert!(line.len() <= 998, "RFC 5322 section 2.1.1: {}", line.len());
        }
        assert!(!bytes.windows(2).any(|pair| pair[1] == b'\n' && pair[0] != b'\r'));
        let mail = read(&bytes).unwrap();
        for line in mail.text.lines() {
            assert!(line.chars().count() <= 72 || line.starts_with("https://"), "{line}");
        }
        assert!(mail.html.len() < 6 * 1024, "{message:?}: {}", mail.html.len());
    }
}

#[test]
fn there_is_one_link_to_act_one_to_choose_and_one_host() {
    for message in all() {
        let mail = rendered(&message);
        let link = message.link().as_str();
        for (part, body) in [("text", &mail.text), ("html", &mail.html)] {
            let chosen = usize::from(message.has_unsubscribe());
            assert_eq!(body.matches("://").count(), 1 + chosen, "{part} of {message:?}");
            assert_eq!(body.matches(link).count(), 1, "{part} of {message:?}");
            let settings = "https://kith.example/e/token";
            assert_eq!(body.matches(settings).count(), chosen, "{part} of {message:?}");
        }
        for word in ["src=", "<img", "url(", "<script", "<form", "@import", "<link", "tel:"] {
            assert!(!mail.html.contains(word), "{word} in {message:?}");
        }
        assert_eq!(mail.link().as_ref(), Some(message.link()));
    }
    let other = || Some(Link::parse("https://other.example/u").unwrap());
    for elsewhere in
        [Stamp { unsubscribe: other(), ..stamp() }, Stamp { settings: other(), ..stamp() }]
    {
        assert_eq!(render(&invitation(None), &elsewhere), Err(RenderError::TwoHosts));
    }
}

#[test]
fn the_button_is_large_and_the_page_one_column() {
    let html = rendered(&reminder(TaskKind::Visit, ReminderKind::DayBefore)).html;
    let button = html.split_once("<a href=").unwrap().1.split_once('>').unwrap().0;
    let pixels = |property: &str| -> u32 {
        let value = button.split_once(property).unwrap().1;
        value[..value.find("px").unwrap()].parse().unwrap()
    };
    assert!(pixels(";padding:") * 2 + pixels("line-height:") + pixels("border:") * 2 >= 52);
    assert!(html.contains("max-width:560px"));
    assert!(html.contains("prefers-color-scheme:dark"));
    assert_eq!(html.matches("<h1").count(), 1);
    assert!(html.contains("<html lang=\"en-GB\">"));
}

/// Whatever stands in the stamp may appear in its own header and nowhere else.
#[test]
fn addresses_appear_in_their_headers_only() {
    let mut canaries = stamp();
    canaries.to = address("canary-recipient@example.org");
    canaries.from = address("canary-sender@kith.example");
    canaries.reply_to = Some(address("canary-reply@hospice.example"));
    for message in all() {
        let mail = read(&render(&message, &canaries).unwrap()).unwrap();
        for (canary, header) in
            [("recipient", "To"), ("canary-sender", "From"), ("canary-reply", "Reply-To")]
        {
            let holders: Vec<&str> = mail
                .headers
                .iter()
                .filter(|(_, value)| value.contains(canary))
                .map(|(name, _)| name.as_str())
                .collect();
            assert_eq!(holders, [header], "{canary}");
        }
        assert!(!mail.text.contains("canary") && !mail.html.contains("canary"));
    }
}

#[test]
fn what_would_break_a_header_is_refused() {
    let visit = reminder(TaskKind::Visit, ReminderKind::DayBefore);
    for bad in ["", "short", "id@elsewhere", "0123456789\r\nBcc: x@y.example", "0123456789>", "é"]
    {
        let mut stamp = stamp();
        stamp.message_id = bad.to_owned();
        assert_eq!(render(&visit, &stamp), Err(RenderError::Stamp), "{bad:?}");
    }
    for bad in ["", "0123456789", "0123456789abcdef\"", "0123456789abcdef\r\nBcc: x@y.example"] {
        let mut stamp = stamp();
        stamp.boundary = bad.to_owned();
        assert_eq!(render(&visit, &stamp), Err(RenderError::Stamp), "{bad:?}");
    }
    for bad in ["", "12345", "1234567", "12345a", "123 45", "12345\n", "<b>12a"] {
        let message = match code() {
            Message::SignInCode { link, .. } => Message::SignInCode { code: bad.to_owned(), link },
            other => other,
        };
        assert_eq!(render(&message, &stamp()), Err(RenderError::Code), "{bad:?}");
    }
    // Nor does an address with a line break exist in the first place.
    assert!(EmailAddress::parse("tom@example.org\r\nBcc: x@y.example").is_err());
}

#[test]
fn addresses_of_every_kind_stay_one_recipient() {
    for typed in ["o'hara+rota@example.co.uk", "a.b-c_d@sub.example.org", "grâce@exämple.fr"] {
        let mut stamp = stamp();
        stamp.to = address(typed);
        let bytes = render(&invitation(None), &stamp).unwrap();
        let mail = read(&bytes).unwrap();
        let names: Vec<&str> = mail.headers.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, HEADERS, "{typed}");
        let to = mail.header("To").unwrap();
        assert!(!to.contains([',', ';']), "{to}");
    }
}

proptest::proptest! {
    #[test]
    fn no_name_gets_out_of_its_place(name in "\\PC{1,40}") {
        let Ok(inviter) = kith_domain::PersonName::parse(&name) else { return Ok(()) };
        let Message::Invitation { circle, link, .. } = invitation(None) else { return Ok(()) };
        let message = Message::Invitation { inviter: Some(inviter), circle, link };
        let mail = rendered(&message);
        let names: Vec<&str> = mail.headers.iter().map(|(name, _)| name.as_str()).collect();
        proptest::prop_assert_eq!(names, HEADERS);
        proptest::prop_assert_eq!(mail.text.matches("://").count(), 2);
        proptest::prop_assert_eq!(mail.html.matches('<').count(), rendered(&invitation(None)).html.matches('<').count());
        proptest::prop_assert_eq!(mail.header("Subject"), Some("Somebody has asked for your help"));
    }
}

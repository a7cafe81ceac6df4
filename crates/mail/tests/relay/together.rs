//! Commands that are sent together to a relay that offers it (RFC 2920).

use std::time::Duration;

use kith_mail::{DeliveryError, Limits, Reason, Transport as _};

use crate::script::{Script, address, plain, serve};

const MAIL: &[u8] = b"Subject: test\r\n\r\nGrace is well.\r\n";

fn offering() -> Script {
    Script { offers: vec!["SIZE 10240000", "PIPELINING"], ..Script::default() }
}

#[tokio::test]
async fn what_comes_before_a_mail_is_sent_at_once_where_the_relay_offers_it() {
    for (script, together) in [(offering(), 4), (Script::default(), 0)] {
        let (port, seen) = serve(script);
        let relay = plain(port);
        for name in ["tom", "grace"] {
            let to = address(&format!("{name}@example.org"));
            assert!(relay.deliver(&to, MAIL).await.is_ok());
        }
        relay.close().await;
        assert_eq!(seen.together(), together);
        let said = seen.commands();
        assert_eq!(said[..2], ["EHLO kith.example", "EHLO kith.example"]);
        assert_eq!(
            said[2..5].join("|"),
            "MAIL FROM:<bounces@kith.example>|RCPT TO:<tom@example.org>|DATA"
        );
        assert_eq!(
            said[5..].join("|"),
            "MAIL FROM:<bounces@kith.example>|RCPT TO:<grace@example.org>|DATA|QUIT"
        );
        assert_eq!(seen.mails().len(), 2);
        for mail in seen.mails() {
            assert_eq!(mail.strip_suffix(b"\r\n"), Some(MAIL));
        }
    }
}

#[tokio::test]
async fn a_refused_recipient_s_mail_goes_to_nobody_and_the_next_has_answers_of_its_own() {
    let unknown = "550 5.1.1 gone@example.org unknown";
    for (script, contents, said) in [
        (offering(), 2, "MAIL RCPT DATA RSET MAIL RCPT DATA"),
        (
            offering().answer("DATA", "554 no recipients"),
            0,
            "MAIL RCPT DATA RSET MAIL RCPT DATA RSET",
        ),
    ] {
        let (port, seen) = serve(script.answer("RCPT TO:<gone@", unknown));
        let relay = plain(port);
        let refused = relay.deliver(&address("gone@example.org"), MAIL).await;
        assert_eq!(refused, Err(DeliveryError::Refused { code: 550, address: true }));
        let next = relay.deliver(&address("tom@example.org"), MAIL).await;
        assert_eq!(next.is_ok(), contents > 0, "{next:?}");
        let verbs: Vec<String> = seen.commands()[2..]
            .iter()
            .map(|command| command.split(' ').next().unwrap_or_default().to_owned())
            .collect();
        assert_eq!(verbs.join(" "), said);
        assert_eq!(seen.connections(), 1);
        let mails = seen.mails();
        assert_eq!(mails.len(), contents);
        // A relay that wanted the refused mail's content all the same was given none.
        for (number, mail) in mails.iter().enumerate() {
            assert_eq!(mail.is_empty(), number == 0);
        }
    }
}

#[tokio::test]
async fn a_relay_that_does_not_like_to_be_asked_is_given_mails_one_by_one() {
    let (port, seen) = serve(offering().answer("AGAIN", "503 you have said that"));
    let relay = plain(port);
    assert!(relay.deliver(&address("tom@example.org"), MAIL).await.is_ok());
    assert_eq!((seen.connections(), seen.together()), (1, 0));

    for script in [offering().close_at("AGAIN"), offering().answer("AGAIN", "421 goodbye")] {
        let (port, seen) = serve(Script { mails_a_connection: Some(1), ..script });
        let relay = plain(port);
        assert!(relay.check().await.is_ok());
        for _ in 0..2 {
            assert!(relay.deliver(&address("tom@example.org"), MAIL).await.is_ok());
        }
        let greetings = seen.commands().iter().filter(|said| said.starts_with("EHLO")).count();
        assert_eq!((seen.connections(), greetings), (4, 5), "it was asked once");
        assert_eq!((seen.mails().len(), seen.together()), (2, 0));
    }
}

#[tokio::test]
async fn a_relay_that_loses_what_came_together_is_given_commands_one_by_one() {
    let (port, seen) = serve(Script { forgetful: true, ..offering() });
    let command = Duration::from_millis(300);
    let relay = plain(port).with_limits(Limits { command, ..Limits::default() });
    let to = address("tom@example.org");
    let first = relay.deliver(&to, MAIL).await;
    assert_eq!(first, Err(DeliveryError::Retry(Reason::TimedOut)));
    assert!(relay.deliver(&to, MAIL).await.is_ok());
    assert_eq!(seen.mails().len(), 1);

    // Or it says that it does not follow: that is not the recipient's fault.
    for (command, answer) in [("RCPT", "503 one by one, please"), ("DATA", "500 what is that?")] {
        let (port, seen) = serve(offering().answer(command, answer));
        let relay = plain(port);
        let first = relay.deliver(&to, MAIL).await;
        assert_eq!(first, Err(DeliveryError::Retry(Reason::Broken)), "{command}");
        let then = relay.deliver(&to, MAIL).await;
        assert!(matches!(then, Err(DeliveryError::Refused { .. })), "{command}: {then:?}");
        assert!(seen.mails().is_empty());
    }
}

#[tokio::test]
async fn after_a_refusal_with_answers_missing_or_odd_the_connection_is_given_up() {
    for answer in ["what?!\r\n354 go on", "250 no content"] {
        let script = offering().answer("RCPT TO:<gone@", "550 5.1.1 unknown");
        let (port, seen) = serve(script.answer("DATA", answer));
        let relay = plain(port);
        let refused = relay.deliver(&address("gone@example.org"), MAIL).await;
        assert_eq!(refused, Err(DeliveryError::Refused { code: 550, address: true }));
        assert!(relay.deliver(&address("tom@example.org"), MAIL).await.is_err());
        assert_eq!(seen.connections(), 2, "{answer}");
        assert!(seen.mails().is_empty());
    }
}

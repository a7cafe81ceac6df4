//! How connections are used, kept and given up.

use kith_mail::{Accepted, DeliveryError, Reason, RelayConfigError, Security, Transport as _};
use kith_mail::{Login, Relay};

use crate::script::{Script, address, config, kept_port, plain, serve};

const MAIL: &[u8] = b"Subject: test\r\n\r\n.a line with a dot\r\n..\r\nend\r\n";

#[tokio::test]
async fn mails_share_a_connection_and_arrive_as_they_are() {
    let (port, seen) = serve(Script::default());
    let relay = plain(port);
    for name in ["tom", "grace"] {
        let accepted = relay.deliver(&address(&format!("{name}@example.org")), MAIL).await;
        assert_eq!(accepted, Ok(Accepted { code: 250 }));
    }
    relay.close().await;
    assert_eq!(seen.connections(), 1);
    assert_eq!(
        seen.commands(),
        [
            "EHLO kith.example",
            "EHLO kith.example",
            "MAIL FROM:<bounces@kith.example>",
            "RCPT TO:<tom@example.org>",
            "DATA",
            "MAIL FROM:<bounces@kith.example>",
            "RCPT TO:<grace@example.org>",
            "DATA",
            "QUIT",
        ]
    );
    for mail in seen.mails() {
        assert_eq!(mail.strip_suffix(b"\r\n"), Some(MAIL));
    }
}

#[tokio::test]
async fn a_connection_that_the_relay_closed_is_replaced_without_a_failure() {
    let (port, seen) = serve(Script { mails_a_connection: Some(1), ..Script::default() });
    let relay = plain(port);
    for _ in 0..3 {
        assert!(relay.deliver(&address("tom@example.org"), MAIL).await.is_ok());
    }
    assert_eq!((seen.connections(), seen.mails().len()), (3, 3));
}

#[tokio::test]
async fn a_relay_that_has_had_enough_of_a_connection_is_given_the_next_mail_over_another() {
    let script = Script { mails_a_connection: Some(1), ..Script::default() };
    let (port, seen) = serve(Script { enough: Some("554 too many mails"), ..script });
    let relay = plain(port);
    for _ in 0..2 {
        assert!(relay.deliver(&address("tom@example.org"), MAIL).await.is_ok());
    }
    assert_eq!((seen.connections(), seen.mails().len()), (2, 2));
}

#[tokio::test]
async fn no_more_connections_than_configured_are_open_at_once() {
    let (port, seen) = serve(Script::default());
    let mut config = config(port, Security::PlainLoopback);
    config.connections = 3;
    let relay = std::sync::Arc::new(Relay::new(config).unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..60 {
        let relay = std::sync::Arc::clone(&relay);
        tasks.spawn(async move {
            relay.deliver(&address(&format!("person{number}@example.org")), MAIL).await
        });
    }
    while let Some(done) = tasks.join_next().await {
        assert!(done.unwrap().is_ok());
    }
    assert_eq!(seen.mails().len(), 60);
    assert!(seen.most_open() <= 3, "{} open", seen.most_open());
    assert_eq!(seen.connections(), seen.most_open(), "none was opened twice");
}

#[tokio::test]
async fn a_refused_recipient_leaves_the_connection_to_the_next() {
    let (port, seen) =
        serve(Script::default().answer("RCPT TO:<gone@", "550 5.1.1 gone@example.org unknown"));
    let relay = plain(port);
    let refused = relay.deliver(&address("gone@example.org"), MAIL).await.unwrap_err();
    assert_eq!(refused, DeliveryError::Refused { code: 550, address: true });
    assert!(!format!("{refused} {refused:?} {relay:?}").contains("gone"));
    assert!(relay.deliver(&address("tom@example.org"), MAIL).await.is_ok());
    assert_eq!(seen.connections(), 1);
    assert_eq!(seen.commands()[4], "RSET");
    assert_eq!(seen.mails().len(), 1);
}

#[tokio::test]
async fn answers_decide_between_later_never_and_the_relay_itself() {
    let later = |code| Err(DeliveryError::Retry(Reason::Code(code)));
    let down = |code| Err(DeliveryError::RelayDown(Reason::Code(code)));
    let never = |code, address| Err(DeliveryError::Refused { code, address });
    let broken = Err(DeliveryError::Retry(Reason::Broken));
    for (command, answer, expected) in [
        ("CONNECT", "421 busy", later(421)),
        ("CONNECT", "554 no", down(554)),
        ("EHLO", "450 later", later(450)),
        ("EHLO", "550 no", down(550)),
        ("MAIL", "451 later", later(451)),
        ("MAIL", "530 sign in first", down(530)),
        ("RCPT", "450 later", later(450)),
        ("RCPT", "550 no such mailbox", never(550, true)),
        ("RCPT", "550-5.1.1 no such mailbox\r\n550 5.1.1 here", never(550, true)),
        ("RCPT", "550 5.7.1 not from you", never(550, false)),
        ("RCPT", "554 Relay access denied", never(554, false)),
        ("RCPT", "550 relay not permitted", never(550, false)),
        ("DATA", "452 full", later(452)),
        ("DATA", "554 no", never(554, false)),
        ("DATA", "550 no", never(550, false)),
        (".", "451 later", later(451)),
        (".", "552 too large", never(552, false)),
        (".", "550 5.1.1 gone", never(550, true)),
        ("CONNECT", "this is not smtp", broken),
        ("RCPT", "neither is this", broken),
        // One answer too many: whatever comes next belongs to something else.
        ("MAIL", "250 ok\r\n250 odd", broken),
        ("RCPT", "250 ok\r\n250 odd", broken),
        ("DATA", "250 no content", broken),
        (".", "354 still waiting", broken),
    ] {
        for offers in [vec![], vec!["PIPELINING"]] {
            let script = Script { offers: offers.clone(), ..Script::default() };
            let (port, _) = serve(script.answer(command, answer));
            let answer = plain(port).deliver(&address("tom@example.org"), MAIL).await;
            assert_eq!(answer, expected, "{command} {offers:?}");
        }
    }
    for command in ["CONNECT", "EHLO", "MAIL", "RCPT", "DATA", "."] {
        for offers in [vec![], vec!["PIPELINING"]] {
            let script = Script { offers: offers.clone(), ..Script::default() };
            let (port, _) = serve(script.close_at(command));
            let answer = plain(port).deliver(&address("tom@example.org"), MAIL).await;
            assert_eq!(answer, broken, "closed at {command} {offers:?}");
        }
    }
}

#[tokio::test]
async fn without_a_relay_it_is_tried_again() {
    let (_kept, port) = kept_port();
    let answer = plain(port).deliver(&address("tom@example.org"), MAIL).await;
    assert_eq!(answer, Err(DeliveryError::Retry(Reason::Connect)));
}

#[tokio::test]
async fn an_address_beyond_ascii_needs_a_relay_that_can() {
    let to = address("grâce@example.org");
    let (port, seen) = serve(Script::default());
    let answer = plain(port).deliver(&to, MAIL).await;
    assert_eq!(answer, Err(DeliveryError::Refused { code: 553, address: true }));
    assert!(!seen.commands().iter().any(|command| command.starts_with("MAIL")));

    let offers = vec!["SMTPUTF8", "8BITMIME"];
    let (port, seen) = serve(Script { offers, ..Script::default() });
    assert!(plain(port).deliver(&to, MAIL).await.is_ok());
    assert_eq!(seen.commands()[2], "MAIL FROM:<bounces@kith.example> SMTPUTF8");
    assert_eq!(seen.commands()[3], "RCPT TO:<grâce@example.org>");
}

#[test]
fn configurations_that_would_not_be_private_are_refused() {
    let good = config(25, Security::PlainLoopback);
    for host in ["mail.example", "192.0.2.1", "127.0.0.1.example", "", "0.0.0.0"] {
        let mut bad = good.clone();
        host.clone_into(&mut bad.host);
        assert_eq!(Relay::new(bad).unwrap_err(), RelayConfigError::NotLoopback, "{host}");
    }
    for host in ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"] {
        let mut fine = good.clone();
        host.clone_into(&mut fine.host);
        assert!(Relay::new(fine).is_ok(), "{host}");
    }
    let mut bad = good.clone();
    bad.login = Some(Login::new("kith".to_owned(), "secret".to_owned()));
    assert!(!format!("{bad:?}").contains("secret"));
    assert_eq!(Relay::new(bad).unwrap_err(), RelayConfigError::LoginWithoutTls);
    for connections in [0, 65] {
        let mut bad = good.clone();
        bad.connections = connections;
        assert_eq!(Relay::new(bad).unwrap_err(), RelayConfigError::Connections);
    }
    for hello in ["", "two words", "a\r\nb"] {
        let mut bad = good.clone();
        hello.clone_into(&mut bad.hello);
        assert_eq!(Relay::new(bad).unwrap_err(), RelayConfigError::Hello);
    }
    let mut bad = config(465, Security::ImplicitTls);
    bad.authority = Some(b"not a certificate".to_vec());
    assert_eq!(Relay::new(bad).unwrap_err(), RelayConfigError::Tls);
}

//! Nothing is said to a relay that has not proved who it is.

#![expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]

use std::sync::Arc;

use kith_mail::{DeliveryError, Login, Reason, Relay, Security, Transport as _};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;

use crate::script::{Script, address, config, serve};

const MAIL: &[u8] = b"Subject: test\r\n\r\nbody\r\n";

/// An authority in PEM, and a server with a certificate of it for `name`.
fn authority_and_server(name: &str) -> (Vec<u8>, Arc<ServerConfig>) {
    let mut parameters = CertificateParams::new(Vec::new()).expect("parameters");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let authority = parameters.self_signed(&key).expect("an authority").pem();
    let issuer = Issuer::new(parameters, key);

    let server_key = KeyPair::generate().expect("a key");
    let server = CertificateParams::new(vec![name.to_owned()])
        .expect("parameters")
        .signed_by(&server_key, &issuer)
        .expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![server.der().clone()],
            PrivatePkcs8KeyDer::from(server_key.serialize_der()).into(),
        )
        .expect("a server");
    (authority.into_bytes(), Arc::new(config))
}

fn script(security: Security, server: Arc<ServerConfig>) -> Script {
    match security {
        Security::ImplicitTls => Script { implicit: Some(server), ..Script::default() },
        _ => Script { starttls: Some(server), ..Script::default() },
    }
}

fn relay(port: u16, security: Security, authority: Option<Vec<u8>>) -> Relay {
    let mut config = config(port, security);
    config.authority = authority;
    Relay::new(config).expect("a good configuration")
}

#[tokio::test]
async fn a_private_authority_is_trusted_when_it_is_configured() {
    for security in [Security::ImplicitTls, Security::StartTls] {
        let (authority, server) = authority_and_server("localhost");
        let (port, seen) = serve(script(security, server));
        let relay = relay(port, security, Some(authority));
        for _ in 0..2 {
            let answer = relay.deliver(&address("tom@example.org"), MAIL).await;
            assert!(answer.is_ok(), "{security:?}: {answer:?}");
        }
        assert_eq!((seen.connections(), seen.mails().len()), (1, 2));
    }
}

#[tokio::test]
async fn unknown_authority_or_wrong_name_hears_no_word_of_a_mail() {
    for security in [Security::ImplicitTls, Security::StartTls] {
        let (authority, server) = authority_and_server("localhost");
        let (other_authority, _) = authority_and_server("localhost");
        let (wrong_authority, wrong_name) = authority_and_server("elsewhere.example");
        for (server, trusted) in [
            (Arc::clone(&server), None),
            (server, Some(other_authority)),
            (wrong_name, Some(wrong_authority)),
        ] {
            let (port, seen) = serve(script(security, server));
            let answer =
                relay(port, security, trusted).deliver(&address("tom@example.org"), MAIL).await;
            assert_eq!(answer, Err(DeliveryError::RelayDown(Reason::Tls)), "{security:?}");
            let said = seen.commands();
            assert!(
                said.iter().all(|line| line.starts_with("EHLO") || line.starts_with("STARTTLS")),
                "{said:?}"
            );
        }
        drop(authority);
    }
}

#[tokio::test]
async fn when_starttls_is_stripped_nothing_is_sent() {
    let (port, seen) = serve(Script { offers: vec!["AUTH PLAIN"], ..Script::default() });
    let mut stripped = config(port, Security::StartTls);
    stripped.login = Some(Login::new("kith".to_owned(), "secret".to_owned()));
    let relay = Relay::new(stripped).unwrap();
    let answer = relay.deliver(&address("tom@example.org"), MAIL).await;
    assert_eq!(answer, Err(DeliveryError::RelayDown(Reason::NoTls)));
    assert_eq!(seen.commands(), ["EHLO kith.example"]);

    // Offered, and then not given.
    let (_, server) = authority_and_server("localhost");
    let (port, seen) = serve(script(Security::StartTls, server).answer("STARTTLS", "454 not now"));
    let refusing = Relay::new(config(port, Security::StartTls)).unwrap();
    let answer = refusing.deliver(&address("tom@example.org"), MAIL).await;
    assert_eq!(answer, Err(DeliveryError::Retry(Reason::Code(454))));
    assert!(!seen.commands().iter().any(|line| line.starts_with("MAIL")));
}

#[tokio::test]
async fn signing_in_happens_inside_tls_and_its_failure_is_the_relays() {
    for security in [Security::ImplicitTls, Security::StartTls] {
        let (authority, server) = authority_and_server("localhost");
        for (offers, answer, expected) in [
            (vec!["AUTH PLAIN LOGIN"], "235 welcome", Ok(250)),
            (
                vec!["AUTH PLAIN LOGIN"],
                "535 wrong for kith",
                Err(DeliveryError::RelayDown(Reason::Code(535))),
            ),
            (vec!["AUTH PLAIN LOGIN"], "454 later", Err(DeliveryError::Retry(Reason::Code(454)))),
            (vec!["AUTH GSSAPI"], "235 welcome", Err(DeliveryError::RelayDown(Reason::NoLogin))),
        ] {
            let script = Script { offers, ..script(security, Arc::clone(&server)) };
            let (port, seen) = serve(script.answer("AUTH", answer));
            let mut config = config(port, security);
            config.authority = Some(authority.clone());
            config.login = Some(Login::new("kith".to_owned(), "secret".to_owned()));
            let relay = Relay::new(config).unwrap();
            let result = relay.deliver(&address("tom@example.org"), MAIL).await;
            assert_eq!(result.map(|accepted| accepted.code), expected);
            // "\0kith\0secret"
            let said = seen.commands();
            let signed_in = said.iter().any(|line| line == "AUTH PLAIN AGtpdGgAc2VjcmV0");
            assert_eq!(signed_in, expected != Err(DeliveryError::RelayDown(Reason::NoLogin)));
            assert_eq!(said.iter().any(|line| line.starts_with("MAIL")), expected.is_ok());
        }
    }
}

#[tokio::test]
async fn answers_that_somebody_adds_before_tls_are_believed_by_nobody() {
    let (authority, server) = authority_and_server("localhost");
    let yes = "\r\n250 a\r\n250 a\r\n250 a\r\n250 a\r\n354 a\r\n250 a";
    let adding = Script { adds: yes, ..script(Security::StartTls, server) };
    let (port, seen) = serve(adding);
    let relay = relay(port, Security::StartTls, Some(authority));
    let answer = relay.deliver(&address("tom@example.org"), MAIL).await;
    assert_eq!(answer, Err(DeliveryError::RelayDown(Reason::Tls)));
    assert!(seen.mails().is_empty());
}

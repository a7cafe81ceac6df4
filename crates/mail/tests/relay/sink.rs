//! Against Postfix's `smtp-sink`, a real server.

#![expect(clippy::expect_used, reason = "a test that cannot be set up has failed")]

use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use kith_domain::{ReminderKind, TaskKind, Timestamp};
use kith_mail::read::read;
use kith_mail::{
    DeliveryError, Link, Message, NatureName, Reason, SlotTimes, Stamp, Transport as _, render,
};
use tempfile::TempDir;
use tokio::net::TcpSocket;

use crate::script::{address, kept_port, plain};

/// A running `smtp-sink`, ended when dropped.
struct Sink {
    process: Child,
    port: u16,
    /// Bound to the port from before it runs, so that nobody else is given it.
    _kept: TcpSocket,
    folder: TempDir,
}

impl Sink {
    fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let open = std::fs::Permissions::from_mode(0o777);
        std::fs::set_permissions(folder.path(), open).expect("a folder for the sink's account");
        let (kept, port) = kept_port();
        let mut command = Command::new(program());
        // Started by root it wants another account; started by anybody else it stays that one's.
        if std::fs::metadata("/proc/self")
            .is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)
        {
            command.args(["-u", "nobody"]);
        }
        let process = command
            .args(arguments)
            .arg("-d")
            .arg(folder.path().join("mail."))
            .arg(format!("127.0.0.1:{port}"))
            .arg("100")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("smtp-sink of the package postfix");
        let sink = Self { process, port, _kept: kept, folder };
        let waited = std::time::Instant::now();
        while TcpStream::connect(("127.0.0.1", sink.port)).is_err() {
            assert!(waited.elapsed() < Duration::from_secs(20), "smtp-sink does not answer");
            std::thread::yield_now();
        }
        sink
    }

    /// What it wrote down: its own headers, then the mail, with line feeds.
    fn mails(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).expect("the folder");
        entries
            .map(|entry| std::fs::read(entry.expect("a file").path()).expect("a mail"))
            .map(|bytes| String::from_utf8(bytes).expect("ascii"))
            .filter(|mail| mail.contains("X-Rcpt-Args"))
            .collect()
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

fn program() -> &'static Path {
    let debian = Path::new("/usr/sbin/smtp-sink");
    if debian.exists() { debian } else { Path::new("smtp-sink") }
}

fn reminder() -> Vec<u8> {
    let day = jiff::civil::date(2026, 11, 24);
    let link = |path: &str| Link::parse(&format!("https://kith.example/{path}")).expect("a link");
    let message = Message::Reminder {
        asks: false,
        slot: SlotTimes {
            kind: TaskKind::Visit,
            starts: day.at(14, 0, 0, 0),
            ends: day.at(15, 0, 0, 0),
        },
        circle: NatureName::parse("Heron").expect("a name"),
        at: ReminderKind::DayBefore,
        link: link("s/token"),
    };
    let stamp = Stamp {
        message_id: "0123456789abcdef".to_owned(),
        date: Timestamp::from_second(1_795_455_000),
        boundary: "fedcba9876543210".to_owned(),
        to: address("tom@example.org"),
        from: address("reminders@kith.example"),
        reply_to: None,
        unsubscribe: Some(link("u/token")),
        settings: Some(link("e/token")),
        calendar: Vec::new(),
    };
    render(&message, &stamp).expect("a mail")
}

#[tokio::test]
async fn two_mails_over_one_connection_arrive_byte_for_byte() {
    // With one connection at most, a second one would never be answered.
    let sink = Sink::start(&["-m", "1"]);
    let relay = plain(sink.port);
    let bytes = reminder();
    assert!(relay.deliver(&address("tom@example.org"), &bytes).await.is_ok());
    assert!(relay.deliver(&address("grace@example.org"), &bytes).await.is_ok());
    relay.close().await;

    let mails = sink.mails();
    assert_eq!(mails.len(), 2);
    let sent = String::from_utf8(bytes.clone()).unwrap().replace("\r\n", "\n");
    for mail in &mails {
        assert_eq!(mail.matches("X-Rcpt-Args: ").count(), 1, "one recipient");
        assert!(mail.contains("X-Mail-Args: <bounces@kith.example>\n"), "{mail}");
        assert!(mail.contains(&sent), "{mail}");
        assert!(mail.contains("X-Helo-Args: kith.example\n"), "{mail}");
    }
    let decoded = read(&bytes).unwrap();
    assert!(decoded.text.contains("Open your task:\nhttps://kith.example/s/token\n"));
}

#[tokio::test]
async fn soft_and_hard_refusals_are_told_apart() {
    let to = address("tom@example.org");
    for (option, command, expected) in [
        ("-r", "RCPT", DeliveryError::Retry(Reason::Code(450))),
        ("-r", "DATA", DeliveryError::Retry(Reason::Code(450))),
        ("-r", ".", DeliveryError::Retry(Reason::Code(450))),
        ("-r", "MAIL", DeliveryError::Retry(Reason::Code(450))),
        ("-f", "RCPT", DeliveryError::Refused { code: 500, address: false }),
        ("-f", "DATA", DeliveryError::Refused { code: 500, address: false }),
        ("-f", ".", DeliveryError::Refused { code: 500, address: false }),
        ("-f", "MAIL", DeliveryError::RelayDown(Reason::Code(500))),
        ("-f", "CONNECT", DeliveryError::RelayDown(Reason::Code(500))),
        ("-q", "DATA", DeliveryError::Retry(Reason::Broken)),
        ("-Q", "RCPT", DeliveryError::Retry(Reason::Code(421))),
    ] {
        let sink = Sink::start(&[option, command]);
        let answer = plain(sink.port).deliver(&to, &reminder()).await;
        assert_eq!(answer, Err(expected), "{option} {command}");
    }
}

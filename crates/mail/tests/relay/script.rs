//! A small SMTP server that answers as it is told, and remembers what it was asked.

#![expect(clippy::expect_used, reason = "a server that cannot run has failed its test")]

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kith_domain::EmailAddress;
use kith_mail::{Relay, RelayConfig, Security};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tokio::net::TcpSocket;

/// What the server offers and how it answers.
#[derive(Clone, Default)]
pub(crate) struct Script {
    /// Extensions beside the greeting of `EHLO`.
    pub(crate) offers: Vec<&'static str>,
    /// Answers in place of the usual ones, by the start of the command; `.` is the end of a mail
    /// `CONNECT` the greeting, and `AGAIN` each `EHLO` after a connection's first. `None` closes the
    /// connection without an answer.
    pub(crate) answers: HashMap<&'static str, Option<&'static str>>,
    /// TLS from the first byte.
    pub(crate) implicit: Option<Arc<ServerConfig>>,
    /// TLS after `STARTTLS`, which is then offered.
    pub(crate) starttls: Option<Arc<ServerConfig>>,
    /// Closes each connection after this many mails.
    pub(crate) mails_a_connection: Option<usize>,
    /// What it says instead to the next sender, and goes on.
    pub(crate) enough: Option<&'static str>,
    /// Lines sent with the answer to `STARTTLS`, as whoever sits on the line could.
    pub(crate) adds: &'static str,
    /// Loses what came with the command that it reads.
    pub(crate) forgetful: bool,
}

impl Script {
    pub(crate) fn answer(mut self, command: &'static str, answer: &'static str) -> Self {
        self.answers.insert(command, Some(answer));
        self
    }

    pub(crate) fn close_at(mut self, command: &'static str) -> Self {
        self.answers.insert(command, None);
        self
    }
}

/// What a server was asked, by all connections together.
#[derive(Default)]
pub(crate) struct Seen {
    commands: Mutex<Vec<String>>,
    mails: Mutex<Vec<Vec<u8>>>,
    connections: AtomicUsize,
    /// Commands that had come with the one before them.
    together: AtomicUsize,
    open: AtomicUsize,
    most_open: AtomicUsize,
}

impl Seen {
    pub(crate) fn commands(&self) -> Vec<String> {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn mails(&self) -> Vec<Vec<u8>> {
        self.mails.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub(crate) fn together(&self) -> usize {
        self.together.load(Ordering::SeqCst)
    }

    pub(crate) fn most_open(&self) -> usize {
        self.most_open.load(Ordering::SeqCst)
    }

    fn command(&self, line: &str) {
        self.commands.lock().unwrap_or_else(PoisonError::into_inner).push(line.to_owned());
    }
}

/// A port on which nobody listens, and what keeps it from others: bound to it, without listening. A
/// server that reuses addresses may be bound to it as well.
pub(crate) fn kept_port() -> (TcpSocket, u16) {
    let kept = TcpSocket::new_v4().expect("a socket");
    kept.set_reuseaddr(true).expect("a socket");
    kept.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a port");
    let port = kept.local_addr().expect("an address").port();
    (kept, port)
}

/// Starts a server on a port of its own; it lives as long as the test's process.
pub(crate) fn serve(script: Script) -> (u16, Arc<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let seen = Arc::new(Seen::default());
    let shared = Arc::clone(&seen);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let (script, seen) = (script.clone(), Arc::clone(&shared));
            seen.connections.fetch_add(1, Ordering::SeqCst);
            let open = seen.open.fetch_add(1, Ordering::SeqCst) + 1;
            seen.most_open.fetch_max(open, Ordering::SeqCst);
            std::thread::spawn(move || {
                // A client that goes away is the end of its connection and nothing more.
                drop(converse(stream, &script, &seen));
                seen.open.fetch_sub(1, Ordering::SeqCst);
            });
        }
    });
    (port, seen)
}

fn converse(stream: TcpStream, script: &Script, seen: &Seen) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    if let Some(config) = &script.implicit {
        let tls = ServerConnection::new(Arc::clone(config)).map_err(std::io::Error::other)?;
        return dialogue(StreamOwned::new(tls, stream), script, seen, true).map(drop);
    }
    let Some(stream) = dialogue(stream, script, seen, true)? else { return Ok(()) };
    let config = script.starttls.as_ref().expect("asked for because it was offered");
    let tls = ServerConnection::new(Arc::clone(config)).map_err(std::io::Error::other)?;
    let mut inside = script.clone();
    inside.starttls = None;
    dialogue(StreamOwned::new(tls, stream), &inside, seen, false).map(drop)
}

/// Gives the stream back for TLS when the client asked for it.
fn dialogue<S: Read + Write>(
    stream: S,
    script: &Script,
    seen: &Seen,
    greet: bool,
) -> std::io::Result<Option<S>> {
    let mut stream = BufReader::new(stream);
    if greet {
        match script.answers.get("CONNECT") {
            Some(Some(answer)) => say(stream.get_mut(), answer)?,
            Some(None) => return Ok(None),
            None => say(stream.get_mut(), "220 relay.test ESMTP")?,
        }
    }
    let (mut mails, mut greetings) = (0, 0);
    let mut line = String::new();
    loop {
        line.clear();
        seen.together.fetch_add(usize::from(!stream.buffer().is_empty()), Ordering::SeqCst);
        if stream.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        if script.forgetful {
            let lost = stream.buffer().len();
            stream.consume(lost);
        }
        let command = line.trim_end();
        seen.command(command);
        if script.mails_a_connection == Some(mails) && command.starts_with("MAIL") {
            say(stream.get_mut(), script.enough.unwrap_or("421 enough"))?;
            continue;
        }
        greetings += usize::from(command.starts_with("EHLO"));
        let again = command.starts_with("EHLO") && greetings > 1;
        let asked = if again { "AGAIN" } else { command };
        let told = script.answers.iter().find(|(start, _)| asked.starts_with(**start));
        match (told, command.split(' ').next().unwrap_or_default()) {
            (Some((_, None)), _) => return Ok(None),
            (Some((_, Some(answer))), _) => say(stream.get_mut(), answer)?,
            (None, "EHLO") => {
                let mut offers = script.offers.clone();
                offers.extend(script.starttls.is_some().then_some("STARTTLS"));
                for offer in offers {
                    say(stream.get_mut(), &format!("250-{offer}"))?;
                }
                say(stream.get_mut(), "250 HELP")?;
            }
            (None, "STARTTLS") => {
                say(stream.get_mut(), &format!("220 go ahead{}", script.adds))?;
                return Ok(Some(stream.into_inner()));
            }
            (None, "AUTH") => say(stream.get_mut(), "235 welcome")?,
            (None, "DATA") => {
                say(stream.get_mut(), "354 go on")?;
                let mail = mail(&mut stream)?;
                seen.mails.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
                mails += 1;
                match script.answers.get(".") {
                    Some(Some(answer)) => say(stream.get_mut(), answer)?,
                    Some(None) => return Ok(None),
                    None => say(stream.get_mut(), "250 taken")?,
                }
                if script.mails_a_connection == Some(mails) && script.enough.is_none() {
                    return Ok(None);
                }
            }
            (None, "QUIT") => {
                say(stream.get_mut(), "221 bye")?;
                return Ok(None);
            }
            (None, _) => say(stream.get_mut(), "250 ok")?,
        }
    }
}

/// Reads up to the final dot and undoes the doubled ones (RFC 5321 section 4.5.2).
fn mail<S: Read>(stream: &mut BufReader<S>) -> std::io::Result<Vec<u8>> {
    let mut mail = Vec::new();
    loop {
        let mut line = Vec::new();
        stream.read_until(b'\n', &mut line)?;
        if line == b".\r\n" {
            return Ok(mail);
        }
        mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}

fn say(stream: &mut impl Write, answer: &str) -> std::io::Result<()> {
    stream.write_all(format!("{answer}\r\n").as_bytes())?;
    stream.flush()
}

pub(crate) fn address(text: &str) -> EmailAddress {
    EmailAddress::parse(text).expect("a good address")
}

/// A configuration for a relay on this machine.
pub(crate) fn config(port: u16, security: Security) -> RelayConfig {
    RelayConfig {
        host: "localhost".to_owned(),
        port,
        security,
        hello: "kith.example".to_owned(),
        sender: address("bounces@kith.example"),
        login: None,
        authority: None,
        connections: Relay::DEFAULT_CONNECTIONS,
    }
}

/// A relay on this machine, without TLS.
pub(crate) fn plain(port: u16) -> Relay {
    let mut config = config(port, Security::PlainLoopback);
    "127.0.0.1".clone_into(&mut config.host);
    Relay::new(config).expect("a good configuration")
}

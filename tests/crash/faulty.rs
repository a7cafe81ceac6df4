//! A relay that does one thing wrong at one place of the dialogue (RFC 5321), until it is well again.
//! TLS and a name are wanted, so that every place is come by.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use kith_tests::{Port, locked};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Between two bytes of an answer that drips.
const DRIP: Duration = Duration::from_millis(450);
/// Bytes of a line that has no end.
const OVERLONG: usize = 70_000;

/// Where in the dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Connect,
    /// After the first line of a greeting of two.
    Banner,
    Ehlo,
    StartTls,
    /// At the `EHLO` that asks what it offers once more.
    Asked,
    Auth,
    Mail,
    Rcpt,
    Data,
    /// After the first line of the mail.
    MidBody,
    /// At the dot, before the mail is taken.
    FinalDot,
    /// The mail is taken, and then.
    AfterDot,
    Quit,
}

/// What it does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// Nobody listens, or whoever does hangs up.
    Refuses,
    Resets,
    /// Says nothing more.
    Hangs,
    Says(u16),
    Garbage,
    Overlong,
    /// Half a line, and hangs up.
    HalfLine,
    /// The right answer, a byte at a time.
    Drips,
}

/// What becomes of the dialogue.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Goes {
    On,
    Over,
}

/// The relay. Well until [`Faulty::fail`] is called.
pub(crate) struct Faulty {
    port: u16,
    authority: Vec<u8>,
    shared: Arc<Shared>,
    stop: CancellationToken,
}

struct Shared {
    /// It takes commands together (RFC 2920).
    together: bool,
    fault: watch::Sender<Option<(Place, How)>>,
    taken: Mutex<Vec<Vec<u8>>>,
    tls: TlsAcceptor,
}

impl Faulty {
    pub(crate) fn open(together: bool) -> Self {
        let (authority, server) = certificate();
        let kept = Port::keep();
        let port = kept.number();
        let shared = Arc::new(Shared {
            together,
            fault: watch::Sender::new(None),
            taken: Mutex::default(),
            tls: TlsAcceptor::from(server),
        });
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        tasks.spawn(listen(kept, Arc::clone(&shared), stop.clone(), tasks.clone()));
        Self { port, authority, shared, stop }
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// What its certificate is of, in PEM.
    pub(crate) fn authority(&self) -> Vec<u8> {
        self.authority.clone()
    }

    /// From now on.
    pub(crate) async fn fail(&self, place: Place, how: How) {
        self.shared.fault.send_replace(Some((place, how)));
        if (place, how) == (Place::Connect, How::Refuses) {
            // The door is shut when nobody is let in any more.
            while TcpStream::connect(("127.0.0.1", self.port)).await.is_ok() {}
        }
    }

    /// Well again.
    pub(crate) async fn heal(&self) {
        self.shared.fault.send_replace(None);
        while TcpStream::connect(("127.0.0.1", self.port)).await.is_err() {}
    }

    /// The mails that it took since it was last asked.
    pub(crate) fn taken(&self) -> Vec<Vec<u8>> {
        std::mem::take(&mut *locked(&self.shared.taken))
    }
}

impl Drop for Faulty {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Shared {
    /// What it offers once the connection is secure.
    const fn offers(&self) -> &'static str {
        if self.together {
            "250-relay.example\r\n250-PIPELINING\r\n250 AUTH PLAIN LOGIN"
        } else {
            "250-relay.example\r\n250 AUTH PLAIN LOGIN"
        }
    }

    fn at(&self, place: Place) -> Option<How> {
        self.fault.borrow().filter(|(where_, _)| *where_ == place).map(|(_, how)| how)
    }

    fn refuses(&self) -> bool {
        self.at(Place::Connect) == Some(How::Refuses)
    }

    fn resets(&self) -> bool {
        self.fault.borrow().is_some_and(|(_, how)| how == How::Resets)
    }

    /// Returns when it is well again.
    async fn healed(&self) {
        let mut fault = self.fault.subscribe();
        drop(fault.wait_for(Option::is_none).await);
    }
}

async fn listen(port: Port, shared: Arc<Shared>, stop: CancellationToken, tasks: TaskTracker) {
    let mut listener = port.listen();
    let mut fault = shared.fault.subscribe();
    loop {
        if shared.refuses() {
            drop(listener);
            tokio::select! {
                () = stop.cancelled() => return,
                () = shared.healed() => {}
            }
            listener = port.listen();
        }
        let stream = tokio::select! {
            () = stop.cancelled() => return,
            _ = fault.changed() => continue,
            accepted = listener.accept() => accepted.unwrap().0,
        };
        let (shared, stop) = (Arc::clone(&shared), stop.clone());
        tasks.spawn(async move {
            stream.set_nodelay(true).unwrap();
            if shared.resets() {
                stream.set_zero_linger().unwrap();
            }
            // A client that goes away is the end of its connection and nothing more.
            tokio::select! {
                () = stop.cancelled() => {}
                ended = converse(stream, &shared) => drop(ended),
            }
        });
    }
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

struct Dialogue<'s> {
    stream: BufReader<Box<dyn Stream>>,
    shared: &'s Shared,
}

async fn converse(stream: TcpStream, shared: &Shared) -> std::io::Result<()> {
    const GREETING: &str = "220 relay.example ESMTP";
    let mut dialogue = Dialogue { stream: BufReader::new(Box::new(stream)), shared };
    if let Some(how) = shared.at(Place::Connect) {
        let goes = dialogue.goes_wrong(how, GREETING).await?;
        // Whoever is turned away is not heard.
        if goes == Goes::Over || how != How::Drips {
            return Ok(());
        }
    } else if let Some(how) = shared.at(Place::Banner) {
        dialogue.say("220-relay.example").await?;
        if dialogue.goes_wrong(how, GREETING).await? == Goes::Over {
            return Ok(());
        }
    } else {
        dialogue.say(GREETING).await?;
    }
    let (mut secure, mut greeted, mut refused) = (false, false, false);
    loop {
        let mut line = String::new();
        if dialogue.stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let verb = line.split([' ', '\r']).next().unwrap_or_default().to_ascii_uppercase();
        let (place, usual) = match verb.as_str() {
            "EHLO" if !secure => (Place::Ehlo, "250-relay.example\r\n250 STARTTLS"),
            "EHLO" => {
                let place = if greeted { Place::Asked } else { Place::Ehlo };
                greeted = true;
                (place, shared.offers())
            }
            "STARTTLS" => (Place::StartTls, "220 go ahead"),
            "AUTH" => (Place::Auth, "235 welcome"),
            "MAIL" => (Place::Mail, "250 ok"),
            "RCPT" => (Place::Rcpt, "250 ok"),
            // To nobody: the sender or the recipient was refused.
            "DATA" if refused => (Place::Data, "503 to nobody"),
            "DATA" => (Place::Data, "354 go on"),
            "QUIT" => (Place::Quit, "221 goodbye"),
            _ => {
                refused = false;
                dialogue.say("250 ok").await?;
                continue;
            }
        };
        if let Some(how) = shared.at(place) {
            refused = matches!(place, Place::Mail | Place::Rcpt) && how != How::Drips;
            if dialogue.goes_wrong(how, usual).await? == Goes::Over {
                return Ok(());
            }
            continue;
        }
        dialogue.say(usual).await?;
        match place {
            Place::Data if refused => refused = false,
            Place::StartTls => {
                let tls = shared.tls.accept(dialogue.stream.into_inner()).await?;
                dialogue = Dialogue { stream: BufReader::new(Box::new(tls)), shared };
                secure = true;
            }
            Place::Data if dialogue.content().await? == Goes::Over => return Ok(()),
            Place::Quit => return Ok(()),
            _ => {}
        }
    }
}

impl Dialogue<'_> {
    async fn say(&mut self, answer: &str) -> std::io::Result<()> {
        self.write(format!("{answer}\r\n").as_bytes()).await
    }

    async fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.stream.get_mut().write_all(bytes).await?;
        self.stream.get_mut().flush().await
    }

    async fn goes_wrong(&mut self, how: How, usual: &str) -> std::io::Result<Goes> {
        match how {
            How::Refuses | How::Resets => return Ok(Goes::Over),
            How::Hangs => {
                self.shared.healed().await;
                return Ok(Goes::Over);
            }
            How::Says(code) => self.say(&format!("{code} no")).await?,
            How::Garbage => self.write(b"\x00\xff what?!\r\n").await?,
            How::Overlong => {
                self.write(&vec![b'2'; OVERLONG]).await?;
                return Ok(Goes::Over);
            }
            How::HalfLine => {
                self.write(b"25").await?;
                return Ok(Goes::Over);
            }
            How::Drips => {
                for byte in format!("{usual}\r\n").bytes() {
                    self.write(&[byte]).await?;
                    sleep(DRIP).await;
                }
            }
        }
        Ok(Goes::On)
    }

    /// The mail up to the dot on a line of its own, and its answer.
    async fn content(&mut self) -> std::io::Result<Goes> {
        const USUAL: &str = "250 accepted";
        let mut bytes = Vec::new();
        let mut answered = false;
        loop {
            let mut line = Vec::new();
            if self.stream.read_until(b'\n', &mut line).await? == 0 {
                return Ok(Goes::Over);
            }
            if line == b".\r\n" {
                break;
            }
            // RFC 5321 section 4.5.2: a dot at the start of a line was doubled.
            bytes.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            if let Some(how) = self.shared.at(Place::MidBody).filter(|_| !answered) {
                answered = true;
                if self.goes_wrong(how, USUAL).await? == Goes::Over {
                    return Ok(Goes::Over);
                }
            }
        }
        if answered {
            return Ok(Goes::On);
        }
        if let Some(how) = self.shared.at(Place::FinalDot) {
            return self.goes_wrong(how, USUAL).await;
        }
        locked(&self.shared.taken).push(bytes);
        if let Some(how) = self.shared.at(Place::AfterDot) {
            return self.goes_wrong(how, USUAL).await;
        }
        self.say(USUAL).await?;
        Ok(Goes::On)
    }
}

/// An authority in PEM, and a server with a certificate of it for `localhost`.
fn certificate() -> (Vec<u8>, Arc<ServerConfig>) {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let authority = parameters.self_signed(&key).unwrap().pem();
    let issuer = Issuer::new(parameters, key);
    let server_key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned()];
    let server = CertificateParams::new(names).unwrap().signed_by(&server_key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![server.der().clone()],
            PrivatePkcs8KeyDer::from(server_key.serialize_der()).into(),
        )
        .unwrap();
    (authority.into_bytes(), Arc::new(config))
}

//! A browser that costs little: one connection that is kept, requests written out beforehand.

use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::figures::percentile;

/// One answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// One kept connection.
pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    pub(crate) async fn open(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.context("nobody listens")?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::with_capacity(64 * 1024, stream)))
    }

    pub(crate) async fn ask(&mut self, request: &[u8]) -> anyhow::Result<Answer> {
        self.0.get_mut().write_all(request).await?;
        let mut line = String::new();
        self.0.read_line(&mut line).await?;
        let status = line.split(' ').nth(1).and_then(|code| code.parse().ok());
        let status = status.with_context(|| format!("no HTTP: {line:?}"))?;
        let mut headers = Vec::new();
        loop {
            line.clear();
            self.0.read_line(&mut line).await?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Answer { status, headers, body: Vec::new() };
        if let Some(length) = answer.header("content-length") {
            answer.body = vec![0; length.parse()?];
            self.0.read_exact(&mut answer.body).await?;
        } else if answer.header("transfer-encoding") == Some("chunked") {
            answer.body = self.chunks().await?;
        }
        Ok(answer)
    }

    async fn chunks(&mut self) -> anyhow::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await?;
            let length = usize::from_str_radix(line.trim_end(), 16).context("no chunk")?;
            let begins = body.len();
            body.resize(begins + length + 2, 0);
            self.0.read_exact(body.get_mut(begins..).unwrap_or_default()).await?;
            body.truncate(begins + length);
            if length == 0 {
                return Ok(body);
            }
        }
    }
}

/// What to write to ask for a page.
pub(crate) fn get(path: &str, cookies: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookies}\r\n\r\n").into_bytes()
}

/// How a page was served to several browsers at once.
#[derive(Clone, Copy, Default)]
pub(crate) struct Served {
    pub(crate) per_second: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
}

/// Has `clients` ask for the same page for so long, one request after the other.
pub(crate) async fn load(
    port: u16,
    request: &[u8],
    clients: usize,
    lasts: Duration,
) -> anyhow::Result<Served> {
    let began = Instant::now();
    let mut hands = JoinSet::new();
    for _ in 0..clients {
        let request = request.to_vec();
        hands.spawn(async move {
            let mut connection = Connection::open(port).await?;
            let mut took = Vec::new();
            while began.elapsed() < lasts {
                let asked = Instant::now();
                let answer = connection.ask(&request).await?;
                if answer.status != 200 {
                    bail!("the page answers {}", answer.status);
                }
                took.push(asked.elapsed());
            }
            Ok::<_, anyhow::Error>(took)
        });
    }
    let mut took = Vec::new();
    while let Some(done) = hands.join_next().await {
        took.extend(done??);
    }
    let lasted = began.elapsed();
    took.sort_unstable();
    Ok(Served {
        per_second: crate::figures::per_second(took.len(), lasted),
        p50: percentile(&took, 0.5),
        p99: percentile(&took, 0.99),
    })
}

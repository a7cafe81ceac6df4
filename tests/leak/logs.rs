//! Everything that is logged while the tests run, at every level.

use std::io;
use std::sync::{Arc, Mutex, OnceLock};

use tracing::level_filters::LevelFilter;
use tracing::{Dispatch, Subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::marks::Marks;
use crate::search::search_for;

/// The log as text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// The log of this process, from the first call on. The level is the lowest there is, also for
    /// what other crates log, with the fields of every span.
    pub(crate) fn begin() -> Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        LOG.get_or_init(|| {
            let log = Self::default();
            // It takes what goes through the crate `log` as well.
            tracing_subscriber::util::SubscriberInitExt::init(log.subscriber());
            log
        })
        .clone()
    }

    /// A log for one closure.
    pub(crate) fn during(work: impl FnOnce()) -> Self {
        let log = Self::default();
        tracing::dispatcher::with_default(&Dispatch::new(log.subscriber()), work);
        log
    }

    fn subscriber(&self) -> impl Subscriber + Send + Sync + use<> {
        let lines = tracing_subscriber::fmt::layer()
            .with_ansi(false)
            .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE)
            .with_writer(self.clone());
        tracing_subscriber::registry().with(LevelFilter::TRACE).with(lines)
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// What a log holds that it must not: markers, addresses of people, secrets.
pub(crate) fn leaks(log: &[u8], marks: &Marks, secrets: &[String]) -> Vec<String> {
    let mut leaks: Vec<String> = marks.hits(log).iter().map(crate::marks::Hit::words).collect();
    if !search_for("@canary.example", log).is_empty() {
        leaks.push("an e-mail address".to_owned());
    }
    for (at, secret) in secrets.iter().enumerate() {
        if stands_in(secret, log) {
            leaks.push(format!("secret {at}, of {} letters", secret.len()));
        }
    }
    leaks.sort();
    leaks.dedup();
    leaks
}

/// Whether a secret stands in `bytes`. A short one, such as a code, only by itself: its digits turn
/// up by chance within longer numbers and ids.
fn stands_in(secret: &str, bytes: &[u8]) -> bool {
    let part_of_more = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        let after = bytes.get(at + secret.len());
        before.into_iter().chain(after).any(u8::is_ascii_alphanumeric)
    };
    memchr::memmem::find_iter(bytes, secret.as_bytes())
        .any(|at| secret.len() >= 20 || !part_of_more(at))
}

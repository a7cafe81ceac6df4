//! A relay in memory: keeps what it is handed, and answers as the test says.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use kith_app::Transport;
use kith_domain::EmailAddress;
use kith_mail::read::{ReadMail, read};
use kith_mail::{Accepted, DeliveryError};
use tokio::sync::{Notify, Semaphore};

/// The longest that a test waits for a mail.
const PATIENCE: Duration = Duration::from_secs(30);

/// One mail that was handed over, accepted or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// Recipient.
    pub to: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether it was accepted.
    pub accepted: bool,
}

impl HandedOver {
    /// The mail, decoded.
    ///
    /// # Panics
    /// When it is no mail of ours.
    pub fn read(&self) -> ReadMail {
        read(&self.bytes).expect("a mail of ours")
    }

    /// One of its headers.
    ///
    /// # Panics
    /// When it has none of this name.
    pub fn header(&self, name: &str) -> String {
        self.read().header(name).expect("the header is there").to_owned()
    }

    /// Its link.
    ///
    /// # Panics
    /// When it has none.
    pub fn link(&self) -> String {
        self.read().link().expect("a link").as_str().to_owned()
    }
}

/// The relay.
#[derive(Debug)]
pub struct Sink {
    handed: Mutex<Vec<HandedOver>>,
    answers: Mutex<VecDeque<DeliveryError>>,
    gate: Semaphore,
    waiting: AtomicUsize,
    arrived: Notify,
}

impl Sink {
    /// Takes everything.
    pub fn open() -> Arc<Self> {
        Self::with_gate(Semaphore::MAX_PERMITS)
    }

    /// Holds every mail until [`Sink::let_in`] is called.
    pub fn closed() -> Arc<Self> {
        Self::with_gate(0)
    }

    fn with_gate(permits: usize) -> Arc<Self> {
        Arc::new(Self {
            handed: Mutex::default(),
            answers: Mutex::default(),
            gate: Semaphore::new(permits),
            waiting: AtomicUsize::new(0),
            arrived: Notify::new(),
        })
    }

    /// Lets this many mails through.
    pub fn let_in(&self, mails: usize) {
        self.gate.add_permits(mails);
    }

    /// The next mails fail like this; what follows is accepted.
    pub fn answer(&self, answers: impl IntoIterator<Item = DeliveryError>) {
        locked(&self.answers).extend(answers);
    }

    /// From now on everything is accepted.
    pub fn heal(&self) {
        locked(&self.answers).clear();
    }

    /// Everything that was handed over, in its order.
    pub fn handed(&self) -> Vec<HandedOver> {
        locked(&self.handed).clone()
    }

    /// What was accepted.
    pub fn accepted(&self) -> Vec<HandedOver> {
        self.handed().into_iter().filter(|mail| mail.accepted).collect()
    }

    /// Waits until this many mails were accepted.
    ///
    /// # Panics
    /// When they do not come.
    pub async fn wait_for(&self, mails: usize) {
        self.wait_until(|| self.accepted().len() >= mails).await;
    }

    /// Waits until this many mails have come to a closed relay.
    ///
    /// # Panics
    /// When they do not come.
    pub async fn wait_until_held(&self, mails: usize) {
        self.wait_until(|| self.waiting.load(Ordering::SeqCst) >= mails).await;
    }

    async fn wait_until(&self, there: impl Fn() -> bool + Send + Sync) {
        let come = async {
            loop {
                let arrived = self.arrived.notified();
                if there() {
                    return;
                }
                arrived.await;
            }
        };
        tokio::time::timeout(PATIENCE, come).await.expect("the mails come");
    }
}

#[async_trait]
impl Transport for Sink {
    async fn deliver(&self, to: &EmailAddress, bytes: &[u8]) -> Result<Accepted, DeliveryError> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        self.arrived.notify_waiters();
        if let Ok(permit) = self.gate.acquire().await {
            permit.forget();
        }
        let answer = locked(&self.answers).pop_front();
        locked(&self.handed).push(HandedOver {
            to: to.as_str().to_owned(),
            bytes: bytes.to_vec(),
            accepted: answer.is_none(),
        });
        self.arrived.notify_waiters();
        answer.map_or(Ok(Accepted { code: 250 }), Err)
    }
}

/// What a mutex guards, whatever became of whoever held it before.
pub fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

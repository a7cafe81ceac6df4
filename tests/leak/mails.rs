//! A relay that keeps what it is handed, and what a mail may not hold.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use kith_app::{Delivery, Transport};
use kith_domain::EmailAddress;
use kith_mail::{Accepted, DeliveryError};
use kith_tests::TestDatabase;
use kith_tests::world::delivery;
use kith_vault::Field;
use sea_orm::{ConnectionTrait as _, DatabaseConnection, Statement};
use tokio_util::sync::CancellationToken;

use crate::house::House;
use crate::marks::{Hit, Mark, Marks, Whose};
use crate::visitors::Who;

/// One mail.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) to: String,
    pub(crate) bytes: Vec<u8>,
}

#[derive(Debug, Default)]
struct Relay(Mutex<Vec<Mail>>);

#[async_trait]
impl Transport for Relay {
    async fn deliver(&self, to: &EmailAddress, bytes: &[u8]) -> Result<Accepted, DeliveryError> {
        let mail = Mail { to: to.as_str().to_owned(), bytes: bytes.to_vec() };
        self.0.lock().unwrap().push(mail);
        Ok(Accepted { code: 250 })
    }
}

/// The post of the house.
pub(crate) struct Post {
    relay: Arc<Relay>,
    delivery: Delivery,
    beside: DatabaseConnection,
    kinds: BTreeSet<String>,
}

impl Post {
    pub(crate) async fn of(database: &TestDatabase) -> Self {
        let relay = Arc::new(Relay::default());
        let delivery = delivery(Arc::<Relay>::clone(&relay));
        Self { relay, delivery, beside: database.connect().await, kinds: BTreeSet::new() }
    }

    /// Sends what is due.
    pub(crate) async fn deliver(&mut self, house: &House) {
        let stop = CancellationToken::new();
        while house.app.deliver_due(&self.delivery, &stop).await.unwrap().more {}
        let statement = Statement::from_string(
            self.beside.get_database_backend(),
            "SELECT DISTINCT kind FROM outbox WHERE state = 'sent'",
        );
        for row in self.beside.query_all_raw(statement).await.unwrap() {
            self.kinds.insert(row.try_get("", "kind").unwrap());
        }
    }

    /// Everything that was sent so far.
    pub(crate) fn sent(&self) -> Vec<Mail> {
        self.relay.0.lock().unwrap().clone()
    }

    /// Kinds of mail that were sent so far.
    pub(crate) const fn kinds(&self) -> &BTreeSet<String> {
        &self.kinds
    }

    pub(crate) async fn end(self) {
        self.beside.close().await.unwrap();
    }
}

/// What a mail holds that it must not: anything but the recipient's own address in `To`, and in an
/// invitation the first name of whoever asks and wants to be named.
pub(crate) fn leaks(mail: &Mail, marks: &Marks) -> Vec<String> {
    let Some(read) = kith_mail::read::read(&mail.bytes) else {
        return vec!["a mail that cannot be read".to_owned()];
    };
    let mut leaks = Vec::new();
    let mut look = |place: &str, bytes: &[u8], allowed: &dyn Fn(&Mark) -> bool| {
        for hit in marks.hits(bytes) {
            if !matches!(hit, Hit::Mark(mark) if allowed(mark)) {
                leaks.push(format!("{place} of a mail: {}", hit.words()));
            }
        }
    };
    let recipient = |mark: &Mark| {
        mark.field == Field::PersonEmail
            && mail.to.to_lowercase().starts_with(&mark.text.to_lowercase())
    };
    let is_invitation = read.text.contains("/i/");
    let inviter = |mark: &Mark| {
        let asks = matches!(mark.whose, Whose::Of(Who::Carer | Who::Patient));
        is_invitation
            && (mark.field == Field::InviterName || (mark.field == Field::MemberName && asks))
    };
    for (name, value) in &read.headers {
        let is_to = name.eq_ignore_ascii_case("to");
        look(name, value.as_bytes(), &|mark| is_to && recipient(mark));
    }
    look("text", read.text.as_bytes(), &inviter);
    look("HTML", read.html.as_bytes(), &inviter);
    look("bytes", &mail.bytes, &|mark| recipient(mark) || inviter(mark));
    let copies = ["cc", "bcc"].iter().any(|name| read.header(name).is_some());
    if copies || mail.to.contains(',') {
        leaks.push("a mail to more than one person".to_owned());
    }
    leaks
}

//! The outbox as its rows say, and who waits for whom in the database.

use kith_domain::MailKind;
use sea_orm::{FromQueryResult, Statement};
use uuid::Uuid;

use crate::World;

/// A mail as its row says.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct MailRow {
    /// Its id.
    pub id: Uuid,
    /// Kind.
    pub kind: String,
    /// State.
    pub state: String,
    /// Why it ended, or waits.
    pub reason: Option<String>,
    /// Attempts begun.
    pub attempts: i32,
    /// When it is tried, in seconds since 1970.
    pub next_at: i64,
}

impl MailRow {
    /// State and reason, as `cancelled: claim_dropped`.
    pub fn ended(&self) -> String {
        format!("{}: {}", self.state, self.reason.as_deref().unwrap_or("-"))
    }
}

impl World {
    /// Every mail there is, in the order of their due times.
    ///
    /// # Panics
    /// When the database does not answer.
    pub async fn mails(&self) -> Vec<MailRow> {
        let backend = self.beside.get_database_backend();
        let sql = "SELECT id, kind, state, reason, attempts, next_at FROM outbox \
                   ORDER BY due_at, id";
        MailRow::find_by_statement(Statement::from_string(backend, sql))
            .all(&self.beside)
            .await
            .expect("the outbox can be read")
    }

    /// Waits until a transaction of this PostgreSQL database waits for another, for as long as a test
    /// may take.
    ///
    /// # Panics
    /// When the cluster does not answer.
    pub async fn wait_until_somebody_waits(&self) {
        #[derive(FromQueryResult)]
        struct Waiting {
            waiting: i64,
        }
        let sql = "SELECT COUNT(*) AS waiting FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
        loop {
            let backend = self.beside.get_database_backend();
            let found = Waiting::find_by_statement(Statement::from_string(backend, sql))
                .one(&self.beside)
                .await
                .expect("the cluster says who waits");
            if found.is_some_and(|found| found.waiting > 0) {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// The one mail of a kind.
    ///
    /// # Panics
    /// When there is none, or more than one.
    pub async fn only_mail(&self, kind: MailKind) -> MailRow {
        let mut mails = self.mails().await;
        mails.retain(|mail| mail.kind == kind.as_str());
        assert_eq!(mails.len(), 1, "mails of this kind");
        mails.pop().expect("there is one")
    }
}

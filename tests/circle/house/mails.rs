//! The mails of the house, as their rows say.

use kith_domain::Timestamp;
use kith_domain::ids::{MailId, PersonId};
use kith_store::Membership;
use kith_tests::Sink;
use kith_tests::world::delivery;
use sea_orm::{ConnectionTrait as _, Statement};
use tokio_util::sync::CancellationToken;

use super::House;

impl House<'_> {
    /// One look at the outbox. Nothing here can be sent: no address of this house can be opened.
    pub(crate) async fn deliver(&self) {
        let delivery = delivery(Sink::open());
        self.app.deliver_due(&delivery, &CancellationToken::new()).await.unwrap();
    }

    /// `kind state` of each mail to a person, in order.
    pub(crate) async fn mails(&self, to: &Membership) -> Vec<String> {
        self.mails_of(to.person).await
    }

    /// The same of somebody who is in no circle.
    pub(crate) async fn mails_of(&self, person: PersonId) -> Vec<String> {
        let connection = self.database.connect().await;
        let rows = connection
            .query_all_raw(Statement::from_sql_and_values(
                connection.get_database_backend(),
                "SELECT kind, state FROM outbox WHERE person_id = $1 ORDER BY kind, state",
                [person.as_uuid().into()],
            ))
            .await
            .unwrap();
        let text = |row: &sea_orm::QueryResult, column| row.try_get::<String>("", column).unwrap();
        let mails = rows.iter().map(|row| format!("{} {}", text(row, "kind"), text(row, "state")));
        let mails = mails.collect();
        connection.close().await.unwrap();
        mails
    }

    /// The mails of this kind to a person have been sent.
    pub(crate) async fn mail_was_sent(&self, to: &Membership, kind: &str) {
        let connection = self.database.connect().await;
        let statement = Statement::from_sql_and_values(
            connection.get_database_backend(),
            "UPDATE outbox SET state = 'sent' WHERE person_id = $1 AND kind = $2",
            [to.person.as_uuid().into(), kind.into()],
        );
        connection.execute_raw(statement).await.unwrap();
        connection.close().await.unwrap();
    }

    /// The detail of each mail of `kind` that is still to be sent to a person, in order of time.
    pub(crate) async fn details(&self, to: &Membership, kind: &str) -> Vec<String> {
        let connection = self.database.connect().await;
        let rows = connection
            .query_all_raw(Statement::from_sql_and_values(
                connection.get_database_backend(),
                "SELECT detail FROM outbox WHERE person_id = $1 AND kind = $2 \
                 AND state = 'planned' ORDER BY due_at",
                [to.person.as_uuid().into(), kind.into()],
            ))
            .await
            .unwrap();
        let details = rows.iter().map(|row| row.try_get("", "detail").unwrap()).collect();
        connection.close().await.unwrap();
        details
    }

    /// The one mail to a person.
    pub(crate) async fn only_mail_to(&self, member: &Membership) -> MailId {
        let connection = self.database.connect().await;
        let rows = connection
            .query_all_raw(Statement::from_sql_and_values(
                connection.get_database_backend(),
                "SELECT id FROM outbox WHERE person_id = $1",
                [member.person.as_uuid().into()],
            ))
            .await
            .unwrap();
        connection.close().await.unwrap();
        assert_eq!(rows.len(), 1);
        MailId::from_uuid(rows[0].try_get("", "id").unwrap())
    }

    /// The token of the link to a slot in this mail.
    pub(crate) fn slot_token(&self, mail: MailId) -> String {
        self.vault.link_token("slot", mail.as_uuid(), 0).as_str().to_owned()
    }

    /// When the earliest mail to a person that is not sent yet is due.
    pub(crate) async fn mail_due(&self, to: &Membership) -> Option<Timestamp> {
        let connection = self.database.connect().await;
        let row = connection
            .query_one_raw(Statement::from_sql_and_values(
                connection.get_database_backend(),
                "SELECT MIN(due_at) AS due_at FROM outbox WHERE person_id = $1 AND state = 'planned'",
                [to.person.as_uuid().into()],
            ))
            .await
            .unwrap()
            .unwrap();
        let due = row.try_get::<Option<i64>>("", "due_at").unwrap();
        connection.close().await.unwrap();
        due.map(Timestamp::from_second)
    }

    /// Waits until a transaction of the database waits for another one.
    pub(crate) async fn until_somebody_waits(&self) {
        let connection = self.database.connect().await;
        let sql = "SELECT COUNT(*) AS waiting FROM pg_stat_activity \
                   WHERE datname = current_database() AND wait_event_type = 'Lock'";
        loop {
            let backend = connection.get_database_backend();
            let row = connection.query_one_raw(Statement::from_string(backend, sql)).await;
            if row.unwrap().unwrap().try_get::<i64>("", "waiting").unwrap() > 0 {
                break;
            }
            tokio::task::yield_now().await;
        }
        connection.close().await.unwrap();
    }
}

//! The decision log: appended to, never changed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::DatabaseBackend;

use crate::build::{
    NewTable, big_number, bytes_null, flag, instant, number, statement, uuid, uuid_null, words,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::keyed_by("decision_head", &[])
            .col(big_number("sequence"))
            .create(manager)
            .await?;
        NewTable::keyed_by("decision", &["sequence"])
            .cols([
                big_number("sequence"),
                uuid("id"),
                instant("at"),
                uuid_null("circle_id"),
                uuid_null("person_id"),
                uuid_null("session_id"),
                uuid_null("membership_id"),
                uuid_null("subject_id"),
                words("standing"),
                words("tier"),
                words("state"),
                words("basis"),
                words("category"),
                words("action"),
                flag("allowed"),
                words("rules"),
                number("encoding"),
                bytes_null("previous_hash"),
                bytes_null("hash"),
            ])
            .unique(&["organisation_id", "id"])
            .index(&["organisation_id", "circle_id", "sequence"])
            .create(manager)
            .await?;
        if manager.get_database_backend() == DatabaseBackend::Sqlite {
            for (name, event) in [("change", "UPDATE"), ("delete", "DELETE")] {
                let trigger = format!(
                    "CREATE TRIGGER decision_no_{name} BEFORE {event} ON decision \
                     BEGIN SELECT RAISE(ABORT, 'decisions are only appended'); END"
                );
                statement(manager, &trigger).await?;
            }
            return Ok(());
        }
        for sql in [
            "CREATE FUNCTION decision_is_append_only() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'decisions are only appended'; END $$",
            "CREATE TRIGGER decision_no_change BEFORE UPDATE OR DELETE ON decision \
             FOR EACH ROW EXECUTE FUNCTION decision_is_append_only()",
            "CREATE TRIGGER decision_no_truncate BEFORE TRUNCATE ON decision \
             FOR EACH STATEMENT EXECUTE FUNCTION decision_is_append_only()",
        ] {
            statement(manager, sql).await?;
        }
        Ok(())
    }
}

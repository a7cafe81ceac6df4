//! Organisations, their keys, persons and staff.

use sea_orm_migration::prelude::*;

use crate::build::{
    NewTable, bytes, bytes_null, flag, instant, instant_null, number, uuid, words, words_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("organisation")
                    .col(uuid("id").primary_key().take())
                    .col(words("name"))
                    .col(words_null("host").unique_key().take())
                    .col(words("phone"))
                    .col(words("zone"))
                    .col(flag("named_in_mail"))
                    .col(instant("created_at"))
                    .take(),
            )
            .await?;
        NewTable::keyed_by("data_key", &["owner_id", "version"])
            .cols([uuid("owner_id"), number("version"), bytes("wrapped"), instant("created_at")])
            .create(manager)
            .await?;
        NewTable::with_id("person")
            .cols([
                bytes("name"),
                bytes_null("email"),
                bytes_null("email_index"),
                bytes_null("phone"),
                number("key_version"),
                flag("remind_day_before"),
                flag("remind_two_hours"),
                flag("shares_mailbox"),
                flag("mail_stopped"),
                instant("created_at"),
            ])
            .index(&["organisation_id", "email_index"])
            .create(manager)
            .await?;
        NewTable::keyed_by("staff", &["person_id"])
            .cols([uuid("person_id"), words("role"), instant("added_at"), instant_null("ended_at")])
            .refers("person_id", "person")
            .create(manager)
            .await
    }
}

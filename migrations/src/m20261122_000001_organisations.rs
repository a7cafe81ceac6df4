//! Organisations, their keys, persons and staff.

use sea_orm_migration::prelude::*;

use crate::build::{
    NewTable, bytes, bytes_null, flag, instant, instant_null, number, number_null, uuid, words,
    words_null,
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
                number_null("remind_day_before"),
                flag("remind_morning"),
                number_null("remind_hours_before"),
                number("mail_from"),
                number("mail_until"),
                number_null("mail_daily"),
                flag("mail_asks"),
                flag("mail_confirms"),
                flag("mail_week_ahead"),
                flag("mail_calendar"),
                flag("mail_stopped"),
                instant_null("mail_bounced_at"),
                words_null("mail_bounced_by"),
                flag("email_unproved"),
                flag("shares_mailbox"),
                instant("created_at"),
            ])
            .index(&["organisation_id", "email_index"])
            .index(&["organisation_id", "mail_bounced_at"])
            .create(manager)
            .await?;
        NewTable::keyed_by("staff", &["person_id"])
            .cols([uuid("person_id"), words("role"), instant("added_at"), instant_null("ended_at")])
            .refers("person_id", "person")
            .create(manager)
            .await
    }
}

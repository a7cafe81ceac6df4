//! Mails as rows, the workers that deliver them, and calendars that are fetched.

use sea_orm_migration::prelude::*;

use crate::build::{
    NewTable, bytes, bytes_null, instant, instant_null, number, uuid, uuid_null, words, words_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::with_id("outbox")
            .cols([
                words("kind"),
                words("dedupe"),
                uuid_null("person_id"),
                uuid_null("sign_in_id"),
                uuid_null("circle_id"),
                uuid_null("slot_id"),
                uuid_null("claim_id"),
                uuid_null("welcome_id"),
                uuid_null("taken_in_by"),
                bytes_null("email_index"),
                words("detail"),
                instant("due_at"),
                instant("useful_until"),
                words("state"),
                words_null("reason"),
                number("attempts"),
                instant("next_at"),
                uuid_null("lease_owner"),
                instant_null("lease_until"),
                instant_null("first_attempt_at"),
                words_null("frozen"),
                instant("created_at"),
                instant("changed_at"),
            ])
            .refers("person_id", "person")
            .refers("sign_in_id", "sign_in")
            .refers("circle_id", "circle")
            .refers("slot_id", "slot")
            .refers("claim_id", "claim")
            .refers("welcome_id", "welcome")
            .unique(&["organisation_id", "dedupe"])
            .index(&["state", "next_at", "id"])
            .index(&["organisation_id", "circle_id", "state"])
            .index(&["organisation_id", "slot_id"])
            .index(&["organisation_id", "claim_id"])
            .index(&["organisation_id", "taken_in_by"])
            .index(&["organisation_id", "person_id", "kind"])
            .create(manager)
            .await?;
        NewTable::with_id("feed")
            .cols([
                uuid("person_id"),
                bytes("secret_hash"),
                instant("created_at"),
                instant_null("ended_at"),
            ])
            .refers("person_id", "person")
            .unique(&["organisation_id", "secret_hash"])
            .index(&["organisation_id", "person_id"])
            .create(manager)
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("worker")
                    .col(uuid("id").primary_key().take())
                    .col(instant("started_at"))
                    .col(instant("seen_at"))
                    .take(),
            )
            .await
    }
}

//! Devices, enrolments, sessions, sign-in codes, changes of addresses, welcomes, share links, receipts and limits.

use sea_orm_migration::prelude::*;

use crate::build::{
    NewTable, big_number, bytes, bytes_null, flag, instant, instant_null, number, number_null,
    statement, uuid, uuid_null, words,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::with_id("device")
            .cols([
                bytes("token_hash"),
                flag("shared"),
                instant("created_at"),
                instant("last_used_at"),
            ])
            .unique(&["organisation_id", "token_hash"])
            .create(manager)
            .await?;
        NewTable::keyed_by("own_number", &["device_id", "person_id"])
            .cols([
                uuid("device_id"),
                uuid("person_id"),
                words("phc"),
                number("wrong_tries"),
                instant("created_at"),
            ])
            .refers("device_id", "device")
            .refers("person_id", "person")
            .create(manager)
            .await?;
        NewTable::with_id("enrolment")
            .cols([
                uuid("device_id"),
                uuid("person_id"),
                uuid_null("circle_id"),
                words("way"),
                instant("created_at"),
                instant("last_used_at"),
                instant_null("ended_at"),
            ])
            .refers("device_id", "device")
            .refers("person_id", "person")
            .refers("circle_id", "circle")
            .index(&["organisation_id", "person_id", "device_id"])
            .index(&["organisation_id", "device_id"])
            .index(&["organisation_id", "circle_id"])
            .create(manager)
            .await?;
        NewTable::with_id("session")
            .cols([
                bytes("token_hash"),
                uuid("device_id"),
                uuid("person_id"),
                words("way"),
                flag("shared_computer"),
                instant("created_at"),
                instant("last_seen_at"),
                instant_null("fresh_until"),
                instant_null("ended_at"),
            ])
            .refers("device_id", "device")
            .refers("person_id", "person")
            .unique(&["organisation_id", "token_hash"])
            .index(&["organisation_id", "person_id"])
            .create(manager)
            .await?;
        NewTable::with_id("sign_in")
            .cols([
                bytes("browser_hash"),
                bytes("email_index"),
                bytes_null("code_mac"),
                bytes_null("link_hash"),
                number("tries_left"),
                flag("shared_computer"),
                instant("asked_at"),
                instant_null("minted_at"),
                instant_null("used_at"),
                instant_null("ended_at"),
            ])
            .index(&["organisation_id", "browser_hash"])
            .index(&["organisation_id", "link_hash"])
            .create(manager)
            .await?;
        NewTable::with_id("address_change")
            .cols([
                uuid("person_id"),
                uuid("device_id"),
                bytes_null("email"),
                bytes_null("email_index"),
                bytes_null("old_email"),
                number("key_version"),
                bytes_null("code_mac"),
                number("tries_left"),
                instant("asked_at"),
                instant_null("minted_at"),
                instant_null("used_at"),
            ])
            .refers("person_id", "person")
            .refers("device_id", "device")
            .index(&["organisation_id", "person_id"])
            .index(&["asked_at"])
            .create(manager)
            .await?;
        handed_out(manager).await?;
        forms_and_limits(manager).await
    }
}

/// What is given to somebody so that they can come in.
async fn handed_out(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    NewTable::with_id("welcome")
        .cols([
            words("kind"),
            uuid_null("circle_id"),
            uuid_null("membership_id"),
            uuid("person_id"),
            bytes_null("link_hash"),
            bytes_null("short_mac"),
            bytes_null("words_mac"),
            number("tries_left"),
            flag("names_inviter"),
            instant("created_at"),
            instant("expires_at"),
            instant_null("answered_at"),
            instant_null("words_used_at"),
            instant_null("ended_at"),
        ])
        .refers("circle_id", "circle")
        .refers("membership_id", "membership")
        .refers("person_id", "person")
        .index(&["organisation_id", "link_hash"])
        .index(&["organisation_id", "short_mac"])
        .index(&["organisation_id", "words_mac"])
        .index(&["organisation_id", "membership_id"])
        .index(&["organisation_id", "circle_id"])
        .index(&["organisation_id", "person_id"])
        .create(manager)
        .await?;
    NewTable::with_id("share_link")
        .cols([
            uuid("circle_id"),
            uuid("made_by_id"),
            bytes("token_hash"),
            number("asks_left"),
            instant("created_at"),
            instant("expires_at"),
            instant_null("ended_at"),
        ])
        .refers("circle_id", "circle")
        .refers("made_by_id", "membership")
        .unique(&["organisation_id", "token_hash"])
        .create(manager)
        .await?;
    statement(
        manager,
        "CREATE UNIQUE INDEX share_link_one_live ON share_link (organisation_id, circle_id) \
         WHERE ended_at IS NULL",
    )
    .await?;
    NewTable::with_id("join_request")
        .cols([
            uuid("circle_id"),
            uuid("link_id"),
            uuid("form_id"),
            bytes("browser_hash"),
            bytes_null("name"),
            bytes_null("email"),
            bytes_null("email_index"),
            number("key_version"),
            number_null("email_key_version"),
            flag("shares_mailbox"),
            flag("shared_computer"),
            words("state"),
            instant("asked_at"),
            instant("expires_at"),
            instant_null("answered_at"),
            uuid_null("answered_by_id"),
            uuid_null("welcome_id"),
        ])
        .refers("circle_id", "circle")
        .refers("link_id", "share_link")
        .refers("answered_by_id", "membership")
        .refers("welcome_id", "welcome")
        .index(&["organisation_id", "circle_id", "state"])
        .index(&["organisation_id", "link_id", "browser_hash"])
        .index(&["state", "expires_at"])
        .create(manager)
        .await
}

/// Forms that were sent, and what is left of limits.
async fn forms_and_limits(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    NewTable::with_id("receipt")
        .cols([words("route"), words("outcome"), instant("created_at")])
        .create(manager)
        .await?;
    NewTable::keyed_by("rate", &["bucket"])
        .cols([words("bucket"), big_number("level_milli"), instant("updated_at")])
        .create(manager)
        .await
}

//! What friends arrange between themselves, and what they tell the organisation in confidence.

use sea_orm_migration::prelude::*;

use crate::build::{
    NewTable, bytes, bytes_null, instant, instant_null, number, statement, uuid, uuid_null, words,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What is known by telephone only: what was said for whom no e-mail reaches, and what the hospice was
/// told.
async fn by_telephone(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    // When somebody is away, as whoever is in charge was told: in this circle and in no other.
    NewTable::keyed_by("absence_here", &["membership_id"])
        .cols([
            uuid("membership_id"),
            uuid("circle_id"),
            uuid("person_id"),
            instant("from_at"),
            instant("until_at"),
        ])
        .refers("membership_id", "membership")
        .refers("circle_id", "circle")
        .refers("person_id", "person")
        .index(&["organisation_id", "person_id"])
        .create(manager)
        .await?;
    // Who said what for a member whom no e-mail reaches. Nothing follows from these rows: they are
    // read by people.
    NewTable::with_id("said_for")
        .cols([
            uuid("circle_id"),
            uuid("membership_id"),
            uuid("said_by"),
            uuid_null("slot_id"),
            words("what"),
            instant("said_at"),
            number("nth"),
        ])
        .refers("circle_id", "circle")
        .refers("membership_id", "membership")
        .refers("said_by", "membership")
        .refers("slot_id", "slot")
        .index(&["organisation_id", "slot_id"])
        // Of what was said in one second, what was said first comes first.
        .unique(&["organisation_id", "membership_id", "nth"])
        .create(manager)
        .await?;
    // What the hospice was told on the telephone of a slot as it stood.
    NewTable::with_id("hospice_word")
        .cols([
            uuid("circle_id"),
            uuid("slot_id"),
            number("revision"),
            uuid("person_id"),
            words("what"),
            instant("said_at"),
            number("nth"),
        ])
        .refers("circle_id", "circle")
        .refers("slot_id", "slot")
        .refers("person_id", "person")
        // The newest of a slot counts, and of two in one second one is the newer.
        .unique(&["organisation_id", "slot_id", "nth"])
        .create(manager)
        .await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::with_id("swap")
            .cols([
                uuid("circle_id"),
                uuid("slot_id"),
                uuid("from_id"),
                uuid("to_id"),
                uuid_null("return_slot_id"),
                words("state"),
                instant("offered_at"),
                instant_null("answered_at"),
            ])
            .refers("circle_id", "circle")
            .refers("slot_id", "slot")
            .refers("from_id", "membership")
            .refers("to_id", "membership")
            .refers("return_slot_id", "slot")
            .index(&["organisation_id", "slot_id"])
            .index(&["organisation_id", "to_id"])
            .create(manager)
            .await?;
        // One person at a time is asked by name, so that two cannot both say yes.
        statement(
            manager,
            "CREATE UNIQUE INDEX swap_one_open ON swap (organisation_id, slot_id, from_id) \
             WHERE state = 'offered'",
        )
        .await?;
        NewTable::keyed_by("waiting", &["slot_id", "membership_id"])
            .cols([uuid("slot_id"), uuid("membership_id"), uuid("circle_id"), instant("since")])
            .refers("slot_id", "slot")
            .refers("membership_id", "membership")
            .refers("circle_id", "circle")
            .create(manager)
            .await?;
        // "I'm away from then to then": nobody asks for what falls into it.
        NewTable::with_id("absence")
            .cols([uuid("person_id"), instant("from_at"), instant("until_at")])
            .refers("person_id", "person")
            .index(&["organisation_id", "person_id"])
            .create(manager)
            .await?;
        by_telephone(manager).await?;
        // What somebody told the organisation in confidence: under the organisation's key, so that
        // it outlives the circle it is about.
        NewTable::with_id("concern")
            .cols([
                uuid("circle_id"),
                uuid("person_id"),
                bytes("note"),
                bytes_null("callback"),
                number("key_version"),
                instant("raised_at"),
                instant_null("settled_at"),
                uuid_null("settled_by"),
            ])
            .refers("circle_id", "circle")
            .refers("person_id", "person")
            .refers("settled_by", "person")
            .index(&["organisation_id", "raised_at"])
            .create(manager)
            .await
    }
}

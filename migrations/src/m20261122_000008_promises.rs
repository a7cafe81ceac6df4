//! Other times for what is promised, and promises for each time that a task comes.

use sea_orm_migration::prelude::*;

use crate::build::{
    NewTable, flag, instant, instant_null, number, statement, uuid, words, words_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Another time for a promised slot: it stays where it is until everybody who promised says yes.
        NewTable::with_id("proposed_move")
            .cols([
                uuid("circle_id"),
                uuid("slot_id"),
                uuid("asked_by"),
                instant("starts_at"),
                instant("ends_at"),
                instant("asked_at"),
                instant("lapses_at"),
                words("state"),
                instant_null("settled_at"),
                instant_null("lapse_told_at"),
            ])
            .refers("circle_id", "circle")
            .refers("slot_id", "slot")
            .refers("asked_by", "person")
            .index(&["state", "lapses_at", "id"])
            .index(&["organisation_id", "slot_id"])
            .index(&["organisation_id", "circle_id", "state"])
            .create(manager)
            .await?;
        // One question about a slot at a time, so that a yes is to that and to no other.
        statement(
            manager,
            "CREATE UNIQUE INDEX proposed_move_one_open ON proposed_move (organisation_id, slot_id) \
             WHERE state = 'open'",
        )
        .await?;
        NewTable::keyed_by("proposed_move_answer", &["proposed_move_id", "claim_id"])
            .cols([uuid("proposed_move_id"), uuid("claim_id"), flag("yes"), instant("answered_at")])
            .refers("proposed_move_id", "proposed_move")
            .refers("claim_id", "claim")
            .create(manager)
            .await?;
        // "Every Tuesday until Christmas": each new slot of the series gets this member's promise.
        NewTable::with_id("standing_promise")
            .cols([
                uuid("circle_id"),
                uuid("task_id"),
                uuid("membership_id"),
                uuid("person_id"),
                number("series"),
                words_null("weekdays"),
                words("from_date"),
                words_null("until_date"),
                words_null("given_to"),
                instant("made_at"),
                instant_null("ended_at"),
            ])
            .refers("circle_id", "circle")
            .refers("task_id", "task")
            .refers("membership_id", "membership")
            .refers("person_id", "person")
            .index(&["organisation_id", "task_id"])
            .index(&["organisation_id", "person_id"])
            .index(&["organisation_id", "circle_id"])
            .create(manager)
            .await?;
        statement(
            manager,
            "CREATE UNIQUE INDEX standing_promise_one_live ON standing_promise \
             (organisation_id, task_id, membership_id) WHERE ended_at IS NULL",
        )
        .await
    }
}

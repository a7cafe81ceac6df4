//! Tasks, slots, claims and who was asked.

use sea_orm_migration::prelude::*;

use crate::build::{
    NewTable, flag, instant, instant_null, number, number_null, statement, uuid, uuid_null, words,
    words_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

async fn tasks(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    NewTable::with_id("task")
        .cols([
            uuid("circle_id"),
            words("kind"),
            number("places"),
            words("first_date"),
            words("start_time"),
            number("minutes"),
            words("repeat"),
            words_null("until_date"),
            words("left_out"),
            number("series"),
            flag("discloses_address"),
            flag("discloses_help"),
            flag("discloses_entry"),
            words("if_nobody"),
            words("state"),
            words_null("rolled_to"),
            uuid_null("created_by"),
            instant("created_at"),
            number("revision"),
        ])
        .refers("circle_id", "circle")
        .index(&["organisation_id", "circle_id"])
        .create(manager)
        .await?;
    // What makes new slots still, by how far they reach; what is over is not in it.
    statement(
        manager,
        "CREATE INDEX task_to_roll ON task (COALESCE(rolled_to, '')) \
         WHERE state = 'active' AND repeat <> 'once' \
         AND (until_date IS NULL OR rolled_to IS NULL OR until_date > rolled_to)",
    )
    .await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        tasks(manager).await?;
        NewTable::with_id("slot")
            .cols([
                uuid("circle_id"),
                uuid("task_id"),
                number("series"),
                words("made_for"),
                words("local_date"),
                instant("starts_at"),
                instant("ends_at"),
                number("places"),
                number_null("own_places"),
                words_null("own_if_nobody"),
                number("taken"),
                words("state"),
                number("revision"),
                instant_null("tell_at"),
            ])
            .refers("circle_id", "circle")
            .refers("task_id", "task")
            .unique(&["organisation_id", "task_id", "series", "made_for"])
            .index(&["organisation_id", "circle_id", "starts_at"])
            .index(&["organisation_id", "starts_at"])
            .index(&["tell_at"])
            .create(manager)
            .await?;
        NewTable::with_id("claim")
            .cols([
                uuid("circle_id"),
                uuid("slot_id"),
                uuid("membership_id"),
                uuid("person_id"),
                words("state"),
                number("generation"),
                instant("claimed_at"),
                instant("changed_at"),
                instant_null("plan_at"),
                number_null("confirmed_revision"),
                instant_null("late_at"),
                words_null("ended_as"),
            ])
            .refers("circle_id", "circle")
            .refers("slot_id", "slot")
            .refers("membership_id", "membership")
            .refers("person_id", "person")
            .unique(&["organisation_id", "slot_id", "membership_id", "generation"])
            .index(&["organisation_id", "person_id"])
            .index(&["plan_at", "id"])
            .create(manager)
            .await?;
        // One live promise of one member for one slot, whatever the number of processes.
        statement(
            manager,
            "CREATE UNIQUE INDEX claim_one_live ON claim (organisation_id, slot_id, membership_id) \
             WHERE state IN ('claimed', 'cover_wanted')",
        )
        .await?;
        NewTable::keyed_by("ask", &["slot_id", "membership_id"])
            .cols([
                uuid("slot_id"),
                uuid("membership_id"),
                uuid("circle_id"),
                instant("asked_at"),
                words_null("answer"),
                instant_null("answered_at"),
            ])
            .refers("slot_id", "slot")
            .refers("membership_id", "membership")
            .refers("circle_id", "circle")
            .index(&["organisation_id", "membership_id"])
            .create(manager)
            .await
    }
}

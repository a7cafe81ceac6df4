//! Circles, memberships, grants and sealed content.

use sea_orm_migration::prelude::*;

use crate::build::{
    NewTable, bytes, flag, instant, instant_null, number, uuid, uuid_null, words, words_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        NewTable::with_id("circle")
            .cols([
                words("nature_name"),
                words("state"),
                words("zone"),
                words("area"),
                flag("quiet_mail"),
                instant_null("carer_seen_at"),
                instant("created_at"),
                instant("state_changed_at"),
            ])
            .unique(&["organisation_id", "nature_name"])
            .index(&["organisation_id", "area", "nature_name"])
            .create(manager)
            .await?;
        NewTable::with_id("membership")
            .cols([
                uuid("circle_id"),
                uuid("person_id"),
                words("role"),
                words("state"),
                flag("lead"),
                uuid_null("named_by"),
                instant("named_at"),
                instant_null("accepted_at"),
                number("named_nth"),
                instant_null("left_at"),
                words_null("everyday_look_on"),
            ])
            .refers("circle_id", "circle")
            .refers("person_id", "person")
            .unique(&["organisation_id", "circle_id", "person_id"])
            .index(&["organisation_id", "person_id"])
            .create(manager)
            .await?;
        NewTable::with_id("disclosure_grant")
            .cols([
                uuid("circle_id"),
                uuid("membership_id"),
                words("category"),
                words("basis"),
                uuid_null("decided_by"),
                instant("from_at"),
                instant_null("until_at"),
                instant_null("withdrawn_at"),
                uuid_null("withdrawn_by"),
            ])
            .refers("circle_id", "circle")
            .refers("membership_id", "membership")
            .index(&["organisation_id", "circle_id"])
            .index(&["organisation_id", "membership_id"])
            .create(manager)
            .await?;
        NewTable::with_id("content")
            .cols([
                uuid("circle_id"),
                words("field"),
                uuid("subject_id"),
                number("version"),
                bytes("sealed"),
                number("key_version"),
                uuid_null("author_id"),
                instant("created_at"),
            ])
            .refers("circle_id", "circle")
            .unique(&["organisation_id", "circle_id", "field", "subject_id", "version"])
            .create(manager)
            .await?;
        NewTable::with_id("not_this_person")
            .cols([uuid("circle_id"), bytes("email_index"), instant("created_at")])
            .refers("circle_id", "circle")
            .unique(&["organisation_id", "circle_id", "email_index"])
            .create(manager)
            .await
    }
}

//! What ended and is not yet in the file of endings, what that file is known by, and when a copy was
//! put in place.

use sea_orm_migration::prelude::*;

use crate::build::{NewTable, instant, instant_null, uuid, words, words_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Written with what ended, and gone once the file has it. No reference to what ended: of
        // something that was destroyed there is nothing to refer to.
        NewTable::with_id("ending")
            .cols([words("what"), uuid("subject_id"), words_null("more"), instant("at")])
            .index(&["at"])
            .create(manager)
            .await?;
        // Of the database as a whole, like its workers.
        manager
            .create_table(
                Table::create()
                    .table("endings_mark")
                    .col(uuid("id").primary_key().take())
                    .col(instant("at"))
                    .take(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("restoration")
                    .col(uuid("id").primary_key().take())
                    .col(instant("restored_at"))
                    .col(instant_null("resumed_at"))
                    .take(),
            )
            .await
    }
}

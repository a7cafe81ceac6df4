//! Rows of `outbox`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) organisation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) dedupe: String,
    pub(crate) person_id: Option<Uuid>,
    pub(crate) sign_in_id: Option<Uuid>,
    pub(crate) circle_id: Option<Uuid>,
    pub(crate) slot_id: Option<Uuid>,
    pub(crate) claim_id: Option<Uuid>,
    pub(crate) welcome_id: Option<Uuid>,
    pub(crate) taken_in_by: Option<Uuid>,
    pub(crate) email_index: Option<Vec<u8>>,
    pub(crate) detail: String,
    pub(crate) due_at: i64,
    pub(crate) useful_until: i64,
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
    pub(crate) attempts: i32,
    pub(crate) next_at: i64,
    pub(crate) lease_owner: Option<Uuid>,
    pub(crate) lease_until: Option<i64>,
    pub(crate) first_attempt_at: Option<i64>,
    pub(crate) frozen: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) changed_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

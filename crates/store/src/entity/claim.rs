//! Rows of `claim`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "claim")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) organisation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) circle_id: Uuid,
    pub(crate) slot_id: Uuid,
    pub(crate) membership_id: Uuid,
    pub(crate) person_id: Uuid,
    pub(crate) state: String,
    pub(crate) generation: i32,
    pub(crate) claimed_at: i64,
    pub(crate) changed_at: i64,
    pub(crate) plan_at: Option<i64>,
    pub(crate) confirmed_revision: Option<i32>,
    pub(crate) late_at: Option<i64>,
    pub(crate) ended_as: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

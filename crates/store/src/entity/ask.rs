//! Rows of `ask`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ask")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) organisation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) slot_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) membership_id: Uuid,
    pub(crate) circle_id: Uuid,
    pub(crate) asked_at: i64,
    pub(crate) answer: Option<String>,
    pub(crate) answered_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Rows of `circle`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "circle")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) organisation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) nature_name: String,
    pub(crate) state: String,
    pub(crate) zone: String,
    pub(crate) area: String,
    pub(crate) quiet_mail: bool,
    pub(crate) carer_seen_at: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) state_changed_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

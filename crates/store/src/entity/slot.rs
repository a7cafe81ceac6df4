//! Rows of `slot`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "slot")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) organisation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) circle_id: Uuid,
    pub(crate) task_id: Uuid,
    pub(crate) series: i32,
    pub(crate) made_for: String,
    pub(crate) local_date: String,
    pub(crate) starts_at: i64,
    pub(crate) ends_at: i64,
    pub(crate) places: i32,
    pub(crate) own_places: Option<i32>,
    pub(crate) own_if_nobody: Option<String>,
    pub(crate) taken: i32,
    pub(crate) state: String,
    pub(crate) revision: i32,
    pub(crate) tell_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

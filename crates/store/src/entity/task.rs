//! Rows of `task`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "task")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) organisation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) circle_id: Uuid,
    pub(crate) kind: String,
    pub(crate) places: i32,
    pub(crate) first_date: String,
    pub(crate) start_time: String,
    pub(crate) minutes: i32,
    pub(crate) repeat: String,
    pub(crate) until_date: Option<String>,
    pub(crate) left_out: String,
    pub(crate) series: i32,
    pub(crate) discloses_address: bool,
    pub(crate) discloses_help: bool,
    pub(crate) discloses_entry: bool,
    pub(crate) if_nobody: String,
    pub(crate) state: String,
    pub(crate) rolled_to: Option<String>,
    pub(crate) created_by: Option<Uuid>,
    pub(crate) created_at: i64,
    pub(crate) revision: i32,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Rows of `membership`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "membership")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) organisation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) circle_id: Uuid,
    pub(crate) person_id: Uuid,
    pub(crate) role: String,
    pub(crate) state: String,
    pub(crate) lead: bool,
    pub(crate) named_by: Option<Uuid>,
    pub(crate) named_at: i64,
    pub(crate) accepted_at: Option<i64>,
    pub(crate) left_at: Option<i64>,
    pub(crate) named_nth: i32,
    pub(crate) everyday_look_on: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

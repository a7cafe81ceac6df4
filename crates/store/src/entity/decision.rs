//! Rows of `decision`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "decision")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) organisation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) sequence: i64,
    pub(crate) id: Uuid,
    pub(crate) at: i64,
    pub(crate) circle_id: Option<Uuid>,
    pub(crate) person_id: Option<Uuid>,
    pub(crate) session_id: Option<Uuid>,
    pub(crate) membership_id: Option<Uuid>,
    pub(crate) subject_id: Option<Uuid>,
    pub(crate) standing: String,
    pub(crate) tier: String,
    pub(crate) state: String,
    pub(crate) basis: String,
    pub(crate) category: String,
    pub(crate) action: String,
    pub(crate) allowed: bool,
    pub(crate) rules: String,
    pub(crate) encoding: i32,
    pub(crate) previous_hash: Option<Vec<u8>>,
    pub(crate) hash: Option<Vec<u8>>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

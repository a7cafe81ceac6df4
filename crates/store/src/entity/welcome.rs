//! Rows of `welcome`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "welcome")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) organisation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) circle_id: Option<Uuid>,
    pub(crate) membership_id: Option<Uuid>,
    pub(crate) person_id: Uuid,
    pub(crate) link_hash: Option<Vec<u8>>,
    pub(crate) short_mac: Option<Vec<u8>>,
    pub(crate) words_mac: Option<Vec<u8>>,
    pub(crate) tries_left: i32,
    pub(crate) names_inviter: bool,
    pub(crate) created_at: i64,
    pub(crate) expires_at: i64,
    pub(crate) answered_at: Option<i64>,
    pub(crate) words_used_at: Option<i64>,
    pub(crate) ended_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

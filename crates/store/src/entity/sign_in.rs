//! Rows of `sign_in`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) organisation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) browser_hash: Vec<u8>,
    pub(crate) email_index: Vec<u8>,
    pub(crate) code_mac: Option<Vec<u8>>,
    pub(crate) link_hash: Option<Vec<u8>>,
    pub(crate) tries_left: i32,
    pub(crate) shared_computer: bool,
    pub(crate) asked_at: i64,
    pub(crate) minted_at: Option<i64>,
    pub(crate) used_at: Option<i64>,
    pub(crate) ended_at: Option<i64>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

//! Rows of `disclosure_grant`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disclosure_grant")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) organisation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) circle_id: Uuid,
    pub(crate) membership_id: Uuid,
    pub(crate) category: String,
    pub(crate) basis: String,
    pub(crate) decided_by: Option<Uuid>,
    pub(crate) from_at: i64,
    pub(crate) until_at: Option<i64>,
    pub(crate) withdrawn_at: Option<i64>,
    pub(crate) withdrawn_by: Option<Uuid>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

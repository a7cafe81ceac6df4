//! Rows of `person`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[expect(clippy::struct_excessive_bools, reason = "one column for each answer of the person")]
#[sea_orm(table_name = "person")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) organisation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    pub(crate) name: Vec<u8>,
    pub(crate) email: Option<Vec<u8>>,
    pub(crate) email_index: Option<Vec<u8>>,
    pub(crate) phone: Option<Vec<u8>>,
    pub(crate) key_version: i32,
    pub(crate) remind_day_before: Option<i32>,
    pub(crate) remind_morning: bool,
    pub(crate) remind_hours_before: Option<i32>,
    pub(crate) mail_from: i32,
    pub(crate) mail_until: i32,
    pub(crate) mail_daily: Option<i32>,
    pub(crate) mail_asks: bool,
    pub(crate) mail_confirms: bool,
    pub(crate) mail_week_ahead: bool,
    pub(crate) mail_calendar: bool,
    pub(crate) mail_stopped: bool,
    pub(crate) mail_bounced_at: Option<i64>,
    pub(crate) mail_bounced_by: Option<String>,
    pub(crate) email_unproved: bool,
    pub(crate) shares_mailbox: bool,
    pub(crate) created_at: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

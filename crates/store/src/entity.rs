//! One module a table. Entities never leave this crate: repositories return domain types.

pub(crate) mod ask;
pub(crate) mod circle;
pub(crate) mod claim;
pub(crate) mod content;
pub(crate) mod data_key;
pub(crate) mod decision;
pub(crate) mod decision_head;
pub(crate) mod device;
pub(crate) mod disclosure_grant;
pub(crate) mod enrolment;
pub(crate) mod feed;
pub(crate) mod membership;
pub(crate) mod not_this_person;
pub(crate) mod organisation;
pub(crate) mod outbox;
pub(crate) mod own_number;
pub(crate) mod person;
pub(crate) mod rate;
pub(crate) mod receipt;
pub(crate) mod session;
pub(crate) mod sign_in;
pub(crate) mod slot;
pub(crate) mod staff;
pub(crate) mod task;
pub(crate) mod welcome;

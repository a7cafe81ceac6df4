//! The database of Kith: entities (private), repositories, the unit of work, the outbox and the
//! decision log, on SQLite and PostgreSQL alike.
//!
//! Reading: [`Store::snapshot`], then the methods of [`Reader`]. Writing: [`Store::transact`] or,
//! for what a permit allows, [`Store::change`]; write methods exist only on [`UnitOfWork`].

mod absences;
mod access;
mod asks;
mod bounces;
mod circles;
mod claim_plans;
mod claims;
mod concerns;
mod contents;
mod convert;
mod database;
mod decisions;
mod delivery;
mod entity;
mod error;
mod facts_again;
mod feeds;
mod figures;
mod gaps;
mod grants;
mod mail_choice;
mod organisation_access;
mod organisations;
mod outbox;
mod oversight;
mod people;
mod proposed_moves;
mod raw;
mod receipts;
mod rota;
mod sessions;
mod share_links;
mod sign_ins;
mod silent;
mod standing_promises;
mod swaps;
mod taken_in;
mod tasks;
mod unit;
mod unwanted_mail;
mod waiting;
mod ways_in;
mod welcomes;
mod whole_circles;

pub use access::{Circle, CircleAccess, OwnPlace};
pub use asks::Asked;
pub use circles::{MayBeAsked, NewCircle};
pub use claims::Claim;
pub use concerns::{Concern, NewConcern};
pub use contents::Content;
pub use database::DatabaseSettings;
pub use decisions::{FirstLook, Look, Recorder};
pub use error::StoreError;
pub use feeds::Feed;
pub use figures::ServiceFigures;
pub use organisation_access::OrganisationAccess;
pub use organisations::Organisation;
pub use outbox::{Mail, MailSubject, NewMail};
pub use oversight::{DayCover, OpenGap, OverseenCircle};
pub use people::{Membership, Person};
pub use proposed_moves::ProposedMove;
pub use rota::Slot;
pub use sessions::Session;
pub use share_links::{JoinRequest, NewJoinRequest, ShareLink};
pub use sign_ins::SignIn;
pub use standing_promises::StandingPromise;
pub use swaps::Swap;
pub use tasks::Task;
pub use unit::{Reader, Snapshot, Store, UnitOfWork};
pub use ways_in::{Enrolment, StoredNumber};
pub use welcomes::Welcome;
pub use whole_circles::{WholeCircle, WholeClaim, WholeMember, WholeSlot, WholeTask, WholeText};

//! The words of Kith as types and rules.
//!
//! No I/O, no async, no clock and no randomness of its own: whoever calls passes the time
//! ([`Clock`]) and the ids ([`Ids`]) in, so that every rule here can be replayed in a test.

pub mod access;
mod acting;
pub mod asking;
mod category_set;
pub mod circle;
pub mod claim;
pub mod comes_back;
mod ending;
pub mod english;
pub mod fairness;
pub mod ids;
pub mod local_times;
mod mail_choice;
pub mod nature;
pub mod outbox;
pub mod own_number;
pub mod proposed_move;
pub mod rate;
pub mod reminder;
pub mod repeat;
mod sending_hours;
pub mod share_link;
mod short_code;
pub mod sign_in;
pub mod slot;
pub mod task;
pub mod task_draft;
pub mod text;
pub mod time;
pub mod way_in;
pub mod welcome;
mod welcome_lists;
mod words;

pub use access::{
    Action, Basis, Category, CircleState, EXISTING_PAIRS, Owner, Standing, Tier, UnknownWord,
};
pub use acting::{HospiceWord, SaidFor};
pub use asking::{AskRing, SwapState};
pub use category_set::CategorySet;
pub use circle::{GrantBasis, GrantPeriod, MemberRole, MembershipState, Preset, Ring};
pub use claim::{ClaimEnd, ClaimError, ClaimEvent, ClaimState, Window};
pub use comes_back::{ComesBack, LearntBy, Unreached};
pub use ending::EndingKind;
pub use ids::Ids;
pub use local_times::{HORIZON_DAYS, LocalTimes, LocalTimesError, occurrences};
pub use mail_choice::MailChoice;
pub use nature::nature_name;
pub use outbox::{MailKind, MailReason, MailState, Told};
pub use own_number::{OwnNumber, OwnNumberError};
pub use proposed_move::ProposedMoveState;
pub use reminder::{ReminderChoice, ReminderKind};
pub use repeat::{Ends, LeftOut, Pattern, Repeat, RepeatInput};
pub use sending_hours::{EVENING_HOUR, SENDING_FROM_HOUR, SENDING_UNTIL_HOUR, SendingHours};
pub use share_link::JoinState;
pub use short_code::ShortCode;
pub use sign_in::{SessionKind, SessionTimes};
pub use slot::SlotState;
pub use task::{DayPart, Disclosure, IfNobody, Places, PlacesError, TaskKind, Within};
pub use task_draft::{TaskDraft, TaskField, TaskInput, TaskProblem};
pub use text::{AreaName, EmailAddress, Label, LongText, Note, PersonName, PhoneNumber, TextError};
pub use time::{Clock, Timestamp, Zone};
pub use way_in::WelcomeKind;
pub use welcome::{NotWelcomeWords, WelcomeWords};

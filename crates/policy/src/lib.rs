//! Who may do what with which kind of information, decided by the tables of `policies/`.
//!
//! [`PolicyEngine::authorize`] decides on [`Facts`], writes the decision down, and only then gives
//! a [`Permit`]. Nothing confidential is opened or changed without one.

pub mod engine;
pub mod facts;
pub mod log;
pub mod permit;
pub mod scope;
mod tables;
#[cfg(feature = "testkit")]
pub mod testkit;
pub mod verdict;

pub use engine::{PolicyEngine, Refused};
pub use facts::Facts;
pub use log::{DecisionLog, DecisionRecord, RecordError};
pub use permit::{
    Act, Amend, Answer, Ask, Changes, Contribute, Disclose, Erase, Export, Govern, List, Name,
    Permit, Remove, Review, Take, Writes,
};
pub use scope::RequestScope;
pub use tables::LoadError;
pub use verdict::{Outcome, RuleId, Verdict};

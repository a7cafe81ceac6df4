//! Who may do what with which kind of information, decided by the tables of `policies/`.
//!
//! [`PolicyEngine::authorize`] decides on [`Facts`], writes the decision down, and only then gives
//! a [`Permit`]. Nothing confidential is opened or changed without one.

pub mod engine;
pub mod facts;
mod invariants;
pub mod log;
mod model;
pub mod permit;
pub mod question;
pub mod report;
mod rows;
pub mod scope;
mod space;
mod table;
mod tables;
#[cfg(feature = "testkit")]
pub mod testkit;
#[cfg(test)]
mod tests;
pub mod verdict;

pub use engine::{PolicyEngine, Refused};
pub use facts::Facts;
pub use log::{DecisionLog, DecisionRecord, RecordError};
pub use model::ModelFault;
pub use permit::{
    Act, ActFor, Amend, Answer, Ask, Changes, Contribute, Disclose, Erase, Export, Govern, List,
    Name, Permit, Remove, Review, Take, Writes,
};
pub use question::Question;
pub use rows::RowFault;
pub use scope::RequestScope;
pub use table::LoadError;
pub use verdict::{Outcome, RuleId, Verdict};

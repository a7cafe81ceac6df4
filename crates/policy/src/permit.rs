//! The proof that the engine allowed something.

use core::fmt;
use core::marker::PhantomData;

use kith_domain::ids::{DecisionId, OrganisationId};
use kith_domain::{Action, Category, Owner};
use uuid::Uuid;

use crate::facts::Facts;
use crate::log::{Decision, DecisionRecord};
use crate::scope::RequestScope;

mod sealed {
    pub trait Sealed {}
}

/// What a permit allows, as a type. Sealed: other crates cannot add one.
pub trait Act: sealed::Sealed + Send + Sync + 'static {
    /// The same as a word.
    const ACTION: Action;
}

/// An action that changes something. Its decision is written in the transaction of the change, by
/// the unit of work, from [`Permit::record`].
pub trait Changes: Act {}

/// An action that may seal new content.
pub trait Writes: Changes {}

macro_rules! acts {
    ($( $(#[$meta:meta])* $name:ident $(: $also:ident)* ),+ $(,)?) => { $(
        $(#[$meta])*
        #[derive(Debug)]
        pub enum $name {}
        impl sealed::Sealed for $name {}
        impl Act for $name {
            const ACTION: Action = Action::$name;
        }
        $( impl $also for $name {} )*
    )+ };
}

acts! {
    /// Show it to the requester.
    Disclose,
    /// See that entries exist, without their content.
    List,
    /// Read everybody's looks.
    Review,
    /// Take a copy out of the service.
    Export,
    /// Replace it.
    Amend: Changes: Writes,
    /// Add to it without reading the rest.
    Contribute: Changes: Writes,
    /// Destroy it.
    Erase: Changes,
    /// Promise to do a slot.
    Take: Changes,
    /// Answer for one's own slot.
    Answer: Changes,
    /// Say something for a member whom no e-mail reaches.
    ActFor: Changes,
    /// Ask people for help with a slot.
    Ask: Changes: Writes,
    /// Name a person, or change what a person may see.
    Name: Changes: Writes,
    /// Take a person out.
    Remove: Changes,
    /// Change settings and state.
    Govern: Changes: Writes,
}

/// Proof that the policy engine allowed `A` on one category of one owner in this request.
///
/// [`PolicyEngine::authorize`](crate::PolicyEngine::authorize) is the only source: there is no
/// public constructor, and no `Clone`, `Default` or `Deserialize`. The lifetime ties it to one
/// [`RequestScope`], so it cannot be kept or moved to a task.
#[must_use = "a permit that is not used is a decision without its act"]
pub struct Permit<'scope, A: Act> {
    facts: Facts,
    decision: Decision,
    _scope: PhantomData<&'scope RequestScope>,
    // A function pointer keeps the permit Send and Sync whatever A is.
    _act: PhantomData<fn() -> A>,
}

impl<'scope, A: Act> Permit<'scope, A> {
    pub(crate) fn mint(_: &'scope RequestScope, facts: Facts, decision: Decision) -> Self {
        Self { facts, decision, _scope: PhantomData, _act: PhantomData }
    }

    /// Whether this permit is for `category` of `owner`. Whoever acts on a permit asks first.
    pub fn covers(&self, owner: Owner, category: Category) -> bool {
        self.facts.owner == owner && self.decision.category == category
    }

    /// Whether this permit is for `category` of this row of `owner`. Details of people are kept
    /// under their organisation's key, so for them the row decides, and none is no row.
    pub fn covers_row(&self, owner: Owner, category: Category, row: Uuid) -> bool {
        let this_row = match self.facts.subject {
            Some(subject) => subject == row,
            None => category != Category::Contact,
        };
        self.covers(owner, category) && this_row
    }

    /// The organisation that it was given in.
    pub const fn organisation(&self) -> OrganisationId {
        self.facts.organisation
    }

    /// Whose information it is for.
    pub const fn owner(&self) -> Owner {
        self.facts.owner
    }

    /// The category it is for.
    pub const fn category(&self) -> Category {
        self.decision.category
    }

    /// The facts it was decided on. A write transaction reads them again and compares.
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The decision that gave it.
    pub const fn decision(&self) -> DecisionId {
        self.decision.id
    }
}

impl<A: Changes> Permit<'_, A> {
    /// The record of the decision. Not yet written: the unit of work appends it in the transaction
    /// of the change, so that "decided" and "done" are known together or not at all.
    pub fn record(&self) -> DecisionRecord {
        self.decision.record(&self.facts)
    }
}

impl<A: Act> fmt::Debug for Permit<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("action", &A::ACTION.as_str())
            .field("category", &self.decision.category.as_str())
            .field("decision", &self.decision.id)
            .finish_non_exhaustive()
    }
}

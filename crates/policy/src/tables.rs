//! The three tables together.

use kith_domain::{Action, Basis, Category, Standing, Tier};

use crate::invariants::{self, Proof};
use crate::question::Question;
use crate::space::{State, Sure, Who};
use crate::table::{LoadError, Table};
use crate::verdict::{Outcome, Verdict};

/// Model and rules of one table.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    pub(crate) model: &'a str,
    pub(crate) rules: &'a str,
}

/// The texts of the three tables.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Texts<'a> {
    pub(crate) who: Text<'a>,
    pub(crate) sure: Text<'a>,
    pub(crate) state: Text<'a>,
}

/// The files of `policies/`, compiled in: policy text is code, and nobody edits it at run time.
pub(crate) const SHIPPED: Texts<'static> = Texts {
    who: Text {
        model: include_str!("../../../policies/who.conf"),
        rules: include_str!("../../../policies/who.csv"),
    },
    sure: Text {
        model: include_str!("../../../policies/sure.conf"),
        rules: include_str!("../../../policies/sure.csv"),
    },
    state: Text {
        model: include_str!("../../../policies/state.conf"),
        rules: include_str!("../../../policies/state.csv"),
    },
};

/// The tiers of a session, lowest first. The lack of one is not among them.
const SESSION_TIERS: [Tier; 4] = [Tier::Link, Tier::SignedIn, Tier::Trusted, Tier::Fresh];

/// Three finished tables that must all allow.
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) who: Table<Who>,
    pub(crate) sure: Table<Sure>,
    pub(crate) state: Table<State>,
    /// What was proved over every combination when they were made.
    pub(crate) proofs: Vec<Proof>,
}

impl Tables {
    /// Builds the shipped tables.
    pub(crate) async fn load() -> Result<Self, LoadError> {
        Self::from_texts(SHIPPED).await
    }

    /// Builds tables and checks the invariants over all combinations.
    pub(crate) async fn from_texts(texts: Texts<'_>) -> Result<Self, LoadError> {
        let mut tables = Self {
            who: Table::build(texts.who.model, texts.who.rules).await?,
            sure: Table::build(texts.sure.model, texts.sure.rules).await?,
            state: Table::build(texts.state.model, texts.state.rules).await?,
            proofs: Vec::new(),
        };
        tables.proofs = invariants::check(&tables)?;
        Ok(tables)
    }

    /// The answer and the rules that decide it.
    pub(crate) fn decide(&self, question: Question) -> Verdict {
        let Question { standing, category, action, basis, tier, state } = question;
        let who = self.who.decide(Who { standing, category, action, basis });
        let sure = self.sure.decide(Sure { tier, category, action });
        let state = self.state.decide(State { circle: state, standing, category, action });
        // The program has no session and everybody else has one. Without this, a rule that is
        // meant for the program at tier none would hold for whoever comes without a session.
        let session_fits = (tier == Tier::None) == (standing == Standing::Job);
        let outcome = if let Some(needed) = self.step_up(question) {
            Outcome::StepUp(needed)
        } else if who.allowed && sure.allowed && state.allowed && session_fits {
            Outcome::Allowed
        } else {
            Outcome::Denied
        };
        Verdict { outcome, who: who.rule, sure: sure.rule, state: state.rule }
    }

    /// The lowest tier that is enough, when this session's is not. Looks at neither grants nor
    /// state, so that the page that asks for more is the same for every member.
    fn step_up(&self, Question { standing, category, action, tier, .. }: Question) -> Option<Tier> {
        let asks_for_more = match standing {
            Standing::Patient | Standing::Carer | Standing::Friend | Standing::Volunteer => true,
            Standing::Coordinator | Standing::Administrator | Standing::Oneself => {
                self.who.decide(Who { standing, category, action, basis: Basis::Both }).allowed
            }
            Standing::Invited
            | Standing::Left
            | Standing::Helper
            | Standing::Job
            | Standing::Stranger => false,
        };
        let needed = self.lowest_tier(category, action)?;
        (asks_for_more && tier < needed).then_some(needed)
    }

    /// The lowest tier of a session that is enough; `None` for a pair that does not exist.
    pub(crate) fn lowest_tier(&self, category: Category, action: Action) -> Option<Tier> {
        SESSION_TIERS
            .into_iter()
            .find(|&tier| self.sure.decide(Sure { tier, category, action }).allowed)
    }

    /// How many cells casbin was asked about.
    pub(crate) const fn asked(&self) -> usize {
        self.who.asked + self.sure.asked + self.state.asked
    }
}

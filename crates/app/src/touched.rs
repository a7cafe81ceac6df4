//! Asking whoever changes the rota about the promises that the change touches.
//!
//! The person who changes it sees first whose promises it touches. What was seen comes back with the
//! answer, so that a promise made in between is shown as well. What would move then becomes a question
//! to whoever promised ([`crate::proposed_move`]); what is taken off is told to them.

use std::collections::BTreeSet;

use jiff::civil::DateTime;
use kith_domain::Unreached;
use kith_domain::ids::{MembershipId, PersonId};

use crate::about::{About, Names};
use crate::gate::Inside;
use crate::series::{Step, To};

/// What came of a change of the rota.
#[derive(Clone, Debug)]
pub enum ChangeOutcome {
    /// It is so now.
    Done,
    /// It is so now, but for what others promised: they are asked, and it stays until they say yes.
    AskedThem,
    /// Nothing was written: it touches what others have promised.
    Asks(Touched),
}

/// The promises that a change touches.
#[derive(Clone, Debug)]
pub struct Touched {
    /// The circle and the reader.
    pub about: About,
    /// By slot, in order.
    pub promises: Vec<TouchedPromise>,
    /// What to send back with the answer: that these, and no others, were seen.
    pub seen: String,
}

/// The promises for one slot.
#[derive(Clone, Debug)]
pub struct TouchedPromise {
    /// First names of those who promised, as far as the reader may see them.
    pub names: Vec<Option<String>>,
    /// When it starts and ends.
    pub was: (DateTime, DateTime),
    /// When it would; none when it would be taken off.
    pub will_be: Option<(DateTime, DateTime)>,
    /// Of those who promised, whom no e-mail reaches: somebody rings them.
    pub to_ring: Vec<Option<String>>,
}

/// The answer about promises that a change touches, as it was sent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Touching<'a> {
    /// `keep`: they stay as they were promised. `change`: whoever promised is asked whether they may
    /// move, and told of what is taken off. Anything else: not shown yet.
    pub promises: &'a str,
    /// [`Touched::seen`] of what was asked about.
    pub seen: &'a str,
}

impl Touching<'_> {
    /// Lets the promises be as the answer has it. `false` when it must be asked first.
    pub(crate) fn settle(self, steps: &mut [Step], by: PersonId) -> bool {
        let seen: BTreeSet<&str> = self.seen.split(',').collect();
        let is_seen = |id: String| seen.contains(id.as_str());
        if self.promises != "keep" {
            let mut touched = steps.iter().flat_map(|step| step.touched(by));
            return match self.promises {
                "change" => touched.all(|claim| is_seen(claim.id.to_string())),
                _ => touched.next().is_none(),
            };
        }
        for step in steps.iter_mut() {
            if step.touched(by).next().is_some() {
                step.to = match step.to {
                    To::Stays(day) => To::Stays(day),
                    To::Moves(day, ..) => To::Stays(Some(day)),
                    To::Off => To::Stays(None),
                };
            }
        }
        true
    }
}

impl Touched {
    /// What to show of `steps`.
    pub(crate) fn of(
        inside: &Inside<'_>,
        (about, names): (About, &Names),
        unreached: &[(MembershipId, Unreached)],
        steps: &[Step],
    ) -> Self {
        let is_unreached = |id| unreached.iter().any(|(member, _)| *member == id);
        let by = inside.session.person;
        let zone = &inside.circle.zone;
        let local = |starts, ends| (zone.local(starts), zone.local(ends));
        let claims = steps.iter().flat_map(|step| step.touched(by));
        let seen: Vec<String> = claims.map(|claim| claim.id.to_string()).collect();
        let touched = steps.iter().filter(|step| step.touched(by).next().is_some());
        let promise = |step: &Step| TouchedPromise {
            names: step.touched(by).map(|claim| names.of(claim.membership)).collect(),
            was: local(step.slot.starts, step.slot.ends),
            will_be: match step.to {
                To::Moves(_, starts, ends) => Some(local(starts, ends)),
                To::Stays(_) | To::Off => None,
            },
            to_ring: step
                .touched(by)
                .filter(|claim| is_unreached(claim.membership))
                .map(|claim| names.of(claim.membership))
                .collect(),
        };
        Self { about, promises: touched.map(promise).collect(), seen: seen.join(",") }
    }
}

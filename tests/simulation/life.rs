//! A process that dies. Whatever a process does for good is a commit or a mail; between two of them
//! it reads the clock or draws an id, and there it ends, with all that it had not committed.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};

use kith_domain::{Clock, Ids, Timestamp};
use kith_tests::TestClock;
use uuid::Uuid;

use crate::chance::Chance;

/// The life of the process that works now.
#[derive(Debug, Default)]
pub(crate) struct Life {
    /// Steps until it dies; negative when it lives on.
    left: AtomicI64,
    dead: AtomicBool,
    /// Which process this is.
    number: AtomicU32,
}

impl Life {
    /// Dies after so many steps; lives on when `None`.
    pub(crate) fn dies_after(&self, steps: Option<i64>) {
        self.left.store(steps.unwrap_or(-1), Ordering::SeqCst);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }

    pub(crate) fn number(&self) -> u32 {
        self.number.load(Ordering::SeqCst)
    }

    /// Another process begins.
    pub(crate) fn begins_anew(&self) {
        self.dies_after(None);
        self.number.fetch_add(1, Ordering::SeqCst);
        self.dead.store(false, Ordering::SeqCst);
    }

    /// One step. Does not return to a process that is dead.
    pub(crate) fn step(&self) {
        let dies = match self.left.load(Ordering::SeqCst) {
            0 => true,
            left if left > 0 => {
                self.left.store(left - 1, Ordering::SeqCst);
                false
            }
            _ => false,
        };
        if dies || self.is_over() {
            self.dead.store(true, Ordering::SeqCst);
            // Unlike a panic this says nothing: dying is what is meant to happen.
            resume_unwind(Box::new("the process died"));
        }
    }
}

/// The clock of a process that may die.
pub(crate) struct MortalClock(pub(crate) Arc<Life>, pub(crate) Arc<TestClock>);

impl Clock for MortalClock {
    fn now(&self) -> Timestamp {
        self.0.step();
        self.1.now()
    }
}

/// Its ids.
pub(crate) struct MortalIds(pub(crate) Arc<Life>, pub(crate) Arc<Chance>);

impl Ids for MortalIds {
    fn next(&self) -> Uuid {
        self.0.step();
        self.1.next()
    }
}

//! For tests of every crate: permits come from the real engine over the shipped policies.
//! No release build has this feature.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use async_trait::async_trait;

use crate::engine::PolicyEngine;
use crate::log::{DecisionLog, DecisionRecord, RecordError};
use crate::table::LoadError;
use crate::tables::Tables;

/// A decision log in memory.
#[derive(Debug, Default)]
pub struct MemoryLog {
    broken: AtomicBool,
    recorded: Mutex<Vec<DecisionRecord>>,
    refused: Mutex<Vec<DecisionRecord>>,
}

impl MemoryLog {
    /// An empty log.
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// A log whose every write fails.
    pub fn broken() -> Arc<Self> {
        let log = Self::new();
        log.broken.store(true, Ordering::Relaxed);
        log
    }

    /// What was recorded and awaited, oldest first.
    pub fn recorded(&self) -> Vec<DecisionRecord> {
        locked(&self.recorded).clone()
    }

    /// The refusals that were noted, oldest first.
    pub fn refused(&self) -> Vec<DecisionRecord> {
        locked(&self.refused).clone()
    }
}

#[async_trait]
impl DecisionLog for MemoryLog {
    async fn record(&self, record: DecisionRecord) -> Result<(), RecordError> {
        if self.broken.load(Ordering::Relaxed) {
            return Err(RecordError);
        }
        locked(&self.recorded).push(record);
        Ok(())
    }

    fn note_refusal(&self, record: DecisionRecord) {
        if !self.broken.load(Ordering::Relaxed) {
            locked(&self.refused).push(record);
        }
    }
}

/// The engine over the shipped policies, writing to `log`. A test that starts many processes loads
/// the policies once.
pub async fn engine(log: Arc<dyn DecisionLog>) -> Result<PolicyEngine, LoadError> {
    static LOADED: OnceLock<Arc<Tables>> = OnceLock::new();
    let tables = if let Some(tables) = LOADED.get() {
        Arc::clone(tables)
    } else {
        let tables = Arc::new(Tables::load().await?);
        Arc::clone(LOADED.get_or_init(|| tables))
    };
    Ok(PolicyEngine::of(tables, log))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

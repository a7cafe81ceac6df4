//! What runs without a person: ticks, and the two loops that they set going.
//!
//! tokio-cron-scheduler only ticks, in UTC. A tick means "look" and carries nothing: it may come
//! late, twice or not at all, and the next look finds the same rows. Work runs in tasks of our own,
//! one of a kind at a time, and is drained at the end.

mod work;

use std::sync::Arc;
use std::time::Duration;

use kith_app::{App, Delivery, Failure};
use tokio::sync::Notify;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::work::{Work, Worker};

/// Why nothing runs.
#[derive(Debug, thiserror::Error)]
pub enum SchedulerError {
    /// Ticks are 1 to 30 seconds apart.
    #[error("ticks must be 1 to 30 seconds apart")]
    Tick,
    /// The library that ticks refused.
    #[error("the ticks cannot be started")]
    Ticks(#[from] JobSchedulerError),
    /// Mails of a process that died could not be taken back.
    #[error("the outbox cannot be taken over: {0}")]
    TakeOver(#[from] Failure),
}

/// The ticks and the work that they set going. End it with [`Scheduler::stop`].
pub struct Scheduler {
    ticks: JobScheduler,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl std::fmt::Debug for Scheduler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scheduler").field("tasks", &self.tasks.len()).finish_non_exhaustive()
    }
}

impl Scheduler {
    /// Takes over what a process that died left behind, and starts looking every `tick` (1 to 30
    /// seconds, whole ones) at what is due.
    pub async fn start(
        app: Arc<App>,
        delivery: Delivery,
        tick: Duration,
    ) -> Result<Self, SchedulerError> {
        let seconds = tick.as_secs();
        if !(1..=30).contains(&seconds) {
            return Err(SchedulerError::Tick);
        }
        let interrupted = app.take_back_at_start().await?;
        if interrupted > 0 {
            tracing::warn!(interrupted, "mails were being sent at the end, and may arrive twice");
        }
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let worker = Arc::new(Worker { app, delivery, stop: stop.clone() });
        let looks = [Work::Deliver, Work::Plan].map(|work| {
            let look = Arc::new(Notify::new());
            tasks.spawn(work::run(Arc::clone(&worker), work, Arc::clone(&look), tasks.clone()));
            // The first look needs no tick.
            look.notify_one();
            look
        });
        let ticks = JobScheduler::new().await?;
        ticks.add(every(seconds, looks)?).await?;
        ticks.start().await?;
        Ok(Self { ticks, stop, tasks })
    }

    /// Takes nothing new, finishes what is under way, and gives the rest back. `false` when that
    /// took longer than `deadline`; what was cut off then is taken back by its lease.
    pub async fn stop(mut self, deadline: Duration) -> bool {
        self.stop.cancel();
        self.tasks.close();
        let end = async {
            if let Err(error) = self.ticks.shutdown().await {
                tracing::warn!(%error, "the ticks did not end");
            }
            self.tasks.wait().await;
        };
        tokio::time::timeout(deadline, end).await.is_ok()
    }
}

/// A tick that rings at each of `looks`. Whoever still works hears it once, afterwards.
fn every(seconds: u64, looks: [Arc<Notify>; 2]) -> Result<Job, JobSchedulerError> {
    Job::new_async(format!("*/{seconds} * * * * *"), move |_, _| {
        let looks = looks.clone();
        Box::pin(async move {
            for look in &looks {
                look.notify_one();
            }
        })
    })
}

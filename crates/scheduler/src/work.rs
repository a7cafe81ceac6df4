//! The two kinds of work, each in a loop of its own: a slow relay holds up no planning.

use std::sync::Arc;

use kith_app::{App, Delivery, Failure};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Rounds of planning in one look: work of others on the database comes in between two looks.
const ROUNDS: u32 = 20;

/// Which work a loop does.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Work {
    /// Hands over what is due.
    Deliver,
    /// Rolls the weeks on, plans reminders, wipes what ran out, says that this process works, and
    /// writes down what ended where a process that died did not.
    Plan,
}

/// What both need.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) app: Arc<App>,
    pub(crate) delivery: Delivery,
    pub(crate) stop: CancellationToken,
}

/// Looks whenever `look` rings, one look at a time, until the worker is stopped.
pub(crate) async fn run(worker: Arc<Worker>, work: Work, look: Arc<Notify>, tasks: TaskTracker) {
    let mut failed = false;
    loop {
        tokio::select! {
            biased;
            () = worker.stop.cancelled() => return,
            () = look.notified() => {}
            () = worker.app.woken(), if matches!(work, Work::Deliver) => {}
        }
        let once = Arc::clone(&worker);
        // In a task of its own, so that a panic ends this look and not the loop.
        let outcome = tasks.spawn(async move { once.look(work).await }).await;
        let problem = match outcome {
            Ok(Ok(())) => None,
            Ok(Err(failure)) => Some(failure.to_string()),
            Err(_) => Some("ended unexpectedly".to_owned()),
        };
        match (problem, failed) {
            (Some(problem), false) => {
                tracing::error!(?work, %problem, "work is not done; every tick tries again");
                failed = true;
            }
            (None, true) => {
                tracing::info!(?work, "work is done again");
                failed = false;
            }
            _ => {}
        }
    }
}

impl Worker {
    async fn look(&self, work: Work) -> Result<(), Failure> {
        match work {
            Work::Deliver => self.deliver().await,
            Work::Plan => self.plan().await,
        }
    }

    async fn deliver(&self) -> Result<(), Failure> {
        while !self.stop.is_cancelled() {
            let report = self.app.deliver_due(&self.delivery, &self.stop).await?;
            if report.paused || !report.more {
                break;
            }
        }
        Ok(())
    }

    async fn plan(&self) -> Result<(), Failure> {
        // Whatever becomes of the rest, what ended is written down, and the other way round.
        let written = self.app.write_endings().await;
        self.plan_ahead().await?;
        written
    }

    async fn plan_ahead(&self) -> Result<(), Failure> {
        self.app.heartbeat(self.delivery.worker).await?;
        for _ in 0..ROUNDS {
            if !self.app.work_ahead().await? || self.stop.is_cancelled() {
                break;
            }
        }
        Ok(())
    }
}

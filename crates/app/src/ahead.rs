//! What is done ahead of time, whoever asks for it: the scheduler's tick, and the demonstration's clock.

use crate::{App, Failure};

impl App {
    /// One round: the day's figures are planned, what was not answered in time is wiped, the weeks roll on
    /// and mails are planned. Says whether there was anything to do; there may be more.
    ///
    /// # Errors
    ///
    /// When the database does not answer. The next round finds the same.
    pub async fn work_ahead(&self) -> Result<bool, Failure> {
        self.plan_figures().await?;
        let forgotten = self.forget_unanswered().await? + self.forget_address_changes().await?;
        let rolled = self.roll_slots().await?;
        let planned = self.plan_reminders().await?;
        if planned > 0 {
            self.wake();
        }
        Ok(forgotten > 0 || rolled > 0 || planned > 0)
    }
}

//! How something comes again that was put on the rota a moment ago, for whoever did: a wrong day of the
//! week is seen at once, and not when nobody comes.

use jiff::civil::{Date, Time};
use kith_domain::ids::{CircleId, TaskId};
use kith_domain::{Category, Repeat, TaskKind};
use kith_policy::{Disclose, Permit};

use crate::App;
use crate::failure::Failure;
use crate::visit::Visit;

/// Days that are named.
const NEXT_DAYS: usize = 3;

/// How a task comes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComesAgain {
    /// What.
    pub kind: TaskKind,
    /// On which days.
    pub repeat: Repeat,
    /// Wall-clock time of its start and end.
    pub times: (Time, Time),
    /// Its next days, three at most.
    pub next: Vec<Date>,
}

impl App {
    /// How a task of the circle comes again, and when next. None when it comes once.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for whoever may not see the rota.
    pub async fn comes_again(
        &self,
        visit: &Visit,
        circle: CircleId,
        task: TaskId,
    ) -> Result<Option<ComesAgain>, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let task = snapshot.task(task).await?;
        let task = task.filter(|task| task.circle == circle && task.repeat.is_again());
        let slots = match &task {
            Some(task) => snapshot.slots_of_task(task.id, visit.now()).await?,
            None => Vec::new(),
        };
        snapshot.end();
        let _: Permit<'_, Disclose> = inside.permit(Category::Rota).await?;
        let zone = &inside.circle.zone;
        Ok(task.map(|task| {
            let (starts, ends) = task.first.instants(zone);
            ComesAgain {
                kind: task.kind,
                repeat: task.repeat,
                times: (zone.local(starts).time(), zone.local(ends).time()),
                next: slots.iter().take(NEXT_DAYS).map(|slot| slot.date).collect(),
            }
        }))
    }
}

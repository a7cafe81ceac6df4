//! What needs somebody in one's circles, for a list that nobody has to scroll through.

use std::collections::BTreeMap;

use kith_domain::CircleState;
use kith_domain::ids::CircleId;
use kith_store::CircleAccess;

use crate::me::MySlot;

/// Days of which it is said what needs somebody.
pub(crate) const HELP_DAYS: i64 = 14;
/// So many are counted.
pub(crate) const MOST_COUNTED: u32 = 50;
/// So many are shown one by one, beside those that one is asked for by name.
const MOST_SHOWN: usize = 10;

/// What needs somebody in one's circles in the coming two weeks, as far as one list may say it.
#[derive(Clone, Debug)]
pub struct HelpNeeded {
    /// The first of it, and what one is asked for by name, in order.
    pub first: Vec<MySlot>,
    /// How much it is; none where it is more than fifty.
    pub count: Option<usize>,
    /// The circles that have more of it than is shown, each with its nature name, where this device
    /// may read their rota.
    pub more_in: Vec<(CircleId, String)>,
    /// Nature names of one's circles that are paused: nobody is asked for anything there.
    pub paused: Vec<String>,
}

impl HelpNeeded {
    /// What is shown of `needed`, of which there were `count` before those of circles that show nothing
    /// were left out.
    pub(crate) fn of(
        circles: &BTreeMap<CircleId, CircleAccess>,
        needed: Vec<MySlot>,
        count: usize,
        may_read_rota: impl Fn(&CircleAccess) -> bool,
    ) -> Self {
        let count = (count <= MOST_COUNTED as usize)
            .then(|| needed.iter().filter(|slot| !slot.by_name).count());
        let mut shown = 0;
        let (first, more): (Vec<_>, Vec<_>) = needed.into_iter().partition(|slot| {
            shown += usize::from(!slot.by_name);
            slot.by_name || shown <= MOST_SHOWN
        });
        let mut more_in: Vec<(CircleId, String)> = Vec::new();
        for slot in more {
            let is_there = more_in.iter().any(|(circle, _)| *circle == slot.circle);
            if !is_there && circles.get(&slot.circle).is_some_and(&may_read_rota) {
                more_in.push((slot.circle, slot.nature_name));
            }
        }
        let paused = circles.values().filter(|access| access.circle.state == CircleState::Paused);
        let paused = paused.map(|access| access.circle.nature_name.clone()).collect();
        Self { first, count, more_in, paused }
    }
}

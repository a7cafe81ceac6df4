//! What may be said for one member, and what was, for the page about them.

use kith_domain::Category;
use kith_policy::ActFor;
use kith_store::{Absence, Membership, Said, Snapshot};

use crate::about::Names;
use crate::acting_for::{SaidLine, may_be_spoken_for};
use crate::away::{Away, away};
use crate::failure::Failure;
use crate::gate::Inside;
use crate::said_yes::may_be_noted;
use crate::visit::Visit;

/// Lines that are shown.
const MOST: u32 = 10;

/// What the reader may say for a member whom no e-mail reaches, and what was said.
#[derive(Clone, Debug, Default)]
pub struct SpokenFor {
    /// That they said yes.
    pub may_say_yes: bool,
    /// What they say about their slots, and that they are away.
    pub may_speak: bool,
    /// When they are away, as it was noted for them.
    pub away: Option<Away>,
    /// What was said for them, oldest first; at most ten.
    pub said: Vec<SaidLine>,
}

/// The same, before names are known.
#[derive(Default)]
pub(crate) struct Speaking {
    may_say_yes: bool,
    may_speak: bool,
    away: Option<Absence>,
    said: Vec<Said>,
}

impl Speaking {
    pub(crate) async fn read(
        snapshot: &Snapshot,
        inside: &Inside<'_>,
        member: &Membership,
    ) -> Result<Self, Failure> {
        let me = inside.place.as_ref().map(|place| place.membership);
        Ok(Self {
            may_say_yes: may_be_noted(snapshot, member).await?,
            may_speak: may_be_spoken_for(snapshot, member, me).await?,
            away: snapshot.absence_here(member.id, inside.now()).await?,
            said: snapshot.said_for(member.id, MOST).await?,
        })
    }

    pub(crate) fn view(&self, visit: &Visit, inside: &Inside<'_>, names: &Names) -> SpokenFor {
        let may = inside.may::<ActFor>(Category::People);
        SpokenFor {
            may_say_yes: may && self.may_say_yes,
            may_speak: may && self.may_speak,
            away: self.away.filter(|_| may).map(|noted| away(visit, &noted)),
            said: self.said.iter().filter_map(|said| SaidLine::of(inside, names, said)).collect(),
        }
    }
}

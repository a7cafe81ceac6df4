//! What one person of a circle has promised and opened: for whoever decides about them.

use jiff::civil::DateTime;
use kith_domain::ids::{CircleId, MembershipId, SlotId};
use kith_domain::{Category, ClaimState, MembershipState, TaskKind, Timestamp};
use kith_policy::{Disclose, Permit, Review};

use crate::about::SealedAbout;
use crate::looks::{Known, LookView};
use crate::visit::Visit;
use crate::{App, Failure};

/// Promises and looks that are shown.
const MOST: u32 = 50;

/// What one person has promised and opened.
#[derive(Clone, Debug)]
pub struct Traces {
    /// What they have promised and not done yet, soonest first; empty for a reader without the
    /// rota.
    pub promised: Vec<Promised>,
    /// What they opened or changed, newest first.
    pub looks: Vec<LookView>,
}

/// One promise.
#[derive(Clone, Copy, Debug)]
pub struct Promised {
    /// The slot.
    pub slot: SlotId,
    /// What it is.
    pub kind: TaskKind,
    /// Begin, by the wall clock of the circle.
    pub local_start: DateTime,
    /// End, by the wall clock of the circle.
    pub local_end: DateTime,
    /// Promised, or promised unless somebody takes over.
    pub state: ClaimState,
}

impl App {
    /// What a person has promised and opened.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for whoever may not review who has looked, and for somebody who is not
    /// in the circle.
    pub async fn traces(
        &self,
        visit: &Visit,
        circle: CircleId,
        membership: MembershipId,
    ) -> Result<Traces, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let now = visit.now();
        let about = SealedAbout::read(&snapshot, circle).await?;
        let members = snapshot.members(circle).await?;
        let member = members
            .iter()
            .find(|member| member.id == membership && member.state != MembershipState::Left);
        let person = member.map(|member| member.person);
        let (claims, looks) = match person {
            Some(person) => {
                let since = Timestamp::from_second(0);
                let looks = snapshot.looks(circle, Some(person), since, None, MOST).await?;
                (snapshot.own_claims(person, now, MOST).await?, looks)
            }
            None => (Vec::new(), Vec::new()),
        };
        let firsts = snapshot.first_looks(circle).await?;
        let granted = snapshot.granted(circle, now).await?;
        snapshot.end();

        let _: Permit<'_, Review> = inside.permit(Category::Looks).await?;
        let rota = inside.permit_if_any::<Disclose>(Category::Rota).await?;
        person.ok_or(Failure::NotHere)?;
        let (_, names) = about.open(&inside, &inside.key()?).await?;
        let known = Known::new(&inside, &names, &firsts, &members, granted);
        let zone = &inside.circle.zone;
        let here = claims.iter().filter(|(_, slot)| rota.is_some() && slot.circle == circle);
        let promised = here.map(|(claim, slot)| Promised {
            slot: slot.id,
            kind: slot.kind,
            local_start: zone.local(slot.starts),
            local_end: zone.local(slot.ends),
            state: claim.state,
        });
        Ok(Traces {
            promised: promised.collect(),
            looks: looks.iter().map(|look| known.view(look)).collect(),
        })
    }
}

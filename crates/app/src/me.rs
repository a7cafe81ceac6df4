//! One's own rota, across circles, and where one may go.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use kith_domain::claim::window;
use kith_domain::ids::{CircleId, SlotId};
use kith_domain::{
    Category, CircleState, ClaimState, Disclosure, IfNobody, MemberRole, Repeat, Standing,
    TaskKind, Tier, Timestamp, Unreached, Zone,
};
use kith_policy::{Answer, Disclose};
use kith_store::{CircleAccess, Claim, Content, Session, Slot, Snapshot, StandingPromise, Task};
use kith_vault::Field;

use crate::App;
use crate::after::{LATELY_DAYS, MOST_LATELY, MyLately};
use crate::away::Away;
use crate::every_time::until;
use crate::failure::Failure;
use crate::help_needed::{HELP_DAYS, HelpNeeded, MOST_COUNTED};
use crate::own_date::is_said;
use crate::rota::Opening;
use crate::visit::Visit;

/// Promises on one page.
const MOST_SLOTS: u32 = 50;
/// Circles of one person that are looked at.
const MOST_CIRCLES: usize = 20;

/// One's own rota. Of most slots it says only kind, time and nature name; of the next one more,
/// on a device that is trusted in its circle.
#[derive(Clone, Debug)]
pub struct MyRota {
    /// The next slot that one promised, or the one going on.
    pub next: Option<MyNext>,
    /// The promises after that, in order.
    pub after: Vec<MySlot>,
    /// What one promised and whose time has come, newest first: one may say how it was.
    pub lately: Vec<MyLately>,
    /// What needs somebody in one's circles in the coming two weeks.
    pub help_needed: HelpNeeded,
    /// What one does each time that it comes.
    pub every: Vec<MyEvery>,
    /// When one is away, or will be.
    pub away: Vec<Away>,
    /// E-mails to the reader come back. Whoever comes in by a code has just shown that they do not.
    pub mail_comes_back: bool,
}

/// What somebody promised to do each time.
#[derive(Clone, Debug)]
pub struct MyEvery {
    /// The circle.
    pub circle: CircleId,
    /// "Heron".
    pub nature_name: String,
    /// The next slot of the task: its page leads to where it ends.
    pub slot: SlotId,
    /// What.
    pub kind: TaskKind,
    /// How it comes, until the last day that one promised.
    pub repeat: Repeat,
    /// Wall-clock start.
    pub start: jiff::civil::Time,
}

/// A slot as its nature name, kind and time.
#[derive(Clone, Debug)]
pub struct MySlot {
    /// The circle.
    pub circle: CircleId,
    /// "Heron".
    pub nature_name: String,
    /// The slot.
    pub slot: SlotId,
    /// What.
    pub kind: TaskKind,
    /// When it starts.
    pub starts: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// When it starts, by the wall clock of the circle.
    pub local_start: DateTime,
    /// When it ends, by the wall clock of the circle.
    pub local_end: DateTime,
    /// State of one's own promise; none when it needs somebody.
    pub own: Option<ClaimState>,
    /// Somebody asks by name: its own page says what is offered.
    pub by_name: bool,
    /// Wall-clock start that it would have instead, if one says yes on its own page.
    pub instead: Option<DateTime>,
    /// The task asks for "I'll be there", and one has not said so.
    pub may_confirm: bool,
    /// One has said "I'll be there".
    pub confirmed: bool,
}

/// The next slot.
#[derive(Clone, Debug)]
pub struct MyNext {
    /// The slot.
    pub slot: MySlot,
    /// The patient's first name, if it may be seen here.
    pub patient: Option<String>,
    /// The task's note, if it may be seen here.
    pub note: Option<String>,
    /// Zone of the circle's wall clock.
    pub zone: Zone,
    /// Its circle is paused: no need to go.
    pub paused: bool,
    /// When the address opens; it opens on the slot's own page.
    pub address: Opening,
    /// When the way to get in opens.
    pub entry: Opening,
}

/// "Where would you like to go?"
#[derive(Clone, Debug)]
pub struct MyPlaces {
    /// The circles one is in.
    pub circles: Vec<MyCircle>,
    /// Coordinator or administrator.
    pub staff: Option<Standing>,
}

/// A circle one is in.
#[derive(Clone, Debug)]
pub struct MyCircle {
    /// The circle.
    pub circle: CircleId,
    /// "Heron".
    pub nature_name: String,
    /// Its state.
    pub state: CircleState,
    /// What one is in it.
    pub role: MemberRole,
    /// The patient's first name, on a device that is trusted in this circle.
    pub patient: Option<String>,
    /// This device is trusted in this circle.
    pub trusted: bool,
}

/// The sealed texts of the next slot.
#[derive(Default)]
struct NextTexts {
    patient: Option<Content>,
    note: Option<Content>,
}

impl App {
    /// One's own promises across circles, and what needs somebody.
    ///
    /// # Errors
    ///
    /// [`Failure::SignIn`] when nobody is signed in.
    pub async fn my_rota(&self, visit: &Visit) -> Result<MyRota, Failure> {
        let now = visit.now();
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let session = self.session_in(&snapshot, visit).await?;
        let claims = snapshot.own_claims(session.person, now, MOST_SLOTS).await?;
        let week_ago = now.plus_days(-LATELY_DAYS);
        let lately = snapshot.claims_lately(session.person, (week_ago, now), MOST_LATELY).await?;
        let coming = (now, now.plus_days(HELP_DAYS));
        let needed = snapshot.help_needed(session.person, session.device, coming, MOST_COUNTED + 1);
        let needed = needed.await?;
        let mine = snapshot.memberships_of(session.person).await?;
        let by_name = snapshot.open_swaps_to(session.person).await?;
        let away = snapshot.absences_of(session.person, now).await?;
        let unreached = snapshot.unreached(session.person).await?;
        let comes_back = unreached == Some(Unreached::ComesBack);
        let moves = snapshot.open_moves_to(session.person).await?;
        let standing = standing_of(&snapshot, &session, now).await?;
        let said = claims.iter().chain(&lately).map(|(_, slot)| slot);
        let said = said.chain(standing.iter().map(|(_, _, slot)| slot)).chain(&needed);
        let circles = said.map(|slot| slot.circle).chain(mine.iter().map(|place| place.circle));
        let mut circles = self.towards(&snapshot, &session, circles, now).await?;
        // Frozen and closed circles show nothing; those are left out, not explained.
        circles.retain(|_, access| self.engine.may::<Disclose>(&access.facts, Category::Slot));
        let next = claims.iter().find(|(_, slot)| circles.contains_key(&slot.circle));
        let texts = match next {
            Some((_, slot)) => NextTexts {
                patient: snapshot
                    .content(slot.circle, Field::PatientName, slot.circle.as_uuid())
                    .await?,
                note: snapshot.note_of(slot).await?,
            },
            None => NextTexts::default(),
        };
        snapshot.end();
        self.touch(visit, &session).await?;

        let view = |slot: &Slot, claim: Option<&Claim>| {
            let access = circles.get(&slot.circle)?;
            let own = claim.map(|claim| claim.state);
            let confirmed = claim.is_some_and(|claim| claim.is_confirmed(slot));
            let zone: &Zone = &access.circle.zone;
            Some(MySlot {
                circle: slot.circle,
                nature_name: access.circle.nature_name.clone(),
                slot: slot.id,
                kind: slot.kind,
                starts: slot.starts,
                ends: slot.ends,
                local_start: zone.local(slot.starts),
                local_end: zone.local(slot.ends),
                own,
                by_name: by_name.iter().any(|swap| swap.slot == slot.id),
                instead: moves
                    .iter()
                    .find(|open| open.slot == slot.id && own.is_some())
                    .filter(|open| open.by != session.person && open.may_be_answered(now))
                    .map(|open| zone.local(open.starts)),
                may_confirm: own == Some(ClaimState::Claimed)
                    && slot.if_nobody == IfNobody::Must
                    && !confirmed
                    && self.engine.may::<Answer>(&access.facts, Category::Slot),
                confirmed,
            })
        };
        let mut promised = claims.iter().filter_map(|(claim, slot)| view(slot, Some(claim)));
        let first = promised.next();
        let after = promised.collect();
        let next = match (first, next) {
            (Some(shown), Some((_, slot))) => {
                Some(self.my_next(visit, &circles, slot, shown, texts).await?)
            }
            _ => None,
        };
        let count = needed.len();
        let needed: Vec<_> = needed.iter().filter_map(|slot| view(slot, None)).collect();
        let help_needed = HelpNeeded::of(&circles, needed, count, |access| {
            self.engine.may::<Disclose>(&access.facts, Category::Rota)
        });
        let away = away.iter().map(|found| crate::away::away(visit, found)).collect();
        let every = standing.iter().filter_map(|(standing, task, slot)| {
            let access = circles.get(&slot.circle)?;
            let today = access.circle.zone.date(now);
            standing.until.is_none_or(|until| today <= until).then(|| MyEvery {
                circle: slot.circle,
                nature_name: access.circle.nature_name.clone(),
                slot: slot.id,
                kind: slot.kind,
                repeat: until(task, standing),
                start: task.first.start(),
            })
        });
        let every = every.collect();
        let may_say =
            |access: &CircleAccess| self.engine.may::<Answer>(&access.facts, Category::Slot);
        let lately = lately
            .iter()
            .filter_map(|(claim, slot)| {
                Some(my_lately(circles.get(&slot.circle)?, claim, slot, may_say))
            })
            .collect();
        Ok(MyRota { next, after, lately, help_needed, every, away, mail_comes_back: comes_back })
    }

    async fn my_next(
        &self,
        visit: &Visit,
        circles: &BTreeMap<CircleId, CircleAccess>,
        slot: &Slot,
        shown: MySlot,
        texts: NextTexts,
    ) -> Result<MyNext, Failure> {
        let access = circles.get(&slot.circle).ok_or(Failure::NotHere)?;
        let patient = self.open_if_any(visit, access, Category::Identity, texts.patient).await?;
        let note = self.open_if_any(visit, access, Category::Task, texts.note).await?;
        let note = note.filter(|note| is_said(note));
        let now = visit.now();
        let opening = |category, told: fn(Disclosure) -> bool| {
            let span = window(slot.starts, slot.ends);
            if access.facts.grants.contains(category) {
                Opening::Now(None)
            } else if !told(slot.disclosure) || access.withheld.contains(category) {
                Opening::No
            } else if now < span.opens {
                Opening::From(span.opens)
            } else {
                Opening::Now(Some(span.closes))
            }
        };
        Ok(MyNext {
            patient,
            note,
            zone: access.circle.zone.clone(),
            paused: access.circle.state == CircleState::Paused,
            address: opening(Category::Address, |told| told.address),
            entry: opening(Category::Entry, |told| told.entry),
            slot: shown,
        })
    }

    /// The circles one is in, with the patient's first name where this device is trusted.
    ///
    /// # Errors
    ///
    /// [`Failure::SignIn`] when nobody is signed in.
    pub async fn my_places(&self, visit: &Visit) -> Result<MyPlaces, Failure> {
        let now = visit.now();
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let session = self.session_in(&snapshot, visit).await?;
        let members = snapshot.memberships_of(session.person).await?;
        let ids = members.iter().map(|member| member.circle);
        let circles = self.towards(&snapshot, &session, ids, now).await?;
        let staff = snapshot.organisation_access(&session, now, true).await?.facts.standing;
        let mut names = BTreeMap::new();
        for id in circles.keys() {
            names.insert(*id, snapshot.content(*id, Field::PatientName, id.as_uuid()).await?);
        }
        snapshot.end();
        self.touch(visit, &session).await?;

        let mut places = Vec::with_capacity(members.len());
        for member in &members {
            let Some(access) = circles.get(&member.circle) else { continue };
            if access.circle.state == CircleState::Erased {
                continue;
            }
            let name = names.remove(&member.circle).flatten();
            places.push(MyCircle {
                circle: member.circle,
                nature_name: access.circle.nature_name.clone(),
                state: access.circle.state,
                role: member.role,
                patient: self.open_if_any(visit, access, Category::Identity, name).await?,
                trusted: access.facts.tier >= Tier::Trusted,
            });
        }
        let staff =
            matches!(staff, Standing::Coordinator | Standing::Administrator).then_some(staff);
        Ok(MyPlaces { circles: places, staff })
    }

    /// How one stands towards each of these circles.
    async fn towards(
        &self,
        snapshot: &Snapshot,
        session: &Session,
        circles: impl Iterator<Item = CircleId>,
        now: Timestamp,
    ) -> Result<BTreeMap<CircleId, CircleAccess>, Failure> {
        let mut towards = BTreeMap::new();
        for circle in circles {
            if towards.len() >= MOST_CIRCLES || towards.contains_key(&circle) {
                continue;
            }
            let access = snapshot.circle_access(Some(session), circle, now, false).await?;
            if let Some(access) = access {
                towards.insert(circle, access);
            }
        }
        Ok(towards)
    }

    /// Opens a text of a circle when this reader may see it here.
    async fn open_if_any(
        &self,
        visit: &Visit,
        access: &CircleAccess,
        category: Category,
        content: Option<Content>,
    ) -> Result<Option<String>, Failure> {
        let (Some(content), Some(wrapped)) = (content, &access.key) else { return Ok(None) };
        if !self.engine.may::<Disclose>(&access.facts, category) {
            return Ok(None);
        }
        let permit = self
            .engine
            .authorize::<Disclose>(&visit.scope, &access.facts, category)
            .await
            .map_err(|refusal| crate::failure::refused(refusal, Some(access.circle.id)))?;
        let key = self.vault.unwrap_key(wrapped)?;
        self.open(&permit, &key, &content.sealed).map(Some)
    }
}

fn my_lately(
    access: &CircleAccess,
    claim: &Claim,
    slot: &Slot,
    may_say: impl Fn(&CircleAccess) -> bool,
) -> MyLately {
    let zone = &access.circle.zone;
    MyLately {
        circle: slot.circle,
        nature_name: access.circle.nature_name.clone(),
        slot: slot.id,
        kind: slot.kind,
        local_start: zone.local(slot.starts),
        local_end: zone.local(slot.ends),
        state: claim.state,
        may_say: may_say(access),
    }
}

/// What somebody promised each time, with the next slot of each task.
async fn standing_of(
    snapshot: &Snapshot,
    session: &Session,
    now: Timestamp,
) -> Result<Vec<(StandingPromise, Task, Slot)>, Failure> {
    let mut found = Vec::new();
    for standing in snapshot.standing_promises_of(session.person).await? {
        let task = snapshot.task(standing.task).await?.filter(|task| !task.ended);
        let next = snapshot.slots_of_task(standing.task, now).await?.into_iter().next();
        if let (Some(task), Some(next)) = (task, next) {
            found.push((standing, task, next));
        }
    }
    Ok(found)
}

//! What a slot's page offers its reader beside taking it: swaps, waiting, other dates, taking back.

use jiff::civil::DateTime;
use kith_domain::asking::UNDO_MINUTES;
use kith_domain::ids::{CircleId, MembershipId, SlotId};
use kith_domain::{Category, ClaimState, Repeat, SlotState, TaskKind, Tier, Timestamp};
use kith_policy::{Answer, Ask, Disclose, Permit, Take};
use kith_store::{Claim, PromisedAround, Slot, Snapshot, Swap};

use crate::App;
use crate::about::{Names, SealedAbout, by_name};
use crate::acting_for::spoken_for;
use crate::after::{HowItWas, how_it_was};
use crate::answering_for::to_ring;
use crate::at_the_door::{DoorTexts, Sealeds};
use crate::clash::Clash;
use crate::failure::Failure;
use crate::gate::Inside;
use crate::taking::OwnSlot;
use crate::taking_for::without_mail;
use crate::visit::Visit;

/// What more there is about one slot, for one reader.
#[derive(Clone, Debug, Default)]
pub struct SlotMore {
    /// Somebody asks the reader by name to take it.
    pub offered: Option<SwapView>,
    /// The reader has asked somebody by name to take it.
    pub offering: Option<SwapView>,
    /// The reader has promised something else around that time, in whatever circle.
    pub clash: Option<Clash>,
    /// The reader gave it back a moment ago, and it is still free.
    pub may_take_back: bool,
    /// The reader got it by a swap a moment ago, which may be undone.
    pub may_swap_back: bool,
    /// How the reader stands towards the waiting list.
    pub waiting: Waiting,
    /// Other dates of the same task that the reader may take.
    pub other_dates: usize,
    /// When the next ring is asked; for those who may ask.
    pub next_ring: Option<Timestamp>,
    /// What whoever comes needs at the door.
    pub door: DoorTexts,
    /// Whom the reader may take it for: members without e-mail, with their first names.
    pub for_whom: Vec<(MembershipId, String)>,
    /// Members who have promised it and whom no e-mail reaches: the reader may say something for them.
    pub spoken_for: Vec<(MembershipId, String)>,
    /// It comes again: it may be taken for them each time.
    pub comes: Option<Repeat>,
    /// Members without e-mail who are asked about another time, with their first names.
    pub to_ring: Vec<(MembershipId, String)>,
    /// Whether promises were kept may be said now.
    pub may_say_how_it_went: bool,
    /// How it was may be said by the reader, who had promised it.
    pub how_it_was: Option<HowItWas>,
}

/// A swap as one of the two sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SwapView {
    /// First name of the other, as far as the reader may see it.
    pub with: Option<String>,
    /// What is taken in return: kind and wall-clock start.
    pub in_return: Option<(TaskKind, DateTime)>,
}

/// How a reader stands towards the waiting list of a slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Waiting {
    /// There is nothing to wait for.
    #[default]
    No,
    /// Everything is promised; the reader may wait.
    MayWait,
    /// The reader waits, beside so many others: they are all asked at once.
    Waits(usize),
    /// The reader waited, and a place is free: it is theirs when they say yes.
    Free,
}

/// The rows, before anything is opened.
struct Rows {
    slot: Slot,
    claims: Vec<Claim>,
    swaps: Vec<Swap>,
    returns: Vec<Slot>,
    waiting: Vec<MembershipId>,
    others: Vec<Slot>,
    comes: Option<Repeat>,
    clash: Option<PromisedAround>,
    next_ring: Option<Timestamp>,
    without_mail: Vec<MembershipId>,
    to_ring: Vec<MembershipId>,
    spoken_for: Vec<MembershipId>,
}

impl Rows {
    async fn read(
        snapshot: &Snapshot,
        inside: &Inside<'_>,
        slot: SlotId,
    ) -> Result<Option<Self>, Failure> {
        let slot = snapshot.slot(slot).await?.filter(|slot| slot.circle == inside.circle.id);
        let Some(slot) = slot else { return Ok(None) };
        let now = inside.now();
        let swaps = snapshot.open_swaps_of(slot.id).await?;
        let mut returns = Vec::new();
        for id in swaps.iter().filter_map(|swap| swap.in_return) {
            returns.extend(snapshot.slot(id).await?);
        }
        let asked = snapshot.asked_for(slot.id).await?;
        let clash = snapshot.promised_around(inside.session.person, &slot).await?;
        let claims = snapshot.claims_of(slot.id).await?;
        Ok(Some(Self {
            without_mail: without_mail(snapshot, inside, &slot).await?,
            spoken_for: spoken_for(snapshot, inside, &slot, &claims).await?,
            to_ring: match snapshot.open_move_of(slot.id).await? {
                Some(open) => to_ring(snapshot, inside, &claims, &open).await?,
                None => Vec::new(),
            },
            claims,
            waiting: snapshot.waiting_for(slot.id).await?,
            others: snapshot.slots_of_task(slot.task, now).await?,
            comes: snapshot
                .task(slot.task)
                .await?
                .filter(|task| task.repeat.is_again() && !task.ended)
                .map(|task| task.repeat),
            next_ring: asked.iter().map(|asked| asked.at).filter(|at| *at > now).min(),
            swaps,
            returns,
            clash,
            slot,
        }))
    }

    fn swap(
        &self,
        names: &Names,
        swap: &Swap,
        with: MembershipId,
        inside: &Inside<'_>,
    ) -> SwapView {
        let in_return = self.returns.iter().find(|slot| Some(slot.id) == swap.in_return);
        SwapView {
            with: names.of(with),
            in_return: in_return.map(|s| (s.kind, inside.circle.zone.local(s.starts))),
        }
    }
}

impl App {
    /// What more there is about one slot, beside [`App::slot_page`].
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when there is no such slot for this reader.
    pub async fn slot_more(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
    ) -> Result<SlotMore, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let rows = Rows::read(&snapshot, &inside, slot).await?;
        let door = Sealeds::read(&snapshot, circle).await?;
        let own_slot = OwnSlot::read(&snapshot, &inside, slot).await?;
        snapshot.end();
        let _: Permit<'_, Disclose> = inside.permit(Category::Slot).await?;
        let rows = rows.ok_or(Failure::NotHere)?;
        let key = inside.key()?;
        let (_, names) = about.open(&inside, &key).await?;
        let me = inside.place.as_ref().map(|place| place.membership);
        let own = rows.claims.iter().rev().find(|claim| Some(claim.membership) == me);
        let door = door.open(&inside, &key, &names, &rows.slot, own).await?;
        let may_swap_back = own_slot.is_some_and(|own| own.may_swap_back(visit.now()));
        Ok(SlotMore { may_swap_back, door, ..more(&inside, &names, &rows) })
    }
}

fn more(inside: &Inside<'_>, names: &Names, rows: &Rows) -> SlotMore {
    let Some(place) = &inside.place else { return SlotMore::default() };
    let (me, now, slot) = (place.membership, inside.now(), &rows.slot);
    let zone = &inside.circle.zone;
    let own = rows.claims.iter().rev().find(|claim| claim.membership == me);
    let mine = own.is_some_and(|claim| claim.state.is_live());
    let cover_wanted = rows.claims.iter().any(|claim| claim.state == ClaimState::CoverWanted);
    let room = slot.needs_somebody() || cover_wanted;
    let may_take = !inside.is_patient()
        && inside.facts.tier >= Tier::Trusted
        && inside.facts.grants.contains(Category::Rota)
        && inside.may::<Take>(Category::Slot)
        && slot.kind.needs_somebody();
    let ahead = slot.starts > now;
    let place_in_list = rows.waiting.iter().position(|waits| *waits == me);
    let waiting = match place_in_list {
        _ if mine || !ahead || !may_take || slot.state != SlotState::Open => Waiting::No,
        Some(_) if room => Waiting::Free,
        Some(_) => Waiting::Waits(rows.waiting.len().saturating_sub(1)),
        None if room => Waiting::No,
        None => Waiting::MayWait,
    };
    let lately = |claim: &Claim| {
        claim.state == ClaimState::Dropped
            && now.seconds_since(claim.changed_at) < UNDO_MINUTES * 60
    };
    let mut swaps = rows.swaps.iter();
    let offered = swaps.clone().find(|swap| swap.to == me);
    let offering = swaps.find(|swap| swap.from == me);
    let open = |other: &&Slot| other.id != slot.id && other.needs_somebody();
    SlotMore {
        offered: offered.map(|swap| rows.swap(names, swap, swap.from, inside)),
        offering: offering.map(|swap| rows.swap(names, swap, swap.to, inside)),
        clash: rows.clash.map(|around| Clash::of(&around, zone)),
        may_take_back: may_take && room && ahead && own.is_some_and(lately),
        may_swap_back: false,
        waiting,
        other_dates: if may_take { rows.others.iter().filter(open).count() } else { 0 },
        door: DoorTexts::default(),
        for_whom: if room && inside.may::<Take>(Category::Slot) {
            let whom = |id: &MembershipId| names.of(*id).map(|name| (*id, name));
            let mut whom: Vec<_> = rows.without_mail.iter().filter_map(whom).collect();
            whom.sort_by_key(|(_, name)| by_name(name));
            whom
        } else {
            Vec::new()
        },
        spoken_for: rows
            .spoken_for
            .iter()
            .filter_map(|id| names.of(*id).map(|name| (*id, name)))
            .collect(),
        comes: rows.comes,
        how_it_was: how_it_was(inside, slot, own),
        to_ring: rows
            .to_ring
            .iter()
            .filter_map(|id| names.of(*id).map(|name| (*id, name)))
            .collect(),
        may_say_how_it_went: !ahead
            && inside.is_in_charge()
            && inside.may::<Answer>(Category::Slot)
            && rows.claims.iter().any(|claim| claim.state != ClaimState::Dropped),
        next_ring: rows.next_ring.filter(|_| room && inside.may::<Ask>(Category::Slot)),
    }
}

//! Slots of a stretch of time with who does them: what the week, the home page and one slot share.

use std::collections::BTreeMap;

use jiff::civil::DateTime;
use kith_domain::ids::{CircleId, MembershipId, SlotId, TaskId};
use kith_domain::{
    Category, ClaimState, DayPart, Disclosure, IfNobody, SlotState, TaskKind, Timestamp, Unreached,
};
use kith_policy::{Ask, Disclose, Take};
use kith_store::{Asked, Claim, Content, ProposedMove, Reader, Slot, StoreError};
use kith_vault::{Field, OwnerKey};

use crate::about::{MOST_NAMES, Names, SealedAbout};
use crate::consent::{Instead, instead};
use crate::failure::Failure;
use crate::gate::Inside;
use crate::own_date::is_said;

/// One slot as a list shows it. Civil times are of the circle's zone.
#[expect(clippy::struct_excessive_bools, reason = "each is one thing that the row says or offers")]
#[derive(Clone, Debug)]
pub struct SlotView {
    /// Its id.
    pub id: SlotId,
    /// Its task.
    pub task: TaskId,
    /// What.
    pub kind: TaskKind,
    /// When it starts.
    pub starts: Timestamp,
    /// When it ends.
    pub ends: Timestamp,
    /// Day and wall-clock time of the start.
    pub local_start: DateTime,
    /// Day and wall-clock time of the end.
    pub local_end: DateTime,
    /// Part of the day of the start.
    pub part: DayPart,
    /// Open or cancelled.
    pub state: SlotState,
    /// How many people are asked for; none when it is arranged already.
    pub places: u32,
    /// How many have promised.
    pub taken: u32,
    /// Those who have promised or have done it, in the order in which they promised.
    pub who: Vec<Taker>,
    /// What became of the reader's own promise, if there is a live or a done one.
    pub own: Option<ClaimState>,
    /// A place is free.
    pub needs_somebody: bool,
    /// Somebody who promised asks for cover.
    pub cover_wanted: bool,
    /// The reader may take a place now.
    pub may_take: bool,
    /// The reader may ask the circle for it now.
    pub may_ask: bool,
    /// How many were asked: a mail to them has left, or leaves now.
    pub asked: usize,
    /// How many of them have not answered: they neither said no nor took it.
    pub waiting: usize,
    /// How many we try to ask, whose mail could not leave yet.
    pub asked_tried: usize,
    /// How many are asked later, and the day and wall-clock time at which the first of them are.
    pub asked_later: Option<(usize, DateTime)>,
    /// The task's note, for those who may read it.
    pub note: Option<String>,
    /// What it discloses in its window to whoever takes it.
    pub disclosure: Disclosure,
    /// What follows when nobody takes it.
    pub if_nobody: IfNobody,
    /// Another time that those who promised are asked about.
    pub instead: Option<Instead>,
}

impl SlotView {
    /// Nobody more is needed, and nobody asks for cover.
    pub const fn is_covered(&self) -> bool {
        !self.needs_somebody && !self.cover_wanted
    }
}

/// Somebody who promised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taker {
    /// The place in the circle.
    pub membership: MembershipId,
    /// First name, if the reader may see it.
    pub name: Option<String>,
    /// It is the reader.
    pub is_you: bool,
    /// Promised, asking for cover, or done.
    pub state: ClaimState,
    /// Has said "I'll be there"; told to the patient and carers only.
    pub confirmed: bool,
    /// Has promised, and is not reminded, as no e-mail reaches them; told to the same.
    pub unreminded: bool,
}

/// Slots of a stretch of time, before anything sealed is opened.
pub(crate) struct Stretch {
    slots: Vec<Slot>,
    claims: Vec<Claim>,
    asked: Vec<Asked>,
    notes: Vec<Content>,
    unreached: Vec<(MembershipId, Unreached)>,
    moves: Vec<ProposedMove>,
}

impl Stretch {
    /// Reads the slots of a circle that start in `[from, to)`, and the names of whoever is in it.
    pub(crate) async fn read(
        reader: &Reader,
        circle: CircleId,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<(SealedAbout, Self), StoreError> {
        let words = reader.names_and_notes_between(circle, MOST_NAMES, from, to).await?;
        let (notes, names) = words.into_iter().partition(|words| words.field == Field::TaskNote);
        let stretch = Self {
            slots: reader.slots_between(circle, from, to).await?,
            claims: reader.claims_between(circle, from, to).await?,
            asked: reader.asked_between(circle, from, to).await?,
            notes,
            unreached: reader.unreached_members(circle).await?,
            moves: reader.open_moves_between(circle, from, to).await?,
        };
        Ok((SealedAbout::of(names), stretch))
    }

    /// The slots as the reader may see them.
    pub(crate) async fn show(
        self,
        inside: &Inside<'_>,
        key: &OwnerKey,
        names: &Names,
    ) -> Result<Vec<SlotView>, Failure> {
        let mut notes = BTreeMap::new();
        if !self.notes.is_empty()
            && let Some(permit) = inside.permit_if_any::<Disclose>(Category::Task).await?
        {
            for content in &self.notes {
                if let Some(words) = inside.open(&permit, key, Some(content))? {
                    notes.insert(content.subject, words);
                }
            }
        }
        let view = |slot: &Slot| {
            let claims: Vec<&Claim> =
                self.claims.iter().filter(|claim| claim.slot == slot.id).collect();
            let asked: Vec<&Asked> =
                self.asked.iter().filter(|asked| asked.slot == slot.id).collect();
            let own = notes.get(&slot.id.as_uuid());
            let note = own
                .or_else(|| notes.get(&slot.task.as_uuid()))
                .cloned()
                .filter(|note| is_said(note));
            let around = Around {
                claims: &claims,
                unreached: &self.unreached,
                asked: &asked,
                open: self.moves.iter().find(|open| open.slot == slot.id),
            };
            slot_view(inside, names, slot, &around, note)
        };
        Ok(self.slots.iter().map(view).collect())
    }
}

/// What the rows say of the people around one slot.
pub(crate) struct Around<'a> {
    pub(crate) claims: &'a [&'a Claim],
    /// Members whom no e-mail reaches.
    pub(crate) unreached: &'a [(MembershipId, Unreached)],
    pub(crate) asked: &'a [&'a Asked],
    /// Another time that is asked for.
    pub(crate) open: Option<&'a ProposedMove>,
}

/// One slot with who does it. Beside the promises stand the members whom no e-mail reaches.
pub(crate) fn slot_view(
    inside: &Inside<'_>,
    names: &Names,
    slot: &Slot,
    around: &Around<'_>,
    note: Option<String>,
) -> SlotView {
    let Around { claims, unreached, asked, open } = *around;
    let now = inside.now();
    let me = inside.place.as_ref().map(|place| place.membership);
    let stands = |state: ClaimState| state.is_live() || state == ClaimState::Done;
    let who: Vec<Taker> = claims
        .iter()
        .filter(|claim| stands(claim.state))
        .map(|claim| Taker {
            membership: claim.membership,
            name: names.of(claim.membership),
            is_you: Some(claim.membership) == me,
            state: claim.state,
            confirmed: inside.is_in_charge() && claim.is_confirmed(slot),
            unreminded: inside.is_in_charge()
                && slot.starts > now
                && claim.state.is_live()
                && unreached.iter().any(|(member, _)| *member == claim.membership),
        })
        .collect();
    let own = who.iter().find(|taker| taker.is_you).map(|taker| taker.state);
    let needs_somebody = slot.needs_somebody();
    let cover_wanted =
        slot.state == SlotState::Open && who.iter().any(|t| t.state == ClaimState::CoverWanted);
    let answered = |asked: &Asked| {
        asked.said_no || who.iter().any(|taker| taker.membership == asked.membership)
    };
    let down = inside.mail_is_down();
    let reached = asked.iter().filter(|asked| asked.has_reached(now, down));
    let unanswered = asked.iter().filter(|asked| !answered(asked));
    let later: Vec<_> = unanswered.clone().filter_map(|asked| asked.later(now)).collect();
    let first_later = later.iter().min().map(|at| inside.circle.zone.local(*at));
    let room = needs_somebody || cover_wanted;
    SlotView {
        id: slot.id,
        task: slot.task,
        kind: slot.kind,
        starts: slot.starts,
        ends: slot.ends,
        local_start: inside.circle.zone.local(slot.starts),
        local_end: inside.circle.zone.local(slot.ends),
        part: DayPart::of(inside.circle.zone.local(slot.starts).time()),
        state: slot.state,
        places: slot.places,
        taken: slot.taken,
        own,
        needs_somebody,
        cover_wanted,
        may_take: room
            && own.is_none()
            && slot.ends > now
            && !inside.is_patient()
            && inside.may::<Take>(Category::Slot),
        may_ask: room && slot.starts > now && inside.may::<Ask>(Category::Slot),
        asked: reached.clone().count(),
        waiting: reached.filter(|asked| !answered(asked)).count(),
        asked_tried: unanswered.filter(|asked| asked.is_tried(now, down)).count(),
        asked_later: first_later.map(|at| (later.len(), at)),
        note,
        disclosure: slot.disclosure,
        if_nobody: slot.if_nobody,
        instead: open
            .filter(|_| slot.starts > now)
            .and_then(|open| instead(inside, names, claims, open)),
        who,
    }
}

//! One slot of the week in full.

use kith_domain::claim::{Window, window};
use kith_domain::ids::{CircleId, MembershipId, SlotId};
use kith_domain::{
    Category, ClaimEnd, ClaimState, HospiceWord, IfNobody, Repeat, SlotState, Tier, Timestamp,
    Unreached,
};
use kith_policy::{Amend, Answer, Disclose, Permit};
use kith_store::{
    Asked, Claim, Content, HospiceSaid, ProposedMove, Reader, Said, Slot, Snapshot,
    StandingPromise, Task,
};
use kith_vault::Field;

use crate::App;
use crate::about::{About, Names, SealedAbout};
use crate::acting_for::SaidLine;
use crate::every_time::{EveryTime, every_time, may_be_ended};
use crate::failure::Failure;
use crate::gate::Inside;
use crate::own_date::is_said;
use crate::promise::GIVE_BACK_HOURS;
use crate::put_back_one::may_come_back;
use crate::visit::Visit;
use crate::week::{Around, SlotView, slot_view};

/// One slot in full, as far as this reader may see it.
#[expect(clippy::struct_excessive_bools, reason = "each says whether the page has one button")]
#[derive(Clone, Debug)]
pub struct SlotPage {
    /// The circle and the reader.
    pub about: About,
    /// The slot.
    pub slot: SlotView,
    /// How the task comes again; [`Repeat::Once`] when it does not.
    pub repeat: Repeat,
    /// Who does the task each time, as far as the reader may know.
    pub every_time: Vec<EveryTime>,
    /// Who wrote the note.
    pub note_by: Option<String>,
    /// The address.
    pub address: Opening,
    /// Who to call, and the number to ring from the door.
    pub help: Opening,
    /// How to get in; it opens on a page of its own, after the own number.
    pub entry: Opening,
    /// Who promised it and what became of that, oldest first; for the patient and carers only.
    pub history: Vec<HistoryLine>,
    /// What was said for members whom no e-mail reaches; to the patient and carers, and to whom it was
    /// said for.
    pub said_for: Vec<SaidLine>,
    /// What the hospice was told on the telephone, when, and whether that counts still; for the patient
    /// and carers only.
    pub hospice_words: Vec<(HospiceWord, Timestamp, bool)>,
    /// First names of those who said no to it; for the patient and carers only.
    pub said_no: Vec<String>,
    /// The reader was asked and has not answered.
    pub may_say_no: bool,
    /// The reader was asked, and has said no.
    pub has_said_no: bool,
    /// The task may be changed by the reader.
    pub may_change: bool,
    /// It was taken off, and the reader may put it back.
    pub may_put_back: bool,
    /// The reader's own promise may be given back at once: there is time to find somebody, and it
    /// is sure who says it. Else one asks for cover.
    pub may_give_back: bool,
    /// It starts in less than two hours: whoever cannot make it rings as well.
    pub ring_too: bool,
    /// The reader's own slot has begun: it may be said to be done.
    pub may_finish: bool,
    /// The task asks for "I'll be there", and the reader has not said so of this promise.
    pub may_confirm: bool,
    /// The reader has said "I'll be there".
    pub confirmed: bool,
    /// Who has said that they are running late; others than the reader to those in charge only.
    pub late: Vec<RunningLate>,
}

/// When something that a task discloses may be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Not told for this task, or not to this reader, or not any more.
    No,
    /// Whoever takes it sees it from then on.
    AfterTaking(Timestamp),
    /// The reader has taken it: it opens then.
    From(Timestamp),
    /// It may be opened now, and is recorded; until then, or for as long as it is granted.
    Now(Option<Timestamp>),
}

/// One promise of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryLine {
    /// First name.
    pub name: Option<String>,
    /// What became of the promise. Never why.
    pub state: ClaimState,
    /// How it ended, where it was not kept to.
    pub ended_as: Option<ClaimEnd>,
    /// When it was made.
    pub at: Timestamp,
}

/// Somebody who has said "I'm running late".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningLate {
    /// First name.
    pub name: Option<String>,
    /// It is the reader.
    pub is_you: bool,
    /// When it was said.
    pub at: Timestamp,
}

/// The address, for one slot.
#[derive(Clone, Debug)]
pub struct AddressForSlot {
    /// The circle and the reader.
    pub about: About,
    /// The slot.
    pub slot: SlotId,
    /// The address; none when nobody wrote it down yet.
    pub address: Option<String>,
    /// When it closes again; none when the reader has it for good.
    pub until: Option<Timestamp>,
}

/// The rows of one slot, before anything sealed is opened.
struct SlotRows {
    slot: Slot,
    task: Option<Task>,
    claims: Vec<Claim>,
    asked: Vec<Asked>,
    note: Option<Content>,
    unreached: Vec<(MembershipId, Unreached)>,
    open: Option<ProposedMove>,
    standing: Vec<StandingPromise>,
    may_be_ended: Vec<MembershipId>,
    may_come_back: bool,
    said: Vec<Said>,
    hospice: Vec<HospiceSaid>,
}

impl App {
    /// One slot: what, when, who, and when what it discloses opens.
    ///
    /// Somebody who may not see the rota sees a slot of their own, or one they were asked for.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when there is no such slot for this reader.
    pub async fn slot_page(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
    ) -> Result<SlotPage, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let rows =
            slot_rows(&snapshot, &inside, slot).await?.filter(|rows| rows.slot.circle == circle);
        snapshot.end();

        let _: Permit<'_, Disclose> = inside.permit(Category::Slot).await?;
        let rows = rows.ok_or(Failure::NotHere)?;
        if !inside.may::<Disclose>(Category::Rota) && !concerns(&inside, &rows) {
            let _: Permit<'_, Disclose> = inside.permit(Category::Rota).await?;
        }
        let key = inside.key()?;
        let (about, names) = about.open(&inside, &key).await?;
        let note = match inside.permit_if_any::<Disclose>(Category::Task).await? {
            Some(permit) => {
                inside.open(&permit, &key, rows.note.as_ref())?.filter(|note| is_said(note))
            }
            None => None,
        };
        Ok(show_slot(&inside, about, &names, &rows, note))
    }

    /// The address, in the open window of the reader's own slot or with a grant. Recorded.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when there is no such slot, and when neither a window nor a grant is
    /// there.
    pub async fn address_for_slot(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
    ) -> Result<AddressForSlot, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let rows =
            slot_rows(&snapshot, &inside, slot).await?.filter(|rows| rows.slot.circle == circle);
        let address = snapshot.content(circle, Field::Address, circle.as_uuid()).await?;
        snapshot.end();

        let rows = rows.ok_or(Failure::NotHere)?;
        let granted = is_granted(&inside, Category::Address);
        let own = rows.claims.iter().any(|c| c.state.is_live() && is_mine(&inside, c));
        if !(granted || (own && rows.slot.disclosure.address)) && inside.place.is_some() {
            // Another slot's window may be open: it is opened from that slot.
            let _: Permit<'_, Disclose> = inside.permit(Category::Rota).await?;
            return Err(Failure::NotHere);
        }
        let permit = inside.permit::<Disclose>(Category::Address).await?;
        let key = inside.key()?;
        let address = inside.open(&permit, &key, address.as_ref())?;
        let (about, _) = about.open(&inside, &key).await?;
        let until = (!granted).then(|| window(rows.slot.starts, rows.slot.ends).closes);
        Ok(AddressForSlot { about, slot, address, until })
    }
}

/// One slot of this circle.
pub(crate) async fn slot_of(
    snapshot: &Reader,
    circle: CircleId,
    slot: SlotId,
) -> Result<Option<Slot>, Failure> {
    Ok(snapshot.slot(slot).await?.filter(|slot| slot.circle == circle))
}

async fn slot_rows(
    snapshot: &Snapshot,
    inside: &Inside<'_>,
    slot: SlotId,
) -> Result<Option<SlotRows>, Failure> {
    let Some(slot) = snapshot.slot(slot).await? else { return Ok(None) };
    let task = snapshot.task(slot.task).await?;
    let claims = snapshot.claims_of(slot.id).await?;
    let asked = snapshot.asked_for(slot.id).await?;
    let note = snapshot.note_of(&slot).await?;
    let unreached = snapshot.unreached_members(slot.circle).await?;
    let open = snapshot.open_move_of(slot.id).await?;
    let standing = snapshot.standing_promises_for(slot.task).await?;
    Ok(Some(SlotRows {
        may_be_ended: may_be_ended(snapshot, inside, &standing).await?,
        may_come_back: may_come_back(snapshot, inside, &slot).await?.is_some(),
        said: snapshot.said_about(slot.id).await?,
        hospice: snapshot.hospice_words(slot.id).await?,
        slot,
        task,
        claims,
        asked,
        note,
        unreached,
        open,
        standing,
    }))
}

fn is_mine(inside: &Inside<'_>, claim: &Claim) -> bool {
    inside.place.as_ref().is_some_and(|place| place.membership == claim.membership)
}

fn is_granted(inside: &Inside<'_>, category: Category) -> bool {
    inside.is_patient() || inside.facts.grants.contains(category)
}

/// Whether the reader promised it or was asked for it.
fn concerns(inside: &Inside<'_>, rows: &SlotRows) -> bool {
    rows.claims.iter().any(|claim| is_mine(inside, claim))
        || rows.asked.iter().any(|asked| Some(asked.membership) == inside.facts.membership)
}

fn show_slot(
    inside: &Inside<'_>,
    about: About,
    names: &Names,
    rows: &SlotRows,
    note: Option<String>,
) -> SlotPage {
    let claims: Vec<&Claim> = rows.claims.iter().collect();
    let asked: Vec<&Asked> = rows.asked.iter().collect();
    let around = Around {
        claims: &claims,
        unreached: &rows.unreached,
        asked: &asked,
        open: rows.open.as_ref(),
    };
    let slot = slot_view(inside, names, &rows.slot, &around, note);
    let now = inside.now();
    let mine = slot.own.is_some_and(ClaimState::is_live);
    let confirmed =
        claims.iter().any(|claim| is_mine(inside, claim) && claim.is_confirmed(&rows.slot));
    let opening = |category, disclosed| opening(inside, &slot, category, disclosed);
    // Whether the reader was asked and has said no, where there is something to say.
    let asked = rows.asked.iter().find(|asked| Some(asked.membership) == inside.facts.membership);
    let asked = asked.filter(|_| slot.own.is_none() && rows.slot.state == SlotState::Open);
    let said_no = asked.map(|asked| asked.said_no);
    let late = |claim: &Claim| {
        let at = claim.late_at.filter(|_| claim.state.is_live() && now < rows.slot.ends)?;
        let is_you = is_mine(inside, claim);
        let name = names.of(claim.membership);
        (is_you || inside.is_in_charge()).then_some(RunningLate { name, is_you, at })
    };
    let history = |claim: &Claim| HistoryLine {
        name: names.of(claim.membership),
        state: claim.state,
        ended_as: claim.ended_as,
        at: claim.claimed_at,
    };
    SlotPage {
        address: opening(Category::Address, rows.slot.disclosure.address),
        help: opening(Category::Help, rows.slot.disclosure.help),
        entry: opening(Category::Entry, rows.slot.disclosure.entry),
        every_time: every_time(
            inside,
            names,
            rows.task.as_ref(),
            (&rows.standing, &rows.may_be_ended),
        ),
        repeat: rows.task.as_ref().map_or(Repeat::Once, |task| task.repeat),
        note_by: rows
            .note
            .as_ref()
            .filter(|_| slot.note.is_some())
            .and_then(|note| note.author)
            .and_then(|author| names.of(author)),
        history: if inside.is_in_charge() {
            rows.claims.iter().map(history).collect()
        } else {
            Vec::new()
        },
        said_for: rows.said.iter().filter_map(|s| SaidLine::of(inside, names, s)).collect(),
        hospice_words: rows
            .hospice
            .iter()
            .filter(|_| inside.is_in_charge())
            .map(|said| (said.what, said.at, said.counts))
            .collect(),
        said_no: if inside.is_in_charge() {
            let stands = |member| slot.who.iter().any(|taker| taker.membership == member);
            let no = rows.asked.iter().filter(|asked| asked.said_no && !stands(asked.membership));
            no.filter_map(|asked| names.of(asked.membership)).collect()
        } else {
            Vec::new()
        },
        may_say_no: said_no == Some(false),
        has_said_no: said_no == Some(true),
        may_put_back: rows.may_come_back && inside.may::<Amend>(Category::Rota),
        may_change: slot.state == SlotState::Open && inside.may::<Amend>(Category::Rota),
        may_give_back: mine
            && inside.facts.tier >= Tier::Trusted
            && slot.starts > now.plus_hours(GIVE_BACK_HOURS),
        ring_too: mine && slot.starts <= now.plus_hours(2) && slot.ends > now,
        may_finish: mine && slot.starts <= now,
        may_confirm: slot.own == Some(ClaimState::Claimed)
            && slot.if_nobody == IfNobody::Must
            && slot.ends > now
            && !confirmed
            && inside.may::<Answer>(Category::Slot),
        confirmed,
        late: rows.claims.iter().filter_map(late).collect(),
        slot,
        about,
    }
}

fn opening(inside: &Inside<'_>, slot: &SlotView, category: Category, disclosed: bool) -> Opening {
    let now = inside.now();
    if inside.place.is_none() || slot.state == SlotState::Cancelled {
        return Opening::No;
    }
    if is_granted(inside, category) && inside.would::<Disclose>(category) {
        return Opening::Now(None);
    }
    if !disclosed || inside.withheld.contains(category) {
        return Opening::No;
    }
    let Window { opens, closes } = window(slot.starts, slot.ends);
    match slot.own {
        Some(state) if state.is_live() && now < opens => Opening::From(opens),
        Some(state) if state.is_live() && now < closes => Opening::Now(Some(closes)),
        None if slot.may_take => Opening::AfterTaking(opens.max(now)),
        _ => Opening::No,
    }
}

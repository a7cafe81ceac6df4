//! Saying something for a member whom no e-mail reaches, about what they have promised: they rang, or
//! said so at the door.
//!
//! Whoever reads our mails answers for themselves, and nobody answers for them. Somebody whom none
//! reaches is reminded of nothing and asked nothing, whatever the reason, and so is rung; what they
//! say on the telephone is said here for them. That holds for a member with a device of their own as
//! well: it lies in a drawer until somebody tells them to look. They lose nothing by it: the
//! promise stays theirs to change on their device, and the slot's page tells them who said what for
//! them, and when.

use jiff::civil::DateTime;
use kith_domain::ids::{CircleId, MembershipId, SlotId};
use kith_domain::{
    Category, ClaimState, IfNobody, MemberRole, MembershipState, SaidFor, SlotState, TaskKind,
    Timestamp, Told,
};
use kith_policy::{ActFor, Disclose, Permit};
use kith_store::{Claim, Membership, Reader, Said, Slot, UnitOfWork};

use crate::App;
use crate::about::{About, Names, SealedAbout};
use crate::at_the_door::may_be_late;
use crate::failure::Failure;
use crate::gate::Inside;
use crate::promise::{self, GIVE_BACK_HOURS, Released, in_charge};
use crate::rota::slot_of;
use crate::told;
use crate::visit::{Receipt, Visit};

/// What may be said for a member about one slot.
#[derive(Clone, Debug)]
pub struct SayFor {
    /// The circle and the reader.
    pub about: About,
    /// For whom: first name.
    pub name: String,
    /// What.
    pub kind: TaskKind,
    /// When it starts, by the wall clock of the circle.
    pub local_start: DateTime,
    /// When it ends.
    pub local_end: DateTime,
    /// What makes sense as it stands.
    pub may: Vec<SaidFor>,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SaidOutcome {
    /// It is noted.
    Noted,
    /// Given back; the circle is asked.
    GivenBack,
    /// The circle is asked; it stays theirs until somebody else takes it.
    CoverAsked,
    /// The promise is over, or it is not the time for that.
    Over,
}

/// Something that was said for a member, as one reader sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidLine {
    /// First name of who said it.
    pub by: Option<String>,
    /// The reader said it.
    pub by_you: bool,
    /// First name of whom it was said for.
    pub whom: Option<String>,
    /// It was said for the reader.
    pub for_you: bool,
    /// What.
    pub what: SaidFor,
    /// When.
    pub at: Timestamp,
}

impl SaidLine {
    /// For whoever is in charge; and for the member, what was said for them.
    pub(crate) fn of(inside: &Inside<'_>, names: &Names, said: &Said) -> Option<Self> {
        let me = inside.place.as_ref().map(|place| place.membership);
        let for_you = Some(said.membership) == me;
        // What is said about slots is what the rota says.
        let about_them = matches!(said.what, SaidFor::Yes | SaidFor::Away | SaidFor::Back);
        let sees = about_them || inside.may::<Disclose>(Category::Rota);
        (for_you || (sees && inside.is_in_charge())).then(|| Self {
            by: names.of(said.by),
            by_you: Some(said.by) == me,
            whom: names.of(said.membership),
            for_you,
            what: said.what,
            at: said.at,
        })
    }
}

/// Whether something may be said for this member by `by`: they are in the circle, no e-mail reaches
/// them, and it is somebody else. Nobody speaks for the patient.
pub(crate) async fn may_be_spoken_for(
    reader: &Reader,
    member: &Membership,
    by: Option<MembershipId>,
) -> Result<bool, Failure> {
    let somebody_else = Some(member.id) != by && member.role != MemberRole::Patient;
    Ok(somebody_else
        && member.state == MembershipState::Active
        && reader.unreached(member.person).await?.is_some())
}

/// Members who have promised a slot and for whom the reader may say something about it.
pub(crate) async fn spoken_for(
    reader: &Reader,
    inside: &Inside<'_>,
    slot: &Slot,
    claims: &[Claim],
) -> Result<Vec<MembershipId>, Failure> {
    let me = inside.place.as_ref().map(|place| place.membership);
    let mut found = Vec::new();
    if !inside.may::<ActFor>(Category::Slot) || slot.ends <= inside.now() {
        return Ok(found);
    }
    for claim in claims.iter().filter(|claim| claim.state.is_live()) {
        let member = reader.membership(claim.membership).await?;
        if let Some(member) = member
            && may_be_spoken_for(reader, &member, me).await?
        {
            found.push(member.id);
        }
    }
    Ok(found)
}

/// What makes sense to say of this promise, in the order of the page.
fn sayable(slot: &Slot, claim: &Claim, now: Timestamp) -> Vec<SaidFor> {
    let promised = claim.state == ClaimState::Claimed;
    let mut may = Vec::new();
    if slot.state != SlotState::Open || slot.ends <= now || !claim.state.is_live() {
        return may;
    }
    let asks = slot.if_nobody == IfNobody::Must && !claim.is_confirmed(slot);
    let time_left = slot.starts > now.plus_hours(GIVE_BACK_HOURS);
    for (what, holds) in [
        (SaidFor::Keep, !promised),
        (SaidFor::There, promised && asks),
        (SaidFor::Late, may_be_late(slot, now)),
        (SaidFor::Cover, promised),
        (SaidFor::Cannot, time_left),
    ] {
        if holds {
            may.push(what);
        }
    }
    may
}

/// One member's promise for one slot.
struct Rows {
    slot: Slot,
    claim: Claim,
    member: Membership,
}

impl Rows {
    /// None where there is nothing that could be said for the member.
    async fn read(
        reader: &Reader,
        inside: &Inside<'_>,
        (slot, member): (SlotId, MembershipId),
    ) -> Result<Option<Self>, Failure> {
        let me = inside.place.as_ref().map(|place| place.membership);
        let slot = slot_of(reader, inside.circle.id, slot).await?;
        let member = reader.membership(member).await?;
        let member = member.filter(|member| member.circle == inside.circle.id);
        let (Some(slot), Some(member)) = (slot, member) else { return Ok(None) };
        if !may_be_spoken_for(reader, &member, me).await? {
            return Ok(None);
        }
        let claim = reader.live_claim(slot.id, member.id).await?;
        Ok(claim.map(|claim| Self { slot, claim, member }))
    }
}

impl App {
    /// What may be said for a member about a slot that they have promised.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for everybody but the patient and the carers who see the rota, for a
    /// member who has not promised it, and for one who reads our e-mails.
    pub async fn say_for_form(
        &self,
        visit: &Visit,
        circle: CircleId,
        slot: SlotId,
        member: MembershipId,
    ) -> Result<SayFor, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let rows = Rows::read(&snapshot, &inside, (slot, member)).await?;
        snapshot.end();
        let _: Permit<'_, Disclose> = inside.permit(Category::Rota).await?;
        // Nothing is said yet: the decision is recorded with what is.
        drop(inside.permit::<ActFor>(Category::Slot).await?);
        let Rows { slot, claim, member } = rows.ok_or(Failure::NotHere)?;
        let (about, names) = about.open(&inside, &inside.key()?).await?;
        let zone = &inside.circle.zone;
        Ok(SayFor {
            about,
            name: names.of(member.id).unwrap_or_default(),
            kind: slot.kind,
            local_start: zone.local(slot.starts),
            local_end: zone.local(slot.ends),
            may: sayable(&slot, &claim, visit.now()),
        })
    }

    /// Says something for a member about a slot that they have promised. Their promise changes as if
    /// they had said it, and it is remembered who did.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] as for the form.
    pub async fn say_for(
        &self,
        visit: &Visit,
        circle: CircleId,
        (slot, member): (SlotId, MembershipId),
        what: SaidFor,
        receipt: Receipt,
    ) -> Result<SaidOutcome, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "say-for").await?;
        let rows = Rows::read(&snapshot, &inside, (slot, member)).await?;
        snapshot.end();
        let _: Permit<'_, Disclose> = inside.permit(Category::Rota).await?;
        let permit: Permit<'_, ActFor> = inside.permit(Category::Slot).await?;
        if let Some(done) = done {
            return Ok(outcome(&done));
        }
        let member = rows.ok_or(Failure::NotHere)?.member;
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                // They may take it back themselves, leave, or give an address, in this moment.
                unit.hold_membership(member.id).await?;
                let rows = Rows::read(unit, &inside, (slot, member.id)).await?;
                let rows = rows.ok_or(Failure::Changed)?;
                let came = say(unit, &inside, &rows, what, now).await?;
                if came != SaidOutcome::Over {
                    let by = inside.own_place()?.membership;
                    unit.add_said_for(&rows.member, by, (what, Some(slot)), now).await?;
                }
                unit.keep_receipt(receipt.0, "say-for", word(came), now).await?;
                Ok(came)
            })
            .await
    }
}

async fn say(
    unit: &UnitOfWork,
    inside: &Inside<'_>,
    Rows { slot, claim, .. }: &Rows,
    what: SaidFor,
    now: Timestamp,
) -> Result<SaidOutcome, Failure> {
    let (circle, speaker) = (&inside.circle, inside.speaker()?);
    let noted = |noted| if noted { SaidOutcome::Noted } else { SaidOutcome::Over };
    // With little time left nothing is given back: it is theirs until somebody else takes it.
    let late = what == SaidFor::Cannot && slot.starts <= now.plus_hours(GIVE_BACK_HOURS);
    let what = if late { SaidFor::Cover } else { what };
    if !sayable(slot, claim, now).contains(&what) {
        return Ok(SaidOutcome::Over);
    }
    Ok(match what {
        SaidFor::There => noted(unit.confirm_claim(claim, slot).await?),
        SaidFor::Keep => noted(promise::keep(unit, circle, slot, claim, now).await?),
        SaidFor::Late => {
            unit.claim_is_late(claim.id, now).await?;
            let about = told::About { circle, slot, now };
            for person in in_charge(&unit.members(circle.id).await?) {
                if person != claim.person && person != speaker.person {
                    let what = Told::RunningLate;
                    told::tell_of_claim(unit, &about, person, what, claim.id).await?;
                }
            }
            SaidOutcome::Noted
        }
        SaidFor::Cover | SaidFor::Cannot => {
            let released = if what == SaidFor::Cannot {
                promise::cannot_make_it(unit, circle, slot, claim, speaker, now).await?
            } else if promise::want_cover(unit, circle, slot, claim, speaker, now).await? {
                Released::UntilCovered
            } else {
                Released::Over
            };
            match released {
                Released::GivenBack => SaidOutcome::GivenBack,
                Released::UntilCovered => SaidOutcome::CoverAsked,
                Released::Over => SaidOutcome::Over,
            }
        }
        SaidFor::Yes
        | SaidFor::Takes
        | SaidFor::Away
        | SaidFor::Back
        | SaidFor::Suits
        | SaidFor::SuitsNot
        | SaidFor::Stops => SaidOutcome::Over,
    })
}

const fn word(outcome: SaidOutcome) -> &'static str {
    match outcome {
        SaidOutcome::Noted => "noted",
        SaidOutcome::GivenBack => "given-back",
        SaidOutcome::CoverAsked => "cover-asked",
        SaidOutcome::Over => "over",
    }
}

fn outcome(word: &str) -> SaidOutcome {
    match word {
        "noted" => SaidOutcome::Noted,
        "given-back" => SaidOutcome::GivenBack,
        "cover-asked" => SaidOutcome::CoverAsked,
        _ => SaidOutcome::Over,
    }
}

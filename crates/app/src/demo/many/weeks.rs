//! The rota of one of the many circles: two weeks that are over, and twelve ahead.

use jiff::ToSpan as _;
use jiff::civil::{Date, Time};
use kith_domain::ids::TaskId;
use kith_domain::{
    CircleState, ClaimState, Disclosure, Ends, HORIZON_DAYS, Ids, IfNobody, LocalTimes, Note,
    Places, Repeat, TaskDraft, TaskKind, Timestamp, Zone, occurrences,
};
use kith_store::{Membership, WholeClaim, WholeSlot, WholeTask};

use super::dice::Dice;
use super::words;
use crate::Failure;

/// Days that the rota begins before today.
const BEFORE: i64 = 14;

/// When and where a rota is made.
pub(super) struct Calendar<'c> {
    pub(super) zone: &'c Zone,
    pub(super) now: Timestamp,
    pub(super) state: CircleState,
}

impl Calendar<'_> {
    fn today(&self) -> Date {
        self.zone.date(self.now)
    }

    /// How many in a hundred slots of a day somebody has promised or done.
    fn promised(&self, date: Date) -> u32 {
        let days = (date - self.today()).get_days();
        match days {
            ..0 => 88,
            _ if self.state != CircleState::Active => 0,
            0..7 => 78,
            7..14 => 50,
            14..28 => 20,
            _ => 4,
        }
    }
}

/// What is asked in this circle, with who does it.
pub(super) fn tasks(
    calendar: &Calendar<'_>,
    dice: &mut Dice,
    ids: &dyn Ids,
    members: &[Membership],
) -> Result<Vec<WholeTask>, Failure> {
    let keeper = members.iter().find(|member| member.lead).or(members.first());
    (0..3 + dice.below(6)).map(|_| task(calendar, dice, ids, members, keeper)).collect()
}

fn task(
    calendar: &Calendar<'_>,
    dice: &mut Dice,
    ids: &dyn Ids,
    members: &[Membership],
    keeper: Option<&Membership>,
) -> Result<WholeTask, Failure> {
    let no = |error: &dyn core::fmt::Display| Failure::Internal(error.to_string());
    let asked = usize::try_from(dice.below(14)).unwrap_or(0);
    let (kind, (hour, minute), minutes, note) =
        words::ASKED.get(asked).copied().ok_or(Failure::NotHere)?;
    let today = calendar.today();
    let first_day = today.saturating_add((i64::from(dice.below(7)) - BEFORE).days());
    let start = Time::constant(hour, minute, 0, 0);
    let first = LocalTimes::new(first_day, start, minutes).map_err(|error| no(&error))?;
    let draft = TaskDraft {
        kind,
        first,
        repeat: Repeat::weekly_on(first_day, Ends::Never),
        places: if kind.needs_somebody() { Places::ONE } else { Places::NOBODY },
        disclosure: Disclosure {
            address: matches!(kind, TaskKind::Visit | TaskKind::Meal | TaskKind::Lift),
            help: false,
            entry: false,
        },
        if_nobody: match dice.below(10) {
            0 => IfNobody::Must,
            1..5 => IfNobody::TellMe,
            _ => IfNobody::Fine,
        },
        note: Note::parse(note).ok(),
    };
    let rolled_to = today.saturating_add(HORIZON_DAYS.days());
    let yesterday = today.saturating_sub(1.day());
    let mut days = occurrences(first, draft.repeat, first_day, yesterday);
    days.extend(occurrences(first, draft.repeat, today, rolled_to));
    let slots = days.into_iter().map(|day| slot(calendar, dice, &draft, members, day)).collect();
    Ok(WholeTask {
        id: TaskId::new(ids),
        created_by: keeper.map(|keeper| keeper.id),
        created_at: calendar.now.plus_days(-BEFORE - 1),
        rolled_to,
        slots,
        draft,
    })
}

fn slot(
    calendar: &Calendar<'_>,
    dice: &mut Dice,
    draft: &TaskDraft,
    members: &[Membership],
    date: Date,
) -> WholeSlot {
    let (starts, ends) = draft.first.on(date).instants(calendar.zone);
    let promised = draft.places != Places::NOBODY && dice.happens(calendar.promised(date));
    // Whoever is there from the beginning does more than whoever came last.
    let helpers = u32::try_from(members.len()).unwrap_or(1).saturating_sub(1);
    let who = dice.below(helpers).min(dice.below(helpers));
    let who = members.get(1 + usize::try_from(who).unwrap_or(0)).filter(|_| promised);
    let claim = |member: &Membership| {
        let done = date < calendar.today();
        let claimed_at = calendar.now.min(starts).plus_days(-2);
        WholeClaim {
            membership: member.id,
            person: member.person,
            state: if done { ClaimState::Done } else { ClaimState::Claimed },
            claimed_at,
            changed_at: if done { ends } else { claimed_at },
        }
    };
    WholeSlot { date, starts, ends, claims: who.map(claim).into_iter().collect() }
}

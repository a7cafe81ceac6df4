//! "I'm away": asked for nothing, and what was promised is handed on, if one says so.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kith_domain::ids::AbsenceId;
use kith_domain::{Category, Timestamp};
use kith_policy::{Amend, Disclose, Permit};
use kith_store::Absence;

use crate::App;
use crate::answering::CannotHow;
use crate::failure::{Failure, Problems, What};
use crate::visit::{Receipt, Visit};

/// Days that one may be away at a time.
const LONGEST_DAYS: i64 = 366;
/// Times, now and to come, that somebody may be away: as many as the pages show.
const MOST_TIMES: usize = 50;
/// Promises that are handed on at most.
pub(crate) const MOST_PROMISES: u32 = 200;

/// When somebody is away, by the wall clock of the organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Away {
    /// Its id.
    pub id: AbsenceId,
    /// The first day.
    pub from: Date,
    /// The last day.
    pub until: Date,
    /// It has begun.
    pub now: bool,
}

impl App {
    /// When one said that one is away, now or later, in order.
    ///
    /// # Errors
    ///
    /// [`Failure::SignIn`] when nobody is signed in.
    pub async fn my_absences(&self, visit: &Visit) -> Result<Vec<Away>, Failure> {
        let (snapshot, towards) = self.enter_organisation(visit, false).await?;
        let found = snapshot.absences_of(towards.session.person, visit.now()).await?;
        snapshot.end();
        let _: Permit<'_, Disclose> = towards.permit(Category::Contact).await?;
        Ok(found.iter().map(|found| away(visit, found)).collect())
    }

    /// "I'm away from then to then", beside what one said before: nobody asks for anything that falls into it. With `hand_on`
    /// somebody else is asked to do what one has promised then; until they say yes it stays one's
    /// own where there is little time. Returns how many promises were handed on.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the fields `from` and `until`, and for `from` where there are fifty such
    /// times already.
    pub async fn go_away(
        &self,
        visit: &Visit,
        (from, until): (&str, &str),
        hand_on: bool,
        receipt: Receipt,
    ) -> Result<usize, Failure> {
        let (snapshot, towards) = self.enter_organisation(visit, false).await?;
        let done = snapshot.receipt(receipt.0, "away").await?;
        let person = towards.session.person;
        let promised = snapshot.own_claims(person, visit.now(), MOST_PROMISES).await?;
        snapshot.end();
        let permit: Permit<'_, Amend> = towards.permit(Category::Contact).await?;
        let (from, until) = match (parsed(visit, from, until), &done) {
            (Ok(days), _) => days,
            (Err(_), Some(done)) => return Ok(done.parse().unwrap_or(0)),
            (Err(failure), None) => return Err(failure),
        };
        let falls_into = |starts: Timestamp| from <= starts && starts < until;
        let to_hand_on: Vec<_> = promised
            .iter()
            .filter(|(_, slot)| hand_on && falls_into(slot.starts))
            .map(|(_, slot)| (slot.circle, slot.id))
            .collect();
        if done.is_none() {
            let word = to_hand_on.len().to_string();
            self.store
                .change(&permit, async |unit| {
                    unit.keep_receipt(receipt.0, "away", &word, visit.now()).await?;
                    if !unit.put_absence(person, (from, until), MOST_TIMES, visit.now()).await? {
                        return Err(Failure::field("from", What::AwayTooOften));
                    }
                    Ok(())
                })
                .await?;
        }
        // Each is handed on in its own circle. What the form did not come to the first time is handed
        // on when it is sent again.
        let mut handed_on = 0;
        for (circle, slot) in to_hand_on {
            let (how, form) = (CannotHow::GiveBack, self.new_receipt());
            match self.cannot_make_it(visit, circle, slot, how, form).await {
                Ok(_) => handed_on += 1,
                // The circle is closed or frozen, or it was taken over a moment ago.
                Err(Failure::NotHere | Failure::Changed) => {}
                Err(other) => return Err(other),
            }
        }
        Ok(done.map_or(handed_on, |done| done.parse().unwrap_or(handed_on)))
    }

    /// "I am back", from all that has begun; or "I am here after all", of one that is to come.
    ///
    /// # Errors
    ///
    /// [`Failure::SignIn`] when nobody is signed in.
    pub async fn be_back(&self, visit: &Visit, which: Option<AbsenceId>) -> Result<(), Failure> {
        let (snapshot, towards) = self.enter_organisation(visit, false).await?;
        snapshot.end();
        let permit: Permit<'_, Amend> = towards.permit(Category::Contact).await?;
        let person = towards.session.person;
        self.store
            .change(&permit, async |unit| {
                unit.end_absence(person, which, visit.now()).await?;
                Ok(())
            })
            .await
    }
}

pub(crate) fn away(visit: &Visit, absence: &Absence) -> Away {
    let Absence { id, from, until } = *absence;
    let zone = &visit.organisation.zone;
    Away {
        id,
        from: zone.date(from),
        until: zone.date(until.plus_seconds(-1)),
        now: from <= visit.now(),
    }
}

/// The first second away, and the first second back.
pub(crate) fn parsed(
    visit: &Visit,
    from: &str,
    until: &str,
) -> Result<(Timestamp, Timestamp), Failure> {
    let zone = &visit.organisation.zone;
    let today = zone.date(visit.now());
    let from = from.parse::<Date>().ok().filter(|day| *day >= today);
    let until = until.parse::<Date>().ok().filter(|day| from.is_none_or(|from| *day >= from));
    let longest = today.saturating_add(LONGEST_DAYS.days());
    let until = until.filter(|day| *day <= longest);
    let mut problems = Problems::default();
    if from.is_none() {
        problems.add("from", What::Choose);
    }
    if until.is_none() {
        problems.add("until", What::Choose);
    }
    problems.check()?;
    let (Some(from), Some(until)) = (from, until) else { return Err(Failure::NotHere) };
    Ok((zone.start_of_day(from), zone.start_of_day(until.saturating_add(1.day()))))
}

//! Who has looked: everything that was opened or changed, with what is unusual first.

use std::collections::{BTreeMap, BTreeSet};

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime};
use kith_domain::ids::{CircleId, MembershipId};
use kith_domain::{Action, Basis, Category, MemberRole, MembershipState, Standing, Timestamp};
use kith_policy::{Disclose, Permit, Review};
use kith_store::{FirstLook, Look, Membership};

use crate::App;
use crate::about::{About, Names, SealedAbout};
use crate::failure::Failure;
use crate::gate::Inside;
use crate::visit::Visit;

/// Looks on one page.
const PAGE: u32 = 50;
/// Looks that the dots and the unusual ones are made from.
const MOST: u32 = 2_000;
/// Unusual looks that are shown.
const MOST_UNUSUAL: usize = 20;
/// Local hour from which a look is at night.
const NIGHT_FROM: i8 = 23;
/// Local hour until which a look is at night.
const NIGHT_UNTIL: i8 = 6;

/// How far back the dots go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LooksSpan {
    /// 14 days.
    #[default]
    TwoWeeks,
    /// 60 days.
    SixtyDays,
}

impl LooksSpan {
    /// The number of days, today included.
    pub const fn days(self) -> i32 {
        match self {
            Self::TwoWeeks => 14,
            Self::SixtyDays => 60,
        }
    }
}

/// Who has looked.
#[derive(Clone, Debug)]
pub struct LooksPage {
    /// The circle and the reader.
    pub about: About,
    /// Everybody's looks; else the reader's own only.
    pub everybody: bool,
    /// What is out of the ordinary within the span, newest first.
    pub unusual: Vec<LookView>,
    /// First day of the dots.
    pub from: Date,
    /// Days of the dots, today included.
    pub days: i32,
    /// For each who looked: on which days, and how often.
    pub dots: Vec<DotRow>,
    /// Looks and changes, newest first.
    pub looks: Vec<LookView>,
    /// Pass it to see what is older, when there may be more.
    pub older: Option<i64>,
}

/// One opening or change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookView {
    /// When.
    pub at: Timestamp,
    /// By the wall clock of the circle.
    pub local: DateTime,
    /// Who.
    pub who: Looker,
    /// What was looked at.
    pub category: Category,
    /// Opened, changed, copied, …
    pub action: Action,
    /// Why it is out of the ordinary.
    pub unusual: Option<Unusual>,
}

/// Who looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looker {
    /// The reader.
    You,
    /// Somebody who is or was in the circle: first name, if the reader may see it.
    Member(MembershipId, Option<String>),
    /// Somebody of the hospice.
    Staff,
    /// The program, or somebody without a place in the circle.
    Other,
}

/// Why a look is out of the ordinary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusual {
    /// What is looked at may no longer be seen by whoever looked then.
    GrantEnded,
    /// How to get in was opened.
    Entry,
    /// The first time that this person opened this.
    FirstTime,
    /// Between eleven at night and six in the morning.
    AtNight,
}

/// One line of dots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DotRow {
    /// Who.
    pub who: Looker,
    /// How often on each day, first day first.
    pub days: Vec<u32>,
}

impl App {
    /// Who has looked: everybody's looks for the patient and carers, one's own for others.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for whoever is not in the circle.
    pub async fn looks(
        &self,
        visit: &Visit,
        circle: CircleId,
        span: LooksSpan,
        before: Option<i64>,
    ) -> Result<LooksPage, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let now = visit.now();
        let zone = &inside.circle.zone;
        let from = zone.date(now).saturating_sub(i64::from(span.days() - 1).days());
        let since = zone.start_of_day(from);
        let everybody = inside.is_in_charge();
        let only = (!everybody).then_some(inside.session.person);
        let about = SealedAbout::read(&snapshot, circle).await?;
        let lately = snapshot.looks(circle, only, since, None, MOST).await?;
        let first = Timestamp::from_second(0);
        let page = snapshot.looks(circle, only, first, before, PAGE).await?;
        let firsts = snapshot.first_looks(circle).await?;
        let members = snapshot.members(circle).await?;
        let granted = snapshot.granted(circle, now).await?;
        snapshot.end();

        if everybody {
            let _: Permit<'_, Review> = inside.permit(Category::Looks).await?;
        } else {
            let _: Permit<'_, Disclose> = inside.permit(Category::Looks).await?;
        }
        let key = inside.key()?;
        let (about, names) = about.open(&inside, &key).await?;
        let known = Known::new(&inside, &names, &firsts, &members, granted);
        let show = |look: &Look| known.view(look);
        let older =
            (page.len() >= PAGE as usize).then(|| page.last().map(|look| look.sequence)).flatten();
        let unusual = lately.iter().map(show).filter(|look| look.unusual.is_some());
        Ok(LooksPage {
            about,
            everybody,
            unusual: unusual.take(MOST_UNUSUAL).collect(),
            from,
            days: span.days(),
            dots: known.dots(&lately, from, span.days()),
            looks: page.iter().map(show).collect(),
            older,
        })
    }
}

/// What is known of those who looked.
pub(crate) struct Known<'a> {
    inside: &'a Inside<'a>,
    names: &'a Names,
    firsts: BTreeSet<i64>,
    members: BTreeMap<MembershipId, &'a Membership>,
    granted: Vec<(MembershipId, Category)>,
}

impl<'a> Known<'a> {
    pub(crate) fn new(
        inside: &'a Inside<'a>,
        names: &'a Names,
        firsts: &[FirstLook],
        members: &'a [Membership],
        granted: Vec<(MembershipId, Category)>,
    ) -> Self {
        Self {
            inside,
            names,
            firsts: firsts.iter().map(|first| first.sequence).collect(),
            members: members.iter().map(|member| (member.id, member)).collect(),
            granted,
        }
    }

    fn looker(&self, look: &Look) -> Looker {
        if look.person == Some(self.inside.session.person) {
            return Looker::You;
        }
        match (look.standing, look.membership) {
            (Standing::Coordinator | Standing::Administrator, _) => Looker::Staff,
            (_, Some(member)) => Looker::Member(member, self.names.of(member)),
            _ => Looker::Other,
        }
    }

    pub(crate) fn view(&self, look: &Look) -> LookView {
        LookView {
            at: look.at,
            local: self.inside.circle.zone.local(look.at),
            who: self.looker(look),
            category: look.category,
            action: look.action,
            unusual: self.unusual(look),
        }
    }

    /// Only openings by others are unusual. What is opened every day is so only when the person may
    /// no longer see it.
    fn unusual(&self, look: &Look) -> Option<Unusual> {
        let Looker::Member(member, _) = self.looker(look) else { return None };
        let member = self.members.get(&member)?;
        if look.action != Action::Disclose || member.role == MemberRole::Patient {
            return None;
        }
        let sees = member.state == MembershipState::Active
            && self.granted.contains(&(member.id, look.category));
        let hour = self.inside.circle.zone.local(look.at).hour();
        if !sees && matches!(look.basis, Basis::Grant | Basis::Both) {
            Some(Unusual::GrantEnded)
        } else if look.category == Category::Entry {
            Some(Unusual::Entry)
        } else if !look.category.is_recorded_each_time() {
            None
        } else if self.firsts.contains(&look.sequence) {
            Some(Unusual::FirstTime)
        } else if !(NIGHT_UNTIL..NIGHT_FROM).contains(&hour) {
            Some(Unusual::AtNight)
        } else {
            None
        }
    }

    /// Days on which each opened something, most often first.
    pub(crate) fn dots(&self, looks: &[Look], from: Date, days: i32) -> Vec<DotRow> {
        let length = usize::try_from(days).unwrap_or(0);
        let mut rows: Vec<DotRow> = Vec::new();
        for look in looks.iter().filter(|look| look.action == Action::Disclose) {
            let date = self.inside.circle.zone.local(look.at).date();
            let day = from.until(date).map_or(-1, |span| span.get_days());
            let who = self.looker(look);
            if !rows.iter().any(|row| row.who == who) {
                rows.push(DotRow { who: who.clone(), days: vec![0; length] });
            }
            let row = rows.iter_mut().find(|row| row.who == who);
            let cell = usize::try_from(day).ok().and_then(|day| row?.days.get_mut(day));
            if let Some(cell) = cell {
                *cell += 1;
            }
        }
        rows.sort_by_key(|row| std::cmp::Reverse(row.days.iter().filter(|n| **n > 0).count()));
        rows
    }
}

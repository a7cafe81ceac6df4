//! The coordinator's work: which tasks have nobody, which circles need a telephone call, and
//! starting circles with a card.
//!
//! Nothing confidential is opened here: nature names, areas, kinds, times and counts, and the
//! lead carer's phone, which was given to the organisation.

mod card;
mod check;
mod circle;
mod lost_devices;
mod start;
mod word;

use jiff::ToSpan as _;
use jiff::civil::Date;
use kith_domain::ids::CircleId;
use kith_domain::{Category, CircleState, TaskKind, Timestamp, reminder};
use kith_policy::List;
use kith_store::{DayCover, OverseenCircle};

use crate::unsent;
use crate::visit::Visit;
use crate::{App, Failure};

pub use card::CardView;
pub use check::{CheckReason, CircleToCheck};
pub use circle::{
    CardOffer, CircleDetail, Freezing, HospiceCircle, LeadContact, PlannedCover, PlannedTask,
    WeekCover,
};
pub use start::{FirstMember, StartCircle};
pub use word::Noted;

/// Circles on one page.
const PAGE: usize = 50;
/// Gaps of today that are listed one by one.
const GAPS_LISTED: u32 = 200;
/// Days of the heat map, today included.
const DAYS: i32 = 7;

/// The coordinator's first page.
#[derive(Clone, Debug)]
pub struct HospiceToday {
    /// The seven days of the heat map, today first, in the organisation's zone.
    pub days: Vec<Date>,
    /// Tasks of today that have a place left, or for which cover is wanted.
    pub gaps_today: u32,
    /// Tasks of the six days after it that have a place left.
    pub gaps_next_six_days: u32,
    /// Those of today, those first where somebody has to come, in order of time; at most 200.
    pub gaps: Vec<GapToday>,
    /// Worries that nobody has dealt with; none for whoever may not read them.
    pub worries: u32,
    /// Mails of the last seven days that did not reach anybody.
    pub unsent_mails: u32,
    /// E-mails to the reader come back.
    pub own_mail_comes_back: bool,
    /// Others of the staff to whom e-mails come back.
    pub staff_to_reach: u32,
    /// Circles that may need a telephone call, with the reasons.
    pub to_check: Vec<CircleToCheck>,
    /// Circles of this page, by area and nature name, at most 50.
    pub rows: Vec<CircleWeek>,
    /// What the next page starts after, when there is one.
    pub next_page: Option<String>,
}

/// A task of today that has nobody, or not enough people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapToday {
    /// The circle.
    pub circle: CircleId,
    /// "Heron".
    pub nature_name: String,
    /// What is asked.
    pub kind: TaskKind,
    /// Somebody has to come: only such a gap is the coordinator's to follow up.
    pub must: bool,
    /// Whoever promised it wants cover, and nobody has taken over.
    pub cover_wanted: bool,
    /// Wall-clock time at which it starts.
    pub starts: jiff::civil::DateTime,
    /// Wall-clock time at which it ends.
    pub ends: jiff::civil::DateTime,
    /// Whether it is over: nobody came.
    pub over: bool,
    /// How many members were asked.
    pub asked: u32,
    /// Wall-clock time at which somebody was last asked.
    pub last_asked: Option<jiff::civil::DateTime>,
    /// Wall-clock time at which a helper last gave it back.
    pub dropped: Option<jiff::civil::DateTime>,
    /// What a coordinator was told of it.
    pub noted: Option<Noted>,
}

/// One circle in the heat map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CircleWeek {
    /// The circle.
    pub circle: CircleId,
    /// "Heron".
    pub nature_name: String,
    /// Part of town; may be empty.
    pub area: String,
    /// Its state; only an active circle has gaps.
    pub state: CircleState,
    /// One a day, as many as [`HospiceToday::days`].
    pub days: Vec<Cover>,
}

/// Tasks that need people: how many there are, and how many have them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cover {
    /// Tasks that have everybody they need.
    pub covered: u32,
    /// Tasks that have a place left, or for which cover is wanted.
    pub gaps: u32,
}

/// One circle in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CircleRow {
    /// The circle.
    pub circle: CircleId,
    /// "Heron".
    pub nature_name: String,
    /// Part of town; may be empty.
    pub area: String,
    /// Its state.
    pub state: CircleState,
    /// Members who said yes, the patient included.
    pub people: u32,
    /// The next seven days; nothing for a circle that is not active.
    pub week: Cover,
    /// When the patient or a carer was last seen, in the organisation's zone.
    pub carer_seen: Option<Date>,
}

/// The list of circles, by area.
#[derive(Clone, Debug)]
pub struct HospiceCircles {
    /// At most 50.
    pub rows: Vec<CircleRow>,
    /// What the next page starts after, when there is one.
    pub next_page: Option<String>,
}

impl App {
    /// Gaps of today and of the next days, circles to check, and cover by circle and day.
    ///
    /// `after` is [`HospiceToday::next_page`] of the page before. Cost follows the tasks of the
    /// week and the circles of the page; circles without tasks cost nothing.
    pub async fn hospice_today(
        &self,
        visit: &Visit,
        after: Option<&str>,
    ) -> Result<HospiceToday, Failure> {
        let (snapshot, towards) = self.enter_organisation(visit, true).await?;
        let now = visit.now();
        let zone = &visit.organisation.zone;
        let today = zone.date(now);
        let day = |offset: i32| today.saturating_add(offset.days());
        let start = |offset: i32| zone.start_of_day(day(offset));

        let page = snapshot.overseen_circles(after, page_limit()).await?;
        let busy = snapshot.circles_with_tasks(start(0), start(DAYS)).await?;
        let cover = snapshot.cover_by_day(start(0), start(DAYS), None).await?;
        let gaps = snapshot.open_gaps(start(0), start(1), now, GAPS_LISTED).await?;
        let noted = snapshot.hospice_words_between(start(0), start(2)).await?;
        let people = snapshot.tasks_by_person(start(-13), start(1)).await?;
        let company = snapshot.last_company(start(-check::LOOK_BACK_DAYS), now).await?;
        let told_before = now.plus_hours(-reminder::RING_AFTER_HOURS);
        let silent = snapshot.silent_promises(now, start(2), told_before).await?;
        let unsent = snapshot.unsent_mails(now.plus_days(-unsent::DAYS)).await?;
        let staff = snapshot.staff_whose_mail_comes_back().await?;
        let unreached = snapshot.circles_whose_lead_mail_comes_back().await?;
        let worries = snapshot.concerns_waiting().await?;
        let mut watched = busy;
        for circle in page.iter().filter(|circle| circle.state == CircleState::Active) {
            if !watched.iter().any(|known| known.id == circle.id) {
                watched.push(circle.clone());
            }
        }
        // A mail that did not arrive is a reason for whatever circle it was.
        let missed = unsent.iter().filter_map(|(circle, _)| *circle);
        for circle in missed.chain(unreached.iter().copied()).take(PAGE) {
            if !watched.iter().any(|known| known.id == circle) {
                let circle = snapshot.overseen_circle(circle).await?;
                watched.extend(circle.filter(|circle| circle.state != CircleState::Erased));
            }
        }
        snapshot.end();
        let _listed = towards.permit::<List>(Category::Oversight).await?;

        let (page, next_page) = paged(page);
        let days: Vec<Date> = (0..DAYS).map(day).collect();
        let to_check = check::circles_to_check(
            &watched,
            &check::Signs {
                cover: &cover,
                people: &people,
                company: &company,
                silent: &silent,
                noted: &noted,
                unsent: &unsent,
                unreached: &unreached,
            },
            now,
            zone,
        );
        let gaps_on = |which: &dyn Fn(Date) -> bool| -> u32 {
            cover.iter().filter(|day| which(day.date)).map(|day| day.gaps).sum()
        };
        let wall = |at: Timestamp| zone.local(at);
        Ok(HospiceToday {
            gaps_today: gaps_on(&|date| date == today),
            gaps_next_six_days: gaps_on(&|date| date > today),
            gaps: gaps
                .into_iter()
                .map(|gap| GapToday {
                    circle: gap.circle,
                    nature_name: gap.nature_name,
                    kind: gap.kind,
                    must: gap.must,
                    cover_wanted: gap.cover_wanted,
                    starts: wall(gap.starts),
                    ends: wall(gap.ends),
                    over: gap.ends <= now,
                    asked: gap.asked,
                    last_asked: gap.last_asked_at.map(wall),
                    dropped: gap.dropped_at.map(wall),
                    noted: noted
                        .iter()
                        .find(|note| note.slot == gap.slot)
                        .map(|note| Noted::of(&note.said, towards.session.person)),
                })
                .collect(),
            worries: if towards.may::<List>(Category::Concern) { worries } else { 0 },
            unsent_mails: unsent.iter().map(|(_, mails)| mails).sum(),
            own_mail_comes_back: staff.contains(&towards.session.person),
            staff_to_reach: u32::try_from(
                staff.iter().filter(|person| **person != towards.session.person).count(),
            )
            .unwrap_or(u32::MAX),
            to_check,
            rows: page.into_iter().map(|circle| circle_week(circle, &days, &cover)).collect(),
            days,
            next_page,
        })
    }

    /// The circles of the organisation, by area.
    pub async fn hospice_circles(
        &self,
        visit: &Visit,
        after: Option<&str>,
    ) -> Result<HospiceCircles, Failure> {
        let (snapshot, towards) = self.enter_organisation(visit, true).await?;
        let zone = &visit.organisation.zone;
        let today = zone.date(visit.now());
        let page = snapshot.overseen_circles(after, page_limit()).await?;
        let from = zone.start_of_day(today);
        let to = zone.start_of_day(today.saturating_add(DAYS.days()));
        let cover = snapshot.cover_by_day(from, to, None).await?;
        snapshot.end();
        let _listed = towards.permit::<List>(Category::Oversight).await?;
        let (page, next_page) = paged(page);
        let rows = page
            .into_iter()
            .map(|circle| CircleRow {
                week: Cover::of(cover.iter().filter(|day| day.circle == circle.id)),
                circle: circle.id,
                nature_name: circle.nature_name,
                area: circle.area,
                state: circle.state,
                people: circle.members,
                carer_seen: circle.carer_seen_at.map(|at| zone.date(at)),
            })
            .collect();
        Ok(HospiceCircles { rows, next_page })
    }
}

impl Cover {
    fn of<'d>(days: impl Iterator<Item = &'d DayCover>) -> Self {
        days.fold(Self::default(), |sum, day| Self {
            covered: sum.covered + day.tasks.saturating_sub(day.gaps),
            gaps: sum.gaps + day.gaps,
        })
    }
}

fn circle_week(circle: OverseenCircle, days: &[Date], cover: &[DayCover]) -> CircleWeek {
    let on = |date: Date| {
        Cover::of(cover.iter().filter(|day| day.circle == circle.id && day.date == date))
    };
    CircleWeek {
        circle: circle.id,
        days: days.iter().copied().map(on).collect(),
        nature_name: circle.nature_name,
        area: circle.area,
        state: circle.state,
    }
}

/// One more than a page holds, to know whether there is another.
fn page_limit() -> u32 {
    u32::try_from(PAGE + 1).unwrap_or(u32::MAX)
}

fn paged(mut circles: Vec<OverseenCircle>) -> (Vec<OverseenCircle>, Option<String>) {
    let more = circles.len() > PAGE;
    circles.truncate(PAGE);
    let next = circles.last().filter(|_| more).map(|circle| circle.nature_name.clone());
    (circles, next)
}

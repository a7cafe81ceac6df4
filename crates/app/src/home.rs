//! The circle's home: today, the week at a glance, news and kind words, the people around the
//! patient.

use jiff::ToSpan as _;
use jiff::civil::Date;
use kith_domain::ids::{CircleId, MembershipId};
use kith_domain::{Category, CategorySet, MemberRole, MembershipState, Ring, Timestamp, Unreached};
use kith_policy::{Amend, Contribute, Disclose, List, Name, Permit, Review};
use kith_store::{Membership, StoreError};
use kith_vault::Field;

use crate::App;
use crate::about::{About, Names};
use crate::at_the_door::{self, DoorText};
use crate::failure::Failure;
use crate::gate::Inside;
use crate::news::{Words, open_words};
use crate::rota_week::{monday_of, week_bounds};
use crate::unsent::{self, Unsent};
use crate::visit::Visit;
use crate::week::{SlotView, Stretch};

/// Kind words on the home page.
const KIND_WORDS: u32 = 5;
/// Days after somebody came in during which the note about the nature name is shown.
const NOTE_DAYS: i64 = 30;
/// What the receipt of the note's "All right" is for.
const NOTE_READ: &str = "nature-name-note";

/// The circle's home.
#[derive(Clone, Debug)]
pub struct Home {
    /// The circle and the reader.
    pub about: About,
    /// Today in the circle's zone.
    pub today: Date,
    /// Today's slots in order; none for whoever may not see the rota.
    pub slots: Vec<SlotView>,
    /// Monday to Sunday of this week.
    pub strip: Vec<StripDay>,
    /// News and kind words, for those who may see them.
    pub news: Option<HomeNews>,
    /// The people around the patient; for the patient and carers.
    pub around: Option<Vec<Bead>>,
    /// What whoever was there last left to say; for the patient and carers, while it is new.
    pub left_to_say: Option<DoorText>,
    /// Mails that did not arrive lately; for the patient and carers.
    pub unsent: Vec<Unsent>,
    /// Others have looked at something in the last seven days; for the patient and carers.
    pub others_looked: bool,
    /// The reader may name somebody, once it is sure who reads.
    pub may_name: bool,
    /// "In e-mails, Margaret's circle is called Heron": not yet answered with "All right".
    pub nature_name_note: bool,
}

/// How much of a day is covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StripDay {
    /// The day.
    pub date: Date,
    /// Tasks on it.
    pub tasks: usize,
    /// Those of them that need nobody more.
    pub covered: usize,
}

/// The newest of what was written.
#[derive(Clone, Debug)]
pub struct HomeNews {
    /// How the patient is.
    pub latest: Option<Words>,
    /// The latest kind words, newest first.
    pub kind_words: Vec<Words>,
    /// The reader may tell the circle.
    pub may_tell: bool,
    /// The reader may add a kind word.
    pub may_add: bool,
}

/// One person around the patient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bead {
    /// The place in the circle.
    pub membership: MembershipId,
    /// First name.
    pub name: Option<String>,
    /// Role.
    pub role: MemberRole,
    /// How much they may see.
    pub ring: Ring,
    /// When they were named: "asked on Friday".
    pub named_at: Timestamp,
    /// It is the reader.
    pub is_you: bool,
}

impl App {
    /// The circle's home.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for whoever is not in the circle.
    pub async fn home(&self, visit: &Visit, circle: CircleId) -> Result<Home, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let now = visit.now();
        let today = inside.circle.zone.date(now);
        let monday = monday_of(today);
        let (from, to) = week_bounds(&inside.circle.zone, monday);
        let (about, stretch) = Stretch::read(&snapshot, circle, from, to).await?;
        let news = snapshot.contents(circle, Field::News, 1).await?;
        let kind_words = snapshot.contents(circle, Field::KindWord, KIND_WORDS).await?;
        let note = snapshot.content(circle, Field::HandOver, circle.as_uuid()).await?;
        let (members, granted) = if inside.is_in_charge() {
            (snapshot.members(circle).await?, snapshot.granted(circle, now).await?)
        } else {
            (Vec::new(), Vec::new())
        };
        let unsent = if inside.is_in_charge() {
            snapshot.unsent_mail(circle, now.plus_days(-unsent::DAYS), unsent::MOST).await?
        } else {
            Vec::new()
        };
        let comes_back = if inside.is_in_charge() {
            let unreached = snapshot.unreached_members(circle).await?;
            let back =
                |(id, why): (MembershipId, Unreached)| (why == Unreached::ComesBack).then_some(id);
            unreached.into_iter().filter_map(back).collect()
        } else {
            Vec::new()
        };
        let others_looked = if inside.may::<Review>(Category::Looks) {
            let looks = snapshot.looks(circle, None, now.plus_days(-7), None, 50).await?;
            looks.iter().any(|look| look.person != Some(inside.session.person))
        } else {
            false
        };
        let nature_name_note = match &inside.place {
            Some(place) => {
                let member = snapshot.membership(place.membership).await?;
                let came = member.and_then(|member| member.accepted_at);
                let lately = came.is_none_or(|came| now < came.plus_days(NOTE_DAYS));
                let form = place.membership.as_uuid();
                lately && snapshot.receipt(form, NOTE_READ).await?.is_none()
            }
            None => false,
        };
        snapshot.end();

        // Whoever is in the circle has a home, with or without the rota; nobody else has.
        let sees_rota = match inside.permit(Category::Rota).await {
            Ok(permit) => {
                let _: Permit<'_, Disclose> = permit;
                true
            }
            Err(Failure::NotHere) if inside.place.is_some() => false,
            Err(failure) => return Err(failure),
        };
        let key = inside.key()?;
        let (about, names) = about.open(&inside, &key).await?;
        let week = if sees_rota { stretch.show(&inside, &key, &names).await? } else { Vec::new() };
        let news = match inside.permit_if_any::<Disclose>(Category::News).await? {
            Some(permit) => Some(HomeNews {
                latest: open_words(&inside, &permit, &key, &names, &news)?.pop(),
                kind_words: open_words(&inside, &permit, &key, &names, &kind_words)?,
                may_tell: inside.may::<Amend>(Category::News),
                may_add: inside.may::<Contribute>(Category::News),
            }),
            None => None,
        };
        let left_to_say = at_the_door::left_to_say(&inside, &key, &names, note.as_ref()).await?;
        let lists = inside.is_in_charge() && inside.may::<List>(Category::People);
        let around = lists.then(|| beads(&inside, &names, &members, &granted));
        let unsent = if lists {
            unsent::show(&inside, &names, &members, &unsent, &comes_back)
        } else {
            Vec::new()
        };
        Ok(Home {
            about,
            today,
            strip: strip(monday, &week),
            slots: week.into_iter().filter(|slot| slot.local_start.date() == today).collect(),
            news,
            around,
            left_to_say,
            unsent,
            others_looked,
            may_name: inside.would::<Name>(Category::People),
            nature_name_note,
        })
    }

    /// "All right": the note about the nature name is not shown again to this member.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for whoever is not in the circle.
    pub async fn nature_name_read(&self, visit: &Visit, circle: CircleId) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        snapshot.end();
        let form = inside.own_place()?.membership.as_uuid();
        let kept = self
            .store
            .transact(visit.organisation.id, async |unit| {
                unit.keep_receipt(form, NOTE_READ, "read", visit.now()).await
            })
            .await;
        match kept {
            Ok(()) | Err(StoreError::Conflict) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn strip(monday: Date, week: &[SlotView]) -> Vec<StripDay> {
    (0..7)
        .map(|n: i64| {
            let date = monday.saturating_add(n.days());
            // What is arranged already needs nobody and is not counted, as on the rota.
            let counts =
                |slot: &&SlotView| slot.kind.needs_somebody() && slot.local_start.date() == date;
            let of_day = || week.iter().filter(counts);
            let covered = of_day().filter(|slot| slot.is_covered()).count();
            StripDay { date, tasks: of_day().count(), covered }
        })
        .collect()
}

/// Everybody around the patient: who is in the circle, and who has been asked.
fn beads(
    inside: &Inside<'_>,
    names: &Names,
    members: &[Membership],
    granted: &[(MembershipId, Category)],
) -> Vec<Bead> {
    let me = inside.place.as_ref().map(|place| place.membership);
    members
        .iter()
        .filter(|member| {
            member.role != MemberRole::Patient && member.state != MembershipState::Left
        })
        .filter_map(|member| {
            let sees: CategorySet = granted
                .iter()
                .filter_map(|(id, category)| (*id == member.id).then_some(*category))
                .collect();
            Some(Bead {
                membership: member.id,
                name: names.of(member.id),
                role: member.role,
                ring: Ring::of(member.state, sees)?,
                named_at: member.named_at,
                is_you: me == Some(member.id),
            })
        })
        .collect()
}

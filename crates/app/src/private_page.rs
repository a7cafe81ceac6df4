//! The private page, how to get in, and who to call.

use jiff::ToSpan;
use jiff::civil::Date;
use kith_domain::claim::WINDOW_HOURS_AFTER;
use kith_domain::ids::{CircleId, MembershipId};
use kith_domain::{Category, MemberRole, MembershipState, Timestamp};
use kith_policy::{Amend, Disclose, List, Permit, Review};
use kith_store::{Content, Look, Membership};
use kith_vault::{Field, OwnerKey};

use crate::App;
use crate::about::{About, Names, SealedAbout};
use crate::failure::Failure;
use crate::gate::Inside;
use crate::looks::{DotRow, Known, LookView};
use crate::private_form::PrivatePart;
use crate::visit::Visit;

/// Looks of others that the private page shows.
const LOOKS: usize = 5;
/// Days in which they were.
const LOOK_DAYS: i32 = 14;

/// The private page.
#[derive(Clone, Debug)]
pub struct PrivatePage {
    /// The circle and the reader.
    pub about: About,
    /// Care and comfort.
    pub comfort: Option<Written>,
    /// What matters.
    pub matters: Option<Written>,
    /// Who to call; none too for a reader who may not see it.
    pub help: Option<Written>,
    /// Where the patient lives; none too for a reader who may not see it.
    pub address: Option<Written>,
    /// How to get in: never on this page, only whether there is something to open.
    pub entry: EntryState,
    /// Who can see this page; for those who may see the list of people.
    pub who_sees: Option<Vec<WhoSees>>,
    /// Who has looked lately at this page or at how to get in; for the patient and carers.
    pub looked: Option<LookedLately>,
    /// What the reader may change.
    pub may_change: Vec<PrivatePart>,
}

/// Who has looked in the last two weeks.
#[derive(Clone, Debug)]
pub struct LookedLately {
    /// The first day of the dots, by the wall clock of the circle.
    pub from: Date,
    /// On which days each looked, the reader too.
    pub dots: Vec<DotRow>,
    /// The latest looks of others.
    pub latest: Vec<LookView>,
}

/// A text with its author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// The text.
    pub text: String,
    /// First name of who wrote it, if the reader may see it.
    pub by: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Whether there is something to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryState {
    /// Not for this reader.
    NotForYou,
    /// "Nothing here yet."
    Nothing,
    /// It may be opened, and each opening is recorded.
    There,
}

/// Somebody who can see the private page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WhoSees {
    /// The place in the circle.
    pub membership: MembershipId,
    /// First name.
    pub name: Option<String>,
    /// Role.
    pub role: MemberRole,
    /// And how to get in.
    pub entry: bool,
    /// It is the reader.
    pub is_you: bool,
}

/// How to get in, opened once.
#[derive(Clone, Debug)]
pub struct EntryRevealed {
    /// The circle and the reader.
    pub about: About,
    /// The text; none when nobody wrote it down.
    pub entry: Option<Written>,
    /// When it closes again for this reader; none when it was granted.
    pub until: Option<Timestamp>,
}

/// Who to call.
#[derive(Clone, Debug)]
pub struct WhoToCall {
    /// The circle and the reader.
    pub about: About,
    /// The text; none when nobody wrote it down.
    pub help: Option<Written>,
    /// The reader may change it.
    pub may_change: bool,
}

impl App {
    /// The private page. Recorded.
    ///
    /// # Errors
    ///
    /// [`Failure::StepUp`] where it is not sure who asks; [`Failure::NotHere`] for whoever may not
    /// see it.
    pub async fn private_page(
        &self,
        visit: &Visit,
        circle: CircleId,
    ) -> Result<PrivatePage, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let now = visit.now();
        let subject = circle.as_uuid();
        let about = SealedAbout::read(&snapshot, circle).await?;
        let comfort = snapshot.content(circle, Field::CareComfort, subject).await?;
        let matters = snapshot.content(circle, Field::CareMatters, subject).await?;
        let help = snapshot.content(circle, Field::Help, subject).await?;
        let address = snapshot.content(circle, Field::Address, subject).await?;
        let entry = snapshot.content(circle, Field::Entry, subject).await?;
        let members = snapshot.members(circle).await?;
        let granted = snapshot.granted(circle, now).await?;
        let zone = &inside.circle.zone;
        let from = zone.date(now).saturating_sub(i64::from(LOOK_DAYS - 1).days());
        let looks = snapshot.looks(circle, None, zone.start_of_day(from), None, 500).await?;
        let firsts = snapshot.first_looks(circle).await?;
        snapshot.end();

        let care = inside.permit::<Disclose>(Category::Care).await?;
        let key = inside.key()?;
        let (about, names) = about.open(&inside, &key).await?;
        let help = match inside.permit_if_any::<Disclose>(Category::Help).await? {
            Some(permit) => written(&inside, &permit, &key, &names, help.as_ref())?,
            None => None,
        };
        let address = match inside.permit_if_any::<Disclose>(Category::Address).await? {
            Some(permit) => written(&inside, &permit, &key, &names, address.as_ref())?,
            None => None,
        };
        let entry = match (inside.would::<Disclose>(Category::Entry), entry) {
            (false, _) => EntryState::NotForYou,
            (true, None) => EntryState::Nothing,
            (true, Some(_)) => EntryState::There,
        };
        let who_sees = inside
            .may::<List>(Category::People)
            .then(|| who_sees(&inside, &names, &members, &granted));
        let looked = inside.may::<Review>(Category::Looks).then(|| {
            let private = |look: &&Look| matches!(look.category, Category::Care | Category::Entry);
            let other = |look: &&Look| look.person != Some(inside.session.person);
            let known = Known::new(&inside, &names, &firsts, &members, granted);
            let private: Vec<Look> = looks.iter().filter(private).cloned().collect();
            let others = private.iter().filter(other).take(LOOKS);
            LookedLately {
                from,
                dots: known.dots(&private, from, LOOK_DAYS),
                latest: others.map(|look| known.view(look)).collect(),
            }
        });
        let parts = PrivatePart::ALL.iter().copied();
        Ok(PrivatePage {
            comfort: written(&inside, &care, &key, &names, comfort.as_ref())?,
            matters: written(&inside, &care, &key, &names, matters.as_ref())?,
            help,
            address,
            entry,
            who_sees,
            looked,
            may_change: parts.filter(|part| inside.would::<Amend>(part.category())).collect(),
            about,
        })
    }

    /// Opens how to get in: with a grant, or in the open window of a slot that tells it. Each
    /// opening is recorded, and shown to the patient and carers.
    ///
    /// # Errors
    ///
    /// [`Failure::StepUp`] where it is not sure who asks; [`Failure::NotHere`] for whoever may not
    /// see it.
    pub async fn reveal_entry(
        &self,
        visit: &Visit,
        circle: CircleId,
    ) -> Result<EntryRevealed, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let entry = snapshot.content(circle, Field::Entry, circle.as_uuid()).await?;
        snapshot.end();
        let permit = inside.permit::<Disclose>(Category::Entry).await?;
        let key = inside.key()?;
        let (about, names) = about.open(&inside, &key).await?;
        let granted = inside.is_patient() || inside.facts.grants.contains(Category::Entry);
        let until = inside.window_until.filter(|_| !granted);
        Ok(EntryRevealed {
            about,
            entry: written(&inside, &permit, &key, &names, entry.as_ref())?,
            until: until.map(|ends| ends.plus_hours(WINDOW_HOURS_AFTER)),
        })
    }

    /// Who to call: for everybody who sees the rota.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for whoever may not see it.
    pub async fn who_to_call(&self, visit: &Visit, circle: CircleId) -> Result<WhoToCall, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let help = snapshot.content(circle, Field::Help, circle.as_uuid()).await?;
        snapshot.end();
        let permit = inside.permit::<Disclose>(Category::Help).await?;
        let key = inside.key()?;
        let (about, names) = about.open(&inside, &key).await?;
        Ok(WhoToCall {
            about,
            help: written(&inside, &permit, &key, &names, help.as_ref())?,
            may_change: inside.may::<Amend>(Category::Help),
        })
    }
}

fn written(
    inside: &Inside<'_>,
    permit: &Permit<'_, Disclose>,
    key: &OwnerKey,
    names: &Names,
    content: Option<&Content>,
) -> Result<Option<Written>, Failure> {
    let text = inside.open(permit, key, content)?;
    Ok(content.zip(text).map(|(content, text)| Written {
        text,
        by: content.author.and_then(|author| names.of(author)),
        at: content.at,
    }))
}

/// The patient, and every member with a grant for the private page.
pub(crate) fn who_sees(
    inside: &Inside<'_>,
    names: &Names,
    members: &[Membership],
    granted: &[(MembershipId, Category)],
) -> Vec<WhoSees> {
    let sees = |member: &Membership, category| {
        member.role == MemberRole::Patient || granted.contains(&(member.id, category))
    };
    let me = inside.place.as_ref().map(|place| place.membership);
    members
        .iter()
        .filter(|member| member.state == MembershipState::Active && sees(member, Category::Care))
        .map(|member| WhoSees {
            membership: member.id,
            name: names.of(member.id),
            role: member.role,
            entry: sees(member, Category::Entry),
            is_you: me == Some(member.id),
        })
        .collect()
}

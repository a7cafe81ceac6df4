//! As many circles as somebody asks for, in as many hospices as they need, and the same each time.
//!
//! What a circle is follows from its number alone: number 57 is the same among a hundred as among
//! ten thousand. Only ciphertext and keys differ, as they must.

mod dice;
mod household;
mod weeks;
mod words;

use std::sync::Arc;

use kith_domain::ids::{CircleId, DeviceId, MembershipId, OrganisationId, PersonId};
use kith_domain::{
    CategorySet, EmailAddress, MailChoice, MemberRole, MembershipState, Owner, ReminderChoice,
    Timestamp, Zone,
};
use kith_policy::RequestScope;
use kith_store::{
    Membership, NewCircle, Organisation, Person, StoreError, WholeCircle, WholeMember, WholeTask,
    WholeText,
};
use kith_vault::{Field, OwnerKey, random_token, token_hash};

use self::dice::{Dice, SeededIds};
use self::household::{CIRCLES_OF_A_HOSPICE, Household, Somebody, household, nature_name};
use self::weeks::Calendar;
use super::pen::Pen;
use super::story::STORIES;
use crate::{App, Failure};

/// Circles written in one transaction.
const TOGETHER: usize = 25;
/// Where one hospice ends and the next begins, in what their dice are thrown for.
const OF_HOSPICES: u64 = 0x686F_7370_6963_6573;
const OF_CIRCLES: u64 = 0x6369_7263_6C65_7321;
const OF_WEEKS: u64 = 0x7765_656B_7321_2121;

/// A hospice to fill.
struct Hospice {
    id: OrganisationId,
    key: OwnerKey,
    zone: Zone,
}

impl App {
    /// Makes circles beside those with stories, until the demonstration has `total`. Those that are
    /// there already stay. A hospice has 120; the next ones are known by host names of their own
    /// under `localhost`, and the first by `host`.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when there is no demonstration.
    pub async fn seed_demo_circles(&self, total: u32, host: &str) -> Result<(), Failure> {
        let now = self.clock.now();
        let told = u32::try_from(STORIES.len()).unwrap_or(u32::MAX);
        let hospices = total.div_ceil(CIRCLES_OF_A_HOSPICE);
        for number in 0..hospices {
            let host = (hospices > 1).then_some(host);
            let hospice = self.demo_hospice(number, host, now).await?;
            let snapshot = self.store.snapshot(hospice.id).await?;
            let there = snapshot.nature_names().await?;
            snapshot.end();
            let first = (number * CIRCLES_OF_A_HOSPICE).max(told);
            let end = ((number + 1) * CIRCLES_OF_A_HOSPICE).min(total);
            let missing: Vec<u32> = (first..end)
                .filter(|circle| !there.iter().any(|name| name == nature_name(*circle)))
                .collect();
            for circles in missing.chunks(TOGETHER) {
                self.demo_circles(&hospice, circles, now).await?;
            }
        }
        Ok(())
    }

    /// The hospice of this number, made if it is not there.
    async fn demo_hospice(
        &self,
        number: u32,
        host: Option<&str>,
        now: Timestamp,
    ) -> Result<Hospice, Failure> {
        let zone =
            Zone::parse("Europe/London").map_err(|error| Failure::Internal(error.to_string()))?;
        let id = match number {
            0 => self.demo_organisation(),
            number => OrganisationId::new(&SeededIds::of(number, OF_HOSPICES)),
        };
        if number == 0
            && let Some(host) = host
        {
            self.store.transact(id, async |unit| unit.put_host(host).await).await?;
        }
        match self.store.organisation(id).await {
            Ok(_) => {
                let snapshot = self.store.snapshot(id).await?;
                let wrapped = snapshot.wrapped_key(Owner::Organisation(id)).await?;
                snapshot.end();
                return Ok(Hospice { id, key: self.vault.unwrap_key(&wrapped)?, zone });
            }
            Err(StoreError::NotFound) if number > 0 => {}
            Err(StoreError::NotFound) => return Err(Failure::NotHere),
            Err(error) => return Err(error.into()),
        }
        let (key, wrapped) = self.vault.new_owner_key(Owner::Organisation(id));
        let name = hospice_name(number);
        let organisation = Organisation {
            id,
            host: Some(format!("{}.localhost", name.to_lowercase())),
            name: format!("{name} Hospice"),
            phone: format!("01632 960 {:03}", Dice::of(number, OF_HOSPICES).below(1_000)),
            zone: zone.clone(),
            named_in_mail: true,
        };
        self.store
            .transact(id, async |unit| unit.add_organisation(&organisation, &wrapped, now).await)
            .await?;
        Ok(Hospice { id, key, zone })
    }

    /// Writes these circles in one transaction.
    async fn demo_circles(
        &self,
        hospice: &Hospice,
        numbers: &[u32],
        now: Timestamp,
    ) -> Result<(), Failure> {
        let households: Vec<(u32, Household)> =
            numbers.iter().map(|number| (*number, household(*number))).collect();
        let mut circles = Vec::new();
        for (number, household) in &households {
            circles.push(self.demo_household(hospice, *number, household, now).await?);
        }
        // Of what is today, people were reminded yesterday.
        let reminded = hospice
            .zone
            .start_of_day(hospice.zone.date(now).tomorrow().unwrap_or(jiff::civil::Date::MAX));
        self.store
            .transact(hospice.id, async |unit| unit.add_whole_circles(circles, now, reminded).await)
            .await?;
        Ok(())
    }

    /// One household as a circle, its texts sealed as the patient would.
    async fn demo_household<'h>(
        &self,
        hospice: &'h Hospice,
        number: u32,
        household: &'h Household,
        now: Timestamp,
    ) -> Result<WholeCircle<'h>, Failure> {
        let ids: Arc<SeededIds> = Arc::new(SeededIds::of(number, OF_CIRCLES));
        let circle = CircleId::new(&*ids);
        let (key, wrapped) = self.vault.new_owner_key(Owner::Circle(circle));
        let scope = RequestScope::new(now, Arc::<SeededIds>::clone(&ids));
        let own = Pen::new(self, &scope, hospice.id, circle, key, &hospice.key).await?;
        let pen = own.with_ids(Arc::<SeededIds>::clone(&ids));
        let places = places(household, circle, &ids, now);
        let calendar = Calendar { zone: &hospice.zone, now, state: household.state };
        let dice = &mut Dice::of(number, OF_WEEKS);
        let tasks = weeks::tasks(&calendar, dice, &*ids, &places)?;
        let texts = texts(&pen, household, &places, &tasks, (dice, now))?;
        let mut members = Vec::new();
        let patient = places.first().map(|place| place.id);
        for (somebody, place) in household.people.iter().zip(places) {
            members.push(WholeMember {
                person: self.demo_body(&pen, hospice, somebody, place.person)?,
                granted: somebody
                    .sees
                    .map_or(CategorySet::EMPTY, |(preset, entry)| preset.with_entry(entry)),
                decided_by: patient,
                device: Some((
                    DeviceId::new(&*ids),
                    // Nobody holds its secret.
                    token_hash(random_token().as_str()),
                )),
                place,
            });
        }
        Ok(WholeCircle {
            ids,
            circle: NewCircle {
                id: circle,
                nature_name: household.nature_name,
                state: household.state,
                zone: &hospice.zone,
                area: household.area,
            },
            key: wrapped,
            started: now.plus_days(-household.started),
            seen: now.plus_hours(-household.seen),
            members,
            texts,
            tasks,
        })
    }

    fn demo_body(
        &self,
        pen: &Pen<'_>,
        hospice: &Hospice,
        somebody: &Somebody,
        id: PersonId,
    ) -> Result<Person, Failure> {
        let email = somebody.email.as_deref().and_then(|email| EmailAddress::parse(email).ok());
        let seal = |field, text: &str| pen.detail(field, id.as_uuid(), text);
        Ok(Person {
            id,
            name: seal(Field::PersonName, somebody.name)?,
            email: email
                .as_ref()
                .map(|email| seal(Field::PersonEmail, email.as_str()))
                .transpose()?,
            email_index: email
                .map(|email| self.vault.email_index(hospice.id, &email.canonical()).to_vec()),
            phone: None,
            // They read long ago what they had promised.
            mail: MailChoice {
                reminders: ReminderChoice::EVENING_BEFORE,
                confirmed: false,
                ..MailChoice::ORDINARY
            },
            shares_mailbox: false,
        })
    }
}

/// "Alderbank"; after 288 of them "Alderbank2".
fn hospice_name(number: u32) -> String {
    let (first, last) = (&words::HOSPICE_FIRST, &words::HOSPICE_LAST);
    let number = usize::try_from(number).unwrap_or(0) - 1;
    let (round, number) = (number / (24 * 12), number % (24 * 12));
    let first = first.get(number % 24).copied().unwrap_or_default();
    let last = last.get((number / 24 + number % 24) % 12).copied().unwrap_or_default();
    if round == 0 { format!("{first}{last}") } else { format!("{first}{last}{}", round + 1) }
}

fn places(
    household: &Household,
    circle: CircleId,
    ids: &SeededIds,
    now: Timestamp,
) -> Vec<Membership> {
    let mut keeper = None;
    let place = |somebody: &Somebody| {
        let named_at = now.plus_days(-somebody.named);
        let place = Membership {
            id: MembershipId::new(ids),
            circle,
            person: PersonId::new(ids),
            role: somebody.role,
            state: MembershipState::Active,
            lead: somebody.role == MemberRole::Carer,
            named_by: keeper.filter(|_| somebody.role == MemberRole::Friend),
            named_at,
            accepted_at: Some(named_at.plus_hours(3)),
            left_at: None,
        };
        if somebody.role != MemberRole::Friend {
            keeper = Some(place.id);
        }
        place
    };
    household.people.iter().map(place).collect()
}

/// Names, address, whom to call, what the hospice was given, notes; and now and then news and the
/// private page.
fn texts(
    pen: &Pen<'_>,
    household: &Household,
    places: &[Membership],
    tasks: &[WholeTask],
    (dice, now): (&mut Dice, Timestamp),
) -> Result<Vec<WholeText>, Failure> {
    let Some(first) = places.first() else { return Ok(Vec::new()) };
    let keeper = places.iter().find(|place| place.lead).unwrap_or(first);
    let circle = first.circle.as_uuid();
    let started = now.plus_days(-household.started);
    let mut all = Vec::new();
    let mut add = |field: Field, subject: Option<uuid::Uuid>, text: &str, at: Timestamp| {
        let sealed = pen.write(field, text)?;
        // News are about nothing but themselves.
        let subject = subject.unwrap_or(sealed.place().row);
        all.push(WholeText { subject, by: Some(keeper.id), at, sealed });
        Ok::<_, Failure>(())
    };
    for (somebody, place) in household.people.iter().zip(places) {
        let member = Some(place.id.as_uuid());
        add(Field::MemberName, member, somebody.name, place.named_at)?;
        match somebody.role {
            MemberRole::Patient => add(Field::PatientName, Some(circle), somebody.name, started)?,
            MemberRole::Carer => add(Field::OversightName, Some(circle), somebody.name, started)?,
            _ => {}
        }
        if !somebody.is.is_empty() {
            add(Field::Relationship, member, somebody.is, place.named_at)?;
        }
    }
    add(Field::Address, Some(circle), &household.address, started)?;
    add(Field::OversightPhone, Some(circle), &household.phone, started)?;
    add(Field::Help, Some(circle), "The hospice, day or night: 01632 960 123", started)?;
    for task in tasks {
        if let Some(note) = &task.draft.note {
            add(Field::TaskNote, Some(task.id.as_uuid()), note.as_str(), task.created_at)?;
        }
    }
    if dice.happens(40) {
        add(Field::CareComfort, Some(circle), dice.one_of(&words::COMFORT), started)?;
        add(Field::Entry, Some(circle), dice.one_of(&words::ENTRY), started)?;
    }
    if dice.happens(60) {
        let hours = i64::from(dice.below(120));
        add(Field::News, None, dice.one_of(&words::NEWS), now.plus_hours(-hours))?;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::hospice_name;

    #[test]
    fn hospices_have_names_of_their_own() {
        let names: BTreeSet<_> = (1..=600).map(hospice_name).collect();
        assert_eq!(names.len(), 600);
    }
}

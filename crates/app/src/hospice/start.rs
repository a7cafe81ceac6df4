//! Starting a circle with a family.

use kith_domain::ids::{CircleId, MembershipId, PersonId};
use kith_domain::nature::NATURE_NAMES;
use kith_domain::{
    AreaName, Category, CircleState, MailChoice, MemberRole, MembershipState, Owner, PersonName,
    PhoneNumber, ReminderChoice,
};
use kith_policy::{Govern, Permit};
use kith_store::{Membership, NewCircle, Person};
use kith_vault::{Field, OwnerKey, Place, Sealed, random_index};

use super::card::CardView;
use crate::failure::{Problems, What};
use crate::visit::{Receipt, Visit};
use crate::{App, Failure};

/// Word under which a form that starts a circle is remembered.
const START: &str = "start-circle";

/// Who sets up and runs a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstMember {
    /// Somebody who speaks for the patient.
    Carer,
    /// The patient herself.
    Patient,
}

/// What the coordinator types, as typed.
#[derive(Clone, Copy, Debug)]
pub struct StartCircle<'f> {
    /// Who will set it up; none when nothing was chosen. Field `who`.
    pub who: Option<FirstMember>,
    /// First name. Field `name`.
    pub name: &'f str,
    /// Phone, so that the organisation can ring. Field `phone`.
    pub phone: &'f str,
    /// Part of town; may be empty. Field `area`.
    pub area: &'f str,
}

struct Typed {
    who: FirstMember,
    name: PersonName,
    phone: PhoneNumber,
    area: Option<AreaName>,
}

impl StartCircle<'_> {
    fn parse(&self) -> Result<Typed, Failure> {
        let mut problems = Problems::default();
        if self.who.is_none() {
            problems.add("who", What::Choose);
        }
        let name = problems.text("name", PersonName::parse(self.name));
        let phone = problems.text("phone", PhoneNumber::parse(self.phone));
        let area = problems.optional("area", AreaName::parse(self.area));
        problems.check()?;
        match (self.who, name, phone) {
            (Some(who), Some(name), Some(phone)) => Ok(Typed { who, name, phone, area }),
            _ => Err(Failure::Invalid(Vec::new())),
        }
    }
}

impl App {
    /// Starts a circle under a free nature name, with its own data key and one member who can do
    /// nothing before the card has enrolled a device. Returns the card to hand over.
    pub async fn start_circle(
        &self,
        visit: &Visit,
        form: StartCircle<'_>,
        receipt: Receipt,
    ) -> Result<CardView, Failure> {
        let (snapshot, towards) = self.enter_organisation(visit, true).await?;
        let done = snapshot.receipt(receipt.0, START).await?;
        let used = snapshot.nature_names().await?;
        snapshot.end();
        if let Some(circle) = done.and_then(|outcome| outcome.parse().ok()) {
            return self.card(visit, circle).await;
        }
        let permit = towards.permit::<Govern>(Category::Oversight).await?;
        let typed = form.parse()?;
        let nature_name = free_nature_name(&used, random_index);
        let organisation_key = towards.key()?;
        let circle = CircleId::new(&*self.ids);
        let (key, wrapped) = self.vault.new_owner_key(Owner::Circle(circle));
        let now = visit.now();
        let person = PersonId::new(&*self.ids);
        let membership = Membership {
            id: MembershipId::new(&*self.ids),
            circle,
            person,
            role: match typed.who {
                FirstMember::Carer => MemberRole::Carer,
                FirstMember::Patient => MemberRole::Patient,
            },
            state: MembershipState::Active,
            lead: typed.who == FirstMember::Carer,
            named_by: None,
            named_at: now,
            accepted_at: Some(now),
            left_at: None,
        };
        let new_person = Person {
            id: person,
            name: towards.seal(
                &permit,
                &organisation_key,
                Field::PersonName,
                person,
                typed.name.as_str(),
            )?,
            email: None,
            email_index: None,
            phone: Some(towards.seal(
                &permit,
                &organisation_key,
                Field::PersonPhone,
                person,
                typed.phone.as_str(),
            )?),
            mail: MailChoice { reminders: ReminderChoice::EVENING_BEFORE, ..MailChoice::ORDINARY },
            shares_mailbox: false,
        };
        let texts = self.first_texts(&permit, &key, &membership, &typed)?;
        let card = self.make_card(circle, membership.id, person, now);
        let area = typed.area.as_ref().map_or("", AreaName::as_str);
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, START, &circle.to_string(), now).await?;
                let new = NewCircle {
                    id: circle,
                    nature_name: &nature_name,
                    state: CircleState::Forming,
                    zone: &visit.organisation.zone,
                    area,
                };
                unit.add_circle(&new, now).await?;
                unit.add_data_key(&wrapped, now).await?;
                unit.add_person(&new_person, now).await?;
                unit.add_membership(&membership).await?;
                for (subject, sealed) in texts {
                    unit.put_content(circle, subject, None, sealed, now).await?;
                }
                unit.add_welcome(&card).await?;
                Ok::<_, Failure>(())
            })
            .await?;
        Ok(self.card_view(visit, &card, circle, nature_name))
    }

    /// The first sealed texts of a circle, each with what it is about.
    ///
    /// The staff keep a carer's first name and phone. Of a patient who runs her own circle they
    /// keep the phone only: to them she is the circle's nature name.
    fn first_texts(
        &self,
        permit: &Permit<'_, Govern>,
        key: &OwnerKey,
        member: &Membership,
        typed: &Typed,
    ) -> Result<Vec<(uuid::Uuid, Sealed)>, Failure> {
        let owner = Owner::Circle(member.circle);
        let circle = member.circle.as_uuid();
        let (name, phone) = (typed.name.as_str(), typed.phone.as_str());
        let mut wanted = vec![
            (Field::MemberName, member.id.as_uuid(), name),
            (Field::OversightPhone, circle, phone),
        ];
        wanted.push(match typed.who {
            FirstMember::Carer => (Field::OversightName, circle, name),
            FirstMember::Patient => (Field::PatientName, circle, name),
        });
        wanted
            .into_iter()
            .map(|(field, subject, text)| {
                let place = Place { owner, field, row: self.ids.next() };
                Ok((subject, self.vault.seal(permit, key, place, text)?))
            })
            .collect()
    }
}

/// A name that no circle has, at random: so that it says nothing about who came when. When all are
/// taken, two of them.
fn free_nature_name(used: &[String], mut draw: impl FnMut(usize) -> usize) -> String {
    let free: Vec<&str> = NATURE_NAMES
        .into_iter()
        .filter(|name| !used.iter().any(|used| used.as_str() == *name))
        .collect();
    if let Some(name) = free.get(draw(free.len())) {
        return (*name).to_owned();
    }
    let mut any = || NATURE_NAMES.get(draw(NATURE_NAMES.len())).copied().unwrap_or_default();
    loop {
        let (first, second) = (any(), any());
        let name = format!("{first} {second}");
        if first != second && !used.contains(&name) {
            return name;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fixed sequence that visits every index.
    fn counting() -> impl FnMut(usize) -> usize {
        let mut next = 0_usize;
        move |length| {
            next = next.wrapping_mul(31).wrapping_add(7);
            if length == 0 { 0 } else { next % length }
        }
    }

    #[test]
    fn a_free_name_is_taken_and_the_last_one_is_found() {
        let all: Vec<String> = NATURE_NAMES.iter().map(|name| (*name).to_owned()).collect();
        let mut draw = counting();
        assert!(all.contains(&free_nature_name(&[], &mut draw)));
        let (last, used) = all.split_last().unwrap();
        assert_eq!(free_nature_name(used, &mut draw), *last);
    }

    #[test]
    fn when_all_are_taken_two_are_joined_and_never_repeated() {
        let mut used: Vec<String> = NATURE_NAMES.iter().map(|name| (*name).to_owned()).collect();
        let mut draw = counting();
        for _ in 0..50 {
            let name = free_nature_name(&used, &mut draw);
            let (first, second) = name.split_once(' ').unwrap();
            assert!(first != second && !used.contains(&name), "{name}");
            used.push(name);
        }
    }
}

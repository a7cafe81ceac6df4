//! One's own details: name and phone.

use kith_domain::ids::{CircleId, PersonId};
use kith_domain::{Category, MemberRole, MembershipState, PersonName, PhoneNumber};
use kith_policy::{Amend, Disclose, Name};
use kith_store::{Person, Reader};
use kith_vault::Field;

use crate::App;
use crate::failure::{Failure, Problems};
use crate::visit::{Receipt, Visit};

/// One's own details.
#[expect(clippy::struct_excessive_bools, reason = "each says whether the page has one part")]
#[derive(Clone)]
pub struct MyDetails {
    /// First name.
    pub name: String,
    /// Mail address. It is how one comes in; [`App::new_address`] changes it.
    pub email: Option<String>,
    /// Phone, if given.
    pub phone: Option<String>,
    /// The hospice rings it about a circle: of whoever runs one.
    pub hospice_rings: bool,
    /// Nothing but codes is sent to the address until one of them was used.
    pub unproved: bool,
    /// E-mails to the address come back.
    pub mail_comes_back: bool,
    /// Somebody else reads this mailbox or uses this device.
    pub shares_mailbox: bool,
}

impl std::fmt::Debug for MyDetails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MyDetails")
    }
}

/// One's own details as they were typed.
#[derive(Clone, Copy, Default)]
pub struct DetailsForm<'a> {
    /// First name.
    pub name: &'a str,
    /// Phone; may be empty.
    pub phone: &'a str,
}

impl std::fmt::Debug for DetailsForm<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DetailsForm")
    }
}

impl App {
    /// One's own details.
    ///
    /// # Errors
    ///
    /// [`Failure::SignIn`] when nobody is signed in.
    pub async fn my_details(&self, visit: &Visit) -> Result<MyDetails, Failure> {
        let (snapshot, towards) = self.enter_organisation(visit, false).await?;
        let person = snapshot.person(towards.session.person).await?;
        let comes_back = snapshot.mail_comes_back(person.id).await?;
        let unproved = person.email.is_some() && snapshot.address_is_unproved(person.id).await?;
        let runs = runs(&snapshot, person.id).await?;
        snapshot.end();
        let permit = towards.permit::<Disclose>(Category::Contact).await?;
        let key = towards.key()?;
        let open = |sealed| self.open(&permit, &key, sealed);
        Ok(MyDetails {
            name: open(&person.name)?,
            email: person.email.as_ref().map(open).transpose()?,
            phone: person.phone.as_ref().map(open).transpose()?,
            hospice_rings: !runs.is_empty(),
            unproved,
            mail_comes_back: comes_back.is_some() && !unproved,
            shares_mailbox: person.shares_mailbox,
        })
    }

    /// Saves one's own details. Of whoever runs a circle the hospice has the new number from then on.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the fields `name` and `phone`; [`Failure::StepUp`] for another number that
    /// the hospice rings, where it is not sure who says so.
    pub async fn save_details(
        &self,
        visit: &Visit,
        form: DetailsForm<'_>,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let mut problems = Problems::default();
        let name = problems.text("name", PersonName::parse(form.name));
        let phone = problems.optional("phone", PhoneNumber::parse(form.phone));
        let (snapshot, towards) = self.enter_organisation(visit, false).await?;
        let done = snapshot.receipt(receipt.0, "save-details").await?;
        let before = snapshot.person(towards.session.person).await?;
        let runs = runs(&snapshot, before.id).await?;
        snapshot.end();
        let permit = towards.permit::<Amend>(Category::Contact).await?;
        problems.check()?;
        let (Some(name), None) = (name, done) else { return Ok(()) };
        let key = towards.key()?;
        if let Some(phone) = phone.as_ref().filter(|_| !runs.is_empty()) {
            let reads = towards.permit::<Disclose>(Category::Contact).await?;
            let was = before.phone.as_ref().map(|was| self.open(&reads, &key, was)).transpose()?;
            if was.as_deref() != Some(phone.as_str()) {
                self.tell_hospice(visit, &runs, phone).await?;
            }
        }
        let seal = |field, text: &str| towards.seal(&permit, &key, field, before.id, text);
        let name = seal(Field::PersonName, name.as_str())?;
        let phone = phone.map(|phone| seal(Field::PersonPhone, phone.as_str())).transpose()?;
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "save-details", "done", now).await?;
                let person = unit.person(before.id).await?;
                unit.put_person(&Person { name, phone, ..person }).await?;
                Ok(())
            })
            .await
    }

    /// The number that the hospice rings about circles which the reader runs. A circle in which nobody
    /// may be named now, or that does not know this device, keeps the one that it has; when none takes it
    /// the reader is asked for more.
    async fn tell_hospice(
        &self,
        visit: &Visit,
        runs: &[CircleId],
        phone: &PhoneNumber,
    ) -> Result<(), Failure> {
        let (mut told, mut wanting) = (false, None);
        for circle in runs.iter().copied() {
            let (snapshot, inside) = self.enter(visit, circle).await?;
            snapshot.end();
            let permit = match inside.permit::<Name>(Category::People).await {
                Ok(permit) => permit,
                Err(Failure::NotHere) => continue,
                Err(wants @ Failure::StepUp { .. }) => {
                    wanting = Some(wants);
                    continue;
                }
                Err(other) => return Err(other),
            };
            let own = inside.own_place()?.membership;
            let key = inside.key()?;
            let sealed = inside.seal(&permit, &key, Field::OversightPhone, phone.as_str())?;
            self.store
                .change(&permit, async |unit| {
                    let subject = circle.as_uuid();
                    unit.put_content(circle, subject, Some(own), sealed, visit.now()).await?;
                    Ok::<_, Failure>(())
                })
                .await?;
            told = true;
        }
        match wanting {
            Some(wants) if !told => Err(wants),
            _ => Ok(()),
        }
    }
}

/// The circles that a person runs: whom the hospice rings about them.
async fn runs(reader: &Reader, person: PersonId) -> Result<Vec<CircleId>, Failure> {
    let mut runs = Vec::new();
    for place in reader.memberships_of(person).await? {
        let alone = place.role == MemberRole::Patient
            && !reader
                .members(place.circle)
                .await?
                .iter()
                .any(|member| member.lead && member.state == MembershipState::Active);
        if place.lead || alone {
            runs.push(place.circle);
        }
    }
    Ok(runs)
}

//! One's own details: name and phone.

use kith_domain::{Category, PersonName, PhoneNumber};
use kith_policy::{Amend, Disclose};
use kith_store::Person;
use kith_vault::Field;

use crate::App;
use crate::failure::{Failure, Problems};
use crate::visit::{Receipt, Visit};

/// One's own details.
#[derive(Clone)]
pub struct MyDetails {
    /// First name.
    pub name: String,
    /// Mail address. It is how one comes in; [`App::new_address`] changes it.
    pub email: Option<String>,
    /// Phone, if given.
    pub phone: Option<String>,
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
        snapshot.end();
        let permit = towards.permit::<Disclose>(Category::Contact).await?;
        let key = towards.key()?;
        let open = |sealed| self.open(&permit, &key, sealed);
        Ok(MyDetails {
            name: open(&person.name)?,
            email: person.email.as_ref().map(open).transpose()?,
            phone: person.phone.as_ref().map(open).transpose()?,
            unproved,
            mail_comes_back: comes_back.is_some() && !unproved,
            shares_mailbox: person.shares_mailbox,
        })
    }

    /// Saves one's own details.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the fields `name` and `phone`.
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
        snapshot.end();
        let permit = towards.permit::<Amend>(Category::Contact).await?;
        problems.check()?;
        let (Some(name), None) = (name, done) else { return Ok(()) };
        let key = towards.key()?;
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
}

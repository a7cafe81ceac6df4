//! Which e-mails one gets and when: chosen when signed in, or through the link in any mail.
//!
//! The link stands for the person it was mailed to and opens these settings and nothing else; the
//! page says nothing about anybody. Following it changes nothing: mail scanners follow links.

use kith_domain::ids::{MailId, PersonId};
use kith_domain::{Category, MailChoice, ReminderChoice, SendingHours, Timestamp};
use kith_policy::{Amend, Disclose, Permit};
use kith_store::{Mail, Reader, UnitOfWork};

use crate::App;
use crate::failure::{Failure, What};
use crate::outbox::links::{is_token, settings_token};
use crate::visit::{Receipt, Visit};

/// Days after which the link of a mail no longer opens the settings.
const LINK_DAYS: i64 = 90;

/// The page of e-mails as it was sent: what was chosen in each list, and which boxes were ticked.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one box of the form")]
pub struct MailForm<'a> {
    /// Hour of the reminder on the day before; empty for none.
    pub day_before: &'a str,
    /// Wants a reminder in the morning of the day itself.
    pub morning: bool,
    /// Hours before; empty for none.
    pub hours_before: &'a str,
    /// Hour of the one mail a day in place of reminders; empty for single reminders.
    pub daily: &'a str,
    /// First hour in which mail is wanted.
    pub from: &'a str,
    /// Hour from which no mail is wanted.
    pub until: &'a str,
    /// Wants to be asked when somebody is needed.
    pub asked: bool,
    /// Wants to read what one has just promised.
    pub confirmed: bool,
    /// Wants what one promised for the coming week, on the evening before it.
    pub week_ahead: bool,
    /// Wants what one promised put into one's calendar by mail.
    pub calendar: bool,
    /// Wants no mail but codes.
    pub stopped: bool,
}

impl MailForm<'_> {
    /// What it says. The page offers nothing that is refused here.
    fn choice(self) -> Result<MailChoice, Failure> {
        let wrong = || Failure::field("e-mails", What::Choose);
        let hour = |text: &str| text.parse::<i8>().map_err(|_| wrong());
        let or_none = |text: &str| (!text.is_empty()).then(|| hour(text)).transpose();
        let day_hour = |hour: i8| {
            let good = ReminderChoice::HOURS_OF_DAY_BEFORE.contains(&hour);
            good.then_some(hour).ok_or_else(wrong)
        };
        let (day_before, hours_before) = (or_none(self.day_before)?, or_none(self.hours_before)?);
        Ok(MailChoice {
            reminders: ReminderChoice::new(day_before, self.morning, hours_before)
                .ok_or_else(wrong)?,
            hours: SendingHours::new(hour(self.from)?, hour(self.until)?).ok_or_else(wrong)?,
            daily: or_none(self.daily)?.map(day_hour).transpose()?,
            asked: self.asked,
            confirmed: self.confirmed,
            week_ahead: self.week_ahead,
            calendar: self.calendar,
            stopped: self.stopped,
        })
    }
}

impl App {
    /// Which e-mails the reader wants.
    ///
    /// # Errors
    ///
    /// [`Failure::SignIn`] when nobody is signed in.
    pub async fn my_mail_settings(&self, visit: &Visit) -> Result<MailChoice, Failure> {
        let (snapshot, towards) = self.enter_organisation(visit, false).await?;
        let choice = snapshot.person(towards.session.person).await?.mail;
        snapshot.end();
        let _: Permit<'_, Disclose> = towards.permit(Category::Contact).await?;
        Ok(choice)
    }

    /// Saves which e-mails the reader wants. Reminders that are wanted newly, or at another hour,
    /// are planned again for what one has promised; those no longer wanted end when they are due.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for what the page does not offer.
    pub async fn save_my_mail_settings(
        &self,
        visit: &Visit,
        form: MailForm<'_>,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, towards) = self.enter_organisation(visit, false).await?;
        snapshot.end();
        let permit = towards.permit::<Amend>(Category::Contact).await?;
        let (choice, person) = (form.choice()?, towards.session.person);
        self.store
            .change(&permit, async |unit| put(unit, person, choice, receipt, visit.now()).await)
            .await
    }

    /// What the link of mail `mail` opens.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for a token that is not that mail's, and for a mail of long ago.
    pub async fn mail_settings_by_link(
        &self,
        visit: &Visit,
        mail: MailId,
        token: &str,
    ) -> Result<MailChoice, Failure> {
        self.check_settings_token(mail, token)?;
        let snapshot = self.store.snapshot(visit.organisation.id).await?;
        let person = person_of(&snapshot, mail, visit.now()).await?;
        let choice = snapshot.person(person).await?.mail;
        snapshot.end();
        Ok(choice)
    }

    /// The same form sent from the page behind the link: needs nothing but the link.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] as for the page; [`Failure::Invalid`] for what it does not offer.
    pub async fn save_mail_settings_by_link(
        &self,
        visit: &Visit,
        mail: MailId,
        token: &str,
        form: MailForm<'_>,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        self.check_settings_token(mail, token)?;
        let now = visit.now();
        self.store
            .transact(visit.organisation.id, async |unit| {
                let person = person_of(unit, mail, now).await?;
                unit.mail_was_answered(mail).await?;
                put(unit, person, form.choice()?, receipt, now).await
            })
            .await
    }

    fn check_settings_token(&self, mail: MailId, token: &str) -> Result<(), Failure> {
        let right = settings_token(&self.vault, mail);
        if is_token(token, &right) { Ok(()) } else { Err(Failure::NotHere) }
    }
}

async fn put(
    unit: &UnitOfWork,
    person: PersonId,
    choice: MailChoice,
    receipt: Receipt,
    now: Timestamp,
) -> Result<(), Failure> {
    if unit.receipt(receipt.0, "mail-settings").await?.is_some() {
        return Ok(());
    }
    unit.keep_receipt(receipt.0, "mail-settings", "done", now).await?;
    let before = unit.person(person).await?.mail;
    if before != choice {
        unit.put_mail_choice(person, choice).await?;
        unit.plan_person_again(person, now).await?;
    }
    Ok(())
}

/// Whose settings the link of a mail opens.
async fn person_of(reader: &Reader, id: MailId, now: Timestamp) -> Result<PersonId, Failure> {
    let mail: Mail = reader.mail(id).await?.ok_or(Failure::NotHere)?;
    if mail.kind.is_security() || mail.due_at.plus_days(LINK_DAYS) < now {
        return Err(Failure::NotHere);
    }
    mail.subject.person.ok_or(Failure::NotHere)
}

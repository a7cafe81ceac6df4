//! Which mails a person wants, in the columns of `person`.

use kith_domain::ids::PersonId;
use kith_domain::{EndingKind, MailChoice, ReminderChoice, SendingHours};
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::entity::person;
use crate::error::StoreError;
use crate::raw;
use crate::unit::UnitOfWork;

pub(crate) fn from_row(row: &person::Model) -> Result<MailChoice, StoreError> {
    let wrong = || StoreError::Inconsistent { table: "person", id: row.id };
    let hour = |number: i32| i8::try_from(number).map_err(|_| wrong());
    let day_before = row.remind_day_before.map(hour).transpose()?;
    let hours_before = row.remind_hours_before.map(hour).transpose()?;
    Ok(MailChoice {
        reminders: ReminderChoice::new(day_before, row.remind_morning, hours_before)
            .ok_or_else(wrong)?,
        hours: SendingHours::new(hour(row.mail_from)?, hour(row.mail_until)?).ok_or_else(wrong)?,
        daily: row.mail_daily.map(hour).transpose()?,
        asked: row.mail_asks,
        confirmed: row.mail_confirms,
        week_ahead: row.mail_week_ahead,
        calendar: row.mail_calendar,
        stopped: row.mail_stopped,
    })
}

/// The columns of a choice; every other one is not set.
pub(crate) fn to_row(choice: MailChoice) -> person::ActiveModel {
    person::ActiveModel {
        remind_day_before: Set(choice.reminders.day_before.map(i32::from)),
        remind_morning: Set(choice.reminders.morning),
        remind_hours_before: Set(choice.reminders.hours_before.map(i32::from)),
        mail_from: Set(i32::from(choice.hours.from())),
        mail_until: Set(i32::from(choice.hours.until())),
        mail_daily: Set(choice.daily.map(i32::from)),
        mail_asks: Set(choice.asked),
        mail_confirms: Set(choice.confirmed),
        mail_week_ahead: Set(choice.week_ahead),
        mail_calendar: Set(choice.calendar),
        mail_stopped: Set(choice.stopped),
        ..Default::default()
    }
}

impl UnitOfWork {
    /// Replaces what a person chose about mails.
    pub async fn put_mail_choice(
        &self,
        person: PersonId,
        choice: MailChoice,
    ) -> Result<(), StoreError> {
        let row = person::ActiveModel {
            organisation_id: Set(self.organisation),
            id: Set(person.as_uuid()),
            ..to_row(choice)
        };
        self.put_mail_stopped(person, choice.stopped).await?;
        person::Entity::update(row).exec(&self.txn).await?;
        Ok(())
    }

    /// Whether nothing but codes is sent to a person. `false` when it was so already, or there is no
    /// such person.
    pub async fn put_mail_stopped(
        &self,
        person: PersonId,
        stopped: bool,
    ) -> Result<bool, StoreError> {
        let changed = raw::execute(
            &self.txn,
            "UPDATE person SET mail_stopped = $3 WHERE organisation_id = $1 AND id = $2 \
             AND mail_stopped <> $3",
            vec![self.organisation.into(), person.as_uuid().into(), stopped.into()],
        )
        .await?;
        if changed == 1 {
            let word = EndingKind::switch(!stopped);
            self.has_ended(EndingKind::Mail, person.as_uuid(), Some(word)).await?;
        }
        Ok(changed == 1)
    }
}

//! Once a day whoever runs the service is told that it is at work: by its absence silence is noticed.

use std::sync::atomic::Ordering;

use jiff::civil::Date;
use kith_domain::{MailKind, Timestamp, Zone};
use kith_mail::Figures;
use kith_store::{Mail, MailSubject, NewMail, UnitOfWork};
use kith_vault::WrappedKey;

use crate::outbox::check::{Not, Ready, Recipient};
use crate::outbox::frozen::{Frozen, KeptFigures};
use crate::{App, Failure};

/// Local hour at which it is due: before the day's mails, so that a morning without it can be seen.
const HOUR: i8 = 7;
/// Hours that the figures look back.
const LOOK_BACK_HOURS: i64 = 24;
/// Longest wait for the next, in seconds, with a change of the clocks in it.
const LONGEST_WAIT: i64 = 25 * 60 * 60;

impl App {
    /// Plans the next mail to whoever runs the service, in the zone of the oldest organisation. Any
    /// number of processes may do so: there is one a day.
    ///
    /// # Errors
    ///
    /// When the database does not answer. The next look tries again.
    pub async fn plan_figures(&self) -> Result<(), Failure> {
        let now = self.now();
        let wait = self.figures_planned.load(Ordering::Relaxed) - now.as_second();
        // A clock that was ahead for a while leaves a time behind that is too far away.
        if self.settings.operator_email.is_none() || (1..=LONGEST_WAIT).contains(&wait) {
            return Ok(());
        }
        let Some(organisation) = self.store.organisations().await?.into_iter().next() else {
            return Ok(());
        };
        let (date, due_at) = next(now, &organisation.zone);
        let mail = NewMail {
            kind: MailKind::Figures,
            dedupe: format!("figures:{date}"),
            subject: MailSubject::default(),
            detail: "{}".to_owned(),
            due_at,
            // Then there is another.
            useful_until: due_at.plus_hours(LOOK_BACK_HOURS),
        };
        self.store.transact(organisation.id, async |unit| unit.add_mail(&mail, now).await).await?;
        self.figures_planned.store(due_at.as_second(), Ordering::Relaxed);
        Ok(())
    }
}

/// The next time it is due, with its day.
fn next(now: Timestamp, zone: &Zone) -> (Date, Timestamp) {
    let today = zone.date(now);
    let tomorrow = today.tomorrow().unwrap_or(today);
    let at = |date: Date| zone.instant(date.at(HOUR, 0, 0, 0));
    if at(today) > now { (today, at(today)) } else { (tomorrow, at(tomorrow)) }
}

/// The figures as they are now; those of the first time where it was tried before.
pub(crate) async fn figures(
    unit: &UnitOfWork,
    mail: &Mail,
    organisation_key: WrappedKey,
    now: Timestamp,
) -> Result<Ready, Not> {
    let kept = mail.frozen.as_deref().and_then(KeptFigures::read);
    let figures = if let Some(figures) = kept {
        figures
    } else {
        let zone = unit.own_organisation().await?.zone;
        let found = unit.service_figures(now.plus_hours(-LOOK_BACK_HOURS), now).await?;
        Figures {
            sent: found.sent,
            waiting: found.waiting,
            put_off: found.put_off,
            given_up: found.given_up,
            unreached: found.unreached,
            oldest_due: found.oldest_due.map(|at| zone.local(at)),
            last_tick: found.last_tick.map(|at| zone.local(at)),
        }
    };
    Ok(Ready {
        frozen: Frozen::Figures(figures),
        entries: Vec::new(),
        to: Recipient::Operator,
        organisation_key,
        circle: None,
        circles: Vec::new(),
        asked: None,
        inviter: None,
    })
}

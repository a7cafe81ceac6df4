//! "I'm worried": a private word to the organisation, which no circle sees.

use jiff::civil::DateTime;
use kith_domain::ids::{CircleId, ConcernId};
use kith_domain::{Category, LongText, MailKind, Note, Owner, TextError, Timestamp};
use kith_policy::{Amend, Contribute, Disclose, List, Permit};
use kith_store::{MailSubject, NewConcern, NewMail, StoreError, UnitOfWork};
use kith_vault::{Field, Place, Sealed};

use crate::App;
use crate::about::{About, SealedAbout};
use crate::failure::{Failure, Problems, refused};
use crate::gate::shown;
use crate::visit::{Receipt, Visit};

/// Worries that the inbox lists.
const LISTED: u32 = 200;
/// Seconds between two mails to one coordinator.
const BETWEEN_MAILS_SECONDS: i64 = 3_600;
/// Days for which such a mail is worth sending.
const USEFUL_DAYS: i64 = 7;

/// The safeguarding inbox.
#[derive(Clone, Debug)]
pub struct Inbox {
    /// What is not dealt with first, then newest first.
    pub rows: Vec<ConcernRow>,
}

/// One line of the inbox: never what was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConcernRow {
    /// Its id.
    pub id: ConcernId,
    /// The circle it is about.
    pub circle: CircleId,
    /// "Heron".
    pub nature_name: String,
    /// When it was told, by the wall clock of the organisation.
    pub at: DateTime,
    /// Somebody has dealt with it.
    pub settled: bool,
}

/// One worry, opened. That it was opened is recorded.
#[derive(Clone)]
pub struct ConcernView {
    /// Its line.
    pub row: ConcernRow,
    /// What was told.
    pub note: String,
    /// How to reach whoever told it, if they want that.
    pub callback: Option<String>,
}

impl std::fmt::Debug for ConcernView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConcernView").field("row", &self.row).finish_non_exhaustive()
    }
}

/// Plans a mail to each coordinator that there is something to read. One that is still to be sent
/// says of this worry too; after one that was sent there is none for an hour.
async fn tell_coordinators(unit: &UnitOfWork, now: Timestamp) -> Result<(), StoreError> {
    let kind = MailKind::Concern;
    for person in unit.coordinators().await? {
        let due_at = match unit.newest_mail(person, kind).await? {
            Some(last) if !last.state.is_final() => continue,
            Some(last) => last.due_at.plus_seconds(BETWEEN_MAILS_SECONDS).max(now),
            None => now,
        };
        let hour = due_at.as_second() / BETWEEN_MAILS_SECONDS;
        let mail = NewMail {
            kind,
            // Of two worries at once one is enough.
            dedupe: format!("concern:{person}:{hour}"),
            subject: MailSubject { person: Some(person), ..MailSubject::default() },
            detail: "{}".to_owned(),
            due_at,
            useful_until: due_at.plus_days(USEFUL_DAYS),
        };
        unit.add_mail(&mail, now).await?;
    }
    Ok(())
}

impl App {
    /// What the form for a worry shows around itself. Whoever is in the circle may tell one, whatever
    /// state the circle is in: a frozen or ending one is where it matters.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for whoever is not in the circle.
    pub async fn worry_form(&self, visit: &Visit, circle: CircleId) -> Result<About, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        snapshot.end();
        inside.own_place()?;
        Ok(about.open(&inside, &inside.key()?).await?.0)
    }

    /// Tells the organisation of a worry about a circle that one is in. Nobody in the circle sees
    /// it. The coordinators are mailed that there is something to read, at most once an hour and not
    /// at night: the page that sends it gives the number to ring first.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the fields `worry` and `callback`; [`Failure::NotHere`] for whoever
    /// is not in the circle.
    pub async fn raise_concern(
        &self,
        visit: &Visit,
        circle: CircleId,
        (worry, callback): (&str, &str),
        receipt: Receipt,
    ) -> Result<(), Failure> {
        // Any place in the circle will do, whatever state the circle is in.
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let is_member = inside.place.is_some();
        snapshot.end();
        let (snapshot, towards) = self.enter_organisation(visit, false).await?;
        let done = snapshot.receipt(receipt.0, "concern").await?;
        snapshot.end();
        if !is_member {
            return Err(Failure::NotHere);
        }
        let id = ConcernId::new(&*self.ids);
        let facts = towards.facts.clone().about(id.as_uuid());
        let permit: Permit<'_, Contribute> = self
            .engine
            .authorize(&visit.scope, &facts, Category::Concern)
            .await
            .map_err(|refusal| refused(refusal, None))?;
        if done.is_some() {
            return Ok(());
        }
        let mut problems = Problems::default();
        let worry = problems.text("worry", LongText::parse(worry));
        let callback = match Note::parse(callback) {
            Err(TextError::Missing) => None,
            parsed => problems.text("callback", parsed),
        };
        problems.check()?;
        let worry = worry.ok_or(Failure::NotHere)?;
        let key = towards.key()?;
        let owner = Owner::Organisation(visit.organisation.id);
        let seal = |field: Field, text: &str| -> Result<Sealed, Failure> {
            let place = Place { owner, field, row: id.as_uuid() };
            Ok(self.vault.seal(&permit, &key, place, text)?)
        };
        let new = NewConcern {
            id,
            circle,
            person: towards.session.person,
            note: seal(Field::ConcernNote, worry.as_str())?,
            callback: callback
                .map(|text| seal(Field::ConcernCallback, text.as_str()))
                .transpose()?,
        };
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "concern", "kept", now).await?;
                unit.add_concern(new, now).await?;
                Ok(tell_coordinators(unit, now).await?)
            })
            .await
    }

    /// The safeguarding inbox: which circles, and when; not what was told.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for everybody but coordinators.
    pub async fn concerns(&self, visit: &Visit) -> Result<Inbox, Failure> {
        let (snapshot, towards) = self.enter_organisation(visit, true).await?;
        let rows = snapshot.concerns(LISTED).await?;
        snapshot.end();
        let _: Permit<'_, List> = towards.permit(Category::Concern).await?;
        Ok(Inbox { rows: rows.iter().map(|concern| row(visit, concern)).collect() })
    }

    /// Opens one worry.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for everybody but coordinators, and when there is none.
    pub async fn concern(&self, visit: &Visit, id: ConcernId) -> Result<ConcernView, Failure> {
        let (snapshot, towards) = self.enter_organisation(visit, true).await?;
        let found = snapshot.concern(id).await?;
        snapshot.end();
        let permit: Permit<'_, Disclose> = towards.permit(Category::Concern).await?;
        let found = found.ok_or(Failure::NotHere)?;
        let key = towards.key()?;
        let open = |sealed: &Sealed| -> Result<String, Failure> {
            Ok(shown(&self.vault.open(&permit, &key, sealed)?))
        };
        Ok(ConcernView {
            note: open(&found.note)?,
            callback: found.callback.as_ref().map(open).transpose()?,
            row: row(visit, &found),
        })
    }

    /// A coordinator has dealt with it.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for everybody but coordinators, and when there is none.
    pub async fn settle_concern(&self, visit: &Visit, id: ConcernId) -> Result<(), Failure> {
        let (snapshot, towards) = self.enter_organisation(visit, true).await?;
        let found = snapshot.concern(id).await?;
        snapshot.end();
        let permit: Permit<'_, Amend> = towards.permit(Category::Concern).await?;
        found.ok_or(Failure::NotHere)?;
        let by = towards.session.person;
        self.store
            .change(&permit, async |unit| {
                unit.settle_concern(id, by, visit.now()).await?;
                Ok(())
            })
            .await
    }
}

fn row(visit: &Visit, concern: &kith_store::Concern) -> ConcernRow {
    ConcernRow {
        id: concern.id,
        circle: concern.circle,
        nature_name: concern.nature_name.clone(),
        at: visit.organisation.zone.local(concern.raised_at),
        settled: concern.settled_at.is_some(),
    }
}

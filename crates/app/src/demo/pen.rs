//! Writes sealed texts for one circle, with permits of the real engine: the patient's own.

use std::sync::Arc;

use kith_domain::ids::{CircleId, OrganisationId};
use kith_domain::{Category, CategorySet, CircleState, Ids, Owner, Standing, Tier};
use kith_policy::{Amend, Facts, Name, Permit, RequestScope};
use kith_vault::{Field, OwnerKey, Place, Sealed};
use uuid::Uuid;

use crate::failure::refused;
use crate::{App, Failure};

/// What a patient writes about herself, by category.
const WRITTEN: [Category; 6] = [
    Category::Identity,
    Category::Address,
    Category::Help,
    Category::Care,
    Category::Entry,
    Category::News,
];

/// Seals for one circle.
pub(super) struct Pen<'s> {
    app: &'s App,
    circle: CircleId,
    organisation: OrganisationId,
    key: OwnerKey,
    organisation_key: &'s OwnerKey,
    ids: Arc<dyn Ids>,
    name: Permit<'s, Name>,
    task: Permit<'s, Amend>,
    texts: Vec<Permit<'s, Amend>>,
}

impl<'s> Pen<'s> {
    /// Asks for the permits that the patient of a circle has.
    pub(super) async fn new(
        app: &'s App,
        scope: &'s RequestScope,
        organisation: OrganisationId,
        circle: CircleId,
        key: OwnerKey,
        organisation_key: &'s OwnerKey,
    ) -> Result<Self, Failure> {
        let facts = Facts {
            standing: Standing::Patient,
            tier: Tier::Fresh,
            grants: CategorySet::EMPTY,
            ..Facts::stranger(organisation, Owner::Circle(circle), CircleState::Active)
        };
        let engine = &app.engine;
        let no = |refusal| refused(refusal, Some(circle));
        let mut texts = Vec::new();
        for category in WRITTEN {
            texts.push(engine.authorize::<Amend>(scope, &facts, category).await.map_err(no)?);
        }
        Ok(Self {
            app,
            circle,
            organisation,
            key,
            organisation_key,
            ids: Arc::clone(&app.ids),
            name: engine.authorize::<Name>(scope, &facts, Category::People).await.map_err(no)?,
            task: engine.authorize::<Amend>(scope, &facts, Category::Task).await.map_err(no)?,
            texts,
        })
    }

    /// Takes the ids of new rows from elsewhere.
    pub(super) fn with_ids(self, ids: Arc<dyn Ids>) -> Self {
        Self { ids, ..self }
    }

    /// Seals a text of the circle for a new row.
    pub(super) fn write(&self, field: Field, text: &str) -> Result<Sealed, Failure> {
        let owner = Owner::Circle(self.circle);
        let place = Place { owner, field, row: self.ids.next() };
        let category = field.category();
        let permit = match category {
            Category::Task => Some(&self.task),
            _ => self.texts.iter().find(|permit| permit.category() == category),
        };
        Ok(match permit {
            Some(permit) => self.app.vault.seal(permit, &self.key, place, text)?,
            None => self.app.vault.seal(&self.name, &self.key, place, text)?,
        })
    }

    /// Seals a detail of a person.
    pub(super) fn detail(&self, field: Field, person: Uuid, text: &str) -> Result<Sealed, Failure> {
        let place = Place { owner: Owner::Organisation(self.organisation), field, row: person };
        Ok(self.app.vault.seal(&self.name, self.organisation_key, place, text)?)
    }
}

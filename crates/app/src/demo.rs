//! The demonstration: a made-up hospice with eight circles, and a door for each of a few people; and
//! beside them as many circles as somebody asks for.
//!
//! Only `kith demo` seeds it, and only into an empty database. The doors open in an organisation
//! whose id was made by the seeding and nowhere else.

mod doors;
mod many;
mod margaret;
mod pen;
mod rota;
mod seed;
mod story;

use kith_domain::ids::OrganisationId;
use uuid::{Builder, Uuid};

use crate::App;

pub use doors::{DEMO_NUMBER, DemoPerson};

impl App {
    /// The id of something in the demonstration: it follows from its name and the key file, so
    /// that it is found again without being looked for.
    fn demo_id(&self, name: &str) -> Uuid {
        let [bytes @ .., _, _, _, _, _, _, _, _, _, _, _, _, _, _, _, _] =
            self.vault.mac("demo", Uuid::nil(), name);
        Builder::from_random_bytes(bytes).into_uuid()
    }

    fn demo_organisation(&self) -> OrganisationId {
        OrganisationId::from_uuid(self.demo_id("organisation"))
    }
}

//! Two hospices, and in the first one two circles: a marker in every sealed field, and a browser for
//! every standing with every tier.

mod fill;
mod ways;

use std::collections::BTreeMap;
use std::sync::Arc;

use kith_app::{App, Settings};
use kith_domain::ids::{
    CircleId, ClaimId, ConcernId, ContentId, EnrolmentId, JoinRequestId, MailId, MembershipId,
    OrganisationId, PersonId, ProposedMoveId, SlotId,
};
use kith_domain::{Clock as _, EmailAddress, Owner, Zone};
use kith_policy::testkit::engine;
use kith_store::{Organisation, Store};
use kith_tests::{TestClock, TestDatabase};
use kith_vault::{KeyFile, OwnerKey, RandomIds, Vault};

use crate::marks::{Marks, Task};
use crate::visitors::{Visitor, Who};

/// A Tuesday morning in London.
const START: &str = "2026-03-03T10:00:00Z";
/// Host of the hospice that everything is about.
pub(crate) const HOST: &str = "kith.example";
/// Host of the other hospice.
pub(crate) const OTHER_HOST: &str = "other.example";
/// The own number that everybody has.
pub(crate) const OWN_NUMBER: &str = "83610472";
/// The code that was sent to the mailbox of `FriendRota` and `Housemate`.
pub(crate) const CODE: &str = "736194";

/// Ids and secrets that requests need.
#[derive(Debug)]
pub(crate) struct Things {
    pub(crate) circle: CircleId,
    /// A circle of the same carer that is still being set up.
    pub(crate) forming: CircleId,
    pub(crate) places: BTreeMap<Who, MembershipId>,
    pub(crate) persons: BTreeMap<Who, PersonId>,
    pub(crate) slots: BTreeMap<Task, SlotId>,
    /// What became of it is for the carer to say: the promise of the task that has ended.
    pub(crate) claim: ClaimId,
    /// The promise that a change of its task touches.
    pub(crate) promised: ClaimId,
    /// The token of the link that the carer sent herself, and somebody who asks by it.
    pub(crate) share_link: String,
    pub(crate) join_request: JoinRequestId,
    /// Whether that may be at another time.
    pub(crate) question: ProposedMoveId,
    /// A worry that was told to the hospice.
    pub(crate) concern: ConcernId,
    /// A kind word of `FriendNews`.
    pub(crate) kind_word: ContentId,
    /// The enrolment of `FriendRota`.
    pub(crate) enrolment: EnrolmentId,
    /// Links: invitation, card, sign-in; slots by mail.
    pub(crate) invitation: String,
    pub(crate) card: String,
    pub(crate) sign_in_link: String,
    /// Mails to `FriendRota` about these slots, with the tokens of their links.
    pub(crate) slot_links: BTreeMap<Task, (MailId, String)>,
    /// The secret of `FriendRota`'s calendar.
    pub(crate) feed: String,
    /// Tokens of the other links in the mail about the needed slot, by the first part of the path.
    pub(crate) mail_links: BTreeMap<&'static str, String>,
    /// The two words of the invitation, the card and the further device.
    pub(crate) welcome_words: String,
}

/// Everything.
pub(crate) struct House {
    pub(crate) app: Arc<App>,
    pub(crate) store: Store,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) organisation: OrganisationId,
    pub(crate) marks: Marks,
    pub(crate) things: Things,
    pub(crate) visitors: Vec<Visitor>,
    /// Values that may stand in no log and in no raw file: cookies, tokens, codes.
    pub(crate) secrets: Vec<String>,
}

impl House {
    pub(crate) async fn new(database: &TestDatabase) -> Self {
        let clock = TestClock::reading(START);
        let store = database.open(Arc::<TestClock>::clone(&clock)).await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("kith.key");
        let vault = Vault::new(KeyFile::create(&file).unwrap());
        let app = Arc::new(App::new(
            store.clone(),
            Vault::new(KeyFile::read(&file).unwrap()),
            engine(Arc::new(store.decision_log())).await.unwrap(),
            Arc::<TestClock>::clone(&clock),
            Arc::new(RandomIds),
            Settings {
                base_url: format!("https://{HOST}"),
                operator_email: Some(EmailAddress::parse("operator@service.example").unwrap()),
            },
        ));
        let (here, key) = hospice(&store, &vault, &clock, "Fernhill Hospice", HOST).await;
        let (there, other_key) =
            hospice(&store, &vault, &clock, "Oakdale Hospice", OTHER_HOST).await;
        let rows = fill::Fill::new(database, &store, &vault, &clock, here, key).await;
        let (marks, things, visitors, secrets) = rows.everything(there, other_key).await;
        Self { app, store, clock, organisation: here, marks, things, visitors, secrets }
    }

    pub(crate) fn visitor(&self, name: &str) -> &Visitor {
        let visitor = self.visitors.iter().find(|visitor| visitor.name() == name);
        visitor.unwrap_or_else(|| panic!("no visitor is called {name}"))
    }
}

pub(crate) fn london() -> Zone {
    Zone::parse("Europe/London").unwrap()
}

async fn hospice(
    store: &Store,
    vault: &Vault,
    clock: &TestClock,
    name: &str,
    host: &str,
) -> (OrganisationId, OwnerKey) {
    let id = OrganisationId::new(&RandomIds);
    let (key, wrapped) = vault.new_owner_key(Owner::Organisation(id));
    let row = Organisation {
        id,
        name: name.to_owned(),
        host: Some(host.to_owned()),
        phone: "01632 960101".to_owned(),
        zone: london(),
        named_in_mail: true,
    };
    let now = clock.now();
    store
        .transact(id, async |unit| unit.add_organisation(&row, &wrapped, now).await)
        .await
        .unwrap();
    (id, key)
}

//! The people of a circle: who is named, what each may see, and taking somebody out.

use kith_domain::ids::{CircleId, MembershipId, WelcomeId};
use kith_domain::share_link::SHARE_LINK_ASKS;
use kith_domain::{
    Category, CategorySet, GrantBasis, MemberRole, MembershipState, Ring, Timestamp, Unreached,
    WelcomeKind,
};
use kith_policy::{Disclose, List, Name, Review};
use kith_store::{Content, Membership, Organisation, Snapshot, Welcome};
use kith_vault::Field;

use crate::about::{About, Names, SealedAbout};
use crate::friend_form::{NameFriend, granted, may_share};
use crate::gate::Inside;
use crate::handed_out::has_device;
use crate::invited_address::can_be_corrected;
use crate::spoken_for::{Speaking, SpokenFor};
use crate::visit::{Receipt, Visit};
use crate::{App, Failure};

/// One person of the circle, as the people page shows them.
#[derive(Clone, Debug)]
pub struct MemberView {
    /// The place in the circle.
    pub membership: MembershipId,
    /// First name.
    pub name: String,
    /// Role.
    pub role: MemberRole,
    /// Invited, active or left.
    pub state: MembershipState,
    /// Whether this is whoever looks at the page.
    pub you: bool,
    /// Whether this is the lead carer.
    pub lead: bool,
    /// First name of who named them; none for those who were there from the start.
    pub named_by: Option<String>,
    /// When they were named.
    pub named_at: Timestamp,
    /// What they are granted; only the patient and carers see it.
    pub granted: Option<CategorySet>,
    /// Which ring; only the patient and carers see the rings.
    pub ring: Option<Ring>,
    /// The words that wait to be said, for whoever may name people.
    pub words_wait: bool,
    /// No e-mail of ours reaches this person, and why; only the patient and carers see it.
    pub unreached: Option<Unreached>,
    /// Away from then until then, now or later, and asked for nothing; only the patient and carers see
    /// it.
    pub away: Vec<(Timestamp, Timestamp)>,
}

/// The people page.
#[derive(Clone, Debug)]
pub struct PeopleView {
    /// The circle and the reader.
    pub about: About,
    /// Everybody who is in or invited, in the order they were named.
    pub members: Vec<MemberView>,
    /// Whether the looker may name and remove people.
    pub may_name: bool,
    /// Whether the looker sees what each may see.
    pub in_charge: bool,
    /// How many ask to join; none for whoever may not name people.
    pub asking: usize,
}

/// One person, with what waits to be told to them.
#[derive(Clone, Debug)]
pub struct MemberPage {
    /// The circle and the reader.
    pub about: About,
    /// The person.
    pub member: MemberView,
    /// Their words, until used.
    pub words: Option<WordsView>,
    /// Some device is trusted for them.
    pub has_device: bool,
    /// We have an e-mail address of theirs.
    pub has_address: bool,
    /// Their invitation, while its address can be corrected.
    pub invitation: Option<InvitationView>,
    /// What the reader may say for them, and what was said.
    pub spoken_for: SpokenFor,
}

/// An invitation that can go to another address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvitationView {
    /// It was sent by mail; otherwise there is no address.
    pub by_mail: bool,
    /// Others said yes for them, and no mail has ever reached them.
    pub is_in: bool,
}

/// Words to be said, written down or texted by the carer. Never mailed by us.
#[derive(Clone, Debug)]
pub struct WordsView {
    /// "blue teapot".
    pub words: String,
    /// The link they go with, to show as a code for a tablet or to send by one's own phone.
    ///
    /// None for a further device of somebody with a mailbox, who signs in by mail first.
    pub link: Option<String>,
    /// The same as an address that a person can type from paper, without "https://".
    pub to_type: Option<String>,
    /// What it is for.
    pub kind: WelcomeKind,
    /// After this they do not work.
    pub expires_at: Timestamp,
}

/// Somebody's words that wait to be said.
#[derive(Clone, Debug)]
pub struct WaitingWords {
    /// The place in the circle.
    pub membership: MembershipId,
    /// First name.
    pub name: String,
    /// The words.
    pub words: WordsView,
}

/// Rows of the people page, before anything is opened.
struct Rows {
    members: Vec<Membership>,
    granted: Vec<(MembershipId, Category)>,
    words_wait: Vec<MembershipId>,
    away: Vec<(MembershipId, Timestamp, Timestamp)>,
    unreached: Vec<(MembershipId, Unreached)>,
}

impl Rows {
    async fn read(snapshot: &Snapshot, circle: CircleId, now: Timestamp) -> Result<Self, Failure> {
        let words_wait = snapshot
            .circle_welcomes(circle, now)
            .await?
            .iter()
            .filter(|welcome| can_be_told(welcome, now))
            .filter_map(|welcome| welcome.membership)
            .collect();
        Ok(Self {
            members: snapshot.members(circle).await?,
            granted: snapshot.granted(circle, now).await?,
            words_wait,
            away: snapshot.absences_in(circle, now).await?,
            unreached: snapshot.unreached_members(circle).await?,
        })
    }

    fn granted_to(&self, id: MembershipId) -> CategorySet {
        self.granted.iter().filter(|(member, _)| *member == id).map(|(_, what)| *what).collect()
    }

    fn view(&self, inside: &Inside<'_>, names: &Names, member: &Membership) -> MemberView {
        let granted = self.granted_to(member.id);
        let in_charge = inside.may::<Review>(Category::Looks);
        MemberView {
            membership: member.id,
            name: names.of(member.id).unwrap_or_default(),
            role: member.role,
            state: member.state,
            you: inside.place.as_ref().is_some_and(|place| place.membership == member.id),
            lead: member.lead,
            named_by: member.named_by.map(|by| names.of(by).unwrap_or_default()),
            named_at: member.named_at,
            granted: in_charge.then_some(granted),
            ring: if in_charge { Ring::of(member.state, granted) } else { None },
            words_wait: in_charge && self.words_wait.contains(&member.id),
            unreached: self
                .unreached
                .iter()
                .find(|(id, _)| in_charge && *id == member.id)
                .map(|(_, why)| *why),
            away: self
                .away
                .iter()
                .filter(|(id, ..)| in_charge && *id == member.id)
                .map(|(_, from, until)| (*from, *until))
                .collect(),
        }
    }
}

impl App {
    /// The people of a circle.
    pub async fn people(&self, visit: &Visit, circle: CircleId) -> Result<PeopleView, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let rows = Rows::read(&snapshot, circle, visit.now()).await?;
        let asking = snapshot.join_requests(circle, SHARE_LINK_ASKS, visit.now()).await?.len();
        let sealed = SealedAbout::read(&snapshot, circle).await?;
        snapshot.end();
        let _list = inside.permit::<List>(Category::People).await?;
        let (about, names) = sealed.open(&inside, &inside.key()?).await?;
        let members = rows
            .members
            .iter()
            .filter(|member| member.state != MembershipState::Left)
            .map(|member| rows.view(&inside, &names, member))
            .collect();
        Ok(PeopleView {
            about,
            members,
            may_name: inside.is_in_charge(),
            in_charge: inside.may::<Review>(Category::Looks),
            asking: if inside.is_in_charge() { asking } else { 0 },
        })
    }

    /// What the form for naming somebody needs to know.
    pub async fn naming(&self, visit: &Visit, circle: CircleId) -> Result<About, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let sealed = SealedAbout::read(&snapshot, circle).await?;
        snapshot.end();
        let _name = inside.permit::<Name>(Category::People).await?;
        Ok(sealed.open(&inside, &inside.key()?).await?.0)
    }

    /// One person, for the patient and carers; with the words that wait for them.
    pub async fn member(
        &self,
        visit: &Visit,
        circle: CircleId,
        membership: MembershipId,
    ) -> Result<MemberPage, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let rows = Rows::read(&snapshot, circle, visit.now()).await?;
        let sealed = SealedAbout::read(&snapshot, circle).await?;
        let welcomes = snapshot.welcomes_of(membership, visit.now()).await?;
        let welcome = welcomes.into_iter().find(|welcome| can_be_told(welcome, visit.now()));
        let sealed_words = match &welcome {
            Some(welcome) => {
                snapshot.content(circle, Field::WelcomeWords, welcome.id.as_uuid()).await?
            }
            None => None,
        };
        let place = rows
            .members
            .iter()
            .find(|member| member.id == membership && member.state != MembershipState::Left);
        let has_device = match place {
            Some(place) => has_device(&snapshot, place, visit.now()).await?,
            None => false,
        };
        let has_address = match place {
            Some(place) => snapshot.person(place.person).await?.email.is_some(),
            None => false,
        };
        let invitation = match place {
            Some(place) if can_be_corrected(&snapshot, place).await? => {
                let by_mail = snapshot.person(place.person).await?.email_index.is_some();
                Some(InvitationView { by_mail, is_in: place.state == MembershipState::Active })
            }
            _ => None,
        };
        let spoken_for = match place {
            Some(place) => Speaking::read(&snapshot, &inside, place).await?,
            None => Speaking::default(),
        };
        snapshot.end();
        // Naming, not listing, is what this page is for: friends who may list people have no use
        // for it, and must not read somebody else's words.
        let _name = inside.permit::<Name>(Category::People).await?;
        let people = inside.permit::<Disclose>(Category::People).await?;
        let key = inside.key()?;
        let (about, names) = sealed.open(&inside, &key).await?;
        let member = place.ok_or(Failure::NotHere)?;
        let words = match (welcome, sealed_words) {
            (Some(welcome), Some(sealed)) => {
                let words = inside.open(&people, &key, Some(&sealed))?.unwrap_or_default();
                Some(self.words_view(visit, &welcome, words))
            }
            _ => None,
        };
        let member = rows.view(&inside, &names, member);
        let spoken_for = spoken_for.view(visit, &inside, &names);
        Ok(MemberPage { about, member, words, has_device, has_address, invitation, spoken_for })
    }

    /// The words of everybody who has not used theirs, newest first: for whoever named several people
    /// in one go.
    pub async fn waiting_words(
        &self,
        visit: &Visit,
        circle: CircleId,
    ) -> Result<(About, Vec<WaitingWords>), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let mut found: Vec<(MembershipId, Welcome, Content)> = Vec::new();
        for welcome in snapshot.circle_welcomes(circle, visit.now()).await? {
            let Some(place) = welcome.membership else { continue };
            let known = found.iter().any(|(other, ..)| *other == place);
            if known || !can_be_told(&welcome, visit.now()) {
                continue;
            }
            let subject = welcome.id.as_uuid();
            let sealed = snapshot.content(circle, Field::WelcomeWords, subject).await?;
            found.extend(sealed.map(|sealed| (place, welcome, sealed)));
        }
        let sealed = SealedAbout::read(&snapshot, circle).await?;
        snapshot.end();
        let _name = inside.permit::<Name>(Category::People).await?;
        let people = inside.permit::<Disclose>(Category::People).await?;
        let key = inside.key()?;
        let (about, names) = sealed.open(&inside, &key).await?;
        let mut all = Vec::new();
        for (membership, welcome, sealed) in found {
            let words = inside.open(&people, &key, Some(&sealed))?.unwrap_or_default();
            all.push(WaitingWords {
                membership,
                name: names.of(membership).unwrap_or_default(),
                words: self.words_view(visit, &welcome, words),
            });
        }
        Ok((about, all))
    }

    fn words_view(&self, visit: &Visit, welcome: &Welcome, words: String) -> WordsView {
        let organisation = &visit.organisation;
        let has_link = welcome.link_hash.is_some();
        WordsView {
            words,
            link: has_link.then(|| self.welcome_link(organisation, welcome.id)),
            to_type: has_link.then(|| self.address_to_type(organisation, welcome.id)),
            kind: welcome.kind,
            expires_at: welcome.expires_at,
        }
    }

    /// The short address of a welcome, for whoever types it: "kith.example/i/7k3d-9xqm".
    pub(crate) fn address_to_type(&self, organisation: &Organisation, id: WelcomeId) -> String {
        let base = self.base_url(organisation);
        let host = base.split_once("://").map_or(base.as_str(), |(_, host)| host);
        format!("{host}/i/{}", self.short_code(id))
    }

    /// The link of a welcome, the same each time.
    pub(crate) fn welcome_link(&self, organisation: &Organisation, id: WelcomeId) -> String {
        let token = self.vault.link_token("welcome", id.as_uuid(), 0);
        format!("{}/i/{}", self.base_url(organisation), token.as_str())
    }

    /// Changes what a person may see. What is taken away is gone with this request.
    pub async fn change_grants(
        &self,
        visit: &Visit,
        circle: CircleId,
        membership: MembershipId,
        form: &NameFriend,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let members = snapshot.members(circle).await?;
        let done = snapshot.receipt(receipt.0, "grants").await?;
        let basis = self.basis(&snapshot, &inside).await?;
        snapshot.end();
        let permit = inside.permit::<Name>(Category::People).await?;
        if done.is_some() {
            return Ok(());
        }
        let granted = granted(form).map_err(|what| Failure::field("preset", what))?;
        let member = members
            .into_iter()
            .find(|member| member.id == membership && member.state != MembershipState::Left)
            .ok_or(Failure::NotHere)?;
        let by = inside.own_place()?.membership;
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "grants", "done", now).await?;
                let before = unit.granted_to(&member, now).await?;
                may_share(&inside, granted.difference(before))?;
                unit.put_grants(&member, granted, basis, Some(by), now).await?;
                let less = !before.difference(granted).is_empty();
                if less && member.role == MemberRole::Carer {
                    crate::handed_out::stop_words(unit, circle, now).await?;
                }
                let more = !granted.difference(before).is_empty();
                if more && member.state == MembershipState::Active && member.id != by {
                    crate::naming::tell_named(unit, &member, now).await?;
                }
                Ok::<_, Failure>(())
            })
            .await
    }

    /// On what basis this person decides: the patient by own consent, a carer on the basis that the
    /// carer's own grants were recorded with.
    pub(crate) async fn basis(
        &self,
        snapshot: &Snapshot,
        inside: &Inside<'_>,
    ) -> Result<GrantBasis, Failure> {
        if inside.is_patient() {
            return Ok(GrantBasis::OwnConsent);
        }
        let own = match &inside.place {
            Some(place) => snapshot.grant_basis(place.membership).await?,
            None => None,
        };
        Ok(own.unwrap_or(GrantBasis::OwnConsent))
    }
}

/// Whether these are words for somebody else to say: not those of a card, and not those that a
/// member made for a further device of their own.
fn can_be_told(welcome: &Welcome, now: Timestamp) -> bool {
    let own = matches!(welcome.kind, WelcomeKind::Card | WelcomeKind::OwnDevice);
    welcome.words_are_live(now) && !own
}

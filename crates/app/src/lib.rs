//! What people do with Kith: one use case a method, authorise → load → open or change → commit.
//!
//! The web and the scheduler call these and decide nothing themselves. Nothing here knows HTTP;
//! nothing here writes SQL.

use std::sync::Arc;

use kith_domain::{Clock, EmailAddress, Ids, Timestamp};
use kith_policy::{PolicyEngine, RequestScope};
use kith_store::Store;
use kith_vault::Vault;

use crate::outbox::relay_state::RelayState;

mod about;
mod acting_for;
mod address_works;
mod admission;
mod after;
mod ahead;
mod another_device;
mod answering;
mod answering_for;
mod appointments;
mod asking;
mod at_the_door;
mod away;
mod away_for;
mod circle_state;
mod clash;
mod comes_again;
mod comes_back;
mod coming_in;
mod concerns;
mod consent;
mod copy_week;
mod covered;
mod demo;
mod details;
mod devices;
mod enrolling;
mod every_time;
mod failure;
mod feed;
mod figures;
mod friend_form;
mod gate;
mod handed_out;
mod health;
mod help_needed;
mod home;
mod hospice;
mod invited_address;
mod join_requests;
mod joining;
mod joining_address;
mod leaving;
mod looks;
mod mail_settings;
mod me;
mod missed;
mod naming;
mod new_address;
mod news;
mod nobody_yet;
mod organisation;
mod outbox;
mod own_date;
mod own_number;
mod pausing;
mod people;
mod planner;
mod private_form;
mod private_page;
mod promise;
mod proposed_move;
mod put_back;
mod put_back_one;
mod removing;
mod restore;
mod roller;
mod rota;
mod rota_change;
mod rota_week;
mod said_yes;
mod series;
mod session;
mod set_up;
mod share_link;
mod sign_in;
mod silence;
mod slot_link;
mod slot_more;
mod spoken_for;
mod standing_promise;
mod swap_back;
mod swapping;
mod take_off;
mod taking;
mod taking_dates;
mod taking_for;
mod task;
mod task_change;
mod there;
mod told;
mod touched;
mod traces;
mod unsent;
mod visit;
mod waiting;
mod week;
mod who_may_be_named;

pub use about::About;
pub use acting_for::{SaidLine, SaidOutcome, SayFor};
pub use admission::{AdmissionForm, Admitted, WelcomePage};
pub use after::{HowItWas, ItWas, MyLately};
pub use another_device::OwnWords;
pub use answering::{CannotHow, CannotOutcome};
pub use at_the_door::{DoorForm, DoorKnown, DoorText, DoorTexts, Late};
pub use away::Away;
pub use away_for::AwayFor;
pub use circle_state::{CircleChange, CircleSettings};
pub use clash::Clash;
pub use comes_again::ComesAgain;
pub use concerns::{ConcernRow, ConcernView, Inbox};
pub use consent::{Instead, SettleMove};
pub use copy_week::CopiedWeek;
pub use demo::{DEMO_NUMBER, DemoPerson};
pub use details::{DetailsForm, MyDetails};
pub use devices::DeviceView;
pub use every_time::{EveryTime, StopEvery};
pub use failure::{Failure, Problem, What};
pub use feed::{FeedFile, MyFeed, OwnFeed};
pub use friend_form::{FRIEND_FIELDS, FriendFields, NameFriend};
pub use health::Health;
pub use help_needed::HelpNeeded;
pub use home::{Bead, Home, HomeNews, StripDay};
pub use hospice::{
    CardOffer, CardView, CheckReason, CircleDetail, CircleRow, CircleToCheck, CircleWeek, Cover,
    FirstMember, Freezing, GapToday, HospiceCircle, HospiceCircles, HospiceToday, LeadContact,
    Noted, PlannedCover, PlannedTask, StartCircle, WeekCover,
};
pub use join_requests::{AsksToJoin, AsksToJoinPage};
pub use joining::{JoinForm, JoinPage};
pub use kith_mail::Transport;
pub use kith_store::Organisation;
pub use kith_store::Session;
pub use looks::{DotRow, LookView, Looker, LooksPage, LooksSpan, Unusual};
pub use mail_settings::MailForm;
pub use me::{MyCircle, MyEvery, MyNext, MyPlaces, MyRota, MySlot};
pub use missed::{HowItWent, Promise};
pub use new_address::NewAddress;
pub use news::{NewsPage, Words, WordsKind};
pub use organisation::{ConsoleError, StaffCode};
pub use outbox::{Delivery, DeliveryReport, RelayPause, StopPage};
pub use people::{InvitationView, MemberPage, MemberView, PeopleView, WaitingWords, WordsView};
pub use private_form::{PrivateForm, PrivatePart};
pub use private_page::{
    EntryRevealed, EntryState, LookedLately, PrivatePage, WhoSees, WhoToCall, Written,
};
pub use proposed_move::MoveOutcome;
pub use put_back::PutBack;
pub use put_back_one::{PutBackOne, WhoHadIt};
pub use restore::{Restored, after_restore, check_keys};
pub use rota::{AddressForSlot, HistoryLine, Opening, RunningLate, SlotPage};
pub use rota_week::{Carrying, RotaDay, RotaWeek};
pub use said_yes::YesFor;
pub use set_up::{AboutYou, SetUpView, ThePerson};
pub use share_link::{ShareLinkPage, SharedLink};
pub use sign_in::{CodeAccepted, WhoAreYou};
pub use slot_link::{AlsoNeeded, LinkMove, LinkSlot, LinkSlotState};
pub use slot_more::{SlotMore, SwapView, Waiting};
pub use spoken_for::SpokenFor;
pub use swapping::{SwapAnswer, SwapChoices, SwapOutcome, SwapWith};
pub use take_off::TakeOff;
pub use taking::{TakeOutcome, TakenPage, Unreminded};
pub use taking_dates::{DateChoice, DatesForm, Every, Several};
pub use task::{Changing, CircleAsked, TaskAdded, TaskForm};
pub use task_change::TaskChange;
pub use touched::{ChangeOutcome, Touched, TouchedPromise, Touching};
pub use traces::{Promised, Traces};
pub use unsent::Unsent;
pub use visit::{NewCookies, Receipt, Visit};
pub use week::{SlotView, Taker};

/// Everything the use cases need, made once at start.
pub struct App {
    pub(crate) store: Store,
    pub(crate) vault: Arc<Vault>,
    pub(crate) engine: PolicyEngine,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) settings: Settings,
    pub(crate) relay: RelayState,
    /// Seconds between the clocks of this process and of its database, when last compared.
    pub(crate) clocks_apart: std::sync::atomic::AtomicI64,
    /// Until when this process need not plan the mail to whoever runs the service, in seconds.
    pub(crate) figures_planned: std::sync::atomic::AtomicI64,
    /// Before when a mail was due that an earlier database may have sent; seconds since 1970.
    pub(crate) restored_at: std::sync::atomic::AtomicI64,
    /// Rung when there is something in the outbox that cannot wait for the next tick.
    pub(crate) due: tokio::sync::Notify,
    /// Rings when a look at the outbox has ended.
    pub(crate) looked: tokio::sync::Notify,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// What the configuration says to the use cases.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `https://kith.example`, without a slash at the end: every link starts with it, whatever
    /// host a request names.
    pub base_url: String,
    /// Who is told once a day that the service is at work, if anybody.
    pub operator_email: Option<EmailAddress>,
}

impl App {
    /// Puts the parts together.
    pub fn new(
        store: Store,
        vault: Vault,
        engine: PolicyEngine,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn Ids>,
        settings: Settings,
    ) -> Self {
        Self {
            store,
            vault: Arc::new(vault),
            engine,
            clock,
            ids,
            settings,
            relay: RelayState::default(),
            clocks_apart: std::sync::atomic::AtomicI64::new(0),
            figures_planned: std::sync::atomic::AtomicI64::new(0),
            restored_at: std::sync::atomic::AtomicI64::new(i64::MIN),
            due: tokio::sync::Notify::new(),
            looked: tokio::sync::Notify::new(),
        }
    }

    /// Now, by the clock that everything goes by.
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A request of a browser to the host `host`.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when no organisation is known by that host.
    pub async fn visit(
        &self,
        host: &str,
        session: Option<&str>,
        device: Option<&str>,
        network: std::net::IpAddr,
    ) -> Result<Visit, Failure> {
        let organisation = self.store.organisation_for(host).await?.ok_or(Failure::NotHere)?;
        let scope = RequestScope::new(self.clock.now(), Arc::clone(&self.ids));
        Ok(Visit::new(organisation, session, device, network, scope))
    }

    /// What every address of an organisation starts with: the configured one, with the organisation's
    /// own host where it has one.
    pub fn base_url(&self, organisation: &Organisation) -> String {
        outbox::links::base_of(&self.settings.base_url, organisation)
    }

    /// Whether forms of the organisation that is known by `host` come from `origin`.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when no organisation is known by that host.
    pub async fn is_origin_of(&self, host: &str, origin: &str) -> Result<bool, Failure> {
        let organisation = self.store.organisation_for(host).await?.ok_or(Failure::NotHere)?;
        Ok(self.base_url(&organisation) == origin)
    }

    /// A fresh number for a form.
    pub fn new_receipt(&self) -> Receipt {
        Receipt(self.ids.next())
    }
}

//! What people want at one moment, as the rows of promises, slots, people and circles say; never the
//! outbox, which is judged by it.

use std::collections::BTreeMap;

use kith_domain::ids::PersonId;
use kith_domain::reminder::{ReminderChoice, ReminderKind, plan, useful_until};
use kith_domain::{CircleState, SendingHours, Timestamp, Zone};
use kith_tests::clock::london;
use sea_orm::{DatabaseConnection, FromQueryResult, Statement};
use uuid::Uuid;

/// One promise and everything that its reminders depend on.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub(crate) struct Wish {
    pub(crate) id: Uuid,
    pub(crate) slot_id: Uuid,
    pub(crate) person_id: Uuid,
    generation: i32,
    claimed_at: i64,
    claim_state: String,
    slot_state: String,
    starts_at: i64,
    pub(crate) revision: i32,
    circle_state: String,
    /// A pause has come and gone since, if this is another.
    circle_since: i64,
    member_state: String,
    remind_day_before: Option<i32>,
    remind_morning: bool,
    remind_hours_before: Option<i32>,
    mail_from: i32,
    mail_until: i32,
    mail_daily: Option<i32>,
    mail_stopped: bool,
    mail_bounced_at: Option<i64>,
}

impl Wish {
    /// Whether its person is to be reminded of it by itself.
    pub(crate) fn stands(&self) -> bool {
        self.is_promised() && self.mail_daily.is_none()
    }

    /// Whether its person is to be reminded at all.
    pub(crate) fn is_promised(&self) -> bool {
        matches!(self.claim_state.as_str(), "claimed" | "cover_wanted")
            && self.slot_state == "open"
            && self.circle_state == CircleState::Active.as_str()
            && self.member_state == "active"
            && !self.mail_stopped
            && self.mail_bounced_at.is_none()
    }

    pub(crate) const fn starts(&self) -> Timestamp {
        Timestamp::from_second(self.starts_at)
    }

    pub(crate) fn hours(&self) -> SendingHours {
        SendingHours::new(small(self.mail_from), small(self.mail_until)).expect("good hours")
    }

    pub(crate) fn choice(&self) -> ReminderChoice {
        ReminderChoice::new(
            self.remind_day_before.map(small),
            self.remind_morning,
            self.remind_hours_before.map(small),
        )
        .expect("a good choice")
    }

    /// What must be planned once each, and when it is due: not what was due before the promise.
    pub(crate) fn reminders(&self) -> Vec<(ReminderKind, Timestamp)> {
        if !self.stands() {
            return Vec::new();
        }
        let mut due = plan(self.choice(), self.hours(), self.starts(), &london());
        due.retain(|(_, due)| due.as_second() >= self.claimed_at);
        due
    }

    pub(crate) const fn useful_until(&self) -> Timestamp {
        useful_until(self.starts())
    }

    /// The text under which this reminder is planned once.
    pub(crate) fn dedupe(&self, kind: ReminderKind) -> String {
        let (slot, person) = (self.slot_id, PersonId::from_uuid(self.person_id));
        format!("reminder:{slot}:{person}:{kind}:{}:{}", self.generation, self.revision)
    }
}

fn small(number: i32) -> i8 {
    i8::try_from(number).expect("an hour")
}

/// Every promise there ever was.
pub(crate) async fn wishes(beside: &DatabaseConnection) -> BTreeMap<Uuid, Wish> {
    let sql = "SELECT c.id, c.slot_id, c.person_id, c.generation, c.claimed_at, \
        c.state AS claim_state, s.state AS slot_state, s.starts_at, s.revision, \
        o.state AS circle_state, o.state_changed_at AS circle_since, m.state AS member_state, p.remind_day_before, p.remind_morning, \
        p.remind_hours_before, p.mail_from, p.mail_until, p.mail_daily, p.mail_stopped, \
        p.mail_bounced_at \
        FROM claim c JOIN slot s ON s.id = c.slot_id JOIN circle o ON o.id = c.circle_id \
        JOIN membership m ON m.id = c.membership_id JOIN person p ON p.id = c.person_id";
    let rows = Wish::find_by_statement(statement(beside, sql)).all(beside).await.unwrap();
    rows.into_iter().map(|wish| (wish.id, wish)).collect()
}

/// A slot as it is on the rota.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct Dated {
    pub(crate) id: Uuid,
    pub(crate) task_id: Uuid,
    pub(crate) series: i32,
    pub(crate) made_for: String,
    starts_at: i64,
    pub(crate) state: String,
    pub(crate) revision: i32,
    pub(crate) taken: i32,
    pub(crate) places: i32,
}

impl Dated {
    pub(crate) const fn starts(&self) -> Timestamp {
        Timestamp::from_second(self.starts_at)
    }

    /// By the clock on the wall.
    pub(crate) fn wall(&self, zone: &Zone) -> String {
        zone.local(self.starts()).to_string()
    }
}

/// Every slot, in the order of time.
pub(crate) async fn slots(beside: &DatabaseConnection) -> Vec<Dated> {
    let sql = "SELECT id, task_id, series, made_for, starts_at, state, revision, taken, places \
               FROM slot ORDER BY starts_at, id";
    Dated::find_by_statement(statement(beside, sql)).all(beside).await.unwrap()
}

/// A mail as its row says.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct MailOf {
    pub(crate) id: Uuid,
    pub(crate) kind: String,
    pub(crate) dedupe: String,
    pub(crate) state: String,
    pub(crate) reason: Option<String>,
    useful_until: i64,
    pub(crate) person_id: Option<Uuid>,
    pub(crate) circle_id: Option<Uuid>,
    pub(crate) claim_id: Option<Uuid>,
}

impl MailOf {
    pub(crate) const fn useful_until(&self) -> Timestamp {
        Timestamp::from_second(self.useful_until)
    }

    pub(crate) fn has_ended(&self) -> bool {
        matches!(self.state.as_str(), "sent" | "cancelled" | "expired" | "failed")
    }

    pub(crate) fn ended(&self) -> String {
        format!("{}: {}", self.state, self.reason.as_deref().unwrap_or("-"))
    }
}

/// Every mail there is.
pub(crate) async fn mails(beside: &DatabaseConnection) -> Vec<MailOf> {
    let sql = "SELECT id, kind, dedupe, state, reason, useful_until, person_id, circle_id, \
               claim_id FROM outbox ORDER BY due_at, id";
    MailOf::find_by_statement(statement(beside, sql)).all(beside).await.unwrap()
}

pub(crate) fn statement(beside: &DatabaseConnection, sql: &str) -> Statement {
    Statement::from_string(beside.get_database_backend(), sql)
}

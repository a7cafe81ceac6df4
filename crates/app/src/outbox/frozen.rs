//! What a mail says, but for what is opened for it (link, code, the inviter's name): times, words
//! and a nature name.
//!
//! The same rows give the same words, and the same words the same bytes. They are kept in the row
//! while a mail is being sent, and its Message-ID follows from them: a copy of a mail has the
//! Message-ID of the first, and a mail whose slot was moved between two attempts is another mail.

use jiff::civil::Date;
use kith_domain::{MailKind, ReminderKind, Timestamp, Told, Zone};
use kith_mail::{Figures, Gap, NamedAs, SlotTimes};
use kith_store::{Circle, Slot};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::appointments::Entry;

/// The words of one mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Frozen {
    Invitation { names_inviter: bool },
    SignInCode,
    AddressCode,
    AddressChanged { phone: String },
    Promised { slot: SlotTimes, more: Vec<SlotTimes> },
    Reminder { slot: SlotTimes, at: ReminderKind, asks: bool },
    SomebodyNeeded { slot: SlotTimes, more: Vec<SlotTimes> },
    Changed { old: SlotTimes, new: SlotTimes },
    MoveAsked { moves: Vec<(SlotTimes, SlotTimes)> },
    Cancelled { slot: SlotTimes },
    CoverWanted { slot: SlotTimes },
    CoverFound { slot: SlotTimes },
    PleaseConfirm { slot: SlotTimes },
    NoWord { slot: SlotTimes, for_them: bool },
    NobodyYet { gaps: Vec<Gap> },
    Digest { items: Vec<Item> },
    WeekAhead { monday: Date, items: Vec<Item> },
    Concern,
    Uncovered { items: Vec<Item> },
    Figures(Figures),
    Told { slot: SlotTimes, what: Told },
    Paused { slots: Vec<SlotTimes>, more: usize },
    GoesOn { slots: Vec<SlotTimes>, more: usize },
    Named { how: NamedAs },
    AsksToJoin,
}

/// One promise in the mail of the day, or of the week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// With the nature name of its circle.
    Task(SlotTimes, String),
    /// Of a circle that wants quiet mail.
    Day(Date),
}

/// Kind and wall-clock times of a slot.
pub(crate) fn times(slot: &Slot, zone: &Zone) -> SlotTimes {
    between(slot, slot.starts, slot.ends, zone)
}

/// The same at other times.
pub(crate) fn between(slot: &Slot, starts: Timestamp, ends: Timestamp, zone: &Zone) -> SlotTimes {
    SlotTimes { kind: slot.kind, starts: zone.local(starts), ends: zone.local(ends) }
}

impl Frozen {
    /// As it stands in the row.
    pub(crate) fn to_json(
        &self,
        kind: MailKind,
        circle: Option<&Circle>,
        entries: &[Entry],
    ) -> String {
        let mut words = match self {
            Self::Invitation { names_inviter } => json!({ "names_inviter": names_inviter }),
            Self::SignInCode | Self::AddressCode | Self::AsksToJoin | Self::Concern => json!({}),
            Self::AddressChanged { phone } => json!({ "phone": phone }),
            Self::Figures(figures) => json!(KeptFigures::of(figures)),
            Self::Reminder { slot, at, asks } => {
                json!({ "slot": value(slot), "at": at.as_str(), "asks": asks })
            }
            Self::NobodyYet { gaps } => {
                let gap = |gap: &Gap| json!({ "slot": value(&gap.slot), "must": gap.must, "lacks": gap.lacks.as_str() });
                json!({ "gaps": gaps.iter().map(gap).collect::<Vec<_>>() })
            }
            Self::SomebodyNeeded { slot, more } | Self::Promised { slot, more } => {
                let more: Vec<_> = more.iter().map(value).collect();
                json!({ "slot": value(slot), "more": more })
            }
            Self::Digest { items } | Self::Uncovered { items } => {
                json!({ "items": items.iter().map(Item::value).collect::<Vec<_>>() })
            }
            Self::WeekAhead { monday, items } => {
                let items: Vec<_> = items.iter().map(Item::value).collect();
                json!({ "monday": monday.to_string(), "items": items })
            }
            Self::MoveAsked { moves } => {
                let pair = |(old, new): &(SlotTimes, SlotTimes)| json!([value(old), value(new)]);
                json!({ "moves": moves.iter().map(pair).collect::<Vec<_>>() })
            }
            Self::NoWord { slot, for_them } => {
                json!({ "slot": value(slot), "for_them": for_them })
            }
            Self::CoverFound { slot }
            | Self::PleaseConfirm { slot }
            | Self::Cancelled { slot }
            | Self::CoverWanted { slot } => json!({ "slot": value(slot) }),
            Self::Told { slot, what } => json!({ "slot": value(slot), "what": what.as_str() }),
            Self::Paused { slots, more } | Self::GoesOn { slots, more } => {
                json!({ "slots": slots.iter().map(value).collect::<Vec<_>>(), "more": more })
            }
            Self::Changed { old, new } => json!({ "old": value(old), "new": value(new) }),
            Self::Named { how } => json!({ "more": *how == NamedAs::MaySeeMore }),
        };
        if let Some(words) = words.as_object_mut() {
            words.insert("mail".to_owned(), kind.as_str().into());
            if let Some(circle) = circle {
                words.insert("circle".to_owned(), circle.nature_name.clone().into());
                words.insert("quiet".to_owned(), circle.quiet_mail.into());
            }
            if !entries.is_empty() {
                let sequences: Vec<u32> = entries.iter().map(|entry| entry.sequence).collect();
                words.insert("calendar".to_owned(), sequences.into());
            }
        }
        words.to_string()
    }
}

impl Item {
    fn value(&self) -> Value {
        match self {
            Self::Task(slot, circle) => json!({ "slot": value(slot), "circle": circle }),
            Self::Day(day) => json!({ "day": day.to_string() }),
        }
    }
}

fn value(slot: &SlotTimes) -> Value {
    json!({
        "kind": slot.kind.as_str(),
        "starts": slot.starts.to_string(),
        "ends": slot.ends.to_string(),
    })
}

/// Figures as they stand in the row: a mail that is tried again says those of the first time.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeptFigures {
    sent: u32,
    waiting: u32,
    put_off: u32,
    given_up: u32,
    unreached: u32,
    oldest_due: Option<String>,
    last_tick: Option<String>,
}

impl KeptFigures {
    fn of(figures: &Figures) -> Self {
        let Figures { sent, waiting, put_off, given_up, unreached, oldest_due, last_tick } =
            *figures;
        let oldest_due = oldest_due.map(|at| at.to_string());
        let last_tick = last_tick.map(|at| at.to_string());
        Self { sent, waiting, put_off, given_up, unreached, oldest_due, last_tick }
    }

    /// What was said the first time, if there was one.
    pub(crate) fn read(frozen: &str) -> Option<Figures> {
        let kept: Self = serde_json::from_str(frozen).ok()?;
        let at = |at: Option<String>| at.and_then(|at| at.parse().ok());
        let Self { sent, waiting, put_off, given_up, unreached, oldest_due, last_tick } = kept;
        let (oldest_due, last_tick) = (at(oldest_due), at(last_tick));
        Some(Figures { sent, waiting, put_off, given_up, unreached, oldest_due, last_tick })
    }
}

/// The small JSON beside a mail's subject: what the rows no longer say at hand-over. What cannot be
/// read is as if it were not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Detail {
    /// Which reminder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reminder: Option<String>,
    /// It is for somebody who wants one mail a day, and whom that mail did not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) beside_digest: Option<bool>,
    /// Somebody in charge asked for it by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) by_hand: Option<bool>,
    /// The revision of the slot that it reminds of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) revision: Option<u32>,
    /// When a slot that was moved started before, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) old_starts: Option<i64>,
    /// When it ended before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) old_ends: Option<i64>,
    /// The proposed moves that it asks about, or tells of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) moves: Vec<Uuid>,
    /// The Monday of the week that it tells of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) week: Option<String>,
    /// What being named brought: `in` for the circle itself, else more than before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) named: Option<String>,
    /// What one person is told about a slot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) told: Option<String>,
    /// Who asks to join.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) asks: Option<Uuid>,
    /// The change of an address that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<Uuid>,
    /// The swap that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) swap: Option<String>,
}

impl Detail {
    pub(crate) fn for_reminder(kind: ReminderKind, revision: u32) -> Self {
        Self {
            reminder: Some(kind.as_str().to_owned()),
            revision: Some(revision),
            ..Self::default()
        }
    }

    /// The times that whoever is told of a change knows so far.
    pub(crate) fn for_change(starts: Timestamp, ends: Timestamp) -> Self {
        Self {
            old_starts: Some(starts.as_second()),
            old_ends: Some(ends.as_second()),
            ..Self::default()
        }
    }

    pub(crate) fn for_week(monday: Date) -> Self {
        Self { week: Some(monday.to_string()), ..Self::default() }
    }

    pub(crate) fn for_revision(revision: u32) -> Self {
        Self { revision: Some(revision), ..Self::default() }
    }

    pub(crate) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    pub(crate) fn from_json(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    pub(crate) fn reminder_kind(&self) -> Option<ReminderKind> {
        self.reminder.as_deref()?.parse().ok()
    }

    pub(crate) fn monday(&self) -> Option<Date> {
        self.week.as_deref()?.parse().ok()
    }

    pub(crate) fn told_what(&self) -> Option<Told> {
        self.told.as_deref()?.parse().ok()
    }

    /// The times before a change.
    pub(crate) fn old_times(&self) -> Option<(Timestamp, Timestamp)> {
        let at = Timestamp::from_second;
        self.old_starts.map(at).zip(self.old_ends.map(at))
    }

    pub(crate) fn named_as(&self) -> NamedAs {
        match self.named.as_deref() {
            Some("in") => NamedAs::YouAreIn,
            _ => NamedAs::MaySeeMore,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Detail;
    use kith_domain::{ReminderKind, Timestamp};
    use kith_mail::NamedAs;

    #[test]
    fn details_forgive_what_is_missing() {
        let at = Timestamp::from_second;
        let detail = Detail::from_json(r#"{"old_starts":1,"old_ends":2}"#);
        assert_eq!(detail, Detail::for_change(at(1), at(2)));
        assert_eq!(detail.old_times(), Some((at(1), at(2))));
        assert_eq!(Detail::from_json("{}"), Detail::default());
        assert_eq!(Detail::from_json("?"), Detail::default());
        assert_eq!(Detail::default().named_as(), NamedAs::MaySeeMore);
        assert_eq!(Detail::from_json(r#"{"named":"in"}"#).named_as(), NamedAs::YouAreIn);
        let reminder = Detail::for_reminder(ReminderKind::DayBefore, 3);
        let read = Detail::from_json(&reminder.to_json());
        assert_eq!(read.reminder_kind(), Some(ReminderKind::DayBefore));
        assert_eq!(read.revision, Some(3));
    }
}

//! The calendar part as calendars read it (RFC 5545, RFC 5546, RFC 6047).

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a part that cannot be read has failed the test"
)]

use std::collections::BTreeMap;

use jiff::civil::date;
use kith_domain::{ReminderKind, TaskKind, Timestamp};
use kith_mail::read::read;
use kith_mail::{Appointment, RenderError, Says, Stamp, render};

use crate::samples::{reminder, stamp};

fn appointment(cancelled: bool, says: Says) -> Appointment {
    Appointment { uid: "00112233445566778899aabbccddeeff".to_owned(), sequence: 2, cancelled, says }
}

fn visit() -> Says {
    let starts = Timestamp::from_second(1_795_528_800);
    Says::Task { kind: TaskKind::Visit, starts, ends: starts.plus_minutes(90) }
}

/// The mail of a reminder with this appointment: its bytes as text, and the calendar part.
fn mail(appointment: Appointment) -> (String, String) {
    let message = reminder(TaskKind::Visit, ReminderKind::DayBefore);
    let bytes = render(&message, &Stamp { calendar: vec![appointment], ..stamp() }).unwrap();
    let part = read(&bytes).unwrap().calendar.expect("a calendar part");
    (String::from_utf8(bytes).unwrap(), part)
}

/// Name with its parameters, and value, of each line of the one event; RFC 5545 section 3.1.
fn event(part: &str) -> BTreeMap<String, String> {
    assert!(part.ends_with("END:VCALENDAR\r\n"), "{part:?}");
    assert_eq!(part.matches('\n').count(), part.matches("\r\n").count());
    assert!(part.split("\r\n").all(|line| line.len() <= 75));
    let unfolded = part.replace("\r\n ", "");
    let (_, rest) = unfolded.split_once("BEGIN:VEVENT\r\n").unwrap();
    let (event, _) = rest.split_once("END:VEVENT\r\n").unwrap();
    let lines = event.lines().map(|line| line.split_once(':').unwrap());
    let found: BTreeMap<_, _> =
        lines.clone().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    assert_eq!(found.len(), lines.count(), "every property once");
    found
}

#[test]
fn a_promise_is_a_request_that_asks_for_no_answer() {
    let (bytes, part) = mail(appointment(false, visit()));
    assert!(bytes.contains("Content-Type: text/calendar; charset=utf-8; method=REQUEST\r\n"));
    assert!(part.contains("\r\nMETHOD:REQUEST\r\n"));
    let event = event(&part);
    let said: Vec<_> = event.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let attendee = "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE";
    assert_eq!(
        said,
        [
            (attendee, "mailto:tom@example.org"),
            ("CLASS", "PRIVATE"),
            ("DTEND", "20261124T153000Z"),
            ("DTSTAMP", "20261123T173000Z"),
            ("DTSTART", "20261124T140000Z"),
            ("ORGANIZER;CN=Kith", "mailto:reminders@kith.example"),
            ("SEQUENCE", "2"),
            ("STATUS", "CONFIRMED"),
            ("SUMMARY", "A visit"),
            ("TRANSP", "OPAQUE"),
            ("UID", "00112233445566778899aabbccddeeff"),
        ]
    );
}

#[test]
fn several_promises_are_published_without_who_takes_part() {
    let other = Appointment {
        uid: "ffeeddccbbaa99887766554433221100".to_owned(),
        ..appointment(false, visit())
    };
    let message = reminder(TaskKind::Visit, ReminderKind::DayBefore);
    let calendar = vec![appointment(false, visit()), other];
    let bytes = render(&message, &Stamp { calendar, ..stamp() }).unwrap();
    let part = read(&bytes).unwrap().calendar.expect("a calendar part");
    let bytes = String::from_utf8(bytes).unwrap();
    assert!(bytes.contains("Content-Type: text/calendar; charset=utf-8; method=PUBLISH\r\n"));
    assert!(part.contains("\r\nMETHOD:PUBLISH\r\n") && !part.contains("ATTENDEE"));
    assert_eq!(part.matches("ORGANIZER;CN=Kith:").count(), 2);
}

#[test]
fn what_has_ended_is_cancelled() {
    let (bytes, part) = mail(appointment(true, visit()));
    assert!(bytes.contains("Content-Type: text/calendar; charset=utf-8; method=CANCEL\r\n"));
    assert!(part.contains("\r\nMETHOD:CANCEL\r\n"));
    assert_eq!(event(&part)["STATUS"], "CANCELLED");
}

#[test]
fn every_kind_of_task_is_said_without_anything_to_escape() {
    for kind in TaskKind::ALL {
        let starts = Timestamp::from_second(1_795_528_800);
        let says = Says::Task { kind: *kind, starts, ends: starts.plus_hours(1) };
        let (_, part) = mail(appointment(false, says));
        let summary = event(&part)["SUMMARY"].clone();
        assert!(summary.chars().all(|c| c.is_ascii_alphabetic() || c == ' '), "{summary}");
        for word in ["Heron", "https", "LOCATION", "DESCRIPTION", "URL"] {
            assert!(!part.contains(word), "{word} in {part}");
        }
    }
}

#[test]
fn a_quiet_circle_says_the_day_alone() {
    let (_, part) = mail(appointment(false, Says::Day(date(2026, 11, 24))));
    let event = event(&part);
    assert_eq!(event["DTSTART;VALUE=DATE"], "20261124");
    assert_eq!(event["DTEND;VALUE=DATE"], "20261125");
    assert_eq!(event["SUMMARY"], "Busy");
    assert!(!part.contains("A visit") && !part.contains("T140000"));
}

#[test]
fn a_uid_of_another_form_is_refused() {
    for uid in ["", "short", "0011223344556677\r\nX-EVIL:1", &"a".repeat(65)] {
        let calendar = Appointment { uid: uid.to_owned(), ..appointment(false, visit()) };
        let message = reminder(TaskKind::Visit, ReminderKind::DayBefore);
        let answer = render(&message, &Stamp { calendar: vec![calendar], ..stamp() });
        assert_eq!(answer, Err(RenderError::Stamp), "{uid:?}");
    }
}

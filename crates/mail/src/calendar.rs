//! Appointments for calendars (RFC 5545), in mails (RFC 5546, RFC 6047) and in files.
//!
//! Calendars are shown to others and copied elsewhere, so that an appointment says the time and
//! the kind of task and nothing else: no name, no place, no link, and of a circle that wants quiet
//! mail only that there is something on that day.

use jiff::civil::Date;
use kith_domain::{EmailAddress, TaskKind, Timestamp};

use crate::english;

/// Octets of a line, without its end (RFC 5545, section 3.1).
const LINE: usize = 75;

/// What an appointment says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Says {
    /// Time and kind of task.
    Task {
        /// What.
        kind: TaskKind,
        /// When it starts.
        starts: Timestamp,
        /// When it ends.
        ends: Timestamp,
    },
    /// The day alone, in the circle's time zone.
    Day(Date),
}

/// One promise of one person, as it stands in that person's calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appointment {
    /// The same for the same promise in every mail and file, and for nothing else: 16 to 64
    /// letters and digits.
    pub uid: String,
    /// Rises with every change.
    pub sequence: u32,
    /// Is taken out of the calendar.
    pub cancelled: bool,
    /// What it says.
    pub says: Says,
}

/// Who tells whom.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Between<'a> {
    pub(crate) organizer: &'a EmailAddress,
    /// Nobody, where entries are published.
    pub(crate) attendee: Option<&'a EmailAddress>,
}

impl Appointment {
    fn event(&self, lines: &mut Lines, between: Option<Between<'_>>, at: Timestamp) {
        lines.add("BEGIN", "VEVENT");
        lines.add("UID", &self.uid);
        lines.add("SEQUENCE", &self.sequence.to_string());
        lines.add("DTSTAMP", &utc(at));
        let transparent = match self.says {
            Says::Task { kind, starts, ends } => {
                lines.add("DTSTART", &utc(starts));
                lines.add("DTEND", &utc(ends));
                lines.add("SUMMARY", english::kind(kind));
                false
            }
            Says::Day(date) => {
                lines.add("DTSTART;VALUE=DATE", &day(date));
                let end = date.tomorrow().unwrap_or(date);
                lines.add("DTEND;VALUE=DATE", &day(end));
                lines.add("SUMMARY", english::BUSY);
                true
            }
        };
        if let Some(Between { organizer, .. }) = between {
            lines.add("ORGANIZER;CN=Kith", &mailto(organizer));
        }
        if let Some(Between { attendee: Some(attendee), .. }) = between {
            // Promised already: nobody is to answer, and no answer would be read.
            let part = if self.cancelled { "DECLINED" } else { "ACCEPTED" };
            lines.add(
                &format!(
                    "ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={part};RSVP=FALSE"
                ),
                &mailto(attendee),
            );
        }
        lines.add("STATUS", if self.cancelled { "CANCELLED" } else { "CONFIRMED" });
        lines.add("TRANSP", if transparent { "TRANSPARENT" } else { "OPAQUE" });
        lines.add("CLASS", "PRIVATE");
        lines.add("END", "VEVENT");
    }
}

/// The method under which a mail carries these appointments. A request or its end is about one
/// (RFC 5546, section 3.2.2); several at once can only be published (section 3.2.1).
pub(crate) const fn method(appointments: &[Appointment]) -> &'static str {
    match appointments {
        [one] if one.cancelled => "CANCEL",
        [_] => "REQUEST",
        _ => "PUBLISH",
    }
}

/// The calendar part of a mail that was written at `at`.
pub(crate) fn in_mail(appointments: &[Appointment], between: Between<'_>, at: Timestamp) -> String {
    let mut lines = Lines::begin();
    lines.add("METHOD", method(appointments));
    // Who takes part has no place in what is published.
    let attendee = between.attendee.filter(|_| appointments.len() == 1);
    for appointment in appointments {
        appointment.event(&mut lines, Some(Between { attendee, ..between }), at);
    }
    lines.end()
}

/// A calendar file or feed of these appointments, as they were at `at`.
pub fn calendar(appointments: &[Appointment], at: Timestamp) -> String {
    let mut lines = Lines::begin();
    for appointment in appointments {
        appointment.event(&mut lines, None, at);
    }
    lines.end()
}

/// Content lines, folded.
struct Lines(String);

impl Lines {
    fn begin() -> Self {
        let mut lines = Self(String::with_capacity(1024));
        lines.add("BEGIN", "VCALENDAR");
        lines.add("VERSION", "2.0");
        lines.add("PRODID", "-//Kith//Kith//EN");
        lines.add("CALSCALE", "GREGORIAN");
        lines
    }

    /// Everything that is added is our own words, a number, a time or a URI: none of it holds what
    /// would have to be escaped (RFC 5545, section 3.3.11).
    fn add(&mut self, name: &str, value: &str) {
        let line = format!("{name}:{value}");
        let mut column = 0;
        for letter in line.chars().filter(|letter| !letter.is_control()) {
            if column + letter.len_utf8() > LINE {
                self.0.push_str("\r\n ");
                column = 1;
            }
            self.0.push(letter);
            column += letter.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    fn end(mut self) -> String {
        self.add("END", "VCALENDAR");
        self.0
    }
}

fn utc(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn day(date: Date) -> String {
    date.strftime("%Y%m%d").to_string()
}

/// RFC 6068: what is no plain letter of an address is percent-encoded.
fn mailto(address: &EmailAddress) -> String {
    let mut uri = "mailto:".to_owned();
    for byte in address.as_str().bytes() {
        if byte.is_ascii_alphanumeric() || b"@.-_~+!$'*".contains(&byte) {
            uri.push(char::from(byte));
            continue;
        }
        uri.push('%');
        let digits = [byte >> 4, byte & 15].map(|digit| char::from_digit(digit.into(), 16));
        uri.extend(digits.into_iter().flatten().map(|digit| digit.to_ascii_uppercase()));
    }
    uri
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn visit() -> Appointment {
        let starts = Timestamp::from_second(1_795_528_800);
        Appointment {
            uid: "0123456789abcdef".to_owned(),
            sequence: 4,
            cancelled: false,
            says: Says::Task { kind: TaskKind::Visit, starts, ends: starts.plus_minutes(90) },
        }
    }

    #[test]
    fn a_file_says_time_and_kind() {
        let file = calendar(&[visit()], Timestamp::from_second(1_795_455_000));
        let expected = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Kith//Kith//EN\r\n\
            CALSCALE:GREGORIAN\r\nBEGIN:VEVENT\r\nUID:0123456789abcdef\r\nSEQUENCE:4\r\n\
            DTSTAMP:20261123T173000Z\r\nDTSTART:20261124T140000Z\r\nDTEND:20261124T153000Z\r\n\
            SUMMARY:A visit\r\nSTATUS:CONFIRMED\r\nTRANSP:OPAQUE\r\nCLASS:PRIVATE\r\n\
            END:VEVENT\r\nEND:VCALENDAR\r\n";
        assert_eq!(file, expected);
    }

    #[test]
    fn a_quiet_day_is_a_day_and_no_more() {
        let quiet = Appointment { says: Says::Day(date(2026, 12, 31)), ..visit() };
        let file = calendar(&[quiet], Timestamp::from_second(1_795_455_000));
        for line in ["DTSTART;VALUE=DATE:20261231", "DTEND;VALUE=DATE:20270101", "SUMMARY:Busy"] {
            assert!(file.lines().any(|said| said == line), "{line} in {file}");
        }
        assert!(!file.contains("visit") && !file.contains("T14"));
    }

    #[test]
    fn long_lines_are_folded_and_addresses_encoded() {
        let address = |text: &str| EmailAddress::parse(text).expect("an address");
        let (organizer, attendee) = (
            address("kith@kith.example"),
            address(&format!("tom+{}@{}.example", "x".repeat(50), "y".repeat(60))),
        );
        let between = Between { organizer: &organizer, attendee: Some(&attendee) };
        let part = in_mail(&[visit()], between, Timestamp::from_second(1_795_455_000));
        assert!(part.lines().all(|line| line.len() <= LINE), "{part}");
        let unfolded = part.replace("\r\n ", "");
        assert!(unfolded.contains(&format!(":mailto:{}", attendee.as_str())), "{unfolded}");
        assert!(unfolded.contains("METHOD:REQUEST\r\n"));
    }
}

//! Reports that a mail could not be delivered (RFC 3464), and the folder into which a mail server
//! drops them.
//!
//! A report is known by the link to stop mails that stands in the headers of the returned mail: it
//! names the mail, and its token is known only to whoever had the mail in hand.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::read::quoted_printable;

/// Most bytes of a report that are read.
const LIMIT: u64 = 1024 * 1024;

/// A mail that came back for good.
#[derive(Clone, PartialEq, Eq)]
pub struct Bounce {
    /// The mail's id, as it stands in the link.
    pub mail: String,
    /// The token of the link.
    pub token: String,
}

impl core::fmt::Debug for Bounce {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Bounce")
    }
}

/// Reads a report. `None` for anything else, and for one that says that it is tried again.
pub fn bounce(bytes: &[u8]) -> Option<Bounce> {
    let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
    let (head, body) = text.split_once("\n\n")?;
    let content_type = header(head, "content-type")?;
    if !content_type.to_ascii_lowercase().starts_with("multipart/report") {
        return None;
    }
    let boundary = format!("--{}", parameter(&content_type, "boundary")?);
    let parts: Vec<(String, String)> = body.split(&boundary).skip(1).filter_map(part).collect();
    let of =
        |kind: &'static str| parts.iter().filter(move |(content, _)| content.starts_with(kind));
    if !of("message/delivery-status").any(|(_, status)| has_failed(status)) {
        return None;
    }
    let returned = of("message/rfc822").chain(of("text/rfc822-headers"));
    returned
        .filter_map(|(_, mail)| header(mail, "list-unsubscribe"))
        .find_map(|link| stopped(&link))
}

/// Content type in small letters, and content, of one part.
fn part(part: &str) -> Option<(String, String)> {
    let (head, body) = part.strip_prefix('\n')?.split_once("\n\n")?;
    let content_type = header(head, "content-type")?.to_ascii_lowercase();
    let encoding = header(head, "content-transfer-encoding").unwrap_or_default();
    let body = if encoding.eq_ignore_ascii_case("quoted-printable") {
        quoted_printable(&body.replace('\n', "\r\n"))?.replace("\r\n", "\n")
    } else {
        body.to_owned()
    };
    Some((content_type, body))
}

/// RFC 3464 section 2.3: groups of fields, one a recipient; 5.x.x is for good (RFC 3463).
fn has_failed(status: &str) -> bool {
    status.split("\n\n").any(|group| {
        let field = |name| header(group, name).unwrap_or_default().trim().to_ascii_lowercase();
        field("action") == "failed" && field("status").starts_with("5.")
    })
}

/// Value of the first header of this name, unfolded.
fn header(head: &str, name: &str) -> Option<String> {
    let (head, _) = head.split_once("\n\n").unwrap_or((head, ""));
    let mut lines = head.trim_start_matches('\n').lines().peekable();
    while let Some(line) = lines.next() {
        let Some((key, value)) = line.split_once(':') else { continue };
        if !key.eq_ignore_ascii_case(name) {
            continue;
        }
        let mut value = value.trim().to_owned();
        while let Some(more) = lines.next_if(|line| line.starts_with([' ', '\t'])) {
            value.push(' ');
            value.push_str(more.trim());
        }
        return Some(value);
    }
    None
}

fn parameter(value: &str, name: &str) -> Option<String> {
    value.split(';').skip(1).find_map(|part| {
        let (key, value) = part.trim().split_once('=')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim_matches('"').to_owned())
    })
}

/// `<https://kith.example/stop/MAIL/TOKEN>`.
fn stopped(link: &str) -> Option<Bounce> {
    let link = link.trim().trim_start_matches('<').trim_end_matches('>');
    let (_, rest) = link.split_once("/stop/")?;
    let (mail, token) = rest.split_once('/')?;
    Some(Bounce { mail: mail.to_owned(), token: token.to_owned() })
}

/// A folder of mails, one a file, that somebody else fills.
#[derive(Clone, Debug)]
pub struct BounceFolder(PathBuf);

impl BounceFolder {
    /// Uses `folder`, which must be there.
    pub fn open(folder: &Path) -> io::Result<Self> {
        fs::read_dir(folder)?;
        Ok(Self(folder.to_owned()))
    }

    /// The files that are there now, at most `most`; those that are still being written have names
    /// that begin with a dot.
    pub fn files(&self, most: usize) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.0)? {
            let entry = entry?;
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if !hidden && entry.file_type()?.is_file() && files.len() < most {
                files.push(entry.path());
            }
        }
        files.sort();
        Ok(files)
    }

    /// The beginning of a file.
    pub fn read(&self, file: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        fs::File::open(file)?.take(LIMIT).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Takes a file away: it holds addresses, and has been dealt with.
    pub fn remove(&self, file: &Path) -> io::Result<()> {
        fs::remove_file(file)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bounce, bounce};

    fn report(status: &str, returned: &str) -> String {
        format!(
            "From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report;\r\n\
             \treport-type=delivery-status; boundary=\"b1\"\r\n\r\nThis is a MIME message.\r\n\r\n\
             --b1\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n\r\n--b1\r\n\
             Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
             Final-Recipient: rfc822; tom@example.org\r\n{status}\r\n\r\n--b1\r\n\
             Content-Type: {returned}\r\n\r\nReceived: from kith\r\n\
             List-Unsubscribe:\r\n <https://kith.example/stop/7f/AbC-_9>\r\nSubject: x\r\n\r\nbody\r\n\
             --b1--\r\n"
        )
    }

    const FAILED: &str = "Action: failed\r\nStatus: 5.1.1";

    #[test]
    fn a_report_names_the_mail_that_came_back() {
        let found = Bounce { mail: "7f".to_owned(), token: "AbC-_9".to_owned() };
        for returned in ["message/rfc822", "text/rfc822-headers; charset=us-ascii"] {
            let text = report(FAILED, returned);
            assert_eq!(bounce(text.as_bytes()), Some(found.clone()), "{returned}");
            assert_eq!(bounce(text.replace("\r\n", "\n").as_bytes()), Some(found.clone()));
        }
    }

    #[test]
    fn what_is_tried_again_and_what_is_no_report_is_nothing() {
        for status in [
            "Action: delayed\r\nStatus: 4.4.1",
            "Action: failed\r\nStatus: 4.4.7",
            "Action: relayed\r\nStatus: 2.1.5",
            "Action: delayed\r\nStatus: 5.0.0",
        ] {
            assert_eq!(bounce(report(status, "message/rfc822").as_bytes()), None, "{status}");
        }
        let good = report(FAILED, "message/rfc822");
        for other in [
            good.replace("multipart/report", "multipart/mixed"),
            good.replace("List-Unsubscribe", "X-Other"),
            good.replace("/stop/", "/s/"),
            good.replace("boundary=\"b1\"", "x=1"),
            good.replace("message/delivery-status", "text/plain"),
            "Subject: hello\r\n\r\nhello".to_owned(),
            String::new(),
        ] {
            assert_eq!(bounce(other.as_bytes()), None, "{other}");
        }
        assert_eq!(bounce(&[0xFF; 64]), None);
    }

    proptest::proptest! {
        #[test]
        fn anything_is_answered(bytes in proptest::collection::vec(0_u8.., 0..400)) {
            let mut text = report(FAILED, "message/rfc822").into_bytes();
            drop(bounce(&bytes));
            text.splice(40..60, bytes);
            drop(bounce(&text));
        }
    }
}

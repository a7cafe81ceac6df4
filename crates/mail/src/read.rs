//! Reads mails that [`render`](crate::render()) wrote: for the demo's mailbox and for tests.
//!
//! Not a mail parser: it knows the shape of our own mails and nothing else.

use crate::link::Link;

/// A mail, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadMail {
    /// Headers in their order, unfolded.
    pub headers: Vec<(String, String)>,
    /// The text part.
    pub text: String,
    /// The HTML part.
    pub html: String,
    /// The calendar part, with its lines as they are (RFC 5545).
    pub calendar: Option<String>,
}

impl ReadMail {
    /// Value of the first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The link that stands on a line of its own in the text part.
    pub fn link(&self) -> Option<Link> {
        self.text.lines().find_map(|line| Link::parse(line.trim()).ok())
    }
}

/// Decodes a mail. `None` for anything of another shape.
pub fn read(bytes: &[u8]) -> Option<ReadMail> {
    let mail = core::str::from_utf8(bytes).ok()?;
    let (head, body) = mail.split_once("\r\n\r\n")?;
    let headers = headers(head);
    let mut decoded =
        ReadMail { headers, text: String::new(), html: String::new(), calendar: None };
    let (_, boundary) = decoded.header("Content-Type")?.split_once("boundary=\"")?;
    let (boundary, _) = boundary.split_once('"')?;
    let boundary = format!("--{boundary}");
    let mut parts = body.split(&boundary).skip(1);
    decoded.text = part(parts.next()?, "text/plain")?;
    decoded.html = part(parts.next()?, "text/html")?;
    decoded.calendar = parts
        .next()
        .and_then(|last| part(last, "text/calendar"))
        .map(|text| text.replace('\n', "\r\n"));
    Some(decoded)
}

fn headers(head: &str) -> Vec<(String, String)> {
    head.replace("\r\n ", " ")
        .lines()
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn part(part: &str, content_type: &str) -> Option<String> {
    let (head, body) = part.strip_prefix("\r\n")?.split_once("\r\n\r\n")?;
    let headers = headers(head);
    let header = |name: &str| {
        headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    };
    if !header("Content-Type")?.starts_with(content_type) {
        return None;
    }
    let body = body.strip_suffix("\r\n").unwrap_or(body);
    let body = match header("Content-Transfer-Encoding")?.as_str() {
        "7bit" => body.to_owned(),
        "quoted-printable" => quoted_printable(body)?,
        _ => return None,
    };
    Some(body.replace("\r\n", "\n"))
}

/// RFC 2045 section 6.7.
pub(crate) fn quoted_printable(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let joined = text.replace("=\r\n", "");
    let mut rest = joined.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'=' {
            bytes.push(*first);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        let digits = core::str::from_utf8(digits).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::{quoted_printable, read};

    #[test]
    fn quoted_printable_is_undone() {
        assert_eq!(quoted_printable("Zo=C3=AB =3D =\r\nx").as_deref(), Some("Zoë = x"));
        assert_eq!(quoted_printable("=C3"), None);
        assert_eq!(quoted_printable("=ZZ"), None);
        assert_eq!(quoted_printable("="), None);
    }

    #[test]
    fn other_shapes_are_nothing() {
        for bytes in [&b""[..], b"\xff", b"Subject: x\r\n\r\nbody", b"a\r\n\r\n"] {
            assert_eq!(read(bytes), None);
        }
    }
}

//! From a message to bytes: the same bytes each time.

use std::time::{Duration, SystemTime};

use askama::Template;
use kith_domain::{EmailAddress, Timestamp};
use lettre::Address;
use lettre::message::header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue};
use lettre::message::{Body, Mailbox, MultiPart, SinglePart};

use crate::calendar::{self, Appointment, Between};
use crate::english;
use crate::link::Link;
use crate::message::Message;

/// The sender's name. An organisation's would say in every inbox what the mail is about.
const FROM_NAME: &str = "Kith";
/// Longest line of the text part, in characters; a line that holds a link may be longer.
const COLUMNS: usize = 72;

/// All that a mail holds beside its words. Fixed at the first attempt and kept, so that every
/// attempt sends the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// Left side of the Message-ID: 8 to 64 letters and digits that follow from the row.
    pub message_id: String,
    /// When it was first tried.
    pub date: Timestamp,
    /// MIME boundary: 16 to 60 letters and digits.
    pub boundary: String,
    /// The one recipient.
    pub to: EmailAddress,
    /// The service's own address; its domain is also that of the Message-ID.
    pub from: EmailAddress,
    /// A mailbox that somebody reads.
    pub reply_to: Option<EmailAddress>,
    /// Where one click ends these mails (RFC 8058). Needed for every message that
    /// [`Message::has_unsubscribe`]; left out of the others.
    pub unsubscribe: Option<Link>,
    /// Where one chooses which mails come, and when. Needed where `unsubscribe` is.
    pub settings: Option<Link>,
    /// What the mail does to the recipient's calendar; nothing, if empty.
    pub calendar: Vec<Appointment>,
}

/// Why a mail could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// An address that cannot stand in a header.
    #[error("an address cannot be written into a mail")]
    Address,
    /// Message-ID, boundary or the UID of an appointment.
    #[error("message id, boundary or uid has another form than letters and digits")]
    Stamp,
    /// A code that is not six digits.
    #[error("a code has six digits")]
    Code,
    /// A mail that must have them lacks the link to unsubscribe, or that to the choice of mails.
    #[error("this mail needs links to fewer mails and to none")]
    NoUnsubscribe,
    /// One of those leads somewhere else than the mail's own link.
    #[error("the links of a mail lead to different hosts")]
    TwoHosts,
    /// A bug of a template.
    #[error("the mail could not be put together")]
    Template,
}

#[derive(Template)]
#[template(path = "mail.txt")]
struct TextPart<'a> {
    heading: &'a str,
    before: &'a [String],
    block: &'a [String],
    button: &'a str,
    link: &'a str,
    after: &'a [String],
    footer: &'a str,
    fewer: &'a str,
    settings: &'a str,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct HtmlPart<'a> {
    language: &'a str,
    subject: &'a str,
    preview: &'a str,
    heading: &'a str,
    before: &'a [String],
    block: &'a [String],
    button: &'a str,
    link: &'a str,
    after: &'a [String],
    footer: &'a str,
    fewer: &'a str,
    settings: &'a str,
}

/// Puts a mail together, ready for [`Transport::deliver`](crate::Transport::deliver).
pub fn render(message: &Message, stamp: &Stamp) -> Result<Vec<u8>, RenderError> {
    check(message, stamp)?;
    let subject = english::subject(message.subject());
    let (text, html) = parts(message, stamp, &subject)?;

    let domain = stamp.from.domain();
    let seconds = u64::try_from(stamp.date.as_second()).map_err(|_| RenderError::Stamp)?;
    let mut builder = lettre::Message::builder()
        .date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
        .raw_header(plain("Message-ID", format!("<{}@{domain}>", stamp.message_id)))
        .from(Mailbox::new(Some(FROM_NAME.to_owned()), address(&stamp.from)?))
        .to(Mailbox::new(None, address(&stamp.to)?))
        .subject(subject);
    if let Some(reply_to) = &stamp.reply_to {
        builder = builder.reply_to(Mailbox::new(None, address(reply_to)?));
    }
    // RFC 3834: no automatic answers.
    builder = builder.raw_header(plain("Auto-Submitted", "auto-generated".to_owned()));
    if let Some(link) = stamp.unsubscribe.as_ref().filter(|_| message.has_unsubscribe()) {
        builder = builder
            .raw_header(plain("List-Unsubscribe", format!("<{}>", link.as_str())))
            .raw_header(plain("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
    }
    let mut body = MultiPart::alternative()
        .boundary(stamp.boundary.as_str())
        .singlepart(part(ContentType::TEXT_PLAIN, &text))
        .singlepart(part(ContentType::TEXT_HTML, &html));
    if !stamp.calendar.is_empty() {
        body = body.singlepart(calendar_part(stamp)?);
    }
    let mail = builder.multipart(body).map_err(|_| RenderError::Address)?;
    Ok(mail.formatted())
}

fn check(message: &Message, stamp: &Stamp) -> Result<(), RenderError> {
    let is_plain = |text: &str, least: usize, most: usize| {
        (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    if !stamp.calendar.iter().all(|appointment| is_plain(&appointment.uid, 16, 64)) {
        return Err(RenderError::Stamp);
    }
    if !is_plain(&stamp.message_id, 8, 64)
        || !is_plain(&stamp.boundary, 16, 60)
        || !stamp.from.domain().is_ascii()
    {
        return Err(RenderError::Stamp);
    }
    if let Message::SignInCode { code, .. } | Message::AddressCode { code, .. } = message
        && !(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(RenderError::Code);
    }
    for link in [&stamp.unsubscribe, &stamp.settings] {
        match link {
            None if message.has_unsubscribe() => return Err(RenderError::NoUnsubscribe),
            Some(link) if link.host() != message.link().host() => {
                return Err(RenderError::TwoHosts);
            }
            _ => {}
        }
    }
    Ok(())
}

/// The text part and the HTML part, before encoding.
fn parts(message: &Message, stamp: &Stamp, subject: &str) -> Result<(String, String), RenderError> {
    let words = english::wording(message);
    let link = message.link().as_str();
    let settings = stamp.settings.as_ref().filter(|_| message.has_unsubscribe());
    let settings = settings.map_or("", Link::as_str);
    let wrapped = |lines: &[String]| lines.iter().map(|line| wrap(line)).collect::<Vec<_>>();
    let text = TextPart {
        heading: &wrap(&words.heading),
        before: &wrapped(&words.before),
        block: &words.block.iter().map(|line| indented(line)).collect::<Vec<_>>(),
        button: words.button,
        link,
        after: &wrapped(&words.after),
        footer: &wrap(&words.footer),
        fewer: english::FEWER,
        settings,
    };
    let html = HtmlPart {
        language: english::LANGUAGE,
        subject,
        preview: english::PREVIEW,
        heading: &words.heading,
        before: &words.before,
        block: &words.block,
        button: words.button,
        link,
        after: &words.after,
        footer: &words.footer,
        fewer: english::FEWER,
        settings,
    };
    Ok((
        text.render().map_err(|_| RenderError::Template)?,
        html.render().map_err(|_| RenderError::Template)?,
    ))
}

/// RFC 6047 section 2.4: the method stands in the type as well.
fn calendar_part(stamp: &Stamp) -> Result<SinglePart, RenderError> {
    let method = calendar::method(&stamp.calendar);
    let content_type =
        ContentType::parse(&format!("text/calendar; charset=utf-8; method={method}"))
            .map_err(|_| RenderError::Template)?;
    let between = Between { organizer: &stamp.from, attendee: Some(&stamp.to) };
    let text = calendar::in_mail(&stamp.calendar, between, stamp.date).into_bytes();
    // What is not plain letters in an address was percent-encoded.
    let body = Body::dangerous_pre_encoded(text, ContentTransferEncoding::SevenBit);
    Ok(SinglePart::builder().header(content_type).body(body))
}

fn part(content_type: ContentType, body: &str) -> SinglePart {
    let body = body.replace('\n', "\r\n");
    // Seven bits wherever possible: nothing on the way has a reason to touch it, and it can be
    // read as it is. lettre would encode lines of more than 76 letters; RFC 5322 allows 998.
    let seven_bit = body.is_ascii() && body.lines().all(|line| line.len() <= 998);
    let body = if seven_bit {
        Body::dangerous_pre_encoded(body.into_bytes(), ContentTransferEncoding::SevenBit)
    } else {
        Body::new_with_encoding(body.into_bytes(), ContentTransferEncoding::QuotedPrintable)
            .unwrap_or_else(Body::new)
    };
    SinglePart::builder().header(content_type).body(body)
}

/// A header whose value is plain letters, and is not to be folded or encoded.
fn plain(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::dangerous_new_pre_encoded(
        HeaderName::new_from_ascii_str(name),
        value.clone(),
        value,
    )
}

fn address(address: &EmailAddress) -> Result<Address, RenderError> {
    address.as_str().parse().map_err(|_| RenderError::Address)
}

/// A line that stands out, two columns in; broken where it is too long.
fn indented(line: &str) -> String {
    wrap_to(line, COLUMNS - 2).replace('\n', "\n  ")
}

fn wrap(paragraph: &str) -> String {
    wrap_to(paragraph, COLUMNS)
}

/// Breaks a paragraph at spaces. A single longer word keeps a line of its own.
fn wrap_to(paragraph: &str, columns: usize) -> String {
    let mut lines = String::with_capacity(paragraph.len() + 8);
    let mut column = 0;
    for word in paragraph.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > columns {
            lines.push('\n');
            column = 0;
        } else if column > 0 {
            lines.push(' ');
            column += 1;
        }
        lines.push_str(word);
        column += length;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{COLUMNS, wrap};

    #[test]
    fn paragraphs_break_at_spaces_within_the_columns() {
        let words = "some words of a sentence that goes on for rather longer than one line of \
                     seventy-two columns, and then for a second line as well, and after that for the better part of a \
                     third.";
        let wrapped = wrap(words);
        assert!(wrapped.lines().all(|line| line.chars().count() <= COLUMNS));
        assert_eq!(wrapped.lines().count(), 3);
        assert_eq!(wrapped.replace('\n', " "), words);
        assert_eq!(wrap("short"), "short");
        let long = "x".repeat(100);
        assert_eq!(wrap(&format!("a {long} b")), format!("a\n{long}\nb"));
    }
}

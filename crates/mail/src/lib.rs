//! Mails: their words, their bytes, and handing them over.
//!
//! A [`Message`] holds everything a mail may say and has no room for anything else: no name or
//! address of the patient, no health, no free text, nobody else's name but an inviter's own.
//! [`render()`] turns it into bytes that are the same each time; a [`Transport`] hands them over.

pub mod bounce;
pub mod calendar;
pub mod capture;
mod english;
pub mod link;
pub mod message;
pub mod read;
pub mod relay;
pub mod relay_config;
pub mod render;
mod reply;
mod tls;
pub mod transport;

pub use calendar::{Appointment, Says};
pub use capture::{Capture, CapturedMail};
pub use link::{Link, LinkError};
pub use message::{
    DigestItem, Figures, Gap, Lacks, Message, NamedAs, NatureName, NatureNameError, QuietAbout,
    SlotTimes, Subject,
};
pub use relay::{Limits, Relay};
pub use relay_config::{Login, RelayConfig, RelayConfigError, Security};
pub use render::{RenderError, Stamp, render};
pub use transport::{Accepted, DeliveryError, Reason, Transport};

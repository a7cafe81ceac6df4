//! The links that mails hold. Their tokens follow from the row, so that a mail that is sent again
//! holds the same link and nothing of it is stored.

use kith_domain::ids::{CircleId, MailId, WelcomeId};
use kith_mail::{Link, LinkError};
use kith_store::Organisation;
use kith_vault::{Token, Vault, token_hash};

/// Makes the links of one organisation's mails.
pub(crate) struct Links<'a> {
    base: String,
    vault: &'a Vault,
}

/// What every link of an organisation starts with: the configured address, with the organisation's
/// own host where it has one.
pub(crate) fn base_of(base_url: &str, organisation: &Organisation) -> String {
    let (scheme, authority) = base_url.split_once("://").unwrap_or(("https", base_url));
    let host = authority.split_once(':').map_or(authority, |(host, _)| host);
    match &organisation.host {
        Some(own) if own != host => format!("{scheme}://{own}"),
        _ => base_url.to_owned(),
    }
}

/// The token of the link to a slot in this mail.
pub(crate) fn slot_token(vault: &Vault, mail: MailId) -> Token {
    vault.link_token("slot", mail.as_uuid(), 0)
}

/// The token of the link in this mail that stops all mails to its person.
pub(crate) fn stop_token(vault: &Vault, mail: MailId) -> Token {
    vault.link_token("stop", mail.as_uuid(), 0)
}

/// The token of the link in this mail that opens its person's choice of mails.
pub(crate) fn settings_token(vault: &Vault, mail: MailId) -> Token {
    vault.link_token("settings", mail.as_uuid(), 0)
}

/// Whether `token` is the right one. Comparing hashes says nothing about how much of a guess was
/// right.
pub(crate) fn is_token(token: &str, right: &Token) -> bool {
    token_hash(token) == token_hash(right.as_str())
}

impl<'a> Links<'a> {
    pub(crate) fn new(base_url: &str, organisation: &Organisation, vault: &'a Vault) -> Self {
        Self { base: base_of(base_url, organisation), vault }
    }

    pub(crate) fn slot(&self, mail: MailId) -> Result<Link, LinkError> {
        self.to(&format!("/s/{mail}/{}", slot_token(self.vault, mail).as_str()))
    }

    pub(crate) fn stop(&self, mail: MailId) -> Result<Link, LinkError> {
        self.to(&format!("/stop/{mail}/{}", stop_token(self.vault, mail).as_str()))
    }

    pub(crate) fn settings(&self, mail: MailId) -> Result<Link, LinkError> {
        self.to(&format!("/e-mails/{mail}/{}", settings_token(self.vault, mail).as_str()))
    }

    pub(crate) fn invitation(&self, welcome: WelcomeId) -> Result<Link, LinkError> {
        let token = self.vault.link_token("welcome", welcome.as_uuid(), 0);
        self.to(&format!("/i/{}", token.as_str()))
    }

    pub(crate) fn sign_in(&self, token: &Token) -> Result<Link, LinkError> {
        self.to(&format!("/sign-in/link/{}", token.as_str()))
    }

    pub(crate) fn rota(&self) -> Result<Link, LinkError> {
        self.to("/me/rota")
    }

    pub(crate) fn concerns(&self) -> Result<Link, LinkError> {
        self.to("/h/concerns")
    }

    pub(crate) fn own_address(&self) -> Result<Link, LinkError> {
        self.to("/me/address")
    }

    pub(crate) fn help(&self) -> Result<Link, LinkError> {
        self.to("/help")
    }

    pub(crate) fn hospice(&self) -> Result<Link, LinkError> {
        self.to("/h")
    }

    pub(crate) fn health(&self) -> Result<Link, LinkError> {
        self.to("/health/ready")
    }

    pub(crate) fn circle(&self, circle: CircleId) -> Result<Link, LinkError> {
        self.to(&format!("/c/{circle}/"))
    }

    pub(crate) fn asking(&self, circle: CircleId) -> Result<Link, LinkError> {
        self.to(&format!("/c/{circle}/people/asking"))
    }

    fn to(&self, path: &str) -> Result<Link, LinkError> {
        Link::parse(&format!("{}{path}", self.base))
    }
}

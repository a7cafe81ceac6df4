//! Mails that came back: reports in a folder mark the address, so that the patient, the carers and
//! the hospice see that mail does not arrive, and ring.

use kith_domain::ids::MailId;
use kith_mail::bounce::{Bounce, BounceFolder, bounce};

use crate::outbox::links::{is_token, stop_token};
use crate::{App, Failure};

/// Reports read in one look.
const AT_ONCE: usize = 100;

impl App {
    /// Reads the reports in a folder and takes them away. Says how many mails came back.
    ///
    /// # Errors
    ///
    /// When the database or the folder does not answer. The next look finds the same files.
    pub async fn take_bounces(&self, folder: &BounceFolder) -> Result<u32, Failure> {
        let broken = |_| Failure::Internal("the folder of bounces".to_owned());
        let mut came_back = 0;
        for file in folder.files(AT_ONCE).map_err(broken)? {
            let bytes = folder.read(&file).map_err(broken)?;
            if let Some(report) = bounce(&bytes) {
                came_back += u32::from(self.bounced(&report).await?);
            }
            // Whatever else somebody sends there is for nobody.
            folder.remove(&file).map_err(broken)?;
        }
        Ok(came_back)
    }

    /// Marks the mail of a report and the address that it went to. `false` for one that is not of ours.
    pub async fn bounced(&self, report: &Bounce) -> Result<bool, Failure> {
        let Ok(id) = report.mail.parse::<MailId>() else { return Ok(false) };
        if !is_token(&report.token, &stop_token(&self.vault, id)) {
            return Ok(false);
        }
        let now = self.now();
        for organisation in self.store.organisations().await? {
            let marked = self
                .store
                .transact(organisation.id, async |unit| {
                    let mail = unit.mail(id).await?;
                    // A code went to an address that somebody typed, and word of a change to one that
                    // its person has no more.
                    match mail.filter(|mail| !mail.kind.is_security()) {
                        Some(_) => unit.mail_came_back(id, now).await.map(Some),
                        None => Ok(None),
                    }
                })
                .await?;
            if let Some(marked) = marked {
                if marked {
                    tracing::warn!(mail = %id, "a mail came back");
                }
                return Ok(marked);
            }
        }
        Ok(false)
    }
}

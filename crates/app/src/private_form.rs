//! Writing the private page, the address, and who to call: one part at a time, so that only what
//! is changed becomes a new version.

use kith_domain::ids::CircleId;
use kith_domain::{Category, LongText, Note, TextError};
use kith_policy::{Amend, Changes, Disclose, Erase, Permit};
use kith_vault::Field;

use crate::App;
use crate::about::{About, SealedAbout};
use crate::failure::{Failure, What};
use crate::visit::{Receipt, Visit};

/// One text that the patient or carer writes about the patient.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrivatePart {
    /// Care and comfort.
    Comfort,
    /// What matters.
    Matters,
    /// Who to call.
    Help,
    /// How to get in.
    Entry,
    /// Where the patient lives.
    Address,
}

impl PrivatePart {
    /// Every part, in the order of the page.
    pub const ALL: &'static [Self] =
        &[Self::Comfort, Self::Matters, Self::Help, Self::Entry, Self::Address];

    /// The word for it in addresses of pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Comfort => "comfort",
            Self::Matters => "matters",
            Self::Help => "help",
            Self::Entry => "entry",
            Self::Address => "address",
        }
    }

    /// The part of a word. `None` for any other word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|part| part.as_str() == word)
    }

    /// What kind of information it is.
    pub const fn category(self) -> Category {
        self.field().category()
    }

    const fn field(self) -> Field {
        match self {
            Self::Comfort => Field::CareComfort,
            Self::Matters => Field::CareMatters,
            Self::Help => Field::Help,
            Self::Entry => Field::Entry,
            Self::Address => Field::Address,
        }
    }

    /// Checks what was typed: 500 characters for the short ones, 4,000 for the others.
    fn parse(self, typed: &str) -> Result<String, TextError> {
        match self {
            Self::Entry | Self::Address => Note::parse(typed).map(|text| text.as_str().to_owned()),
            Self::Comfort | Self::Matters | Self::Help => {
                LongText::parse(typed).map(|text| text.as_str().to_owned())
            }
        }
    }
}

/// The form for one part.
#[derive(Clone, Debug)]
pub struct PrivateForm {
    /// The circle and the reader.
    pub about: About,
    /// The part.
    pub part: PrivatePart,
    /// The text as it is; none for "Nothing here yet".
    pub text: Option<String>,
}

impl App {
    /// The form for one part, with the text as it is: an opening like any other, and recorded.
    ///
    /// # Errors
    ///
    /// [`Failure::StepUp`] where it is not sure who asks; [`Failure::NotHere`] for whoever may not
    /// change it.
    pub async fn private_form(
        &self,
        visit: &Visit,
        circle: CircleId,
        part: PrivatePart,
    ) -> Result<PrivateForm, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let content = snapshot.content(circle, part.field(), circle.as_uuid()).await?;
        snapshot.end().await?;
        let _: Permit<'_, Amend> = inside.permit(part.category()).await?;
        let permit = inside.permit::<Disclose>(part.category()).await?;
        let key = inside.key()?;
        let text = inside.open(&permit, &key, content.as_ref())?;
        let (about, _) = about.open(&inside, &key).await?;
        Ok(PrivateForm { about, part, text })
    }

    /// Saves one part as a new version with its author. An empty text destroys every version of
    /// it.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the field `text`; [`Failure::StepUp`] where it is not sure who
    /// asks; [`Failure::NotHere`] for whoever may not change it.
    pub async fn save_private(
        &self,
        visit: &Visit,
        circle: CircleId,
        part: PrivatePart,
        text: &str,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "save-private").await?;
        snapshot.end().await?;
        let text = match part.parse(text) {
            Ok(text) => text,
            Err(TextError::Missing) => {
                // For what has no erasing of its own, writing nothing is writing.
                return if matches!(part.category(), Category::Care | Category::Entry) {
                    let permit = inside.permit::<Erase>(part.category()).await?;
                    self.empty(visit, &permit, circle, part, receipt, done.is_some()).await
                } else {
                    let permit = inside.permit::<Amend>(part.category()).await?;
                    self.empty(visit, &permit, circle, part, receipt, done.is_some()).await
                };
            }
            Err(error) => {
                let _: Permit<'_, Amend> = inside.permit(part.category()).await?;
                return Err(Failure::field("text", What::Text(error)));
            }
        };
        let permit = inside.permit::<Amend>(part.category()).await?;
        if done.is_some() {
            return Ok(());
        }
        let author = inside.own_place()?.membership;
        let sealed = inside.seal(&permit, &inside.key()?, part.field(), &text)?;
        let now = visit.now();
        self.store
            .change(&permit, async |unit| {
                unit.keep_receipt(receipt.0, "save-private", "done", now).await?;
                unit.put_content(circle, circle.as_uuid(), Some(author), sealed, now).await?;
                Ok(())
            })
            .await
    }

    async fn empty<A: Changes>(
        &self,
        visit: &Visit,
        permit: &Permit<'_, A>,
        circle: CircleId,
        part: PrivatePart,
        receipt: Receipt,
        done: bool,
    ) -> Result<(), Failure> {
        if done {
            return Ok(());
        }
        self.store
            .change(permit, async |unit| {
                unit.keep_receipt(receipt.0, "save-private", "done", visit.now()).await?;
                unit.erase_content(circle, part.field(), circle.as_uuid()).await?;
                Ok(())
            })
            .await
    }
}

//! Writing the private page, the address, and who to call: only what is changed becomes a new
//! version.

use kith_domain::ids::{CircleId, MembershipId};
use kith_domain::{Category, LongText, Note, TextError};
use kith_policy::{Amend, Changes, Disclose, Erase, List, Permit};
use kith_vault::{Field, Sealed};

use crate::App;
use crate::about::{About, SealedAbout};
use crate::failure::{Failure, Problems, What};
use crate::private_page::{WhoSees, who_sees};
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

/// The form for what a reader may change about the patient.
#[derive(Clone, Debug)]
pub struct PrivateForm {
    /// The circle and the reader.
    pub about: About,
    /// The parts that the reader may change with their texts as they are; how to get in is not
    /// opened for a form, and has none.
    pub parts: Vec<(PrivatePart, Option<String>)>,
    /// Something is written about getting in.
    pub has_entry: bool,
    /// Who can see the private page; for those who may see the list of people.
    pub who_sees: Option<Vec<WhoSees>>,
}

/// What is done to one part, with the permit for it.
enum Step<'v> {
    Write(Permit<'v, Amend>, Sealed),
    Empty(Permit<'v, Amend>, PrivatePart),
    Erase(Permit<'v, Erase>, PrivatePart),
}

/// Who saves, where, and once.
struct Saving<'a> {
    visit: &'a Visit,
    circle: CircleId,
    author: MembershipId,
    receipt: Receipt,
}

impl App {
    /// The form for every part that the reader may change, with the texts as they are: an opening
    /// like any other, and recorded.
    ///
    /// # Errors
    ///
    /// [`Failure::StepUp`] where it is not sure who asks; [`Failure::NotHere`] for whoever may
    /// change nothing of it.
    pub async fn private_form(
        &self,
        visit: &Visit,
        circle: CircleId,
    ) -> Result<PrivateForm, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let mut contents = Vec::new();
        for part in PrivatePart::ALL {
            contents.push((*part, snapshot.content(circle, part.field(), circle.as_uuid()).await?));
        }
        let members = snapshot.members(circle).await?;
        let granted = snapshot.granted(circle, visit.now()).await?;
        snapshot.end();
        let has_entry =
            contents.iter().any(|(part, content)| *part == PrivatePart::Entry && content.is_some());
        contents.retain(|(part, _)| inside.would::<Amend>(part.category()));
        if contents.is_empty() {
            // Until the own number is given, whoever may change nothing is told what whoever may
            // change the private page is told.
            let _: Permit<'_, Amend> = inside.permit(Category::Care).await?;
            return Err(Failure::NotHere);
        }
        let key = inside.key()?;
        let mut parts = Vec::with_capacity(contents.len());
        for (part, content) in contents {
            let _: Permit<'_, Amend> = inside.permit(part.category()).await?;
            let text = if part == PrivatePart::Entry {
                None
            } else {
                let permit = inside.permit::<Disclose>(part.category()).await?;
                inside.open(&permit, &key, content.as_ref())?
            };
            parts.push((part, text));
        }
        let (about, names) = about.open(&inside, &key).await?;
        let who_sees = inside
            .may::<List>(Category::People)
            .then(|| who_sees(&inside, &names, &members, &granted));
        Ok(PrivateForm { about, parts, has_entry, who_sees })
    }

    /// Saves what was changed, all of it or nothing: each part as a new version with its author.
    /// An empty text destroys every version of its part.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] with the words of the parts as fields; [`Failure::StepUp`] where it is
    /// not sure who asks; [`Failure::NotHere`] for whoever may not change one of them.
    pub async fn save_private(
        &self,
        visit: &Visit,
        circle: CircleId,
        changed: &[(PrivatePart, &str)],
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "save-private").await?;
        snapshot.end();
        let mut problems = Problems::default();
        let mut steps = Vec::with_capacity(changed.len());
        for (part, typed) in changed {
            let category = part.category();
            steps.push(match part.parse(typed) {
                Ok(text) => {
                    let permit = inside.permit::<Amend>(category).await?;
                    let sealed = inside.seal(&permit, &inside.key()?, part.field(), &text)?;
                    Step::Write(permit, sealed)
                }
                // For what has no erasing of its own, writing nothing is writing.
                Err(TextError::Missing) if matches!(category, Category::Care | Category::Entry) => {
                    Step::Erase(inside.permit(category).await?, *part)
                }
                Err(TextError::Missing) => Step::Empty(inside.permit(category).await?, *part),
                Err(error) => {
                    let _: Permit<'_, Amend> = inside.permit(category).await?;
                    problems.add(part.as_str(), What::Text(error));
                    continue;
                }
            });
        }
        problems.check()?;
        let Some((first, further)) = steps.split_first() else { return Ok(()) };
        if done.is_some() {
            return Ok(());
        }
        let author = inside.own_place()?.membership;
        let saving = Saving { visit, circle, author, receipt };
        match first {
            Step::Write(permit, _) | Step::Empty(permit, _) => {
                self.save_steps(permit, first, further, &saving).await
            }
            Step::Erase(permit, _) => self.save_steps(permit, first, further, &saving).await,
        }
    }

    async fn save_steps<A: Changes>(
        &self,
        permit: &Permit<'_, A>,
        first: &Step<'_>,
        further: &[Step<'_>],
        saving: &Saving<'_>,
    ) -> Result<(), Failure> {
        let Saving { visit, circle, author, receipt } = *saving;
        self.store
            .change(permit, async |unit| {
                unit.keep_receipt(receipt.0, "save-private", "done", visit.now()).await?;
                for step in further {
                    match step {
                        Step::Write(further, _) | Step::Empty(further, _) => {
                            unit.also(permit, further).await?;
                        }
                        Step::Erase(further, _) => unit.also(permit, further).await?,
                    }
                }
                for step in std::iter::once(first).chain(further) {
                    match step {
                        Step::Write(_, sealed) => {
                            let (subject, sealed) = (circle.as_uuid(), sealed.clone());
                            let (by, now) = (Some(author), visit.now());
                            unit.put_content(circle, subject, by, sealed, now).await?;
                        }
                        Step::Empty(_, part) | Step::Erase(_, part) => {
                            unit.erase_content(circle, part.field(), circle.as_uuid()).await?;
                        }
                    }
                }
                Ok(())
            })
            .await
    }
}

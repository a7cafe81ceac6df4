//! News of how the patient is, and kind words.

use kith_domain::ids::{CircleId, ContentId};
use kith_domain::{Category, LongText, Timestamp};
use kith_policy::{Amend, Contribute, Disclose, Permit, Writes};
use kith_store::{Content, Reader, StoreError};
use kith_vault::{Field, OwnerKey};

use crate::App;
use crate::about::{About, Names, SealedAbout};
use crate::failure::{Failure, Problems};
use crate::gate::Inside;
use crate::visit::{Receipt, Visit};

/// Texts on one page.
const PAGE: usize = 20;
/// Texts of each kind that are read for one page: a few more, for those of one second.
const READ: u32 = 40;

/// A text with its author.
#[derive(Clone, Debug)]
pub struct Words {
    /// Its id, for taking it away.
    pub id: ContentId,
    /// News of the patient, or a kind word.
    pub kind: WordsKind,
    /// The text.
    pub text: String,
    /// First name of the author, if the reader may see it.
    pub by: Option<String>,
    /// The reader wrote it.
    pub is_own: bool,
    /// When it was written.
    pub at: Timestamp,
    /// The reader may take it away.
    pub may_erase: bool,
}

/// What kind of text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordsKind {
    /// How the patient is.
    News,
    /// A kind word.
    KindWord,
}

/// A page of news and kind words.
#[derive(Clone, Debug)]
pub struct NewsPage {
    /// The circle and the reader.
    pub about: About,
    /// Newest first.
    pub words: Vec<Words>,
    /// Pass it to see what is older, when there is more.
    pub older: Option<Timestamp>,
    /// The reader may tell the circle.
    pub may_tell: bool,
    /// The reader may add a kind word.
    pub may_add: bool,
}

impl App {
    /// News and kind words written before `before`, newest first. Recorded.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] for whoever may not see news.
    pub async fn news(
        &self,
        visit: &Visit,
        circle: CircleId,
        before: Option<Timestamp>,
    ) -> Result<NewsPage, Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let about = SealedAbout::read(&snapshot, circle).await?;
        let mut contents = snapshot.contents_before(circle, Field::News, before, READ).await?;
        contents.extend(snapshot.contents_before(circle, Field::KindWord, before, READ).await?);
        snapshot.end();

        let permit = inside.permit::<Disclose>(Category::News).await?;
        contents.sort_by_key(|content| std::cmp::Reverse(content.at));
        let older = cut(&mut contents);
        let key = inside.key()?;
        let (about, names) = about.open(&inside, &key).await?;
        Ok(NewsPage {
            about,
            words: open_words(&inside, &permit, &key, &names, &contents)?,
            older,
            may_tell: inside.may::<Amend>(Category::News),
            may_add: inside.may::<Contribute>(Category::News),
        })
    }

    /// Tells the circle how the patient is.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the field `news`; [`Failure::NotHere`] for whoever may not.
    pub async fn tell_circle(
        &self,
        visit: &Visit,
        circle: CircleId,
        text: &str,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "tell-circle").await?;
        snapshot.end();
        let permit = inside.permit::<Amend>(Category::News).await?;
        if done.is_some() {
            return Ok(());
        }
        self.write_words(&inside, &permit, Field::News, text, Form(receipt, "tell-circle")).await
    }

    /// Adds a kind word.
    ///
    /// # Errors
    ///
    /// [`Failure::Invalid`] for the field `kind_word`; [`Failure::NotHere`] for whoever may not.
    pub async fn add_kind_word(
        &self,
        visit: &Visit,
        circle: CircleId,
        text: &str,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "kind-word").await?;
        snapshot.end();
        let permit = inside.permit::<Contribute>(Category::News).await?;
        if done.is_some() {
            return Ok(());
        }
        self.write_words(&inside, &permit, Field::KindWord, text, Form(receipt, "kind-word")).await
    }

    /// Takes a text away: the author's own, or any when the reader may tell the circle.
    ///
    /// # Errors
    ///
    /// [`Failure::NotHere`] when there is no such text for this reader to take away.
    pub async fn erase_words(
        &self,
        visit: &Visit,
        circle: CircleId,
        id: ContentId,
        receipt: Receipt,
    ) -> Result<(), Failure> {
        let (snapshot, inside) = self.enter(visit, circle).await?;
        let done = snapshot.receipt(receipt.0, "erase-words").await?;
        let content = words_by_id(&snapshot, circle, id).await?;
        snapshot.end();
        if done.is_some() {
            return Ok(());
        }
        let own = inside.place.as_ref().map(|place| place.membership);
        if inside.may::<Amend>(Category::News) {
            let permit = inside.permit::<Amend>(Category::News).await?;
            let content = content.ok_or(Failure::NotHere)?;
            self.take_words_away(&permit, circle, content, receipt, visit.now()).await
        } else {
            let permit = inside.permit::<Contribute>(Category::News).await?;
            let content = content
                .filter(|content| own.is_some() && content.author == own)
                .ok_or(Failure::NotHere)?;
            self.take_words_away(&permit, circle, content, receipt, visit.now()).await
        }
    }

    async fn take_words_away<A: kith_policy::Changes>(
        &self,
        permit: &Permit<'_, A>,
        circle: CircleId,
        content: Content,
        receipt: Receipt,
        now: Timestamp,
    ) -> Result<(), Failure> {
        self.store
            .change(permit, async |unit| {
                unit.keep_receipt(receipt.0, "erase-words", "done", now).await?;
                unit.erase_content(circle, content.field, content.subject).await?;
                Ok(())
            })
            .await
    }

    async fn write_words<A: Writes>(
        &self,
        inside: &Inside<'_>,
        permit: &Permit<'_, A>,
        field: Field,
        text: &str,
        form: Form,
    ) -> Result<(), Failure> {
        let name = if field == Field::News { "news" } else { "kind_word" };
        let mut problems = Problems::default();
        let text = problems.text(name, LongText::parse(text));
        problems.check()?;
        let Some(text) = text else { return Ok(()) };
        let author = inside.own_place()?.membership;
        let key = inside.key()?;
        let sealed = inside.seal(permit, &key, field, text.as_str())?;
        let now = inside.now();
        self.store
            .change(permit, async |unit| {
                unit.keep_receipt(form.0.0, form.1, "done", now).await?;
                let subject = sealed.place().row;
                unit.put_content(inside.circle.id, subject, Some(author), sealed, now).await?;
                Ok(())
            })
            .await
    }
}

/// A form and what it is for.
struct Form(Receipt, &'static str);

async fn words_by_id(
    reader: &Reader,
    circle: CircleId,
    id: ContentId,
) -> Result<Option<Content>, StoreError> {
    match reader.content(circle, Field::News, id.as_uuid()).await? {
        Some(news) => Ok(Some(news)),
        None => reader.content(circle, Field::KindWord, id.as_uuid()).await,
    }
}

/// Cuts a list after a page and the rest of the page's last second; says where the next begins.
fn cut(contents: &mut Vec<Content>) -> Option<Timestamp> {
    let last = contents.get(PAGE.checked_sub(1)?)?.at;
    let keep = contents.iter().take_while(|content| content.at >= last).count();
    let more = contents.len() > keep;
    contents.truncate(keep);
    more.then_some(last)
}

/// Opens texts with their authors, in the order given.
pub(crate) fn open_words(
    inside: &Inside<'_>,
    permit: &Permit<'_, Disclose>,
    key: &OwnerKey,
    names: &Names,
    contents: &[Content],
) -> Result<Vec<Words>, Failure> {
    let me = inside.place.as_ref().map(|place| place.membership);
    let may_erase_any = inside.may::<Amend>(Category::News);
    let mut words = Vec::with_capacity(contents.len());
    for content in contents {
        let Some(text) = inside.open(permit, key, Some(content))? else { continue };
        let is_own = me.is_some() && content.author == me;
        words.push(Words {
            id: ContentId::from_uuid(content.subject),
            kind: if content.field == Field::News { WordsKind::News } else { WordsKind::KindWord },
            text,
            by: content.author.and_then(|author| names.of(author)),
            is_own,
            at: content.at,
            may_erase: may_erase_any || (is_own && inside.may::<Contribute>(Category::News)),
        });
    }
    Ok(words)
}

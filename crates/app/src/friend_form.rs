//! What a form about naming says: who, and what they may see.

use kith_domain::{Category, CategorySet, EmailAddress, PersonName, PhoneNumber, Preset};

use crate::Failure;
use crate::failure::{Problems, What};
use crate::gate::Inside;

/// What the form for naming a friend sends.
#[derive(Clone, Default)]
pub struct NameFriend {
    /// First name.
    pub name: String,
    /// Mail address; may stay empty for somebody without mail.
    pub email: String,
    /// Phone number, for their own details; may stay empty.
    pub phone: String,
    /// A word of [`Preset`], or `items`.
    pub preset: String,
    /// And how to get in.
    pub with_entry: bool,
    /// The words of the categories, when `preset` is `items`.
    pub items: Vec<String>,
    /// The mail may say the inviter's first name.
    pub says_my_name: bool,
}

impl NameFriend {
    /// Nobody is named in it.
    pub(crate) fn is_blank(&self) -> bool {
        [&self.name, &self.email, &self.phone].iter().all(|typed| typed.trim().is_empty())
    }
}

impl std::fmt::Debug for NameFriend {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NameFriend")
    }
}

/// Somebody to name, as the form said it.
pub(crate) struct Friend {
    pub(crate) name: PersonName,
    pub(crate) email: Option<EmailAddress>,
    pub(crate) phone: Option<PhoneNumber>,
    pub(crate) shares_mailbox: bool,
    pub(crate) granted: CategorySet,
    /// The invitation may say the inviter's first name.
    pub(crate) says_my_name: bool,
}

/// Names of the fields of one friend in a form.
#[derive(Clone, Copy, Debug)]
pub struct FriendFields {
    /// First name.
    pub name: &'static str,
    /// Mail address.
    pub email: &'static str,
    /// Phone number.
    pub phone: &'static str,
}

/// The fields of the friends who are named in one go, in their order. The first are those of a form
/// for one.
pub const FRIEND_FIELDS: [FriendFields; 6] = [
    FriendFields { name: "name", email: "email", phone: "phone" },
    FriendFields { name: "name_2", email: "email_2", phone: "phone_2" },
    FriendFields { name: "name_3", email: "email_3", phone: "phone_3" },
    FriendFields { name: "name_4", email: "email_4", phone: "phone_4" },
    FriendFields { name: "name_5", email: "email_5", phone: "phone_5" },
    FriendFields { name: "name_6", email: "email_6", phone: "phone_6" },
];

/// A carer shares no more than the patient granted to the carer: what the patient took back is not
/// won back by granting it, to oneself or to somebody who would pass it on.
pub(crate) fn may_share(inside: &Inside<'_>, more: CategorySet) -> Result<(), Failure> {
    if inside.is_patient() || inside.facts.grants.contains_all(more) {
        Ok(())
    } else {
        Err(Failure::field("preset", What::NotYoursToShare))
    }
}

/// What a form grants.
pub(crate) fn granted(form: &NameFriend) -> Result<CategorySet, What> {
    let chosen = if form.preset == "items" {
        let mut set = CategorySet::EMPTY;
        for word in &form.items {
            let category: Category = word.parse().map_err(|_| What::Choose)?;
            if !category.is_confidential() && category != Category::People {
                return Err(What::Choose);
            }
            set = set.with(category);
        }
        set
    } else {
        form.preset.parse::<Preset>().map_err(|_| What::Choose)?.with_entry(form.with_entry)
    };
    if !chosen.is_empty() && !chosen.contains(Category::Rota) {
        return Err(What::NeedsRota);
    }
    // Whoever sees the week reads whose it is.
    Ok(if chosen.is_empty() { chosen } else { chosen.with(Category::Identity) })
}

/// Reads who is named, with the fields that each was typed in; says everything that is wrong at once.
pub(crate) fn friends(forms: &[NameFriend]) -> Result<Vec<(FriendFields, Friend)>, Failure> {
    let mut problems = Problems::default();
    let mut all = Vec::new();
    let alone = forms.iter().all(NameFriend::is_blank);
    for (index, (fields, form)) in FRIEND_FIELDS.iter().zip(forms).enumerate() {
        if form.is_blank() && !(alone && index == 0) {
            continue;
        }
        let name = problems.text(fields.name, PersonName::parse(&form.name));
        let email = problems.optional(fields.email, EmailAddress::parse(&form.email));
        let phone = problems.optional(fields.phone, PhoneNumber::parse(&form.phone));
        let granted = granted(form).map_err(|what| problems.add("preset", what)).ok();
        let (Some(name), Some(granted)) = (name, granted) else { continue };
        let says_my_name = form.says_my_name;
        let friend = Friend { name, email, phone, shares_mailbox: false, granted, says_my_name };
        all.push((*fields, friend));
    }
    problems.check()?;
    Ok(all)
}

//! What is sealed where.

use kith_domain::{Category, Owner};

/// Whose data key seals a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnerKind {
    /// A circle's.
    Circle,
    /// An organisation's.
    Organisation,
}

impl OwnerKind {
    /// Whether `owner` is of this kind.
    pub const fn is(self, owner: Owner) -> bool {
        matches!(
            (self, owner),
            (Self::Circle, Owner::Circle(_)) | (Self::Organisation, Owner::Organisation(_))
        )
    }
}

/// Declares the sealed fields in one table, so that the category always follows from the table
/// and column that the associated data names. Were it a free value, relabelling a row would open
/// it with a permit for another category.
macro_rules! fields {
    ($( $(#[$meta:meta])* $variant:ident = $table:literal . $column:literal => $owner:ident, $category:ident; )+) => {
        /// A sealed column, or a kind of sealed text in the table `content`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Field { $( $(#[$meta])* $variant ),+ }

        impl Field {
            /// Every field.
            pub const ALL: &'static [Self] = &[ $( Self::$variant ),+ ];

            /// Table that holds it.
            pub const fn table(self) -> &'static str {
                match self { $( Self::$variant => $table ),+ }
            }

            /// Column, or word in the column `field` of `content`. Unique among all fields.
            pub const fn column(self) -> &'static str {
                match self { $( Self::$variant => $column ),+ }
            }

            /// What kind of information it is.
            pub const fn category(self) -> Category {
                match self { $( Self::$variant => Category::$category ),+ }
            }

            /// Whose data key seals it.
            pub const fn owner_kind(self) -> OwnerKind {
                match self { $( Self::$variant => OwnerKind::$owner ),+ }
            }

            /// The field of a column's name. `None` for a word that is no field: a refusal.
            pub fn from_column(column: &str) -> Option<Self> {
                match column { $( $column => Some(Self::$variant), )+ _ => None }
            }
        }
    };
}

fields! {
    /// The patient's first name.
    PatientName = "content"."patient_name" => Circle, Identity;
    /// Where the patient lives.
    Address = "content"."address" => Circle, Address;
    /// Who to call.
    Help = "content"."help" => Circle, Help;
    /// Care and comfort.
    CareComfort = "content"."care_comfort" => Circle, Care;
    /// What matters to the patient.
    CareMatters = "content"."care_matters" => Circle, Care;
    /// Key safe, alarm: how to get in.
    Entry = "content"."entry" => Circle, Entry;
    /// Free text of a task.
    TaskNote = "content"."task_note" => Circle, Task;
    /// What whoever comes next should know, from whoever was there.
    HandOver = "content"."hand_over" => Circle, Task;
    /// What she likes to eat, and what she must not.
    Food = "content"."food" => Circle, Task;
    /// A number to ring from her door.
    DoorPhone = "content"."door_phone" => Circle, Help;
    /// How the patient is.
    News = "content"."news" => Circle, News;
    /// A kind word, while the circle remembers.
    KindWord = "content"."kind_word" => Circle, News;
    /// First name of a member, as the rota shows it.
    MemberName = "content"."member_name" => Circle, Rota;
    /// First name of whoever asked for somebody's help.
    InviterName = "content"."inviter_name" => Circle, Introduction;
    /// First name of somebody who asks to be let in.
    JoinName = "join_request"."join_name" => Circle, People;
    /// Mail address of somebody who asks to be let in: for them alone, and no circle's to read.
    JoinEmail = "join_request"."join_email" => Organisation, Contact;
    /// The two words that go with an invitation.
    WelcomeWords = "content"."welcome_words" => Circle, People;
    /// What a member is to the patient: daughter, neighbour.
    Relationship = "content"."relationship" => Circle, People;
    /// A person's name.
    PersonName = "person"."name" => Organisation, Contact;
    /// A person's e-mail address.
    PersonEmail = "person"."email" => Organisation, Contact;
    /// A person's phone number.
    PersonPhone = "person"."phone" => Organisation, Contact;
    /// A worry, told to the organisation in confidence.
    ConcernNote = "concern"."concern_note" => Organisation, Concern;
    /// How to reach whoever told it, if they want that.
    ConcernCallback = "concern"."concern_callback" => Organisation, Concern;
    /// Name of the lead carer, given to the organisation.
    OversightName = "content"."oversight_name" => Circle, Oversight;
    /// Phone number of the lead carer, given to the organisation.
    OversightPhone = "content"."oversight_phone" => Circle, Oversight;
    /// What a person calls a device of theirs.
    DeviceLabel = "device"."label" => Organisation, Contact;
}

#[cfg(test)]
mod tests {
    use super::Field;

    #[test]
    fn columns_are_unique_and_read_back() {
        for field in Field::ALL {
            assert_eq!(Field::from_column(field.column()), Some(*field));
        }
        assert_eq!(Field::from_column("Address"), None);
        assert_eq!(Field::from_column(""), None);
    }

    #[test]
    fn what_is_confidential_belongs_to_the_circle() {
        for field in Field::ALL.iter().filter(|f| f.category().is_confidential()) {
            assert_eq!(field.owner_kind(), super::OwnerKind::Circle, "{field:?}");
        }
    }
}

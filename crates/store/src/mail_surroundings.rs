//! A mail with everything that it depends on, in one statement: on SQLite each statement goes to a
//! thread and back, which takes longer than the reading, and nobody else can write meanwhile.

use std::sync::LazyLock;

use kith_domain::Owner;
use kith_domain::ids::MailId;
use kith_vault::WrappedKey;
use sea_orm::{
    ConnectionTrait as _, EntityTrait, FromQueryResult, IdenStatic, Iterable, Statement,
};

use crate::access::Circle;
use crate::bounces::{AddressMarks, marks};
use crate::circles::circle_from;
use crate::claims::{CLAIM_COLUMNS, Claim, ClaimRow};
use crate::convert::small;
use crate::entity::{circle, data_key, membership, outbox, person};
use crate::error::StoreError;
use crate::outbox::{Mail, from_row};
use crate::people::{Membership, Person, membership_from, person_from};
use crate::rota::{SLOT_COLUMNS, Slot, SlotRow};
use crate::unit::{Reader, UnitOfWork};

/// Whom and what a mail is about, as the rows say now; `None` for what it is not about, and for what
/// is not there any more.
#[derive(Clone, Debug)]
pub struct MailSurroundings {
    /// To whom.
    pub person: Option<Person>,
    /// What is known of that address.
    pub address: AddressMarks,
    /// The circle.
    pub circle: Option<Circle>,
    /// The person's place in it.
    pub place: Option<Membership>,
    /// The slot.
    pub slot: Option<Slot>,
    /// The promise.
    pub claim: Option<Claim>,
    /// The newest wrapped data key of the organisation.
    pub organisation_key: WrappedKey,
}

/// Every column of an entity's table `t`, named `t_column`.
fn columns<E: EntityTrait>(table: &str) -> String {
    let named = |column: E::Column| format!("{table}.{0} AS {table}_{0}", column.as_str());
    E::Column::iter().map(named).collect::<Vec<_>>().join(", ")
}

/// The columns of a list such as `s.id, t.kind`, named `prefix_id, prefix_kind`.
fn named(list: &str, prefix: &str) -> String {
    let named = |column: &str| {
        let name = column.rsplit_once('.').map_or(column, |(_, name)| name);
        format!("{column} AS {prefix}_{name}")
    };
    list.split(", ").map(named).collect::<Vec<_>>().join(", ")
}

static AROUND: LazyLock<String> = LazyLock::new(|| {
    format!(
        "SELECT {}, {}, {}, {}, {}, {}, {} FROM outbox o \
         JOIN data_key k ON k.organisation_id = o.organisation_id \
           AND k.owner_id = o.organisation_id AND k.version = (SELECT MAX(n.version) FROM data_key n \
             WHERE n.organisation_id = o.organisation_id AND n.owner_id = o.organisation_id) \
         LEFT JOIN person p ON p.organisation_id = o.organisation_id AND p.id = o.person_id \
         LEFT JOIN circle r ON r.organisation_id = o.organisation_id AND r.id = o.circle_id \
         LEFT JOIN membership m ON m.organisation_id = o.organisation_id \
           AND m.circle_id = o.circle_id AND m.person_id = o.person_id \
         LEFT JOIN slot s ON s.organisation_id = o.organisation_id AND s.id = o.slot_id \
         LEFT JOIN task t ON t.organisation_id = s.organisation_id AND t.id = s.task_id \
         LEFT JOIN claim c ON c.organisation_id = o.organisation_id AND c.id = o.claim_id \
         WHERE o.organisation_id = $1 AND o.id = $2",
        columns::<outbox::Entity>("o"),
        columns::<data_key::Entity>("k"),
        columns::<person::Entity>("p"),
        columns::<circle::Entity>("r"),
        columns::<membership::Entity>("m"),
        named(SLOT_COLUMNS, "s"),
        named(CLAIM_COLUMNS, "c"),
    )
});

impl Reader {
    async fn mail_with_surroundings(
        &self,
        id: MailId,
    ) -> Result<Option<(Mail, MailSurroundings)>, StoreError> {
        let statement = Statement::from_sql_and_values(
            self.txn.get_database_backend(),
            AROUND.as_str(),
            [self.organisation.into(), id.as_uuid().into()],
        );
        let Some(row) = self.txn.query_one_raw(statement).await? else { return Ok(None) };
        let mail = from_row(outbox::Model::from_query_result(&row, "o_")?)?;
        let person = Option::<person::Model>::from_query_result(&row, "p_")?;
        let circle = Option::<circle::Model>::from_query_result(&row, "r_")?;
        let place = Option::<membership::Model>::from_query_result(&row, "m_")?;
        let slot = Option::<SlotRow>::from_query_result(&row, "s_")?;
        let claim = Option::<ClaimRow>::from_query_result(&row, "c_")?;
        let key = data_key::Model::from_query_result(&row, "k_")?;
        let owner = Owner::Organisation(self.organisation());
        let around = MailSurroundings {
            address: person.as_ref().map(marks).transpose()?.unwrap_or_default(),
            person: person.map(|row| person_from(row, self.organisation())).transpose()?,
            circle: circle.map(circle_from).transpose()?,
            place: place.as_ref().map(membership_from).transpose()?,
            slot: slot.map(SlotRow::slot).transpose()?,
            claim: claim.map(ClaimRow::claim).transpose()?,
            organisation_key: WrappedKey {
                owner,
                version: small(key.version, "data_key", owner.as_uuid())?,
                bytes: key.wrapped,
            },
        };
        Ok(Some((mail, around)))
    }
}

impl UnitOfWork {
    /// A mail with what it depends on, held as it is now until this transaction ends
    /// ([`Self::hold_for_mail`]).
    pub async fn hold_mail(
        &self,
        id: MailId,
    ) -> Result<Option<(Mail, MailSurroundings)>, StoreError> {
        if !self.is_alone() {
            // What is to be held is known from the mail alone, and is read when it is held.
            let Some(mail) = self.mail(id).await? else { return Ok(None) };
            self.hold_for_mail(mail.kind, &mail.subject).await?;
        }
        self.mail_with_surroundings(id).await
    }
}

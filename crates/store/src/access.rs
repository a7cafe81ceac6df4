//! The facts of a decision, read in the snapshot of what they protect and never cached.

use kith_domain::claim::{WINDOW_HOURS_AFTER, WINDOW_HOURS_BEFORE};
use kith_domain::ids::{CircleId, MembershipId, PersonId};
use kith_domain::sign_in::ENROLMENT_IDLE_DAYS;
use kith_domain::{Category, Timestamp, Zone};
use kith_domain::{CategorySet, CircleState, MemberRole, MembershipState, Owner, Standing, Tier};
use kith_policy::Facts;
use kith_vault::WrappedKey;
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::convert::{at, at_option, word};
use crate::error::StoreError;
use crate::raw;
use crate::sessions::{SESSION_COLUMNS, Session, SessionRow};
use crate::unit::Reader;

/// What everybody may be told about a circle they are in: nothing confidential.
#[derive(Clone, Debug)]
pub struct Circle {
    /// Its id.
    pub id: CircleId,
    /// "Heron": used wherever the patient's name must not appear.
    pub nature_name: String,
    /// Its state.
    pub state: CircleState,
    /// Since when.
    pub since: Timestamp,
    /// Zone of its wall clock.
    pub zone: Zone,
    /// Part of town, for the coordinator.
    pub area: String,
    /// No time and no kind of task in its mails.
    pub quiet_mail: bool,
}

/// One person's place in the circle, as the facts saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPlace {
    /// Its id.
    pub membership: MembershipId,
    /// Role.
    pub role: MemberRole,
    /// Whether the person is the circle's lead carer.
    pub lead: bool,
}

/// A circle, somebody's facts towards it, and its wrapped data key: all of one snapshot.
#[derive(Clone, Debug)]
pub struct CircleAccess {
    /// The circle.
    pub circle: Circle,
    /// What the engine is told.
    pub facts: Facts,
    /// The asking person's live place, if any.
    pub place: Option<OwnPlace>,
    /// What was granted to the asking person once and taken back: no task opens it again.
    pub withheld: CategorySet,
    /// End of the last of the slots whose windows are open now, if one is.
    pub window_until: Option<Timestamp>,
    /// The circle's data key; absent once erased.
    pub key: Option<WrappedKey>,
}

#[derive(Debug, FromQueryResult)]
struct AccessRow {
    nature_name: String,
    state: String,
    state_changed_at: i64,
    zone: String,
    area: String,
    quiet_mail: bool,
    key_version: Option<i32>,
    wrapped: Option<Vec<u8>>,
    membership: Option<Uuid>,
    role: Option<String>,
    member_state: Option<String>,
    lead: Option<bool>,
    everyday_look_on: Option<String>,
    staff_role: Option<String>,
    enrolled: i64,
    enrolled_staff: i64,
}

/// A grant, or a slot whose window is open: which of them, `category` says.
#[derive(Debug, FromQueryResult)]
struct GivenRow {
    category: Option<String>,
    live: i64,
    discloses_address: bool,
    discloses_help: bool,
    discloses_entry: bool,
    ends_at: Option<i64>,
}

/// What a person was given of a circle.
#[derive(Default)]
struct Given {
    /// By grants that count now.
    granted: CategorySet,
    /// By grants that do not count any more, and by none that does.
    withheld: CategorySet,
    /// By slots whose windows are open now.
    windows: CategorySet,
    /// End of the last of those slots.
    window_until: Option<Timestamp>,
}

/// UTC calendar day of an instant: the "day" of everyday looks.
pub(crate) fn day(at: Timestamp) -> String {
    at.to_jiff().to_string().chars().take(10).collect()
}

pub(crate) fn tier(session: Option<&Session>, enrolled: bool, now: Timestamp) -> Tier {
    match session {
        None => Tier::None,
        Some(_) if !enrolled => Tier::SignedIn,
        Some(session) if session.fresh_until.is_some_and(|until| until > now) => Tier::Fresh,
        Some(_) => Tier::Trusted,
    }
}

/// What an [`AccessRow`] holds of a circle `c`, for the person and device of these names and what was
/// used since `used_since`.
fn access_columns(person: &str, device: &str, used_since: &str) -> String {
    let enrolled = format!(
        "SELECT COUNT(*) FROM enrolment e WHERE e.organisation_id = c.organisation_id \
           AND e.person_id = {person} AND e.device_id = {device} AND e.ended_at IS NULL \
           AND e.last_used_at > {used_since} AND e.circle_id"
    );
    format!(
        "c.nature_name, c.state, c.state_changed_at, c.zone, c.area, c.quiet_mail, \
         k.version AS key_version, k.wrapped, m.id AS membership, m.role, \
         m.state AS member_state, m.lead, m.everyday_look_on, st.role AS staff_role, \
         ({enrolled} = c.id) AS enrolled, ({enrolled} IS NULL) AS enrolled_staff"
    )
}

/// The tables that [`access_columns`] are of, beside the circle `c`.
fn access_joins(person: &str) -> String {
    format!(
        "LEFT JOIN data_key k ON k.organisation_id = c.organisation_id AND k.owner_id = c.id \
         LEFT JOIN membership m ON m.organisation_id = c.organisation_id \
           AND m.circle_id = c.id AND m.person_id = {person} \
         LEFT JOIN staff st ON st.organisation_id = c.organisation_id \
           AND st.person_id = {person} AND st.ended_at IS NULL"
    )
}

impl Reader {
    /// A circle as `session` stands towards it. `None` when there is no such circle; the same
    /// statements run either way, so that the answers take equally long.
    ///
    /// With `as_staff` the standing is the person's role in the organisation, never a membership.
    pub async fn circle_access(
        &self,
        session: Option<&Session>,
        circle: CircleId,
        now: Timestamp,
        as_staff: bool,
    ) -> Result<Option<CircleAccess>, StoreError> {
        let person = session.map(|session| session.person);
        self.access_of(person, session, circle, now, as_staff).await
    }

    /// Who brings a cookie with this hash, if the session lives, and how they stand towards a circle:
    /// [`Reader::session`] and [`Reader::circle_access`] in one statement, for every page of a circle
    /// asks both.
    pub async fn coming_in(
        &self,
        token_hash: &[u8],
        circle: CircleId,
        now: Timestamp,
        as_staff: bool,
    ) -> Result<Option<(Session, Option<CircleAccess>)>, StoreError> {
        #[derive(Debug, FromQueryResult)]
        struct ComingIn {
            #[sea_orm(nested)]
            session: SessionRow,
            #[sea_orm(nested)]
            circle: Option<AccessRow>,
        }
        let row: Option<ComingIn> = raw::one(
            &self.txn,
            &format!(
                "SELECT {SESSION_COLUMNS}, {} FROM session s \
                 LEFT JOIN circle c ON c.organisation_id = s.organisation_id AND c.id = $2 {} \
                 WHERE s.organisation_id = $1 AND s.ended_at IS NULL AND s.token_hash = $3 \
                 ORDER BY k.version DESC LIMIT 1",
                access_columns("s.person_id", "s.device_id", "$4"),
                access_joins("s.person_id"),
            ),
            vec![
                self.organisation.into(),
                circle.as_uuid().into(),
                token_hash.to_vec().into(),
                now.plus_days(-ENROLMENT_IDLE_DAYS).as_second().into(),
            ],
        )
        .await?;
        let Some(ComingIn { session, circle: row }) = row else { return Ok(None) };
        let Some(session) = session.live(self.organisation(), now) else { return Ok(None) };
        let known = Some(session.person);
        let access = self.access_by(row, known, Some(&session), circle, now, as_staff).await?;
        Ok(Some((session, access)))
    }

    /// A circle as the person stands towards it to whom a single-purpose link was mailed, and who
    /// brings nothing but the link: the tier is `link`, however much was granted.
    pub async fn link_access(
        &self,
        person: PersonId,
        circle: CircleId,
        now: Timestamp,
    ) -> Result<Option<CircleAccess>, StoreError> {
        let access = self.access_of(Some(person), None, circle, now, false).await?;
        Ok(access.map(|mut access| {
            access.facts.tier = Tier::Link;
            access
        }))
    }

    async fn access_of(
        &self,
        known: Option<PersonId>,
        session: Option<&Session>,
        circle: CircleId,
        now: Timestamp,
        as_staff: bool,
    ) -> Result<Option<CircleAccess>, StoreError> {
        let person = known.map_or(Uuid::nil(), PersonId::as_uuid);
        let device = session.map_or(Uuid::nil(), |session| session.device.as_uuid());
        let row: Option<AccessRow> = raw::one(
            &self.txn,
            &format!(
                "SELECT {} FROM circle c {} WHERE c.organisation_id = $1 AND c.id = $2 \
                 ORDER BY k.version DESC LIMIT 1",
                access_columns("$3", "$4", "$5"),
                access_joins("$3"),
            ),
            vec![
                self.organisation.into(),
                circle.as_uuid().into(),
                person.into(),
                device.into(),
                now.plus_days(-ENROLMENT_IDLE_DAYS).as_second().into(),
            ],
        )
        .await?;
        self.access_by(row, known, session, circle, now, as_staff).await
    }

    /// The access that a row says, with what was given beside it.
    async fn access_by(
        &self,
        row: Option<AccessRow>,
        known: Option<PersonId>,
        session: Option<&Session>,
        circle: CircleId,
        now: Timestamp,
        as_staff: bool,
    ) -> Result<Option<CircleAccess>, StoreError> {
        let person = known.map_or(Uuid::nil(), PersonId::as_uuid);
        let given = self.given_to(circle, person, now).await?;
        let Given { granted: grants, withheld, window_until, .. } = given;
        let windows = given.windows.difference(withheld);
        let Some(row) = row else { return Ok(None) };
        let id = circle.as_uuid();
        let state: CircleState = word(&row.state, "circle", id)?;
        let place = match (&row.membership, &row.role, &row.member_state) {
            (Some(membership), Some(role), Some(state)) => {
                let role: MemberRole = word(role, "membership", *membership)?;
                let state: MembershipState = word(state, "membership", *membership)?;
                Some((MembershipId::from_uuid(*membership), role, state))
            }
            _ => None,
        };
        let standing = if as_staff {
            staff_standing(row.staff_role.as_deref(), id)?
        } else {
            place.map_or(Standing::Stranger, |(_, role, state)| role.standing(state))
        };
        let enrolled = if as_staff { row.enrolled_staff > 0 } else { row.enrolled > 0 };
        let counts = !as_staff && matches!(place, Some((_, _, MembershipState::Active)));
        let facts = Facts {
            organisation: self.organisation(),
            owner: Owner::Circle(circle),
            subject: None,
            person: known,
            session: session.map(|session| session.id),
            membership: place.filter(|_| !as_staff).map(|(membership, ..)| membership),
            standing,
            tier: tier(session, enrolled, now),
            state,
            grants: if counts { grants } else { CategorySet::EMPTY },
            windows: if counts { windows } else { CategorySet::EMPTY },
            everyday_recorded: row.everyday_look_on.as_deref() == Some(day(now).as_str()),
        };
        let key = match (row.key_version, row.wrapped) {
            (Some(version), Some(bytes)) => Some(WrappedKey {
                owner: Owner::Circle(circle),
                version: crate::convert::small(version, "data_key", id)?,
                bytes,
            }),
            _ => None,
        };
        let zone = word_zone(&row.zone, id)?;
        Ok(Some(CircleAccess {
            circle: Circle {
                id: circle,
                nature_name: row.nature_name,
                state,
                since: at(row.state_changed_at),
                zone,
                area: row.area,
                quiet_mail: row.quiet_mail,
            },
            place: place.filter(|(_, _, state)| counts && *state == MembershipState::Active).map(
                |(membership, role, _)| OwnPlace { membership, role, lead: row.lead == Some(true) },
            ),
            facts,
            withheld,
            window_until,
            key,
        }))
    }

    /// What the person was granted, and what the slots open that the person promised: two questions in
    /// one statement, for every page of a circle asks both.
    async fn given_to(
        &self,
        circle: CircleId,
        person: Uuid,
        now: Timestamp,
    ) -> Result<Given, StoreError> {
        let rows: Vec<GivenRow> = raw::all(
            &self.txn,
            "SELECT g.category, CAST(CASE WHEN g.withdrawn_at IS NULL \
               AND (g.until_at IS NULL OR g.until_at > $4) THEN 1 ELSE 0 END AS BIGINT) AS live, \
               FALSE AS discloses_address, FALSE AS discloses_help, FALSE AS discloses_entry, \
               CAST(NULL AS BIGINT) AS ends_at \
             FROM disclosure_grant g \
             JOIN membership m ON m.organisation_id = g.organisation_id AND m.id = g.membership_id \
             WHERE g.organisation_id = $1 AND m.circle_id = $2 AND m.person_id = $3 \
               AND g.from_at <= $4 \
             UNION ALL SELECT NULL, 0, t.discloses_address, t.discloses_help, t.discloses_entry, \
               s.ends_at FROM claim cl \
             JOIN slot s ON s.organisation_id = cl.organisation_id AND s.id = cl.slot_id \
             JOIN task t ON t.organisation_id = s.organisation_id AND t.id = s.task_id \
             WHERE cl.organisation_id = $1 AND cl.circle_id = $2 AND cl.person_id = $3 \
               AND cl.state IN ('claimed', 'cover_wanted') AND s.state = 'open' \
               AND s.starts_at <= $5 AND s.ends_at > $6",
            vec![
                self.organisation.into(),
                circle.as_uuid().into(),
                person.into(),
                now.as_second().into(),
                now.plus_hours(WINDOW_HOURS_BEFORE).as_second().into(),
                now.plus_hours(-WINDOW_HOURS_AFTER).as_second().into(),
            ],
        )
        .await?;
        let mut given = Given::default();
        for row in &rows {
            match row.category.as_deref() {
                Some(category) => {
                    let category: Category = word(category, "disclosure_grant", person)?;
                    let set = if row.live > 0 { &mut given.granted } else { &mut given.withheld };
                    *set = set.with(category);
                }
                None => given.windows = row.opens(given.windows),
            }
        }
        given.withheld = given.withheld.difference(given.granted);
        given.window_until = at_option(rows.iter().filter_map(|row| row.ends_at).max());
        Ok(given)
    }
}

impl GivenRow {
    /// What a slot opens in its window, beside what is open already.
    fn opens(&self, mut windows: CategorySet) -> CategorySet {
        if self.discloses_address || self.discloses_help || self.discloses_entry {
            windows = windows.with(Category::Identity).with(Category::Task);
        }
        if self.discloses_address {
            windows = windows.with(Category::Address);
        }
        if self.discloses_help {
            windows = windows.with(Category::Help);
        }
        if self.discloses_entry {
            windows = windows.with(Category::Entry);
        }
        windows
    }
}

pub(crate) fn staff_standing(role: Option<&str>, id: Uuid) -> Result<Standing, StoreError> {
    match role {
        None => Ok(Standing::Stranger),
        Some("coordinator") => Ok(Standing::Coordinator),
        Some("administrator") => Ok(Standing::Administrator),
        Some(_) => Err(StoreError::Inconsistent { table: "staff", id }),
    }
}

pub(crate) fn word_zone(name: &str, id: Uuid) -> Result<Zone, StoreError> {
    Zone::parse(name).map_err(|_| StoreError::Inconsistent { table: "circle", id })
}

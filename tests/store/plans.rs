//! What SQLite's planner makes of the shapes of statements that every page rests on: it begins with
//! the circle or the person, and never with everything that an organisation ever had.

use kith_tests::TestDatabase;
use sea_orm::{ConnectionTrait as _, DatabaseBackend, DatabaseConnection, Statement};

/// A statement, and the index that it is to begin with.
const BEGINS_WITH: &[(&str, &str)] = &[
    (
        "SELECT s.id FROM claim c JOIN slot s ON s.organisation_id = c.organisation_id \
         AND s.id = c.slot_id WHERE c.organisation_id = 'o' AND c.circle_id = 'c' \
         AND c.person_id = 'p' AND s.starts_at <= 1 AND s.ends_at > 0",
        "claim_by_organisation_id_person_id",
    ),
    (
        "SELECT s.id FROM slot s WHERE s.organisation_id = 'o' AND s.id IN (SELECT c.slot_id \
         FROM claim c WHERE c.organisation_id = 'o' AND c.person_id = 'p') AND s.state = 'open' \
         ORDER BY s.starts_at, s.id LIMIT 5",
        "sqlite_autoindex_slot_1",
    ),
    (
        "SELECT s.id FROM slot s WHERE s.organisation_id = 'o' AND s.task_id = 't' \
         AND s.starts_at >= 1 ORDER BY s.starts_at, s.id LIMIT 5",
        "slot_unique_organisation_id_task_id_series_made_for",
    ),
    (
        "SELECT m.id FROM membership m JOIN person p ON p.organisation_id = m.organisation_id \
         AND p.id = m.person_id WHERE m.organisation_id = 'o' AND m.circle_id = 'c' ORDER BY m.id",
        "membership_unique_organisation_id_circle_id_person_id",
    ),
    (
        "SELECT q.id FROM proposed_move q JOIN slot s ON s.organisation_id = q.organisation_id \
         AND s.id = q.slot_id WHERE q.organisation_id = 'o' AND q.circle_id = 'c' \
         AND q.state = 'open' AND s.starts_at >= 1 AND s.starts_at < 2",
        "proposed_move_by_organisation_id_circle_id_state",
    ),
    (
        "SELECT s.id FROM membership m JOIN slot s ON s.organisation_id = m.organisation_id \
         AND s.circle_id = m.circle_id AND s.starts_at > 1 WHERE m.organisation_id = 'o' \
         AND m.person_id = 'p' ORDER BY s.starts_at, s.id LIMIT 5",
        "membership_by_organisation_id_person_id",
    ),
    (
        "SELECT s.id FROM slot s WHERE s.organisation_id = 'o' AND s.starts_at >= 1 \
         AND s.starts_at < 2",
        "slot_by_organisation_id_starts_at",
    ),
];

async fn texts(database: &DatabaseConnection, sql: &str, column: &str) -> Vec<String> {
    let statement = Statement::from_string(DatabaseBackend::Sqlite, sql);
    let rows = database.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get("", column).unwrap()).collect()
}

#[tokio::test]
async fn sqlite_begins_with_the_circle_or_the_person() {
    let database = TestDatabase::sqlite().await;
    let raw = database.connect().await;
    for (sql, index) in BEGINS_WITH {
        let plan = texts(&raw, &format!("EXPLAIN QUERY PLAN {sql}"), "detail").await;
        let first = plan.iter().find(|step| step.contains("INDEX")).expect("an index");
        assert!(first.contains(&format!("INDEX {index} (")), "{sql}: {plan:#?}");
    }

    // Without what is believed it is otherwise: the planner is really asked.
    raw.execute_unprepared("DELETE FROM sqlite_stat1; ANALYZE sqlite_schema").await.unwrap();
    let (own, index) = BEGINS_WITH[3];
    let plan = texts(&raw, &format!("EXPLAIN QUERY PLAN {own}"), "detail").await;
    assert!(!plan.iter().any(|step| step.contains(index)), "{plan:#?}");
}

#[tokio::test]
async fn every_index_has_its_figures() {
    let database = TestDatabase::sqlite().await;
    let raw = database.connect().await;
    let without = "SELECT i.name AS name FROM sqlite_schema i WHERE i.type = 'index' \
         AND i.tbl_name NOT IN ('endings_mark', 'organisation', 'restoration', 'seaql_migrations', \
           'worker') AND i.name NOT IN (SELECT idx FROM sqlite_stat1)";
    assert_eq!(texts(&raw, without, "name").await, Vec::<String>::new());
    let circle = "SELECT stat AS stat FROM sqlite_stat1 WHERE idx = 'sqlite_autoindex_circle_1'";
    assert_eq!(texts(&raw, circle, "stat").await, ["1500 150 1"]);
    let week = "SELECT stat AS stat FROM sqlite_stat1 \
         WHERE idx = 'slot_by_organisation_id_circle_id_starts_at'";
    assert_eq!(texts(&raw, week, "stat").await, ["400000 40000 266 1"]);
}

//! A fresh, migrated database for one test.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::Path;
use std::sync::Arc;

use kith_domain::{Clock, Ids};
use kith_migrations::{Migrator, MigratorTrait as _};
use kith_store::{DatabaseSettings, Store};
use kith_vault::RandomIds;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, Statement};
use tempfile::TempDir;

/// Where the tests find a PostgreSQL whose user may create databases.
const URL: &str = "TEST_DATABASE_URL";
/// Key of the advisory lock under which the template is made: "kith" in ASCII.
const LOCK: i64 = 0x6b69_7468;
/// As many readers as a small installation has.
const CONNECTIONS: u32 = 8;

/// A database that exists as long as this value: a file in a folder of its own with the options of
/// the service, or a database of the cluster at `TEST_DATABASE_URL`.
#[derive(Debug)]
pub struct TestDatabase {
    settings: DatabaseSettings,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Sqlite { _folder: TempDir },
    Postgres { admin: String, name: String, _folder: TempDir },
}

impl TestDatabase {
    /// An SQLite file.
    ///
    /// # Panics
    /// When it cannot be made.
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("kith.db").display());
        let endings = Some(folder.path().join("kith.db.endings"));
        let settings = DatabaseSettings { url, connections: CONNECTIONS, endings };
        let clock = crate::TestClock::at(kith_domain::Timestamp::from_second(0));
        let store = Store::open(&settings, Arc::new(RandomIds), clock).await.expect("it opens");
        store.migrate().await.expect("it can be migrated");
        Self { settings, kind: Kind::Sqlite { _folder: folder } }
    }

    /// A database of the cluster at `TEST_DATABASE_URL`, copied from a template that the first
    /// test migrates.
    ///
    /// # Panics
    /// When `TEST_DATABASE_URL` is missing, or the cluster does not answer.
    pub async fn postgres() -> Self {
        let admin = std::env::var(URL).expect(
            "TEST_DATABASE_URL must say where PostgreSQL is, with a user that may create \
             databases; `cargo xtask postgres` starts one and prints its address",
        );
        let connection = connect(&admin).await;
        let template = format!("kith_template_{:016x}", fingerprint());
        ensure_template(&connection, &admin, &template).await;
        let name = format!("kith_test_{}", RandomIds.next().simple());
        run(&connection, &format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        connection.close().await.expect("the connection closes");
        let url = with_database(&admin, &name);
        let folder = tempfile::tempdir().expect("a temporary folder");
        let endings = Some(folder.path().join("kith.endings"));
        let settings = DatabaseSettings { url, connections: CONNECTIONS, endings };
        Self { settings, kind: Kind::Postgres { admin, name, _folder: folder } }
    }

    /// Where it is, for `Store::open` or a configuration.
    pub const fn settings(&self) -> &DatabaseSettings {
        &self.settings
    }

    /// Whether it is PostgreSQL.
    pub const fn is_postgres(&self) -> bool {
        matches!(self.kind, Kind::Postgres { .. })
    }

    /// The store over it, with random ids.
    ///
    /// # Panics
    /// When it cannot be reached.
    pub async fn open(&self, clock: Arc<impl Clock>) -> Store {
        self.open_with(Arc::new(RandomIds), clock).await
    }

    /// The store over it, with ids of the test's choice.
    ///
    /// # Panics
    /// When it cannot be reached.
    pub async fn open_with(&self, ids: Arc<dyn Ids>, clock: Arc<impl Clock>) -> Store {
        Store::open(&self.settings, ids, clock).await.expect("it opens")
    }

    /// A connection beside the store, for a test that asks the database itself.
    ///
    /// # Panics
    /// When it cannot be reached.
    pub async fn connect(&self) -> DatabaseConnection {
        connect(&self.settings.url).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let Kind::Postgres { admin, name, .. } = &self.kind else { return };
        let (admin, name) = (admin.clone(), name.clone());
        // Dropping cannot wait on the runtime of the test. What stays behind goes with the cluster.
        let drop_it = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let Ok(runtime) = runtime else { return };
            runtime.block_on(async {
                if let Ok(connection) = Database::connect(one_connection(&admin)).await {
                    let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                    drop(connection.execute_unprepared(&sql).await);
                    drop(connection.close().await);
                }
            });
        };
        drop(std::thread::spawn(drop_it).join());
    }
}

fn one_connection(url: &str) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    // One, so that a lock of the session is held and released on the same connection.
    options.max_connections(1).sqlx_logging(false);
    options
}

async fn connect(url: &str) -> DatabaseConnection {
    Database::connect(one_connection(url)).await.expect("the database of the test answers")
}

async fn run(connection: &DatabaseConnection, sql: &str) {
    connection.execute_unprepared(sql).await.expect("the cluster does as told");
}

/// Migrates the template once, whichever process comes first.
async fn ensure_template(connection: &DatabaseConnection, admin: &str, template: &str) {
    run(connection, &format!("SELECT pg_advisory_lock({LOCK})")).await;
    let there = connection
        .query_one_raw(Statement::from_sql_and_values(
            connection.get_database_backend(),
            "SELECT 1 FROM pg_database WHERE datname = $1",
            [template.into()],
        ))
        .await
        .expect("the cluster lists its databases");
    if there.is_none() {
        // Under another name first: a process that is killed here leaves no half-made template.
        let making = format!("{template}_making");
        run(connection, &format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)")).await;
        run(connection, &format!("CREATE DATABASE {making} TEMPLATE template0")).await;
        let fresh = connect(&with_database(admin, &making)).await;
        Migrator::up(&fresh, None).await.expect("the migrations run");
        fresh.close().await.expect("the connection closes");
        run(connection, &format!("ALTER DATABASE {making} RENAME TO {template}")).await;
    }
    run(connection, &format!("SELECT pg_advisory_unlock({LOCK})")).await;
}

/// Of the migrations as written: an edited migration makes another template.
fn fingerprint() -> u64 {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/src");
    let files = std::fs::read_dir(folder).expect("the migrations are beside the tests");
    let mut paths: Vec<_> = files.flatten().map(|file| file.path()).collect();
    paths.sort();
    let mut hasher = DefaultHasher::new();
    for path in paths {
        std::fs::read(path).expect("a migration can be read").hash(&mut hasher);
    }
    hasher.finish()
}

/// The same cluster, another database.
fn with_database(url: &str, name: &str) -> String {
    let (address, options) = url
        .split_once('?')
        .map_or((url, String::new()), |(address, rest)| (address, format!("?{rest}")));
    let server = address.rsplit_once('/').map_or(address, |(server, _)| server);
    format!("{server}/{name}{options}")
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn only_the_database_of_an_address_changes() {
        assert_eq!(
            with_database("postgres://u:p@host:5432/postgres?sslmode=disable", "x"),
            "postgres://u:p@host:5432/x?sslmode=disable"
        );
        assert_eq!(with_database("postgres://host/postgres", "x"), "postgres://host/x");
    }
}

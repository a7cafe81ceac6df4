//! The migrated schema itself.

use kith_domain::Timestamp;
use kith_tests::{TestClock, both};

both! {
    async fn every_migration_has_run(database) {
        let store = database.open(TestClock::at(Timestamp::from_second(0))).await;
        assert_eq!(store.pending_migrations().await.unwrap(), 0);
        assert_eq!(store.is_embedded(), !database.is_postgres());
        store.migrate().await.unwrap();
    }
}

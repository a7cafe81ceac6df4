//! What the tests of several crates share: databases that are made for one test, and a clock that
//! the test sets.
#![expect(
    clippy::expect_used,
    reason = "what a test needs and does not get ends the test, with the words that say what to do"
)]

pub mod clock;
pub mod database;
pub mod mail_rows;
pub mod port;
pub mod program;
pub mod sink;
pub mod words;
pub mod world;

pub use clock::TestClock;
pub use database::TestDatabase;
pub use port::Port;
pub use program::program;
pub use sink::{HandedOver, Sink, locked};
pub use words::without_tokens;
pub use world::World;

/// Tests that run on SQLite and on PostgreSQL: each `async fn name(database)` becomes
/// `sqlite::name` and `postgres::name`, with a fresh migrated [`TestDatabase`] as `&TestDatabase`.
/// Once a module, with all of its tests.
#[macro_export]
macro_rules! both {
    ($( $(#[$meta:meta])* async fn $name:ident($database:ident) $body:block )+) => {
        $(
            $(#[$meta])*
            #[cfg(test)]
            async fn $name($database: &$crate::TestDatabase) $body
        )+

        #[cfg(test)]
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    super::$name(&$crate::TestDatabase::sqlite().await).await;
                }
            )+
        }

        #[cfg(test)]
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $name() {
                    super::$name(&$crate::TestDatabase::postgres().await).await;
                }
            )+
        }
    };
}

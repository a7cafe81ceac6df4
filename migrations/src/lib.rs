//! kith-migrations

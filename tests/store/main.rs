//! The repositories of `kith-store`, on SQLite files and on PostgreSQL.

#[cfg(test)]
mod access;
#[cfg(test)]
mod access_windows;
#[cfg(test)]
mod claims;
#[cfg(test)]
mod contents;
#[cfg(test)]
mod decisions;
#[cfg(test)]
mod facts_again;
#[cfg(test)]
mod grants;
#[cfg(test)]
mod organisations;
#[cfg(test)]
mod outbox;
#[cfg(test)]
mod people;
#[cfg(test)]
mod plans;
#[cfg(test)]
mod receipts;
#[cfg(test)]
mod rota;
#[cfg(test)]
mod schema;
#[cfg(test)]
mod sign_ins;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod together;
#[cfg(test)]
mod ways_in;
#[cfg(test)]
mod welcomes;
#[cfg(test)]
mod world;

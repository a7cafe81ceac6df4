//! The pages as a browser without scripts sees them, from the card to the task that is done; on
//! SQLite files and on PostgreSQL.

#[cfg(test)]
mod browser;
#[cfg(test)]
mod hospice;
#[cfg(test)]
mod story;

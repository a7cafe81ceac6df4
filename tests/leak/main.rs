//! Whether anything sealed leaves where it must not: unique markers stand in every sealed field, every
//! route is asked as every standing and tier, and the markers are looked for in answers, mails, logs
//! and the raw bytes of the database. What a planted leak of each kind would look like is tested too.

#[cfg(test)]
mod forms;
#[cfg(test)]
mod house;
#[cfg(test)]
mod keep;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod mails;
#[cfg(test)]
mod marks;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod may_see;
#[cfg(test)]
mod missing;
#[cfg(test)]
mod pen;
#[cfg(test)]
mod planted;
#[cfg(test)]
mod requests;
#[cfg(test)]
mod search;
#[cfg(test)]
mod storage;
#[cfg(test)]
mod visitors;
#[cfg(test)]
mod walk;

//! The pages as a browser without scripts sees them, from the card to the task that is done; on
//! SQLite files and on PostgreSQL.

#[cfg(test)]
mod address;
#[cfg(test)]
mod at_the_door;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod hospice;
#[cfg(test)]
mod in_charge;
#[cfg(test)]
mod joining;
#[cfg(test)]
mod own_date;
#[cfg(test)]
mod said_for;
#[cfg(test)]
mod shared_tablet;
#[cfg(test)]
mod story;
#[cfg(test)]
mod typed_address;
#[cfg(test)]
mod walked;

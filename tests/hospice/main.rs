//! The hospice's own pages, starting circles, the operator's commands and the demonstration; on
//! SQLite files and on PostgreSQL.

#[cfg(test)]
mod another_device;
#[cfg(test)]
mod coming_in;
#[cfg(test)]
mod console;
#[cfg(test)]
mod let_in;
#[cfg(test)]
mod many;
#[cfg(test)]
mod new_address;
#[cfg(test)]
mod oversight;
#[cfg(test)]
mod said_yes;
#[cfg(test)]
mod setting_up;
#[cfg(test)]
mod several;
#[cfg(test)]
mod share_link;
#[cfg(test)]
mod starting;
#[cfg(test)]
mod town;
#[cfg(test)]
mod word_of_mouth;
#[cfg(test)]
mod wrong_address;
#[cfg(test)]
mod yes_then_address;

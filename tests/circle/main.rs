//! What happens in one circle: the week, promises, what opens when, and who has looked; on SQLite
//! files and on PostgreSQL.

#[cfg(test)]
mod acting;
#[cfg(test)]
mod acting_times;
#[cfg(test)]
mod after;
#[cfg(test)]
mod asked_once;
#[cfg(test)]
mod away;
#[cfg(test)]
mod calendar;
#[cfg(test)]
mod comes_back;
#[cfg(test)]
mod consent;
#[cfg(test)]
mod covered;
#[cfg(test)]
mod covered_again;
#[cfg(test)]
mod every_time;
#[cfg(test)]
mod hospice_word;
#[cfg(test)]
mod house;
#[cfg(test)]
mod left_out;
#[cfg(test)]
mod looking;
#[cfg(test)]
mod lost_races;
#[cfg(test)]
mod moving;
#[cfg(test)]
mod one_by_one;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod own_date;
#[cfg(test)]
mod pausing;
#[cfg(test)]
mod promising;
#[cfg(test)]
mod put_back_one;
#[cfg(test)]
mod rolling_on;
#[cfg(test)]
mod series;
#[cfg(test)]
mod some_weekdays;
#[cfg(test)]
mod swapping;
#[cfg(test)]
mod taking_for;
#[cfg(test)]
mod there;
#[cfg(test)]
mod unreached;
#[cfg(test)]
mod unsent;
#[cfg(test)]
mod unsure;
#[cfg(test)]
mod week;
#[cfg(test)]
mod weekly;

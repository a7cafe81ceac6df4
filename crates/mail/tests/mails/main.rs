//! What mails say, what they never say, and that they are the same bytes each time.

mod bytes;
mod calendar;
mod samples;
mod words;

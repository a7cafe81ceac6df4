//! Opening and sealing with permits of the real engine over the shipped policies.

mod common;
mod fields;
mod sealing;

//! Tests of the tables themselves. Permits and recording are tested from outside, in `tests/`.

mod expected;
mod load_bearing;
mod planted;
mod properties;
mod reference;

//! Tests of the tables themselves. Permits and recording are tested from outside, in `tests/`.

mod reference;

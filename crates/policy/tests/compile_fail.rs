//! What must not compile: every way round the engine that a programmer might try.
//!
//! The expected messages are the compiler's own, for the pinned toolchain. After a change of it run
//! this test with `TRYBUILD=overwrite` and read each difference: the reason must stay the same.

#[test]
fn compile_fail() {
    trybuild::TestCases::new().compile_fail("tests/compile_fail/*.rs");
}

//! `kith doctor` over a PostgreSQL whose clock is another.

mod postgres {
    use kith_tests::{TestDatabase, program};
    use tokio::process::Command;

    use crate::house::House;

    /// Seconds by which clocks may differ before it is said.
    const ALLOWED: i64 = 10;

    #[tokio::test]
    async fn a_clock_that_is_another_is_named_with_what_to_do() {
        let house = House::on(TestDatabase::postgres().await).await;
        let database = async || {
            let said = Command::new(program().await)
                .arg("doctor")
                .env_clear()
                .env("KITH_DATABASE__URL", house.database_url())
                .env("KITH_KEYS__FILE", house.key_file())
                .output()
                .await
                .unwrap();
            let said = String::from_utf8(said.stdout).unwrap();
            let line = said.lines().find(|line| line.starts_with("database"));
            line.expect("a line about the database").to_owned()
        };
        let line = database().await;
        assert!(line.contains(" fine ") && !line.contains("NOT FINE"), "{line}");
        // What the database answers when it is asked for the time.
        for sql in [
            "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS \
             $f$SELECT pg_catalog.clock_timestamp() + interval '90 seconds'$f$",
            "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', \
             current_database()); END $$",
        ] {
            house.break_by_hand(sql).await;
        }
        let line = database().await;
        assert!(line.contains("NOT FINE") && line.contains("a time server"), "{line}");
        // However long the database takes to answer, it is ahead by no more.
        let seconds = line.split_once("its clock is ").and_then(|(_, rest)| rest.split(' ').next());
        let seconds: i64 = seconds.expect(&line).parse().expect(&line);
        assert!((ALLOWED + 1..=91).contains(&seconds.abs()), "{line}");
    }
}

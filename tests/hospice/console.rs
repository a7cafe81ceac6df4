//! What the operator does at the console.

use kith_app::ConsoleError;
use kith_domain::WelcomeWords;
use kith_tests::both;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::town::Town;

const ZONE: &str = "Europe/London";
const PHONE: &str = "01632 960 123";

both! {
    async fn one_organisation_needs_no_host_and_several_do(database) {
        let town = Town::empty(database).await;
        let app = &town.app;
        let none = app.organisation_for_console(None).await;
        assert!(matches!(none, Err(ConsoleError::NoOrganisation)));
        let host = Some("a.example");
        let first = app.add_organisation("First", host, PHONE, ZONE).await.unwrap();
        assert_eq!(app.organisation_for_console(None).await.unwrap().id, first);
        let no_host = app.add_organisation("Second", None, PHONE, ZONE).await;
        assert!(matches!(no_host, Err(ConsoleError::HostNeeded)));
        let taken = app.add_organisation("Second", Some("A.Example"), PHONE, ZONE).await;
        assert!(matches!(taken, Err(ConsoleError::HostTaken)));
        let second = app.add_organisation("Second", Some("b.example"), PHONE, ZONE).await.unwrap();
        let which = app.organisation_for_console(None).await;
        assert!(matches!(which, Err(ConsoleError::WhichOrganisation)));
        assert_eq!(app.organisation_for_console(Some("B.example")).await.unwrap().id, second);
        app.check_keys().await.unwrap();
    }

    async fn what_is_typed_is_checked(database) {
        let town = Town::empty(database).await;
        let add = async |name, host, phone, zone| {
            town.app.add_organisation(name, host, phone, zone).await.unwrap_err()
        };
        assert!(matches!(add(" ", None, PHONE, ZONE).await, ConsoleError::Name));
        let host = Some("https://a.example");
        assert!(matches!(add("A", host, PHONE, ZONE).await, ConsoleError::Host));
        assert!(matches!(add("A", None, "none", ZONE).await, ConsoleError::Phone));
        assert!(matches!(add("A", None, PHONE, "Oldbridge").await, ConsoleError::Zone));
        assert!(town.app.organisations().await.unwrap().is_empty());
    }

    async fn a_coordinator_is_one_person_however_often_added(database) {
        let town = Town::empty(database).await;
        let app = &town.app;
        let id = app.add_organisation("Fernhill", None, PHONE, ZONE).await.unwrap();
        let refused = app.add_coordinator(id, "Amira", "nowhere").await;
        assert!(matches!(refused, Err(ConsoleError::Email)));
        let email = "amira@fernhill.example";
        let first = app.add_coordinator(id, "Amira", email).await.unwrap();
        let second = app.add_coordinator(id, "Amira", "Amira@Fernhill.example").await.unwrap();
        assert!(!first.known && second.known);
        assert!(WelcomeWords::parse(&second.words).is_ok());
        assert_eq!(second.url, "https://kith.example/sign-in");

        let connection = database.connect().await;
        let count = async |sql: &str| {
            let statement = Statement::from_string(connection.get_database_backend(), sql);
            let row = connection.query_one_raw(statement).await.unwrap().unwrap();
            row.try_get_by_index::<i64>(0).unwrap()
        };
        assert_eq!(count("SELECT COUNT(*) FROM person").await, 1);
        assert_eq!(count("SELECT COUNT(*) FROM staff WHERE ended_at IS NULL").await, 1);
        let live = "SELECT COUNT(*) FROM welcome WHERE kind = 'staff' AND ended_at IS NULL";
        assert_eq!(count(live).await, 1, "earlier codes end");
        let recorded = "SELECT COUNT(*) FROM decision WHERE standing = 'administrator' \
                        AND action = 'govern' AND allowed";
        assert_eq!(count(recorded).await, 2);
    }

    async fn each_organisation_is_a_site_of_its_own(database) {
        let town = Town::empty(database).await;
        let app = &town.app;
        app.add_organisation("First", Some("a.example"), PHONE, ZONE).await.unwrap();
        let second = app.add_organisation("Second", Some("b.example"), PHONE, ZONE).await.unwrap();
        let code = app.add_coordinator(second, "Amira", "amira@b.example").await.unwrap();
        assert_eq!(code.url, "https://b.example/sign-in");
        let is_own = async |origin| app.is_origin_of("b.example", origin).await.unwrap();
        assert!(is_own("https://b.example").await);
        for other in ["https://a.example", "https://kith.example", "http://b.example", "null", ""] {
            assert!(!is_own(other).await, "{other}");
        }
        assert!(app.is_origin_of("c.example", "https://c.example").await.is_err());
    }
}

//! Each command, in the order in which an operator meets them.

use crate::place::{Place, Running, get};

#[test]
fn each_step_says_what_comes_next() {
    let place = Place::new();
    assert!(place.refuses(&["migrate", "--config", "none.toml"]).contains("none.toml"));
    assert!(place.refuses(&["serve"]).contains("kith keys new"));
    place.works(&["keys", "new"]);
    assert!(place.refuses(&["serve"]).contains("kith migrate"));
    assert!(place.refuses(&["keys", "new"]).contains("already there"));
    assert!(place.works(&["migrate"]).contains("up to date now"));
    assert!(place.works(&["migrate"]).contains("is up to date."));
    let add = ["coordinator", "add", "--name", "Amira", "--email", "amira@fernhill.example"];
    assert!(place.refuses(&add).contains("kith organisation add"));
    place.works(&["organisation", "add", "--name", "Fernhill", "--phone", "01632 960 123"]);
    assert!(place.works(&add).contains("now. For the first device"));
    assert!(place.works(&add).contains("already. For a further device"));
}

#[test]
fn the_doctor_names_what_is_not_fine_and_what_to_do() {
    let place = Place::new();
    let found = place.run(&["doctor"]);
    assert!(!found.status.success());
    let text = String::from_utf8(found.stdout).unwrap();
    let line = |what: &str| text.lines().find(|line| line.starts_with(what)).unwrap();
    assert!(line("configuration").contains("fine"));
    assert!(line("policy").contains("fine"));
    assert!(line("key").contains("NOT FINE") && line("key").contains("kith keys new"));
    assert!(line("database").contains("NOT FINE"));
}

#[test]
fn the_policy_is_proved_and_explained() {
    let place = Place::new();
    assert!(place.works(&["policy", "check"]).contains("invariants hold"));
    let explain = ["policy", "explain", "friend", "address", "disclose"];
    assert!(place.works(&explain).contains("\ndenied\n"));
    assert!(place.works(&[&explain[..], &["--basis", "window"]].concat()).contains("\nallowed\n"));
    assert!(place.refuses(&["policy", "explain", "friend", "sofa", "disclose"]).contains("sofa"));
}

#[test]
fn one_data_directory_has_one_process_and_it_stops_when_asked() {
    let place = Place::new();
    place.set_up();
    let mut first = Running::start(place.command(&["serve", "--listen", "127.0.0.1:0"]));
    let said = Running::line(first.0.stderr.take().unwrap(), "serving");
    let (_, address) = said.rsplit_once("address=").unwrap();
    assert!(get(address, "/health/live").starts_with("HTTP/1.1 200"), "{address}");

    let refused = place.refuses(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(refused.contains("another kith works in"), "{refused}");
    assert!(place.refuses(&["migrate"]).contains("another kith works in"));
    place.works(&["coordinator", "add", "--name", "Amira", "--email", "amira@fernhill.example"]);

    assert!(first.stop());
    let mut second = Running::start(place.command(&["serve", "--listen", "127.0.0.1:0"]));
    Running::line(second.0.stderr.take().unwrap(), "serving");
    assert!(second.stop(), "the lock was not let go");
}

#[test]
fn the_demonstration_opens_without_any_configuration() {
    let place = Place::new();
    let mut demo = Running::start(place.command(&["demo", "--listen", "127.0.0.1:0"]));
    let said = Running::line(demo.0.stdout.take().unwrap(), "Kith is open at");
    let address = said.trim_end_matches('/').rsplit_once("//").unwrap().1;
    assert!(get(address, "/demo").contains("Who would you like to be?"));
    assert!(demo.stop());
    let left = std::fs::read_dir(place.path()).unwrap().count();
    assert_eq!(left, 0, "it keeps nothing where it was started");
}

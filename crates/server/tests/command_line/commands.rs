//! Each command, in the order in which an operator meets them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};

use tokio::net::TcpSocket;

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

#[test]
fn the_doctor_says_when_all_is_fine() {
    let place = Place::new();
    place.set_up();
    // Nobody else is given the port once the relay has gone: this is bound to it, and does not listen.
    let kept = TcpSocket::new_v4().unwrap();
    kept.set_reuseaddr(true).unwrap();
    kept.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let relay = TcpListener::bind(kept.local_addr().unwrap()).unwrap();
    let port = relay.local_addr().unwrap().port().to_string();
    let greets = std::thread::spawn(move || greet(&relay.accept().unwrap().0));
    let doctor = || {
        let mut command = place.command(&["doctor"]);
        command.env("KITH_MAIL__RELAY", "127.0.0.1").env("KITH_MAIL__PORT", &port);
        command
    };
    let found = doctor().output().unwrap();
    let text = String::from_utf8(found.stdout).unwrap();
    assert!(found.status.success(), "{text}");
    for what in ["configuration", "policy", "key", "database", "endings", "mail relay"] {
        let line = text.lines().find(|line| line.starts_with(what));
        assert!(line.is_some_and(|line| line.contains(" fine ")), "{what}: {text}");
    }
    assert!(text.contains("nobody hears when Kith stops"), "{text}");
    assert!(text.ends_with("All is fine: `kith serve` can start.\n"), "{text}");
    greets.join().unwrap();

    // The relay has gone: that is said, and the rest is still fine.
    let found = doctor().output().unwrap();
    let text = String::from_utf8(found.stdout).unwrap();
    assert!(!found.status.success(), "{text}");
    let not_fine: Vec<_> = text.lines().filter(|line| line.contains("NOT FINE")).collect();
    assert!(matches!(not_fine[..], [line] if line.starts_with("mail relay")), "{text}");
}

/// A relay that greets, and takes leave.
fn greet(stream: &TcpStream) {
    let mut to = stream;
    to.write_all(b"220 relay.example\r\n").unwrap();
    for line in BufReader::new(stream).lines() {
        let line = line.unwrap();
        let answer = if line.starts_with("QUIT") { "221 bye\r\n" } else { "250 relay.example\r\n" };
        to.write_all(answer.as_bytes()).unwrap();
        if line.starts_with("QUIT") {
            return;
        }
    }
}

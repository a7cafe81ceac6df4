//! Two processes over one PostgreSQL answer requests and hand mails over, and one of them is told to
//! stop: every request that it had begun to answer is answered and kept, no mail is sent twice, and
//! what it held goes out by the other.

mod postgres {
    use std::collections::{BTreeMap, BTreeSet};
    use std::net::{Ipv4Addr, SocketAddr};
    use std::time::Duration;

    use kith_tests::TestDatabase;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::{TcpSocket, TcpStream};
    use tokio::task::JoinSet;
    use tokio::time::{interval, timeout};
    use tokio_util::sync::CancellationToken;
    use uuid::Uuid;

    use crate::ending::ends_well;
    use crate::house::House;
    use crate::process::{LEASE, Process, complaints};
    use crate::relay::{Pace, Relay};

    /// Processes that are stopped, one after the other.
    const STOPS: usize = 3;
    /// Mails that each process hands over at once.
    const CONNECTIONS: usize = 4;
    /// Mails that a process takes at one look, at most.
    const BATCH: usize = 50;
    /// Forms that each process is reading when one of them is told to stop.
    const FORMS: usize = 4;
    /// The longest that anything may take.
    const PATIENCE: Duration = Duration::from_mins(1);

    #[tokio::test(flavor = "multi_thread")]
    async fn one_of_two_stops_under_requests_and_nothing_fails() {
        let mut house = House::on(TestDatabase::postgres().await).await;
        let relay = Relay::open(Pace { before: 40..=80, after: 10..=20 }).await;
        let mut known = BTreeSet::new();
        let mut older = Process::start(&house, relay.port(), CONNECTIONS, LEASE).await;
        let mut leaves = newcomer(&house, &mut known).await;
        let mut asked = 0_u8;
        for _ in 0..STOPS {
            let mut younger = Process::start(&house, relay.port(), CONNECTIONS, LEASE).await;
            let (from, to) = (older.address().await, younger.address().await);
            let stays = newcomer(&house, &mut known).await;
            house.promise(&[0; 4]).await;

            let still = CancellationToken::new();
            let mut readers = JoinSet::new();
            for _ in 0..3 {
                readers.spawn(reads(to.clone(), still.clone()));
            }
            let mut forms = Vec::new();
            for number in 0..2 * FORMS {
                asked += 1;
                let address = if number % 2 == 0 { &from } else { &to };
                forms.push(Form::begin(address, asked).await);
            }
            // In the middle of its mails, and of these forms.
            let has_its_turn = in_the_middle(&mut house, &relay, leaves);
            timeout(PATIENCE, has_its_turn).await.expect("it has its turn");
            older.begin_to_stop().await;
            relay.let_go();
            for form in forms {
                let answer = form.finish().await;
                assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
                assert!(answer.trim_end().ends_with("</html>"), "cut off: {answer}");
            }
            let (status, said) = older.stopped().await;
            assert!(status.success(), "{status}: {said:#?}");
            assert_eq!(complaints(&said), Vec::<&String>::new());
            assert!(said.iter().any(|line| line.contains(" stopped")), "{said:#?}");
            assert!(!said.iter().any(|line| line.contains("cut off")), "{said:#?}");
            assert_eq!(house.held_by(leaves).await, 0, "its leases are given back");
            assert_eq!(house.askings().await, usize::from(asked), "what was answered is kept");
            still.cancel();
            while let Some(read) = readers.join_next().await {
                assert!(read.unwrap() > 0, "the other answers all the while");
            }
            (older, leaves) = (younger, stays);
        }
        let met = ends_well(&house, &relay, older, BTreeMap::new(), CONNECTIONS).await;
        assert_eq!(met.repeats, 0);
    }

    /// Waits until a process that was not known has looked at what is due. Says which.
    async fn newcomer(house: &House, known: &mut BTreeSet<Uuid>) -> Uuid {
        let come = async {
            let mut looks = interval(Duration::from_millis(5));
            loop {
                looks.tick().await;
                if let Some(new) = house.workers().await.difference(known).next() {
                    return *new;
                }
            }
        };
        let new = timeout(PATIENCE, come).await.expect("it looks at what is due");
        known.insert(new);
        new
    }

    /// Returns when this process has several mails in hand, which it keeps: the relay holds its answers.
    /// Both look in the same second, and who looks first takes a batch: there are always more than that.
    async fn in_the_middle(house: &mut House, relay: &Relay, process: Uuid) {
        loop {
            relay.hold(0);
            // What the relay had taken already is still answered, one mail of each connection at most.
            if house.held_by(process).await > 2 * CONNECTIONS {
                return;
            }
            // Who has few in hand does not look for more until these have gone.
            relay.let_go();
            if house.in_state(&["planned"]).await.len() <= BATCH + CONNECTIONS {
                house.ask(2 * CONNECTIONS).await;
            }
        }
    }

    /// Reads pages, one after the other, until told not to. Says how many.
    async fn reads(address: String, stop: CancellationToken) -> u32 {
        let mut pages = 0;
        while !stop.is_cancelled() {
            let mut stream = TcpStream::connect(&address).await.unwrap();
            let request = "GET /sign-in HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
            assert!(answer.trim_end().ends_with("</html>"), "cut off: {answer}");
            pages += 1;
        }
        pages
    }

    /// Somebody asks for a code. The program has begun to read the form, and waits for the rest.
    struct Form {
        stream: TcpStream,
        rest: String,
    }

    impl Form {
        /// RFC 9110 section 10.1.1: the interim answer says that the form is being read.
        async fn begin(address: &str, number: u8) -> Self {
            let socket = TcpSocket::new_v4().unwrap();
            // Askings from one network are few: each comes from another.
            let network = Ipv4Addr::new(127, 0, 1, number);
            socket.bind(SocketAddr::from((network, 0))).unwrap();
            let mut stream = socket.connect(address.parse().unwrap()).await.unwrap();
            let rest = format!("email=nobody{number}%40mail.example");
            let head = format!(
                "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\n\
                 Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
                 Expect: 100-continue\r\nConnection: close\r\n\r\n",
                rest.len()
            );
            stream.write_all(head.as_bytes()).await.unwrap();
            let mut interim = [0; 25];
            timeout(PATIENCE, stream.read_exact(&mut interim)).await.unwrap().unwrap();
            assert_eq!(interim, *b"HTTP/1.1 100 Continue\r\n\r\n");
            Self { stream, rest }
        }

        async fn finish(mut self) -> String {
            self.stream.write_all(self.rest.as_bytes()).await.unwrap();
            let mut answer = String::new();
            timeout(PATIENCE, self.stream.read_to_string(&mut answer)).await.unwrap().unwrap();
            answer
        }
    }
}

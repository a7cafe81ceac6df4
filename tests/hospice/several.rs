//! Naming several friends in one go: all, or none.

use kith_app::{DemoPerson, Failure, NameFriend};
use kith_domain::MembershipState;
use kith_tests::both;

use crate::town::{Town, receipt};

pub(crate) fn friend(name: &str, email: &str, phone: &str) -> NameFriend {
    NameFriend {
        name: name.to_owned(),
        email: email.to_owned(),
        phone: phone.to_owned(),
        preset: "just_rota".to_owned(),
        ..NameFriend::default()
    }
}

fn blank() -> NameFriend {
    friend("", "", "")
}

fn fields<T: std::fmt::Debug>(answer: Result<T, Failure>) -> Vec<&'static str> {
    match answer {
        Err(Failure::Invalid(problems)) => problems.iter().map(|problem| problem.field).collect(),
        other => panic!("{other:?}"),
    }
}

both! {
    async fn several_are_named_in_one_go_each_with_words_of_their_own(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        let ruth = town.visit_of(DemoPerson::Ruth).await;
        let before = town.app.waiting_words(&ruth, heron).await.unwrap().1.len();
        let forms = [
            friend("Zoe", "zoe@example.com", ""),
            blank(),
            friend("Bea", "", "01632 960 777"),
            blank(),
        ];
        let sent = receipt();
        let named = town.app.name_friends(&ruth, heron, &forms, sent).await.unwrap();
        assert_eq!(named.len(), 2);
        let again = town.app.name_friends(&ruth, heron, &forms, sent).await.unwrap();
        assert_eq!(again, named, "sent twice is once");
        let (_, all) = town.app.waiting_words(&ruth, heron).await.unwrap();
        assert_eq!(all.len(), before + 2);
        for (place, name) in named.iter().zip(["Zoe", "Bea"]) {
            let one = all.iter().find(|one| one.membership == *place).unwrap();
            assert_eq!(one.name, name);
            let page = town.app.member(&ruth, heron, *place).await.unwrap();
            assert_eq!(page.member.state, MembershipState::Invited);
            assert_eq!(page.words.unwrap().words, one.words.words);
        }
    }

    async fn one_that_is_wrong_names_nobody(database) {
        let town = Town::seeded(database).await;
        let heron = town.app.demo_circle(DemoPerson::Ruth).unwrap();
        let ruth = town.visit_of(DemoPerson::Ruth).await;
        let before = town.app.people(&ruth, heron).await.unwrap().members.len();
        let name = async |forms: &[NameFriend]| {
            town.app.name_friends(&ruth, heron, forms, receipt()).await
        };
        let wrong = [friend("Zoe", "", ""), blank(), friend("", "bea at home", "none")];
        assert_eq!(fields(name(&wrong).await), ["name_3", "email_3", "phone_3"]);
        assert_eq!(fields(name(&[blank(), blank()]).await), ["name"]);
        let twice = [friend("Zoe", "z@example.com", ""), friend("Bea", "Z@example.com", "")];
        assert_eq!(fields(name(&twice).await), ["email_2"]);
        let tom = town.visit_of(DemoPerson::Tom).await;
        let address = town.app.my_details(&tom).await.unwrap().email.unwrap();
        let known = [friend("Zoe", "", ""), friend("Tom", &address, "")];
        assert_eq!(fields(name(&known).await), ["email_2"]);
        let unchosen = [NameFriend { preset: String::new(), ..friend("Zoe", "", "") }];
        assert_eq!(fields(name(&unchosen).await), ["preset"]);
        assert_eq!(town.app.people(&ruth, heron).await.unwrap().members.len(), before);
        let refused =
            town.app.name_friends(&tom, heron, &[friend("Zoe", "", "")], receipt()).await;
        assert!(matches!(refused, Err(Failure::NotHere)));
        assert!(matches!(town.app.waiting_words(&tom, heron).await, Err(Failure::NotHere)));
    }
}

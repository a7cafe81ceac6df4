//! Who has looked, the home page, and news.

use kith_app::{Failure, Looker, LooksSpan, Unusual};
use kith_domain::{Action, Category, Preset, Ring};
use kith_tests::both;

use crate::house::{House, Sure, just_rota, receipt, shopping};

both! {
    async fn every_look_is_shown_to_those_in_charge(database) {
        let house = House::new(database).await;
        let joan = house.friend("Joan", Preset::PrivatePage.with_entry(true)).await;
        let joans = house.visit(&joan, Sure::Fresh).await;
        house.app.private_page(&joans, house.circle).await.unwrap();
        house.app.reveal_entry(&joans, house.circle).await.unwrap();
        house.app.reveal_entry(&joans, house.circle).await.unwrap();
        house.recorded().await;

        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let page = house.app.looks(&carer, house.circle, LooksSpan::TwoWeeks, None).await.unwrap();
        assert!(page.everybody);
        let who = Looker::Member(joan.id, Some("Joan".to_owned()));
        let opened = |category| {
            let same = |look: &&kith_app::LookView| {
                look.who == who && look.category == category && look.action == Action::Disclose
            };
            page.looks.iter().filter(same).count()
        };
        assert_eq!((opened(Category::Care), opened(Category::Entry)), (1, 2));
        let unusual: Vec<_> =
            page.unusual.iter().map(|look| (look.category, look.unusual)).collect();
        assert_eq!(
            unusual,
            [
                (Category::Entry, Some(Unusual::Entry)),
                (Category::Entry, Some(Unusual::Entry)),
                (Category::Address, Some(Unusual::FirstTime)),
                (Category::Care, Some(Unusual::FirstTime)),
            ]
        );
        let row = page.dots.iter().find(|row| row.who == who).unwrap();
        assert_eq!(row.days.len(), 14);
        assert!(row.days.last().is_some_and(|today| *today >= 3));

        house.grant(&joan, just_rota()).await;
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let page = house.app.looks(&carer, house.circle, LooksSpan::SixtyDays, None).await.unwrap();
        assert_eq!(page.unusual.len(), 4);
        assert!(page.unusual.iter().all(|look| look.unusual == Some(Unusual::GrantEnded)));
    }

    async fn a_look_at_night_is_unusual(database) {
        let house = House::new(database).await;
        let joan = house.friend("Joan", Preset::HowSheIs.categories()).await;
        let look = async || {
            let visit = house.visit(&joan, Sure::Trusted).await;
            house.app.news(&visit, house.circle, None).await.unwrap();
            house.recorded().await;
        };
        look().await;
        house.clock.advance(3_600);
        look().await;
        house.clock.advance(13 * 3_600);
        look().await;
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let page = house.app.looks(&carer, house.circle, LooksSpan::TwoWeeks, None).await.unwrap();
        let unusual: Vec<_> =
            page.unusual.iter().map(|look| (look.local.hour(), look.unusual)).collect();
        assert_eq!(unusual, [(23, Some(Unusual::AtNight)), (9, Some(Unusual::FirstTime))]);
    }

    async fn others_see_their_own_looks_only(database) {
        let house = House::new(database).await;
        let joan = house.friend("Joan", Preset::HowSheIs.categories()).await;
        let tom = house.friend("Tom", Preset::HowSheIs.categories()).await;
        let joans = house.visit(&joan, Sure::Trusted).await;
        let toms = house.visit(&tom, Sure::Trusted).await;
        house.app.news(&joans, house.circle, None).await.unwrap();
        house.recorded().await;
        let page = house.app.looks(&toms, house.circle, LooksSpan::TwoWeeks, None).await.unwrap();
        assert!(!page.everybody);
        assert!(page.looks.iter().all(|look| look.who == Looker::You));
        assert!(!page.looks.iter().any(|look| look.category == Category::News));
        let page = house.app.looks(&joans, house.circle, LooksSpan::TwoWeeks, None).await.unwrap();
        assert!(page.looks.iter().any(|look| look.category == Category::News));
    }

    async fn looks_are_paged_and_none_is_shown_twice(database) {
        let house = House::new(database).await;
        let visit = house.visit(&house.carer, Sure::Trusted).await;
        for _ in 0..60 {
            house.app.news(&visit, house.circle, None).await.unwrap();
        }
        house.recorded().await;
        let page = |before| house.app.looks(&visit, house.circle, LooksSpan::TwoWeeks, before);
        let first = page(None).await.unwrap();
        assert_eq!(first.looks.len(), 50);
        let rest = page(first.older).await.unwrap();
        let news = first.looks.iter().chain(&rest.looks);
        assert_eq!(news.filter(|look| look.category == Category::News).count(), 60);
        assert_eq!(rest.older, None);
    }

    async fn home_shows_each_reader_what_is_theirs(database) {
        let house = House::new(database).await;
        let tom = house.friend("Tom", just_rota()).await;
        house.friend("Joan", Preset::PrivatePage.categories()).await;
        house.task(shopping("2026-03-02"), false).await;
        house.task(shopping("2026-03-04"), false).await;
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        let told = house.app.tell_circle(&carer, house.circle, "A good night.", receipt()).await;
        told.unwrap();
        let home = house.app.home(&carer, house.circle).await.unwrap();
        assert_eq!(home.about.patient.as_deref(), Some("Margaret"));
        assert_eq!(home.about.reader.as_deref(), Some("Ruth"));
        assert_eq!(home.slots.len(), 1);
        let strip: Vec<_> = home.strip.iter().map(|day| (day.covered, day.tasks)).collect();
        assert_eq!(strip, [(0, 1), (0, 0), (0, 1), (0, 0), (0, 0), (0, 0), (0, 0)]);
        assert_eq!(home.news.unwrap().latest.unwrap().text, "A good night.");
        let beads: Vec<_> =
            home.around.unwrap().into_iter().map(|bead| (bead.name.unwrap(), bead.ring)).collect();
        let expected = [("Ruth", Ring::Inner), ("Tom", Ring::Outer), ("Joan", Ring::Inner)];
        for (name, ring) in expected {
            assert!(beads.contains(&(name.to_owned(), ring)), "{name}");
        }
        assert_eq!(beads.len(), 3, "the patient is the centre");

        let toms = house.visit(&tom, Sure::Trusted).await;
        let home = house.app.home(&toms, house.circle).await.unwrap();
        assert!(home.news.is_none() && home.around.is_none() && !home.about.private_page);
        assert!(home.nature_name_note);
        for _ in 0..2 {
            house.app.nature_name_read(&toms, house.circle).await.unwrap();
        }
        assert!(!house.app.home(&toms, house.circle).await.unwrap().nature_name_note);
    }

    async fn words_are_taken_away_by_their_author_or_those_in_charge(database) {
        let house = House::new(database).await;
        let joan = house.friend("Joan", Preset::HowSheIs.categories()).await;
        let tom = house.friend("Tom", Preset::HowSheIs.categories()).await;
        let joans = house.visit(&joan, Sure::Trusted).await;
        let toms = house.visit(&tom, Sure::Trusted).await;
        let form = receipt();
        for _ in 0..2 {
            house.app.add_kind_word(&joans, house.circle, "Thinking of you", form).await.unwrap();
        }
        let words = async |visit| house.app.news(visit, house.circle, None).await.unwrap().words;
        let seen = words(&toms).await;
        assert_eq!(seen.len(), 1, "the same form twice is one kind word");
        assert!(!seen[0].may_erase && !seen[0].is_own);
        let id = seen[0].id;
        let erase = async |visit| house.app.erase_words(visit, house.circle, id, receipt()).await;
        assert!(matches!(erase(&toms).await, Err(Failure::NotHere)));
        let told = house.app.tell_circle(&toms, house.circle, "x", receipt()).await;
        assert!(matches!(told, Err(Failure::NotHere)));
        assert!(words(&joans).await[0].may_erase);
        erase(&joans).await.unwrap();
        assert!(words(&toms).await.is_empty());
        let long = "a".repeat(4_001);
        let wrong = house.app.add_kind_word(&joans, house.circle, &long, receipt()).await;
        assert!(matches!(wrong, Err(Failure::Invalid(_))));
    }

    async fn news_are_paged(database) {
        let house = House::new(database).await;
        let carer = house.visit(&house.carer, Sure::Trusted).await;
        for n in 0..25 {
            house.clock.advance(1);
            let carer = house.visit(&house.carer, Sure::Trusted).await;
            let text = format!("News {n}");
            house.app.tell_circle(&carer, house.circle, &text, receipt()).await.unwrap();
        }
        let first = house.app.news(&carer, house.circle, None).await.unwrap();
        assert_eq!((first.words.len(), first.words[0].text.as_str()), (20, "News 24"));
        let rest = house.app.news(&carer, house.circle, first.older).await.unwrap();
        assert_eq!((rest.words.len(), rest.words[4].text.as_str()), (5, "News 0"));
        assert_eq!(rest.older, None);
    }
}

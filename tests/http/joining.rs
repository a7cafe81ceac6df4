//! Whoever asks to join by a link is known by a cookie: until the window of the browser is closed,
//! where somebody else uses it too.

use kith_tests::both;

use crate::hospice::{NUMBER, between};
use crate::story::Circle;

/// What remembers the browser that asked.
const JOINING: &str = "__Host-kith_joining";
/// Long enough for the link, the answer and the number.
const WEEKS: i64 = 28 * 86_400;

both! {
    async fn a_shared_computer_keeps_whoever_asks_no_longer_than_its_window(database) {
        let mut circle = Circle::set_up(database).await;
        let link = circle.share_link().await;

        let mut own = circle.hospice.browser();
        own.open(&link).await.ok();
        own.submit(&link, &[("name", "Zoe")]).await.ok();
        let kept = own.keeps(JOINING).expect("for as long as it may take");
        assert!(kept >= WEEKS, "{kept}");

        let mut shared = circle.hospice.browser();
        shared.open(&link).await.ok();
        shared.submit(&link, &[("name", "Alan"), ("shared_computer", "yes")]).await.ok();
        assert_eq!(shared.keeps(JOINING), None);
        // Where it comes in, the session goes with the window too.
        let asking = circle.ruth.surely(&circle.path("/people/asking")).await.ok();
        let alan = asking.body.split("Alan").nth(1).unwrap();
        let one = between(alan, "href=\"", "\"");
        circle.ruth.surely(&one).await.ok().says("Alan");
        circle.ruth.submit(&one, &[("see", "just_rota")]).await.ok();
        shared.open(&link).await.ok();
        let typed = [("number", NUMBER), ("number_again", NUMBER), ("shared_computer", "yes")];
        shared.submit("/in", &typed).await.ok();
        assert_eq!(shared.keeps("__Host-kith_session"), None);
    }
}

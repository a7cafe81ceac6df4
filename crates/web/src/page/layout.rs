//! What stands around every page: header, navigation, where to ring, footer.

use crate::picture::Icon;

/// Given by the handler to each page. The title is in the page's own template and holds no
/// person's name: titles end up in histories and on other people's screens.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    /// "Fernhill Hospice".
    pub(crate) organisation: String,
    /// The advice line, as it is said: "01632 960 123".
    pub(crate) help_phone: String,
    pub(crate) nav: Nav,
    /// First name of whoever is signed in.
    pub(crate) person: Option<String>,
    /// What just happened, said once.
    pub(crate) flash: Option<Flash>,
    /// Only in the demonstration.
    pub(crate) demo: Option<DemoStrip>,
}

/// What just happened.
#[derive(Clone, Debug)]
pub(crate) enum Flash {
    /// It worked: "Saved. Joan may now see the news."
    Done(String),
    /// It did not: "Someone took this a moment ago. Thank you both."
    Sorry(String),
}

/// Where the reader may go. What a person may not see is absent, not greyed.
#[derive(Clone, Debug)]
pub(crate) enum Nav {
    /// Nobody is signed in, or there is only one thing to do.
    None,
    /// The patient, carers and friends of one circle.
    Family {
        home: String,
        rota: String,
        /// Only for those who may see who is in the circle.
        people: Option<String>,
        /// Only for those who may open it.
        private: Option<String>,
        here: Place,
    },
    /// Somebody who helps: own tasks, what is needed, own details.
    Volunteer { my_rota: String, help_needed: String, details: String, here: Place },
    /// Coordinators.
    Staff { today: String, circles: String, concerns: String, start: String, here: Place },
}

/// Which item of the navigation the page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Home,
    Rota,
    People,
    Private,
    MyRota,
    HelpNeeded,
    Details,
    Today,
    Circles,
    Concerns,
    Start,
    /// None of them.
    Elsewhere,
}

/// Said on every page of the demonstration.
#[derive(Clone, Debug)]
pub(crate) struct DemoStrip {
    /// "Monday 23 November, 9am": the demonstration's own time.
    pub(crate) time: String,
    /// The page where one comes in as somebody else.
    pub(crate) front: String,
    /// The mails that would have been sent.
    pub(crate) mails: String,
}

/// One item of the navigation.
pub(crate) struct NavItem<'a> {
    pub(crate) words: &'static str,
    pub(crate) href: &'a str,
    pub(crate) icon: Icon,
    pub(crate) current: bool,
    pub(crate) private: bool,
}

impl Layout {
    /// Somebody reads a page of a circle: the pages across circles are at its foot.
    pub(crate) const fn is_in_a_circle(&self) -> bool {
        matches!(self.nav, Nav::Family { .. })
    }

    /// "tel:01632960123".
    pub(crate) fn help_dial(&self) -> String {
        dial(&self.help_phone)
    }
}

/// A number as a link that rings it.
pub(crate) fn dial(number: &str) -> String {
    let digits = number.chars().filter(|letter| letter.is_ascii_digit() || *letter == '+');
    format!("tel:{}", digits.collect::<String>())
}

impl Nav {
    pub(crate) fn items(&self) -> Vec<NavItem<'_>> {
        let item =
            |words, href, icon, current| NavItem { words, href, icon, current, private: false };
        match self {
            Self::None => Vec::new(),
            Self::Family { home, rota, people, private, here } => {
                let mut items = vec![
                    item("Home", home, Icon::Home, *here == Place::Home),
                    item("Rota", rota, Icon::Week, *here == Place::Rota),
                ];
                if let Some(href) = people {
                    items.push(item("People", href, Icon::People, *here == Place::People));
                }
                if let Some(href) = private {
                    let current = *here == Place::Private;
                    items.push(NavItem {
                        private: true,
                        ..item("Private page", href, Icon::Lock, current)
                    });
                }
                items
            }
            Self::Volunteer { my_rota, help_needed, details, here } => vec![
                item("My rota", my_rota, Icon::CalendarTick, *here == Place::MyRota),
                item("Help needed", help_needed, Icon::Hand, *here == Place::HelpNeeded),
                item("My details", details, Icon::Person, *here == Place::Details),
            ],
            Self::Staff { today, circles, concerns, start, here } => vec![
                item("Today", today, Icon::Today, *here == Place::Today),
                item("Circles", circles, Icon::Circle, *here == Place::Circles),
                item("Worries", concerns, Icon::Speech, *here == Place::Concerns),
                item("Start a circle", start, Icon::Plus, *here == Place::Start),
            ],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_private_page_is_absent_for_those_who_may_not_open_it() {
        let nav = |private| Nav::Family {
            home: "/c/1/".to_owned(),
            rota: "/c/1/rota".to_owned(),
            people: Some("/c/1/people".to_owned()),
            private,
            here: Place::Rota,
        };
        assert_eq!(nav(None).items().len(), 3);
        let shown = nav(Some("/c/1/private".to_owned()));
        assert!(shown.items().iter().any(|item| item.private));
        assert!(shown.items().iter().filter(|item| item.current).all(|item| item.words == "Rota"));
    }

    #[test]
    fn a_number_rings_without_its_spaces() {
        assert_eq!(dial("+44 1632 960 123"), "tel:+441632960123");
    }
}

//! The people around one person, on rings that say how much each may see.
//!
//! Shown to the patient and to carers only: it says what others may see.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::words;

/// Who stands where.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pictures/ring.html")]
pub(crate) struct Ring {
    /// First name in the middle.
    pub(crate) centre: String,
    /// May open the private page, or see how to get in.
    pub(crate) private: Vec<String>,
    /// May see the news, or the address.
    pub(crate) news: Vec<String>,
    /// Help with the rota.
    pub(crate) rota: Vec<String>,
    /// Were asked and have not answered. Drawn on the outer ring with a dashed edge.
    pub(crate) invited: Vec<Invited>,
}

/// Somebody who has not answered yet.
#[derive(Clone, Debug)]
pub(crate) struct Invited {
    pub(crate) name: String,
    /// "asked on Friday".
    pub(crate) since: String,
}

/// A name on a ring: a pill with the name in it.
#[derive(Clone, Debug, PartialEq)]
struct Bead {
    words: String,
    class: &'static str,
    /// Centre.
    x: f64,
    y: f64,
    width: f64,
}

// INVARIANT: rendered by askama, which escapes every word in it.
impl HtmlSafe for Ring {}

const MIDDLE: (f64, f64) = (210.0, 204.0);
const WIDTH: f64 = 420.0;
const BEAD_HEIGHT: f64 = 33.0;
const RADII: [f64; 3] = [78.0, 128.0, 178.0];
/// More than this many names on one ring would touch.
const MOST: usize = 8;
/// Longer names are drawn as initials; the list below the picture has them in full.
const LONGEST: usize = 10;

impl Ring {
    /// The picture in words, from the same names.
    pub(crate) fn in_words(&self) -> String {
        let mut said = vec![format!("{} is in the middle.", self.centre)];
        let groups = [
            ("Nearest, and able to open the private page or to get in", &self.private),
            ("Next, able to see the news or the address", &self.news),
            ("Outside, helping with the rota", &self.rota),
        ];
        for (place, names) in groups {
            if !names.is_empty() {
                said.push(format!("{place}: {}.", words::list(names)));
            }
        }
        if !self.invited.is_empty() {
            said.push(format!("Asked, and not answered yet: {}.", words::list(&self.asked())));
        }
        if self.is_empty() {
            said.push("Nobody has been named yet.".to_owned());
        }
        said.join(" ")
    }

    fn asked(&self) -> Vec<&str> {
        self.invited.iter().map(|invited| invited.name.as_str()).collect()
    }

    fn is_empty(&self) -> bool {
        let rings = [&self.private, &self.news, &self.rota];
        rings.iter().all(|names| names.is_empty()) && self.invited.is_empty()
    }

    /// Smaller letters for a longer name, within what can be read.
    fn centre_size(&self) -> u8 {
        match self.centre.chars().count() {
            0..=8 => 18,
            9 => 16,
            _ => 15,
        }
    }

    fn centre_words(&self) -> String {
        drawn_name(&self.centre)
    }

    fn beads(&self) -> Vec<Bead> {
        let outer = self
            .rota
            .iter()
            .map(|name| (drawn_name(name), "p p3"))
            .chain(self.invited.iter().map(|one| (drawn_name(&one.name), "p p3 invited")));
        let mut rings = [
            named(&self.private, "p p1"),
            named(&self.news, "p p2"),
            fewer(outer.collect(), "p p3"),
        ];
        if self.is_empty() {
            rings[2].push(("Your first friend".to_owned(), "p p3 invited"));
        }
        let mut placed: Vec<Bead> = Vec::new();
        for ((radius, names), start) in RADII.into_iter().zip(rings).zip([-90.0, -60.0, -30.0]) {
            // The start is turned until no name covers another; with many names the best is kept.
            let turns = (0..36).map(|turn| spread(&names, radius, start + f64::from(turn) * 10.0));
            let best = turns.min_by_key(|ring| covers(ring, &placed));
            placed.extend(best.unwrap_or_default());
        }
        placed
    }
}

impl Bead {
    fn left(&self) -> String {
        format!("{:.1}", self.x - self.width / 2.0)
    }

    fn top(&self) -> String {
        format!("{:.1}", self.y - BEAD_HEIGHT / 2.0)
    }

    fn wide(&self) -> String {
        format!("{:.1}", self.width)
    }

    fn middle(&self) -> String {
        format!("{:.1}", self.x)
    }

    fn baseline(&self) -> String {
        format!("{:.1}", self.y + 6.0)
    }

    fn touches(&self, other: &Self) -> bool {
        (self.x - other.x).abs() < f64::midpoint(self.width, other.width) + 4.0
            && (self.y - other.y).abs() < BEAD_HEIGHT + 3.0
    }
}

fn named(names: &[String], class: &'static str) -> Vec<(String, &'static str)> {
    fewer(names.iter().map(|name| (drawn_name(name), class)).collect(), class)
}

/// At most [`MOST`]: seven names and "+ 3 more".
fn fewer(
    mut names: Vec<(String, &'static str)>,
    class: &'static str,
) -> Vec<(String, &'static str)> {
    if names.len() > MOST {
        let left_out = names.len() + 1 - MOST;
        names.truncate(MOST - 1);
        names.push((format!("+ {left_out} more"), class));
    }
    names
}

fn drawn_name(name: &str) -> String {
    if name.chars().count() <= LONGEST {
        return name.to_owned();
    }
    name.split_whitespace().filter_map(|part| part.chars().next()).collect()
}

fn spread(names: &[(String, &'static str)], radius: f64, start: f64) -> Vec<Bead> {
    let step = 360.0 / units(names.len().max(1));
    let place = |(n, (words, class)): (usize, &(String, &'static str))| {
        let angle = (start + step * units(n)).to_radians();
        let width = 9.6 * units(words.chars().count()) + 24.0;
        let edge = width / 2.0 + 2.0;
        Bead {
            words: words.clone(),
            class,
            x: (MIDDLE.0 + radius * angle.cos()).clamp(edge, WIDTH - edge),
            y: MIDDLE.1 + radius * angle.sin(),
            width,
        }
    };
    names.iter().enumerate().map(place).collect()
}

/// How many pairs would cover each other.
fn covers(ring: &[Bead], placed: &[Bead]) -> usize {
    let within = ring
        .iter()
        .enumerate()
        .map(|(n, bead)| ring.iter().skip(n + 1).filter(|other| bead.touches(other)).count());
    let between = ring.iter().map(|bead| placed.iter().filter(|old| bead.touches(old)).count());
    within.chain(between).sum()
}

fn units(count: usize) -> f64 {
    f64::from(u16::try_from(count).unwrap_or(u16::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn margaret() -> Ring {
        Ring {
            centre: "Margaret".to_owned(),
            private: names(&["Ruth", "Sam", "Joan"]),
            news: names(&["Priya", "Mo"]),
            rota: names(&["Tom", "Dev", "Sheila", "Alan"]),
            invited: vec![Invited {
                name: "Grace".to_owned(),
                since: "asked on Friday".to_owned(),
            }],
        }
    }

    #[test]
    fn everybody_is_drawn_once_and_said_once() {
        let ring = margaret();
        let drawn = ring.render().unwrap();
        for name in ["Ruth", "Sam", "Joan", "Priya", "Mo", "Tom", "Dev", "Sheila", "Alan", "Grace"]
        {
            assert_eq!(drawn.matches(&format!(">{name}</text>")).count(), 1, "{name}");
            assert!(ring.in_words().contains(name), "{name}");
        }
        assert_eq!(drawn.matches("p3 invited").count(), 1);
        crate::picture::same_as_golden("ring", &drawn);
    }

    #[test]
    fn no_name_covers_another() {
        let ring = Ring { private: names(&["Ruth", "Sam", "Joan", "Bea"]), ..margaret() };
        for ring in [margaret(), ring] {
            let beads = ring.beads();
            for (n, bead) in beads.iter().enumerate() {
                for other in &beads[n + 1..] {
                    assert!(!bead.touches(other), "{} on {}", bead.words, other.words);
                }
                assert!(bead.x - bead.width / 2.0 >= 0.0 && bead.x + bead.width / 2.0 <= WIDTH);
            }
        }
    }

    #[test]
    fn many_names_are_counted_and_long_ones_shortened() {
        let many: Vec<String> = (0..11).map(|n| format!("Friend{n}")).collect();
        let ring = Ring { rota: many, private: names(&["Bartholomew James"]), ..margaret() };
        let drawn: Vec<String> = ring.beads().into_iter().map(|bead| bead.words).collect();
        assert!(drawn.contains(&"BJ".to_owned()));
        assert!(drawn.contains(&"+ 5 more".to_owned()));
        assert!(ring.in_words().contains("Friend10"), "the words leave nobody out");
        assert!(ring.render().unwrap().contains("Bartholomew James"));
    }

    #[test]
    fn an_empty_circle_has_one_open_place() {
        let ring = Ring { centre: "Margaret".to_owned(), ..Ring::default() };
        assert_eq!(ring.beads().len(), 1);
        assert!(ring.in_words().ends_with("Nobody has been named yet."));
    }
}

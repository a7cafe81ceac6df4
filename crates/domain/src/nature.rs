//! Nature names: what a circle is called wherever the patient's name must not appear.
//!
//! Calm names only. Left out: anything of death, war or speed, anything that is mostly a person's
//! name ("Holly circle" would look like Holly's), and rivers, which say where somebody lives.

/// Every nature name, in no order that means anything.
pub const NATURE_NAMES: [&str; 123] = [
    // Birds.
    "Heron",
    "Wren",
    "Kingfisher",
    "Goldfinch",
    "Skylark",
    "Nightingale",
    "Dunnock",
    "Linnet",
    "Siskin",
    "Wagtail",
    "Dipper",
    "Curlew",
    "Lapwing",
    "Plover",
    "Sandpiper",
    "Avocet",
    "Puffin",
    "Eider",
    "Mallard",
    "Moorhen",
    "Grebe",
    "Partridge",
    "Chaffinch",
    "Greenfinch",
    "Bullfinch",
    "Brambling",
    "Stonechat",
    "Fieldfare",
    "Redwing",
    "Starling",
    "Swallow",
    "Nuthatch",
    "Waxwing",
    "Woodlark",
    "Pipit",
    "Oriole",
    "Sanderling",
    "Turnstone",
    "Dunlin",
    "Whimbrel",
    // Trees.
    "Maple",
    "Oak",
    "Birch",
    "Beech",
    "Alder",
    "Aspen",
    "Hornbeam",
    "Larch",
    "Juniper",
    "Cedar",
    "Spruce",
    "Chestnut",
    "Walnut",
    "Linden",
    "Sycamore",
    "Medlar",
    "Damson",
    "Mulberry",
    "Quince",
    "Whitebeam",
    "Spindle",
    "Redwood",
    // Flowers and herbs.
    "Bluebell",
    "Primrose",
    "Cowslip",
    "Clover",
    "Campion",
    "Harebell",
    "Celandine",
    "Buttercup",
    "Marigold",
    "Lavender",
    "Honeysuckle",
    "Cornflower",
    "Meadowsweet",
    "Yarrow",
    "Tansy",
    "Teasel",
    "Crocus",
    "Tulip",
    "Aster",
    "Peony",
    "Lupin",
    "Bracken",
    "Sorrel",
    "Mallow",
    "Bergamot",
    "Chamomile",
    "Borage",
    "Periwinkle",
    "Saxifrage",
    "Gentian",
    "Edelweiss",
    "Orchid",
    "Sunflower",
    "Hollyhock",
    "Geranium",
    "Magnolia",
    "Camellia",
    "Azalea",
    "Wisteria",
    "Clematis",
    "Lilac",
    // Animals.
    "Otter",
    "Hedgehog",
    "Dormouse",
    "Squirrel",
    "Dolphin",
    "Bumblebee",
    "Ladybird",
    "Dragonfly",
    "Ringlet",
    "Minnow",
    // Water, shore and land.
    "Brook",
    "Tarn",
    "Meadow",
    "Orchard",
    "Harbour",
    "Pebble",
    "Lagoon",
    "Cove",
    "Glade",
    "Dell",
];

/// The nature name at `index`, counted round the list, so that any random number gives one.
///
/// Two circles of one organisation should not share a name: try the next index until one is free.
pub fn nature_name(index: usize) -> &'static str {
    NATURE_NAMES.get(index % NATURE_NAMES.len()).copied().unwrap_or("Heron")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_enough() {
        let unique: BTreeSet<_> = NATURE_NAMES.iter().collect();
        assert_eq!(unique.len(), NATURE_NAMES.len());
        assert!(NATURE_NAMES.len() >= 120);
        for name in NATURE_NAMES {
            let (first, rest) = name.split_at(1);
            assert!(first.bytes().all(|b| b.is_ascii_uppercase()), "{name}");
            assert!(rest.bytes().all(|b| b.is_ascii_lowercase()), "{name}");
            assert!((3..=13).contains(&name.len()), "{name}");
        }
    }

    #[test]
    fn nothing_speaks_of_death_war_or_speed() {
        for banned in [
            "Raven",
            "Magpie",
            "Crow",
            "Vulture",
            "Willow",
            "Yew",
            "Poppy",
            "Swift",
            "Lily",
            "Rook",
            "Owl",
            "Dove",
            "Swan",
            "Ash",
            "Elder",
            "Cypress",
            "Hemlock",
            "Nightshade",
            "Foxglove",
            "Snowdrop",
            "Rosemary",
            "Speedwell",
            "Hawk",
            "Eagle",
            "Kestrel",
            "Falcon",
            "Shrike",
            "Cuckoo",
            "Admiral",
            "Brimstone",
            "Copse",
            "Dart",
            "Styx",
            "Hare",
            "Moth",
            "Deathwatch",
            "Mourning",
            "Soldier",
            "Grave",
            "Weeping",
        ] {
            assert!(!NATURE_NAMES.contains(&banned), "{banned}");
        }
    }

    #[test]
    fn any_number_gives_a_name() {
        assert_eq!(nature_name(0), "Heron");
        assert_eq!(nature_name(NATURE_NAMES.len()), "Heron");
        assert!(NATURE_NAMES.contains(&nature_name(usize::MAX)));
    }
}

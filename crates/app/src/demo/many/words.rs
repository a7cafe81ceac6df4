//! What the many circles are made of. Every name is a first name and nobody's; telephone numbers are
//! Ofcom's for drama, and no town or hospice of these names is meant.

use kith_domain::TaskKind;

pub(super) const PATIENTS: [&str; 60] = [
    "Agnes", "Albert", "Alma", "Amrit", "Annie", "Archie", "Audrey", "Barbara", "Bernard", "Betty",
    "Brenda", "Cyril", "Daphne", "Dilys", "Donald", "Doreen", "Edna", "Elsie", "Eric", "Esme",
    "Farida", "Fred", "Geoffrey", "George", "Gladys", "Gwen", "Harold", "Hilda", "Ida", "Irene",
    "Ivor", "Jamila", "Jean", "Joyce", "Kathleen", "Kenneth", "Leonard", "Mabel", "Maureen",
    "Megan", "Mervyn", "Muriel", "Nancy", "Norman", "Olive", "Pamela", "Patrick", "Pearl",
    "Phyllis", "Raymond", "Ronald", "Sadie", "Shirley", "Stella", "Surjit", "Sylvia", "Thomas",
    "Vera", "Winifred", "Yusra",
];

pub(super) const OTHERS: [&str; 96] = [
    "Abi", "Adam", "Ahmed", "Alex", "Alice", "Amy", "Ana", "Andy", "Anna", "Anwen", "Asha", "Bea",
    "Ben", "Bilal", "Callum", "Cara", "Carys", "Cath", "Chloe", "Chris", "Claire", "Colin", "Dan",
    "Dawn", "Deb", "Denise", "Dylan", "Ed", "Eilidh", "Ella", "Emma", "Euan", "Fay", "Finn",
    "Frances", "Gareth", "Gita", "Gemma", "Hannah", "Harry", "Hassan", "Hugh", "Imran", "Iris",
    "Jack", "Jade", "James", "Jas", "Jen", "Jill", "Josh", "Julie", "Kamal", "Kate", "Kim", "Kofi",
    "Laura", "Leah", "Lee", "Lin", "Lucy", "Maggie", "Mark", "Martin", "Maya", "Meera", "Mia",
    "Mike", "Molly", "Nadia", "Neil", "Nick", "Nina", "Olu", "Owen", "Paul", "Pauline", "Phil",
    "Rachel", "Raj", "Rhys", "Rob", "Rory", "Sally", "Sam", "Sara", "Sian", "Simon", "Sonia",
    "Sue", "Tara", "Ted", "Tina", "Usha", "Will", "Zoe",
];

pub(super) const FAMILY: [&str; 8] =
    ["Daughter", "Son", "Wife", "Husband", "Niece", "Brother", "Sister", "Grandson"];

pub(super) const FRIENDS: [&str; 10] = [
    "Neighbour",
    "Friend",
    "From church",
    "From the choir",
    "Next door",
    "Old colleague",
    "Walking group",
    "Has a car",
    "From the mosque",
    "Allotment",
];

pub(super) const STREETS: [&str; 16] = [
    "Mill Lane",
    "Church Row",
    "Station Road",
    "Orchard Close",
    "Canal Street",
    "Weir Lane",
    "Quarry Road",
    "Chapel Street",
    "Meadow View",
    "Bridge Street",
    "Park Terrace",
    "Abbey Walk",
    "Ferry Road",
    "Well Street",
    "Garden Court",
    "Hill Rise",
];

/// Parts of town, six to a hospice.
pub(super) const AREAS: [&str; 18] = [
    "Oldbridge",
    "Eastfield",
    "Millbrook",
    "Northgate",
    "Southmere",
    "Westholme",
    "Upper Ferry",
    "Lower Ferry",
    "Kingsmead",
    "Abbotsfold",
    "Riverside",
    "Hillfoot",
    "Quayside",
    "Longmeadow",
    "Fairfold",
    "Brookend",
    "Stonegate",
    "Newfold",
];

pub(super) const HOSPICE_FIRST: [&str; 24] = [
    "Alder", "Beck", "Birken", "Bramble", "Clover", "Daisy", "Elder", "Ferny", "Glen", "Harrow",
    "Heather", "Ivy", "Juniper", "Larken", "Linden", "Maple", "Meadow", "Orchard", "Pebble",
    "Primrose", "Quiet", "Sorrel", "Thistle", "Wren",
];

pub(super) const HOSPICE_LAST: [&str; 12] = [
    "bank", "brook", "combe", "croft", "dale", "field", "fold", "garth", "holme", "mere", "stead",
    "wick",
];

pub(super) const NEWS: [&str; 6] = [
    "A good night, and porridge for breakfast.",
    "Tired today. Short visits are best.",
    "The new tablets help. Up and about for an hour.",
    "A quiet weekend. Music was welcome.",
    "The nurse came and is pleased.",
    "Sat in the garden for the first time in weeks.",
];

pub(super) const COMFORT: [&str; 4] = [
    "Pillows high. A drink with a straw within reach.",
    "Sleeps after lunch. Please come back at three.",
    "Sore left hip: a cushion on the chair, please.",
    "Cold hands: the blue blanket, and a hot-water bottle from the kitchen.",
];

pub(super) const ENTRY: [&str; 3] = [
    "The back door is open in the daytime.",
    "Key with the neighbour on the left.",
    "Ring, and wait: it takes a while to the door.",
];

/// What is asked in a week: kind, hour and minute, minutes, and what whoever takes it reads.
pub(super) const ASKED: [(TaskKind, (i8, i8), u16, &str); 14] = [
    (TaskKind::Visit, (14, 0), 60, "A cup of tea and a chat. Ring twice and wait a little."),
    (TaskKind::Visit, (10, 30), 60, ""),
    (TaskKind::Meal, (18, 0), 30, "No nuts. The oven is slow: ten minutes more."),
    (TaskKind::Meal, (12, 30), 30, ""),
    (TaskKind::Shopping, (11, 0), 60, "The list is on the fridge. Keep the receipt."),
    (TaskKind::Shopping, (16, 0), 60, ""),
    (TaskKind::DogWalk, (15, 30), 45, "The lead hangs behind the kitchen door."),
    (TaskKind::Lift, (9, 30), 90, "To the day clinic. The folding chair goes in the boot."),
    (TaskKind::Evening, (19, 0), 120, "She likes the radio on, low."),
    (TaskKind::Call, (17, 0), 15, ""),
    (TaskKind::Newspaper, (9, 0), 30, "The crossword first."),
    (TaskKind::Outing, (13, 0), 120, "To the park, if it is dry."),
    (TaskKind::Arranged, (11, 30), 30, "The district nurse comes."),
    (TaskKind::Other, (10, 0), 60, "Washing: the basket is on the landing."),
];

//! Who is in the demonstration, and what they do. All of it is invented; telephone numbers are
//! Ofcom's for drama.

use kith_domain::{MemberRole, Preset, TaskKind};

/// One circle.
pub(super) struct Story {
    /// Nature name, and in small letters the name of everything that belongs to it.
    pub(super) name: &'static str,
    /// Part of town.
    pub(super) area: &'static str,
    /// The patient's first name.
    pub(super) patient: &'static str,
    /// Where the patient lives.
    pub(super) address: &'static str,
    /// Days since the patient or a carer was seen.
    pub(super) seen_days_ago: i64,
    /// Phone given to the hospice.
    pub(super) phone: &'static str,
    /// The patient first, then the lead carer if there is one.
    pub(super) people: &'static [Friend],
    /// What happens in the week that begins today.
    pub(super) week: &'static [Task],
    /// A visit that was not part of a week: how many days ago, and whose.
    pub(super) visited: Option<(i64, &'static str)>,
}

/// One person in a circle.
pub(super) struct Friend {
    pub(super) name: &'static str,
    pub(super) role: MemberRole,
    /// What the patient lets them see; none for the patient.
    pub(super) sees: Option<(Preset, bool)>,
    /// What they are to the patient; may be empty.
    pub(super) is: &'static str,
    /// Days since they were named.
    pub(super) named: i64,
    /// Whether they have said yes.
    pub(super) accepted: bool,
}

/// One task of the week. It was there in the two weeks before, and is there in the week after.
#[derive(Clone, Copy)]
pub(super) struct Task {
    pub(super) kind: TaskKind,
    /// Days from today, 0 to 6.
    pub(super) day: i8,
    /// Hour and minute on the wall.
    pub(super) at: (i8, i8),
    pub(super) minutes: u16,
    /// Who does it this week.
    pub(super) by: Option<&'static str>,
    /// Who did it in the weeks before.
    pub(super) before: Option<&'static str>,
    /// Who does it in the week after.
    pub(super) after: Option<&'static str>,
    /// What whoever takes it reads; may be empty.
    pub(super) note: &'static str,
    /// Whoever takes it sees the address, in the window.
    pub(super) address: bool,
    /// Somebody has to come.
    pub(super) must: bool,
    /// What was done so far to find somebody this week.
    pub(super) looking: Looking,
}

/// What was done so far to find somebody.
#[derive(Clone, Copy)]
pub(super) enum Looking {
    /// Nothing.
    No,
    /// The circle was asked yesterday.
    AskedYesterday,
    /// This one took it and gave it back this morning.
    GivenBackBy(&'static str),
}

const fn friend(name: &'static str, sees: (Preset, bool), is: &'static str, named: i64) -> Friend {
    Friend { name, role: MemberRole::Friend, sees: Some(sees), is, named, accepted: true }
}

const fn patient(name: &'static str) -> Friend {
    Friend { name, role: MemberRole::Patient, sees: None, is: "", named: 40, accepted: true }
}

const fn carer(name: &'static str, is: &'static str) -> Friend {
    Friend {
        name,
        role: MemberRole::Carer,
        sees: Some((Preset::PrivatePage, true)),
        is,
        named: 40,
        accepted: true,
    }
}

const ROTA: (Preset, bool) = (Preset::JustRota, false);
const NEWS: (Preset, bool) = (Preset::HowSheIs, false);
const PRIVATE: (Preset, bool) = (Preset::PrivatePage, true);

const fn task(
    kind: TaskKind,
    day: i8,
    at: (i8, i8),
    minutes: u16,
    by: Option<&'static str>,
) -> Task {
    Task {
        kind,
        day,
        at,
        minutes,
        by,
        before: by,
        after: by,
        note: "",
        address: false,
        must: false,
        looking: Looking::No,
    }
}

const fn visit(day: i8, by: Option<&'static str>) -> Task {
    Task { address: true, ..task(TaskKind::Visit, day, (14, 0), 60, by) }
}

const fn meal(day: i8, by: Option<&'static str>) -> Task {
    Task { address: true, ..task(TaskKind::Meal, day, (18, 0), 30, by) }
}

const fn shopping(day: i8, by: Option<&'static str>) -> Task {
    task(TaskKind::Shopping, day, (11, 0), 60, by)
}

const fn dog_walk(day: i8) -> Task {
    Task {
        note: "Walk Biscuit before it gets dark. His lead hangs behind the kitchen door.",
        before: Some("Alan"),
        after: None,
        ..task(TaskKind::DogWalk, day, (15, 30), 45, None)
    }
}

/// Nobody took it this week; these people did it before.
const fn gap(task: Task, before: &'static str) -> Task {
    Task { by: None, before: Some(before), after: None, ..task }
}

const HERON: Story = Story {
    name: "Heron",
    area: "Oldbridge",
    patient: "Margaret",
    address: "14 Quarry Lane, Oldbridge",
    seen_days_ago: 0,
    phone: "07700 900 123",
    people: &[
        patient("Margaret"),
        carer("Ruth", "Daughter"),
        friend("Sam", PRIVATE, "Son", 38),
        friend("Joan", PRIVATE, "Friend", 5),
        friend("Priya", NEWS, "Neighbour", 30),
        friend("Mo", NEWS, "From the choir", 24),
        friend("Tom", ROTA, "Neighbour", 21),
        friend("Dev", ROTA, "Has a car", 21),
        friend("Sheila", ROTA, "Lives next door", 19),
        friend("Alan", ROTA, "Walks his dog here", 12),
        Friend { accepted: false, ..friend("Grace", ROTA, "From church", 3) },
    ],
    week: &[
        Task {
            note: "Ring twice and wait a little. Biscuit is friendly.",
            ..visit(0, Some("Joan"))
        },
        dog_walk(0),
        meal(0, Some("Priya")),
        Task {
            note: "A cup of tea and a chat. Ring twice and wait a little. Biscuit is friendly.",
            ..visit(1, Some("Tom"))
        },
        meal(1, Some("Sheila")),
        Task {
            note: "Washing: the basket is on the landing.",
            ..task(TaskKind::Other, 2, (10, 0), 60, Some("Sheila"))
        },
        Task {
            note: "The district nurse comes.",
            ..task(TaskKind::Arranged, 2, (11, 30), 30, None)
        },
        Task { address: true, ..task(TaskKind::Evening, 2, (19, 0), 120, Some("Ruth")) },
        Task { address: true, ..task(TaskKind::Lift, 3, (9, 30), 90, Some("Dev")) },
        Task {
            note: "Milk, bread, soft fruit, dog biscuits. About one bag. Keep the receipt: Ruth \
                   pays you back the same day.",
            before: Some("Dev"),
            after: None,
            address: true,
            looking: Looking::AskedYesterday,
            ..task(TaskKind::Shopping, 3, (14, 0), 90, None)
        },
        visit(4, Some("Mo")),
        meal(4, Some("Joan")),
        Task {
            note: "The list is on the fridge.",
            after: Some("Tom"),
            address: true,
            ..task(TaskKind::Shopping, 5, (10, 0), 90, Some("Alan"))
        },
        dog_walk(6),
        meal(6, Some("Priya")),
    ],
    visited: None,
};

const MAPLE: Story = Story {
    name: "Maple",
    area: "Oldbridge",
    patient: "Walter",
    address: "3 Mill Row, Oldbridge",
    seen_days_ago: 1,
    phone: "07700 900 231",
    people: &[
        patient("Walter"),
        carer("Edith", "Wife"),
        friend("Jim", NEWS, "Brother", 30),
        friend("Bronwen", ROTA, "Neighbour", 18),
    ],
    week: &[
        Task { looking: Looking::AskedYesterday, ..gap(shopping(0, None), "Edith") },
        Task {
            looking: Looking::GivenBackBy("Bronwen"),
            must: true,
            ..gap(task(TaskKind::Visit, 0, (15, 0), 60, None), "Jim")
        },
        gap(visit(1, None), "Edith"),
        gap(meal(1, None), "Jim"),
        gap(visit(2, None), "Jim"),
        visit(3, Some("Jim")),
        meal(3, Some("Edith")),
        gap(visit(4, None), "Edith"),
        gap(shopping(4, None), "Jim"),
        gap(visit(5, None), "Edith"),
        gap(meal(6, None), "Jim"),
        gap(visit(6, None), "Edith"),
    ],
    visited: None,
};

const WREN: Story = Story {
    name: "Wren",
    area: "Eastfield",
    patient: "Aisha",
    address: "27 Station Road, Eastfield",
    seen_days_ago: 0,
    phone: "07700 900 342",
    people: &[
        patient("Aisha"),
        carer("Yusuf", "Son"),
        friend("Karen", NEWS, "Friend", 28),
        friend("Leila", ROTA, "Neighbour", 20),
        friend("Pete", ROTA, "Neighbour", 16),
    ],
    week: &[
        visit(0, Some("Karen")),
        meal(0, Some("Leila")),
        visit(1, Some("Pete")),
        meal(1, Some("Yusuf")),
        visit(2, Some("Leila")),
        visit(4, Some("Karen")),
        shopping(4, Some("Pete")),
        visit(5, Some("Yusuf")),
        meal(5, Some("Leila")),
        visit(6, Some("Karen")),
    ],
    visited: None,
};

const ROWAN: Story = Story {
    name: "Rowan",
    area: "Eastfield",
    patient: "Stanley",
    address: "9 Orchard Close, Eastfield",
    seen_days_ago: 9,
    phone: "07700 900 453",
    people: &[patient("Stanley"), carer("Carol", "Niece"), friend("Brian", ROTA, "Neighbour", 25)],
    week: &[meal(2, Some("Brian")), meal(6, Some("Brian"))],
    visited: Some((9, "Brian")),
};

const OTTER: Story = Story {
    name: "Otter",
    area: "Millbrook",
    patient: "Derek",
    address: "Flat 2, 61 Canal Street, Millbrook",
    seen_days_ago: 0,
    phone: "07700 900 564",
    people: &[
        patient("Derek"),
        friend("Nia", PRIVATE, "Sister", 30),
        friend("Omar", NEWS, "From work", 22),
        friend("Liz", ROTA, "Neighbour", 15),
        friend("Col", ROTA, "Allotment", 15),
    ],
    week: &[
        visit(0, Some("Nia")),
        meal(0, Some("Omar")),
        shopping(0, Some("Liz")),
        visit(1, Some("Col")),
        meal(1, Some("Nia")),
        shopping(1, Some("Omar")),
        gap(visit(2, None), "Liz"),
        visit(3, Some("Nia")),
        meal(3, Some("Col")),
        shopping(3, Some("Liz")),
        visit(4, Some("Omar")),
        meal(4, Some("Col")),
        shopping(4, Some("Nia")),
        gap(meal(5, None), "Omar"),
        visit(6, Some("Liz")),
    ],
    visited: None,
};

const LINNET: Story = Story {
    name: "Linnet",
    area: "Millbrook",
    patient: "Rosa",
    address: "18 Weir Lane, Millbrook",
    seen_days_ago: 2,
    phone: "07700 900 675",
    people: &[
        patient("Rosa"),
        carer("Marco", "Grandson"),
        friend("Helen", NEWS, "Friend", 27),
        friend("Ian", ROTA, "Neighbour", 14),
    ],
    week: &[
        visit(0, Some("Helen")),
        visit(1, Some("Ian")),
        meal(1, Some("Marco")),
        visit(2, Some("Helen")),
        shopping(3, Some("Ian")),
        visit(4, Some("Marco")),
        meal(4, Some("Helen")),
        visit(5, Some("Ian")),
    ],
    visited: None,
};

const HAZEL: Story = Story {
    name: "Hazel",
    area: "St Mary’s",
    patient: "Beryl",
    address: "5 Church Walk, St Mary’s",
    seen_days_ago: 1,
    phone: "07700 900 786",
    people: &[
        patient("Beryl"),
        carer("Linda", "Daughter"),
        friend("Steve", ROTA, "Son-in-law", 26),
        friend("Femi", ROTA, "Neighbour", 17),
    ],
    week: &[
        visit(0, Some("Steve")),
        meal(0, Some("Linda")),
        gap(visit(1, None), "Femi"),
        visit(2, Some("Femi")),
        visit(3, Some("Linda")),
        shopping(3, Some("Steve")),
        visit(5, Some("Femi")),
        visit(6, Some("Steve")),
        meal(6, Some("Femi")),
    ],
    visited: None,
};

const CURLEW: Story = Story {
    name: "Curlew",
    area: "St Mary’s",
    patient: "Arthur",
    address: "40 Abbey Street, St Mary’s",
    seen_days_ago: 0,
    phone: "07700 900 897",
    people: &[
        patient("Arthur"),
        carer("Jo", "Partner"),
        friend("Kath", NEWS, "Friend", 29),
        friend("Ned", ROTA, "Choir", 13),
    ],
    week: &[
        visit(0, Some("Kath")),
        visit(1, Some("Ned")),
        visit(2, Some("Jo")),
        visit(3, Some("Kath")),
        visit(4, Some("Ned")),
        visit(5, Some("Jo")),
        visit(6, Some("Kath")),
    ],
    visited: None,
};

/// Every circle.
pub(super) const STORIES: [Story; 8] = [HERON, MAPLE, WREN, ROWAN, OTTER, LINNET, HAZEL, CURLEW];

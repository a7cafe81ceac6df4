//! The two lists of words that welcome words are made of.
//!
//! Easy to say on the telephone: 3 to 8 letters, no two in a list that differ in one letter only,
//! nothing rude, nothing sad. Both are in alphabetical order, and no word is in both. Words are
//! stored only as keyed hashes, so that a list may change once no invitation is open.

/// Colours and qualities: the first word.
pub(crate) const QUALITIES: [&str; 128] = [
    "amber", "autumn", "azure", "big", "blue", "breezy", "bright", "bronze", "brown", "busy",
    "calm", "chatty", "cheerful", "clean", "cobalt", "comfy", "copper", "cosy", "cotton", "creamy",
    "crimson", "crisp", "crunchy", "crystal", "curious", "curly", "dainty", "dancing", "early",
    "eastern", "emerald", "festive", "floral", "fresh", "friendly", "fruity", "gentle", "gleaming",
    "glossy", "glowing", "golden", "graceful", "grand", "green", "handy", "happy", "hearty",
    "homely", "indigo", "ivory", "jade", "jaunty", "jolly", "joyful", "knitted", "leafy", "lilac",
    "little", "lovely", "magenta", "magic", "maroon", "misty", "moonlit", "mossy", "musical",
    "navy", "neat", "nifty", "nimble", "noble", "northern", "olive", "orange", "oval", "pink",
    "playful", "polished", "pretty", "purple", "quilted", "round", "ruby", "russet", "rustic",
    "saffron", "satin", "scarlet", "seaside", "shiny", "silky", "silver", "simple", "smiling",
    "smooth", "snowy", "snug", "soft", "southern", "sparkly", "speckled", "spicy", "splendid",
    "square", "starry", "stately", "steady", "striped", "sturdy", "summer", "sunlit", "sunny",
    "tasty", "tidy", "tranquil", "trusty", "useful", "velvet", "vintage", "violet", "warm",
    "western", "witty", "wooden", "woolly", "woven", "yellow", "zesty",
];

/// Homely things: the second word.
pub(crate) const THINGS: [&str; 256] = [
    "acorn", "album", "almond", "apple", "apricot", "apron", "atlas", "attic", "badger", "bagel",
    "bakery", "balcony", "banana", "banjo", "barn", "barrow", "basin", "basket", "bathtub",
    "beetroot", "bench", "bicycle", "biscuit", "blanket", "bobbin", "bonnet", "bookcase",
    "bookmark", "boot", "bramble", "bridge", "broccoli", "brush", "bucket", "butter", "button",
    "cabbage", "cabin", "cabinet", "cake", "camera", "candle", "canoe", "caravan", "cardigan",
    "carpet", "castle", "chair", "cheese", "cherry", "chestnut", "chicken", "chimney", "clock",
    "cloud", "clover", "coaster", "coat", "cocoa", "coconut", "coffee", "compass", "cookie",
    "cottage", "crayon", "crumpet", "cucumber", "cupboard", "curtain", "cushion", "custard",
    "daffodil", "daisy", "dolphin", "domino", "donkey", "doorbell", "dresser", "drum", "duckling",
    "dumpling", "dustpan", "duvet", "easel", "eggcup", "envelope", "farm", "feather", "fence",
    "fern", "fiddle", "flapjack", "flute", "fork", "fountain", "fudge", "garden", "globe",
    "gosling", "grape", "guitar", "hallway", "hammock", "hamper", "hamster", "handbag", "harbour",
    "hat", "hazelnut", "hedge", "hedgehog", "honey", "island", "jacket", "jam", "jasmine", "jelly",
    "jigsaw", "jug", "jumper", "kettle", "kitchen", "kite", "kitten", "ladder", "ladle", "lamp",
    "lantern", "lemon", "lettuce", "library", "locket", "magnet", "mango", "maple", "marigold",
    "market", "meadow", "melon", "mirror", "muffin", "museum", "mushroom", "napkin", "noodle",
    "notebook", "onion", "orchard", "otter", "oven", "pancake", "pantry", "parasol", "parcel",
    "parrot", "parsley", "parsnip", "pasta", "peach", "peanut", "pebble", "pencil", "penguin",
    "pepper", "piano", "pickle", "picture", "pillow", "pizza", "plate", "pony", "porridge",
    "postcard", "potato", "pretzel", "primrose", "pudding", "pumpkin", "puppet", "puppy", "puzzle",
    "quilt", "rabbit", "radio", "radish", "rainbow", "raisin", "recipe", "ribbon", "river",
    "robin", "ruler", "sailboat", "salad", "sandal", "sandwich", "saucer", "scarf", "scooter",
    "seashell", "shed", "shelf", "skittle", "slipper", "snowdrop", "snowman", "sock", "sofa",
    "soup", "spaniel", "sparrow", "spinach", "sponge", "spoon", "squirrel", "stamp", "station",
    "suitcase", "sunbeam", "sunrise", "syrup", "table", "teapot", "tearoom", "teaspoon", "teddy",
    "terrier", "theatre", "thimble", "toast", "tomato", "toolbox", "torch", "tortoise", "towel",
    "tractor", "tray", "trellis", "tricycle", "trifle", "trolley", "tulip", "turnip", "turtle",
    "umbrella", "village", "waffle", "wagon", "wallet", "walnut", "wardrobe", "whisk", "whistle",
    "windmill", "window", "workshop",
];

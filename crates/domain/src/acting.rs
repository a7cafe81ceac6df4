//! What one person notes that another has said: those in charge for a member whom no e-mail reaches,
//! and the organisation for whoever it rang.

use crate::words::words;

words! {
    /// What those in charge say for a member, who has told them so.
    pub enum SaidFor {
        /// Joins the circle, as far as one can without a device: is asked, and reads nothing.
        Yes = "yes",
        /// Does a slot.
        Takes = "takes",
        /// Will be there.
        There = "there",
        /// Is running late.
        Late = "late",
        /// Would like somebody to take over, and does it until then.
        Cover = "cover",
        /// Cannot make it: with little time the same as [`SaidFor::Cover`], else it is given back.
        Cannot = "cannot",
        /// Can make it after all.
        Keep = "keep",
        /// Is away for some days.
        Away = "away",
        /// Is back.
        Back = "back",
        /// Another time for a slot suits.
        Suits = "suits",
        /// Another time for a slot does not suit.
        SuitsNot = "suits_not",
        /// Does a task no more each time that it comes.
        Stops = "stops",
    }
}

words! {
    /// What the organisation's coordinator was told when she rang, or when somebody rang her. It says
    /// nothing of who comes.
    pub enum HospiceWord {
        /// Somebody comes.
        Coming = "coming",
        /// Nobody can come.
        Nobody = "nobody",
    }
}

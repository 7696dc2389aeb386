//! What may be typed after the verbs about colleagues: who is busy, who is away, when all can meet.

use super::Days;
use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct Busy {
    /// Names or addresses; without any you, or every mailbox of a service's list
    #[arg(value_name = "NAME")]
    pub(crate) people: Vec<String>,
    /// Everybody in this group, saved or of the directory, by its name or address; may be repeated
    #[arg(long = "group", value_name = "GROUP")]
    pub(crate) groups: Vec<String>,
    #[command(flatten)]
    pub(crate) days: Days,
    /// Minutes a column of the table stands for
    #[arg(long, value_name = "MINUTES", default_value_t = 30, value_parser = clap::value_parser!(u16).range(5..=120))]
    pub(crate) step: u16,
}

#[derive(Debug, Args)]
pub(crate) struct Away {
    /// Names or addresses; without any, the people who report to you
    #[arg(value_name = "NAME", conflicts_with = "team")]
    pub(crate) people: Vec<String>,
    /// The people who report to you; where nobody does, those who have your manager
    #[arg(long)]
    pub(crate) team: bool,
    /// Everybody in this group, saved or of the directory, by its name or address
    #[arg(long, value_name = "GROUP", conflicts_with_all = ["team", "people"])]
    pub(crate) group: Option<String>,
    /// How many weeks to look ahead
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=8))]
    pub(crate) weeks: u16,
}

#[derive(Debug, Args)]
pub(crate) struct Slots {
    /// Names or addresses of those who have to be there, beside you
    #[arg(value_name = "NAME")]
    pub(crate) people: Vec<String>,
    /// Everybody in this group, saved or of the directory, by its name or address; may be repeated
    #[arg(long = "group", value_name = "GROUP")]
    pub(crate) groups: Vec<String>,
    /// How long, e.g. 30m, 1h, 1h30
    #[arg(long = "for", value_name = "LENGTH", default_value = "30m")]
    pub(crate) length: String,
    /// When, as people say it: "tomorrow", "next week", "24-26 nov", "tue 14:00-18:00"; without it the next seven days
    #[arg(long, value_name = "WHEN")]
    pub(crate) within: Option<String>,
    /// All of them have to be free (the default)
    #[arg(long, conflicts_with = "at_least")]
    pub(crate) required_all: bool,
    /// So many of them are enough
    #[arg(long, value_name = "N")]
    pub(crate) at_least: Option<u16>,
    /// Somebody who may be there; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) optional: Vec<String>,
    /// A room by its address; of several one has to be free
    #[arg(long = "room", value_name = "ADDRESS")]
    pub(crate) rooms: Vec<String>,
    /// Any room of this building, where the list of rooms may be read
    #[arg(long, value_name = "BUILDING")]
    pub(crate) building: Option<String>,
    /// Any room with at least so many seats; of the building, if one is named
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) capacity: Option<u32>,
    /// Minutes of air before and after
    #[arg(long, value_name = "MINUTES", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=240))]
    pub(crate) buffer: u16,
    /// Times outside of somebody's working hours do as well
    #[arg(long)]
    pub(crate) any_hours: bool,
    /// Look for the others only
    #[arg(long)]
    pub(crate) without_me: bool,
    /// How many times
    #[arg(short = 'n', long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub(crate) count: u16,
    /// Copy them as text for a mail
    #[arg(long)]
    pub(crate) copy: bool,
    /// Zone of the copied text in place of yours; may be repeated
    #[arg(long = "zone", value_name = "ZONE")]
    pub(crate) zones: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Who {
    /// A name or an address
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

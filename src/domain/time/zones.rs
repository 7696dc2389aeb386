//! Zone names: Windows and IANA, both ways, with the aliases that systems and CLDR disagree about.
//!
//! The table is CLDR's; a Windows name stands for several places and one of them is its default. The mapping does not round-trip
//! (Madrid becomes Romance becomes Paris), so a name is kept as it came for as long as its rules are known.

use std::collections::BTreeMap;
use std::sync::{OnceLock, PoisonError, RwLock};

use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::{TimeZone, TimeZoneDatabase};
use jiff::{SignedDuration, Timestamp};

use super::{Zone, wall_time};

const TABLE: &str = include_str!("../../../assets/windows_zones.tsv");

/// Names of today and what CLDR lists in their stead.
const ALIASES: [(&str, &str); 46] = [
    ("Africa/Asmara", "Africa/Asmera"),
    ("America/Argentina/Buenos_Aires", "America/Buenos_Aires"),
    ("America/Argentina/Catamarca", "America/Catamarca"),
    ("America/Argentina/Cordoba", "America/Cordoba"),
    ("America/Argentina/Jujuy", "America/Jujuy"),
    ("America/Argentina/Mendoza", "America/Mendoza"),
    ("America/Atikokan", "America/Coral_Harbour"),
    ("America/Indiana/Indianapolis", "America/Indianapolis"),
    ("America/Kentucky/Louisville", "America/Louisville"),
    ("America/Montreal", "America/Toronto"),
    ("America/Nuuk", "America/Godthab"),
    ("Asia/Beijing", "Asia/Shanghai"),
    ("Asia/Chongqing", "Asia/Shanghai"),
    ("Asia/Ho_Chi_Minh", "Asia/Saigon"),
    ("Asia/Istanbul", "Europe/Istanbul"),
    ("Asia/Kathmandu", "Asia/Katmandu"),
    ("Asia/Kolkata", "Asia/Calcutta"),
    ("Asia/Macao", "Asia/Macau"),
    ("Asia/Tel_Aviv", "Asia/Jerusalem"),
    ("Asia/Yangon", "Asia/Rangoon"),
    ("Atlantic/Faroe", "Atlantic/Faeroe"),
    ("Australia/ACT", "Australia/Sydney"),
    ("Australia/Canberra", "Australia/Sydney"),
    ("Australia/NSW", "Australia/Sydney"),
    ("Etc/GMT+0", "Etc/GMT"),
    ("Etc/Greenwich", "Etc/GMT"),
    ("Etc/UCT", "Etc/UTC"),
    ("Etc/Universal", "Etc/UTC"),
    ("Etc/Zulu", "Etc/UTC"),
    ("Europe/Belfast", "Europe/London"),
    ("Europe/Kyiv", "Europe/Kiev"),
    ("GB", "Europe/London"),
    ("GMT", "Etc/GMT"),
    ("Hongkong", "Asia/Hong_Kong"),
    ("Japan", "Asia/Tokyo"),
    ("PRC", "Asia/Shanghai"),
    ("Pacific/Chuuk", "Pacific/Truk"),
    ("Pacific/Kanton", "Pacific/Enderbury"),
    ("Pacific/Pohnpei", "Pacific/Ponape"),
    ("Singapore", "Asia/Singapore"),
    ("Turkey", "Europe/Istanbul"),
    ("US/Central", "America/Chicago"),
    ("US/Eastern", "America/New_York"),
    ("US/Mountain", "America/Denver"),
    ("US/Pacific", "America/Los_Angeles"),
    ("UTC", "Etc/UTC"),
];

/// When the clocks change in a custom zone: on the `occurrence`th `weekday` of `month` (5: the last), at `time`
/// \[customtimezone\].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    /// 1 to 12.
    pub month: i8,
    /// 1 to 5; 5 is the last.
    pub occurrence: i8,
    /// Weekday.
    pub weekday: Weekday,
    /// Wall time before the change.
    pub time: Time,
}

/// Names of zones that fit what was typed, the best first: names of places and names of Windows. At most `most`.
#[must_use]
pub fn zones_like(typed: &str, most: usize) -> Vec<String> {
    let typed = typed.trim().to_lowercase().replace(' ', "_");
    if typed.is_empty() {
        return Vec::new();
    }
    let places = TimeZoneDatabase::bundled();
    let places = places.available().map(|name| name.to_string()).filter(|name| name.contains('/') || name == "UTC");
    let windows = TABLE.lines().filter_map(|line| line.split('\t').next()).map(str::to_owned);
    let mut found: Vec<(usize, String)> = places
        .chain(windows)
        .filter(|name| !name.starts_with('#') && !name.starts_with("posix/") && !name.starts_with("right/"))
        .filter_map(|name| {
            let plain = name.to_lowercase().replace(' ', "_");
            let place = plain.rsplit('/').next().unwrap_or(&plain);
            let rank = if place.starts_with(&typed) {
                0
            } else if plain.starts_with(&typed) {
                1
            } else if plain.contains(&typed) {
                2
            } else {
                return None;
            };
            Some((rank, name))
        })
        .collect();
    found.sort();
    found.dedup();
    found.into_iter().map(|(_, name)| name).filter(|name| Zone::find(name).rules.is_some()).take(most).collect()
}

impl Zone {
    /// The zone called `name`: a Windows name, an IANA name (in any letter case, old or new), or `tzone://Microsoft/Utc`. Anything else
    /// keeps its name and has no rules.
    #[must_use]
    pub fn find(name: &str) -> Self {
        let name = name.trim();
        if name.eq_ignore_ascii_case("tzone://Microsoft/Utc") {
            return Self::utc();
        }
        let rules = match default_of_windows(name) {
            Some(iana) => rules_of_iana(iana),
            None => rules_of_iana(name),
        };
        Self { name: name.to_owned(), rules, is_approximate: false }
    }

    /// UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self { name: "UTC".to_owned(), rules: Some(TimeZone::UTC), is_approximate: false }
    }

    /// A zone told by its offsets instead of its name: `bias` in minutes (UTC is local time plus bias), the wall time when
    /// standard and daylight time begin, and the bias added in daylight time (usually -60). Its rules are a guess: they say
    /// nothing about other years \[customtimezone\].
    #[must_use]
    pub fn from_bias(name: &str, bias: i32, changes: Option<(Transition, Transition)>, daylight_bias: i32) -> Self {
        let posix = match changes {
            Some((standard, daylight)) => format!(
                "<S>{}<D>{},{},{}",
                posix_offset(bias),
                posix_offset(bias.saturating_add(daylight_bias)),
                posix_rule(daylight),
                posix_rule(standard)
            ),
            None => format!("<S>{}", posix_offset(bias)),
        };
        // POSIX wants three letters for a name; the letters are shown nowhere.
        let posix = posix.replace("<S>", "STD").replace("<D>", "DST");
        Self { name: name.to_owned(), rules: TimeZone::posix(&posix).ok(), is_approximate: true }
    }

    /// Wall time at `instant`; `None` in an unknown zone.
    #[must_use]
    pub fn wall_time(&self, instant: Timestamp) -> Option<DateTime> {
        self.rules.as_ref().map(|rules| wall_time(instant, rules))
    }

    /// "15:30" at `instant`, "~15:30" if the rules are a guess, "?" in an unknown zone.
    #[must_use]
    pub fn clock_time(&self, instant: Timestamp) -> String {
        let guess = if self.is_approximate { "~" } else { "" };
        self.rules
            .as_ref()
            .map_or_else(|| "?".to_owned(), |rules| format!("{guess}{}", super::clock_time(instant, rules)))
    }

    /// The Windows name of these rules, for the service; `None` if there is none.
    #[must_use]
    pub fn windows_name(&self) -> Option<&'static str> {
        windows_of_iana(&self.name)
    }

    /// Whether both have the same clocks now and over the coming year, so that one may be named for the other.
    #[must_use]
    pub fn has_same_clocks(&self, other: &Self, now: Timestamp) -> bool {
        let (Some(one), Some(two)) = (&self.rules, &other.rules) else {
            return false;
        };
        (0..53).all(|week| {
            let instant = now.checked_add(SignedDuration::from_hours(week * 168)).unwrap_or(Timestamp::MAX);
            one.to_offset(instant) == two.to_offset(instant)
        })
    }

    /// The place people know the zone by: "Madrid" of Europe/Madrid, "Buenos Aires"; for a Windows name the place it stands
    /// for by default; an unknown name as it is.
    #[must_use]
    pub fn place(&self) -> String {
        let iana = default_of_windows(&self.name).unwrap_or(&self.name);
        if self.rules.is_none() || iana.starts_with("Etc/") {
            return self.name.clone();
        }
        iana.rsplit('/').next().unwrap_or(iana).replace('_', " ")
    }
}

/// Minutes west of Greenwich as POSIX writes them: `-1:30` is east.
fn posix_offset(bias: i32) -> String {
    let sign = if bias < 0 { "-" } else { "" };
    format!("{sign}{}:{:02}", bias.unsigned_abs() / 60, bias.unsigned_abs() % 60)
}

fn posix_rule(change: Transition) -> String {
    let weekday = change.weekday.to_sunday_zero_offset();
    let Transition { month, occurrence, time, .. } = change;
    format!("M{month}.{}.{weekday}/{}:{:02}", occurrence.clamp(1, 5), time.hour(), time.minute())
}

struct Names {
    /// Windows name in lower case → IANA default.
    defaults: BTreeMap<String, &'static str>,
    /// IANA name in lower case → Windows name.
    windows: BTreeMap<String, &'static str>,
}

fn names() -> &'static Names {
    static NAMES: OnceLock<Names> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names = Names { defaults: BTreeMap::new(), windows: BTreeMap::new() };
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split('\t');
            let (Some(windows), Some(territory), Some(places)) = (fields.next(), fields.next(), fields.next()) else {
                continue;
            };
            if territory == "001" {
                names
                    .defaults
                    .extend(places.split_whitespace().next().map(|place| (windows.to_ascii_lowercase(), place)));
            }
            for place in places.split_whitespace() {
                names.windows.entry(place.to_ascii_lowercase()).or_insert(windows);
            }
        }
        for (today, listed) in ALIASES {
            if let Some(windows) = names.windows.get(&listed.to_ascii_lowercase()).copied() {
                names.windows.entry(today.to_ascii_lowercase()).or_insert(windows);
            }
        }
        names
    })
}

fn default_of_windows(name: &str) -> Option<&'static str> {
    // No Windows name has a slash, and reading the table takes longer than the rest of a look-up. Nothing is what a configuration
    // says that leaves the zone to the machine.
    if name.is_empty() || name.contains('/') {
        return None;
    }
    names().defaults.get(&name.to_ascii_lowercase()).copied()
}

fn windows_of_iana(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    if let Some(iana) = names().defaults.get(&lower) {
        // It is a Windows name already; in the spelling of the table.
        return names().windows.get(&iana.to_ascii_lowercase()).copied();
    }
    names().windows.get(&lower).copied()
}

/// The rules in the system's own file, where the name is spelled as the file is. The library's look-up of any spelling first walks
/// the whole folder, which is the longest part of a start.
#[cfg(target_os = "linux")]
fn rules_of_file(name: &str) -> Option<TimeZone> {
    let rules = std::fs::read(std::path::Path::new("/usr/share/zoneinfo").join(name)).ok()?;
    TimeZone::tzif(name, &rules).ok()
}

#[cfg(not(target_os = "linux"))]
fn rules_of_file(_name: &str) -> Option<TimeZone> {
    None
}

/// So many names are remembered; there are no more zones than that, and whoever invents names fills no memory.
const MOST_REMEMBERED: usize = 700;
/// No zone's name is longer.
const LONGEST_NAME: usize = 64;

/// The rules of an IANA name, read once in the life of the program: a day of many people names the same few zones over and over.
fn rules_of_iana(name: &str) -> Option<TimeZone> {
    static READ: RwLock<BTreeMap<String, Option<TimeZone>>> = RwLock::new(BTreeMap::new());
    if name.len() > LONGEST_NAME {
        return None;
    }
    if let Some(rules) = READ.read().unwrap_or_else(PoisonError::into_inner).get(name) {
        return rules.clone();
    }
    let rules = read_rules(name);
    let mut read = READ.write().unwrap_or_else(PoisonError::into_inner);
    if read.len() < MOST_REMEMBERED {
        read.insert(name.to_owned(), rules.clone());
    }
    rules
}

/// The system's copy first, which may be newer, then ours, which is always there; then the other name of the same place, because some
/// systems leave the old ones out.
fn read_rules(name: &str) -> Option<TimeZone> {
    // What a zone folder holds beside zones, and what is no name at all.
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte));
    let is_no_zone =
        ["localtime", "posixrules", "factory", "etc/unknown"].contains(&name.to_ascii_lowercase().as_str());
    if name.is_empty() || !is_name || is_no_zone {
        return None;
    }
    let look_up = |name: &str| {
        if let Some(rules) = rules_of_file(name) {
            return Some(rules);
        }
        TimeZone::get(name).or_else(|_| TimeZoneDatabase::bundled().get(name)).ok().filter(|rules| !rules.is_unknown())
    };
    look_up(name).or_else(|| {
        let other = ALIASES.iter().find_map(|&(today, listed)| {
            if today.eq_ignore_ascii_case(name) {
                Some(listed)
            } else if listed.eq_ignore_ascii_case(name) {
                Some(today)
            } else {
                None
            }
        });
        other.and_then(look_up)
    })
}

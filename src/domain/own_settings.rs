//! What a person sets of their own: working hours and zone, the presence they choose, the note beside it, and automatic replies that
//! are being written.
//!
//! Must stay true: a wish names the goal, so saying it twice does no more than saying it once; what is not named stays as it is; an
//! instant is kept as an instant, so a presence chosen offline does not last longer than was said. Deliberately absent: the service's
//! words for any of it, and the settings of others.

use crate::domain::event_draft::{AutomaticRepliesSetting, AutomaticRepliesState};
use crate::domain::freebusy::WorkingHours;
use crate::domain::presence::Availability;
use crate::domain::time::{Span, Zone};
use jiff::{SignedDuration, Timestamp};

/// Working hours and zone as they shall be; `None`: stays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WorkingTime {
    /// The zone of the mailbox.
    pub zone: Option<Zone>,
    /// The working hours, in a zone of their own.
    pub hours: Option<WorkingHours>,
}

/// A presence that can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PresenceChoice {
    /// Available.
    Available,
    /// Busy.
    Busy,
    /// Do not disturb.
    DoNotDisturb,
    /// Be right back.
    BeRightBack,
    /// Away.
    Away,
    /// Shown as offline.
    Offline,
}

impl PresenceChoice {
    /// All, in the order in which they are offered.
    pub const ALL: [Self; 6] =
        [Self::Available, Self::Busy, Self::DoNotDisturb, Self::BeRightBack, Self::Away, Self::Offline];

    /// As a person says it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Available => "Available",
            Self::Busy => "Busy",
            Self::DoNotDisturb => "Do not disturb",
            Self::BeRightBack => "Be right back",
            Self::Away => "Away",
            Self::Offline => "Appear offline",
        }
    }

    /// As it is typed on a command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Busy => "busy",
            Self::DoNotDisturb => "do-not-disturb",
            Self::BeRightBack => "be-right-back",
            Self::Away => "away",
            Self::Offline => "offline",
        }
    }

    /// What a person means who types this.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase().replace([' ', '_'], "-");
        let short = match name.as_str() {
            "dnd" => Some(Self::DoNotDisturb),
            "brb" => Some(Self::BeRightBack),
            "appear-offline" | "invisible" => Some(Self::Offline),
            _ => None,
        };
        short.or_else(|| Self::ALL.into_iter().find(|choice| choice.name() == name))
    }

    /// What others see of it.
    #[must_use]
    pub const fn availability(self) -> Availability {
        match self {
            Self::Available => Availability::Available,
            Self::Busy => Availability::Busy,
            Self::DoNotDisturb => Availability::DoNotDisturb,
            Self::BeRightBack | Self::Away => Availability::Away,
            Self::Offline => Availability::Offline,
        }
    }

    /// How long the service keeps it where nothing is said [presence-setuserpreferredpresence].
    #[must_use]
    pub const fn usual(self) -> SignedDuration {
        match self {
            Self::Busy | Self::DoNotDisturb => SignedDuration::from_hours(24),
            _ => SignedDuration::from_hours(24 * 7),
        }
    }
}

/// A presence somebody chose for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChosenPresence {
    /// Which.
    pub choice: PresenceChoice,
    /// It ends then.
    pub until: Timestamp,
}

impl ChosenPresence {
    /// Whether it still holds at `now`.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        now < self.until
    }
}

/// The note beside one's presence; an empty text takes it away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusNote {
    /// The text.
    pub text: String,
    /// It goes away then.
    pub until: Option<Timestamp>,
}

/// A setting as the service told it, for comparing and for putting back.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting {
    /// Automatic replies.
    Replies(AutomaticRepliesSetting),
    /// Working hours and zone.
    Time(WorkingTime),
}

/// Automatic replies as somebody is writing them, kept until they are set or thrown away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnsetReplies {
    /// Which of the ways: 0 off, 1 on, 2 for a while.
    pub way: u8,
    /// From, as typed.
    pub from: String,
    /// Until, as typed.
    pub until: String,
    /// Which of the audiences: 0 nobody, 1 contacts, 2 everybody.
    pub audience: u8,
    /// The text for colleagues.
    pub internal: String,
    /// The text for others.
    pub external: String,
}

/// How automatic replies stand at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepliesNow {
    /// Nobody is answered, now or later.
    Off,
    /// Everybody is answered until somebody turns it off.
    On,
    /// Everybody is answered until the end.
    OnUntil(Timestamp),
    /// They begin at the first instant and end at the second.
    From(Span),
    /// They have ended.
    Over(Timestamp),
}

impl RepliesNow {
    /// Whether nobody is answered, now or later.
    #[must_use]
    pub const fn is_off(self) -> bool {
        matches!(self, Self::Off | Self::Over(_))
    }
}

impl AutomaticRepliesSetting {
    /// How they stand at `now`. A period that is over stays stored as it was \[automaticrepliessetting\].
    #[must_use]
    pub fn at(&self, now: Timestamp) -> RepliesNow {
        match self.state {
            AutomaticRepliesState::Off => RepliesNow::Off,
            AutomaticRepliesState::On => RepliesNow::On,
            AutomaticRepliesState::Scheduled(span) if span.end <= now => RepliesNow::Over(span.end),
            AutomaticRepliesState::Scheduled(span) if span.start > now => RepliesNow::From(span),
            AutomaticRepliesState::Scheduled(span) => RepliesNow::OnUntil(span.end),
        }
    }

    /// These with what `wanted` names in their place.
    #[must_use]
    pub fn with(&self, wanted: &Self) -> Self {
        Self {
            state: wanted.state.clone(),
            internal: wanted.internal.clone().or_else(|| self.internal.clone()),
            external: wanted.external.clone().or_else(|| self.external.clone()),
            audience: if wanted.state == AutomaticRepliesState::Off { self.audience } else { wanted.audience },
            is_html: false,
        }
    }
}

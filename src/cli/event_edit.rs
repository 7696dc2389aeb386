//! `deskbell event edit`: changing an event, or all of its series.
//!
//! Must stay true: what is not named stays as it is; a time that was typed is said back as it was understood; whoever is invited and
//! told is known before anything is done (`--yes`). Deliberately absent: making a series end by leaving its pattern out.

use crate::base::report::{Kind, Report};
use crate::base::text::tame;
use crate::cli::event;
use crate::cli::output::Out;
use crate::cli::session::{Found, Session};
use crate::domain::event::{Event, When};
use crate::domain::event_draft::{EventChange, EventTime, Invitee};
use crate::domain::freebusy::Availability;
use crate::domain::intent::Intent;
use crate::domain::mail::Recipient;
use crate::domain::recurrence::Recurrence;
use crate::domain::time::repeats;
use crate::domain::time::said::Said;
use clap::Args;
use jiff::SignedDuration;
use jiff::civil::DateTime;

/// What of an event can be said besides what, when, who and where.
#[derive(Debug, Args)]
pub(crate) struct Beside {
    /// How it repeats, e.g. "weekly until 24 dec", "mon wed 10 times", "last fri of the month"
    #[arg(long, value_name = "HOW")]
    pub(crate) repeat: Option<String>,
    /// Remind so many minutes before, or "none"
    #[arg(long, value_name = "MINUTES")]
    pub(crate) remind: Option<String>,
    /// How it shows to others
    #[arg(long, value_name = "HOW", value_parser = ["free", "tentative", "busy", "elsewhere", "oof"])]
    pub(crate) show_as: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct EditEvent {
    /// Words of its subject, or its id from `agenda --json`; the next 60 days are looked through
    #[arg(value_name = "EVENT")]
    pub(crate) event: String,
    /// All of the series
    #[arg(long)]
    pub(crate) series: bool,
    /// What it is about
    #[arg(long, value_name = "SUBJECT")]
    pub(crate) subject: Option<String>,
    /// When, e.g. "tue 14:00-15:00", "24 nov"; where only a beginning is said it stays as long as it is
    #[arg(long, value_name = "WHEN")]
    pub(crate) when: Option<String>,
    /// Where, in words
    #[arg(long, value_name = "PLACE")]
    pub(crate) place: Option<String>,
    /// Invite these as well: names or addresses; repeat it, or separate by commas
    #[arg(long = "with", value_name = "NAME", value_delimiter = ',')]
    pub(crate) with: Vec<String>,
    /// No longer invite these
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) without: Vec<String>,
    /// The text of the invitation, in place of the one it has
    #[arg(long, value_name = "TEXT")]
    pub(crate) text: Option<String>,
    #[command(flatten)]
    pub(crate) beside: Beside,
    /// Tell those who are invited without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

impl Beside {
    /// The reminder that was asked for.
    pub(crate) fn reminder(&self) -> Result<Option<Option<u32>>, Report> {
        let Some(text) = self.remind.as_deref().map(str::trim) else { return Ok(None) };
        if matches!(text, "none" | "no" | "off") {
            return Ok(Some(None));
        }
        let minutes = text.parse().ok().filter(|minutes| *minutes <= 4 * 7 * 24 * 60);
        minutes.map(|minutes| Some(Some(minutes))).ok_or_else(|| {
            Report::new(Kind::Usage, "reminder", format!("\"{}\" is no reminder.", tame(text)))
                .next("Say minutes, up to four weeks, or \"none\".")
        })
    }

    /// How it shall show.
    pub(crate) fn shown(&self) -> Option<Availability> {
        Some(match self.show_as.as_deref()? {
            "free" => Availability::Free,
            "tentative" => Availability::Tentative,
            "elsewhere" => Availability::WorkingElsewhere,
            "oof" => Availability::OutOfOffice,
            _ => Availability::Busy,
        })
    }

    /// How it shall repeat, when it begins at `time`.
    pub(crate) fn recurrence(&self, time: &EventTime) -> Result<Option<Recurrence>, Report> {
        let Some(text) = &self.repeat else { return Ok(None) };
        repeats::understand(text, time.first_day()).map_err(|why| {
            Report::new(Kind::Usage, "repeat", format!("\"{}\" is not understood.", tame(text)))
                .because(why)
                .next("Try \"weekly until 24 dec\", \"mon wed 10 times\" or \"last fri of the month\".")
        })
    }
}

/// The change that was asked for.
pub(crate) async fn edit(session: &mut Session, wanted: EditEvent, out: &Out) -> Result<Intent, Report> {
    let event = event::find(session, &wanted.event).await?;
    if !event.is_organizer {
        return Err(Report::new(Kind::Usage, "notYours", "Only its organizer can change this event.")
            .because(format!("\"{}\" was made by somebody else.", tame(&event.subject)))
            .next("To propose another time use the program: i p."));
    }
    if wanted.series && event.series.is_none() {
        return Err(Report::new(Kind::Usage, "noSeries", "This event is no series.")
            .because("It stands alone in the calendar.")
            .next("Leave --series out."));
    }
    if wanted.text.is_some() && event.join_url.is_some() {
        return Err(Report::new(Kind::Usage, "onlineText", "The text of an online meeting is not changed here.")
            .because("Its link stands in the text and would be lost.")
            .next("Change it in Outlook."));
    }
    let change = change(session, &event, &wanted, out).await?;
    if change.is_empty() {
        return Err(Report::new(Kind::Usage, "nothingChanged", "Nothing was changed.")
            .because("What was named is as it is already, or nothing was named.")
            .next("Say what to change: --subject, --when, --place, --with, --without, --text, --repeat, --remind."));
    }
    let told = change.attendees.as_ref().map_or(event.attendees.len(), Vec::len);
    if told > 0 && !wanted.yes {
        let people = if told == 1 { "1 person".to_owned() } else { format!("{told} people") };
        return Err(Report::new(Kind::Usage, "tells", format!("That tells {people} of the change."))
            .because("Nothing was done.")
            .next("Say it with --yes, if that is what is wanted."));
    }
    Ok(Intent::UpdateEvent { event: event.id, series: wanted.series, change: Box::new(change) })
}

async fn change(session: &Session, event: &Event, wanted: &EditEvent, out: &Out) -> Result<EventChange, Report> {
    let differs =
        |said: &Option<String>, is: &str| said.as_deref().map(str::trim).filter(|said| *said != is).map(str::to_owned);
    let mut time = None;
    if let Some(text) = &wanted.when {
        let said = longer(event::said(text, session)?, event);
        out.aside(&format!("{}.", said.words()));
        time = Some(event::time_of(said, session));
    }
    let now = time.clone().unwrap_or_else(|| as_it_is(event, session));
    let recurrence = wanted.beside.recurrence(&now)?;
    if let Some(recurrence) = &recurrence {
        if event.series.is_some() && !wanted.series {
            return Err(Report::new(Kind::Usage, "oneDay", "One day of a series does not repeat.")
                .because("How often is a matter of the whole series.")
                .next("Add --series."));
        }
        out.aside(&format!("Repeats {}.", recurrence.words()));
        let first = recurrence.first(now.first_day()).filter(|_| event.series.is_none());
        time = Some(first.map_or(now.clone(), |first| now.on(first)));
    }
    Ok(EventChange {
        subject: differs(&wanted.subject, &event.subject),
        time: time.filter(|time| recurrence.is_some() || time.when() != event.when),
        location: differs(&wanted.place, &event.location),
        attendees: invited(session, event, wanted).await?,
        body: wanted.text.clone(),
        show_as: wanted.beside.shown().filter(|shown| Some(*shown) != event.show_as),
        reminder: wanted.beside.reminder()?,
        recurrence,
        ..EventChange::default()
    })
}

/// A beginning alone keeps the length of the event.
fn longer(said: Said, event: &Event) -> Said {
    let Said::Moment(start) = said else { return said };
    let length = match event.when {
        When::Timed(span) => span.duration(),
        When::AllDay { .. } => SignedDuration::from_mins(event::USUAL_MINUTES),
    };
    Said::Slot { start, end: start.checked_add(length).unwrap_or(DateTime::MAX) }
}

fn as_it_is(event: &Event, session: &Session) -> EventTime {
    let rules = session.rules();
    match event.when {
        When::AllDay { start, end } => EventTime::AllDay { start, end },
        When::Timed(span) => {
            let said = Said::Slot { start: rules.to_datetime(span.start), end: rules.to_datetime(span.end) };
            event::time_of(said, session)
        }
    }
}

/// Who is invited from now on, if that is not who was.
async fn invited(session: &Session, event: &Event, wanted: &EditEvent) -> Result<Option<Vec<Invitee>>, Report> {
    if wanted.with.is_empty() && wanted.without.is_empty() {
        return Ok(None);
    }
    let mut all: Vec<Invitee> = event.attendees.iter().map(Invitee::from).collect();
    for asked in &wanted.without {
        let words = asked.trim().to_lowercase();
        let before = all.len();
        all.retain(|one| {
            let (name, address) = (one.recipient.name.to_lowercase(), one.recipient.address.to_lowercase());
            words.is_empty() || !(address == words || name.contains(&words))
        });
        if all.len() == before {
            return Err(Report::new(Kind::Usage, "notInvited", format!("\"{}\" is not invited.", tame(asked)))
                .next("See who is: deskbell agenda --json"));
        }
    }
    for found in session.find_all(&wanted.with).await? {
        let recipient = match found {
            Found::One { person: Some(person), .. } => Recipient { name: person.name, address: person.address },
            Found::One { asked, person: None } => Recipient { name: String::new(), address: asked },
            Found::Nobody { reason, .. } => return Err(reason),
        };
        if !all.iter().any(|one| one.recipient.address.eq_ignore_ascii_case(&recipient.address)) {
            all.push(Invitee { recipient, is_optional: false, is_resource: false });
        }
    }
    let is_same = all.len() == event.attendees.len()
        && all.iter().all(|one| event.attendees.iter().any(|was| was.recipient.address == one.recipient.address));
    Ok(Some(all).filter(|_| !is_same))
}

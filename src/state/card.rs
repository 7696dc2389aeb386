//! The person card: an overlay over any view.
//!
//! It opens at once with what named the person and fills in when the answer comes. Manager, reports, mails and meetings are rows: Enter
//! goes there, and Backspace comes back to the card before, so that one can walk about; what may not be read says why.

use crate::base::report::Report;
use crate::domain::event::EventId;
use crate::domain::mail::{MessageId, Recipient};
use crate::domain::person::{Person, PersonId};
use crate::domain::recipients;
use crate::domain::request::{Answer, Card, PersonRef, Request, Together};
use crate::domain::time::Zone;
use crate::state::command::CommandId;
use crate::state::event::{Interest, Ticket, Wake};
use crate::state::keys::KeyContext;
use crate::state::mail::Mail;
use crate::state::session::Session;
use crate::state::slot::Slot;
use crate::state::surface::{CopyPart, LIST_PAGE, Motion, Step, Surface, Turn};
use crate::state::target::Target;
use crate::state::when;

/// Of those who report to somebody, so many are rows.
pub const MOST_REPORTS: usize = 8;

/// The card of one person.
#[derive(Clone, Debug)]
pub struct PersonCard {
    /// Who.
    pub who: PersonRef,
    card: Slot<Card>,
    together: Slot<Together>,
    selected: Option<CardRow>,
    scroll: u16,
}

/// A row of the card that leads somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CardRow {
    /// Their manager, or somebody who reports to them.
    Person(PersonId),
    /// A meeting.
    Meeting(EventId),
    /// A mail.
    Mail(MessageId),
}

impl PersonCard {
    /// Opens the card and asks for what is known.
    pub fn open(who: PersonRef, turn: &mut Turn<'_>) -> Self {
        let mut card = Slot::default();
        card.ask(Request::Card { who: who.clone() }, turn);
        turn.wake_when_stale();
        let mut card = Self { who, card, together: Slot::default(), selected: None, scroll: 0 };
        card.ask_together(turn);
        card
    }

    fn ask_together(&mut self, turn: &mut Turn<'_>) {
        let address = match (&self.who, self.person_known()) {
            (PersonRef::Address { address, .. }, _) => address.clone(),
            (PersonRef::Id(_), Some(person)) => person.address.clone(),
            (PersonRef::Id(_), None) => return,
        };
        if !address.is_empty() && self.together.value().is_none() && !self.together.is_waiting() {
            self.together.ask(Request::Together { address }, turn);
        }
    }

    /// Mail and meetings with them.
    #[must_use]
    pub fn together(&self) -> Option<&Together> {
        self.together.value()
    }

    /// The rows that lead somewhere, in their order.
    #[must_use]
    pub fn rows(&self) -> Vec<CardRow> {
        let card = self.card.value();
        let people =
            card.into_iter().flat_map(|card| card.manager.iter().chain(card.reports.iter().take(MOST_REPORTS)));
        let together = self.together.value();
        let meetings = together.into_iter().flat_map(|together| &together.meetings);
        let mails = together.into_iter().flat_map(|together| &together.mails);
        people
            .map(|person| CardRow::Person(person.id.clone()))
            .chain(meetings.map(|event| CardRow::Meeting(event.id.clone())))
            .chain(mails.map(|row| CardRow::Mail(row.message.id.clone())))
            .collect()
    }

    /// The row under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<CardRow> {
        let rows = self.rows();
        let place = self.selected.as_ref().and_then(|selected| rows.iter().position(|row| row == selected));
        rows.into_iter().nth(place.unwrap_or(0))
    }

    fn move_by(&mut self, motion: Motion) -> bool {
        let rows = self.rows();
        let at = self.selected().and_then(|selected| rows.iter().position(|row| *row == selected)).unwrap_or(0);
        let Some(to) = motion.along(at, rows.len(), LIST_PAGE) else { return false };
        self.selected = rows.get(to).cloned();
        true
    }

    /// What is known, with the question that is under way.
    #[must_use]
    pub const fn card(&self) -> &Slot<Card> {
        &self.card
    }

    /// Rows scrolled down.
    #[must_use]
    pub const fn scroll(&self) -> u16 {
        self.scroll
    }

    /// The name shown before anything is known.
    #[must_use]
    pub fn name(&self) -> &str {
        match (self.card.value(), &self.who) {
            (Some(card), _) => &card.person.name,
            (None, PersonRef::Address { name, address }) => {
                if name.is_empty() {
                    address
                } else {
                    name
                }
            }
            (None, PersonRef::Id(_)) => "",
        }
    }

    fn person_known(&self) -> Option<&Person> {
        self.card.value().map(|card| &card.person)
    }
}

/// The address at which Teams calls somebody [deep-links].
fn call_link(address: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~@".contains(&byte);
    let encoded: String = address
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    format!("https://teams.microsoft.com/l/call/0/0?users={encoded}")
}

impl Surface for PersonCard {
    fn context(&self) -> KeyContext {
        KeyContext::Card
    }

    fn hints(&self) -> &'static [CommandId] {
        &[
            CommandId::Open,
            CommandId::CardBack,
            CommandId::FindTimeWith,
            CommandId::CardWrite,
            CommandId::OpenOutside,
            CommandId::CopyAddress,
            CommandId::GroupPerson,
            CommandId::Close,
        ]
    }

    fn woken(&mut self, wake: Wake, turn: &mut Turn<'_>) {
        if wake == Wake::Stale && !turn.session.is_offline() {
            self.card.ask(Request::Card { who: self.who.clone() }, turn);
            turn.wake_when_stale();
        }
    }

    fn word(&self, command: CommandId, _session: &Session) -> Option<&'static str> {
        match command {
            CommandId::Open => Some("go"),
            CommandId::OpenOutside => Some("call"),
            _ => None,
        }
    }

    fn motion(&mut self, motion: Motion, _turn: &mut Turn<'_>) -> bool {
        match motion {
            Motion::PageDown | Motion::HalfPageDown => self.scroll = self.scroll.saturating_add(8),
            Motion::PageUp | Motion::HalfPageUp => self.scroll = self.scroll.saturating_sub(8),
            motion => return self.move_by(motion),
        }
        true
    }

    /// To the person, meeting or mail under the cursor.
    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        match self.selected() {
            Some(CardRow::Person(id)) => turn.step(Step::Card(PersonRef::Id(id))),
            Some(CardRow::Meeting(id)) => {
                let meeting = self.together.value().and_then(|found| found.meetings.iter().find(|one| one.id == id));
                if let Some(meeting) = meeting {
                    let date = when::date(meeting.when.start(&when::rules(turn.zone)), turn.zone);
                    turn.step(Step::Event(id, date));
                }
            }
            Some(CardRow::Mail(id)) => {
                let row = self.together.value().and_then(|found| found.mails.iter().find(|one| one.message.id == id));
                if let Some(row) = row {
                    turn.step(Mail::step_to(row));
                }
            }
            None => turn.tell("There is nothing to go to on this card."),
        }
        true
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) -> bool {
        let is_together = self.together.take(ticket, result, |answer| match answer {
            Answer::Together(together) => Some((**together).clone()),
            _ => None,
        });
        if is_together {
            return true;
        }
        let is_card = self.card.take(ticket, result, |answer| match answer {
            Answer::Card(card) => Some((**card).clone()),
            _ => None,
        });
        if is_card {
            self.ask_together(turn);
        }
        is_card
    }

    fn clicked(&mut self, target: &Target, _is_double: bool, turn: &mut Turn<'_>) {
        if let Target::Person(who) = target {
            turn.step(Step::Card(who.clone()));
        }
    }

    fn wheel(&mut self, _target: Option<&Target>, steps: i32, _turn: &mut Turn<'_>) {
        self.scroll = if steps > 0 { self.scroll.saturating_add(1) } else { self.scroll.saturating_sub(1) };
    }

    fn person(&self) -> Option<PersonRef> {
        Some(self.who.clone())
    }

    fn people(&self) -> Vec<Recipient> {
        match (self.person_known(), &self.who) {
            (Some(person), _) => vec![Recipient { name: person.name.clone(), address: person.address.clone() }],
            (None, PersonRef::Address { address, name }) => {
                vec![Recipient { name: name.clone(), address: address.clone() }]
            }
            (None, PersonRef::Id(_)) => Vec::new(),
        }
    }

    fn copy(&self, part: CopyPart, _zone: &Zone) -> Option<String> {
        let person = self.person_known()?;
        match part {
            CopyPart::Address => Some(person.address.clone()),
            CopyPart::Link => self.link(),
            CopyPart::Line => Some(format!("{} <{}>", person.name, person.address)),
            CopyPart::Details => {
                let mut lines = vec![person.name.clone(), person.address.clone()];
                lines.extend([&person.job_title, &person.department, &person.office].into_iter().flatten().cloned());
                lines.extend(person.phones.iter().cloned());
                Some(lines.join("\n"))
            }
        }
    }

    /// A call in Teams.
    fn link(&self) -> Option<String> {
        let address = match (self.person_known(), &self.who) {
            (Some(person), _) => &person.address,
            (None, PersonRef::Address { address, .. }) => address,
            (None, PersonRef::Id(_)) => return None,
        };
        recipients::is_address(address).then(|| call_link(address))
    }

    fn interest(&self, _session: &Session, interest: &mut Interest) {
        interest.people.extend(self.person_known().map(|person| person.id.clone()));
    }
}

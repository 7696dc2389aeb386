//! The person card: an overlay over any view.
//!
//! It opens at once with what named the person and fills in when the answer comes. The manager is a row that opens the next card, so
//! that one can walk up; what may not be read says why.

use crate::base::report::Report;
use crate::domain::mail::Recipient;
use crate::domain::person::Person;
use crate::domain::request::{Answer, Card, PersonRef, Request};
use crate::domain::time::Zone;
use crate::state::command::CommandId;
use crate::state::event::{Interest, Ticket, Wake};
use crate::state::keys::KeyContext;
use crate::state::slot::Slot;
use crate::state::surface::{CopyPart, Motion, Step, Surface, Turn};
use crate::state::target::Target;

/// The card of one person.
#[derive(Clone, Debug)]
pub struct PersonCard {
    /// Who.
    pub who: PersonRef,
    card: Slot<Card>,
    scroll: u16,
}

impl PersonCard {
    /// Opens the card and asks for what is known.
    pub fn open(who: PersonRef, turn: &mut Turn<'_>) -> Self {
        let mut card = Slot::default();
        card.ask(Request::Card { who: who.clone() }, turn);
        turn.wake_when_stale();
        Self { who, card, scroll: 0 }
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

impl Surface for PersonCard {
    fn context(&self) -> KeyContext {
        KeyContext::Card
    }

    fn hints(&self) -> &'static [CommandId] {
        match self.card.value().and_then(|card| card.manager.as_ref()) {
            Some(_) => &[
                CommandId::Open,
                CommandId::FindTimeWith,
                CommandId::CopyAddress,
                CommandId::CopyDetails,
                CommandId::Close,
            ],
            None => &[CommandId::FindTimeWith, CommandId::CopyAddress, CommandId::CopyDetails, CommandId::Close],
        }
    }

    fn woken(&mut self, wake: Wake, turn: &mut Turn<'_>) {
        if wake == Wake::Stale {
            if !turn.session.is_offline() {
                self.card.ask(Request::Card { who: self.who.clone() }, turn);
            }
            turn.wake_when_stale();
        }
    }

    fn motion(&mut self, motion: Motion, _turn: &mut Turn<'_>) -> bool {
        match motion {
            Motion::Next => self.scroll = self.scroll.saturating_add(1),
            Motion::Previous => self.scroll = self.scroll.saturating_sub(1),
            Motion::PageDown | Motion::HalfPageDown => self.scroll = self.scroll.saturating_add(8),
            Motion::PageUp | Motion::HalfPageUp => self.scroll = self.scroll.saturating_sub(8),
            Motion::First => self.scroll = 0,
            _ => return false,
        }
        true
    }

    /// The manager's card.
    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        match self.card.value().and_then(|card| card.manager.as_ref()) {
            Some(manager) => turn.step(Step::Card(PersonRef::Id(manager.id.clone()))),
            None => turn.tell("No manager is known."),
        }
        true
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, _turn: &mut Turn<'_>) -> bool {
        self.card.take(ticket, result, |answer| match answer {
            Answer::Card(card) => Some((**card).clone()),
            _ => None,
        })
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
            CopyPart::Link => None,
            CopyPart::Line => Some(format!("{} <{}>", person.name, person.address)),
            CopyPart::Details => {
                let mut lines = vec![person.name.clone(), person.address.clone()];
                lines.extend([&person.job_title, &person.department, &person.office].into_iter().flatten().cloned());
                lines.extend(person.phones.iter().cloned());
                Some(lines.join("\n"))
            }
        }
    }

    fn interest(&self, interest: &mut Interest) {
        interest.people.extend(self.person_known().map(|person| person.id.clone()));
    }
}

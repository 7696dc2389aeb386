//! The people view: type a name, see who matches.
//!
//! The smallest complete surface: a field, one slot, a selection by id. The cache answers first; the directory is asked when the
//! typing has rested.

use crate::base::report::Report;
use crate::domain::mail::Recipient;
use crate::domain::person::{Person, PersonId};
use crate::domain::request::{Answer, FoundPeople, PersonRef, Request};
use crate::domain::time::Zone;
use crate::state::command::CommandId;
use crate::state::event::{Interest, Ticket, Wake};
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
use crate::state::session::Session;
use crate::state::slot::Slot;
use crate::state::surface::{CopyPart, Motion, Pane, Step, Surface, Turn};
use crate::state::target::Target;
use jiff::SignedDuration;

/// The directory is asked when typing has rested for this long.
const REST: SignedDuration = SignedDuration::from_millis(200);

/// The people view.
#[derive(Clone, Debug, Default)]
pub struct People {
    field: LineEdit,
    is_typing: bool,
    found: Slot<FoundPeople>,
    selected: Option<PersonId>,
}

impl People {
    /// What is typed.
    #[must_use]
    pub const fn line(&self) -> &LineEdit {
        &self.field
    }

    /// Who was found.
    #[must_use]
    pub const fn found(&self) -> &Slot<FoundPeople> {
        &self.found
    }

    /// Whether the letters go into the field.
    #[must_use]
    pub const fn is_typing(&self) -> bool {
        self.is_typing
    }

    /// The people found, best first.
    #[must_use]
    pub fn rows(&self) -> &[Person] {
        self.found.value().map_or(&[], |found| found.people.as_slice())
    }

    /// The person under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&Person> {
        let id = self.selected.as_ref()?;
        self.rows().iter().find(|person| person.id == *id)
    }

    fn move_by(&mut self, steps: isize) {
        let at = self.rows().iter().position(|person| Some(&person.id) == self.selected.as_ref()).unwrap_or(0);
        let to = at.saturating_add_signed(steps).min(self.rows().len().saturating_sub(1));
        self.selected = self.rows().get(to).map(|person| person.id.clone());
    }
}

impl Surface for People {
    fn context(&self) -> KeyContext {
        KeyContext::People
    }

    fn hints(&self) -> &'static [CommandId] {
        if self.is_typing {
            &[CommandId::Open, CommandId::NextPane, CommandId::Close]
        } else {
            &[CommandId::Open, CommandId::FindTimeWith, CommandId::CopyAddress, CommandId::NextPane]
        }
    }

    fn pane(&self) -> Pane {
        if self.is_typing { Pane::Field } else { Pane::Main }
    }

    fn field(&self) -> Option<&LineEdit> {
        self.is_typing.then_some(&self.field)
    }

    fn field_mut(&mut self) -> Option<&mut LineEdit> {
        self.is_typing.then_some(&mut self.field)
    }

    fn edited(&mut self, turn: &mut Turn<'_>) {
        turn.wake_after(Wake::Completion, REST);
    }

    fn entered(&mut self, _turn: &mut Turn<'_>) {
        self.is_typing = self.rows().is_empty();
    }

    fn woken(&mut self, wake: Wake, turn: &mut Turn<'_>) {
        if wake == Wake::Completion && !self.field.text().trim().is_empty() {
            self.found.ask(Request::FindPeople { text: self.field.text().trim().to_owned() }, turn);
        }
    }

    fn motion(&mut self, motion: Motion, turn: &mut Turn<'_>) -> bool {
        let page = isize::try_from(turn.session.size.height / 3).unwrap_or(1);
        match motion {
            Motion::Next | Motion::NextThing => self.move_by(1),
            Motion::Previous | Motion::PreviousThing => self.move_by(-1),
            Motion::PageDown | Motion::HalfPageDown => self.move_by(page),
            Motion::PageUp | Motion::HalfPageUp => self.move_by(-page),
            Motion::First => self.move_by(isize::MIN / 2),
            Motion::Last => self.move_by(isize::MAX / 2),
            Motion::NextPane | Motion::PreviousPane => self.is_typing = !self.is_typing,
            _ => return false,
        }
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        match self.person() {
            Some(person) => turn.step(Step::Card(person)),
            None => self.woken(Wake::Completion, turn),
        }
        true
    }

    fn close(&mut self, _turn: &mut Turn<'_>) -> bool {
        std::mem::take(&mut self.is_typing)
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, _turn: &mut Turn<'_>) -> bool {
        let is_taken = self.found.take(ticket, result, |answer| match answer {
            Answer::FoundPeople(found) => Some(found.clone()),
            _ => None,
        });
        if !is_taken {
            return false;
        }
        if self.selected().is_none() {
            self.selected = self.rows().first().map(|person| person.id.clone());
        }
        true
    }

    fn clicked(&mut self, target: &Target, is_double: bool, turn: &mut Turn<'_>) {
        match target {
            Target::Person(PersonRef::Id(id)) => {
                self.is_typing = false;
                self.selected = Some(id.clone());
                if is_double {
                    self.open(turn);
                }
            }
            Target::Pane(Pane::Field) => self.is_typing = true,
            _ => {}
        }
    }

    fn wheel(&mut self, _target: Option<&Target>, steps: i32, _turn: &mut Turn<'_>) {
        self.move_by(if steps > 0 { 1 } else { -1 });
    }

    fn person(&self) -> Option<PersonRef> {
        self.selected().map(|person| PersonRef::Id(person.id.clone()))
    }

    fn people(&self) -> Vec<Recipient> {
        let recipient = |person: &Person| Recipient { name: person.name.clone(), address: person.address.clone() };
        self.selected().map(recipient).into_iter().collect()
    }

    fn copy(&self, part: CopyPart, _zone: &Zone) -> Option<String> {
        let person = self.selected()?;
        match part {
            CopyPart::Address => Some(person.address.clone()),
            CopyPart::Link => None,
            CopyPart::Line => Some(format!("{} <{}>", person.name, person.address)),
            CopyPart::Details => {
                let known = [&person.job_title, &person.department, &person.office];
                let mut lines = vec![person.name.clone(), person.address.clone()];
                lines.extend(known.into_iter().flatten().cloned());
                lines.extend(person.phones.iter().cloned());
                Some(lines.join("\n"))
            }
        }
    }

    fn interest(&self, _session: &Session, interest: &mut Interest) {
        interest.people = self.rows().iter().map(|person| person.id.clone()).collect();
    }
}

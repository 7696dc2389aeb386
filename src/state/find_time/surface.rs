//! What keys, answers and clicks mean in the find-time view.

use super::{FindTime, Scale};
use crate::base::report::Report;
use crate::domain::mail::Recipient;
use crate::domain::notice::Notice;
use crate::domain::request::{Answer, PersonRef, Request};
use crate::domain::time::{Zone, add_days};
use crate::state::command::CommandId;
use crate::state::completion::Completion;
use crate::state::event::{Interest, Ticket, Wake};
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
use crate::state::session::Session;
use crate::state::surface::{CopyPart, Motion, Pane, Step, Surface, Turn};
use crate::state::target::Target;
use jiff::SignedDuration;

/// The directory is asked when typing has rested for this long.
const REST: SignedDuration = SignedDuration::from_millis(150);

impl Surface for FindTime {
    fn context(&self) -> KeyContext {
        KeyContext::FindTime
    }

    fn hints(&self) -> &'static [CommandId] {
        if self.is_typing || self.jump.is_some() {
            &[CommandId::Open, CommandId::Close]
        } else if self.mark.is_some() {
            &[
                CommandId::Left,
                CommandId::Right,
                CommandId::Open,
                CommandId::FindMark,
                CommandId::CopyLine,
                CommandId::Close,
            ]
        } else {
            &[
                CommandId::FindAdd,
                CommandId::FindNext,
                CommandId::Open,
                CommandId::FindCopySlots,
                CommandId::FindPick,
                CommandId::FindCoarser,
                CommandId::FindDate,
                CommandId::FindMark,
                CommandId::NextThing,
                CommandId::FindRequired,
                CommandId::FindLength,
                CommandId::FindRemove,
                CommandId::PersonCard,
                CommandId::FindSort,
                CommandId::FindStep,
            ]
        }
    }

    fn word(&self, command: CommandId, _session: &Session) -> Option<&'static str> {
        match command {
            CommandId::Open if self.jump.is_some() => Some("go there"),
            CommandId::Open if self.is_typing => Some("add"),
            CommandId::FindMark if self.mark.is_some() => Some("take it"),
            CommandId::Close if self.mark.is_some() => Some("give up"),
            CommandId::Left if self.mark.is_some() => Some("less"),
            CommandId::Right if self.mark.is_some() => Some("more"),
            CommandId::CopyLine if self.mark.is_some() => Some("copy it"),
            CommandId::Open => Some("meet then"),
            CommandId::FindCopySlots if !self.picks().is_empty() => Some("copy picked"),
            _ => None,
        }
    }

    fn pane(&self) -> Pane {
        if self.is_typing || self.jump.is_some() { Pane::Field } else { Pane::Main }
    }

    fn field(&self) -> Option<&LineEdit> {
        match &self.jump {
            Some(jump) => Some(&jump.line),
            None => self.is_typing.then_some(&self.field),
        }
    }

    fn field_mut(&mut self) -> Option<&mut LineEdit> {
        match &mut self.jump {
            Some(jump) => Some(&mut jump.line),
            None => self.is_typing.then_some(&mut self.field),
        }
    }

    fn edited(&mut self, turn: &mut Turn<'_>) {
        if self.jump.is_some() {
            return;
        }
        self.completion = 0;
        turn.wake_after(Wake::Completion, REST);
    }

    fn entered(&mut self, turn: &mut Turn<'_>) {
        self.begin(turn);
        // Alone one sees nothing: the next thing to do is to type a name.
        self.is_typing = self.participants.len() < 2;
        self.ask(turn);
    }

    fn woken(&mut self, wake: Wake, turn: &mut Turn<'_>) {
        match wake {
            Wake::Completion if self.is_typing && self.has_found_typed() => self.ask_offered(turn),
            Wake::Completion if !self.field.text().trim().is_empty() => {
                self.found.ask(Request::FindPeople { text: self.field.text().trim().to_owned() }, turn);
            }
            Wake::Stale if !turn.session.is_offline() => self.ask_for(true, turn),
            _ => {}
        }
    }

    fn motion(&mut self, motion: Motion, turn: &mut Turn<'_>) -> bool {
        if self.jump.is_some() {
            return matches!(motion, Motion::NextPane | Motion::PreviousPane | Motion::Next | Motion::Previous);
        }
        if self.is_typing {
            let last = self.completions().len().saturating_sub(1);
            match motion {
                Motion::Next => self.completion = (self.completion + 1).min(last),
                Motion::Previous => self.completion = self.completion.saturating_sub(1),
                Motion::NextPane | Motion::PreviousPane => self.is_typing = false,
                _ => return false,
            }
            return true;
        }
        match motion {
            Motion::Next => self.move_person(1),
            Motion::Previous => self.move_person(-1),
            Motion::First => self.move_person(isize::MIN / 2),
            Motion::Last => self.move_person(isize::MAX / 2),
            Motion::Left => self.move_slot(-1, turn),
            Motion::Right => self.move_slot(1, turn),
            Motion::NextThing | Motion::PreviousThing | Motion::NextGroup | Motion::PreviousGroup => {
                let Some(day) = self.day else { return true };
                let is_forward = matches!(motion, Motion::NextThing | Motion::NextGroup);
                let is_big = matches!(motion, Motion::NextGroup | Motion::PreviousGroup);
                let days = match self.scale {
                    Scale::Day if !is_big => 1,
                    Scale::Day | Scale::Week => 7,
                    Scale::Fortnight => 14,
                };
                self.go_to(add_days(day, if is_forward { days } else { -days }), turn);
            }
            Motion::NextPane | Motion::PreviousPane => self.is_typing = true,
            Motion::HalfPageDown | Motion::HalfPageUp | Motion::PageDown | Motion::PageUp => return false,
        }
        true
    }

    fn open(&mut self, turn: &mut Turn<'_>) -> bool {
        if self.jump.is_some() {
            self.take_jump(turn);
            return true;
        }
        if self.is_typing {
            if self.field.text().trim().is_empty() {
                self.is_typing = false;
            } else {
                self.take_typed(turn);
            }
            return true;
        }
        self.meet(turn);
        true
    }

    fn close(&mut self, turn: &mut Turn<'_>) -> bool {
        if self.jump.take().is_some() {
            return true;
        }
        if !self.is_typing {
            return self.unmark(turn) || self.unpick();
        }
        // A name that was begun is given up, as in any prompt; tab leaves the field and keeps it.
        self.is_typing = false;
        self.field = LineEdit::default();
        self.completion = 0;
        self.found.clear();
        true
    }

    fn answered(&mut self, ticket: Ticket, result: &Result<Answer, Report>, turn: &mut Turn<'_>) -> bool {
        self.answer(ticket, result, turn)
            || self.take_members(ticket, result, turn)
            || self.take_names(ticket, result)
            || self.take_opinion(ticket, result, turn)
            || self.take_found(ticket, result, turn)
    }

    fn notice(&mut self, notice: &Notice, is_shown: bool, turn: &mut Turn<'_>) {
        if matches!(notice, Notice::Me(_)) && is_shown {
            self.entered(turn);
        }
    }

    fn clicked(&mut self, target: &Target, is_double: bool, turn: &mut Turn<'_>) {
        match target {
            Target::Person(PersonRef::Address { address, .. }) => {
                self.is_typing = false;
                self.selected = Some(address.clone());
                if is_double && let Some(person) = self.person() {
                    turn.step(Step::Card(person));
                }
            }
            Target::Entry(at) if self.is_typing => {
                self.completion = *at;
                self.take_typed(turn);
            }
            Target::Entry(at) => {
                self.suggestion = at.checked_sub(1);
                self.walk(1, turn);
                if *at == 0 {
                    self.suggestion = None;
                    self.walk(1, turn);
                }
            }
            Target::Instant(at) => self.press(*at, turn),
            Target::Pane(Pane::Field) => self.is_typing = true,
            _ => {}
        }
    }

    fn dragged(&mut self, target: Option<&Target>, is_over: bool, turn: &mut Turn<'_>) {
        if let Some(Target::Instant(at)) = target {
            self.drag(*at, turn);
        }
        if is_over {
            self.release();
        }
    }

    fn wheel(&mut self, target: Option<&Target>, steps: i32, turn: &mut Turn<'_>) {
        match target {
            Some(Target::Entry(_)) if !self.is_typing => self.walk(steps.signum() as isize, turn),
            Some(Target::Person(_)) => self.move_person(steps.signum() as isize),
            _ => self.move_slot(i64::from(steps.signum()), turn),
        }
    }

    fn person(&self) -> Option<PersonRef> {
        let recipient = &self.selected()?.recipient;
        Some(PersonRef::Address { address: recipient.address.clone(), name: recipient.name.clone() })
    }

    fn people(&self) -> Vec<Recipient> {
        self.participants.iter().filter(|each| !each.is_me).map(|each| each.recipient.clone()).collect()
    }

    fn copy(&self, part: CopyPart, zone: &Zone) -> Option<String> {
        match part {
            CopyPart::Line => self.slot_as_text(zone),
            CopyPart::Address => Some(self.selected()?.recipient.address.clone()),
            CopyPart::Link => None,
            CopyPart::Details => {
                let lines: Vec<String> = self
                    .participants
                    .iter()
                    .map(|each| format!("{} <{}>", each.recipient.label(), each.recipient.address))
                    .collect();
                Some(lines.join("\n"))
            }
        }
    }

    fn interest(&self, _session: &Session, interest: &mut Interest) {
        interest.calendar = true;
        interest.people.extend(self.completions().iter().filter_map(Completion::id));
    }
}

//! Opening and answering the overlays that are about the program itself: pages of text, the doctor's panel.

use crate::state::Context;
use crate::state::calls::Calls;
use crate::state::doctor::Doctor;
use crate::state::event::Effect;
use crate::state::layer::Layer;
use crate::state::store::Store;

impl Store {
    /// Opens the doctor's panel; an open one examines again.
    pub(super) fn open_doctor(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if matches!(self.layers.last(), Some(Layer::Doctor(_))) {
            return self.examine_again(context, effects);
        }
        let mut doctor = None;
        self.with_screens(context, effects, |_, turn| doctor = Some(Doctor::open(turn)));
        self.layers.extend(doctor.map(|doctor| Layer::Doctor(Box::new(doctor))));
    }

    /// Opens the panel of the last calls, once.
    pub(super) fn open_calls(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if matches!(self.layers.last(), Some(Layer::Calls(_))) {
            return;
        }
        let mut calls = None;
        self.with_screens(context, effects, |_, turn| calls = Some(Calls::open(turn)));
        self.layers.extend(calls.map(|calls| Layer::Calls(Box::new(calls))));
    }

    /// Opens the sign-in over the view when the one that was there is lost: as soon as no overlay is open and nobody is typing, so
    /// that no letter meant for a field becomes a command.
    pub(super) fn sign_in_again(&mut self, _context: &Context<'_>, _effects: &mut Vec<Effect>) {
        let is_free = self.layers.is_empty() && self.focus().field().is_none() && self.pending_keys().is_empty();
        if self.sign_in.is_wanted && is_free && self.session.me.is_some() {
            self.sign_in.is_wanted = false;
            self.sign_in.is_open = true;
        }
    }

    pub(super) fn examine_again(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let Some(Layer::Doctor(mut doctor)) = self.layers.pop() else { return };
        self.with_screens(context, effects, |_, turn| doctor.examine(turn));
        self.layers.push(Layer::Doctor(doctor));
    }
}

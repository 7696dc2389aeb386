//! What a person sets of their own, each in an overlay: automatic replies, working hours and zone, presence.
//!
//! Each shows what the session knows of us, so that what another client set is seen when the engine tells it; nothing here asks before
//! it has something to show, but for automatic replies that were never read. Must stay true: what was typed goes nowhere unasked.

pub mod presence;
pub mod replies;
pub mod time;
pub mod words;

use crate::domain::account::Feature;
use crate::state::Context;
use crate::state::command::Availability;
use crate::state::event::Effect;
use crate::state::layer::Layer;
use crate::state::own::presence::PresencePanel;
use crate::state::own::replies::RepliesForm;
use crate::state::own::time::TimeForm;
use crate::state::store::Store;
use crate::state::surface::Turn;

/// A field of one of the forms, as the mouse names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnField {
    /// Of the automatic replies.
    Replies(replies::Field),
    /// Of the working hours.
    Time(time::Field),
    /// Of the presence.
    Presence(presence::Field),
}

impl Store {
    /// Opens the own automatic replies, once.
    pub(super) fn open_replies(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if !self.layers.iter().any(|layer| matches!(layer, Layer::OwnReplies(_))) {
            let mut form = None;
            self.with_screens(context, effects, |_, turn| form = Some(RepliesForm::open(turn)));
            self.layers.extend(form.map(|form| Layer::OwnReplies(Box::new(form))));
        }
    }

    /// Opens the own working hours, once.
    pub(super) fn open_time(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if !self.layers.iter().any(|layer| matches!(layer, Layer::OwnTime(_))) {
            let mut form = None;
            self.with_screens(context, effects, |_, turn| form = Some(TimeForm::open(turn)));
            self.layers.extend(form.map(|form| Layer::OwnTime(Box::new(form))));
        }
    }

    /// Opens the own presence, once.
    pub(super) fn open_presence(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if !self.layers.iter().any(|layer| matches!(layer, Layer::OwnPresence(_))) {
            let mut panel = None;
            self.with_screens(context, effects, |_, turn| panel = Some(PresencePanel::open(turn)));
            self.layers.extend(panel.map(|panel| Layer::OwnPresence(Box::new(panel))));
        }
    }

    /// Lets the form of automatic replies on top do something.
    pub(super) fn with_replies(
        &mut self,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
        change: impl FnOnce(&mut RepliesForm, &mut Turn<'_>),
    ) {
        let mut turn =
            Turn { now: context.now, zone: context.zone, session: &mut self.session, effects, steps: Vec::new() };
        if let Some(Layer::OwnReplies(form)) = self.layers.last_mut() {
            change(form, &mut turn);
        }
        let steps = turn.steps;
        self.take_steps(steps, context, effects);
    }

    /// Saves the form on top.
    pub(super) fn save_own(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let mut turn =
            Turn { now: context.now, zone: context.zone, session: &mut self.session, effects, steps: Vec::new() };
        match self.layers.last_mut() {
            Some(Layer::OwnReplies(form)) => form.save(&mut turn),
            Some(Layer::OwnTime(form)) => form.save(&mut turn),
            Some(Layer::OwnPresence(panel)) => panel.save(&mut turn),
            _ => {}
        }
        let steps = turn.steps;
        self.take_steps(steps, context, effects);
    }

    /// Whether the own settings can be shown.
    pub(super) fn settings_open(&self) -> Availability {
        match self.session.me {
            None => Availability::Unavailable("Nobody is signed in.".to_owned()),
            Some(_) if self.session.is_service() => {
                Availability::Unavailable("A service has no settings of its own here.".to_owned())
            }
            Some(_) if !self.session.is_open(Feature::Settings) => Availability::Unavailable(
                "Your settings were not granted yet; the command \"Permission: Own settings\" asks for it.".to_owned(),
            ),
            Some(_) => Availability::Available,
        }
    }

    /// Whether the own presence can be shown and chosen.
    pub(super) fn presence_open(&self) -> Availability {
        match self.session.me {
            None => Availability::Unavailable("Nobody is signed in.".to_owned()),
            Some(_) if self.session.is_service() => Availability::Unavailable("A service has no presence.".to_owned()),
            Some(_) => Availability::Available,
        }
    }
}

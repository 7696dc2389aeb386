//! What a person sets of their own, each in an overlay: automatic replies, working hours and zone, presence.
//!
//! Each shows what the session knows of us, so that what another client set is seen when the engine tells it; nothing here asks before
//! it has something to show, but for automatic replies that were never read. Must stay true: what was typed goes nowhere unasked, and is
//! not lost by leaving: texts of replies are kept on this computer, the few words of the others as long as the program runs.

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

/// Said by whoever leaves a form with something in it that is not set.
const SET_ASIDE: &str = "What you changed is kept here and not set; it is there when you come back.";

/// Forms that were left with something in them that is not set.
#[derive(Clone, Debug, Default)]
pub struct SetAside {
    time: Option<Box<TimeForm>>,
    presence: Option<Box<PresencePanel>>,
}

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
        self.open_own(context, effects, Layer::as_replies, |turn| Layer::OwnReplies(Box::new(RepliesForm::open(turn))));
    }

    /// Opens the own working hours, once.
    pub(super) fn open_time(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.open_own(context, effects, Layer::as_time, |turn| Layer::OwnTime(Box::new(TimeForm::open(turn))));
    }

    /// Opens the own presence, once.
    pub(super) fn open_presence(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.open_own(context, effects, Layer::as_presence, |turn| {
            Layer::OwnPresence(Box::new(PresencePanel::open(turn)))
        });
    }

    /// Opens one of them, unless it is open.
    fn open_own<L>(
        &mut self,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
        sort: impl Fn(&mut Layer) -> Option<&mut L>,
        open: impl FnOnce(&mut Turn<'_>) -> Layer,
    ) {
        if self.layers.iter_mut().find_map(sort).is_none() {
            let layer = open(&mut Turn::new(context, &mut self.session, effects));
            self.layers.push(layer);
        }
    }

    /// Sets what was changed in the form on top.
    pub(super) fn save_own(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.with_own(context, effects, RepliesForm::save, TimeForm::save, PresencePanel::save);
    }

    /// Throws away what was typed in the form on top.
    pub(super) fn own_as_set(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.with_own(context, effects, RepliesForm::start_over, TimeForm::start_over, PresencePanel::start_over);
    }

    fn with_own(
        &mut self,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
        replies: fn(&mut RepliesForm, &mut Turn<'_>),
        time: fn(&mut TimeForm, &mut Turn<'_>),
        presence: fn(&mut PresencePanel, &mut Turn<'_>),
    ) {
        let mut turn = Turn::new(context, &mut self.session, effects);
        match self.layers.last_mut() {
            Some(Layer::OwnReplies(form)) => replies(form, &mut turn),
            Some(Layer::OwnTime(form)) => time(form, &mut turn),
            Some(Layer::OwnPresence(panel)) => presence(panel, &mut turn),
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

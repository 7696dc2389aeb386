//! Overlays: they stack above the view, the topmost has the keys, Esc closes it.

use crate::state::accounts::AccountsPanel;
use crate::state::calendar::chooser::CalendarsPanel;
use crate::state::calendar::deed::EventAsk;
use crate::state::calendar::form::EventForm;
use crate::state::calls::Calls;
use crate::state::card::PersonCard;
use crate::state::compose::Compose;
use crate::state::doctor::Doctor;
use crate::state::drafts::DraftsPanel;
use crate::state::help::Help;
use crate::state::links::Links;
use crate::state::missing::MissingCard;
use crate::state::outbox::OutboxPanel;
use crate::state::own::presence::PresencePanel;
use crate::state::own::replies::RepliesForm;
use crate::state::own::time::TimeForm;
use crate::state::page::Page;
use crate::state::palette::Palette;
use crate::state::picker::Picker;
use crate::state::problem::ProblemCard;
use crate::state::question::Question;
use crate::state::surface::Surface;

/// An overlay.
#[derive(Clone, Debug)]
pub enum Layer {
    /// The command palette.
    Palette(Box<Palette>),
    /// Help.
    Help(Help),
    /// A person card.
    Card(Box<PersonCard>),
    /// An error card.
    Problem(ProblemCard),
    /// The links of a message.
    Links(Links),
    /// A page of text.
    Page(Box<Page>),
    /// A permission that is missing.
    Missing(Box<MissingCard>),
    /// The last calls.
    Calls(Box<Calls>),
    /// The doctor's panel.
    Doctor(Box<Doctor>),
    /// The accounts.
    Accounts(AccountsPanel),
    /// A question.
    Question(Box<Question>),
    /// A message that is written.
    Compose(Box<Compose>),
    /// A list to choose from.
    Picker(Box<Picker>),
    /// The form of an event.
    EventForm(Box<EventForm>),
    /// The question before something is done with an event.
    EventAsk(Box<EventAsk>),
    /// The outbox.
    Outbox(OutboxPanel),
    /// The drafts.
    Drafts(DraftsPanel),
    /// Which calendars are shown.
    Calendars(CalendarsPanel),
    /// The own automatic replies.
    OwnReplies(Box<RepliesForm>),
    /// The own working hours and zone.
    OwnTime(Box<TimeForm>),
    /// The own presence.
    OwnPresence(Box<PresencePanel>),
}

/// The overlay of a sort, to change it.
macro_rules! of_sort {
    ($($name:ident: $variant:ident -> $sort:ty),* $(,)?) => {
        $(pub(super) fn $name(&mut self) -> Option<&mut $sort> {
            match self {
                Self::$variant(layer) => Some(layer),
                _ => None,
            }
        })*
    };
}

impl Layer {
    of_sort! {
        as_compose: Compose -> Compose,
        as_event_form: EventForm -> EventForm,
        as_outbox: Outbox -> OutboxPanel,
        as_replies: OwnReplies -> RepliesForm,
        as_time: OwnTime -> TimeForm,
        as_presence: OwnPresence -> PresencePanel,
    }

    /// The overlay as something that takes keys.
    #[must_use]
    pub fn surface(&self) -> &dyn Surface {
        match self {
            Self::Palette(palette) => palette.as_ref(),
            Self::Help(help) => help,
            Self::Card(card) => card.as_ref(),
            Self::Problem(problem) => problem,
            Self::Links(links) => links,
            Self::Page(page) => page.as_ref(),
            Self::Missing(missing) => missing.as_ref(),
            Self::Calls(calls) => calls.as_ref(),
            Self::Doctor(doctor) => doctor.as_ref(),
            Self::Accounts(accounts) => accounts,
            Self::Question(question) => question.as_ref(),
            Self::Compose(compose) => compose.as_ref(),
            Self::Picker(picker) => picker.as_ref(),
            Self::EventForm(form) => form.as_ref(),
            Self::EventAsk(ask) => ask.as_ref(),
            Self::Outbox(outbox) => outbox,
            Self::Drafts(drafts) => drafts,
            Self::Calendars(panel) => panel,
            Self::OwnReplies(form) => form.as_ref(),
            Self::OwnTime(form) => form.as_ref(),
            Self::OwnPresence(panel) => panel.as_ref(),
        }
    }

    /// The same, to change it.
    pub fn surface_mut(&mut self) -> &mut dyn Surface {
        match self {
            Self::Palette(palette) => palette.as_mut(),
            Self::Help(help) => help,
            Self::Card(card) => card.as_mut(),
            Self::Problem(problem) => problem,
            Self::Links(links) => links,
            Self::Page(page) => page.as_mut(),
            Self::Missing(missing) => missing.as_mut(),
            Self::Calls(calls) => calls.as_mut(),
            Self::Doctor(doctor) => doctor.as_mut(),
            Self::Accounts(accounts) => accounts,
            Self::Question(question) => question.as_mut(),
            Self::Compose(compose) => compose.as_mut(),
            Self::Picker(picker) => picker.as_mut(),
            Self::EventForm(form) => form.as_mut(),
            Self::EventAsk(ask) => ask.as_mut(),
            Self::Outbox(outbox) => outbox,
            Self::Drafts(drafts) => drafts,
            Self::Calendars(panel) => panel,
            Self::OwnReplies(form) => form.as_mut(),
            Self::OwnTime(form) => form.as_mut(),
            Self::OwnPresence(panel) => panel.as_mut(),
        }
    }
}

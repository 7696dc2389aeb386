//! What every view and overlay has in common: it takes keys, answers, news and clicks, and returns work as values.
//!
//! A [`Surface`] is one view or one overlay. The store asks the topmost one first; what it does not take goes on to the table of
//! everywhere. A surface never reaches into another: it leaves a [`Step`] in its [`Turn`], and the store takes it there.
//! [`crate::state::people`] is the smallest complete example.

use crate::base::report::Report;
use crate::domain::account::{Feature, Tier};
use crate::domain::draft::DraftId;
use crate::domain::event::EventId;
use crate::domain::input::Key;
use crate::domain::mail::{FolderId, MessageId, MessageKey, Recipient};
use crate::domain::notice::Notice;
use crate::domain::request::{Answer, PersonRef, Request};
use crate::domain::time::Zone;
use crate::state::Context;
use crate::state::calendar::deed::EventAsk;
use crate::state::calendar::form::EventForm;
use crate::state::command::CommandId;
use crate::state::event::{Effect, Interest, Ticket, Wake};
use crate::state::keys::KeyContext;
use crate::state::line::LineEdit;
use crate::state::page::Page;
use crate::state::picker::{Picked, Purpose};
use crate::state::presences;
use crate::state::question::Question;
use crate::state::session::Session;
use crate::state::target::Target;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

/// A board of days to come is looked at again after so long, at the soonest.
const DAYS_PACE: SignedDuration = SignedDuration::from_mins(4);

/// The six views, in the order of their digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// What matters in the next hours.
    Home,
    /// Folders, list, reader.
    Mail,
    /// Day, week, agenda.
    Calendar,
    /// Free/busy of several people.
    FindTime,
    /// The directory.
    People,
    /// Who is away.
    Away,
}

impl View {
    /// All, in the order of their digits.
    pub const ALL: [Self; 6] = [Self::Home, Self::Mail, Self::Calendar, Self::FindTime, Self::People, Self::Away];

    /// The word in the header.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Home => "Home",
            Self::Mail => "Mail",
            Self::Calendar => "Calendar",
            Self::FindTime => "Find time",
            Self::People => "People",
            Self::Away => "Away",
        }
    }

    /// What it shows, and what is dark without its permission. The home view shows the rest as well.
    #[must_use]
    pub const fn feature(self) -> Option<Feature> {
        Some(match self {
            Self::Home | Self::Mail => Feature::Mail,
            Self::Calendar => Feature::Calendar,
            Self::FindTime => Feature::FreeBusy,
            Self::People => Feature::Directory,
            Self::Away => Feature::AutomaticReplies,
        })
    }

    /// The digit that leads there.
    #[must_use]
    pub const fn digit(self) -> char {
        match self {
            Self::Home => '1',
            Self::Mail => '2',
            Self::Calendar => '3',
            Self::FindTime => '4',
            Self::People => '5',
            Self::Away => '6',
        }
    }

    /// The word for scripts (`--shot VIEW`).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Mail => "mail",
            Self::Calendar => "calendar",
            Self::FindTime => "find-time",
            Self::People => "people",
            Self::Away => "away",
        }
    }
}

/// A pane that can have the focus, as the mouse names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pane {
    /// Today and tomorrow on the home view.
    HomeAgenda,
    /// The newest mail on the home view.
    HomeInbox,
    /// Who is away on the home view.
    HomeAway,
    /// The folder tree.
    Folders,
    /// The message list.
    List,
    /// The message that is read.
    Reader,
    /// The text field of a view.
    Field,
    /// The only or largest pane of any other view.
    Main,
}

/// The rows of a page in the lists of cards.
pub const LIST_PAGE: usize = 10;

/// Moving about; each surface says what it means there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Motion {
    /// `j`, down.
    Next,
    /// `k`, up.
    Previous,
    /// `h`, left.
    Left,
    /// `l`, right.
    Right,
    /// `gg`, Home.
    First,
    /// `G`, End.
    Last,
    /// ctrl-d.
    HalfPageDown,
    /// ctrl-u.
    HalfPageUp,
    /// PgDn.
    PageDown,
    /// PgUp.
    PageUp,
    /// Tab.
    NextPane,
    /// shift-Tab.
    PreviousPane,
    /// `]`: the next message, week, day.
    NextThing,
    /// `[`: the previous one.
    PreviousThing,
    /// `}`: a bigger step forward.
    NextGroup,
    /// `{`: a bigger step back.
    PreviousGroup,
}

impl Motion {
    /// Where a cursor at row `at` of a list of `count` rows goes, by pages of `page` rows; Tab goes as `j` does. `None` for a
    /// motion that means nothing in a list.
    #[must_use]
    pub fn along(self, at: usize, count: usize, page: usize) -> Option<usize> {
        let last = count.saturating_sub(1);
        let to = match self {
            Self::Next | Self::NextPane => at.saturating_add(1),
            Self::Previous | Self::PreviousPane => at.saturating_sub(1),
            Self::PageDown | Self::HalfPageDown => at.saturating_add(page),
            Self::PageUp | Self::HalfPageUp => at.saturating_sub(page),
            Self::First => 0,
            Self::Last => last,
            _ => return None,
        };
        Some(to.min(last))
    }
}

/// What can be copied of the thing under the cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CopyPart {
    /// The line as text.
    Line,
    /// The address of the person.
    Address,
    /// The link.
    Link,
    /// Everything known, as plain lines.
    Details,
}

/// A way into another view or overlay.
#[derive(Clone, Debug)]
pub enum Step {
    /// Show this view.
    Go(View),
    /// Open this message in the mail view and read it.
    Message(FolderId, MessageKey),
    /// Open this folder in the mail view.
    Folder(FolderId),
    /// Show this event in the calendar.
    Event(EventId, Date),
    /// Show this day in the calendar.
    Day(Date),
    /// Open the card of this person.
    Card(PersonRef),
    /// Find a time with these people.
    FindTime(Vec<Recipient>),
    /// Write this draft further.
    Draft(DraftId),
    /// Write the draft further that this message of the mailbox is.
    DraftCopy(MessageId),
    /// This message is sent, put aside or thrown away.
    Finished(DraftId),
    /// Choose something from a list.
    Pick(Purpose),
    /// This was chosen.
    Picked(Picked),
    /// Ask before something that cannot be taken back.
    Ask(Box<Question>),
    /// Fill in the form of an event.
    FillEvent(Box<EventForm>),
    /// Ask before something is done with an event.
    AskEvent(Box<EventAsk>),
    /// Show a page of text.
    Page(Box<Page>),
    /// Take this step if the view is on the screen with nothing over it; else only say the sentence: somebody has gone on.
    IfShown(View, Box<Step>, String),
    /// Show what is missing for this tier, with what can be done.
    Missing(Tier),
    /// Show an error card.
    Problem(Report),
    /// Run a command, as if its key were pressed.
    Run(CommandId),
    /// Close the overlay on top.
    CloseLayer,
}

/// What a surface is given for one event, and where it leaves what it wants.
pub struct Turn<'a> {
    /// The present moment.
    pub now: Timestamp,
    /// The zone in which times are shown.
    pub zone: &'a Zone,
    /// What is shared by all surfaces: who, size, sync, folders.
    pub session: &'a mut Session,
    /// Work for the runner.
    pub effects: &'a mut Vec<Effect>,
    /// Ways into other surfaces, taken by the store when the turn is over.
    pub steps: Vec<Step>,
}

impl<'a> Turn<'a> {
    /// A turn of whoever is changed next.
    pub fn new(context: &Context<'a>, session: &'a mut Session, effects: &'a mut Vec<Effect>) -> Self {
        Self { now: context.now, zone: context.zone, session, effects, steps: Vec::new() }
    }
}

impl Turn<'_> {
    /// Asks the engine; the ticket names the answer.
    pub fn ask(&mut self, request: Request) -> Ticket {
        let ticket = self.session.next_ticket();
        self.effects.push(Effect::Ask(ticket, request));
        ticket
    }

    /// Wakes the program after `delay`; replaces a pending wake-up of that kind.
    pub fn wake_after(&mut self, wake: Wake, delay: SignedDuration) {
        let at = self.now.checked_add(delay).unwrap_or(self.now);
        self.effects.push(Effect::WakeAt(wake, at));
    }

    /// Wakes when what is shown of a person has grown old: after 80 to 120 seconds, twice that without focus. The cache's ages then
    /// decide what is asked: presence each time, calendars and automatic replies more seldom. Without a network nothing grows younger:
    /// then nobody is woken before it is back.
    pub fn wake_when_stale(&mut self) {
        self.wake_when_older(presences::PACE);
    }

    /// The same for a board of days to come: after 4 to 6 minutes. Whoever is on it has their presence kept fresh beside it, and
    /// a look sooner than the cache holds calendars for fresh would read weeks of them only to find the same.
    pub fn wake_when_days_are_stale(&mut self) {
        self.wake_when_older(DAYS_PACE);
    }

    fn wake_when_older(&mut self, shortest: SignedDuration) {
        if !self.session.is_offline() {
            self.wake_after(Wake::Stale, self.session.pace(shortest, self.now));
        }
    }

    /// A passing sentence for the status line.
    pub fn tell(&mut self, sentence: impl Into<String>) {
        let effect = self.session.status.tell(sentence.into(), self.now);
        self.effects.push(effect);
    }

    /// Leaves a way into another surface.
    pub fn step(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Today in the zone shown.
    #[must_use]
    pub fn today(&self) -> Date {
        crate::state::when::date(self.now, self.zone)
    }
}

/// One view or one overlay. Every method has a default that does nothing; `bool` results say whether it was taken.
pub trait Surface {
    /// The section of the keymap that holds here besides everywhere's.
    fn context(&self) -> KeyContext;

    /// Commands for the hint line, the likeliest first.
    fn hints(&self) -> &'static [CommandId];

    /// What a command does just here, where its usual word says less.
    fn word(&self, _command: CommandId, _session: &Session) -> Option<&'static str> {
        None
    }

    /// The pane that has the focus.
    fn pane(&self) -> Pane {
        Pane::Main
    }

    /// The text field that takes the letters now.
    fn field(&self) -> Option<&LineEdit> {
        None
    }

    /// The same, to type into.
    fn field_mut(&mut self) -> Option<&mut LineEdit> {
        None
    }

    /// Whether letters are text here and no commands.
    fn is_typing(&self) -> bool {
        self.field().is_some()
    }

    /// The field's text has changed.
    fn edited(&mut self, _turn: &mut Turn<'_>) {}

    /// A digit, asked before the keymap: where rows are numbered, a digit is a row and no view. True: it was taken.
    fn number(&mut self, _number: usize, _turn: &mut Turn<'_>) -> bool {
        false
    }

    /// A key, asked before the keymap: for what is typed and may not be kept as text. True: it was taken.
    fn typed(&mut self, _key: Key, _turn: &mut Turn<'_>) -> bool {
        false
    }

    /// Pasted text, asked before the field. True: it was taken.
    fn pasted(&mut self, _text: &str, _turn: &mut Turn<'_>) -> bool {
        false
    }

    /// It came on the screen, or came back.
    fn entered(&mut self, _turn: &mut Turn<'_>) {}

    /// The screen has a new size.
    fn resized(&mut self, _turn: &mut Turn<'_>) {}

    /// Moves.
    fn motion(&mut self, _motion: Motion, _turn: &mut Turn<'_>) -> bool {
        false
    }

    /// Enter.
    fn open(&mut self, _turn: &mut Turn<'_>) -> bool {
        false
    }

    /// Esc or `q`: leaves what was entered inside. False: nothing was open inside.
    fn close(&mut self, _turn: &mut Turn<'_>) -> bool {
        false
    }

    /// An answer. True: it was for this surface.
    fn answered(&mut self, _ticket: Ticket, _result: &Result<Answer, Report>, _turn: &mut Turn<'_>) -> bool {
        false
    }

    /// News; also told while the surface is not on the screen (`is_shown`).
    fn notice(&mut self, _notice: &Notice, _is_shown: bool, _turn: &mut Turn<'_>) {}

    /// A wake-up, told to what is on the screen.
    fn woken(&mut self, _wake: Wake, _turn: &mut Turn<'_>) {}

    /// A click. `is_double`: the second on the same thing.
    fn clicked(&mut self, _target: &Target, _is_double: bool, _turn: &mut Turn<'_>) {}

    /// The mouse moved with the button held, over `target`; `is_over`: there it was let go.
    fn dragged(&mut self, _target: Option<&Target>, _is_over: bool, _turn: &mut Turn<'_>) {}

    /// The wheel turned over `target`; positive is down.
    fn wheel(&mut self, _target: Option<&Target>, _steps: i32, _turn: &mut Turn<'_>) {}

    /// Who is under the cursor.
    fn person(&self) -> Option<PersonRef> {
        None
    }

    /// With whom a time would be looked for.
    fn people(&self) -> Vec<Recipient> {
        Vec::new()
    }

    /// Text of the thing under the cursor.
    fn copy(&self, _part: CopyPart, _zone: &Zone) -> Option<String> {
        None
    }

    /// The address that `o` opens, if there is exactly one.
    fn link(&self) -> Option<String> {
        None
    }

    /// What the engine should keep fresh while this is on the screen.
    fn interest(&self, _session: &Session, _interest: &mut Interest) {}
}

//! The command table: everything a person can do, one row each.
//!
//! From these rows come the keymap's names, the palette, `?`, the hint line and the popups of half-typed keys. A row exists only
//! when its command works. "Not now" is said with a reason. The rows stand in one file per view; [`mail`] is a good one to
//! read first. Must stay true: every [`CommandId`] has exactly one row (a test counts them), and names never change once released,
//! as people's keymaps hold them.

pub mod accounts;
pub mod calendar;
pub mod card;
pub mod compose;
pub mod event;
pub mod everywhere;
pub mod find_time;
pub mod groups;
pub mod mail;
pub mod overlay;
pub mod own;
pub mod people;
pub mod sign_in;

use crate::state::Context;
use crate::state::event::Effect;
use crate::state::keys::KeyContext;
use crate::state::store::{Screens, Store};
use crate::state::surface::{Motion, Turn};

/// Names a command. The rows say the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CommandId {
    // Moving.
    Next,
    Previous,
    Left,
    Right,
    First,
    Last,
    HalfPageDown,
    HalfPageUp,
    PageDown,
    PageUp,
    NextPane,
    PreviousPane,
    NextThing,
    PreviousThing,
    NextGroup,
    PreviousGroup,
    Open,
    Close,
    Back,
    HistoryBack,
    HistoryForward,
    // Going.
    Home,
    Mail,
    Calendar,
    FindTime,
    People,
    Away,
    Inbox,
    Sent,
    Drafts,
    Deleted,
    NextUnread,
    // Acting on the thing under the cursor.
    PersonCard,
    FindTimeWith,
    OpenOutside,
    CopyLine,
    CopyAddress,
    CopyLink,
    CopyDetails,
    // Mail.
    Search,
    NextMatch,
    PreviousMatch,
    MailDate,
    FoldQuotes,
    AllHeaders,
    Folders,
    MailSelect,
    MailRange,
    MailAll,
    MailPattern,
    MailRead,
    MailFlag,
    MailArchive,
    MailDelete,
    MailDeleteForEver,
    MailMove,
    MailCategory,
    MailReply,
    MailReplyAll,
    MailForward,
    MailSave,
    // Writing.
    Compose,
    ComposeSend,
    ComposeEditor,
    ComposeAttach,
    ReviewSend,
    ReviewEdit,
    ReviewAttach,
    ReviewPostpone,
    ReviewDiscard,
    DraftsDiscard,
    DraftsFolder,
    Outbox,
    OutboxRetry,
    OutboxCancel,
    OutboxKeepMine,
    OutboxKeepTheirs,
    Undo,
    // Calendar.
    CalendarToday,
    CalendarDay,
    CalendarWeek,
    CalendarWorkWeek,
    CalendarAgenda,
    CalendarFiner,
    CalendarCoarser,
    CalendarSecondZone,
    CalendarChoose,
    CalendarMark,
    CalendarFind,
    CalendarNextHit,
    CalendarPreviousHit,
    EventSaveFile,
    InvitationPropose,
    EventCreate,
    EventEdit,
    EventDelete,
    EventSave,
    EventEditor,
    InvitationAccept,
    InvitationMaybe,
    InvitationDecline,
    InvitationAcceptNote,
    InvitationMaybeNote,
    InvitationDeclineNote,
    // Find time.
    FindAdd,
    FindRoom,
    FindRemove,
    FindRequired,
    FindNext,
    FindPrevious,
    FindLength,
    FindWithinHours,
    FindFiner,
    FindCoarser,
    FindCopySlots,
    FindPick,
    FindCopyZones,
    FindDate,
    FindOpinion,
    FindMark,
    FindMarkLeft,
    FindMarkRight,
    FindSecondZone,
    FindSort,
    FindStep,
    FindToday,
    // The person card.
    CardBack,
    CardWrite,
    // Groups of people.
    GroupSave,
    GroupPerson,
    GroupRemove,
    // Away.
    AwayMoreWeeks,
    AwayFewerWeeks,
    AwayToday,
    AwayChoose,
    // One's own settings.
    OwnReplies,
    OwnTime,
    OwnPresence,
    OwnSave,
    RepliesPreview,
    RepliesEditor,
    RepliesEndNow,
    RepliesAsSet,
    // Sign-in.
    SignInBegin,
    SignInBrowser,
    SignInPaste,
    SignInCode,
    SignInToken,
    SignInRegistration,
    SignInCopy,
    SignInOpen,
    SignInAddress,
    SignInPermissions,
    SignInAdministrator,
    SignInApprove,
    // Pages and panels.
    CopyPage,
    MissingAsk,
    MissingAdministrator,
    MissingNotNow,
    Calls,
    CallsCopy,
    CallsCopyAll,
    Doctor,
    DoctorAgain,
    DoctorCopy,
    Accounts,
    AccountsUse,
    AccountsAdd,
    AccountsAgain,
    AccountsOut,
    AccountsCopy,
    QuestionYes,
    // The program.
    Palette,
    Help,
    ShowProblem,
    CopyProblem,
    FilterHelp,
    Fetch,
    PauseFetching,
    ResumeFetching,
    Redraw,
    Suspend,
    ToggleMouse,
    SignIn,
    SignOut,
    Quit,
}

impl CommandId {
    /// The row.
    #[must_use]
    pub fn row(self) -> &'static Command {
        all().find(|command| command.id == self).unwrap_or(&everywhere::NOTHING)
    }
}

/// What sort of command it is: the headings of help and the palette's last column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// Within a view.
    Move,
    /// To another view or folder.
    Go,
    /// With the thing under the cursor.
    Act,
    /// How this view shows things.
    Look,
    /// The program.
    Program,
}

impl Group {
    /// All, in the order in which help lists them.
    pub const ALL: [Self; 5] = [Self::Act, Self::Move, Self::Look, Self::Go, Self::Program];

    /// The heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Move => "Move",
            Self::Go => "Go",
            Self::Act => "Act",
            Self::Look => "View",
            Self::Program => "Program",
        }
    }
}

/// Whether a command can be done now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Availability {
    /// Yes.
    Available,
    /// It has no meaning here and is not listed.
    Hidden,
    /// Not now, for this reason: a full sentence.
    Unavailable(String),
}

/// A row of the table.
pub struct Command {
    /// Its id.
    pub id: CommandId,
    /// Its name in the keymap file.
    pub name: &'static str,
    /// Its title in the palette.
    pub title: &'static str,
    /// Its word in the hint line.
    pub word: &'static str,
    /// What it does, one line, imperative.
    pub help: &'static str,
    /// Its sort.
    pub group: Group,
    /// The place it belongs to.
    pub context: KeyContext,
    /// Whether it can be done now.
    pub availability: fn(&Store) -> Availability,
    /// Does it.
    pub act: fn(&mut Act<'_>),
}

impl Command {
    /// A row that acts, wherever one is, at any time; what is special about it is said behind it.
    const fn acting(
        id: CommandId,
        name: &'static str,
        title: &'static str,
        word: &'static str,
        help: &'static str,
        act: fn(&mut Act<'_>),
    ) -> Self {
        let context = KeyContext::Everywhere;
        Self { id, name, title, word, help, group: Group::Act, context, availability: always, act }
    }

    /// The same, belonging to one place.
    const fn within(self, context: KeyContext) -> Self {
        Self { context, ..self }
    }

    /// The same, of another sort.
    const fn grouped(self, group: Group) -> Self {
        Self { group, ..self }
    }

    /// The same with a condition.
    const fn when(self, availability: fn(&Store) -> Availability) -> Self {
        Self { availability, ..self }
    }
}

/// What a command is given.
pub struct Act<'a> {
    /// The store.
    pub store: &'a mut Store,
    /// Time and zone.
    pub context: &'a Context<'a>,
    /// Work for the runner.
    pub effects: &'a mut Vec<Effect>,
}

impl Act<'_> {
    /// Lets the views do something; the ways into other views they leave are taken afterwards.
    pub fn with(&mut self, change: impl FnOnce(&mut Screens, &mut Turn<'_>)) {
        self.store.with_screens(self.context, self.effects, change);
    }

    /// Moves in whatever has the focus.
    pub fn motion(&mut self, motion: Motion) {
        self.store.with_focus(self.context, self.effects, |surface, turn| surface.motion(motion, turn));
    }

    /// A passing sentence.
    pub fn tell(&mut self, sentence: impl Into<String>) {
        let effect = self.store.session.status.tell(sentence.into(), self.context.now);
        self.effects.push(effect);
    }
}

/// Always.
pub(crate) fn always(_: &Store) -> Availability {
    Availability::Available
}

/// All rows.
pub fn all() -> impl Iterator<Item = &'static Command> {
    let tables: [&'static [Command]; 13] = [
        everywhere::ROWS,
        mail::ROWS,
        calendar::ROWS,
        event::ROWS,
        find_time::ROWS,
        groups::ROWS,
        people::ROWS,
        card::ROWS,
        compose::ROWS,
        overlay::ROWS,
        own::ROWS,
        accounts::ROWS,
        sign_in::ROWS,
    ];
    tables.into_iter().flatten()
}

/// The command of that name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Command> {
    all().find(|command| command.name == name)
}

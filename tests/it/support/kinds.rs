//! Every kind of change there is. A new one does not compile until it is named here, and then the tests that go through all of them
//! fail until they have a case for it.

use deskbell::domain::intent::Intent;

macro_rules! kinds {
    ($($kind:ident),* $(,)?) => {
        /// The kinds by name.
        pub(crate) const KINDS: &[&str] = &[$(stringify!($kind)),*];

        /// The kind of a change.
        pub(crate) const fn kind(intent: &Intent) -> &'static str {
            match intent {
                $(Intent::$kind { .. } => stringify!($kind),)*
            }
        }
    };
}

kinds!(
    MarkRead,
    Flag,
    Categorise,
    Move,
    DeleteForEver,
    Send,
    KeepDraft,
    DiscardDraft,
    CreateEvent,
    UpdateEvent,
    DeleteEvent,
    Respond,
    AutomaticReplies,
    WorkingTime,
    Presence,
    StatusNote,
);

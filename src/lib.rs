//! deskbell: Microsoft 365 in a terminal. Ring the bell, see who is at their desk.
//!
//! This page is the map of the house. Read it first; then follow one thing through the floors.
//!
//! # Bird's eye
//!
//! ```text
//!  keys, mouse ──► app::running ──► state::update ──► effects ──► app::runner ──► engine ──► answers, news ─┐
//!                      ▲    │                                                      │  │                     │
//!                      │    └──► view::draw ──► terminal                    db ◄───┘  └──► graph ──► service │
//!                      └─────────────────────────────────────────────────────────────────────────────────────┘
//! ```
//!
//! One loop owns the state by value. [`state::update()`] decides and returns work as values; the runner performs it through the
//! [`engine`]; each piece of work comes back as exactly one event. The screen is drawn from the state, the state is filled from the
//! cache, and the cache is kept in step by the engine's own tasks: nothing on the way from a key to a frame waits for the network.
//!
//! # Floors, from the ground up
//!
//! | floor | module | lives there |
//! |---|---|---|
//! | 1 | [`base`] | clock, activity, ids, secrets, tame text, reports, places on disk, log |
//! | 2 | [`domain`] | the words of the product as data, and the algebra over them; pure |
//! | 3 | [`net`], [`config`] | clouds and HTTP clients, the loopback listener; options, keys and themes as data |
//! | 4 | [`auth`], [`db`] | ways of signing in, the broker of tokens, the vault; the cache, its index and the outbox in SQLite |
//! | 4½ | [`graph`] | a call as a value, one transport, one file an area |
//! | 5 | [`engine`] | the headless product: requests, sign-in, sync, outbox, search, colleagues, reader, news |
//! | 5½ | [`doctor`] | checks: name, result, reason, remedy |
//! | 5½ | [`state`] | the store, events and effects, the command table, one file a view |
//! | 6 | [`view`] | drawing: a pure function of state, look and time |
//! | 7 | [`app`], [`cli`] | the running program; one verb a file |
//! | – | `sim` | the simulated tenant, for `demo`, `tenant` and the tests; shares no types with the client |
//!
//! An import goes down, never up and never round; `tests/it/tidy.rs` fails with the reason when one does not.
//!
//! # What must stay true
//!
//! - **One loop, one writer.** The store is changed by [`state::update()`] only: synchronous, total, no I/O, no clock of its own.
//! - **The screen reads local data only.** The network is always somebody else's job.
//! - **Wait, update, draw.** A frame is drawn when something changed; whatever waits already is taken first. Idle means no frame and no
//!   wake-up but the minute and the next planned round.
//! - **Latest wins.** A place that shows an answer is a slot with a ticket; an old answer never reaches the screen. A selection is an
//!   id, never an index.
//! - **Cursor and rows commit together.** A delta link moves only in the transaction that writes its rows; a resync never blanks a list.
//! - **One request policy.** [`graph::Graph::send`] is the only await on HTTP to Graph: four at once per mailbox, the service's waits obeyed, no
//!   blind repeat of what is not safe.
//! - **Tokens are secrets.** They reach a header in one place, go to Graph's host only, and never to a log, an argument or a crash file.
//! - **Errors are typed below and told as a [`base::report::Report`]**: what failed, why, what next. Partial results are results.
//! - **Text from others is hostile** until [`base::text::tame`] has seen it.
//! - **Time has one home**, [`domain::time`]. An unknown zone is shown as unknown, never silently taken for UTC.
//! - **Everything is handed in**: clock, ids, size, theme, zone, tenant, places. So a test drives the whole program as a person does.
//!
//! - **A change is a row first.** An [`domain::intent::Intent`] is in the outbox, a file of its own, before anything is asked of the
//!   service; its steps can be repeated, and what is wanted is written into the cache, so that every screen shows it at once. What the
//!   service refuses, or cannot tell, is an item that stays and asks.
//!
//! Deliberately absent: telemetry, a client id of ours, and any lock above [`db`].
//!
//! # Where to begin, by example
//!
//! - A call to the service: `graph/presence.rs` (build, send, parse, tame), sent by [`graph::Graph::send`].
//! - A view: `state/people.rs` with `view/people.rs` and `tests/it/people.rs`; the smallest complete one.
//! - A row of the command table: `state/command/`; from it come keys, palette, help, hints and the README's table.
//! - A change of the mailbox: `domain/intent.rs`, `engine/outbox/step.rs` (pure), its faults in `tests/it/outbox_faults.rs`.
//! - A verb of the command line: `cli/agenda.rs`.
//! - An area of the simulated tenant: `sim/graph/presence.rs`.
//! - A whole-program test: `tests/it/newcomer.rs`, driven through `tests/it/support`.

pub mod base;
pub mod domain;
pub mod net;
pub mod config;
pub mod auth;
pub mod db;
pub mod graph;
pub mod engine;
pub mod doctor;
pub mod state;
pub mod view;
pub mod app;
pub mod cli;
#[cfg(feature = "demo")]
pub mod sim;

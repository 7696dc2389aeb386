//! The loop: wait, update, draw.
//!
//! Everything that waits is taken before a frame is drawn, so a flood of keys costs one frame. Nothing moves: no frame, no wake-up
//! but the minute and the times the state asked for. The loop owns the store and the screen; a test drives the same loop
//! through [`Running::settle`], which ends when the program is idle instead of waiting for more.

use crate::app::editor::Editor;
use crate::app::input::Input;
use crate::app::runner::{Queued, Runner};
use crate::app::screen::Screen;
use crate::base::activity::Activity;
use crate::base::clock::SharedClock;
use crate::base::report::{Kind, Report};
use crate::domain::request::{Answer, Request};
use crate::domain::time::{Zone, instant};
use crate::engine::notices::News;
use crate::state::event::{Effect, Event, Ticket, Wake};
use crate::state::geometry::Size;
use crate::state::{Context, Store, update};
use crate::view::Drawn;
use crate::view::look::Look;
use futures_util::future::BoxFuture;
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use ratatui::buffer::Buffer;
use std::collections::{HashMap, HashSet};
use std::task::{self, Poll};
use std::time::{Duration, SystemTime};
use tokio::sync::mpsc;

/// How many waiting events are taken before a frame is drawn all the same: a bound, so that endless news cannot starve the screen.
const MOST_AT_ONCE: usize = 1024;

/// A clock that goes back by less is only being corrected.
const SET_BACK: Duration = Duration::from_secs(1);

/// What the loop is made of.
pub struct Parts<S> {
    /// The state.
    pub store: Store,
    /// Theme and signs.
    pub look: Look,
    /// Where to draw.
    pub screen: S,
    /// Performs effects.
    pub runner: Runner,
    /// The clock.
    pub clock: SharedClock,
    /// The zone in which times are shown.
    pub zone: Zone,
    /// Counts work in flight.
    pub activity: Activity,
    /// The person's own editor.
    pub editor: Editor,
    /// Where finished work arrives.
    pub queue: mpsc::UnboundedReceiver<Queued>,
    /// The engine's news.
    pub news: News,
}

/// The running program.
pub struct Running<S> {
    parts: Parts<S>,
    wakes: HashMap<Wake, SystemTime>,
    next_minute: SystemTime,
    /// When the clock was last looked at.
    seen: SystemTime,
    /// Questions that are asked once the frame is drawn: most are about what is not in sight yet, and waking the threads that answer
    /// takes half as long as a frame.
    asks: Vec<(Ticket, Request)>,
    /// Questions of the first frame that the cache has not answered yet.
    asking: FuturesUnordered<BoxFuture<'static, ()>>,
    /// Questions that the cache alone will answer.
    cached: HashSet<Ticket>,
    /// What the last frame showed where; the next click is looked up here.
    drawn: Drawn,
    needs_frame: bool,
    has_left: bool,
    /// A text that waits for the person's editor.
    to_edit: Option<(Ticket, String)>,
}

impl<S: Screen> Running<S> {
    /// Puts the parts together; the first questions go to the cache.
    ///
    /// # Errors
    /// When the terminal cannot be drawn on.
    pub fn start(parts: Parts<S>) -> Result<Self, Report> {
        let seen = parts.clock.now();
        let mut running = Self {
            parts,
            wakes: HashMap::new(),
            next_minute: minute_after(seen),
            seen,
            asks: Vec::new(),
            asking: FuturesUnordered::new(),
            cached: HashSet::new(),
            drawn: Drawn::default(),
            needs_frame: true,
            has_left: false,
            to_edit: None,
        };
        let context = Context { now: instant(running.parts.clock.now()), zone: &running.parts.zone };
        let effects = running.parts.store.start(&context);
        running.perform(effects)?;
        Ok(running)
    }

    /// Draws the first frame: with what the cache answers at once, and without it if that takes longer than `patience`. Nothing is
    /// left to other threads of the runtime; what is still to be asked then waits for [`Self::ask`].
    ///
    /// # Errors
    /// When the terminal cannot be drawn on.
    pub async fn first_frame(&mut self, patience: Duration) -> Result<(), Report> {
        let mut late = self.parts.clock.sleep(patience);
        loop {
            let asks = std::mem::take(&mut self.asks).into_iter();
            let (cached, others): (Vec<_>, _) = asks.partition(|(_, request)| is_cached(request));
            self.asks = others;
            for (ticket, request) in cached {
                self.cached.insert(ticket);
                self.asking.push(self.parts.runner.asking(ticket, request).boxed());
            }
            if self.cached.is_empty() {
                break;
            }
            tokio::select! {
                biased;
                Some(queued) = self.parts.queue.recv() => self.take(queued)?,
                Some(()) = self.asking.next() => {}
                () = &mut late => break,
            }
        }
        self.draw()
    }

    /// Runs until the person leaves. It blocks the thread between events.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn run(&mut self, input: &mut impl Input) -> Result<(), Report> {
        let bell = input.bell();
        let mut context = task::Context::from_waker(&bell);
        loop {
            let mut taken = 0;
            while taken < MOST_AT_ONCE && !self.has_left && self.take_one(input, &mut context)? {
                taken += 1;
                if self.to_edit.is_some() {
                    input.pause();
                    self.edit()?;
                    input.resume();
                }
            }
            self.draw_if_needed()?;
            if self.has_left {
                return Ok(());
            }
            if taken < MOST_AT_ONCE {
                let now = self.parts.clock.now();
                input.wait(self.next_due().duration_since(now).unwrap_or_default());
            }
        }
    }

    /// Takes one event from wherever there is one; the person's first. Whoever has none rings the bell of `context` when it has.
    fn take_one(&mut self, input: &mut impl Input, context: &mut task::Context<'_>) -> Result<bool, Report> {
        match input.next(context) {
            Poll::Ready(Some(event)) => self.handle(event)?,
            // The terminal is gone: nobody can press a key any more.
            Poll::Ready(None) => self.has_left = true,
            Poll::Pending => {
                if let Poll::Ready(Some(queued)) = self.parts.queue.poll_recv(context) {
                    self.take(queued)?;
                } else if let Poll::Ready(Some((notice, _working))) = self.parts.news.poll_recv(context) {
                    self.handle(Event::Notice(notice))?;
                } else {
                    return self.take_due();
                }
            }
        }
        Ok(true)
    }

    /// Handles everything there is until the program is idle: no event waits, no work is in flight, nothing is due, the last frame
    /// is drawn. For tests and for pictures.
    ///
    /// # Errors
    /// When the screen cannot be drawn on.
    pub async fn settle(&mut self) -> Result<(), Report> {
        loop {
            self.take_due()?;
            while self.take_waiting()? {}
            self.edit()?;
            self.draw_if_needed()?;
            if self.has_left || self.parts.activity.count() == 0 {
                return Ok(());
            }
            let idle = self.parts.activity.idle();
            tokio::select! {
                biased;
                Some(queued) = self.parts.queue.recv() => self.take(queued)?,
                Some((notice, _working)) = self.parts.news.recv() => self.handle(Event::Notice(notice))?,
                () = idle => {}
            }
        }
    }

    /// Hands in an event, as the terminal would.
    ///
    /// # Errors
    /// When the screen cannot be drawn on.
    pub fn handle(&mut self, mut event: Event) -> Result<(), Report> {
        match &mut event {
            Event::Mouse(mouse, target) if target.is_none() => {
                *target = self.drawn.hits.at(mouse.column, mouse.row).cloned();
            }
            Event::Resize { .. } => self.parts.screen.clear().map_err(|error| terminal_gone(&error))?,
            Event::Answered(ticket, _) => {
                self.cached.remove(ticket);
            }
            Event::Focus(has_focus) => self.parts.runner.engine().set_focus(*has_focus),
            Event::Key(_) | Event::Mouse(..) | Event::Paste(_) => self.parts.runner.engine().touch(),
            _ => {}
        }
        let context = Context { now: instant(self.parts.clock.now()), zone: &self.parts.zone };
        // Asking anew for what is shown changes nothing to be seen; the answer may.
        self.needs_frame |= !matches!(event, Event::Wake(Wake::Stale));
        let effects = update(&mut self.parts.store, event, &context);
        self.perform(effects)
    }

    /// Hands the terminal to the person's editor, if a text waits for it. Nothing else happens until the editor has ended.
    fn edit(&mut self) -> Result<(), Report> {
        let Some((ticket, text)) = self.to_edit.take() else { return Ok(()) };
        let Parts { screen, editor, .. } = &mut self.parts;
        let (edited, lent) = editor.edit(&text, screen);
        lent.map_err(|error| terminal_gone(&error))?;
        if let Ok(size) = self.parts.screen.size() {
            // Nobody told us of a window that changed meanwhile.
            self.handle(Event::Resize { width: size.width, height: size.height })?;
        }
        self.handle(Event::Answered(ticket, Box::new(edited.map(Answer::Edited))))
    }

    /// Presses the keys of a script (see [`crate::app::keys`]), settling after each; for pictures.
    ///
    /// # Errors
    /// When a word is no key, or the screen cannot be drawn on.
    pub async fn press(&mut self, script: &str) -> Result<(), Report> {
        let keys = crate::app::keys::parse(script).map_err(|word| {
            Report::new(Kind::Usage, "usage", format!("\"{word}\" is no key.")).next("Write keys as in: 2 j*3 Enter.")
        })?;
        for key in keys {
            self.handle(Event::Key(key))?;
            self.settle().await?;
        }
        Ok(())
    }

    /// The state, for looking only.
    pub fn store(&self) -> &Store {
        &self.parts.store
    }

    /// The screen.
    pub fn screen(&mut self) -> &mut S {
        &mut self.parts.screen
    }

    /// Another theme or other signs, e.g. once the terminal's background is known.
    pub fn set_look(&mut self, look: Look) {
        self.parts.look = look;
        self.needs_frame = true;
    }

    /// Whether the person has left.
    pub fn has_left(&self) -> bool {
        self.has_left
    }

    /// The next time something is due: the minute, or what the state asked for.
    pub fn next_due(&self) -> SystemTime {
        self.wakes.values().copied().min().map_or(self.next_minute, |wake| wake.min(self.next_minute))
    }

    /// Draws, if anything changed since the last frame, and asks what is to be asked.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw_if_needed(&mut self) -> Result<(), Report> {
        let drawn = if self.needs_frame { self.draw() } else { Ok(()) };
        self.ask();
        drawn
    }

    fn draw(&mut self) -> Result<(), Report> {
        self.needs_frame = false;
        let Parts { store, look, screen, clock, zone, .. } = &mut self.parts;
        let context = Context { now: instant(clock.now()), zone };
        let drawn = &mut self.drawn;
        let mut render = |buffer: &mut Buffer| {
            *drawn = crate::view::paint(store, look, &context, buffer);
            drawn.cursor
        };
        screen.draw(&mut render).map_err(|error| terminal_gone(&error))
    }

    fn take(&mut self, queued: Queued) -> Result<(), Report> {
        let Queued { event, working } = queued;
        self.handle(event)?;
        drop(working);
        Ok(())
    }

    /// Takes one waiting event, if there is one.
    fn take_waiting(&mut self) -> Result<bool, Report> {
        if let Ok(queued) = self.parts.queue.try_recv() {
            self.take(queued)?;
            return Ok(true);
        }
        if let Ok((notice, _working)) = self.parts.news.try_recv() {
            self.handle(Event::Notice(notice))?;
            return Ok(true);
        }
        Ok(false)
    }

    /// Handles what is due; whether anything was.
    fn take_due(&mut self) -> Result<bool, Report> {
        let now = self.see_the_clock();
        if now < self.next_due() {
            return Ok(false);
        }
        let due: Vec<Wake> = self.wakes.iter().filter(|(_, at)| **at <= now).map(|(wake, _)| *wake).collect();
        for wake in due {
            self.wakes.remove(&wake);
            self.handle(Event::Wake(wake))?;
        }
        if self.next_minute <= now {
            self.next_minute = minute_after(now);
            self.handle(Event::Minute)?;
        }
        Ok(true)
    }

    /// The time. Where the clock was set back since the last look, nothing is waited for longer than it was to be.
    fn see_the_clock(&mut self) -> SystemTime {
        let now = self.parts.clock.now();
        if let Ok(back) = self.seen.duration_since(now)
            && back > SET_BACK
        {
            for at in self.wakes.values_mut() {
                *at = at.checked_sub(back).unwrap_or(now);
            }
            // The header shows the new time at once.
            self.next_minute = now;
        }
        self.seen = now;
        now
    }

    /// Asks what waits to be asked. Call it inside the runtime that is to do the work.
    pub fn ask(&mut self) {
        for asking in std::mem::take(&mut self.asking) {
            tokio::spawn(asking);
        }
        for (ticket, request) in self.asks.drain(..) {
            if is_cached(&request) {
                self.cached.insert(ticket);
                self.parts.runner.ask_cache(ticket, request);
            } else {
                self.parts.runner.ask(ticket, request);
            }
        }
    }

    fn perform(&mut self, effects: Vec<Effect>) -> Result<(), Report> {
        for effect in effects {
            self.perform_one(effect)?;
        }
        Ok(())
    }

    fn perform_one(&mut self, effect: Effect) -> Result<(), Report> {
        let Parts { runner, screen, .. } = &mut self.parts;
        let done = match effect {
            Effect::Ask(ticket, request) => {
                self.asks.push((ticket, request));
                Ok(())
            }
            Effect::Examine(ticket) => {
                screen.size().map(|size| runner.examine(ticket, Size { width: size.width, height: size.height }))
            }
            Effect::Edit(ticket, text) => {
                self.to_edit = Some((ticket, text));
                Ok(())
            }
            Effect::WakeAt(wake, at) => {
                self.wakes.insert(wake, SystemTime::from(at));
                Ok(())
            }
            Effect::Unwake(wake) => {
                self.wakes.remove(&wake);
                Ok(())
            }
            Effect::Login(command) => {
                runner.engine().login(command);
                Ok(())
            }
            Effect::Logout => {
                let engine = runner.engine().clone();
                runner.tell(async move {
                    match engine.logout().await {
                        Ok(()) => "Signed out. Tokens and cached data of this account are gone.".to_owned(),
                        Err(report) => report.what,
                    }
                });
                Ok(())
            }
            Effect::Pause(is_paused) => {
                let engine = runner.engine().clone();
                runner.tell(async move {
                    match engine.pause(is_paused).await {
                        Ok(()) if is_paused => {
                            "Fetching ahead pauses, also at the next start; what you open is fetched.".to_owned()
                        }
                        Ok(()) => "Fetching ahead goes on where it stopped.".to_owned(),
                        Err(report) => report.what,
                    }
                });
                Ok(())
            }
            Effect::SyncNow => {
                runner.engine().sync_now();
                Ok(())
            }
            Effect::Interest(interest) => {
                let days = interest.days.map(|(from, to)| crate::engine::Days { from, to });
                let (folder, calendar) = (interest.folder, interest.calendar);
                runner.engine().set_interest(crate::engine::Interest { folder, calendar, days });
                Ok(())
            }
            Effect::OpenLink(address) => {
                let engine = runner.engine().clone();
                runner.tell(async move { engine.open_link(&address).await });
                Ok(())
            }
            Effect::Copy(text) => {
                let told = screen.copy(&text);
                runner.post(Event::Told(told));
                Ok(())
            }
            Effect::Redraw => {
                self.needs_frame = true;
                screen.clear()
            }
            Effect::Suspend => {
                self.needs_frame = true;
                screen.suspend()
            }
            Effect::Mouse(on) => screen.set_mouse(on),
            Effect::Quit => {
                self.has_left = true;
                Ok(())
            }
        };
        done.map_err(|error| terminal_gone(&error))
    }
}

/// Whether the cache alone answers `request`.
fn is_cached(request: &Request) -> bool {
    matches!(request, Request::Folders | Request::Messages { .. } | Request::Agenda { .. })
}

fn terminal_gone(error: &std::io::Error) -> Report {
    Report::new(Kind::Failure, "terminal", "The terminal cannot be drawn on.")
        .because(error.to_string())
        .next("Run deskbell in a terminal, or use its commands, e.g. `deskbell inbox`.")
}

fn minute_after(now: SystemTime) -> SystemTime {
    let since = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs((since.as_secs() / 60 + 1) * 60)
}

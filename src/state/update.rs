//! What each event means: the one place where events are told apart.

use crate::base::report::Report;
use crate::domain::input::{Key, KeyCode, Mouse, MouseKind};
use crate::domain::login::{LoginCommand, LoginStep};
use crate::domain::notice::Notice;
use crate::domain::request::Answer;
use crate::state::Context;
use crate::state::accounts;
use crate::state::command::CommandId;
use crate::state::event::{Effect, Event, Interest, Ticket, Wake};
use crate::state::geometry::Size;
use crate::state::keys::Meaning;
use crate::state::store::Store;
use crate::state::surface::{Surface, Turn, View};
use crate::state::target::Target;
use jiff::SignedDuration;

/// An answer that takes longer gets a word in the status line.
const SLOW: SignedDuration = SignedDuration::from_millis(400);
/// Two clicks within this time are a double click.
const DOUBLE_CLICK: SignedDuration = SignedDuration::from_millis(400);
/// On return to the terminal, what is older than this is asked for anew.
const OLD_ON_RETURN: SignedDuration = SignedDuration::from_secs(60);
/// Rows a turn of the wheel moves.
const WHEEL_ROWS: i32 = 3;

/// Changes the store by one event and returns the work that follows. Total: every event is answered, none fails.
pub fn update(store: &mut Store, event: Event, context: &Context<'_>) -> Vec<Effect> {
    let mut effects = Vec::new();
    match event {
        Event::Key(key) => store.key(key, context, &mut effects),
        Event::Paste(text) => store.paste(&text, context, &mut effects),
        Event::Mouse(mouse, target) => store.mouse(mouse, target.as_ref(), context, &mut effects),
        Event::Resize { width, height } => store.resize(Size { width, height }, context, &mut effects),
        Event::Focus(has_focus) => store.focus_changed(has_focus, context, &mut effects),
        Event::Minute => {
            store.note_replies(context, &mut effects);
            store.with_screens(context, &mut effects, |screens, turn| screens.home.minute(turn));
        }
        Event::Wake(wake) => store.woken(wake, context, &mut effects),
        Event::Answered(ticket, result) => store.answered(ticket, &result, context, &mut effects),
        Event::Notice(notice) => store.notice(notice, context, &mut effects),
        Event::Told(sentence) => store.tell(&sentence, context, &mut effects),
        Event::Panicked(report) => store.push_problem(report),
    }
    store.after(context, &mut effects);
    effects
}

impl Store {
    fn key(&mut self, key: Key, context: &Context<'_>, effects: &mut Vec<Effect>) {
        // An arrow with shift is an arrow wherever it means nothing else.
        let is_bound =
            self.focus().field().is_none() && self.keymap.meaning(self.focus().context(), &[key]) != Meaning::Nothing;
        let key = if is_bound { key } else { key.unshifted() };
        if self.pending.is_empty()
            && (self.with_focus(context, effects, |surface, turn| surface.typed(key, turn))
                || self.type_key(key, context, effects)
                || self.take_number(key, context, effects))
        {
            return;
        }
        if !self.pending.is_empty() && key == Key::plain(KeyCode::Esc) {
            self.forget_pending(effects);
            return;
        }
        self.pending.push(key);
        match self.keymap.meaning(self.focus().context(), &self.pending) {
            Meaning::Command(command) => {
                self.forget_pending(effects);
                self.run(command, context, effects);
            }
            Meaning::Beginning => {
                let at = context.now.checked_add(self.hint_delay).unwrap_or(context.now);
                effects.push(Effect::WakeAt(Wake::KeyHint, at));
            }
            Meaning::Nothing => {
                let keys = crate::config::keys_text(&self.pending);
                self.forget_pending(effects);
                let help = self.keymap.keys_of(CommandId::Help, self.focus().context()).map(crate::config::keys_text);
                let help = help.map_or_else(String::new, |help| format!("; {help} shows keys"));
                self.tell(&format!("{keys} is not used here{help}."), context, effects);
            }
        }
    }

    /// Gives a key to the text field that has the focus, if it is one a field takes.
    fn type_key(&mut self, key: Key, context: &Context<'_>, effects: &mut Vec<Effect>) -> bool {
        if self.focus().field().is_none() {
            return false;
        }
        self.with_focus(context, effects, |surface, turn| {
            let Some(field) = surface.field_mut() else { return false };
            let has_changed = field.typed(key);
            if has_changed == Some(true) {
                surface.edited(turn);
            }
            has_changed.is_some()
        })
    }

    fn take_number(&mut self, key: Key, context: &Context<'_>, effects: &mut Vec<Effect>) -> bool {
        let KeyCode::Char(digit @ '0'..='9') = key.code else { return false };
        let number = usize::try_from(digit.to_digit(10).unwrap_or(0)).unwrap_or(0);
        let is_plain = !key.ctrl && !key.alt;
        is_plain && self.with_focus(context, effects, |surface, turn| surface.number(number, turn))
    }

    fn forget_pending(&mut self, effects: &mut Vec<Effect>) {
        if self.pending.len() > 1 || self.shows_continuations || self.pending.is_empty() {
            effects.push(Effect::Unwake(Wake::KeyHint));
        }
        self.pending.clear();
        self.shows_continuations = false;
    }

    fn paste(&mut self, text: &str, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if self.with_focus(context, effects, |surface, turn| surface.pasted(text, turn)) {
            return;
        }
        if self.focus().field().is_none() {
            self.tell("Pasted text is taken by text fields only; there is none here.", context, effects);
            return;
        }
        self.with_focus(context, effects, |surface, turn| {
            if let Some(field) = surface.field_mut() {
                field.insert(text);
                surface.edited(turn);
            }
        });
    }

    fn mouse(&mut self, mouse: Mouse, target: Option<&Target>, context: &Context<'_>, effects: &mut Vec<Effect>) {
        match mouse.kind {
            MouseKind::Press => self.click(target, context, effects),
            MouseKind::WheelUp | MouseKind::WheelDown => {
                let steps = if mouse.kind == MouseKind::WheelDown { WHEEL_ROWS } else { -WHEEL_ROWS };
                self.with_focus(context, effects, |surface, turn| surface.wheel(target, steps, turn));
            }
            MouseKind::Drag | MouseKind::Release => {
                let is_over = mouse.kind == MouseKind::Release;
                self.with_focus(context, effects, |surface, turn| surface.dragged(target, is_over, turn));
            }
        }
    }

    fn click(&mut self, target: Option<&Target>, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let Some(target) = target else { return };
        self.forget_pending(effects);
        let is_double = self
            .last_click
            .take()
            .is_some_and(|(last, at)| last == *target && context.now.duration_since(at) <= DOUBLE_CLICK);
        if !is_double {
            self.last_click = Some((target.clone(), context.now));
        }
        match target {
            Target::View(view) if !self.shows_sign_in() => self.go(*view, context, effects),
            Target::Command(command) => self.run(*command, context, effects),
            _ => self.with_focus(context, effects, |surface, turn| surface.clicked(target, is_double, turn)),
        }
    }

    /// The line of automatic replies comes and goes with the clock, too.
    fn note_replies(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let rows = self.session.banner_rows();
        self.session.note_replies(context.now);
        if rows != self.session.banner_rows() {
            self.everywhere_resized(context, effects);
        }
    }

    fn resize(&mut self, size: Size, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.session.size = size;
        self.everywhere_resized(context, effects);
    }

    /// The division of the screen may have changed.
    pub(super) fn everywhere_resized(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.with_screens(context, effects, |screens, turn| {
            for view in View::ALL {
                screens.surface_mut(view).resized(turn);
            }
        });
        let mut turn = Turn::new(context, &mut self.session, effects);
        for layer in &mut self.layers {
            layer.surface_mut().resized(&mut turn);
        }
    }

    fn focus_changed(&mut self, has_focus: bool, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.session.has_focus = has_focus;
        let is_old =
            self.session.sync.last_success.is_some_and(|last| context.now.duration_since(last) > OLD_ON_RETURN);
        if has_focus && is_old && !self.session.is_signed_out() {
            effects.push(Effect::SyncNow);
        }
    }

    fn woken(&mut self, wake: Wake, context: &Context<'_>, effects: &mut Vec<Effect>) {
        match wake {
            Wake::KeyHint => self.shows_continuations = !self.pending.is_empty(),
            Wake::StatusExpires => self.session.status.expire(),
            Wake::Patience => self.count_down(context, effects),
            Wake::SlowAnswer => self.session.status.is_slow = !self.unanswered.is_empty(),
            // The sign-in alone counts, also behind a page that was opened over it.
            Wake::Countdown if self.shows_sign_in() => {
                let mut turn = Turn::new(context, &mut self.session, effects);
                self.sign_in.woken(wake, &mut turn);
            }
            Wake::Countdown => {}
            Wake::Keep => self.keep_all(context, effects),
            Wake::Presence => self.session.look_again(context, effects),
            Wake::LookedAt => self.with_screens(context, effects, |screens, turn| screens.mail.woken(wake, turn)),
            Wake::Rested | Wake::Completion | Wake::Stale => {
                // The reader follows the list, and grids grow old, also below an overlay. What lies on top says last when it is woken
                // again: it may have to look more often.
                if !self.layers.is_empty() && matches!(wake, Wake::Rested | Wake::Stale) {
                    let view = self.view;
                    self.with_screens(context, effects, |screens, turn| screens.surface_mut(view).woken(wake, turn));
                }
                self.with_focus(context, effects, |surface, turn| surface.woken(wake, turn));
            }
        }
    }

    fn answered(
        &mut self,
        ticket: Ticket,
        result: &Result<Answer, Report>,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
    ) {
        self.unanswered.remove(&ticket);
        if let Some(has_moved) = self.session.presences.take(ticket, result) {
            // Boards say who is away, and would ask again minutes later.
            if has_moved {
                effects.push(Effect::WakeAt(Wake::Stale, context.now));
            }
            return;
        }
        if self.take_writing(ticket, result, context, effects)
            || self.take_meeting(ticket, result, context, effects)
            || self.take_groups(ticket, result, context, effects)
        {
            return;
        }
        if let Some(asked) = self.session.changes.settle(ticket, result.is_ok()) {
            // Whoever asked hears of it as well, below.
            self.changed(&asked, result, context, effects);
        }
        if self.session.changes.was_undo(ticket) {
            return self.undone(result, context, effects);
        }
        if self.consent == Some(ticket) {
            return self.show_consent(result);
        }
        if let Some((_, unasked)) = self.missing.filter(|(asked, _)| *asked == ticket) {
            return self.take_missing(unasked, result);
        }
        let are_accounts = self.session.accounts.take(ticket, result, |answer| match answer {
            Answer::Accounts(accounts) => Some((**accounts).clone()),
            _ => None,
        });
        if are_accounts {
            self.with_screens(context, effects, |screens, turn| screens.find_time.mailboxes_known(turn));
            return;
        }
        let are_folders = self.session.folders.take(ticket, result, |answer| match answer {
            Answer::Folders(folders) => Some(folders.clone()),
            _ => None,
        });
        if are_folders {
            self.with_screens(context, effects, |screens, turn| {
                screens.mail.folders_known(turn);
                screens.home.folders_known(turn);
            });
            return;
        }
        self.offer(context, effects, |surface, _, turn| surface.answered(ticket, result, turn));
    }

    fn notice(&mut self, notice: Notice, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let banner_rows = self.session.banner_rows();
        let showed_sign_in = self.shows_sign_in();
        let showed_views = !showed_sign_in || self.signs_in_over_view();
        let was_lost = self.session.lost_sign_in().is_some();
        match &notice {
            Notice::Login(step) => self.session.login = Some(step.clone()),
            Notice::Ways(ways) => self.session.ways = ways.clone(),
            Notice::Me(me) => {
                let is_new = self.session.me.replace((**me).clone()).is_none();
                self.session.note_replies(context.now);
                if is_new {
                    self.count_drafts(context, effects);
                }
            }
            Notice::Sync(sync) => {
                let was_offline = self.session.is_offline();
                self.session.sync = sync.clone();
                if was_offline && !self.session.is_offline() {
                    // Nobody was woken meanwhile.
                    effects.push(Effect::WakeAt(Wake::Stale, context.now));
                }
                self.count_down(context, effects);
            }
            Notice::OutboxChanged(outbox) => {
                self.session.changes.outbox = *outbox;
                self.count_down(context, effects);
            }
            Notice::FoldersChanged => self.ask_folders(context, effects),
            Notice::Problem(report) => self.push_problem(report.clone()),
            _ => {}
        }
        self.offer(context, effects, |surface, is_shown, turn| {
            surface.notice(&notice, is_shown, turn);
            false
        });
        if let Notice::Login(step) = &notice {
            self.sign_in_moved(step, context, effects);
        }
        if banner_rows != self.session.banner_rows() {
            self.everywhere_resized(context, effects);
        }
        if showed_sign_in && !self.shows_sign_in() {
            effects.push(Effect::Unwake(Wake::Countdown));
            self.ask_folders(context, effects);
            // Whoever signed in over a view goes on where they were.
            if showed_views {
                self.enter_view(context, effects);
            } else {
                self.go(View::Home, context, effects);
            }
        }
        if was_lost && matches!(notice, Notice::Login(LoginStep::SignedIn(_))) {
            effects.push(Effect::SyncNow);
        }
        match (was_lost, self.session.lost_sign_in().is_some()) {
            (false, true) => {
                self.sign_in.is_wanted = !self.sign_in.was_put_off;
                effects.push(Effect::Login(LoginCommand::Lost));
            }
            (true, false) => self.sign_in.is_wanted = false,
            _ => {}
        }
    }

    /// What hangs on who is signed in: whose views these are, and what is known of the accounts.
    fn sign_in_moved(&mut self, step: &LoginStep, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if let LoginStep::SignedIn(account) = step {
            let before = self.session.account.replace(account.key.clone());
            // The engine has begun anew for this sign-in and knows nothing of what is looked at.
            self.interest = Interest::default();
            if before.is_some_and(|before| before != account.key) {
                self.change_person(context, effects);
            }
        }
        let is_settled = !step.waits() && !matches!(step, LoginStep::Working(_) | LoginStep::Exchanging(_));
        if is_settled {
            self.with_screens(context, effects, |_, turn| accounts::ask(turn));
        }
    }

    /// Wakes for the next second of a pause the service asked for.
    fn count_down(&self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let sync = &self.session.sync;
        let held = self.session.changes.outbox.next_send;
        let ends = [sync.throttled_until, sync.waiting.map(|waiting| waiting.until), held];
        if ends.into_iter().flatten().any(|until| until > context.now) {
            let at = context.now.checked_add(SignedDuration::from_secs(1)).unwrap_or(context.now);
            effects.push(Effect::WakeAt(Wake::Patience, at));
        }
    }

    /// What follows from every event: which answers are awaited, and what is being looked at.
    pub(super) fn after(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let was_waiting = !self.unanswered.is_empty();
        for effect in effects.iter() {
            if let Effect::Ask(ticket, _) | Effect::Examine(ticket) | Effect::Edit(ticket, _) = effect {
                self.unanswered.insert(*ticket);
            }
        }
        match (was_waiting, self.unanswered.is_empty()) {
            (false, false) => {
                let at = context.now.checked_add(SLOW).unwrap_or(context.now);
                effects.push(Effect::WakeAt(Wake::SlowAnswer, at));
            }
            (_, true) if self.session.status.is_waiting => effects.push(Effect::Unwake(Wake::SlowAnswer)),
            _ => {}
        }
        self.session.status.is_waiting = !self.unanswered.is_empty();
        self.session.status.is_slow &= self.session.status.is_waiting;
        self.open_what_waits();
        self.after_writing(effects);
        let mut interest = self.current_interest();
        let people = std::mem::take(&mut interest.people);
        self.session.see(&people, context, effects);
        if interest != self.interest {
            self.interest = interest.clone();
            effects.push(Effect::Interest(interest));
        }
    }
}

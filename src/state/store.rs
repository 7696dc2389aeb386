//! The store: holds the views, the overlays and what they share, and routes. What a key means inside a view is that view's word.

use crate::base::report::Report;
use crate::config;
use crate::domain::account::Feature;
use crate::domain::consent::MissingPermission;
use crate::domain::input::Key;
use crate::domain::login::LoginStep;
use crate::domain::mail::{FolderId, FolderRole};
use crate::domain::pages::PAGES;
use crate::domain::request::Request;
use crate::state::Context;
use crate::state::away::Away;
use crate::state::calendar::Calendar;
use crate::state::card::PersonCard;
use crate::state::command::{self, Act, Availability, CommandId};
use crate::state::event::{Effect, Interest, Ticket};
use crate::state::find_time::FindTime;
use crate::state::grouping::Grouping;
use crate::state::help::{Help, HelpRow};
use crate::state::history::History;
use crate::state::home::Home;
use crate::state::keys::{KeyContext, Keymap};
use crate::state::layer::Layer;
use crate::state::links::Links;
use crate::state::mail::Mail;
use crate::state::mail::folders::branches;
use crate::state::meeting::Invitation;
use crate::state::own::SetAside;
use crate::state::palette::{Choice, Entry, Palette};
use crate::state::people::People;
use crate::state::presences::Presences;
use crate::state::problem::ProblemCard;
use crate::state::session::{Session, StoreOptions};
use crate::state::sign_in::{Purpose, SignIn};
use crate::state::surface::{CopyPart, Step, Surface, Turn, View};
use crate::state::target::Target;
use crate::state::writing::Writing;
use jiff::{SignedDuration, Timestamp};
use std::collections::HashSet;

/// One struct per view.
#[derive(Clone, Debug, Default)]
pub struct Screens {
    /// Home.
    pub home: Home,
    /// Mail.
    pub mail: Mail,
    /// Calendar.
    pub calendar: Calendar,
    /// Find time.
    pub find_time: FindTime,
    /// People.
    pub people: People,
    /// Away.
    pub away: Away,
}

impl Screens {
    /// A view as something that takes keys.
    #[must_use]
    pub fn surface(&self, view: View) -> &dyn Surface {
        match view {
            View::Home => &self.home,
            View::Mail => &self.mail,
            View::Calendar => &self.calendar,
            View::FindTime => &self.find_time,
            View::People => &self.people,
            View::Away => &self.away,
        }
    }

    /// The same, to change it.
    pub fn surface_mut(&mut self, view: View) -> &mut dyn Surface {
        match view {
            View::Home => &mut self.home,
            View::Mail => &mut self.mail,
            View::Calendar => &mut self.calendar,
            View::FindTime => &mut self.find_time,
            View::People => &mut self.people,
            View::Away => &mut self.away,
        }
    }
}

/// Everything the program knows about what it shows.
#[derive(Clone, Debug)]
pub struct Store {
    /// What all views share.
    pub session: Session,
    /// The views.
    pub screens: Screens,
    /// The sign-in screen.
    pub sign_in: SignIn,
    /// The overlays, the topmost last.
    pub layers: Vec<Layer>,
    /// The question for a request to an administrator.
    pub(super) consent: Option<Ticket>,
    /// The question for what is missing, and whether it was put without being asked for.
    pub(super) missing: Option<(Ticket, bool)>,
    /// A card nobody asked for, until the next quiet moment.
    pub(super) wanted_card: Option<Box<MissingPermission>>,
    pub(super) keymap: Keymap,
    pub(super) hint_delay: SignedDuration,
    pub(super) view: View,
    pub(super) history: History,
    /// Keys of a sequence that is not complete.
    pub(super) pending: Vec<Key>,
    pub(super) shows_continuations: bool,
    pub(super) last_click: Option<(Target, Timestamp)>,
    pub(super) unanswered: HashSet<Ticket>,
    pub(super) interest: Interest,
    /// What is waited for on behalf of what is written.
    pub(super) writing: Writing,
    /// An invitation in a mail whose event is looked for.
    pub(super) invitation: Invitation,
    /// Groups of people, and what is being done with them.
    pub(super) grouping: Grouping,
}

/// A hint: the keys, the word, and the command they mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The command.
    pub command: CommandId,
    /// Its keys, as they are shown.
    pub keys: String,
    /// One or two words.
    pub word: &'static str,
}

impl Store {
    /// A store in which nothing is known yet.
    #[must_use]
    pub fn new(options: StoreOptions) -> Self {
        Self {
            session: Session::new(&options),
            screens: Screens::default(),
            sign_in: SignIn::default(),
            layers: Vec::new(),
            consent: None,
            missing: None,
            wanted_card: None,
            keymap: options.keymap,
            hint_delay: options.hint_delay,
            view: View::Home,
            history: History::starting_at(View::Home),
            pending: Vec::new(),
            shows_continuations: false,
            last_click: None,
            unanswered: HashSet::new(),
            interest: Interest::default(),
            writing: Writing::default(),
            invitation: Invitation::default(),
            grouping: Grouping::default(),
        }
    }

    /// The first questions; they are answered from the cache.
    pub fn start(&mut self, context: &Context<'_>) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.ask_folders(context, &mut effects);
        self.enter_view(context, &mut effects);
        self.after(context, &mut effects);
        effects
    }

    /// The view on the screen, below overlays.
    #[must_use]
    pub const fn view(&self) -> View {
        self.view
    }

    /// The keys in force.
    #[must_use]
    pub const fn keymap(&self) -> &Keymap {
        &self.keymap
    }

    /// Whether the sign-in has the keys: in place of the views, or in front of them.
    #[must_use]
    pub const fn shows_sign_in(&self) -> bool {
        self.sign_in.is_open || (self.session.me.is_none() && self.session.is_signed_out())
    }

    /// Whether the sign-in stands in front of a view that can still be read: somebody is known, and what is kept of them is shown.
    #[must_use]
    pub const fn signs_in_over_view(&self) -> bool {
        self.sign_in.is_open && self.session.me.is_some()
    }

    /// Who has the focus: the topmost overlay, else the sign-in screen, else the view.
    #[must_use]
    pub fn focus(&self) -> &dyn Surface {
        if let Some(layer) = self.layers.last() {
            return layer.surface();
        }
        self.below_layers()
    }

    fn below_layers(&self) -> &dyn Surface {
        if self.shows_sign_in() { &self.sign_in } else { self.screens.surface(self.view) }
    }

    /// Lets what has the focus do something, then takes the ways it left.
    pub(super) fn with_focus<T>(
        &mut self,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
        change: impl FnOnce(&mut dyn Surface, &mut Turn<'_>) -> T,
    ) -> T {
        let shows_sign_in = self.shows_sign_in();
        let mut turn = Turn::new(context, &mut self.session, effects);
        let surface = match self.layers.last_mut() {
            Some(layer) => layer.surface_mut(),
            None if shows_sign_in => &mut self.sign_in,
            None => self.screens.surface_mut(self.view),
        };
        let result = change(surface, &mut turn);
        let steps = turn.steps;
        self.take_steps(steps, context, effects);
        result
    }

    /// Lets the views do something, then takes the ways they left.
    pub(super) fn with_screens<T>(
        &mut self,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
        change: impl FnOnce(&mut Screens, &mut Turn<'_>) -> T,
    ) -> T {
        let mut turn = Turn::new(context, &mut self.session, effects);
        let result = change(&mut self.screens, &mut turn);
        let steps = turn.steps;
        self.take_steps(steps, context, effects);
        result
    }

    /// Lets the topmost overlay of a sort do something, then takes the ways it left. Nothing is done where there is none.
    pub(super) fn with_layer<L>(
        &mut self,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
        sort: impl Fn(&mut Layer) -> Option<&mut L>,
        change: impl FnOnce(&mut L, &mut Turn<'_>),
    ) {
        let mut turn = Turn::new(context, &mut self.session, effects);
        if let Some(layer) = self.layers.iter_mut().rev().find_map(sort) {
            change(layer, &mut turn);
        }
        let steps = turn.steps;
        self.take_steps(steps, context, effects);
    }

    /// Asks the engine something the store itself waits for.
    pub(super) fn asked(&mut self, request: Request, context: &Context<'_>, effects: &mut Vec<Effect>) -> Ticket {
        Turn::new(context, &mut self.session, effects).ask(request)
    }

    /// Lets every surface see something in turn, the topmost first, until one says it was for it.
    pub(super) fn offer(
        &mut self,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
        mut take: impl FnMut(&mut dyn Surface, bool, &mut Turn<'_>) -> bool,
    ) {
        let shows_sign_in = self.shows_sign_in();
        let shows_views = !shows_sign_in || self.signs_in_over_view();
        let mut turn = Turn::new(context, &mut self.session, effects);
        let view = self.view;
        let is_taken = self.layers.iter_mut().rev().any(|layer| take(layer.surface_mut(), true, &mut turn))
            || take(&mut self.sign_in, shows_sign_in, &mut turn)
            || View::ALL.into_iter().any(|each| {
                let is_shown = each == view && shows_views;
                take(self.screens.surface_mut(each), is_shown, &mut turn)
            });
        let steps = turn.steps;
        if is_taken || !steps.is_empty() {
            self.take_steps(steps, context, effects);
        }
    }

    pub(super) fn take_steps(&mut self, steps: Vec<Step>, context: &Context<'_>, effects: &mut Vec<Effect>) {
        for step in steps {
            match step {
                Step::Go(view) => self.go(view, context, effects),
                Step::Message(folder, key) => {
                    self.show(View::Mail, context, effects, |screens, turn| {
                        screens.mail.open_folder(folder, Some(key), turn);
                    });
                }
                Step::Folder(folder) => self.open_folder(folder, context, effects),
                Step::Event(event, date) => self.show(View::Calendar, context, effects, |screens, turn| {
                    screens.calendar.show(date, Some(event), turn);
                }),
                Step::Day(date) => self.show(View::Calendar, context, effects, |screens, turn| {
                    screens.calendar.show(date, None, turn);
                }),
                Step::Card(who) => self.open_card(who, context, effects),
                Step::FindTime(people) => self.show(View::FindTime, context, effects, |screens, turn| {
                    screens.find_time.with(people, turn);
                }),
                Step::Draft(draft) => self.open_draft(draft, context, effects),
                Step::DraftCopy(message) => self.open_copy(message, context, effects),
                Step::Finished(draft) => self.finish_compose(draft),
                Step::Pick(purpose) => self.pick(purpose, context, effects),
                Step::Picked(picked) => self.picked(picked, context, effects),
                Step::FillEvent(form) => self.layers.push(Layer::EventForm(form)),
                Step::AskEvent(ask) => self.layers.push(Layer::EventAsk(ask)),
                Step::Ask(question) => self.layers.push(Layer::Question(question)),
                Step::Page(page) => self.layers.push(Layer::Page(page)),
                Step::IfShown(view, step, otherwise) => {
                    if self.view == view && self.layers.is_empty() && !self.shows_sign_in() {
                        self.take_steps(vec![*step], context, effects);
                    } else {
                        self.tell(&otherwise, context, effects);
                    }
                }
                Step::Missing(tier) => self.ask_missing(tier, false, context, effects),
                Step::Problem(report) => self.push_problem(report),
                Step::Run(command) => self.run(command, context, effects),
                Step::CloseLayer => {
                    self.layers.pop();
                }
            }
        }
    }

    /// Shows a view as it was left.
    pub(super) fn go(&mut self, view: View, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.show(view, context, effects, |_, _| {});
    }

    fn show(
        &mut self,
        view: View,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
        change: impl FnOnce(&mut Screens, &mut Turn<'_>),
    ) {
        self.clear_layers(context, effects);
        self.history.visit(view);
        self.view = view;
        self.with_screens(context, effects, change);
        self.enter_view(context, effects);
    }

    pub(super) fn enter_view(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let view = self.view;
        self.wanted_card = None;
        if let Some(tier) = self.dark_tier().filter(|_| view != View::Home) {
            self.ask_missing(tier, true, context, effects);
        }
        self.with_screens(context, effects, |screens, turn| screens.surface_mut(view).entered(turn));
    }

    pub(super) fn history_step(&mut self, is_forward: bool, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let view = if is_forward { self.history.forward() } else { self.history.back() };
        match view {
            Some(view) => {
                self.clear_layers(context, effects);
                self.view = view;
                self.enter_view(context, effects);
            }
            None => self.tell(if is_forward { "Nothing is ahead." } else { "Nothing was before." }, context, effects),
        }
    }

    pub(super) fn go_to_folder(&mut self, role: FolderRole, context: &Context<'_>, effects: &mut Vec<Effect>) {
        match self.session.folder_with_role(role).map(|folder| folder.id.clone()) {
            Some(folder) => self.open_folder(folder, context, effects),
            None => self.tell("This folder is not known yet.", context, effects),
        }
    }

    fn open_folder(&mut self, folder: FolderId, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.show(View::Mail, context, effects, |screens, turn| screens.mail.open_folder(folder, None, turn));
    }

    /// Runs a command, or says why it cannot be done.
    pub fn run(&mut self, command: CommandId, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let row = command.row();
        match (row.availability)(self) {
            Availability::Available => (row.act)(&mut Act { store: self, context, effects }),
            Availability::Unavailable(reason) => self.tell(&reason, context, effects),
            Availability::Hidden => self.tell("This is not used here; ? shows keys.", context, effects),
        }
    }

    pub(super) fn open(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.with_focus(context, effects, |surface, turn| surface.open(turn));
    }

    /// Closes what is innermost. False: nothing was open.
    pub(super) fn close(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) -> bool {
        self.with_focus(context, effects, |surface, turn| surface.close(turn)) || self.layers.pop().is_some()
    }

    pub(super) fn open_palette(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if matches!(self.layers.last(), Some(Layer::Palette(_))) {
            return;
        }
        self.layers.retain(|layer| !matches!(layer, Layer::Help(_)));
        let palette = Palette::over(self.palette_entries());
        self.layers.push(Layer::Palette(Box::new(palette)));
        self.with_focus(context, effects, |surface, turn| surface.entered(turn));
    }

    /// Every command that has a meaning here, then the folders.
    fn palette_entries(&self) -> Vec<Entry> {
        let place = self.focus().context();
        let mut entries: Vec<Entry> = Vec::new();
        for row in command::all() {
            let reason = match self.reach(row.context) {
                true => match (row.availability)(self) {
                    Availability::Available => None,
                    Availability::Unavailable(reason) => Some(reason),
                    Availability::Hidden => continue,
                },
                false => Some(format!("This belongs to: {}.", row.context.title())),
            };
            let closed = view_of(row.id).and_then(View::feature).and_then(|feature| self.session.closed(feature));
            let keys =
                self.keymap.keys_of(row.id, if row.context == KeyContext::Everywhere { place } else { row.context });
            entries.push(Entry {
                choice: Choice::Command(row.id),
                title: row.title.to_owned(),
                keys: keys.map(config::keys_text).unwrap_or_default(),
                group: match (&closed, row.context) {
                    (Some(_), _) => "no permission",
                    (None, KeyContext::Everywhere) => row.group.title(),
                    (None, place) => place.title(),
                },
                help: closed.map_or_else(|| row.help.to_owned(), |report| report.what),
                reason,
            });
        }
        entries.sort_by_key(|entry| entry.reason.is_some());
        entries.extend(self.session.dark_tiers().into_iter().map(|tier| Entry {
            choice: Choice::Permission(tier),
            title: format!("Permission: {}", tier.title()),
            keys: String::new(),
            group: "not granted",
            help: format!("Ask for {}", tier.opens()),
            reason: None,
        }));
        entries.extend(PAGES.into_iter().map(|page| Entry {
            choice: Choice::Page(page),
            title: format!("Read: {}", page.title()),
            keys: String::new(),
            group: "Help",
            help: page.about.to_owned(),
            reason: None,
        }));
        let folders = self.session.folders.value().map_or(&[][..], Vec::as_slice);
        entries.extend(branches(folders).into_iter().map(|branch| Entry {
            choice: Choice::Folder(branch.folder.id.clone()),
            title: format!("Folder: {}", branch.folder.name),
            keys: String::new(),
            group: "Folder",
            help: "Open this folder".to_owned(),
            reason: None,
        }));
        entries
    }

    /// Whether commands of that place can be done from where we are.
    fn reach(&self, place: KeyContext) -> bool {
        place == KeyContext::Everywhere || place == self.focus().context()
    }

    pub(super) fn open_help(&mut self, _context: &Context<'_>, _effects: &mut Vec<Effect>) {
        if matches!(self.layers.last(), Some(Layer::Help(_))) {
            return;
        }
        let place = self.focus().context();
        let rows = command::all()
            .filter(|row| row.context == place || row.context == KeyContext::Everywhere)
            .filter(|row| (row.availability)(self) != Availability::Hidden)
            .filter_map(|row| {
                let keys: Vec<String> =
                    self.keymap.all_keys_of(row.id, place).into_iter().map(config::keys_text).collect();
                (!keys.is_empty()).then(|| HelpRow {
                    command: row.id,
                    keys: keys.join("  "),
                    title: row.title,
                    help: row.help,
                    group: row.group,
                    is_own: row.context == place,
                })
            })
            .collect();
        self.layers.push(Layer::Help(Help::of(place, rows)));
    }

    pub(super) fn filter_help(&mut self) {
        if let Some(Layer::Help(help)) = self.layers.last_mut() {
            help.start_typing();
        }
    }

    fn open_card(&mut self, who: crate::domain::request::PersonRef, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let mut card = None;
        self.with_screens(context, effects, |_, turn| card = Some(PersonCard::open(who, turn)));
        self.layers.extend(card.map(|card| Layer::Card(Box::new(card))));
    }

    /// The problem the screen announces but does not explain.
    #[must_use]
    pub fn announced_problem(&self) -> Option<Report> {
        let in_view = match self.view {
            // Below the sign-in no view is shown that could miss something.
            _ if self.shows_sign_in() => None,
            View::Mail => self.screens.mail.list.problem().or(self.screens.mail.reader.problem()),
            View::Home => self.screens.home.agenda().problem(),
            View::Calendar | View::FindTime | View::People | View::Away => None,
        };
        let announced = self.session.login_problem().or(in_view).cloned();
        if self.shows_sign_in() {
            return announced;
        }
        announced.or_else(|| self.view.feature().and_then(|feature| self.session.closed(feature)))
    }

    pub(super) fn show_problem(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let dark = self.dark_tier();
        if self.session.lost_sign_in().is_some() && !self.shows_sign_in() {
            self.sign_in.open_for(Purpose::Again);
        } else if self.shows_sign_in() {
            let report = self.session.login_problem().cloned();
            if let Some(report) = report {
                self.push_problem(report);
            }
        } else if let (None, Some(tier)) = (self.session.login_problem(), dark) {
            self.ask_missing(tier, false, context, effects);
        } else if let Some(report) = self.announced_problem() {
            self.push_problem(report);
        }
    }

    /// Shows an error card; the same problem is not shown twice.
    pub(super) fn push_problem(&mut self, report: Report) {
        let is_shown = self.layers.iter().any(|layer| matches!(layer, Layer::Problem(card) if card.report == report));
        if !is_shown {
            self.layers.push(Layer::Problem(ProblemCard::of(report, self.session.is_service())));
        }
    }

    pub(super) fn copy_problem(&self, effects: &mut Vec<Effect>) {
        if let Some(Layer::Problem(card)) = self.layers.last() {
            effects.push(Effect::Copy(card.report.as_text()));
        }
    }

    pub(super) fn copy(&mut self, part: CopyPart, context: &Context<'_>, effects: &mut Vec<Effect>) {
        match self.focus().copy(part, context.zone) {
            Some(text) if !text.is_empty() => effects.push(Effect::Copy(text)),
            _ => self.tell("There is nothing of that sort here to copy.", context, effects),
        }
    }

    /// Whether `o` has something to open.
    #[must_use]
    pub fn has_links(&self) -> bool {
        self.focus().link().is_some() || !self.message_links().is_empty()
    }

    fn message_links(&self) -> &[crate::domain::styled::Link] {
        let is_mail = self.layers.is_empty() && self.view == View::Mail && !self.shows_sign_in();
        let text = self.screens.mail.reader.message().and_then(|reading| reading.text.as_ref());
        text.filter(|_| is_mail).map_or(&[], |text| text.links.as_slice())
    }

    pub(super) fn open_outside(&mut self, _context: &Context<'_>, effects: &mut Vec<Effect>) {
        if let Some(link) = self.focus().link() {
            effects.push(Effect::OpenLink(link));
        } else if !self.message_links().is_empty() {
            let links = Links::of(self.message_links().to_vec());
            self.layers.push(Layer::Links(links));
        }
    }

    pub(super) fn fetch(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.sign_in.was_put_off = false;
        effects.push(Effect::SyncNow);
        self.tell("Asking the service for news.", context, effects);
    }

    /// Nothing of the person stays in memory or on the screen; the engine tells what comes next.
    pub(super) fn forget_person(&mut self) {
        self.session.me = None;
        self.session.account = None;
        self.session.presences = Presences::default();
        self.session.set_aside = SetAside::default();
        self.session.folders.clear();
        self.session.login = Some(LoginStep::Working("Signing out.".to_owned()));
        self.screens = Screens::default();
        self.layers.clear();
        self.history = History::starting_at(View::Home);
        self.view = View::Home;
    }

    /// Another account is in use: nothing of the one before stays on the screen. The view stays.
    pub(super) fn change_person(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.session.presences = Presences::default();
        self.session.set_aside = SetAside::default();
        self.session.folders.clear();
        self.screens = Screens::default();
        self.layers.clear();
        self.missing = None;
        self.consent = None;
        self.history = History::starting_at(self.view);
        self.ask_folders(context, effects);
        self.everywhere_resized(context, effects);
        self.enter_view(context, effects);
        let who = self.session.my_address().to_owned();
        self.tell(&format!("You work as {who} now."), context, effects);
    }

    pub(super) fn open_sign_in(&mut self, _context: &Context<'_>, _effects: &mut Vec<Effect>) {
        self.layers.clear();
        self.sign_in.open_for(if self.session.me.is_some() { Purpose::Again } else { Purpose::Anyone });
    }

    pub(super) fn ask_folders(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let ticket = self.asked(Request::Folders, context, effects);
        self.session.folders.wait_for(ticket);
    }

    pub(super) fn tell(&mut self, sentence: &str, context: &Context<'_>, effects: &mut Vec<Effect>) {
        effects.push(self.session.status.tell(sentence.to_owned(), context.now));
    }

    /// The likely keys of what has the focus, only those that are bound and can be done; help and palette last.
    #[must_use]
    pub fn hints(&self) -> Vec<Hint> {
        let focus = self.focus();
        let place = focus.context();
        let is_typing = focus.is_typing();
        let always: &[CommandId] = if self.layers.is_empty() { &[CommandId::Palette, CommandId::Help] } else { &[] };
        let mut hints = Vec::new();
        for command in focus.hints().iter().chain(always) {
            let row = command.row();
            if (row.availability)(self) != Availability::Available {
                continue;
            }
            let keys = self.keymap.all_keys_of(*command, place);
            let usable = keys.into_iter().find(|keys| !is_typing || !is_text(keys));
            if let Some(keys) = usable {
                // In a field of people Enter opens nothing: it takes the name.
                let adds = is_typing && place == KeyContext::FindTime && *command == CommandId::Open;
                let own = focus.word(*command, &self.session).unwrap_or(row.word);
                let word = if adds { "add" } else { own };
                hints.push(Hint { command: *command, keys: config::keys_text(keys), word });
            }
        }
        hints
    }

    /// The keys of a sequence that is not complete.
    #[must_use]
    pub fn pending_keys(&self) -> &[Key] {
        &self.pending
    }

    /// What may follow the keys typed so far, once they have waited: the rest of the keys, and the command.
    #[must_use]
    pub fn continuations(&self) -> Vec<(String, &'static command::Command)> {
        if !self.shows_continuations {
            return Vec::new();
        }
        let place = self.focus().context();
        let mut rows: Vec<(String, &'static command::Command)> = Vec::new();
        for binding in self.keymap.continuations(place, &self.pending) {
            let row = binding.command.row();
            if (row.availability)(self) == Availability::Hidden {
                continue;
            }
            let keys = config::keys_text(&binding.keys[self.pending.len()..]);
            match rows.iter_mut().find(|(_, earlier)| earlier.id == row.id) {
                Some((earlier, _)) => {
                    earlier.push(' ');
                    earlier.push_str(&keys);
                }
                None => rows.push((keys, row)),
            }
        }
        rows
    }

    /// What is being looked at.
    #[must_use]
    pub fn current_interest(&self) -> Interest {
        let mut interest = Interest::default();
        if !self.shows_sign_in() || self.signs_in_over_view() {
            self.screens.surface(self.view).interest(&self.session, &mut interest);
        }
        for layer in &self.layers {
            layer.surface().interest(&self.session, &mut interest);
        }
        interest
    }

    /// Whether it is being counted what a deed would change, where its keys are.
    #[must_use]
    pub fn is_weighing(&self) -> bool {
        self.view == View::Mail && self.layers.is_empty() && self.screens.mail.is_weighing()
    }

    /// Whether a feature is granted; for views that say why they are empty.
    #[must_use]
    pub fn is_open(&self, feature: Feature) -> bool {
        self.session.is_open(feature)
    }
}

/// The view a command leads to.
const fn view_of(command: CommandId) -> Option<View> {
    Some(match command {
        CommandId::Mail | CommandId::Inbox | CommandId::Sent | CommandId::Drafts | CommandId::Deleted => View::Mail,
        CommandId::Calendar => View::Calendar,
        CommandId::FindTime => View::FindTime,
        CommandId::People => View::People,
        CommandId::Away => View::Away,
        _ => return None,
    })
}

/// Whether a sequence begins with a key that a text field takes as a letter.
fn is_text(keys: &[Key]) -> bool {
    keys.first().is_some_and(|key| matches!(key.code, crate::domain::input::KeyCode::Char(_)) && !key.ctrl && !key.alt)
}

//! Opening, keeping and ending what is written; the outbox and drafts as overlays; leaving the program with things unsent.
//!
//! Must stay true: a message that is written never leaves the screen before it was asked to be kept, and the program does not end
//! before it is kept.

use crate::base::report::Report;
use crate::domain::draft::{Draft, DraftId, DraftKind};
use crate::domain::intent::Intent;
use crate::domain::mail::{FolderRole, MessageId};
use crate::domain::request::{Answer, Request};
use crate::domain::selection::Source;
use crate::state::Context;
use crate::state::changes::Asked;
use crate::state::command::CommandId;
use crate::state::compose::Compose;
use crate::state::drafts::DraftsPanel;
use crate::state::event::{Effect, Ticket};
use crate::state::grouping::counted_people;
use crate::state::keys::KeyContext;
use crate::state::layer::Layer;
use crate::state::mail::acts::{category_entries, counted, folder_entries, parts};
use crate::state::outbox::OutboxPanel;
use crate::state::picker::{Picked, Picker, Purpose};
use crate::state::question::{Deed, Question};
use crate::state::store::Store;
use crate::state::surface::Turn;

/// So many things are named when somebody leaves with them unsent.
const MOST_NAMED: usize = 5;

/// What the store waits for on behalf of what is written.
#[derive(Clone, Debug, Default)]
pub struct Writing {
    /// A draft that will be opened.
    opening: Option<Ticket>,
    /// The drafts at the start, to tell that there are some.
    counting: Option<Ticket>,
    /// The outbox, asked before leaving.
    asking: Option<Ticket>,
    /// The program ends as soon as everything typed is kept.
    is_leaving: bool,
}

impl Store {
    /// Begins a message, or says why not.
    pub(super) fn compose(
        &mut self,
        kind: DraftKind,
        about: Option<MessageId>,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let mut compose = None;
        self.with_screens(context, effects, |_, turn| compose = Some(Compose::begin(kind, about, turn)));
        self.layers.extend(compose.map(|compose| Layer::Compose(Box::new(compose))));
    }

    /// Opens a draft to write it further.
    pub(super) fn open_draft(&mut self, draft: DraftId, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let is_open = |layer: &Layer| matches!(layer, Layer::Compose(compose) if compose.id() == Some(draft));
        if !self.layers.iter().any(is_open) {
            let ticket = self.asked(Request::OpenDraft(draft), context, effects);
            self.writing.opening = Some(ticket);
        }
    }

    /// Opens the draft that this message of the mailbox is, whoever began it.
    pub(super) fn open_copy(&mut self, message: MessageId, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let mut compose = None;
        self.with_screens(context, effects, |_, turn| compose = Some(Compose::adopt(message, turn)));
        self.layers.extend(compose.map(|compose| Layer::Compose(Box::new(compose))));
    }

    /// Asks what is left of earlier, to tell of it once.
    pub(super) fn count_drafts(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let ticket = self.asked(Request::Drafts, context, effects);
        self.writing.counting = Some(ticket);
    }

    /// An answer the store itself waits for. False: it is somebody else's.
    pub(super) fn take_writing(
        &mut self,
        ticket: Ticket,
        result: &Result<Answer, Report>,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
    ) -> bool {
        if self.writing.opening == Some(ticket) {
            self.writing.opening = None;
            match result {
                Ok(Answer::Draft(draft)) => self.show_draft(draft.clone(), context, effects),
                Ok(_) => {}
                Err(report) => self.push_problem(report.clone()),
            }
        } else if self.writing.counting == Some(ticket) {
            self.writing.counting = None;
            let count = drafts_of(result).iter().filter(|draft| !draft.is_sending).count();
            let keys = self.keys_words(CommandId::Drafts);
            match count {
                0 => {}
                1 => self.tell(&format!("A draft of yours waits here{keys}."), context, effects),
                _ => self.tell(&format!("{count} drafts of yours wait here{keys}."), context, effects),
            }
        } else if self.writing.asking == Some(ticket) {
            self.writing.asking = None;
            self.ask_before_leaving(result);
        } else {
            return false;
        }
        true
    }

    /// "; gr shows them", where there is a key.
    fn keys_words(&self, command: CommandId) -> String {
        let keys = self.keymap.keys_of(command, KeyContext::Everywhere).map(crate::config::keys_text);
        keys.map_or_else(String::new, |keys| format!("; {keys} shows the drafts"))
    }

    fn show_draft(&mut self, draft: Box<Draft>, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if draft.is_sending {
            return self.tell("It is on its way already.", context, effects);
        }
        let mut compose = None;
        self.with_screens(context, effects, |_, turn| compose = Some(Compose::open(draft, turn)));
        self.layers.extend(compose.map(|compose| Layer::Compose(Box::new(compose))));
    }

    /// What was done, with the key that takes it back.
    pub(super) fn with_undo(&self, words: &str) -> String {
        let keys = self.keymap.keys_of(CommandId::Undo, KeyContext::Everywhere).map(crate::config::keys_text);
        keys.map_or_else(|| words.to_owned(), |keys| format!("{words} {keys} undoes."))
    }

    /// Changes are on disk, or were refused.
    pub(super) fn changed(
        &mut self,
        asked: &Asked,
        result: &Result<Answer, Report>,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
    ) {
        match result {
            Ok(Answer::Changed { words, .. }) if !asked.is_quiet => {
                let sentence = if asked.is_undoable { self.with_undo(words) } else { words.clone() };
                self.tell(&sentence, context, effects);
            }
            Err(report) if !asked.is_quiet => self.push_problem(report.clone()),
            // What nobody asked for may fail unheard; the next sync shows how things are.
            Ok(_) | Err(_) => {}
        }
    }

    /// The last change was taken back, or cannot be.
    pub(super) fn undone(&mut self, result: &Result<Answer, Report>, context: &Context<'_>, effects: &mut Vec<Effect>) {
        match result {
            Ok(Answer::Undone { words }) => {
                self.tell(&words.clone(), context, effects);
                let done = self.session.changes.undone();
                if let Some(place) = done.place {
                    self.with_screens(context, effects, |screens, turn| screens.mail.come_back(place, turn));
                }
                if let Some(draft) = done.sends {
                    self.open_draft(draft, context, effects);
                }
            }
            Ok(Answer::Groups(_)) => {
                let group = self.session.changes.undone().group.unwrap_or_default();
                let sentence = match group.people.is_empty() {
                    true => format!("The group {} is gone again.", group.name),
                    false => format!("{} is as it was: {}.", group.name, counted_people(group.people.len())),
                };
                self.tell(&sentence, context, effects);
            }
            Ok(_) => {}
            Err(report) => self.tell(&report.what.clone(), context, effects),
        }
    }

    /// Opens the outbox, once.
    pub(super) fn open_outbox(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if !matches!(self.layers.last(), Some(Layer::Outbox(_))) {
            let mut panel = None;
            self.with_screens(context, effects, |_, turn| panel = Some(OutboxPanel::open(turn)));
            self.layers.extend(panel.map(Layer::Outbox));
        }
    }

    /// Opens the drafts, once.
    pub(super) fn open_drafts(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if !matches!(self.layers.last(), Some(Layer::Drafts(_))) {
            let mut panel = None;
            self.with_screens(context, effects, |_, turn| panel = Some(DraftsPanel::open(turn)));
            self.layers.extend(panel.map(Layer::Drafts));
        }
    }

    /// Opens a list to choose from.
    pub(super) fn pick(&mut self, purpose: Purpose, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let mail = &self.screens.mail;
        let what = mail.target_words();
        let (title, entries) = match purpose {
            Purpose::Move => (
                format!("Move {what} to"),
                folder_entries(&self.session, mail.list.source().as_ref().and_then(Source::folder)),
            ),
            Purpose::Categorise => (format!("Category of {what}"), category_entries(mail)),
            Purpose::Attach => ("Attach a file".to_owned(), Vec::new()),
            Purpose::Save => ("Save into the downloads".to_owned(), parts(mail)),
            Purpose::Select => ("Select messages with these words".to_owned(), Vec::new()),
            Purpose::Number(count) => (format!("Delete {} for ever?", counted(count)), Vec::new()),
            Purpose::SaveGroup | Purpose::PersonGroup | Purpose::RemoveGroup | Purpose::AwayOf => {
                self.group_entries(purpose)
            }
            // Rooms have to be read first.
            Purpose::Room => return self.ask_rooms(context, effects),
        };
        self.layers.push(Layer::Picker(Box::new(Picker::of(purpose, title, entries))));
        self.with_focus(context, effects, |surface, turn| surface.entered(turn));
    }

    /// Takes what was chosen to whoever asked for it.
    pub(super) fn picked(&mut self, picked: Picked, context: &Context<'_>, effects: &mut Vec<Effect>) {
        match picked {
            Picked::File(path) => self.with_compose(context, effects, |compose, turn| compose.attach(path, turn)),
            Picked::Room(choice) => {
                self.with_screens(context, effects, |screens, turn| screens.find_time.choose_room(choice, turn));
            }
            Picked::Away(of) => self.with_screens(context, effects, |screens, turn| screens.away.choose(of, turn)),
            Picked::Group(purpose, name) => self.group_picked(purpose, &name, context, effects),
            picked => self.with_screens(context, effects, |screens, turn| screens.mail.picked(&picked, turn)),
        }
    }

    /// Lets the topmost message that is written do something.
    pub(super) fn with_compose(
        &mut self,
        context: &Context<'_>,
        effects: &mut Vec<Effect>,
        change: impl FnOnce(&mut Compose, &mut Turn<'_>),
    ) {
        self.with_layer(context, effects, Layer::as_compose, change);
    }

    /// Lets every message that is written be kept.
    pub(super) fn keep_all(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let mut turn = Turn::new(context, &mut self.session, effects);
        for layer in &mut self.layers {
            match layer {
                Layer::Compose(compose) => compose.keep(&mut turn),
                Layer::OwnReplies(form) => form.keep(&mut turn),
                Layer::OwnTime(form) => form.set_aside(&mut turn),
                Layer::OwnPresence(panel) => panel.set_aside(&mut turn),
                _ => {}
            }
        }
    }

    /// Takes all overlays away; what is written was asked to be kept before.
    pub(super) fn clear_layers(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.keep_all(context, effects);
        let written =
            self.layers.iter().filter(|layer| matches!(layer, Layer::Compose(compose) if compose.is_touched()));
        if written.count() > 0 {
            let keys = self.keys_words(CommandId::Drafts);
            self.tell(&format!("Your message is kept as a draft{keys}."), context, effects);
        }
        self.layers.clear();
    }

    /// A message has left the screen: it is sent, put aside or thrown away.
    pub(super) fn finish_compose(&mut self, draft: DraftId) {
        self.layers.retain(|layer| !matches!(layer, Layer::Compose(compose) if compose.id() == Some(draft)));
    }

    /// Asks before a message is thrown away.
    pub(super) fn ask_discard(&mut self, draft: DraftId, label: &str) {
        let title = format!("Throw away \"{}\"?", crate::base::text::cut(label, 40));
        let sentences = vec!["What was written is gone then, here and in the Drafts folder.".to_owned()];
        let question = Question::of(title, sentences, "Keep it", "Throw it away", Deed::Discard(draft));
        self.layers.push(Layer::Question(Box::new(question)));
    }

    /// Throws a message away.
    pub(super) fn discard(&mut self, draft: DraftId, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.finish_compose(draft);
        self.with_screens(context, effects, |_, turn| {
            turn.change(vec![Intent::DiscardDraft { draft }]);
        });
    }

    /// Leaves the program; with things unsent it asks once.
    pub(super) fn leave(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.keep_all(context, effects);
        if self.writing.is_leaving {
            // It cannot be kept, and whoever asks again has been told so.
            return effects.push(Effect::Quit);
        }
        let is_asked = |layer: &Layer| matches!(layer, Layer::Question(question) if question.deed == Deed::Leave);
        if self.layers.iter().any(is_asked) {
            // Whoever presses the key of leaving again means it.
            self.layers.pop();
            self.leave_now();
        } else if !self.session.changes.outbox.is_empty() {
            let ticket = self.asked(Request::Outbox, context, effects);
            self.writing.asking = Some(ticket);
        } else if !self.unsent_labels().is_empty() {
            self.ask_before_leaving(&Ok(Answer::Outbox(Vec::new())));
        } else {
            self.leave_now();
        }
    }

    /// Leaves as soon as everything typed is kept.
    pub(super) const fn leave_now(&mut self) {
        self.writing.is_leaving = true;
    }

    /// What is written on the screen.
    fn unsent_labels(&self) -> Vec<String> {
        let composes = self.layers.iter().filter_map(|layer| match layer {
            Layer::Compose(compose) if compose.is_touched() => Some(compose.label()),
            _ => None,
        });
        composes.collect()
    }

    fn ask_before_leaving(&mut self, result: &Result<Answer, Report>) {
        use crate::domain::intent::ItemState;
        let items = match result {
            Ok(Answer::Outbox(items)) => items.as_slice(),
            _ => &[],
        };
        let waits = |state: ItemState| !matches!(state, ItemState::Done);
        let mut named: Vec<String> =
            items.iter().filter(|item| waits(item.state)).map(|item| item.words.clone()).collect();
        let mut sentences = Vec::new();
        if !named.is_empty() {
            let more = named.len().saturating_sub(MOST_NAMED);
            named.truncate(MOST_NAMED);
            if more > 0 {
                named.push(format!("and {more} more"));
            }
            sentences.push(
                "These have not reached the service yet. They stay on this computer and go when deskbell runs again:"
                    .to_owned(),
            );
            sentences.extend(named);
        }
        let written = self.unsent_labels();
        sentences.extend(written.iter().map(|label| format!("\"{label}\" is not sent; it is kept as a draft.")));
        if sentences.is_empty() {
            return self.leave_now();
        }
        let question = Question::of("Leave now?".to_owned(), sentences, "Stay", "Leave", Deed::Leave);
        self.layers.push(Layer::Question(Box::new(question)));
    }

    /// What follows from every event: whether the program ends.
    pub(super) fn after_writing(&mut self, effects: &mut Vec<Effect>) {
        let is_unkept = |layer: &Layer| match layer {
            Layer::Compose(compose) => compose.is_unkept(),
            Layer::OwnReplies(form) => form.is_unkept(),
            _ => false,
        };
        if self.writing.is_leaving && !self.layers.iter().any(is_unkept) {
            effects.push(Effect::Quit);
        }
    }

    /// The folder of drafts.
    pub(super) fn go_to_drafts(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.go_to_folder(FolderRole::Drafts, context, effects);
    }
}

fn drafts_of(result: &Result<Answer, Report>) -> &[Draft] {
    match result {
        Ok(Answer::Drafts(drafts)) => drafts,
        _ => &[],
    }
}

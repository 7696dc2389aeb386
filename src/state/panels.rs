//! Opening and answering the overlays that are about the program itself: pages of text, the doctor's panel.

use crate::base::report::Report;
use crate::domain::account::{Feature, Tier};
use crate::domain::consent::MissingPermission;
use crate::domain::login::{LoginMethod, LoginStep};
use crate::domain::request::{Answer, Request};
use crate::state::Context;
use crate::state::accounts::{self, AccountsPanel};
use crate::state::calendar::chooser::CalendarsPanel;
use crate::state::calls::Calls;
use crate::state::doctor::Doctor;
use crate::state::event::Effect;
use crate::state::layer::Layer;
use crate::state::missing::MissingCard;
use crate::state::page::{Page, PageLine};
use crate::state::permissions;
use crate::state::question::{Deed, Question};
use crate::state::sign_in::Purpose;
use crate::state::store::Store;
use crate::state::surface::Turn;

impl Store {
    /// Opens the doctor's panel; an open one examines again.
    pub(super) fn open_doctor(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if matches!(self.layers.last(), Some(Layer::Doctor(_))) {
            return self.examine_again(context, effects);
        }
        let mut doctor = None;
        self.with_screens(context, effects, |_, turn| doctor = Some(Doctor::open(turn)));
        self.layers.extend(doctor.map(|doctor| Layer::Doctor(Box::new(doctor))));
    }

    /// Opens the panel of the last calls, once.
    pub(super) fn open_calls(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if matches!(self.layers.last(), Some(Layer::Calls(_))) {
            return;
        }
        let mut calls = None;
        self.with_screens(context, effects, |_, turn| calls = Some(Calls::open(turn)));
        self.layers.extend(calls.map(|calls| Layer::Calls(Box::new(calls))));
    }

    /// Opens the choice of calendars, once.
    pub(super) fn choose_calendars(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if matches!(self.layers.last(), Some(Layer::Calendars(_))) {
            return;
        }
        let mut panel = None;
        self.with_screens(context, effects, |_, turn| panel = Some(CalendarsPanel::open_panel(turn)));
        self.layers.extend(panel.map(Layer::Calendars));
    }

    /// Opens the panel of accounts, once.
    pub(super) fn open_accounts(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if matches!(self.layers.last(), Some(Layer::Accounts(_))) {
            return;
        }
        let mut panel = None;
        self.with_screens(context, effects, |_, turn| panel = Some(AccountsPanel::open(turn)));
        self.layers.extend(panel.map(Layer::Accounts));
    }

    /// Stands over the view with the ways in.
    pub(super) fn sign_in_for(&mut self, purpose: Purpose) {
        self.layers.clear();
        self.sign_in.open_for(purpose);
    }

    pub(super) fn copy_account(&self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if let Some(Layer::Accounts(panel)) = self.layers.last() {
            effects.push(Effect::Copy(accounts::as_text(panel, &self.session, context.now, context.zone)));
        }
    }

    /// Asks before the account in use is signed out.
    pub(super) fn ask_sign_out(&mut self) {
        let who = match self.session.my_address() {
            "" => "this account".to_owned(),
            address => address.to_owned(),
        };
        let mut sentences = vec![
            format!("Its sign-in and the mail and calendar kept of {who} on this computer are removed."),
            "Nothing is changed at Microsoft 365; you can sign in again at any time.".to_owned(),
        ];
        let unsent = &self.session.changes.outbox;
        if !unsent.is_empty() {
            let count = unsent.held + unsent.waiting + unsent.troubled;
            let what = if count == 1 { "change" } else { "changes" };
            sentences
                .push(format!("Lost with it: {count} {what} not yet made at Microsoft 365, and drafts kept here."));
        }
        let title = format!("Sign out {who}?");
        let question = Question::of(title, sentences, "Stay signed in", "Sign out", Deed::SignOut);
        self.layers.push(Layer::Question(Box::new(question)));
    }

    /// Does what the question on top is about.
    pub(super) fn answer_yes(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        match self.layers.pop() {
            Some(Layer::Question(question)) => match question.deed {
                Deed::SignOut => {
                    effects.push(Effect::Logout);
                    self.forget_person();
                }
                Deed::Selected => self.with_screens(context, effects, |screens, turn| {
                    screens.mail.do_what_was_weighed(turn);
                }),
                Deed::DeleteForEver => {
                    self.with_screens(context, effects, |screens, turn| screens.mail.delete_doomed(turn));
                }
                Deed::Discard(draft) => self.discard(draft, context, effects),
                Deed::Leave => self.leave_now(),
                Deed::Group => self.keep_group(context, effects),
            },
            other => self.layers.extend(other),
        }
    }

    pub(super) fn begin_sign_in(&mut self, method: LoginMethod, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let mut turn = Turn::new(context, &mut self.session, effects);
        self.sign_in.begin(method, &mut turn);
    }

    /// All of the address that waits to be opened.
    pub(super) fn show_address(&mut self) {
        if let Some(LoginStep::Browser { address, .. } | LoginStep::Paste { address, .. }) = &self.session.login {
            let lines = vec![PageLine::Verbatim(address.clone())];
            let page = Page::of("The whole address".to_owned(), lines, address.clone());
            self.layers.push(Layer::Page(Box::new(page)));
        }
    }

    pub(super) fn explain_permissions(&mut self) {
        let tiers = self.sign_in.tiers(self.session.granted());
        self.layers.push(Layer::Page(Box::new(permissions::page(&tiers))));
    }

    /// Asks for the finished request to an administrator; it opens as a page.
    pub(super) fn ask_consent(&mut self, tiers: Vec<Tier>, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.consent = Some(self.asked(Request::Consent { tiers }, context, effects));
    }

    pub(super) fn show_consent(&mut self, result: &Result<Answer, Report>) {
        self.consent = None;
        match result {
            Ok(Answer::Consent(request)) => {
                let page = Page::of_text("To your administrator".to_owned(), &request.text());
                self.layers.push(Layer::Page(Box::new(page)));
            }
            Ok(_) => {}
            Err(report) => self.push_problem(report.clone()),
        }
    }

    /// The tier of what a view shows, where it is dark.
    pub(super) fn dark_tier(&self) -> Option<Tier> {
        self.view.feature().filter(|feature| self.session.closed(*feature).is_some()).map(Feature::tier)
    }

    /// Asks what is missing for `tier`; the card opens with the answer. `unasked`: nobody wanted it, so it stays away when it was put
    /// off.
    pub(super) fn ask_missing(&mut self, tier: Tier, unasked: bool, context: &Context<'_>, effects: &mut Vec<Effect>) {
        self.missing = Some((self.asked(Request::Missing { tier }, context, effects), unasked));
    }

    pub(super) fn take_missing(&mut self, unasked: bool, result: &Result<Answer, Report>) {
        self.missing = None;
        match result {
            Ok(Answer::Missing(missing)) if missing.permissions.is_empty() || (unasked && missing.is_put_off) => {}
            Ok(Answer::Missing(missing)) if unasked => self.wanted_card = Some(missing.clone()),
            Ok(Answer::Missing(missing)) => self.push_missing(missing),
            Err(report) if !unasked => self.push_problem(report.clone()),
            Ok(_) | Err(_) => {}
        }
    }

    fn push_missing(&mut self, missing: &MissingPermission) {
        self.layers.push(Layer::Missing(Box::new(MissingCard::of(missing.clone()))));
    }

    /// The card on top goes; its tier.
    fn take_card(&mut self) -> Option<Tier> {
        match self.layers.pop() {
            Some(Layer::Missing(card)) => Some(card.tier()),
            other => {
                self.layers.extend(other);
                None
            }
        }
    }

    /// Signs in over the view for what is missing.
    pub(super) fn ask_now(&mut self, _context: &Context<'_>, effects: &mut Vec<Effect>) {
        if let Some(tier) = self.take_card() {
            self.sign_in.open_for(Purpose::Widen(vec![tier]));
            effects.push(Effect::Login(self.sign_in.purpose.command(None, &self.session.ways)));
        }
    }

    pub(super) fn ask_administrator(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if let Some(Layer::Missing(card)) = self.layers.last() {
            self.ask_consent(vec![card.tier()], context, effects);
        }
    }

    pub(super) fn not_now(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        if let Some(tier) = self.take_card() {
            let mut turn = Turn::new(context, &mut self.session, effects);
            turn.ask(Request::PutOff { tier });
            turn.tell("Nothing more of it until tomorrow.");
        }
    }

    /// Opens what came unasked and waits for a quiet moment: no overlay is open, nobody types and no key is half typed, so that no
    /// letter meant for a field becomes a command.
    pub(super) fn open_what_waits(&mut self) {
        let is_free = self.layers.is_empty() && self.focus().field().is_none() && self.pending_keys().is_empty();
        if !is_free || self.session.me.is_none() || self.sign_in.is_open {
            return;
        }
        if self.sign_in.is_wanted {
            self.sign_in.open_for(Purpose::Again);
        } else if let Some(missing) = self.wanted_card.take()
            && self.dark_tier() == Some(missing.tier)
        {
            self.push_missing(&missing);
        }
    }

    pub(super) fn examine_again(&mut self, context: &Context<'_>, effects: &mut Vec<Effect>) {
        let Some(Layer::Doctor(mut doctor)) = self.layers.pop() else { return };
        self.with_screens(context, effects, |_, turn| doctor.examine(turn));
        self.layers.push(Layer::Doctor(doctor));
    }
}

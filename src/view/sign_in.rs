//! The sign-in: the ladder of ways in and what is waited for, or the page that takes a registration. In place of the views while nobody
//! is known, over the view that can still be read otherwise.

use crate::base::report::Report;
use crate::base::text::{head, wrap};
use crate::config::{self, Role};
use crate::domain::login::{LoginMethod, LoginStep, Way};
use crate::state::command::CommandId;
use crate::state::geometry::Area;
use crate::state::keys::KeyContext;
use crate::state::sign_in::Purpose;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{field, footer, overlay};
use jiff::Timestamp;
use ratatui::style::Modifier;

/// Columns of what stands at the left of a fact.
const NAMES: u16 = 12;
/// Rows of an address that are shown; a key shows all of it.
const ADDRESS_ROWS: usize = 3;

/// The lines below one another that are still free.
struct Page {
    area: Area,
}

impl Page {
    fn line(&mut self) -> Area {
        let (line, rest) = self.area.split_top(1);
        self.area = rest;
        line
    }

    fn sentence(&mut self, sentence: &str, role: Role, painter: &mut Painter<'_>) {
        for text in wrap(sentence, usize::from(self.area.width)) {
            let line = self.line();
            if line.height > 0 {
                painter.text(line.x, line.y, line.width, &text, role);
            }
        }
    }

    /// Air, where there is room for it.
    fn skip(&mut self) {
        self.line();
    }
}

pub(super) fn draw(store: &Store, painter: &mut Painter<'_>) {
    let size = store.session.size;
    let screen = crate::state::geometry::screen(size, 0);
    let title = painter.style(Role::Accent).add_modifier(Modifier::BOLD);
    painter.tint(screen.header, Role::Header);
    let taken = painter.styled(screen.header.x + 1, screen.header.y, size.width, "deskbell", title);
    let x = screen.header.x + taken + 4;
    let words = "connect your Microsoft 365 account";
    painter.text(x, screen.header.y, size.width.saturating_sub(x), words, Role::HintWord);
    card(store, screen.body, painter);
    footer::draw(store, screen.status, screen.hints, painter);
}

/// Over a view that can still be read.
pub(super) fn draw_over(store: &Store, body: Area, painter: &mut Painter<'_>) {
    card(store, body, painter);
}

fn card(store: &Store, body: Area, painter: &mut Painter<'_>) {
    let area = body.centred(84, 26);
    let is_over = store.signs_in_over_view();
    let title = match (store.sign_in.takes_registration(), &store.sign_in.purpose) {
        (true, _) => "Registration".to_owned(),
        (false, Purpose::Another) => "Add an account".to_owned(),
        (false, Purpose::Widen(tiers)) => {
            let tiers: Vec<&str> = tiers.iter().map(|tier| tier.title()).collect();
            format!("Ask for: {}", tiers.join(", "))
        }
        (false, _) if is_over => "Sign in again".to_owned(),
        (false, _) => "Sign in".to_owned(),
    };
    let note = if is_over { "esc goes on reading" } else { "" };
    let has_air = area.height > 22;
    let inside = overlay::open(area, &title, note, painter).inside(1, u16::from(has_air));
    let mut page = Page { area: inside };
    if store.sign_in.takes_registration() {
        registration(store, &mut page, painter);
        return;
    }
    let step = store.session.login.as_ref();
    let is_waiting = step.is_some_and(LoginStep::waits);
    let (above, below) = inside.split_bottom(if matches!(step, Some(LoginStep::Failed(_))) { 2 } else { 3 });
    page.area = above;
    ladder(store, is_waiting, has_air, &mut page, painter);
    page.skip();
    waiting(store, has_air, &mut page, painter);
    facts(store, below, painter);
}

/// What is asked for, where it is kept, and who may be asked for help: always at the foot.
fn facts(store: &Store, area: Area, painter: &mut Painter<'_>) {
    let tiers = store.sign_in.tiers(store.session.granted());
    let asked: Vec<String> = tiers.iter().map(|tier| tier.title().to_lowercase()).collect();
    let asked = format!("{}; reading only", asked.join(", "));
    let administrator = match store.session.login {
        Some(LoginStep::NeedsRegistration) => None,
        _ => Some(CommandId::SignInAdministrator),
    };
    let administrator = administrator.map(|id| (id, "writes to them"));
    let rows = match &store.session.login {
        Some(LoginStep::Failed(report)) => {
            let words = match report.code.as_str() {
                "administratorNeeded" | "consentLoop" => "The request for your administrator is ready.",
                _ => "An administrator may have to agree.",
            };
            vec![
                (
                    "Details",
                    "What your help desk needs.".to_owned(),
                    Some((CommandId::ShowProblem, "shows and copies")),
                ),
                ("Refused?", words.to_owned(), administrator),
            ]
        }
        _ => {
            let kept = store.session.vault_words().unwrap_or("on this computer only, locked").to_owned();
            vec![
                ("Asks for", asked, Some((CommandId::SignInPermissions, "explains"))),
                ("Kept", kept, None),
                ("Refused?", "An administrator may have to agree.".to_owned(), administrator),
            ]
        }
    };
    // When there is little room, the way to the administrator is what matters.
    let skipped = rows.len().saturating_sub(usize::from(area.height));
    for (y, (name, words, key)) in (area.y..area.bottom()).zip(rows.into_iter().skip(skipped)) {
        painter.text(area.x, y, NAMES, name, Role::Quiet);
        let right = match key.and_then(|(id, word)| Some((id, keys_of(id, store)?, word))) {
            Some((id, keys, word)) => {
                let width = columns(&keys) + 1 + columns(word);
                let x = area.right().saturating_sub(width);
                painter.text(x, y, columns(&keys), &keys, Role::HintKey);
                painter.text(x + columns(&keys) + 1, y, columns(word), word, Role::HintWord);
                painter.hit(Area::new(x, y, width, 1), Target::Command(id));
                x.saturating_sub(2)
            }
            None => area.right(),
        };
        painter.text(area.x + NAMES, y, right.saturating_sub(area.x + NAMES), &words, Role::Text);
    }
}

fn keys_of(command: CommandId, store: &Store) -> Option<String> {
    store.keymap().keys_of(command, KeyContext::SignIn).map(config::keys_text)
}

fn ladder(store: &Store, is_waiting: bool, has_air: bool, page: &mut Page, painter: &mut Painter<'_>) {
    match store.session.lost_sign_in().filter(|_| store.signs_in_over_view()) {
        Some(report) => {
            // The title and the line above say that it is needed; here is why.
            let sentence = if report.why.is_empty() { &report.what } else { &report.why };
            page.sentence(sentence, Role::Warning, painter);
        }
        None => page.sentence("Nothing is sent until you approve it in your browser.", Role::Text, painter),
    }
    if has_air {
        page.skip();
    }
    let ways = &store.session.ways;
    let chosen = store.sign_in.method(ways);
    for (at, way) in ways.offered.iter().enumerate() {
        let line = page.line();
        draw_way(way, line, way.method == ways.preferred, store, painter);
        if chosen == way.method {
            painter.select(line);
            painter.sign(line.x, line.y, painter.signs().cursor, painter.style(Role::Selection));
            painter.cursor(line.x, line.y);
        }
        painter.hit(line, Target::Entry(at));
    }
    if !store.signs_in_over_view() {
        let line = page.line();
        let keys = keys_of(CommandId::SignInRegistration, store).unwrap_or_default();
        painter.text(line.x + 2, line.y, 2, &keys, Role::HintKey);
        painter.text(line.x + 5, line.y, line.width.saturating_sub(5), "Another registration", Role::Text);
        let x = line.x + 5 + 29;
        painter.text(
            x,
            line.y,
            line.right().saturating_sub(x),
            "your organisation's client id and tenant",
            Role::Quiet,
        );
        painter.hit(line, Target::Command(CommandId::SignInRegistration));
    }
    if !is_waiting {
        let obstacle = ways.offered.iter().find(|way| way.method == chosen).map_or("", |way| way.obstacle.as_str());
        let reason = if chosen == ways.preferred { ways.reason.as_str() } else { obstacle };
        if !reason.is_empty() {
            page.skip();
            page.sentence(reason, Role::Quiet, painter);
        }
    }
}

fn draw_way(way: &Way, line: Area, is_best: bool, store: &Store, painter: &mut Painter<'_>) {
    let (command, name, note) = match way.method {
        LoginMethod::Browser => (CommandId::SignInBrowser, "Browser on this computer", "opens the page and waits"),
        LoginMethod::Paste => (CommandId::SignInPaste, "Browser on another computer", "paste the address it ends at"),
        LoginMethod::DeviceCode => (CommandId::SignInCode, "Code on another device", "for ssh and containers"),
        LoginMethod::Command => (CommandId::SignInToken, "Token from a command", "the one your profile names"),
    };
    let keys = keys_of(command, store).unwrap_or_default();
    painter.text(line.x + 2, line.y, 2, &keys, Role::HintKey);
    let taken = painter.text(line.x + 5, line.y, line.width.saturating_sub(5), name, Role::Text);
    let x = line.x + 5 + taken.max(27) + 2;
    let (words, role) =
        if is_best { (format!("{note}; best here"), Role::Accent) } else { (note.to_owned(), Role::Quiet) };
    painter.text(x, line.y, line.right().saturating_sub(x), &words, role);
}

fn waiting(store: &Store, has_air: bool, page: &mut Page, painter: &mut Painter<'_>) {
    match &store.session.login {
        None | Some(LoginStep::NeedsRegistration) => {}
        Some(LoginStep::SignedOut { .. }) => {
            page.sentence("Enter begins with the chosen way; one key switches while it waits.", Role::Quiet, painter);
            if has_air {
                page.skip();
                let sentence = "Only looking? Quit and run: deskbell demo. It needs no account and no network.";
                page.sentence(sentence, Role::Quiet, painter);
            }
        }
        Some(LoginStep::Working(what) | LoginStep::Exchanging(what)) => {
            page.sentence(&format!("{what}{}", painter.look.ellipsis()), Role::Text, painter);
        }
        Some(LoginStep::Browser { address, opened, expires, problem, .. }) => {
            let sentence = if *opened {
                "The page was opened in your browser. If you do not see it, go to this address:"
            } else {
                "Open this address in a browser on this computer:"
            };
            page.sentence(sentence, Role::Text, painter);
            show_address(address, ADDRESS_ROWS, store, page, painter);
            page.sentence("Is the browser elsewhere? The address it ends at may be pasted here.", Role::Quiet, painter);
            typing(store, page, painter);
            trouble(problem.as_deref(), page, painter);
            countdown("Waiting for the browser to come back", *expires, "", page, painter);
            demo_hint(store, page, painter);
        }
        Some(LoginStep::Paste { address, redirect_uri, expires, problem }) => {
            numbered("1", "In a browser on any computer, open this address:", page, painter);
            let rows = if has_air || (problem.is_none() && store.sign_in.held() == 0) { ADDRESS_ROWS } else { 1 };
            show_address(address, rows, store, page, painter);
            numbered("2", "Approve it there. The page it ends at may fail to load; that is fine.", page, painter);
            let words = format!("Copy that page's address and paste it here. It begins with {redirect_uri}");
            numbered("3", &words, page, painter);
            typing(store, page, painter);
            trouble(problem.as_deref(), page, painter);
            countdown("Waiting for the address", *expires, "", page, painter);
            demo_hint(store, page, painter);
        }
        Some(LoginStep::DeviceCode { code, address, expires, next_check, is_slowed }) => {
            device_code(code, address, has_air, store, page, painter);
            let look = next_check.duration_since(painter.context.now).as_secs().max(0);
            let slowed = if *is_slowed { ", more slowly as the service asked" } else { "" };
            countdown("Waiting for approval", *expires, &format!("next look in {look} s{slowed}"), page, painter);
            demo_hint(store, page, painter);
        }
        Some(LoginStep::SignedIn(account)) => at_rest(&account.address, store, page, painter),
        Some(LoginStep::Failed(report)) => failure(report, has_air, page, painter),
    }
}

/// Over a view, before a way in is begun: what is to be done, and what stays as it is.
fn at_rest(address: &str, store: &Store, page: &mut Page, painter: &mut Painter<'_>) {
    match (store.session.lost_sign_in(), &store.sign_in.purpose) {
        (Some(report), Purpose::Anyone | Purpose::Again) => {
            steps(&report.next, page, painter);
            let sentence = format!("This is for {address}. What is kept here and what you were at stays as it is.");
            page.sentence(&sentence, Role::Quiet, painter);
        }
        (_, Purpose::Another) => {
            let sentence = format!("Choose the other account on the page. {address} stays signed in.");
            page.sentence(&sentence, Role::Quiet, painter);
        }
        (_, Purpose::Widen(_)) => {
            let sentence = format!("Sign in as {address}; what is granted already stays.");
            page.sentence(&sentence, Role::Quiet, painter);
        }
        _ => {
            let sentence = format!("Signed in as {address}. A new sign-in takes what was granted since.");
            page.sentence(&sentence, Role::Quiet, painter);
        }
    }
}

/// What to do next: the brightest words.
fn steps(next: &[String], page: &mut Page, painter: &mut Painter<'_>) {
    for step in next {
        let bullet = painter.signs().arrow;
        for (at, text) in wrap(step, usize::from(page.area.width.saturating_sub(2))).iter().enumerate() {
            let line = page.line();
            if line.height > 0 {
                let text = format!("{} {text}", if at == 0 { bullet } else { " " });
                painter.text(line.x, line.y, line.width, &text, Role::Accent);
            }
        }
    }
}

/// The beginning of the address, unbroken by words of ours; keys copy it or show all of it.
fn show_address(address: &str, rows: usize, store: &Store, page: &mut Page, painter: &mut Painter<'_>) {
    let mut rest = address;
    for _ in 0..rows {
        let line = page.line();
        let shown = head(rest, usize::from(line.width));
        painter.text(line.x, line.y, line.width, shown, Role::Link);
        rest = &rest[shown.len()..];
        if rest.is_empty() || shown.is_empty() {
            break;
        }
    }
    let key = |command| keys_of(command, store).unwrap_or_default();
    let (copies, shows) = (key(CommandId::SignInCopy), key(CommandId::SignInAddress));
    let sentence = match rest.is_empty() {
        true => format!("{copies} copies it."),
        false => format!("It is longer than that: {copies} copies all of it, {shows} shows all of it."),
    };
    page.sentence(&sentence, Role::Quiet, painter);
}

fn numbered(number: &str, words: &str, page: &mut Page, painter: &mut Painter<'_>) {
    for (at, text) in wrap(words, usize::from(page.area.width.saturating_sub(3))).iter().enumerate() {
        let line = page.line();
        if line.height == 0 {
            return;
        }
        if at == 0 {
            painter.text(line.x, line.y, 2, number, Role::Accent);
        }
        painter.text(line.x + 3, line.y, line.width.saturating_sub(3), text, Role::Text);
    }
}

/// An address that comes letter by letter. It holds a code, so only its length is shown.
fn typing(store: &Store, page: &mut Page, painter: &mut Painter<'_>) {
    let count = store.sign_in.held();
    if count == 0 {
        return;
    }
    let line = page.line();
    painter.tint(line, Role::Input);
    let text = format!("{count} characters, kept hidden; enter takes them");
    let taken = painter.text(line.x, line.y, line.width, &text, Role::Input);
    painter.cursor(line.x + taken, line.y);
}

/// What was wrong with what came last; the wait goes on.
fn trouble(problem: Option<&str>, page: &mut Page, painter: &mut Painter<'_>) {
    if let Some(problem) = problem {
        page.sentence(problem, Role::Warning, painter);
    }
}

fn device_code(code: &str, address: &str, has_air: bool, store: &Store, page: &mut Page, painter: &mut Painter<'_>) {
    let mut step = |number: &str, words: &str, value: &str, role: Role, note: &str, painter: &mut Painter<'_>| {
        let line = page.line();
        painter.text(line.x, line.y, 2, number, Role::Accent);
        let taken = painter.text(line.x + 3, line.y, line.width, words, Role::Text);
        let x = line.x + 3 + taken.max(22) + 1;
        let taken = painter.text(x, line.y, line.right().saturating_sub(x), value, role);
        let x = x + taken + 3;
        painter.text(x, line.y, line.right().saturating_sub(x), note, Role::Quiet);
        if has_air && number != "3" {
            page.skip();
        }
    };
    let copies = keys_of(CommandId::SignInCopy, store).map_or_else(String::new, |keys| format!("{keys} copies it"));
    step("1", "On any device open", address, Role::Link, "", painter);
    step("2", "Type this code", &format!("  {code}  "), Role::HeaderCurrent, &copies, painter);
    step("3", "Approve it there, with the account you want to use here", "", Role::Text, "", painter);
}

/// Ticks once a second while it is on the screen.
fn countdown(words: &str, expires: Timestamp, note: &str, page: &mut Page, painter: &mut Painter<'_>) {
    let left = expires.duration_since(painter.context.now).as_secs().max(0);
    // Apart from what is to be done, where a row can be spared.
    if page.area.height > 3 {
        page.skip();
    }
    let line = page.line();
    let mut x = line.x + painter.text(line.x, line.y, line.width, words, Role::Text) + 3;
    let text = format!("{}:{:02} left", left / 60, left % 60);
    x += painter.text(x, line.y, columns(&text), &text, Role::Text) + 3;
    painter.text(x, line.y, line.right().saturating_sub(x), note, Role::Quiet);
}

fn demo_hint(store: &Store, page: &mut Page, painter: &mut Painter<'_>) {
    if store.session.is_demo {
        let keys = keys_of(CommandId::SignInApprove, store).unwrap_or_default();
        let sentence = format!("This is the demo: {keys} approves as the simulated person; the page works, too.");
        page.sentence(&sentence, Role::Accent, painter);
    }
}

fn failure(report: &Report, has_air: bool, page: &mut Page, painter: &mut Painter<'_>) {
    page.sentence(&report.what, Role::Error, painter);
    if !report.why.is_empty() {
        page.sentence(&report.why, Role::Text, painter);
    }
    if has_air {
        page.skip();
    }
    steps(&report.next, page, painter);
    // A key shows all of them; a few that are cut off help nobody.
    if has_air && report.details.len() < usize::from(page.area.height) {
        page.skip();
        for (name, value) in &report.details {
            page.sentence(&format!("{name}  {value}"), Role::Quiet, painter);
        }
    }
}

fn registration(store: &Store, page: &mut Page, painter: &mut Painter<'_>) {
    let explained = "deskbell ships nobody's registration. A registration tells Microsoft Entra ID which program asks; your \
                     organisation decides there what it may read. An administrator, or you where that is allowed, makes one \
                     in the Entra admin center under App registrations: a public client with the redirect address \
                     http://localhost. \"deskbell setup\" writes the steps and a script for it.";
    page.sentence(explained, Role::Text, painter);
    page.skip();
    let (client_id, tenant, is_at_tenant) = store.sign_in.fields();
    let fields = [
        ("Client id", client_id, "00000000-0000-0000-0000-000000000000", !is_at_tenant),
        ("Tenant", tenant, "any organisation; or its domain or id", is_at_tenant),
    ];
    for (at, (label, field, placeholder, has_focus)) in fields.into_iter().enumerate() {
        let line = page.line();
        let role = if has_focus { Role::Title } else { Role::TitleQuiet };
        painter.text(line.x, line.y, 11, label, role);
        let is_on_top = has_focus && store.layers.is_empty();
        let width = line.width.saturating_sub(12);
        painter.tint(Area::new(line.x + 12, line.y, width, 1), Role::Input);
        field::draw(line.x + 12, line.y, width, field, placeholder, is_on_top, painter);
        painter.hit(line, Target::Entry(at));
        page.skip();
    }
    if let Some(problem) = store.sign_in.problem() {
        page.sentence(problem, Role::Warning, painter);
        page.skip();
    } else if let Some(LoginStep::Failed(report)) = &store.session.login {
        failure(report, false, page, painter);
        page.skip();
    }
    page.sentence("Enter goes on. Both are kept in your profile and can be changed there.", Role::Quiet, painter);
    let sentence = "Only looking? Quit and run: deskbell demo. It needs no account and no network.";
    page.sentence(sentence, Role::Accent, painter);
}

//! The sign-in screen: ways in and what is waited for, or the page that takes a registration.

use crate::base::report::Report;
use crate::base::text::wrap;
use crate::config::Role;
use crate::domain::login::{LoginMethod, LoginStep};
use crate::state::geometry::Area;
use crate::state::sign_in::METHODS;
use crate::state::store::Store;
use crate::state::target::Target;
use crate::view::painter::{Painter, columns};
use crate::view::parts::{field, footer, overlay};
use jiff::Timestamp;
use ratatui::style::Modifier;

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
            painter.text(line.x, line.y, line.width.min(self.area.width), &text, role);
        }
    }

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
    painter.text(
        x,
        screen.header.y,
        size.width.saturating_sub(x),
        "connect your Microsoft 365 account",
        Role::HintWord,
    );
    card(store, screen.body, painter);
    footer::draw(store, screen.status, screen.hints, painter);
}

/// Over a view that can still be read.
pub(super) fn draw_over(store: &Store, body: Area, painter: &mut Painter<'_>) {
    card(store, body, painter);
}

fn card(store: &Store, body: Area, painter: &mut Painter<'_>) {
    let area = body.centred(84, 22);
    let is_over = store.signs_in_over_view();
    let page_title = match (store.sign_in.takes_registration(), is_over) {
        (true, _) => "Registration",
        (false, true) => "Sign in again",
        (false, false) => "Sign in",
    };
    let note = if is_over { "esc goes on reading" } else { "" };
    let inside = overlay::open(area, page_title, note, painter).inside(1, u16::from(area.height > 18));
    let mut page = Page { area: inside };
    if store.sign_in.takes_registration() {
        registration(store, &mut page, painter);
    } else {
        ways_in(store, &mut page, painter);
        page.skip();
        waiting(store, &mut page, painter);
    }
}

fn ways_in(store: &Store, page: &mut Page, painter: &mut Painter<'_>) {
    match store.session.lost_sign_in().filter(|_| store.signs_in_over_view()) {
        Some(report) => {
            let sentence = format!("{} {}", report.what, report.why);
            page.sentence(sentence.trim_end(), Role::Warning, painter);
        }
        None => page.sentence("Nothing is sent until you approve it in your browser.", Role::Text, painter),
    }
    page.skip();
    for (at, method) in METHODS.iter().enumerate() {
        let line = page.line();
        let (key, name, note) = match method {
            LoginMethod::Browser => ("b", "Browser on this computer", "opens the page here and waits"),
            LoginMethod::DeviceCode => ("d", "Code on another device", "for ssh and containers"),
            LoginMethod::Paste => ("v", "Browser on another computer", "paste the address it ends at"),
            LoginMethod::Command => ("t", "Token from a command", "the one your profile names"),
        };
        painter.text(line.x + 2, line.y, 2, key, Role::HintKey);
        let taken = painter.text(line.x + 5, line.y, line.width.saturating_sub(5), name, Role::Text);
        let x = line.x + 5 + taken.max(26) + 2;
        painter.text(x, line.y, line.right().saturating_sub(x), note, Role::Quiet);
        if store.sign_in.method() == *method {
            painter.select(line);
            painter.sign(line.x, line.y, painter.signs().cursor, painter.style(Role::Selection));
            painter.cursor(line.x, line.y);
        }
        painter.hit(line, Target::Entry(at));
    }
}

fn waiting(store: &Store, page: &mut Page, painter: &mut Painter<'_>) {
    match &store.session.login {
        None | Some(LoginStep::NeedsRegistration) => {}
        Some(LoginStep::SignedOut { reason, .. }) => {
            if !reason.is_empty() {
                page.sentence(reason, Role::Quiet, painter);
                page.skip();
            }
            page.sentence("Enter begins with the chosen way; you can switch while it waits.", Role::Quiet, painter);
        }
        Some(LoginStep::Working(what) | LoginStep::Exchanging(what)) => page.sentence(what, Role::Quiet, painter),
        Some(LoginStep::Browser { address, opened, expires, problem, .. }) => {
            browser(address, *opened, *expires, page, painter);
            if let Some(problem) = problem {
                page.skip();
                page.sentence(problem, Role::Warning, painter);
            }
            demo_hint(store, page, painter);
        }
        Some(LoginStep::Paste { address, redirect_uri, expires, problem }) => {
            browser(address, false, *expires, page, painter);
            page.skip();
            page.sentence(
                &format!("Then paste the address it ends at; it begins with {redirect_uri}"),
                Role::Text,
                painter,
            );
            if let Some(problem) = problem {
                page.sentence(problem, Role::Warning, painter);
            }
        }
        Some(LoginStep::DeviceCode { code, address, expires, .. }) => {
            device_code(code, address, *expires, page, painter);
            demo_hint(store, page, painter);
        }
        Some(LoginStep::SignedIn(account)) => {
            page.sentence(&format!("Signed in as {}.", account.address), Role::Success, painter);
        }
        Some(LoginStep::Failed(report)) => failure(report, page, painter),
    }
}

fn browser(address: &str, opened: bool, expires: Timestamp, page: &mut Page, painter: &mut Painter<'_>) {
    let sentence = if opened {
        "The page was opened in your browser. If you do not see it, go to this address:"
    } else {
        "Open this address in a browser on this computer:"
    };
    page.sentence(sentence, Role::Text, painter);
    page.skip();
    // Unbroken by words of ours, so that it can be marked with the mouse; o opens it and y copies it.
    let mut rest = address;
    for _ in 0..4 {
        let line = page.line();
        let shown = crate::base::text::head(rest, usize::from(line.width));
        painter.text(line.x, line.y, line.width, shown, Role::Link);
        rest = &rest[shown.len()..];
        if rest.is_empty() || shown.is_empty() {
            break;
        }
    }
    if !rest.is_empty() {
        page.sentence("The address is longer than fits; y copies all of it.", Role::Quiet, painter);
    }
    page.skip();
    countdown("Waiting for the browser to come back", expires, page, painter);
}

fn device_code(code: &str, address: &str, expires: Timestamp, page: &mut Page, painter: &mut Painter<'_>) {
    let mut step = |number: &str, words: &str, value: &str, role: Role, painter: &mut Painter<'_>| {
        let line = page.line();
        painter.text(line.x, line.y, 2, number, Role::Accent);
        let taken = painter.text(line.x + 3, line.y, line.width, words, Role::Text);
        let x = line.x + 3 + taken.max(24) + 1;
        painter.text(x, line.y, line.right().saturating_sub(x), value, role);
        page.skip();
    };
    step("1", "On any device open", address, Role::Link, painter);
    step("2", "Type this code", &format!(" {code} "), Role::HeaderCurrent, painter);
    step("3", "Approve it there, with the account you want to use here", "", Role::Text, painter);
    countdown("Waiting for approval", expires, page, painter);
}

/// Ticks once a second while it is on the screen.
fn countdown(words: &str, expires: Timestamp, page: &mut Page, painter: &mut Painter<'_>) {
    let left = expires.duration_since(painter.context.now).as_secs().max(0);
    let line = page.line();
    let taken = painter.text(line.x, line.y, line.width, words, Role::Text);
    let text = format!("{}:{:02} left", left / 60, left % 60);
    painter.text(line.x + taken + 3, line.y, columns(&text), &text, Role::Quiet);
}

fn demo_hint(store: &Store, page: &mut Page, painter: &mut Painter<'_>) {
    if store.session.is_demo {
        page.skip();
        let sentence = "This is the demo: press a to approve as the simulated person, or open the page; it works too.";
        page.sentence(sentence, Role::Accent, painter);
    }
}

fn failure(report: &Report, page: &mut Page, painter: &mut Painter<'_>) {
    page.sentence(&report.what, Role::Error, painter);
    if !report.why.is_empty() {
        page.sentence(&report.why, Role::Text, painter);
    }
    page.skip();
    for step in &report.next {
        page.sentence(&format!("{} {step}", painter.signs().arrow), Role::Accent, painter);
    }
    if !report.details.is_empty() {
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
                     http://localhost.";
    page.sentence(explained, Role::Text, painter);
    page.skip();
    let (client_id, tenant, is_at_tenant) = store.sign_in.fields();
    let fields = [
        ("Client id", client_id, "00000000-0000-0000-0000-000000000000", !is_at_tenant),
        ("Tenant", tenant, "a domain, an id, or organizations", is_at_tenant),
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
        failure(report, page, painter);
        page.skip();
    }
    page.sentence("Enter goes on. Both are kept in your profile and can be changed there.", Role::Quiet, painter);
    page.skip();
    page.sentence(
        "Only looking? Quit and run: deskbell demo. It needs no account and no network.",
        Role::Accent,
        painter,
    );
}

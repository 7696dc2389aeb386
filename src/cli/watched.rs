//! `deskbell login --debug`: each step of a sign-in, and what was sent where, without anything secret.

use crate::cli::output::Out;
use crate::domain::calls::{CallRecord, redacted};
use crate::domain::login::LoginStep;

/// What was told already.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    calls: Vec<String>,
}

impl Watched {
    /// Tells the calls since the last step, then the step.
    pub(crate) fn tell(&mut self, step: &LoginStep, newest_first: &[CallRecord], out: &Out) {
        for call in newest_first.iter().rev() {
            let line = call.to_line();
            if !self.calls.contains(&line) {
                out.aside(&format!("debug: sent {line}"));
                if !call.parameters.is_empty() {
                    out.aside(&format!("debug:   with {}", call.parameters));
                }
                self.calls.push(line);
            }
        }
        match step {
            LoginStep::Browser { address, .. } | LoginStep::Paste { address, .. } => {
                let Ok(url) = url::Url::parse(address) else { return };
                let place = &url[..url::Position::AfterPath];
                out.aside(&format!("debug: the browser goes to {place}"));
                out.aside(&format!("debug:   with {}", redacted(url.query_pairs().into_owned())));
            }
            LoginStep::DeviceCode { next_check, is_slowed, .. } => {
                let slowed = if *is_slowed { ", rarer than at first" } else { "" };
                out.aside(&format!("debug: waits for the code, next look at {next_check}{slowed}"));
            }
            LoginStep::Exchanging(_) => out.aside("debug: the answer is here, its code is exchanged for tokens"),
            LoginStep::SignedIn(account) => {
                out.aside(&format!("debug: signed in; granted: {}", account.granted.to_line()));
            }
            LoginStep::Failed(report) => out.aside(&format!("debug: failed with {}", report.code)),
            LoginStep::NeedsRegistration | LoginStep::SignedOut { .. } | LoginStep::Working(_) => {}
        }
    }
}

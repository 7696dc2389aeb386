//! `deskbell token import` and `export`: tokens in a file of the person's own.
//!
//! Must stay true: a token never stands on the command line; a file with tokens is read and written for the owner alone; nothing
//! is given out without a clear yes.

use crate::base::environment::Environment;
use crate::base::paths::{self, PlaceError};
use crate::base::report::{Kind, Report};
use crate::base::secret::Secret;
use crate::cli::Ended;
use crate::cli::arguments::{Global, TokenVerb};
use crate::cli::output::Out;
use crate::cli::session::Session;
use serde_json::json;
use std::io::{IsTerminal, Read, stdin};
use std::path::Path;

/// Longer files hold no tokens.
const LONGEST: u64 = 1024 * 1024;

pub(crate) async fn run(global: Global, verb: TokenVerb, environment: Environment, out: &Out) -> Ended {
    match verb {
        TokenVerb::Import { file } => import(global, &file, environment, out).await,
        TokenVerb::Export { file, yes } => export(global, &file, yes, environment, out).await,
    }
}

async fn import(global: Global, file: &Path, environment: Environment, out: &Out) -> Ended {
    let text = if file == Path::new("-") { from_input()? } else { from_file(file)? };
    let session = Session::open(global, environment).await?;
    let account = session.engine.import_tokens(&text).await?;
    if out.is_json() {
        out.json(&json!({
            "schema": "deskbell.token/1", "account": account.address,
            "items": [{"name": account.name, "address": account.address, "tenant": account.key.tenant, "scopes": account.granted.to_line()}],
            "errors": [],
        }));
    } else {
        out.line(&format!("The tokens of {} <{}> are stored.", account.name, account.address));
        if file != Path::new("-") {
            out.aside(&format!("Delete {} now: whoever reads it can act as {}.", file.display(), account.address));
        }
    }
    Ok(0)
}

fn from_input() -> Result<Secret<String>, Report> {
    let mut bytes = Vec::new();
    let read = stdin().lock().take(LONGEST).read_to_end(&mut bytes);
    read.map_err(|error| unusable("Standard input could not be read.").because(format!("The system says: {error}.")))?;
    text_of(bytes)
}

fn from_file(file: &Path) -> Result<Secret<String>, Report> {
    let bytes = paths::read_private(file).map_err(|error| match &error {
        PlaceError::ReadableByOthers { mode, .. } => {
            Report::new(Kind::Configuration, "tokenFileReadable", format!("{error}"))
                .because(format!("Its mode is {mode:o}; whoever has read it can act as you."))
                .next(format!("If nobody else uses this computer: chmod 600 {}, then try again.", file.display()))
                .next("Otherwise sign out everywhere, and get new tokens.")
        }
        PlaceError::Io { .. } => error.report(),
    })?;
    text_of(bytes.ok_or_else(|| {
        Report::new(Kind::Usage, "usage", format!("{} is not there.", file.display()))
            .next("Check the name of the file.")
    })?)
}

fn text_of(bytes: Vec<u8>) -> Result<Secret<String>, Report> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Secret::new(text)),
        Err(error) => {
            drop(Secret::new(error.into_bytes()));
            Err(unusable("The file holds no text.").next("Give the JSON a token endpoint answers with."))
        }
    }
}

fn unusable(what: &str) -> Report {
    Report::new(Kind::Usage, "badTokenFile", what)
}

async fn export(global: Global, file: &Path, yes: bool, environment: Environment, out: &Out) -> Ended {
    let session = Session::open(global, environment).await?;
    let me = session.me(out)?;
    let address = me.person.address;
    if !yes && !agreed(&address, file, out) {
        return Err(Report::new(Kind::Usage, "notAgreed", "Nothing was written.")
            .because(format!("The file lets whoever reads it act as {address}; that needs a clear yes."))
            .next("Run it again with --yes, or in a terminal and answer y."));
    }
    let text = session.engine.export_tokens().await?;
    paths::write_private(file, text.expose().as_bytes()).map_err(|error| error.report())?;
    if out.is_json() {
        out.json(&json!({
            "schema": "deskbell.token/1", "account": address, "items": [{"file": file.display().to_string()}], "errors": [],
        }));
    } else {
        out.line(&format!("The tokens of {address} are in {}, for you alone.", file.display()));
        out.aside("Both programs cannot go on with them where the service takes a refresh token once only.");
    }
    Ok(0)
}

/// Asks on the terminal; nobody there is no.
fn agreed(address: &str, file: &Path, out: &Out) -> bool {
    if !stdin().is_terminal() {
        return false;
    }
    out.aside(&format!("{} will hold tokens with which anybody can act as {address}. Write it? [y/N]", file.display()));
    let mut answer = String::new();
    stdin().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

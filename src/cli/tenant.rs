//! `deskbell tenant`: the simulated tenant alone, for any other client, and tokens for trying it by hand.

use crate::base::ids::RandomIds;
use crate::base::report::{Kind, Report};
use crate::cli::Ended;
use crate::cli::arguments::{Tenant as Arguments, TenantVerb};
use crate::cli::output::Out;
use crate::cli::simulated::{no_port, options};
use crate::engine::SystemClock;
use crate::sim::tenant::Tenant;
use serde_json::Value;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) async fn run(tenant: &Arguments, authority: Option<&str>, out: &Out) -> Ended {
    match &tenant.verb {
        Some(TenantVerb::Token { person, scope }) => token(authority, person, scope, out).await,
        None => serve(tenant, out).await,
    }
}

async fn serve(arguments: &Arguments, out: &Out) -> Ended {
    let mut options = options(&arguments.consent, arguments.mail, arguments.quirks, arguments.faults.as_deref())?;
    if let Some(port) = arguments.port {
        options.authority_port = port;
        // Port 0 is a free one for each.
        options.graph_port = if port == 0 { 0 } else { port.checked_add(1).unwrap_or(0) };
    }
    options.public_base.clone_from(&arguments.public_base);
    let tenant =
        Tenant::start(options, Arc::new(SystemClock), Arc::new(RandomIds)).await.map_err(|error| no_port(&error))?;
    let description = tenant.describe();
    if out.is_json() {
        out.json(&description);
    } else {
        describe(&description, &tenant, out);
    }
    // It serves until it is interrupted.
    let _ = tokio::signal::ctrl_c().await;
    Ok(0)
}

fn describe(description: &Value, tenant: &Tenant, out: &Out) {
    let clients = tenant.clients();
    out.line(&format!("Authority      {}", tenant.authority()));
    out.line(&format!("Graph          {}", tenant.graph()));
    out.line(&format!("Tenant id      {}", tenant.tenant_id()));
    out.line(&format!("Public client  {}", clients.public));
    out.line(&format!("Service client {}  secret {}", clients.confidential, clients.confidential_secret));
    let people = description["people"].as_array().map_or(0, Vec::len);
    out.line(&format!("People         {people}; sign in as any of them, e.g. lena@contoso.com"));
    out.line("");
    out.line("Point deskbell here:");
    out.line(&format!(
        "  deskbell --authority {} --graph {} --tenant {} --client-id {}",
        tenant.authority(),
        tenant.graph(),
        tenant.tenant_id(),
        clients.public
    ));
    out.line("Press ctrl-c to stop.");
}

async fn token(authority: Option<&str>, person: &str, scope: &str, out: &Out) -> Ended {
    let authority = authority.ok_or_else(|| {
        Report::new(Kind::Usage, "usage", "Which tenant shall be asked?")
            .next("Give its address: --authority http://127.0.0.1:PORT")
    })?;
    let answer = ask(authority, person, scope).await.map_err(|error| {
        Report::new(Kind::Network, "tenant", format!("No simulated tenant answers at {authority}."))
            .because(error.to_string())
            .next("Start one: deskbell tenant --port N")
    })?;
    let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
    if out.is_json() {
        out.json(&answer);
    } else if let Some(token) = answer["access_token"].as_str() {
        out.line(token);
    } else {
        let why = answer["error_description"].as_str().or(answer["error"].as_str()).unwrap_or("It gave no token.");
        return Err(Report::new(Kind::Failure, "tenant", "The tenant gave no token.")
            .because(why)
            .next("Check the person and the scopes."));
    }
    Ok(0)
}

/// Speaks to the tenant's own door (no part of Entra), which gives a token without a sign-in.
async fn ask(authority: &str, person: &str, scope: &str) -> std::io::Result<String> {
    let host = authority.strip_prefix("http://").unwrap_or(authority).trim_end_matches('/');
    let body = serde_json::json!({"person": person, "scope": scope}).to_string();
    let mut stream = TcpStream::connect(host).await?;
    let request = format!(
        "POST /deskbell/token HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer.split_once("\r\n\r\n").map_or(String::new(), |(_, body)| body.to_owned()))
}

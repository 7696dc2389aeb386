//! The device code flow: the code, the page where it is typed, and what a poll is told. [v2-oauth2-device-code; RFC 8628]

use crate::sim::company::Person;
use crate::sim::entra::account::{admits, unknown_application};
use crate::sim::entra::admission::{self, Admission, admit};
use crate::sim::entra::claims::Claims;
use crate::sim::entra::consent;
use crate::sim::entra::discovery::Tenancy;
use crate::sim::entra::error::Refusal;
use crate::sim::entra::scopes::Asked;
use crate::sim::entra::{Approval, Way, authorize, pages};
use crate::sim::http::{Incoming, Outgoing, seconds, value};
use crate::sim::tenant::{Shared, lock};
use serde_json::{Value, json};

/// A device code lives so many seconds.
const LIFE: u64 = 900;
/// Seconds between polls, unless the tenant was started with others.
pub(crate) const INTERVAL: u64 = 5;
/// A network may deliver two polls closer together than they were sent.
const GRACE: u64 = 1;
/// So many polls too fast are told to slow down; the next ones trip the loop guard.
const PATIENCE: u32 = 2;
/// The loop guard holds so many seconds.
const GUARD: u64 = 120;
/// Without the ones that look like others.
const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A sign-in waiting for somebody at another screen.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    user_code: String,
    client: String,
    tenancy: Tenancy,
    asked: Asked,
    expires: u64,
    polled: Option<u64>,
    too_fast: u32,
    guarded_until: u64,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Pending,
    Approved(Approval),
    Refused,
    /// A policy stood in the way; the poll hears it too.
    Barred(Refusal),
    Redeemed,
}

/// `POST …/devicecode`.
pub(crate) fn begin(shared: &Shared, tenancy: &Tenancy, base: &str, request: &Incoming) -> Result<Value, Refusal> {
    let form = request.form_pairs();
    let client = value(&form, "client_id").ok_or_else(|| Refusal::missing("client_id"))?;
    let client = {
        let world = lock(&shared.world);
        let registration = world.registrations.find(client).ok_or_else(|| unknown_application(client))?;
        admits(tenancy, registration)?;
        registration.client_id.clone()
    };
    let scope = value(&form, "scope").ok_or_else(|| Refusal::missing("scope"))?;
    let asked = Asked::read(scope, &shared.graph, &lock(&shared.world).options)?;
    let user_code = user_code(shared);
    let device_code = format!("DAQABIQEA{}", shared.ids.token(200));
    let device = Device {
        user_code: user_code.clone(),
        client,
        tenancy: tenancy.clone(),
        asked,
        expires: seconds(shared.clock.now()) + LIFE,
        polled: None,
        too_fast: 0,
        guarded_until: 0,
        state: State::Pending,
    };
    lock(&shared.sign_in).devices.insert(device_code.clone(), device);
    let page = format!("{base}/devicelogin");
    let message = match value(&request.query_pairs(), "mkt").unwrap_or("") {
        mkt if mkt.to_lowercase().starts_with("de") => {
            format!("Öffnen Sie zum Anmelden {page} in einem Browser und geben Sie den Code {user_code} ein.")
        }
        _ => format!(
            "To sign in, use a web browser to open the page {page} and enter the code {user_code} to authenticate."
        ),
    };
    Ok(json!({
        "user_code": user_code, "device_code": device_code, "verification_uri": page, "expires_in": LIFE,
        "interval": shared.device_interval, "message": message,
    }))
}

fn user_code(shared: &Shared) -> String {
    let mut bytes = [0; 9];
    shared.ids.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])).collect()
}

/// A poll: the approval once there is one, and what to do until then.
pub(crate) fn poll(shared: &Shared, tenancy: &Tenancy, client: &str, device_code: &str) -> Result<Approval, Refusal> {
    let now = seconds(shared.clock.now());
    let mut sign_in = lock(&shared.sign_in);
    let unknown = || Refusal::new("bad_verification_code", 90119, "The device code is not recognised.");
    let device = sign_in.devices.get_mut(device_code).filter(|device| device.client == client).ok_or_else(unknown)?;
    if device.tenancy != *tenancy {
        let message = "The device code was issued at another tenant.";
        return Err(Refusal::new("invalid_grant", 700_005, message));
    }
    device.pace(now, shared.device_interval)?;
    if let State::Redeemed = device.state {
        return Err(Refusal::new("bad_verification_code", 90120, "The device code was already used."));
    }
    if now >= device.expires {
        return Err(Refusal::new("expired_token", 70020, "The device code has expired."));
    }
    match &device.state {
        State::Pending | State::Redeemed => {
            let message = "Nobody has approved yet; poll again.";
            Err(Refusal::new("authorization_pending", 70016, message))
        }
        State::Refused => {
            let message = "The person declined.";
            Err(Refusal::new("authorization_declined", 65004, message))
        }
        State::Barred(refusal) => Err(refusal.clone()),
        State::Approved(approval) => {
            let approval = approval.clone();
            device.state = State::Redeemed;
            Ok(approval)
        }
    }
}

impl Device {
    /// Refuses polls that come faster than the interval: a few with `slow_down`, then with the loop guard for two minutes.
    fn pace(&mut self, now: u64, interval: u64) -> Result<(), Refusal> {
        let looping =
            || Refusal::new("invalid_grant", 50196, "The client repeats itself too fast and is barred for a while.");
        if now < self.guarded_until {
            return Err(looping());
        }
        let before = self.polled.replace(now);
        if before.is_none_or(|before| now + GRACE >= before + interval) {
            return Ok(());
        }
        self.too_fast += 1;
        if self.too_fast > PATIENCE {
            self.too_fast = 0;
            self.guarded_until = now + GUARD;
            return Err(looping());
        }
        Err(Refusal::new("slow_down", 70016, "The client polls too fast. Wait longer between polls."))
    }
}

/// Approves (`Some`) or refuses a user code.
pub(crate) fn decide(shared: &Shared, user_code: &str, person: Option<&str>) -> Result<(), String> {
    let now = seconds(shared.clock.now());
    let device = waiting(&mut lock(&shared.sign_in).devices, user_code, now)?.clone();
    let Some(person) = person else {
        waiting(&mut lock(&shared.sign_in).devices, user_code, now)?.state = State::Refused;
        return Ok(());
    };
    let found = authorize::who(&lock(&shared.world), person);
    let person = found.ok_or("Nobody of that name signs in here.")?;
    let (account, admission) = admission(shared, &person, &device);
    let account = match (account, admission) {
        (account, Admission::Refused(refusal)) => {
            // Another account may still do; a policy that knows the account bars the code.
            if account.is_some() {
                waiting(&mut lock(&shared.sign_in).devices, user_code, now)?.state = State::Barred(refusal.clone());
            }
            return Err(refusal.sentence());
        }
        (_, Admission::Administrator(refusal, _)) => return Err(refusal.sentence()),
        (None, _) => return Err(unknown_application(&device.client).sentence()),
        (Some(account), Admission::Consent(scopes)) => {
            lock(&shared.world).grants.grant_own(&device.client, &person.id, scopes);
            account
        }
        (Some(account), Admission::Open) => account,
    };
    if let Some(registration) = lock(&shared.world).registrations.find_mut(&device.client) {
        registration.principal_missing = false;
    }
    let granted = consent::held(&lock(&shared.world), &device.client, &person.id, &device.asked);
    let mut sign_in = lock(&shared.sign_in);
    let approval = Approval {
        begun: sign_in.ended(&person.id),
        serial: sign_in.next(),
        person: person.id,
        account,
        way: Way::Device,
        public: true,
        client: device.client,
        granted,
        asked: device.asked,
        nonce: None,
        at: now,
        claims: Claims::default(),
    };
    waiting(&mut sign_in.devices, user_code, now)?.state = State::Approved(approval);
    Ok(())
}

fn admission(
    shared: &Shared,
    person: &Person,
    device: &Device,
) -> (Option<crate::sim::entra::account::Account>, Admission) {
    let request = admission::Request {
        tenancy: &device.tenancy,
        client: &device.client,
        asked: &device.asked,
        ask_again: false,
        by_device: true,
    };
    admit(&lock(&shared.world), person, &request)
}

fn waiting<'a>(
    devices: &'a mut std::collections::HashMap<String, Device>,
    user_code: &str,
    now: u64,
) -> Result<&'a mut Device, String> {
    let wanted: String = user_code.chars().filter(char::is_ascii_alphanumeric).collect();
    let device = devices.values_mut().find(|device| device.user_code.eq_ignore_ascii_case(&wanted));
    match device {
        None => Err("AADSTS70018: That code didn't work. Check the code and try again.".to_owned()),
        Some(device) if now >= device.expires => {
            Err("AADSTS70019: The code has expired. Go back to your device and start again.".to_owned())
        }
        Some(device) if !matches!(device.state, State::Pending) => {
            Err("AADSTS90120: The code was already used or refused.".to_owned())
        }
        Some(device) => Ok(device),
    }
}

/// The page: type the code, pick an account, approve or refuse.
pub(crate) fn page(shared: &Shared, request: &Incoming) -> Outgoing {
    let mut pairs = request.query_pairs();
    pairs.extend(request.form_pairs());
    let Some(code) = value(&pairs, "otc") else { return Outgoing::page(200, pages::code(&request.path, "", "")) };
    let found = waiting(&mut lock(&shared.sign_in).devices, code, seconds(shared.clock.now())).cloned();
    let device = match found {
        Ok(device) => device,
        Err(complaint) => return Outgoing::page(200, pages::code(&request.path, code, &complaint)),
    };
    let person = value(&pairs, "person");
    let decided = match (value(&pairs, "decision"), person) {
        (Some("approve"), Some(person)) => {
            Some((decide(shared, code, Some(person)), "You have signed in to deskbell on your device."))
        }
        (Some("refuse" | "back"), _) => Some((decide(shared, code, None), "You have refused. Nothing was granted.")),
        _ => None,
    };
    match decided {
        Some((Ok(()), said)) => {
            let body = format!("<p>{said} You may now close this window.</p>");
            Outgoing::page(200, pages::page("Done", &body))
        }
        Some((Err(complaint), _)) => Outgoing::page(200, pages::code(&request.path, code, &complaint)),
        None => ask(shared, request, code, person, &device),
    }
}

fn ask(shared: &Shared, request: &Incoming, code: &str, person: Option<&str>, device: &Device) -> Outgoing {
    let fields = [("otc", code)];
    let Some(person) = person.and_then(|person| authorize::who(&lock(&shared.world), person)) else {
        let world = lock(&shared.world);
        let can = |person: &&Person| authorize::can_sign_in(&person.kind);
        let people: Vec<_> = world.company.people.iter().filter(can).cloned().collect();
        return Outgoing::page(200, pages::picker(&request.path, &fields, &people));
    };
    let page = match admission(shared, &person, device).1 {
        Admission::Refused(refusal) => {
            // The policy bites here, before anything is accepted.
            let told = decide(shared, code, Some(&person.id)).err().unwrap_or_else(|| refusal.sentence());
            pages::error(&told)
        }
        Admission::Administrator(refusal, scopes) => {
            pages::need_admin(&request.path, &fields, &person, &scopes, &refusal.sentence())
        }
        Admission::Consent(scopes) => {
            let mut all: Vec<String> = device.asked.identity.iter().cloned().collect();
            all.extend(scopes);
            pages::consent(&request.path, &fields, &person, &all)
        }
        Admission::Open => pages::go_on(&request.path, &fields, &person),
    };
    Outgoing::page(200, page)
}

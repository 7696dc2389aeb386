//! Mailbox settings, automatic replies and the list of time zones. [user-get-mailboxsettings; user-update-mailboxsettings]
//!
//! A schedule that has ended stays stored, as in Exchange; [`Settings::replying`] is the one place that knows who replies now.

use crate::sim::company::{AutomaticReplies, Company, Person};
use crate::sim::graph::calendar::{Style, wall_time, zone_named};
use crate::sim::graph::categories::{self, Category};
use crate::sim::graph::odata;
use crate::sim::request::{Answer, Request};
use crate::sim::when::{Anchor, clock_time, weekday};
use crate::sim::world::{World, WorldOptions};
use crate::sim::zones::{Zone, iana_names, windows_name, windows_names};
use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use std::time::SystemTime;

/// Mailbox settings of everybody, by index of the person.
#[derive(Debug, Default)]
pub struct SettingsState {
    all: Vec<Settings>,
}

/// The settings of one mailbox.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `disabled`, `alwaysEnabled` or `scheduled`.
    pub status: String,
    /// `none`, `contactsOnly` or `all`.
    pub audience: String,
    /// The period as stored, also when it is not `scheduled`.
    pub period: (Timestamp, Timestamp),
    /// HTML for colleagues.
    pub internal: String,
    /// HTML for others.
    pub external: String,
    /// As last set: an IANA name, a Windows name or nothing.
    pub time_zone: String,
    /// As sent; `Null` where none were ever set.
    pub working_hours: Value,
    /// The categories a person may choose from.
    pub(super) categories: Vec<Category>,
    locale: String,
    date_format: String,
    time_format: String,
    delegates: String,
    purpose: String,
}

impl Settings {
    /// Whether automatic replies go out at `now`. \[automaticrepliessetting\]
    #[must_use]
    pub fn replying(&self, now: Timestamp) -> bool {
        match self.status.as_str() {
            "alwaysEnabled" => true,
            "scheduled" => self.period.0 <= now && now < self.period.1,
            _ => false,
        }
    }

    /// The name and code of the mailbox's language.
    #[must_use]
    pub fn language(&self) -> Value {
        let name = match self.locale.as_str() {
            "en-GB" => "English (United Kingdom)",
            "de-DE" => "German (Germany)",
            "es-ES" => "Spanish (Spain)",
            _ => "English (United States)",
        };
        json!({"locale": self.locale, "displayName": name})
    }
}

impl SettingsState {
    /// The state at the beginning, relative to `now`.
    #[must_use]
    pub fn build(company: &Company, now: SystemTime, _options: &WorldOptions) -> Self {
        let home = company.people.first().and_then(|person| Zone::named(&person.zone)).unwrap_or_else(Zone::utc);
        let anchor = Anchor::at(now, &home.rules);
        Self { all: company.people.iter().map(|person| initial(person, anchor)).collect() }
    }

    /// The settings of the person with this index.
    #[must_use]
    pub fn of(&self, person: usize) -> &Settings {
        &self.all[person]
    }

    /// The same, to change them behind the client's back.
    pub fn of_mut(&mut self, person: usize) -> &mut Settings {
        &mut self.all[person]
    }
}

fn initial(person: &Person, anchor: Anchor) -> Settings {
    let zone = Zone::named(&person.zone).unwrap_or_else(Zone::utc);
    let moment = |text: &Option<String>, otherwise: i64| {
        let wall = text.as_deref().and_then(|text| anchor.wall(text));
        let wall =
            wall.unwrap_or_else(|| crate::sim::when::plus(anchor.today, otherwise).to_datetime(Time::midnight()));
        zone.rules.to_ambiguous_timestamp(wall).compatible().unwrap_or(Timestamp::UNIX_EPOCH)
    };
    let nothing = AutomaticReplies {
        status: "disabled".to_owned(),
        text: String::new(),
        external: None,
        audience: "none".to_owned(),
        start: None,
        end: None,
    };
    let replies = person.automatic_replies.clone().unwrap_or(nothing);
    Settings {
        status: replies.status,
        audience: replies.audience,
        period: (moment(&replies.start, 0), moment(&replies.end, 1)),
        external: replies.external.unwrap_or_else(|| replies.text.clone()),
        internal: replies.text,
        time_zone: zone_as_told(person),
        working_hours: working_hours(person, &zone.rules),
        categories: categories::usual(),
        locale: person.language.clone().unwrap_or_else(|| "en-US".to_owned()),
        date_format: "M/d/yyyy".to_owned(),
        time_format: "HH:mm".to_owned(),
        delegates: "sendToDelegateOnly".to_owned(),
        purpose: match person.kind.as_str() {
            kind @ ("room" | "equipment" | "shared") => kind.to_owned(),
            _ => "user".to_owned(),
        },
    }
}

/// The name of the zone in the form the mailbox has it.
fn zone_as_told(person: &Person) -> String {
    match person.zone_form.as_deref() {
        Some("windows") => windows_name(&person.zone).unwrap_or(&person.zone).to_owned(),
        Some("custom") => "Customized Time Zone".to_owned(),
        Some("none") => String::new(),
        _ => person.zone.clone(),
    }
}

fn working_hours(person: &Person, rules: &TimeZone) -> Value {
    let (Some(start), Some(end)) = (&person.work_start, &person.work_end) else { return Value::Null };
    let time = |text: &str| clock_time(text).map(|time| time.strftime("%H:%M:%S.0000000").to_string());
    let zone = match person.zone_form.as_deref() {
        Some("custom") => custom_zone(rules),
        _ => json!({"name": zone_as_told(person)}),
    };
    json!({"daysOfWeek": person.work_days, "startTime": time(start), "endTime": time(end), "timeZone": zone})
}

/// A zone given by its rules instead of a name, those of the United States. \[customtimezone\]
fn custom_zone(rules: &TimeZone) -> Value {
    let winter = jiff::civil::date(2026, 1, 15).at(12, 0, 0, 0);
    let east = rules.to_ambiguous_timestamp(winter).offset();
    let seconds = match east {
        jiff::tz::AmbiguousOffset::Unambiguous { offset } => offset.seconds(),
        _ => 0,
    };
    json!({
        "@odata.type": "#microsoft.graph.customTimeZone", "name": "Customized Time Zone", "bias": -seconds / 60,
        "standardOffset": {
            "time": "02:00:00.0000000", "dayOccurrence": 1, "dayOfWeek": "sunday", "month": 11, "year": 0,
        },
        "daylightOffset": {
            "daylightBias": -60, "time": "02:00:00.0000000", "dayOccurrence": 2, "dayOfWeek": "sunday", "month": 3,
            "year": 0,
        },
    })
}

/// Answers what is ours.
pub fn handle(world: &mut World, request: &Request) -> Option<Answer> {
    let target = world.resolve(request)?.ok()?;
    let words: Vec<String> = target.rest.iter().map(|word| word.to_ascii_lowercase()).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let person = target.person;
    let reading = &["MailboxSettings.Read", "MailboxSettings.ReadWrite"];
    let answer = match (request.method.as_str(), words.as_slice()) {
        ("GET", ["mailboxsettings"]) => {
            world.open_mailbox(request, &target, reading, &[]).and_then(|()| whole(world, request, person))
        }
        ("GET", ["mailboxsettings", part]) => {
            world.open_mailbox(request, &target, reading, &[]).and_then(|()| one(world, request, person, part))
        }
        ("PATCH", ["mailboxsettings"]) => world
            .open_mailbox(request, &target, &["MailboxSettings.ReadWrite"], &[])
            .and_then(|()| patch(world, request, person)),
        ("GET", ["outlook", zones]) if zones.starts_with("supportedtimezones") => {
            request.caller.need(&["User.Read"]).map(|()| supported(request, zones))
        }
        (method, ["outlook", "mastercategories", rest @ ..]) => {
            let scopes = if method == "GET" { &reading[..] } else { &["MailboxSettings.ReadWrite"] };
            let id = rest.first().and_then(|_| target.rest.get(2)).cloned();
            world
                .open_mailbox(request, &target, scopes, &[])
                .and_then(|()| categories::answer(world, request, person, id.as_deref()))
        }
        _ => return None,
    };
    Some(answer.unwrap_or_else(|refusal| refusal))
}

fn whole(world: &World, request: &Request, person: usize) -> Result<Answer, Answer> {
    let style = Style::of(request, world.options.quirks)?;
    let mut value = settings_json(world.settings.of(person), &style);
    value["@odata.context"] = json!(context(request, person, world, ""));
    Ok(style.stamp(Answer::ok(odata::select(request, value))))
}

fn context(request: &Request, person: usize, world: &World, part: &str) -> String {
    format!("{}/v1.0/$metadata#users('{}')/mailboxSettings{part}", request.base, world.person(person).id)
}

/// A part alone: an object's members beside the context, anything else as `value`.
fn one(world: &World, request: &Request, person: usize, part: &str) -> Result<Answer, Answer> {
    let style = Style::of(request, world.options.quirks)?;
    let all = settings_json(world.settings.of(person), &style);
    let found = all.as_object().and_then(|members| members.iter().find(|(name, _)| name.eq_ignore_ascii_case(part)));
    let Some((name, value)) = found else {
        let message = format!("Resource not found for the segment '{part}'.");
        return Err(Answer::error(400, "BadRequest", &message));
    };
    let context = context(request, person, world, &format!("/{name}"));
    let mut body = Map::new();
    body.insert("@odata.context".to_owned(), json!(context));
    match value {
        Value::Object(members) => body.extend(members.clone()),
        Value::Null => return Ok(Answer::empty(204)),
        other => {
            body.insert("value".to_owned(), other.clone());
        }
    }
    Ok(style.stamp(Answer::ok(Value::Object(body))))
}

fn settings_json(settings: &Settings, style: &Style) -> Value {
    json!({
        "archiveFolder": null, "timeZone": settings.time_zone,
        "delegateMeetingMessageDeliveryOptions": settings.delegates, "dateFormat": settings.date_format,
        "timeFormat": settings.time_format, "userPurpose": settings.purpose,
        "automaticRepliesSetting": replies_json(settings, style), "language": settings.language(),
        "workingHours": settings.working_hours,
    })
}

fn replies_json(settings: &Settings, style: &Style) -> Value {
    json!({
        "status": style.word(&settings.status), "externalAudience": style.word(&settings.audience),
        "internalReplyMessage": settings.internal, "externalReplyMessage": settings.external,
        "scheduledStartDateTime": style.time(settings.period.0), "scheduledEndDateTime": style.time(settings.period.1),
    })
}

/// Changes what is named; nothing at all if any of it is wrong.
fn patch(world: &mut World, request: &Request, person: usize) -> Result<Answer, Answer> {
    let style = Style::of(request, world.options.quirks)?;
    let Value::Object(wanted) = &request.body else { return Err(unreadable("the body is not an object")) };
    let mut settings = world.settings.of(person).clone();
    for (name, value) in wanted.iter().filter(|(name, _)| !name.starts_with('@')) {
        match name.to_ascii_lowercase().as_str() {
            "automaticrepliessetting" => patch_replies(&mut settings, value)?,
            "timezone" => settings.time_zone = known_zone(value)?,
            "workinghours" => settings.working_hours = checked_hours(&settings.working_hours, value)?,
            "dateformat" => settings.date_format = text(value)?,
            "timeformat" => settings.time_format = text(value)?,
            "language" => settings.locale = text(&value["locale"])?,
            "delegatemeetingmessagedeliveryoptions" => settings.delegates = text(value)?,
            _ => return Err(Answer::error(400, "InvalidArguments", &format!("'{name}' cannot be changed."))),
        }
    }
    *world.settings.of_mut(person) = settings;
    let all = settings_json(world.settings.of(person), &style);
    let mut body = Map::new();
    body.insert("@odata.context".to_owned(), json!(context(request, person, world, "")));
    let changed = |name: &str| wanted.keys().any(|key| key.eq_ignore_ascii_case(name));
    if let Value::Object(members) = all {
        body.extend(members.into_iter().filter(|(name, _)| changed(name)));
    }
    Ok(style.stamp(Answer::ok(Value::Object(body))))
}

fn patch_replies(settings: &mut Settings, value: &Value) -> Result<(), Answer> {
    let Value::Object(members) = value else { return Err(unreadable("automaticRepliesSetting is not an object")) };
    for (name, value) in members.iter().filter(|(name, _)| !name.starts_with('@')) {
        match name.to_ascii_lowercase().as_str() {
            "status" => settings.status = word_of(value, &["disabled", "alwaysEnabled", "scheduled"])?,
            "externalaudience" => settings.audience = word_of(value, &["none", "contactsOnly", "all"])?,
            "internalreplymessage" => settings.internal = text(value)?,
            "externalreplymessage" => settings.external = text(value)?,
            "scheduledstartdatetime" => settings.period.0 = time_of(value)?,
            "scheduledenddatetime" => settings.period.1 = time_of(value)?,
            _ => return Err(unreadable(&format!("the property '{name}' does not exist"))),
        }
    }
    if settings.status == "scheduled" && settings.period.0 >= settings.period.1 {
        return Err(Answer::error(400, "ErrorInvalidTimeSettings", "The end of the period must be after its start."));
    }
    Ok(())
}

fn word_of(value: &Value, allowed: &[&str]) -> Result<String, Answer> {
    let word = text(value)?;
    let found = allowed.iter().find(|one| one.eq_ignore_ascii_case(&word));
    found.map(|one| (*one).to_owned()).ok_or_else(|| unreadable(&format!("'{word}' is not a value of this type")))
}

fn text(value: &Value) -> Result<String, Answer> {
    value.as_str().map(str::to_owned).ok_or_else(|| unreadable("a string was expected"))
}

fn unreadable(why: &str) -> Answer {
    Answer::error(400, "RequestBodyRead", &format!("The request body cannot be read: {why}."))
}

fn known_zone(value: &Value) -> Result<String, Answer> {
    let name = text(value)?;
    match Zone::named(&name) {
        Some(_) => Ok(name),
        None => Err(Answer::error(400, "InvalidTimeZone", &format!("The time zone '{name}' is not known."))),
    }
}

/// Working hours as stored with the members of `value` in their place.
fn checked_hours(stored: &Value, value: &Value) -> Result<Value, Answer> {
    let Value::Object(members) = value else { return Err(unreadable("workingHours is not an object")) };
    let bad = |what: &str| Answer::error(400, "InvalidArguments", &format!("'{what}' is not valid."));
    let mut hours = if stored.is_object() { stored.clone() } else { json!({}) };
    for (name, value) in members.iter().filter(|(name, _)| !name.starts_with('@')) {
        match name.as_str() {
            "daysOfWeek" => {
                let days = value.as_array().ok_or_else(|| bad(name))?;
                if days.iter().any(|day| day.as_str().and_then(weekday).is_none()) {
                    return Err(bad(name));
                }
                hours[name] = value.clone();
            }
            "startTime" | "endTime" => {
                let time: Time = text(value)?.parse().map_err(|_| bad(name))?;
                hours[name] = json!(time.strftime("%H:%M:%S.0000000").to_string());
            }
            "timeZone" => {
                if value["@odata.type"].is_null() {
                    known_zone(&value["name"])?;
                }
                hours[name] = value.clone();
            }
            _ => return Err(bad(name)),
        }
    }
    Ok(hours)
}

/// The moment of a `dateTimeTimeZone` of a body.
///
/// # Errors
/// 400 for an unknown zone or a time that is none.
pub(super) fn time_of(value: &Value) -> Result<Timestamp, Answer> {
    let zone = match value["timeZone"].as_str() {
        Some(name) => zone_named(name)?,
        None => Zone::utc(),
    };
    let text = value["dateTime"].as_str().ok_or_else(|| unreadable("dateTime is missing"))?;
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let wall: DateTime = text.parse().map_err(|_| unreadable(&format!("'{text}' is not a time")))?;
    zone.rules.to_ambiguous_timestamp(wall).compatible().map_err(|_| unreadable(&format!("'{text}' is out of range")))
}

/// The zones one can set; Windows names, or those of IANA when they are asked for. [outlookuser-supportedtimezones]
fn supported(request: &Request, call: &str) -> Answer {
    let context = format!("{}/v1.0/$metadata#Collection(microsoft.graph.timeZoneInformation)", request.base);
    let asked = request.option("timezonestandard").unwrap_or(call).to_ascii_lowercase();
    let value: Vec<Value> = if asked.contains("iana") {
        iana_names().iter().map(|name| json!({"alias": name, "displayName": name})).collect()
    } else {
        windows_names()
            .iter()
            .map(|(windows, iana)| json!({"alias": windows, "displayName": shown(windows, iana)}))
            .collect()
    };
    Answer::ok(json!({"@odata.context": context, "value": value}))
}

fn shown(windows: &str, iana: &str) -> String {
    let city = iana.rsplit('/').next().unwrap_or(iana).replace('_', " ");
    format!("{city} ({windows})")
}

/// A `dateTimeTimeZone` in UTC, as mail tips give it whatever was preferred.
pub(super) fn utc_time(at: Timestamp) -> Value {
    wall_time(at.to_zoned(TimeZone::UTC).datetime(), "UTC")
}

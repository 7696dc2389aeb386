//! Mail tips: a colleague's automatic reply without opening the mailbox. [user-getmailtips]
//!
//! Nobody away is an empty message, not an absent one; people outside are only said to be outside.

use crate::sim::graph::settings::utc_time;
use crate::sim::request::{Answer, Request};
use crate::sim::world::World;
use jiff::Timestamp;
use serde_json::{Value, json};

/// Answers what is ours.
pub fn handle(world: &mut World, request: &Request) -> Option<Answer> {
    let target = world.resolve(request)?.ok()?;
    match target.rest {
        [call] if call.eq_ignore_ascii_case("getMailTips") && request.method == "POST" => {}
        _ => return None,
    }
    Some(answer(world, request).unwrap_or_else(|refusal| refusal))
}

fn answer(world: &World, request: &Request) -> Result<Answer, Answer> {
    request.caller.need(&["Mail.Read", "Mail.ReadWrite", "MailTips.ReadBasic.Shared", "MailTips.ReadBasic.All"])?;
    let addresses = member(&request.body, "EmailAddresses").as_array().cloned().unwrap_or_default();
    let options = member(&request.body, "MailTipsOptions").as_str().unwrap_or_default().to_ascii_lowercase();
    if addresses.is_empty() || options.is_empty() {
        let message = "The request is missing EmailAddresses or MailTipsOptions.";
        return Err(Answer::error(400, "ErrorInvalidParameter", message));
    }
    let value: Vec<Value> =
        addresses.iter().map(|address| tips(world, address.as_str().unwrap_or(""), &options)).collect();
    Ok(Answer::ok(json!({
        "@odata.context": format!("{}/v1.0/$metadata#Collection(microsoft.graph.mailTips)", request.base), "value": value,
    })))
}

/// A parameter, PascalCase in the metadata and camelCase in the documentation. \[csdl\]
fn member<'a>(body: &'a Value, name: &str) -> &'a Value {
    super::filter::at(body, name)
}

fn tips(world: &World, address: &str, options: &str) -> Value {
    let has = |option: &str| options.split(',').any(|one| one.trim() == option);
    let mut tips = json!({"emailAddress": {"name": "", "address": address}});
    let found = world.company.people.iter().position(|person| {
        !person.is_outsider()
            && (person.mail.as_deref().is_some_and(|mail| mail.eq_ignore_ascii_case(address))
                || person.user_principal_name.eq_ignore_ascii_case(address))
    });
    let domain = address.rsplit_once('@').map(|(_, domain)| domain);
    let inside = domain.is_some_and(|domain| world.company.domains.iter().any(|own| own.eq_ignore_ascii_case(domain)));
    let person = match found.filter(|index| world.person(*index).has_mailbox) {
        Some(person) => person,
        None if inside || domain.is_none() => {
            tips["error"] = json!({
                "message": "The recipient could not be resolved.", "code": "ErrorMailRecipientNotFound",
            });
            return tips;
        }
        None => {
            if has("recipientscope") {
                tips["recipientScope"] = json!("external");
            }
            return tips;
        }
    };
    if has("automaticreplies") {
        tips["automaticReplies"] = replies(world, person);
    }
    if has("mailboxfullstatus") {
        tips["mailboxFull"] = json!(false);
    }
    if has("recipientscope") {
        tips["recipientScope"] = json!("internal");
    }
    if has("maxmessagesize") {
        tips["maxMessageSize"] = json!(37_748_736);
    }
    if has("custommailtip") && world.person(person).kind == "shared" {
        tips["customMailTip"] = json!("<html><body>This mailbox is read by several people.</body></html>");
    }
    tips
}

fn replies(world: &World, person: usize) -> Value {
    let settings = world.settings.of(person);
    let now = Timestamp::try_from(world.now()).unwrap_or(Timestamp::UNIX_EPOCH);
    if !settings.replying(now) {
        return json!({"message": ""});
    }
    let mut replies = json!({"message": settings.internal, "messageLanguage": settings.language()});
    if settings.status == "scheduled" {
        replies["scheduledStartTime"] = utc_time(settings.period.0);
        replies["scheduledEndTime"] = utc_time(settings.period.1);
    }
    replies
}

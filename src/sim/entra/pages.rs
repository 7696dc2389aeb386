//! The pages a person sees: plain HTML forms without script, so that any browser (a text one too) can sign in.

use crate::sim::company::Person;

/// A hidden field of a form.
pub(crate) type Field<'a> = (&'a str, &'a str);

/// A page of the authority.
pub(crate) fn page(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title}</title>\n<style>\n\
         body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 34em; margin: 3em auto; padding: 0 1em }}\n\
         form {{ margin: .3em 0 }}\n\
         button {{ font: inherit; padding: .4em .8em; margin: .15em; text-align: left }}\n\
         .note {{ color: #666 }}\n</style>\n</head>\n<body>\n<p class=\"note\">Simulated tenant of deskbell. \
         Nobody's password is asked for here.</p>\n<h1>{title}</h1>\n{body}\n</body>\n</html>\n",
        title = escape(title)
    )
}

/// A page that says what is wrong, with its number. Nothing is sent to the client.
pub(crate) fn error(message: &str) -> String {
    page("Signing in did not work", &format!("<p>{}</p>", escape(message)))
}

/// Everybody who can sign in, a button each.
pub(crate) fn picker(action: &str, fields: &[Field<'_>], people: &[Person]) -> String {
    let buttons: String = people
        .iter()
        .map(|person| {
            format!(
                "<button name=\"person\" value=\"{}\">{} <span class=\"note\">{}</span></button><br>\n",
                escape(&person.id),
                escape(&person.display_name),
                escape(&person.user_principal_name)
            )
        })
        .collect();
    let refuse = "<button name=\"decision\" value=\"refuse\">Cancel</button>\n";
    page("Pick an account", &form(action, fields, &format!("{buttons}{refuse}")))
}

/// What is asked for, with a button to approve and one to refuse.
pub(crate) fn consent(action: &str, fields: &[Field<'_>], person: &Person, scopes: &[String]) -> String {
    let list: String = scopes.iter().map(|scope| format!("<li>{}</li>\n", escape(scope))).collect();
    let buttons = "<button name=\"decision\" value=\"approve\">Accept</button>\n\
                   <button name=\"decision\" value=\"refuse\">Cancel</button>\n";
    let mut fields = fields.to_vec();
    fields.push(("person", &person.id));
    let body = format!(
        "<p>{} ({})</p>\n<p>deskbell asks for:</p>\n<ul>\n{list}</ul>\n{}",
        escape(&person.display_name),
        escape(&person.user_principal_name),
        form(action, &fields, buttons)
    );
    page("Permissions requested", &body)
}

/// Where an administrator is needed: nothing to accept, only the way back, and perhaps a form to ask for approval.
pub(crate) fn need_admin(action: &str, fields: &[Field<'_>], person: &Person, scopes: &[String], why: &str) -> String {
    let list: String = scopes.iter().map(|scope| format!("<li>{}</li>\n", escape(scope))).collect();
    let asks = why.contains("AADSTS90095");
    let ask = "<p><label>Why do you need it? <input name=\"reason\" autocomplete=\"off\"></label></p>\n\
               <button name=\"decision\" value=\"request\">Request approval</button>\n";
    let back = "<button name=\"decision\" value=\"back\">Back to the application without consent</button>\n";
    let mut fields = fields.to_vec();
    fields.push(("person", &person.id));
    let body = format!(
        "<p>{} ({})</p>\n<p>deskbell needs permission to access resources in your organisation that only an administrator can \
         grant:</p>\n<ul>\n{list}</ul>\n<p class=\"note\">{}</p>\n{}",
        escape(&person.display_name),
        escape(&person.user_principal_name),
        escape(why),
        form(action, &fields, &format!("{}{back}", if asks { ask } else { "" }))
    );
    page(if asks { "Approval required" } else { "Need admin approval" }, &body)
}

/// Goes on as somebody who consented to everything before.
pub(crate) fn go_on(action: &str, fields: &[Field<'_>], person: &Person) -> String {
    let buttons = "<button name=\"decision\" value=\"approve\">Continue</button>\n\
                   <button name=\"decision\" value=\"refuse\">Cancel</button>\n";
    let mut fields = fields.to_vec();
    fields.push(("person", &person.id));
    let who = format!("<p>{} ({})</p>\n", escape(&person.display_name), escape(&person.user_principal_name));
    page("Sign in to deskbell", &format!("{who}{}", form(action, &fields, buttons)))
}

/// Where a device code is typed.
pub(crate) fn code(action: &str, typed: &str, complaint: &str) -> String {
    let input = format!(
        "<label>Code <input name=\"otc\" value=\"{}\" autocomplete=\"off\" autofocus></label>\n<button>Next</button>\n",
        escape(typed)
    );
    let complaint =
        if complaint.is_empty() { String::new() } else { format!("<p><strong>{}</strong></p>\n", escape(complaint)) };
    page("Enter code to allow access", &format!("{complaint}{}", form(action, &[], &input)))
}

/// An answer that is posted to the client (`response_mode=form_post`). The button stands for the script of the real page.
pub(crate) fn posted(action: &str, fields: &[Field<'_>]) -> String {
    page("Almost there", &form(action, fields, "<button>Continue</button>\n"))
}

/// A form that posts `fields` besides its `content`, which is HTML.
fn form(action: &str, fields: &[Field<'_>], content: &str) -> String {
    let hidden: String = fields
        .iter()
        .map(|(name, value)| format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">\n", escape(name), escape(value)))
        .collect();
    format!("<form method=\"post\" action=\"{}\">\n{hidden}{content}</form>", escape(action))
}

/// `text` as HTML text or attribute value.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

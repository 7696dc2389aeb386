//! The registration as a script for the Azure CLI, and as requests to Graph.
//!
//! Must stay true: the script is plain POSIX shell, every word of the person's is quoted, ids of permissions are looked up by name in
//! the tenant (the published ones are only compared), and it may be run again without making a second registration by accident.

use super::plan::{Plan, Proof, hanging};
use crate::domain::permission::GRAPH_APPLICATION;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The script.
pub(crate) fn azure(plan: &Plan, profile: Option<&str>) -> String {
    let (list, kind) = if plan.is_service() { ("appRoles", "Role") } else { ("oauth2PermissionScopes", "Scope") };
    let mut script = String::from("#!/bin/sh\n");
    let _ = writeln!(script, "# Makes the app registration {} with the Azure CLI.", comment(&plan.name));
    let _ = writeln!(script, "# Sign in first: {}", comment(&sign_in(plan)));
    let _ = write!(
        script,
        "set -eu\n\n\
         name={name}\n\
         graph={GRAPH_APPLICATION}\n\n\
         others=$(az ad app list --display-name \"$name\" --query '[].appId' --output tsv)\n\
         if [ -n \"$others\" ] && [ \"${{AGAIN:-no}}\" != yes ]; then\n\
         \x20 echo \"There is a registration of this or a longer name already: $others\" >&2\n\
         \x20 echo 'Use it, or run this with AGAIN=yes to make another.' >&2\n\
         \x20 exit 1\n\
         fi\n\n\
         # What this tenant's Microsoft Graph calls its permissions: name, tab, id.\n\
         known=$(az ad sp show --id \"$graph\" --query '{list}[].[value,id]' --output tsv)\n\
         access=''\n\n\
         # add NAME PUBLISHED-ID needed|optional\n\
         add() {{\n\
         \x20 id=$(printf '%s\\n' \"$known\" | awk -v name=\"$1\" '$1 == name {{ print $2; exit }}')\n\
         \x20 if [ -z \"$id\" ]; then\n\
         \x20   echo \"This tenant does not know the permission $1.\" >&2\n\
         \x20   if [ \"$3\" = optional ]; then return 0; fi\n\
         \x20   exit 1\n\
         \x20 fi\n\
         \x20 if [ \"$2\" != - ] && [ \"$id\" != \"$2\" ]; then\n\
         \x20   echo \"Note: $1 has another id here than the published one; this tenant's is taken.\" >&2\n\
         \x20 fi\n\
         \x20 access=\"$access${{access:+,}}{{\\\"id\\\":\\\"$id\\\",\\\"type\\\":\\\"{kind}\\\"}}\"\n\
         }}\n\n",
        name = quoted(&plan.name),
    );
    for permission in plan.permissions() {
        let need = if permission.may_be_unknown() { "optional" } else { "needed" };
        let _ = writeln!(script, "add {} {} {need}", permission.name, permission.id.unwrap_or("-"));
    }
    let _ = write!(
        script,
        "\nset -- --display-name \"$name\" --sign-in-audience {} --query appId --output tsv\n\
         set -- \"$@\" --required-resource-accesses \"[{{\\\"resourceAppId\\\":\\\"$graph\\\",\\\"resourceAccess\\\":[$access]}}]\"\n",
        plan.audience()
    );
    let redirect = quoted(&plan.redirect_uri);
    if plan.is_service() {
        // Nobody signs in there, but the page on which an administrator grants it has to end somewhere.
        let _ = writeln!(script, "set -- \"$@\" --web-redirect-uris {redirect}");
    } else {
        let _ = writeln!(script, "set -- \"$@\" --is-fallback-public-client true");
        let _ = writeln!(script, "set -- \"$@\" --public-client-redirect-uris {redirect}");
    }
    if plan.takes_personal_accounts() {
        script.push_str("set -- \"$@\" --requested-access-token-version 2\n");
    }
    script.push_str("app=$(az ad app create \"$@\")\naz ad sp create --id \"$app\" --output none\n");
    if plan.is_service() {
        script.push_str(&credential(plan.proof));
    }
    script.push_str(
        "\n# A second owner (see the advice of deskbell setup):\n\
         #   az ad app owner add --id \"$app\" --owner-object-id \"$(az ad user show --id colleague@your.domain --query id --output tsv)\"\n",
    );
    if plan.is_service() {
        script.push_str("# An administrator grants it; to limit it to some mailboxes see: deskbell setup --print request --as service\n");
    } else {
        script.push_str("# An administrator may grant it for everybody:\n");
    }
    script.push_str(
        "#   az ad app permission admin-consent --id \"$app\"\n\n\
         tenant=$(az account show --query tenantId --output tsv)\n",
    );
    let again = Plan { tenant: "$tenant".to_owned(), ..plan.clone() }.command(profile).replace("'$tenant'", "$tenant");
    let _ = writeln!(script, "cat <<END\nMade. Now:\n  {} \\\\\n    --client-id $app\nEND", shell_text(&again));
    script
}

fn sign_in(plan: &Plan) -> String {
    let cloud = match plan.cloud.as_str() {
        "usgov" | "dod" => "az cloud set --name AzureUSGovernment && ",
        "china" => "az cloud set --name AzureChinaCloud && ",
        _ => "",
    };
    let tenant = match plan.tenant.as_str() {
        "organizations" | "common" | "consumers" | "" => String::new(),
        tenant => format!(" --tenant {}", quoted(tenant)),
    };
    format!("{cloud}az login --allow-no-subscriptions{tenant}")
}

fn credential(proof: Proof) -> String {
    match proof {
        Proof::Certificate => "\n# A key and a certificate, if there are none here yet. The key stays on this computer.\n\
             umask 077\n\
             if [ ! -e deskbell.pem ]; then\n\
             \x20 openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj /CN=deskbell -keyout deskbell.key -out deskbell.pem\n\
             fi\n\
             az ad app credential reset --id \"$app\" --append --cert @deskbell.pem --output none\n\
             echo \"The certificate is $PWD/deskbell.pem, its key $PWD/deskbell.key.\"\n"
            .to_owned(),
        Proof::Secret => "\n# The secret goes into a file that only you can read; a password manager is a better place.\n\
             umask 077\n\
             az ad app credential reset --id \"$app\" --append --display-name deskbell --years 1 --query password --output tsv \\\n\
             \x20 > deskbell.secret\n\
             echo \"The secret is in $PWD/deskbell.secret. In the profile: secret_command = [\\\"cat\\\", \\\"$PWD/deskbell.secret\\\"]\"\n"
            .to_owned(),
    }
}

/// The same as requests, in their order. `graph`: the address of Graph, without a slash at its end.
pub(crate) fn requests(plan: &Plan, graph: &str) -> Value {
    let known = plan.permissions().into_iter().filter(|permission| permission.id.is_some());
    let access: Vec<Value> =
        known.map(|permission| json!({"id": permission.id, "type": permission.kind.resource_access()})).collect();
    let open: Vec<&str> = plan
        .permissions()
        .into_iter()
        .filter(|permission| permission.id.is_none())
        .map(|permission| permission.name)
        .collect();
    let list = if plan.is_service() { "appRoles" } else { "oauth2PermissionScopes" };
    let mut application = json!({
        "displayName": plan.name,
        "signInAudience": plan.audience(),
        "requiredResourceAccess": [{"resourceAppId": GRAPH_APPLICATION, "resourceAccess": access}],
    });
    if plan.is_service() {
        application["web"] = json!({"redirectUris": [plan.redirect_uri]});
    } else {
        application["isFallbackPublicClient"] = json!(true);
        application["publicClient"] = json!({"redirectUris": [plan.redirect_uri]});
    }
    if plan.takes_personal_accounts() {
        application["api"] = json!({"requestedAccessTokenVersion": 2});
    }
    json!([
        {
            "step": "Look up the ids of the permissions by name; those in the next request are the published ones.",
            "method": "GET",
            "url": format!("{graph}/v1.0/servicePrincipals(appId='{GRAPH_APPLICATION}')?$select=id,{list}"),
            "lookUp": open,
        },
        {
            "step": "Make the registration; the answer's appId is the client id.",
            "method": "POST",
            "url": format!("{graph}/v1.0/applications"),
            "body": application,
        },
        {
            "step": "Make its enterprise application in this tenant, with the appId of the answer before.",
            "method": "POST",
            "url": format!("{graph}/v1.0/servicePrincipals"),
            "body": {"appId": "{appId}"},
        },
    ])
}

/// The same for people: each with its sentence, its method and address, and its body in one line to copy.
pub(crate) fn told(requests: &Value, columns: usize) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut told = String::new();
    for (at, request) in requests.as_array().into_iter().flatten().enumerate() {
        told.push_str(&hanging(&format!("{:>2}. ", at + 1), &text(&request["step"]), columns));
        let _ = writeln!(told, "    {} {}", text(&request["method"]), text(&request["url"]));
        if request["body"].is_object() {
            let _ = writeln!(told, "    {}", request["body"]);
        }
    }
    told
}

/// A line of a here-document that stays as it is but for `$tenant` and `$app`.
fn shell_text(text: &str) -> String {
    let kept = text.replace("$tenant", "\u{1}");
    let escaped = kept.replace('\\', "\\\\").replace('$', "\\$").replace('`', "\\`");
    escaped.replace('\u{1}', "$tenant")
}

/// A word for the shell.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// Text behind `#`: what would end the line is left out.
fn comment(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
}

//! Another program of somebody in the tenant, e.g. the mail on their phone: it speaks to Graph and knows nothing of ours.

use crate::support::stage::Stage;
use serde_json::{Value, json};

/// Somebody's other client.
pub struct SecondClient {
    base: String,
    token: String,
    http: reqwest::Client,
}

impl SecondClient {
    /// The client of `person` (an alias) beside a running stage.
    pub fn of(stage: &Stage, person: &str) -> Self {
        let token = stage.tenant.script().token(person, "").expect("the person works here");
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
        Self { base: format!("{}/v1.0", stage.tenant.graph()), token, http }
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Value {
        let request = self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.token);
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.expect("JSON")
    }

    /// Makes something.
    pub async fn post(&self, path: &str, body: Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.base)).bearer_auth(&self.token);
        let answer = request.json(&body).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap_or(Value::Null)
    }

    /// Changes something.
    pub async fn patch(&self, path: &str, body: Value) {
        let request = self.http.patch(format!("{}{path}", self.base)).bearer_auth(&self.token);
        let answer = request.json(&body).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    /// The newest message of the inbox.
    pub async fn newest(&self) -> Value {
        let path = "/me/mailFolders/inbox/messages?$top=1&$select=id,subject,isRead";
        self.get(path).await["value"][0].clone()
    }

    /// How many messages the service has in a folder.
    pub async fn count(&self, folder: &str) -> u64 {
        let found = self.get(&format!("/me/mailFolders/{folder}")).await;
        found["totalItemCount"].as_u64().expect("a count")
    }

    /// Marks a message read or unread.
    pub async fn mark(&self, id: &str, is_read: bool) {
        let request = self.http.patch(format!("{}/me/messages/{id}", self.base)).bearer_auth(&self.token);
        let answer = request.json(&json!({"isRead": is_read})).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// Sends a mail to Lena.
    pub async fn send(&self, subject: &str, html: &str) {
        let message = json!({"message": {
            "subject": subject,
            "body": {"contentType": "html", "content": html},
            "toRecipients": [{"emailAddress": {"name": "Lena Ortiz", "address": "lena@contoso.com"}}],
        }});
        let request = self.http.post(format!("{}/me/sendMail", self.base)).bearer_auth(&self.token);
        let answer = request.json(&message).send().await.expect("an answer");
        assert!(answer.status().is_success(), "{}", answer.status());
    }
}

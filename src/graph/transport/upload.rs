//! Pieces of a large file, to where the service wants them.
//!
//! That is another host, and the address carries its own leave: our token does not go along, it would be refused there
//! [outlook-large-attachments]. Must stay true: https only (or this computer, if Graph itself is there); the address is
//! neither logged nor remembered. Deliberately absent: repeats. Whoever uploads begins anew.

use super::{Exchange, Graph, LARGEST_ANSWER, Trace, failed, read, refusal, timestamp, unreachable};
use crate::base::secret::Secret;
use crate::domain::calls::{CallEnd, CallRecord, Service};
use crate::graph::call::AddressError;
use crate::graph::error::GraphError;
use crate::graph::mail_write::Upload;
use crate::net::calls::place;
use crate::net::cloud::is_loopback;
use reqwest::Method;
use serde_json::Value;
use std::time::{Duration, SystemTime};
use url::Url;

/// What the service says about a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uploaded {
    /// The file is whole and hangs on the draft.
    Whole,
    /// The next piece begins here.
    Next(u64),
}

impl Graph {
    /// Sends `bytes`, which begin at `from` of a file of `size` bytes.
    ///
    /// # Errors
    /// [`GraphError`]; nothing is repeated.
    pub async fn upload_piece(
        &self,
        upload: &Upload,
        from: u64,
        bytes: Vec<u8>,
        size: u64,
    ) -> Result<Uploaded, GraphError> {
        let end = from + bytes.len() as u64;
        let range = format!("bytes {from}-{}/{size}", end.saturating_sub(1));
        let answer = self.upload(Method::PUT, &upload.url, Some((range, bytes))).await?;
        if answer.status == 201 || end >= size {
            return Ok(Uploaded::Whole);
        }
        Ok(Uploaded::Next(next_range(&answer.body).unwrap_or(end)))
    }

    /// Gives an upload up. One that is forgotten already is no error.
    ///
    /// # Errors
    /// [`GraphError`]; nothing is repeated.
    pub async fn cancel_upload(&self, upload: &Upload) -> Result<(), GraphError> {
        match self.upload(Method::DELETE, &upload.url, None).await {
            Err(error) if !error.is_not_found() => Err(error),
            _ => Ok(()),
        }
    }

    async fn upload(
        &self,
        method: Method,
        url: &Secret<String>,
        piece: Option<(String, Vec<u8>)>,
    ) -> Result<super::Answer, GraphError> {
        let parts = &self.inner.parts;
        let url = Url::parse(url.expose()).map_err(|_| AddressError::Malformed)?;
        let is_allowed =
            url.scheme() == "https" || (url.scheme() == "http" && is_loopback(&url) && is_loopback(&self.inner.base));
        if !is_allowed || !url.username().is_empty() || url.password().is_some() {
            let host = url.host_str().unwrap_or("no host").chars().take(253).collect();
            return Err(AddressError::Foreign(host).into());
        }
        let client = parts.clients.graph().map_err(GraphError::NoClient)?;
        let mut request = client.request(method.clone(), url.clone());
        if let Some((range, bytes)) = piece {
            request = request
                .header("Content-Type", "application/octet-stream")
                .header("Content-Range", range)
                .header("Content-Length", bytes.len().to_string())
                .body(bytes);
        }
        let sent = self.clock_now();
        let exchange = match request.send().await {
            Ok(response) => read(&parts.clients, response, &url, Trace::default(), true).await,
            Err(error) => failed(&parts.clients, error, &url, Trace::default()),
        };
        self.note_upload(&method, &url, sent, &exchange);
        match exchange {
            Exchange::TooLarge(trace) => Err(GraphError::TooLarge { limit: LARGEST_ANSWER, trace }),
            Exchange::NoClient(error) => Err(GraphError::NoClient(error)),
            Exchange::Failed { failure, was_sent, trace } => Err(unreachable(failure, was_sent, trace)),
            Exchange::Answer(answer) if (200..300).contains(&answer.status) => Ok(answer),
            Exchange::Answer(answer) => Err(GraphError::Refused(Box::new(refusal(answer)))),
        }
    }

    /// Remembers the exchange: the host and nothing else of the address, which is as good as a key.
    fn note_upload(&self, method: &Method, url: &Url, sent: SystemTime, exchange: &Exchange) {
        let (end, trace) = match exchange {
            Exchange::Answer(answer) => (CallEnd::Status(answer.status), &answer.trace),
            Exchange::Failed { failure, trace, .. } => (CallEnd::Failed(failure.why()), trace),
            Exchange::TooLarge(trace) => (CallEnd::Failed("the answer is too large".to_owned()), trace),
            Exchange::NoClient(_) => return,
        };
        let parts = &self.inner.parts;
        parts.clients.calls().note(CallRecord {
            parameters: String::new(),
            at: timestamp(sent),
            service: Service::Graph,
            method: if *method == Method::DELETE { "DELETE" } else { "PUT" },
            host: place(url).0,
            path: "/…upload".to_owned(),
            end,
            duration: self.clock_now().duration_since(sent).unwrap_or_default(),
            attempt: 1,
            waited: Duration::ZERO,
            made_as: parts.made_as.clone(),
            request_id: trace.request_id.clone(),
            client_request_id: String::new(),
            date: trace.date.clone(),
            diagnostics: trace.diagnostics(),
        });
    }
}

/// Where the next piece begins: the first number of `NextExpectedRanges`, in whatever case it is written.
fn next_range(body: &[u8]) -> Option<u64> {
    let Value::Object(members) = serde_json::from_slice(body).ok()? else { return None };
    let (_, ranges) = members.iter().find(|(name, _)| name.eq_ignore_ascii_case("nextExpectedRanges"))?;
    ranges.as_array()?.first()?.as_str()?.split('-').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_piece_begins_where_the_service_says_in_whatever_case() {
        assert_eq!(next_range(br#"{"NextExpectedRanges":["3145728"]}"#), Some(3_145_728));
        assert_eq!(next_range(br#"{"nextExpectedRanges":["12-"]}"#), Some(12));
        for body in [&b"{}"[..], b"", b"[]", br#"{"NextExpectedRanges":[]}"#, br#"{"NextExpectedRanges":["x-"]}"#] {
            assert_eq!(next_range(body), None);
        }
    }
}

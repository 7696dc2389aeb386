//! Up to twenty calls in one [json-batching].
//!
//! Answers come in any order and are put back into the order of the calls; each has its own result. Items that were
//! throttled are collected, the longest of their waits is kept, and they go into a new batch \[throttling\]. An item that failed
//! because of another (424) was not processed: it goes along where anything is sent again, and is a refusal otherwise. Deliberately
//! absent: `dependsOn`. Nothing we send depends on another item.

use crate::graph::call::{Call, Repeat};
use crate::graph::error::{GraphError, Trace, refusal_of};
use crate::graph::retry::{self, Decision, Facts, Outcome};
use crate::graph::transport::{Graph, PATIENCE_OF_THE_BACKGROUND, Response};
use crate::graph::wire::{self, Several};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The service takes no more in one batch.
pub const LARGEST: usize = 20;
/// The service works on up to four items of a batch at a time: it takes the room of all the background has.
const WEIGHT: u32 = 3;

/// The result of one call of a batch.
pub type ItemResult = Result<Response, GraphError>;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireAnswers {
    responses: Option<Several<WireAnswer>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct WireAnswer {
    id: Option<Value>,
    status: Option<u16>,
    headers: Option<Map<String, Value>>,
    body: Option<Value>,
}

impl WireAnswer {
    /// Ids are ours and numbers; some servers give them back as such.
    fn index(&self) -> Option<usize> {
        match self.id.as_ref()? {
            Value::String(id) => id.parse().ok(),
            Value::Number(id) => usize::try_from(id.as_u64()?).ok(),
            _ => None,
        }
    }

    fn header(&self, name: &str) -> Option<String> {
        let (_, value) = self.headers.as_ref()?.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        match value {
            Value::String(value) => Some(value.clone()),
            Value::Number(value) => Some(value.to_string()),
            _ => None,
        }
    }

    fn result(self, outer: &Trace) -> ItemResult {
        let request_id = self.header("request-id").map(|id| wire::line(&id));
        let trace = Trace { request_id: request_id.unwrap_or_else(|| outer.request_id.clone()), ..outer.clone() };
        let body = self.body.unwrap_or(Value::Null);
        let status = self.status.unwrap_or(0);
        if (200..300).contains(&status) {
            let body = if body.is_null() { Vec::new() } else { serde_json::to_vec(&body).unwrap_or_default() };
            return Ok(Response { status, content_type: "application/json".to_owned(), body, trace });
        }
        let refusal = Box::new(refusal_of(status, &body, trace));
        Err(if refusal.is_cursor_expired() { GraphError::CursorExpired(refusal) } else { GraphError::Refused(refusal) })
    }
}

/// Reads the answers of a batch, each with the number of its call, in the order they came.
///
/// # Errors
/// Says in words what is there instead.
pub fn parse(bytes: &[u8]) -> Result<Vec<(usize, ItemResult)>, String> {
    let answers = answers(bytes)?.into_iter();
    Ok(answers.filter_map(|answer| Some((answer.index()?, answer.result(&Trace::default())))).collect())
}

fn answers(bytes: &[u8]) -> Result<Vec<WireAnswer>, String> {
    let answers: WireAnswers = wire::object(bytes)?;
    Ok(answers.responses.ok_or_else(|| "it has no list of responses".to_owned())?.0)
}

/// Sends `calls`, any number, in batches; the results come in the order of the calls. All must count against one budget.
///
/// # Errors
/// When the first batch as a whole fails. What one call is refused is the result of that call; where a later batch fails, what is
/// known by then is kept, and its failure is the result of every call that was left.
pub async fn send(graph: &Graph, calls: &[Call]) -> Result<Vec<ItemResult>, GraphError> {
    let admitted: Vec<Result<Call, GraphError>> = calls.iter().map(|call| graph.admit(call.clone())).collect();
    let sendable: Vec<Call> = admitted.iter().filter_map(|call| call.as_ref().ok()).cloned().collect();
    let mut answers = Vec::with_capacity(sendable.len());
    let mut failed: Option<GraphError> = None;
    for chunk in sendable.chunks(LARGEST) {
        if let Some(error) = &failed {
            answers.extend(chunk.iter().map(|_| Err(error.clone())));
            continue;
        }
        match send_one(graph, chunk).await {
            Ok(results) => answers.extend(results),
            Err(error) if answers.is_empty() => return Err(error),
            Err(error) => {
                answers.extend(chunk.iter().map(|_| Err(error.clone())));
                failed = Some(error);
            }
        }
    }
    let mut answers = answers.into_iter();
    // What may not be sent is refused for itself.
    let results =
        admitted.into_iter().map(|call| call.and_then(|_| answers.next().unwrap_or_else(|| Err(unanswered()))));
    Ok(results.collect())
}

async fn send_one(graph: &Graph, calls: &[Call]) -> Result<Vec<ItemResult>, GraphError> {
    let mut results: Vec<Option<ItemResult>> = calls.iter().map(|_| None).collect();
    let mut open: Vec<usize> = (0..calls.len()).collect();
    let mut waited = Duration::ZERO;
    for attempts in 1.. {
        let asked = match graph.send(envelope(calls, &open)?).await {
            Ok(response) => {
                answers(&response.body).map_err(|what| response.unreadable(what)).map(|answers| (response, answers))
            }
            Err(error) => Err(error),
        };
        let (response, answers) = match asked {
            Ok(asked) => asked,
            Err(error) if open.len() == calls.len() => return Err(error),
            // What the others were told stays true.
            Err(error) => {
                return Ok(results.into_iter().map(|result| result.unwrap_or_else(|| Err(error.clone()))).collect());
            }
        };
        let mut longest: Option<Duration> = None;
        let mut failed_with_another = Vec::new();
        for answer in answers {
            let Some(index) = answer.index().filter(|index| open.contains(index)) else { continue };
            let decision = retry::decide(&Facts {
                policy: graph.retry_policy(),
                repeat: calls[index].repeats(),
                outcome: Outcome::Status(answer.status.unwrap_or(0)),
                retry_after: answer
                    .header("retry-after")
                    .and_then(|value| retry::retry_after(&value, graph.clock_now())),
                attempts,
                waited,
                patience: PATIENCE_OF_THE_BACKGROUND,
                random: graph.random(),
            });
            if let Decision::Repeat(wait) = decision {
                longest = longest.max(Some(wait));
            }
            if answer.status == Some(424) {
                failed_with_another.push((index, answer.result(&response.trace)));
                continue;
            }
            let is_again = matches!(decision, Decision::Repeat(_));
            results[index] = if is_again { None } else { Some(answer.result(&response.trace)) };
            if !is_again {
                open.retain(|&other| other != index);
            }
        }
        let Some(wait) = longest else {
            for (index, refused) in failed_with_another {
                results[index] = Some(refused);
            }
            return Ok(finish(results, &response));
        };
        waited += wait;
        // The next batch waits at the gate, and so does everybody else who counts against this budget.
        graph.hold(calls[open[0]].counts_against(), wait);
    }
    Ok(Vec::new())
}

fn unanswered() -> GraphError {
    let what = "a batch left one of its calls without an answer".to_owned();
    GraphError::Unreadable { status: 0, what, trace: Trace::default() }
}

/// An item that was not answered is unreadable, and says so for itself.
fn finish(results: Vec<Option<ItemResult>>, response: &Response) -> Vec<ItemResult> {
    let missing = || Err(response.unreadable("a batch left one of its calls without an answer".to_owned()));
    results.into_iter().map(|result| result.unwrap_or_else(missing)).collect()
}

fn envelope(calls: &[Call], open: &[usize]) -> Result<Call, GraphError> {
    let mut requests = Vec::with_capacity(open.len());
    let mut is_safe = true;
    let mut changes = false;
    for &index in open {
        is_safe &= calls[index].repeats() == Repeat::Safe;
        changes |= calls[index].changes();
        requests.push(item(index, &calls[index])?);
    }
    let first = &calls[open[0]];
    let repeat = if is_safe { Repeat::Safe } else { Repeat::OnlyIfNotProcessed };
    Ok(Call::post(&["$batch"], json!({ "requests": requests }))
        .budget(first.counts_against().clone())
        .priority(first.waits())
        .repeat(repeat)
        .changing(changes)
        .requests(u32::try_from(open.len()).unwrap_or(u32::MAX))
        .weight(WEIGHT))
}

fn item(index: usize, call: &Call) -> Result<Value, GraphError> {
    let mut headers = Map::new();
    headers.insert("Prefer".to_owned(), Value::String(call.prefer_line()));
    for (name, value) in call.extra_headers() {
        headers.insert(name.clone().into_owned(), Value::String(value.clone()));
    }
    let mut item = Map::new();
    if let Some(body) = call.body() {
        headers.insert("Content-Type".to_owned(), Value::String("application/json".to_owned()));
        item.insert("body".to_owned(), body.clone());
    }
    item.insert("id".to_owned(), Value::String(index.to_string()));
    item.insert("method".to_owned(), Value::String(call.method().as_str().to_owned()));
    item.insert("url".to_owned(), Value::String(call.relative()?));
    item.insert("headers".to_owned(), Value::Object(headers));
    Ok(Value::Object(item))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_carries_its_address_and_its_headers() {
        let call = Call::get(&["me", "mailFolders", "a/b"]).select("id").prefer("odata.maxpagesize=5");
        let item = item(3, &call).expect("an item");
        assert_eq!(item["id"], "3");
        assert_eq!(item["url"], "/me/mailFolders/a%2Fb?$select=id");
        assert!(item["headers"]["Prefer"].as_str().is_some_and(|line| line.ends_with("odata.maxpagesize=5")));
    }

    #[test]
    fn a_link_does_not_go_into_a_batch() {
        assert!(item(0, &Call::link("https://graph.microsoft.com/v1.0/me")).is_err());
    }
}

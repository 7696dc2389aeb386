//! A server on loopback that answers as a test says, down to a cut connection.
//!
//! For what the simulated tenant does not do: exact bytes, exact order, who hears which header. One answer a connection.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// A request as it was heard.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    /// Method and target, e.g. `GET /v1.0/me`.
    pub(crate) line: String,
    /// Header names in lower case with their values.
    pub(crate) headers: Vec<(String, String)>,
    /// The body.
    pub(crate) body: String,
}

impl Heard {
    /// The value of a header, several joined by a comma.
    pub(crate) fn header(&self, name: &str) -> String {
        let values: Vec<&str> =
            self.headers.iter().filter(|(held, _)| held == name).map(|(_, value)| value.as_str()).collect();
        values.join(", ")
    }
}

/// What the server does.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Answers with status, headers (each with its line end) and body.
    Answer(u16, String, String),
    /// Closes without a word.
    Close,
    /// Announces more than it sends.
    CutBody,
    /// Answers `{}` once the semaphore has a permit.
    Held(Arc<Semaphore>),
}

/// 200 with a body.
pub(crate) fn ok(body: &str) -> Reply {
    Reply::Answer(200, String::new(), body.to_owned())
}

/// A status with one header line and a body.
pub(crate) fn status(status: u16, header: &str, body: &str) -> Reply {
    let header = if header.is_empty() { String::new() } else { format!("{header}\r\n") };
    Reply::Answer(status, header, body.to_owned())
}

/// The server.
pub(crate) struct Scripted {
    /// Where it listens, e.g. `http://127.0.0.1:4711`.
    pub(crate) address: String,
    heard: Arc<Mutex<Vec<Heard>>>,
    running: Arc<AtomicUsize>,
}

impl Scripted {
    /// Starts a server that answers the request number `n` (from 0) as `script` says.
    pub(crate) async fn start(script: impl Fn(&Heard, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::new(Mutex::new(Vec::new()));
        let running = Arc::new(AtomicUsize::new(0));
        let server = Self { address, heard: heard.clone(), running: running.clone() };
        let script = Arc::new(script);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, heard, running) = (script.clone(), heard.clone(), running.clone());
                tokio::spawn(async move {
                    let _ = serve(stream, &*script, &heard, &running).await;
                });
            }
        });
        server
    }

    /// The requests so far.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// How many requests are held right now.
    pub(crate) fn running(&self) -> usize {
        self.running.load(Ordering::SeqCst)
    }
}

async fn serve(
    mut stream: TcpStream,
    script: &(impl Fn(&Heard, usize) -> Reply + Sync),
    heard: &Mutex<Vec<Heard>>,
    running: &AtomicUsize,
) -> std::io::Result<()> {
    let Some(request) = read(&mut stream).await? else { return Ok(()) };
    let reply = {
        let mut heard = heard.lock().unwrap();
        let number = heard.len();
        heard.push(request.clone());
        script(&request, number)
    };
    match reply {
        Reply::Close => {}
        Reply::CutBody => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"value\":[").await?;
        }
        Reply::Answer(status, headers, body) => answer(&mut stream, status, &headers, &body).await?,
        Reply::Held(gate) => {
            running.fetch_add(1, Ordering::SeqCst);
            let permit = gate.acquire().await.unwrap();
            permit.forget();
            running.fetch_sub(1, Ordering::SeqCst);
            answer(&mut stream, 200, "", "{}").await?;
        }
    }
    Ok(())
}

async fn answer(stream: &mut TcpStream, status: u16, headers: &str, body: &str) -> std::io::Result<()> {
    let length = if headers.to_ascii_lowercase().contains("content-length") {
        String::new()
    } else {
        format!("Content-Length: {}\r\n", body.len())
    };
    let head = format!("HTTP/1.1 {status} Status\r\nConnection: close\r\n{length}{headers}\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await
}

async fn read(stream: &mut TcpStream) -> std::io::Result<Option<Heard>> {
    let mut bytes = Vec::new();
    let mut chunk = [0_u8; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let mut lines = head.lines();
            let line = lines.next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
            let headers: Vec<(String, String)> = lines
                .filter_map(|line| line.split_once(':'))
                .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
                .collect();
            let length = headers.iter().find(|(name, _)| name == "content-length");
            let length: usize = length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                let body = String::from_utf8_lossy(&bytes[end + 4..end + 4 + length]).into_owned();
                return Ok(Some(Heard { line, headers, body }));
            }
        }
        let read = stream.read(&mut chunk).await?;
        if read == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk[..read]);
    }
}

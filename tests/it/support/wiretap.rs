//! A line into a server that writes down what passes in both directions, and the secrets that are found in it.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A port of its own on loopback that leads to a server.
pub(crate) struct Wiretap {
    pub(crate) address: String,
    /// Each direction of each connection on its own.
    heard: Arc<Mutex<Vec<Vec<u8>>>>,
}

/// Parameters of forms that are secrets.
const IN_FORMS: [&str; 6] =
    ["code", "code_verifier", "refresh_token", "client_secret", "client_assertion", "device_code"];
/// Members of answers that are secrets.
const IN_ANSWERS: [&str; 4] = ["access_token", "refresh_token", "id_token", "device_code"];

impl Wiretap {
    /// Listens for the server at `address`.
    pub(crate) fn into(address: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let behind = address.trim_start_matches("http://").to_owned();
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let tape = heard.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&behind) else { continue };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().expect("a stream"), to.try_clone().expect("a stream"));
                    let tape = tape.clone();
                    std::thread::spawn(move || pass(from, to, &tape));
                }
            }
        });
        Self { address, heard }
    }

    /// Every secret that passed, with its name; decoded, and of a signed token its signature.
    pub(crate) fn secrets(&self) -> BTreeMap<String, Vec<String>> {
        let heard = self.heard.lock().expect("a lock").join(&b'\n');
        let text = String::from_utf8_lossy(&heard);
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut note = |name: &str, value: &str| {
            let value = decoded(value);
            // The signature is nowhere else, and worth everything with the rest.
            let value = value.rsplit('.').next().unwrap_or_default().to_owned();
            let values = found.entry(name.to_owned()).or_default();
            if value.len() >= 12 && !values.contains(&value) {
                values.push(value);
            }
        };
        for name in IN_FORMS {
            for start in ["&", "\n", "?"] {
                for (at, mark) in text.match_indices(&format!("{start}{name}=")) {
                    let rest = &text[at + mark.len()..];
                    let end = rest.find(['&', ' ', '\r', '\n', '#', '"']).unwrap_or(rest.len());
                    note(name, &rest[..end]);
                }
            }
        }
        for name in IN_ANSWERS {
            for (at, mark) in text.match_indices(&format!("\"{name}\":\"")) {
                let rest = &text[at + mark.len()..];
                note(name, rest.split('"').next().unwrap_or_default());
            }
        }
        found
    }
}

/// Passes on what comes until one end is closed.
fn pass(mut from: TcpStream, mut to: TcpStream, tape: &Mutex<Vec<Vec<u8>>>) {
    let own = {
        let mut tape = tape.lock().expect("a lock");
        tape.push(Vec::new());
        tape.len() - 1
    };
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        {
            let heard = &mut tape.lock().expect("a lock")[own];
            heard.extend_from_slice(&bytes[..count]);
            if count < bytes.len() {
                // The end of a form is no part of what comes next.
                heard.push(b'\n');
            }
        }
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

fn decoded(value: &str) -> String {
    url::form_urlencoded::parse(format!("v={value}").as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

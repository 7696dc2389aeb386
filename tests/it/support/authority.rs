//! A throw-away certificate authority, servers that speak TLS in its name, and a proxy that is asked to CONNECT.
//!
//! The certificates are written by hand: what a test needs of X.509 is a page of bytes.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine as _;
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const ECDSA_WITH_SHA256: &[u8] = &[0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const EC_ON_P256: &[u8] =
    &[0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];

/// The validity of a certificate.
#[derive(Clone, Copy)]
pub(crate) enum Life {
    /// Until 2049.
    Now,
    /// It ended in 2021.
    Over,
    /// It begins in 2048.
    ToCome,
}

impl Life {
    const fn times(self) -> (&'static str, &'static str) {
        match self {
            Self::Now => ("200101000000Z", "491231235959Z"),
            Self::Over => ("200101000000Z", "210101000000Z"),
            Self::ToCome => ("480101000000Z", "491231235959Z"),
        }
    }
}

/// The authority.
pub(crate) struct Authority {
    name: &'static str,
    key: EcdsaKeyPair,
    certificate: Vec<u8>,
}

impl Authority {
    pub(crate) fn new(name: &'static str) -> Self {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        // Basic constraints: it is an authority.
        let extension = element(0x30, &[&[0x06, 3, 0x55, 0x1d, 19], &[1, 1, 0xff], &[4, 5, 0x30, 3, 1, 1, 0xff]]);
        let certificate = certificate(name, name, key.public_key().as_ref(), Life::Now, &extension, &key);
        Self { name, key, certificate }
    }

    /// The authority's certificate as PEM, as `ca_files` and `SSL_CERT_FILE` name it.
    pub(crate) fn pem(&self) -> String {
        let text = base64::engine::general_purpose::STANDARD.encode(&self.certificate);
        let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
        format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
    }

    /// What a server shows that is known by `host`, a name or `127.0.0.1`.
    pub(crate) fn server(&self, host: &str, life: Life) -> Arc<ServerConfig> {
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let name = match host.parse::<std::net::Ipv4Addr>() {
            Ok(address) => element(0x87, &[&address.octets()]),
            Err(_) => element(0x82, &[host.as_bytes()]),
        };
        let names = element(4, &[&element(0x30, &[&name])]);
        let extension = element(0x30, &[&[0x06, 3, 0x55, 0x1d, 17], &names]);
        let shown = certificate(self.name, host, key.public_key().as_ref(), life, &extension, &self.key);
        let private = key.to_pkcs8v1().expect("a key").as_ref().to_vec();
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(
                vec![CertificateDer::from(shown)],
                PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(private)),
            );
        Arc::new(config.expect("a certificate that fits its key"))
    }
}

fn certificate(
    issuer: &str,
    subject: &str,
    public: &[u8],
    life: Life,
    extension: &[u8],
    signer: &EcdsaKeyPair,
) -> Vec<u8> {
    let algorithm = element(0x30, &[ECDSA_WITH_SHA256]);
    let (begin, end) = life.times();
    let validity = element(0x30, &[&element(0x17, &[begin.as_bytes()]), &element(0x17, &[end.as_bytes()])]);
    let key = element(0x30, &[&element(0x30, &[EC_ON_P256]), &element(3, &[&[0], public])]);
    let extensions = element(0xa3, &[&element(0x30, &[extension])]);
    let version_and_serial = [0xa0, 3, 2, 1, 2, 2, 1, 7];
    let signed =
        element(0x30, &[&version_and_serial, &algorithm, &name(issuer), &validity, &name(subject), &key, &extensions]);
    let signature = signer.sign(&SystemRandom::new(), &signed).expect("a signature");
    element(0x30, &[&signed, &algorithm, &element(3, &[&[0], signature.as_ref()])])
}

/// A name that is a common name alone.
fn name(common: &str) -> Vec<u8> {
    let pair = element(0x30, &[&[0x06, 3, 0x55, 4, 3], &element(0x0c, &[common.as_bytes()])]);
    element(0x30, &[&element(0x31, &[&pair])])
}

fn element(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut bytes = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short @ 0..=0x7f) => bytes.push(short),
        Ok(long) => bytes.extend([0x81, long]),
        Err(_) => {
            bytes.push(0x82);
            bytes.extend(u16::try_from(content.len()).expect("a short element").to_be_bytes());
        }
    }
    bytes.extend(content);
    bytes
}

/// Speaks TLS before a server that does not, e.g. the tenant; gives back its address.
pub(crate) async fn front(config: Arc<ServerConfig>, behind: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let acceptor = TlsAcceptor::from(config);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let Ok(mut server) = TcpStream::connect(behind).await else { return };
                let _ = copy_bidirectional(&mut stream, &mut server).await;
            });
        }
    });
    address
}

/// What the proxy does.
#[derive(Clone, Copy)]
pub(crate) enum Gatekeeper {
    /// Connects whoever asks to this address, whatever they asked for.
    LeadsTo(SocketAddr),
    /// The same, for those who bring this `Proxy-Authorization`; the others hear 407.
    Asks(SocketAddr, &'static str),
    /// Answers this status.
    Refuses(u16),
}

/// A proxy on loopback.
pub(crate) struct Connect {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Connect {
    pub(crate) async fn start(gatekeeper: Gatekeeper) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = asked.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let heard = heard.clone();
                tokio::spawn(async move {
                    let _ = let_through(stream, gatekeeper, &heard).await;
                });
            }
        });
        Self { address, asked }
    }

    /// The first lines of what it was asked.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn let_through(mut stream: TcpStream, gatekeeper: Gatekeeper, heard: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    heard.lock().unwrap().push(head.lines().next().unwrap_or_default().to_owned());
    let refuse = |status: u16| format!("HTTP/1.1 {status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let behind = match gatekeeper {
        Gatekeeper::Refuses(status) => return stream.write_all(refuse(status).as_bytes()).await,
        Gatekeeper::Asks(_, key) if !head.contains(key) => return stream.write_all(refuse(407).as_bytes()).await,
        Gatekeeper::LeadsTo(behind) | Gatekeeper::Asks(behind, _) => behind,
    };
    let mut server = TcpStream::connect(behind).await?;
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    copy_bidirectional(&mut stream, &mut server).await?;
    Ok(())
}

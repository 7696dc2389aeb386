//! A service's certificate and its private key: read from PEM, told about, and used to sign an assertion [certificate-credentials].
//!
//! Must stay true: the private key is a secret from the file to the signature and no error quotes any of it; a key that others may
//! read is refused; one that does not belong to the certificate is found here and not by the service.
//! Deliberately absent: PFX files and encrypted keys. Their password would have to come from somewhere; the report gives the
//! command that converts them once.

use crate::base::paths;
use crate::base::report::{Kind, Report};
use crate::base::secret::Secret;
use crate::base::text::tame;
use crate::domain::certificate::{CertificateFacts, KeyMatch};
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::Timestamp;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use x509_cert::der::asn1::UintRef;
use x509_cert::der::{Decode, Reader, SliceReader};

/// Larger files are no certificate.
const LARGEST_FILE: u64 = 256 * 1024;
/// A warning comes so long before the end.
pub const WARN_AHEAD: Duration = Duration::from_hours(30 * 24);
/// An assertion is good for so long.
const ASSERTION_LIFE: u64 = 10 * 60;
/// A clock may be ahead of the service's by so much.
const CLOCK_SLACK: u64 = 60;
/// Smaller keys are refused by the service.
const FEWEST_BITS: usize = 2048;

/// How an assertion is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// PS256 with `x5t#S256`.
    Ps256,
    /// RS256 with `x5t`: the older form.
    Rs256,
}

/// Why a certificate or a key cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// It cannot be read; holds the words of it.
    #[error("{}", .0.what)]
    Place(Box<Report>),
    /// It is no PEM file, but what this is.
    #[error("{path} is {found}, not PEM", path = .path.display())]
    NotPem {
        /// The file.
        path: PathBuf,
        /// What it seems to be.
        found: Found,
    },
    /// The certificate in it cannot be read.
    #[error("the certificate in {} cannot be read", .0.display())]
    BadCertificate(PathBuf),
    /// There is no private key.
    #[error("there is no private key in {}", .0.display())]
    NoKey(PathBuf),
    /// The key is protected by a password.
    #[error("the private key in {} is encrypted", .0.display())]
    EncryptedKey(PathBuf),
    /// The key is not RSA, or broken.
    #[error("the private key in {} cannot be used", .0.display())]
    BadKey(PathBuf),
    /// The key belongs to another certificate.
    #[error("the private key does not belong to the certificate")]
    ForeignKey,
    /// The certificate is past its end.
    #[error("the certificate ended on {0}")]
    Ended(Timestamp),
    /// It could not be signed with.
    #[error("the assertion could not be signed")]
    Signing,
}

/// What a file without PEM seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// A certificate in binary form.
    Der,
    /// A package of certificate and key.
    Pfx,
    /// Nothing known.
    Unknown,
}

impl std::fmt::Display for Found {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Der => "a binary certificate",
            Self::Pfx => "a PFX package",
            Self::Unknown => "something else",
        })
    }
}

impl CertificateError {
    /// The error in words.
    #[must_use]
    pub fn report(&self) -> Report {
        let report = Report::new(Kind::Configuration, "badCertificate", "The certificate cannot be used.");
        match self {
            Self::Place(report) => (**report).clone(),
            Self::NotPem { path, found } => {
                let path = path.display();
                let report =
                    report.because(format!("{path} is {found}; a PEM file is needed, text with BEGIN CERTIFICATE."));
                match found {
                    Found::Der => report
                        .next(format!("Convert it once: openssl x509 -inform der -in '{path}' -out certificate.pem")),
                    Found::Pfx => report
                        .next(format!("Convert it once: openssl pkcs12 -in '{path}' -out certificate.pem -nodes"))
                        .next("Then make the file yours alone: chmod 600 certificate.pem"),
                    Found::Unknown => report.next("Name the file with the certificate in PEM form."),
                }
            }
            Self::BadCertificate(path) => report
                .because(format!("The certificate in {} is damaged or of an unknown form.", path.display()))
                .next("Export it anew in PEM form."),
            Self::NoKey(path) => report
                .because(format!("{} holds no private key.", path.display()))
                .next("Name the file with the private key: certificate_key in the profile, --key on the command line."),
            Self::EncryptedKey(path) => {
                report.because(format!("The private key in {} is protected by a password.", path.display())).next(
                    format!("Convert it once: openssl pkey -in '{}' -out key.pem && chmod 600 key.pem", path.display()),
                )
            }
            Self::BadKey(path) => report
                .because(format!(
                    "The private key in {} is damaged or no RSA key; the service takes RSA only.",
                    path.display()
                ))
                .next("Make a certificate with an RSA key of 2048 bits or more."),
            Self::ForeignKey => report
                .because("The private key belongs to another certificate.")
                .next("Compare the two: deskbell cert check CERTIFICATE --key KEY"),
            Self::Ended(end) => report
                .because(format!("It ended on {}.", day(*end)))
                .next("Make a new one, add it to the registration, and name it in the profile."),
            Self::Signing => report.because("Nothing could be signed with its key.").next("Make a new certificate."),
        }
    }
}

/// A certificate with its key, ready to sign.
pub struct Certificate {
    facts: CertificateFacts,
    key: RsaKeyPair,
}

impl std::fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Certificate").field("subject", &self.facts.subject).finish_non_exhaustive()
    }
}

impl Certificate {
    /// Reads certificate and key; `key`: another file with the key. Blocks on the disk.
    ///
    /// # Errors
    /// [`CertificateError`], also for one that is past its end at `now`.
    pub fn read(path: &Path, key: Option<&Path>, now: SystemTime) -> Result<Self, CertificateError> {
        let (facts, pair) = look(path, key, now)?;
        let key_file = key.unwrap_or(path).to_owned();
        let pair = pair.ok_or(CertificateError::NoKey(key_file))?;
        if facts.key == KeyMatch::Foreign {
            return Err(CertificateError::ForeignKey);
        }
        if SystemTime::from(facts.until) <= now {
            return Err(CertificateError::Ended(facts.until));
        }
        Ok(Self { facts, key: pair })
    }

    /// What it says.
    #[must_use]
    pub const fn facts(&self) -> &CertificateFacts {
        &self.facts
    }

    /// A signed statement that we are `client_id`, for `audience` (the token endpoint). `id` is new each time.
    ///
    /// # Errors
    /// [`CertificateError::Signing`].
    pub fn assertion(
        &self,
        form: Form,
        client_id: &str,
        audience: &str,
        id: &str,
        now: SystemTime,
    ) -> Result<Secret<String>, CertificateError> {
        let now = now.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs();
        let header = match form {
            Form::Ps256 => json!({"alg": "PS256", "typ": "JWT", "x5t#S256": self.facts.x5t_s256}),
            Form::Rs256 => json!({"alg": "RS256", "typ": "JWT", "x5t": self.facts.x5t}),
        };
        let claims = json!({
            "aud": audience, "iss": client_id, "sub": client_id, "jti": id,
            "nbf": now.saturating_sub(CLOCK_SLACK), "iat": now, "exp": now + ASSERTION_LIFE - CLOCK_SLACK,
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&header), part(&claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        let padding: &'static dyn RsaEncoding = match form {
            Form::Ps256 => &RSA_PSS_SHA256,
            Form::Rs256 => &RSA_PKCS1_SHA256,
        };
        let signed = self.key.sign(padding, &SystemRandom::new(), text.as_bytes(), &mut signature);
        signed.map_err(|_| CertificateError::Signing)?;
        Ok(Secret::new(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))))
    }
}

/// Tells what a certificate says, whether its key fits, and what stands in the way. Blocks on the disk.
///
/// # Errors
/// [`CertificateError`] when there is nothing to tell.
pub fn check(path: &Path, key: Option<&Path>, now: SystemTime) -> Result<CertificateFacts, CertificateError> {
    look(path, key, now).map(|(facts, _)| facts)
}

fn look(
    path: &Path,
    key: Option<&Path>,
    now: SystemTime,
) -> Result<(CertificateFacts, Option<RsaKeyPair>), CertificateError> {
    let text = read(path)?;
    let der = block(&text, &["CERTIFICATE"]).ok_or_else(|| not_pem(path, text.expose()))?;
    let bad = || CertificateError::BadCertificate(path.to_owned());
    let certificate = x509_cert::Certificate::from_der(der.expose()).map_err(|_| bad())?;
    let inside = certificate.tbs_certificate();
    let time = |time: SystemTime| Timestamp::try_from(time).map_err(|_| bad());
    let public = inside.subject_public_key_info().subject_public_key.raw_bytes();
    let pair = match key {
        // A key of its own has to be private; one inside the certificate's file makes that file private.
        Some(key) => Some(pair_in(key, &read(key)?)?.ok_or_else(|| CertificateError::NoKey(key.to_owned()))?),
        None => pair_in(path, &text)?,
    };
    if pair.is_some() {
        refuse_shared(key.unwrap_or(path))?;
    }
    let fits =
        |pair: &RsaKeyPair| if pair.public_key().as_ref() == public { KeyMatch::Fits } else { KeyMatch::Foreign };
    let sha1 = digest(&SHA1_FOR_LEGACY_USE_ONLY, der.expose());
    let sha256 = digest(&SHA256, der.expose());
    let mut facts = CertificateFacts {
        subject: tame(&inside.subject().to_string()).into_owned(),
        issuer: tame(&inside.issuer().to_string()).into_owned(),
        sha1: hex(sha1.as_ref()),
        sha256: hex(sha256.as_ref()),
        x5t: URL_SAFE_NO_PAD.encode(sha1.as_ref()),
        x5t_s256: URL_SAFE_NO_PAD.encode(sha256.as_ref()),
        from: time(inside.validity().not_before.to_system_time())?,
        until: time(inside.validity().not_after.to_system_time())?,
        rsa_bits: rsa_bits(public),
        key: pair.as_ref().map_or(KeyMatch::Missing, fits),
        warnings: Vec::new(),
    };
    facts.warnings = warnings(&facts, now);
    Ok((facts, pair))
}

fn warnings(facts: &CertificateFacts, now: SystemTime) -> Vec<String> {
    let mut warnings = Vec::new();
    let (from, until) = (SystemTime::from(facts.from), SystemTime::from(facts.until));
    if until <= now {
        warnings.push(format!("It ended on {}; the service refuses it.", day(facts.until)));
    } else if until <= now + WARN_AHEAD {
        warnings.push(format!("It ends on {}. Add the next one to the registration before.", day(facts.until)));
    }
    if from > now {
        warnings.push(format!("It is not good before {}. Is the clock of this computer right?", day(facts.from)));
    }
    match facts.rsa_bits {
        None => warnings.push("Its key is not RSA; the service takes RSA only.".to_owned()),
        Some(bits) if bits < FEWEST_BITS => {
            warnings.push(format!("Its key has {bits} bits; the service wants {FEWEST_BITS} or more."));
        }
        Some(_) => {}
    }
    match facts.key {
        KeyMatch::Fits => {}
        KeyMatch::Foreign => warnings.push("The private key belongs to another certificate.".to_owned()),
        KeyMatch::Missing => {
            warnings.push("There is no private key in this file; name its file with --key to compare.".to_owned());
        }
    }
    warnings
}

fn read(path: &Path) -> Result<Secret<Vec<u8>>, CertificateError> {
    let place = |error: std::io::Error| {
        let report =
            Report::new(Kind::Configuration, "badCertificate", format!("{} could not be read.", path.display()))
                .because(format!("The system says: {error}."))
                .next("Look at the path in certificate and certificate_key of the profile.");
        CertificateError::Place(Box::new(report))
    };
    let length = std::fs::metadata(path).map_err(place)?.len();
    if length > LARGEST_FILE {
        return Err(CertificateError::NotPem { path: path.to_owned(), found: Found::Unknown });
    }
    std::fs::read(path).map(Secret::new).map_err(place)
}

/// A private key that others may read is refused.
fn refuse_shared(path: &Path) -> Result<(), CertificateError> {
    match paths::read_private(path) {
        Ok(bytes) => {
            drop(bytes.map(Secret::new));
            Ok(())
        }
        Err(error) => Err(CertificateError::Place(Box::new(error.report()))),
    }
}

/// The private key in a PEM text, if there is one.
fn pair_in(path: &Path, text: &Secret<Vec<u8>>) -> Result<Option<RsaKeyPair>, CertificateError> {
    let has = |mark: &str| find(text.expose(), mark.as_bytes()).is_some();
    if has("BEGIN ENCRYPTED PRIVATE KEY") || has("Proc-Type: 4,ENCRYPTED") {
        return Err(CertificateError::EncryptedKey(path.to_owned()));
    }
    let bad = |_| CertificateError::BadKey(path.to_owned());
    if let Some(der) = block(text, &["PRIVATE KEY"]) {
        return RsaKeyPair::from_pkcs8(der.expose()).map(Some).map_err(bad);
    }
    if let Some(der) = block(text, &["RSA PRIVATE KEY"]) {
        return RsaKeyPair::from_der(der.expose()).map(Some).map_err(bad);
    }
    if has("BEGIN EC PRIVATE KEY") {
        return Err(CertificateError::BadKey(path.to_owned()));
    }
    Ok(None)
}

/// The bytes of the first PEM block with one of these labels.
fn block(text: &Secret<Vec<u8>>, labels: &[&str]) -> Option<Secret<Vec<u8>>> {
    let text = std::str::from_utf8(text.expose()).ok()?;
    labels.iter().find_map(|label| {
        let (begin, end) = (format!("-----BEGIN {label}-----"), format!("-----END {label}-----"));
        let rest = &text[text.find(&begin)? + begin.len()..];
        let inner: Secret<String> =
            Secret::new(rest[..rest.find(&end)?].chars().filter(|character| !character.is_whitespace()).collect());
        STANDARD.decode(inner.expose()).ok().map(Secret::new)
    })
}

fn not_pem(path: &Path, bytes: &[u8]) -> CertificateError {
    let is_sequence = bytes.first() == Some(&0x30);
    let is_named_pfx =
        path.extension().is_some_and(|end| end.eq_ignore_ascii_case("pfx") || end.eq_ignore_ascii_case("p12"));
    let found = match (is_sequence, x509_cert::Certificate::from_der(bytes)) {
        (true, Ok(_)) => Found::Der,
        (true, Err(_)) if is_named_pfx || find(bytes, PKCS7).is_some() => Found::Pfx,
        _ => Found::Unknown,
    };
    CertificateError::NotPem { path: path.to_owned(), found }
}

/// The identifier of PKCS#7 data, which a PFX package holds.
const PKCS7: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07];

/// The bits of an RSA public key in PKCS#1 form.
fn rsa_bits(public: &[u8]) -> Option<usize> {
    let mut reader = SliceReader::new(public).ok()?;
    let modulus = reader.sequence(|inside| {
        let modulus = UintRef::decode(inside)?;
        let _exponent = UintRef::decode(inside)?;
        Ok::<_, x509_cert::der::Error>(modulus)
    });
    Some(modulus.ok()?.as_bytes().len() * 8)
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn day(at: Timestamp) -> String {
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}

//! The floors of the house as a test: who may import whom, which crates stand on which floor, and the habits every file keeps.
//!
//! When a check here is in the way, the design is talking: move the code to its floor rather than the line to this table.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A floor: the module, what it may import of ours, and which of the fenced crates may appear in it.
struct Floor {
    module: &'static str,
    imports: &'static [&'static str],
    crates: &'static [&'static str],
}

/// From the ground up. What stands above a floor is not in its list, and neither is what stands beside it.
const FLOORS: &[Floor] = &[
    Floor {
        module: "base",
        imports: &[],
        crates: &[
            "unicode_width",
            "unicode_segmentation",
            "zeroize",
            "getrandom",
            "tracing",
            "tracing_subscriber",
            "tracing_appender",
            "directories",
        ],
    },
    Floor { module: "domain", imports: &["base"], crates: &["jiff"] },
    Floor {
        module: "net",
        imports: &["base", "domain"],
        crates: &["reqwest", "tokio", "url", "thiserror", "tracing", "futures_util", "jiff", "httpdate"],
    },
    Floor {
        module: "config",
        imports: &["base", "domain"],
        crates: &["serde", "toml", "thiserror", "jiff", "tracing", "url"],
    },
    Floor {
        module: "auth",
        imports: &["net", "domain", "base"],
        crates: &[
            "oauth2",
            "argon2",
            "keyring_core",
            "zbus_secret_service_keyring_store",
            "apple_native_keyring_store",
            "windows_native_keyring_store",
            "x509_cert",
            "aws_lc_rs",
            "serde",
            "serde_json",
            "base64",
            "url",
            "tokio",
            "thiserror",
            "tracing",
            "reqwest",
            "futures_util",
            "zeroize",
            "jiff",
            "toml",
        ],
    },
    Floor {
        module: "db",
        imports: &["domain", "base"],
        crates: &["rusqlite", "serde", "serde_json", "flate2", "zstd_safe", "tokio", "thiserror", "tracing", "jiff"],
    },
    Floor {
        module: "graph",
        imports: &["auth", "net", "domain", "base"],
        crates: &[
            "serde",
            "serde_json",
            "tokio",
            "url",
            "reqwest",
            "thiserror",
            "tracing",
            "futures_util",
            "jiff",
            "base64",
        ],
    },
    Floor {
        module: "engine",
        imports: &["auth", "graph", "db", "net", "config", "domain", "base"],
        crates: &["tokio", "futures_util", "html5ever", "jiff", "thiserror", "tracing", "url"],
    },
    Floor {
        module: "doctor",
        imports: &["engine", "auth", "graph", "db", "net", "config", "domain", "base"],
        crates: &["tokio", "futures_util", "jiff", "url"],
    },
    Floor {
        module: "state",
        imports: &["config", "domain", "base"],
        crates: &["jiff", "nucleo_matcher", "unicode_segmentation"],
    },
    Floor {
        module: "view",
        imports: &["state", "config", "domain", "base"],
        crates: &["ratatui", "jiff", "unicode_segmentation", "unicode_width"],
    },
    Floor {
        module: "app",
        imports: &["state", "view", "engine", "doctor", "config", "domain", "base"],
        crates: &["crossterm", "ratatui", "tokio", "futures_util", "jiff", "tracing", "terminal_colorsaurus", "rustix"],
    },
    Floor {
        module: "cli",
        imports: &["engine", "doctor", "config", "domain", "base", "app", "sim"],
        crates: &["clap", "tokio", "jiff", "serde_json", "tracing", "url", "rustix"],
    },
    Floor {
        module: "sim",
        imports: &["base"],
        crates: &[
            "axum",
            "tokio",
            "serde",
            "serde_json",
            "jiff",
            "jsonwebtoken",
            "base64",
            "aws_lc_rs",
            "url",
            "futures_util",
            "toml",
            "tracing",
        ],
    },
];

/// Crates that are fenced to the floors that name them.
const FENCED: &[&str] = &[
    "ratatui",
    "crossterm",
    "terminal_colorsaurus",
    "tokio",
    "reqwest",
    "oauth2",
    "argon2",
    "keyring_core",
    "zbus_secret_service_keyring_store",
    "apple_native_keyring_store",
    "windows_native_keyring_store",
    "x509_cert",
    "aws_lc_rs",
    "rusqlite",
    "serde",
    "serde_json",
    "axum",
    "jsonwebtoken",
    "clap",
    "html5ever",
    "jiff",
    "toml",
    "directories",
    "nucleo_matcher",
    "flate2",
    "zstd_safe",
    "getrandom",
    "zeroize",
    "rustix",
    "base64",
];

/// Floors that only some files of another floor may reach, with the reason.
const DOORS: &[(&str, &str, &str)] = &[
    ("cli", "sim", "only the demo and the tenant start it"),
    ("cli", "app", "only to start it, or to ask before it starts"),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The code of a file without its comments and without what stands in strings.
fn code(text: &str) -> Vec<(usize, String)> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(number, line)| {
            let mut outside = String::new();
            let mut in_string = false;
            let mut previous = ' ';
            for character in line.chars() {
                if character == '"' && previous != '\\' && previous != '\'' {
                    in_string = !in_string;
                } else if !in_string {
                    outside.push(character);
                }
                previous = character;
            }
            (number + 1, outside)
        })
        .collect()
}

/// The names that follow `prefix` in a line, e.g. the `net` of `crate::net::clock`.
fn names_after<'a>(line: &'a str, prefix: &str) -> Vec<&'a str> {
    line.match_indices(prefix)
        .filter(|(at, _)| {
            *at == 0
                || !line[..*at].ends_with(|before: char| before.is_alphanumeric() || before == '_' || before == ':')
        })
        .map(|(at, _)| {
            let rest = &line[at + prefix.len()..];
            let end = rest.find(|after: char| !after.is_alphanumeric() && after != '_').unwrap_or(rest.len());
            &rest[..end]
        })
        .collect()
}

fn module_of(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    inside.components().next().unwrap().as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned()
}

#[test]
fn an_import_goes_down_never_up_never_round() {
    let floors: BTreeMap<&str, &Floor> = FLOORS.iter().map(|floor| (floor.module, floor)).collect();
    let mut breaches = Vec::new();
    for path in sources(&root().join("src")) {
        let module = module_of(&path);
        if module == "main" || module == "lib" {
            continue;
        }
        let Some(floor) = floors.get(module.as_str()) else {
            breaches.push(format!("{}: the module {module} has no floor in tidy.rs", path.display()));
            continue;
        };
        for (number, line) in code(&fs::read_to_string(&path).unwrap()) {
            for name in names_after(&line, "crate::") {
                if name != module && floors.contains_key(name) && !floor.imports.contains(&name) {
                    breaches.push(format!(
                        "{}:{number}: {module} may not import {name}; it may import {:?}",
                        path.display(),
                        floor.imports
                    ));
                }
            }
            if line.contains("use crate::{") {
                breaches.push(format!(
                    "{}:{number}: write one `use crate::floor::…` a line, so that the floors stay readable",
                    path.display()
                ));
            }
        }
    }
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn a_crate_stays_on_its_floors() {
    let floors: BTreeMap<&str, &Floor> = FLOORS.iter().map(|floor| (floor.module, floor)).collect();
    let mut breaches = Vec::new();
    for path in sources(&root().join("src")) {
        let module = module_of(&path);
        let Some(floor) = floors.get(module.as_str()) else { continue };
        for (number, line) in code(&fs::read_to_string(&path).unwrap()) {
            for name in FENCED {
                let used =
                    names_after(&line, &format!("{name}::")).len() + usize::from(line.trim() == format!("use {name};"));
                if used > 0 && !floor.crates.contains(name) {
                    breaches.push(format!("{}:{number}: {module} may not use the crate {name}", path.display()));
                }
            }
        }
    }
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn the_command_line_opens_other_floors_only_to_start_them() {
    let mut breaches = Vec::new();
    for (floor, target, reason) in DOORS {
        for path in sources(&root().join("src").join(floor)) {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            let may = match *target {
                "sim" => ["demo", "tenant", "shot", "simulated"].contains(&name.as_str()),
                _ => ["demo", "screen", "shot", "passphrase"].contains(&name.as_str()),
            };
            for (number, line) in code(&fs::read_to_string(&path).unwrap()) {
                if !may && names_after(&line, "crate::").contains(target) {
                    breaches.push(format!("{}:{number}: {target} is reached from here, but {reason}", path.display()));
                }
            }
        }
    }
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

#[test]
fn every_module_says_what_lives_in_it() {
    let silent: Vec<String> = sources(&root().join("src"))
        .into_iter()
        .chain(sources(&root().join("tests")))
        .filter(|path| {
            let text = fs::read_to_string(path).unwrap();
            let first = text.lines().next().unwrap_or_default();
            !first.starts_with("//! ") || first.len() < 24
        })
        .map(|path| path.display().to_string())
        .collect();
    assert!(silent.is_empty(), "these begin without a sentence about what lives in them:\n{}", silent.join("\n"));
}

#[test]
fn exceptions_to_lints_carry_their_reason() {
    let mut bare = Vec::new();
    for path in sources(&root().join("src")) {
        for (number, line) in code(&fs::read_to_string(&path).unwrap()) {
            if line.contains("#[allow(")
                || line.contains("#![allow(")
                || (line.contains("#[expect(") && line.contains(")]") && !line.contains("reason"))
            {
                bare.push(format!("{}:{number}: say `#[expect(lint, reason = …)]`", path.display()));
            }
        }
    }
    assert!(bare.is_empty(), "\n{}", bare.join("\n"));
}

#[test]
fn no_certificate_is_taken_unseen() {
    // There is no switch for it, and no verifier that says yes by itself: what looks into TLS is named in `ca_files`.
    let words =
        ["danger_accept_invalid", "tls_danger", "ServerCertVerified::assertion", "HandshakeSignatureValid::assertion"];
    let mut found = Vec::new();
    for path in sources(&root().join("src")) {
        for (number, line) in code(&fs::read_to_string(&path).unwrap()) {
            let own_verifier = line.contains("dangerous()") && !path.ends_with("net/trust.rs");
            if own_verifier || words.iter().any(|word| line.contains(word)) {
                found.push(format!("{}:{number}", path.display()));
            }
        }
    }
    assert!(found.is_empty(), "certificates may be taken unseen here: {found:?}");
}

#[test]
fn logic_files_stay_one_thing() {
    // Tables may be long, logic may not: a file this long has an "and" in its name that nobody wrote down.
    let long: Vec<String> = sources(&root().join("src"))
        .into_iter()
        .filter_map(|path| {
            let lines = fs::read_to_string(&path).unwrap().lines().count();
            (lines > 900).then(|| format!("{} has {lines} lines", path.display()))
        })
        .collect();
    assert!(long.is_empty(), "\n{}", long.join("\n"));
}

#[test]
fn every_area_of_the_tests_is_listed() {
    let listed = fs::read_to_string(root().join("tests/it/main.rs")).unwrap();
    for entry in fs::read_dir(root().join("tests/it")).unwrap().flatten() {
        let name = entry.path().file_stem().unwrap().to_string_lossy().into_owned();
        let is_module = entry.path().extension().is_some_and(|extension| extension == "rs") && name != "main";
        assert!(
            !is_module || listed.contains(&format!("mod {name};")),
            "tests/it/{name}.rs is not listed in main.rs and never runs"
        );
    }
}

#[test]
fn the_top_level_holds_only_what_belongs_there() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "src",
        "assets",
        "tests",
        "README.md",
        "CHANGELOG.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "clippy.toml",
        "deny.toml",
        "rustfmt.toml",
        ".ci",
        ".gitignore",
        ".git",
        "target",
    ];
    for entry in fs::read_dir(root()).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(allowed.contains(&name.as_str()), "{name} does not belong on the top level");
    }
}

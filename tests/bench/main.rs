//! What things cost, each beside its floor in the same run. `cargo bench` runs all; `cargo bench -- cache` runs one.

mod cache;
mod measure;

#[expect(clippy::disallowed_methods, reason = "the names of the benches to run come as arguments")]
fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let benches: &[(&str, fn())] = &[("cache", cache::run)];
    for (name, run) in benches {
        if wanted.is_empty() || wanted.iter().any(|wanted| wanted == name) {
            run();
        }
    }
}

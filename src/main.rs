//! The thin program: arguments and environment in, exit code out. Everything else is in the library.

use deskbell::base::environment::Environment;
use std::process::ExitCode;

#[expect(clippy::disallowed_methods, reason = "the one home of the program's arguments")]
fn main() -> ExitCode {
    deskbell::cli::main(std::env::args_os(), Environment::from_process())
}

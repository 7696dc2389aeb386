//! The thin program: arguments and environment in, exit code out. Everything else is in the library.

fn main() {}

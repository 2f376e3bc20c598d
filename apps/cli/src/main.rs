//! The `myelin` command, with the kinds of subnet that it brings along.

use std::process::ExitCode;

fn main() -> ExitCode {
    myelin_cli::run(Vec::new())
}

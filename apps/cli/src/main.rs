//! The `myelin` command, with its built-in kinds of subnet.

use std::process::ExitCode;

fn main() -> ExitCode {
    myelin_cli::run(Vec::new())
}

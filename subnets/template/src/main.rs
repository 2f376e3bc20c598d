//! The command `first-subnet`: all of `myelin`, and this kind of subnet.

use std::process::ExitCode;

use first_subnet::FirstSubnetKind;

fn main() -> ExitCode {
    myelin_cli::run(vec![Box::new(FirstSubnetKind)])
}

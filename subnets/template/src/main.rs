//! The command `round-trip`: all of `myelin`, and this kind of subnet.

use std::process::ExitCode;

use round_trip::RoundTripKind;

fn main() -> ExitCode {
    myelin_cli::run(vec![Box::new(RoundTripKind)])
}

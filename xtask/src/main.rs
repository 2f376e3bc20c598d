//! Repeated commands of this repository, with logic that a Makefile should not hold.
//!
//! `cargo xtask <command>`; every command is a module of its own with one `run` function that returns the exit code,
//! so that adding a command is one line in [`Command`] and one in [`main`].

mod cases;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "xtask", about = "Repeated commands of this repository")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run files of numeric cases over the consensus mathematics; fails unless every case passes.
    Cases {
        /// JSON files in the case format, `{"cases": [{"id", "kind", "input", "expected", "tolerance"}]}`.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Print failing cases only.
        #[arg(long)]
        quiet: bool,
    },
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Cases { files, quiet } => cases::run(&files, quiet),
    }
}

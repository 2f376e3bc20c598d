//! Repeated commands of this repository, with logic that a Makefile should not hold.
//!
//! `cargo xtask <command>`; every command is a module of its own with one `run` function that returns the exit code,
//! so that adding a command is one line in [`Command`] and one in [`main`].

mod bench;
mod build;
mod cases;
mod functions;
mod fuzz;
mod language;
mod layout;
mod links;
mod mutants;
mod official;
mod picture;

mod reference;
mod test;
mod weights;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use myelin_compat::packages::Packages;

#[derive(Parser)]
#[command(name = "xtask", about = "Repeated commands of this repository")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the node and the `myelin` command.
    Build,
    /// Build, then run the demo; arguments after `--` go to `myelin demo`.
    Demo {
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Speed, as medians and ratios.
    Bench {
        /// Only benchmarks whose name contains this: epoch, election, loopback, fuel, evidence, evidence-replay,
        /// rounds, floods, blocks, transfers, memory, tips, censors, startup, clients, metrics, pictures. The last one
        /// runs only where it is named.
        only: Option<String>,
    },
    /// Random calls through the real runtime; fails if a rule breaks or a rao appears or vanishes.
    Fuzz {
        /// Number of calls.
        #[arg(default_value_t = 10_000, allow_negative_numbers = true)]
        calls: u64,
        /// Seed of the story.
        #[arg(default_value_t = 1, allow_negative_numbers = true)]
        seed: u64,
        /// File for a story that breaks a rule.
        file: Option<PathBuf>,
    },
    /// Format, lints and tests of both workspaces.
    Test {
        /// Also run the tests that take longer than a quick run should.
        #[arg(long)]
        long: bool,
        /// After the build, run only the steps whose names contain this text.
        #[arg(long)]
        only: Option<String>,
    },
    /// Run files of numeric cases over the consensus mathematics; fails unless every case passes.
    Cases {
        /// JSON files in the case format, `{"cases": [{"id", "kind", "input", "expected", "tolerance"}]}`.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Print failing cases only.
        #[arg(long)]
        quiet: bool,
    },
    /// Try changes of core's code and report those that no test notices. Needs cargo-mutants for the list of changes.
    Mutants(mutants::Choice),
    /// Measure the cost of calls and write it down as code. Arguments go to `myelin-weigh`.
    Weights {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Install the official packages that tests and benchmarks run against, unless they are installed.
    Official,
    /// Draw the contents of a terminal, from standard input, as an SVG picture.
    Picture {
        /// The file to write.
        file: PathBuf,
    },
    /// Write the pages of docs/reference that come from tables in the code, and the index of decisions.
    Reference,
}

fn main() -> ExitCode {
    match Cli::parse().command {
        Command::Build => match build::run() {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => {
                eprintln!("{why}");
                ExitCode::FAILURE
            }
        },
        Command::Demo { arguments } => build::demo(&arguments),
        Command::Bench { only } => bench::run(only.as_deref()),
        Command::Fuzz { calls, seed, file } => fuzz::run(calls, seed, file),
        Command::Test { long, only } => test::run(long, only),
        Command::Cases { files, quiet } => cases::run(&files, quiet),
        Command::Mutants(choice) => mutants::run(&choice),
        Command::Weights { arguments } => weights::run(&arguments),
        Command::Official => match official::install(&Packages::ALL) {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => {
                eprintln!("{why}");
                ExitCode::FAILURE
            }
        },
        Command::Picture { file } => match picture::run(&file) {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => {
                eprintln!("{why}");
                ExitCode::FAILURE
            }
        },
        Command::Reference => match reference::write() {
            Ok(paths) => {
                paths.iter().for_each(|path| println!("wrote {}", path.display()));
                ExitCode::SUCCESS
            }
            Err(why) => {
                eprintln!("the page could not be written: {why}");
                ExitCode::FAILURE
            }
        },
    }
}

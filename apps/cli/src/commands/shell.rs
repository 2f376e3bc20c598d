//! Completions for shells and manual pages for `man`.

use std::path::PathBuf;

use clap::{Args, Command};
use clap_complete::Shell;

use crate::output::{self, Failure, Outcome};
use crate::Global;

/// The shell.
#[derive(Args)]
pub struct Completions {
    /// The shell.
    #[arg(value_enum)]
    shell: Shell,
}

/// The folder for manual pages.
#[derive(Args)]
pub struct Manual {
    /// The folder; created if it does not exist.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

impl Completions {
    /// Prints the script.
    pub fn run(&self, mut command: Command) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut command, "myelin", &mut script);
        output::write(&String::from_utf8_lossy(&script));
        Ok(())
    }
}

impl Manual {
    /// Writes a page for each command.
    pub fn run(&self, global: &Global, command: Command) -> Outcome {
        let failed = |error: std::io::Error| {
            Failure::new(format!("writing manual pages to {}: {error}", self.folder.display()))
        };
        std::fs::create_dir_all(&self.folder).map_err(failed)?;
        clap_mangen::generate_to(command, &self.folder).map_err(failed)?;
        let pages = std::fs::read_dir(&self.folder).map_err(failed)?.count();
        let folder = self.folder.display().to_string();
        let text = format!("{pages} pages in {folder}; `man -l {folder}/myelin.1` shows the first");
        output::report(global, &text, serde_json::json!({ "folder": folder, "pages": pages }))
    }
}

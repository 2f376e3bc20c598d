//! `myelin wallet export`: a key as browser wallets import it.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use clap::Args;
use myelin_wallet::polkadot_js;
use serde_json::json;

use crate::keys::{self, Keys};
use crate::output::{self, fail, Outcome};
use crate::Global;

/// Which key, and where to.
#[derive(Args)]
pub struct Export {
    #[command(flatten)]
    keys: Keys,
    /// The hotkey instead of the coldkey.
    #[arg(long)]
    use_hotkey: bool,
    /// File to write; it must not exist.
    #[arg(long, short = 'o', value_name = "FILE")]
    out: PathBuf,
}

impl Export {
    /// Writes the file, encrypted under a password of its own.
    pub fn run(self, global: &Global) -> Outcome {
        if self.out.exists() {
            return fail(format!("{} exists already; nothing was written", self.out.display()));
        }
        let (key, name) = if self.use_hotkey {
            (self.keys.hotkey(global)?, format!("{} hotkey", self.keys.name()))
        } else {
            (self.keys.coldkey(global)?, self.keys.name().to_owned())
        };
        let password = keys::new_password(&self.out, "export")?;
        let sealed = polkadot_js::seal(&key, &name, &password);
        // Readable by its owner alone.
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.out);
        let written = file.and_then(|mut file| file.write_all(sealed.as_bytes()));
        if let Err(error) = written {
            return fail(format!("{} cannot be written: {error}", self.out.display()));
        }
        let text =
            format!("{} is in {}; its words are not, so keep them too", key.address(), self.out.display());
        output::report(global, &text, json!({ "address": key.address(), "file": self.out }))
    }
}

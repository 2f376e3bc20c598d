//! `myelin wallet export`: a key as browser wallets import it.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use clap::Args;
use myelin_wallet::{polkadot_js, Password};
use serde_json::json;

use crate::keys::{self, Keys};
use crate::output::{self, fail, Outcome};
use crate::Global;

/// The key and the file.
#[derive(Args)]
pub struct Export {
    #[command(flatten)]
    keys: Keys,
    /// Export the hotkey instead of the coldkey.
    #[arg(long)]
    use_hotkey: bool,
    /// File to write; it must not exist.
    #[arg(long, short = 'o', value_name = "FILE")]
    out: PathBuf,
    /// Password of the export; asked for by default.
    #[arg(long, env = "MYELIN_EXPORT_PASSWORD", hide_env_values = true, value_name = "PASSWORD")]
    export_password: Option<String>,
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
        let password = match self.export_password {
            Some(password) => {
                let password = Password::new(password);
                password.check_new()?;
                password
            }
            None => keys::ask_new_password("export", "set MYELIN_EXPORT_PASSWORD")?,
        };
        let sealed = polkadot_js::seal(&key, &name, &password);
        let failed = |error| fail(format!("{} cannot be written: {error}", self.out.display()));
        // Only its owner may read the file.
        let mut file = match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&self.out) {
            Ok(file) => file,
            Err(error) => return failed(error),
        };
        if let Err(error) = file.write_all(sealed.as_bytes()) {
            // Half a file would only block the next export.
            let _ = std::fs::remove_file(&self.out);
            return failed(error);
        }
        let text =
            format!("{} is in {}; its words are not, so keep them too", key.address(), self.out.display());
        output::report(global, &text, json!({ "address": key.address(), "file": self.out }))
    }
}

//! `myelin wallet set-password`: a coldkey's file under another password, or under none.

use clap::Args;
use myelin_wallet::Password;
use serde_json::json;

use crate::keys::{self, Keys};
use crate::output::{self, Outcome};
use crate::Global;

/// The key and the new password.
#[derive(Args)]
pub struct SetPassword {
    #[command(flatten)]
    keys: Keys,
    /// The new password; asked for by default. The old one comes from BT_WALLET_PASSWORD, or is asked for.
    #[arg(long, env = "MYELIN_NEW_PASSWORD", hide_env_values = true, value_name = "PASSWORD")]
    new_password: Option<String>,
    /// Write the coldkey unencrypted; for test networks only.
    #[arg(long, conflicts_with = "new_password")]
    no_password: bool,
}

impl SetPassword {
    /// Writes the file again with all its content. The new file replaces the old one when it is complete.
    pub fn run(self, global: &Global) -> Outcome {
        let wallet = self.keys.wallet(global)?;
        let secret = wallet.coldkey_secret(keys::coldkey_password(&wallet)?.as_ref())?;
        let password = match self.new_password {
            _ if self.no_password => None,
            Some(password) => Some(Password::new(password)),
            None => Some(keys::ask_new_password("coldkey", "set MYELIN_NEW_PASSWORD")?),
        };
        if let Some(password) = &password {
            password.check_new()?;
        }
        wallet.save_coldkey(&secret, password.as_ref(), true)?;
        let file = wallet.coldkey_file();
        let now = match password {
            Some(_) => "has the new password",
            None => "is not encrypted any more: whoever copies it has your money",
        };
        let value = json!({ "wallet": wallet.name(), "file": file, "encrypted": password.is_some() });
        output::report(global, &format!("{} {now}", file.display()), value)
    }
}

//! Creating and restoring keys.

use std::path::PathBuf;

use clap::Args;
use myelin_wallet::{polkadot_js, Keypair, Mnemonic, Password, Secret, Wallet};
use myelin_wire::hash::from_hex;
use myelin_wire::ss58;
use serde_json::{json, Value};

use crate::keys::{self, Keys, WALLET_NAMES};
use crate::output::{self, fail, tell, Failure, Outcome};
use crate::Global;

/// The wallet to create.
#[derive(Args)]
pub struct New {
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    made: Made,
    #[command(flatten)]
    written: ColdkeyFile,
}

/// The hotkey to create.
#[derive(Args)]
pub struct NewHotkey {
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    made: Made,
    #[command(flatten)]
    written: HotkeyFile,
}

/// Options for writing a coldkey's file.
#[derive(Args)]
struct ColdkeyFile {
    /// Write the coldkey unencrypted; for test networks only.
    #[arg(long, alias = "no-use-password")]
    no_password: bool,
    /// Encrypt the coldkey, which is the default.
    #[arg(long, hide = true, conflicts_with = "no_password")]
    use_password: bool,
    /// Replace existing files.
    #[arg(long)]
    overwrite: bool,
}

/// Options for writing a hotkey's file.
#[derive(Args)]
struct HotkeyFile {
    /// Encrypt the hotkey; programs that use it then need the password, in BT_WALLET_PASSWORD if they run without a
    /// terminal.
    #[arg(long)]
    use_password: bool,
    /// Leave the hotkey unencrypted, which is the default.
    #[arg(long, hide = true, conflicts_with = "use_password")]
    no_use_password: bool,
    /// Replace an existing file.
    #[arg(long)]
    overwrite: bool,
}

/// Source of a new key.
#[derive(Args)]
struct Made {
    /// Words of the mnemonic: 12, 15, 18, 21 or 24.
    #[arg(long, aliases = ["n-words", "n_words"], default_value_t = 12, value_parser = clap::value_parser!(u8).range(12..=24))]
    words: u8,
    /// A development key such as //Alice instead of a random one.
    #[arg(long)]
    uri: Option<String>,
}

/// Source of a restored key: one of these, or words or a seed on standard input.
#[derive(Args)]
struct Source {
    /// The words. Others on this machine can see arguments while a command runs; on standard input they are hidden.
    #[arg(long, num_args = 1.., value_name = "WORDS")]
    mnemonic: Option<Vec<String>>,
    /// The seed: 64 hexadecimal digits. Hidden only on standard input, like the words.
    #[arg(long, conflicts_with = "mnemonic", value_name = "HEX")]
    seed: Option<String>,
    /// An account export of a browser wallet.
    #[arg(long, conflicts_with_all = ["mnemonic", "seed"], value_name = "FILE")]
    keystore: Option<PathBuf>,
    /// Password of the export; by default the command asks for it, which hides it from others on this machine.
    #[arg(long, requires = "keystore", alias = "json-password", value_name = "PASSWORD")]
    keystore_password: Option<String>,
}

/// The coldkey to restore.
#[derive(Args)]
pub struct RegenColdkey {
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    written: ColdkeyFile,
}

/// The hotkey to restore.
#[derive(Args)]
pub struct RegenHotkey {
    #[command(flatten)]
    keys: Keys,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    written: HotkeyFile,
}

/// The key to watch. `--ss58`, which other commands take as another name of `--wallet`, is its address here.
#[derive(Args)]
#[command(mut_arg("wallet", |wallet| wallet.alias(None::<&'static str>).aliases(WALLET_NAMES)))]
pub struct Watch {
    #[command(flatten)]
    keys: Keys,
    /// Its address, or its public key as 64 hexadecimal digits.
    #[arg(long, aliases = ["ss58", "ss58-address", "public-key-hex", "public-key"])]
    address: String,
    /// Replace existing files.
    #[arg(long)]
    overwrite: bool,
}

impl Made {
    fn secret(&self) -> Result<Secret, Failure> {
        match &self.uri {
            Some(uri) => Ok(Secret::from_keypair(Keypair::from_uri(uri)?)),
            None => Ok(Secret::from_mnemonic(&Mnemonic::generate(self.words.into())?)),
        }
    }
}

/// Reports a new key with its words, for people and programs alike: if the file is encrypted, they are shown nowhere
/// else.
fn tell_made(global: &Global, text: &str, mut value: Value, secret: &Secret, what: &str) -> Outcome {
    let phrase = secret.phrase();
    value["mnemonic"] = phrase.into();
    let advice = "Write these words down and keep them to yourself; they are the";
    let words = phrase.map(|phrase| format!("\n\n{advice} {what}:\n\n  {phrase}\n")).unwrap_or_default();
    output::report(global, &format!("{text}{words}"), value)
}

impl New {
    /// Creates a coldkey and a hotkey.
    pub fn pair(self, global: &Global) -> Outcome {
        let secret = self.made.secret()?;
        let made_hotkey = Secret::from_mnemonic(&Mnemonic::generate(12)?);
        let wallet = self.keys.wallet(global)?;
        let overwrite = self.written.overwrite;
        let new_hotkey = overwrite || !wallet.hotkey_file().exists();
        if new_hotkey {
            keys::ensure_unambiguous("hotkey", wallet.hotkey_name(), &made_hotkey.keypair().public())?;
        }
        self.written.save(&wallet, &secret)?;
        let coldkey = secret.keypair().address();
        let saved = if new_hotkey { wallet.save_hotkey(&made_hotkey, None, overwrite) } else { Ok(()) };
        let hotkey = match saved.and_then(|()| wallet.hotkeypub()) {
            Ok(hotkey) => ss58::encode(&hotkey),
            Err(error) => {
                // The coldkey exists now, and its words are shown nowhere else.
                let value = json!({ "wallet": wallet.name(), "coldkey": coldkey, "hotkey": null });
                tell_made(
                    global,
                    &format!("coldkey {coldkey} created, but no hotkey"),
                    value,
                    &secret,
                    "coldkey",
                )?;
                return fail(format!(
                    "the hotkey could not be written: {error}; then `myelin wallet new-hotkey --wallet {}`",
                    wallet.name()
                ));
            }
        };
        let text = format!(
            "wallet {} created in {}\ncoldkey {coldkey}\nhotkey  {hotkey} ({})",
            wallet.name(),
            wallet.path().display(),
            wallet.hotkey_name()
        );
        // The words of an older hotkey were shown when it was created.
        let words = new_hotkey.then(|| made_hotkey.phrase()).flatten();
        let value = json!({ "wallet": wallet.name(), "coldkey": coldkey, "hotkey": hotkey,
                            "hotkey_mnemonic": words });
        let words = words.map(|words| format!("\nwords of the hotkey: {words}")).unwrap_or_default();
        tell_made(global, &format!("{text}{words}"), value, &secret, "coldkey")
    }

    /// Creates a coldkey alone.
    pub fn coldkey(self, global: &Global) -> Outcome {
        let secret = self.made.secret()?;
        self.written.save(&self.keys.wallet(global)?, &secret)?;
        let coldkey = secret.keypair().address();
        let value = json!({ "wallet": self.keys.name(), "coldkey": coldkey });
        tell_made(global, &format!("coldkey {coldkey} created"), value, &secret, "coldkey")
    }
}

impl NewHotkey {
    /// Creates the hotkey.
    pub fn run(self, global: &Global) -> Outcome {
        let wallet = self.keys.wallet(global)?;
        if !wallet.coldkey_file().exists() && !wallet.coldkeypub_file().exists() {
            crate::output::tell!(
                "wallet {} has no coldkey here, so this hotkey belongs to nobody yet; check the name in `myelin wallet list`",
                wallet.name()
            );
        }
        let secret = self.made.secret()?;
        self.written.save(&wallet, &secret)?;
        let shown = secret.keypair().address();
        let value = json!({ "wallet": wallet.name(), "hotkey": shown });
        let text = format!("hotkey {} created: {shown}", wallet.hotkey_name());
        tell_made(global, &text, value, &secret, "hotkey")
    }
}

impl ColdkeyFile {
    fn save(&self, wallet: &Wallet, secret: &Secret) -> Outcome {
        let file = wallet.coldkey_file();
        if file.exists() && !self.overwrite {
            return fail(format!("{} exists; choose another --wallet, or pass --overwrite", file.display()));
        }
        keys::ensure_unambiguous("wallet", wallet.name(), &secret.keypair().public())?;
        let password = if self.no_password { None } else { Some(keys::new_password(&file, "coldkey")?) };
        Ok(wallet.save_coldkey(secret, password.as_ref(), self.overwrite)?)
    }
}

impl HotkeyFile {
    fn save(&self, wallet: &Wallet, secret: &Secret) -> Outcome {
        let file = wallet.hotkey_file();
        if file.exists() && !self.overwrite {
            return fail(format!("{} exists; choose another --hotkey, or pass --overwrite", file.display()));
        }
        keys::ensure_unambiguous("hotkey", wallet.hotkey_name(), &secret.keypair().public())?;
        let password = if self.use_password { Some(keys::new_password(&file, "hotkey")?) } else { None };
        Ok(wallet.save_hotkey(secret, password.as_ref(), self.overwrite)?)
    }
}

impl Source {
    fn secret(&self) -> Result<Secret, Failure> {
        if self.mnemonic.is_some() || self.seed.is_some() || self.keystore_password.is_some() {
            tell!(
                "warning: other users of this machine can see secrets on the command line, and the shell may store them; \
                 without them the command reads standard input or asks"
            );
        }
        if let Some(file) = &self.keystore {
            let export = std::fs::read_to_string(file)
                .map_err(|error| Failure::new(format!("{}: {error}", file.display())))?;
            let password = match &self.keystore_password {
                Some(password) => Password::new(password.clone()),
                None => Password::new(rpassword::prompt_password("Password of the export: ").map_err(
                    |error| {
                        Failure::new(format!(
                        "the password of {} can't be asked for here ({error}); --keystore-password gives it",
                        file.display()
                    ))
                    },
                )?),
            };
            return Ok(polkadot_js::open(&export, &password)?);
        }
        if let Some(words) = &self.mnemonic {
            return Ok(Secret::from_mnemonic(&Mnemonic::parse(&words.join(" "))?));
        }
        if let Some(seed) = &self.seed {
            return of_seed(seed);
        }
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        let line = line.trim();
        if line.starts_with("0x") {
            return of_seed(line);
        }
        Ok(Secret::from_mnemonic(&Mnemonic::parse(line)?))
    }
}

fn of_seed(text: &str) -> Result<Secret, Failure> {
    match from_hex::<32>(text) {
        Some(seed) => Ok(Secret::from_seed(seed)),
        None => fail("a seed has 64 hexadecimal digits, with or without 0x before them"),
    }
}

impl RegenColdkey {
    /// Restores the coldkey.
    pub fn run(self, global: &Global) -> Outcome {
        let secret = self.source.secret()?;
        self.written.save(&self.keys.wallet(global)?, &secret)?;
        let coldkey = secret.keypair().address();
        let value = json!({ "wallet": self.keys.name(), "coldkey": coldkey });
        output::report(global, &format!("coldkey {coldkey} restored"), value)
    }
}

impl RegenHotkey {
    /// Restores the hotkey.
    pub fn run(self, global: &Global) -> Outcome {
        let secret = self.source.secret()?;
        let wallet = self.keys.wallet(global)?;
        self.written.save(&wallet, &secret)?;
        let hotkey = secret.keypair().address();
        let value = json!({ "wallet": wallet.name(), "hotkey": hotkey });
        output::report(global, &format!("hotkey {hotkey} restored"), value)
    }
}

impl Watch {
    fn public(&self) -> Result<[u8; 32], Failure> {
        match ss58::decode(&self.address).ok().or_else(|| from_hex::<32>(&self.address)) {
            Some(public) => Ok(public),
            None => fail(format!("`{}` is neither an address nor a public key", self.address)),
        }
    }

    /// Watches a coldkey.
    pub fn coldkey(self, global: &Global) -> Outcome {
        let wallet = self.keys.wallet(global)?;
        let public = self.public()?;
        self.keep(&wallet.coldkeypub_file())?;
        keys::ensure_unambiguous("wallet", wallet.name(), &public)?;
        wallet.save_coldkeypub(&public)?;
        let value = json!({ "wallet": wallet.name(), "coldkey": ss58::encode(&public) });
        output::report(global, &format!("wallet {} watches {}", wallet.name(), ss58::encode(&public)), value)
    }

    /// Watches a hotkey.
    pub fn hotkey(self, global: &Global) -> Outcome {
        let wallet = self.keys.wallet(global)?;
        let public = self.public()?;
        self.keep(&wallet.hotkeypub_file())?;
        keys::ensure_unambiguous("hotkey", wallet.hotkey_name(), &public)?;
        wallet.save_hotkeypub(&public)?;
        let value = json!({ "wallet": wallet.name(), "hotkey": ss58::encode(&public) });
        let text = format!("hotkey {} watches {}", wallet.hotkey_name(), ss58::encode(&public));
        output::report(global, &text, value)
    }

    fn keep(&self, file: &std::path::Path) -> Outcome {
        if file.exists() && !self.overwrite {
            return fail(format!("{} exists; choose another name, or pass --overwrite", file.display()));
        }
        Ok(())
    }
}

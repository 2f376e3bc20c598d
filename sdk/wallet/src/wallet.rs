//! A wallet's folder: the places of its files, and reading and writing keys in it.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use myelin_wire::{ss58, AccountId};

use crate::{
    files::{read_bounded, write_private},
    keyfile::{self, KeyfileError},
    keypair::Secret,
    password::Password,
    seal::{self, Format, SealError, SealKey},
    Keypair,
};

/// Most entries that a listing looks at in one folder.
const MAX_LISTED: usize = 4_096;

/// Why a wallet's file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WalletError {
    /// A name that would leave the wallet's folder.
    #[error("`{name}` is not a wallet or hotkey name: use letters, digits, `-`, `_` and `.`")]
    Name {
        /// The name.
        name: String,
    },
    /// The file is not there.
    #[error("there is no {what} at {path}; create it, or check wallet name and path")]
    Missing {
        /// Which key.
        what: &'static str,
        /// Path of the file.
        path: PathBuf,
    },
    /// The file is there already.
    #[error("there is already a {what} at {path}; it was not touched (ask for overwriting explicitly)")]
    Exists {
        /// Which key.
        what: &'static str,
        /// Path of the file.
        path: PathBuf,
    },
    /// The system refused.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// The operation.
        action: &'static str,
        /// Path of the file.
        path: PathBuf,
        /// Error of the system.
        source: io::Error,
    },
    /// The file is encrypted and no password was given.
    #[error("{path} is encrypted; a password is needed to unlock it")]
    Locked {
        /// Path of the file.
        path: PathBuf,
    },
    /// The address is in no pub file, and the key that it could be read from is encrypted.
    #[error("there is no {what} at {path}, and {secret} is encrypted, so its address is not known")]
    Unnamed {
        /// Which file.
        what: &'static str,
        /// Path of the pub file.
        path: PathBuf,
        /// Path of the key.
        secret: PathBuf,
    },
    /// The pub file names another account than the key. A reader of the pub file would see other money than the key
    /// moves.
    #[error("the files do not belong together: {path} is {own}, {pub_path} says {named}; `myelin doctor` says what to do")]
    Mismatch {
        /// Path of the key.
        path: PathBuf,
        /// Address of the key.
        own: String,
        /// Path of the pub file.
        pub_path: PathBuf,
        /// Address in it.
        named: String,
    },
    /// The encryption did not open.
    #[error("cannot unlock {path}: {source}")]
    Seal {
        /// Path of the file.
        path: PathBuf,
        /// Reason.
        source: SealError,
    },
    /// The content is not a usable key.
    #[error("cannot use {path}: {source}")]
    Keyfile {
        /// Path of the file.
        path: PathBuf,
        /// Reason.
        source: KeyfileError,
    },
}

/// State of a key's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It holds the secret of this public key.
    Plain(AccountId),
    /// It is encrypted, and the password opens the secret of this public key.
    Opened(AccountId),
    /// It is encrypted and may be whole; its account cannot be told without the password.
    Sealed,
}

/// One wallet in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletEntry {
    /// Name of the wallet.
    pub name: String,
    /// Public key of the coldkey, if its pub file is readable.
    pub coldkey: Option<AccountId>,
    /// Whether the coldkey file is present on this machine, and its format.
    pub coldkey_format: Option<Format>,
    /// Names of the hotkeys with their public keys as far as readable, sorted.
    pub hotkeys: Vec<(String, Option<AccountId>)>,
}

/// Default folder of wallets: `BT_WALLET_PATH`, else `~/.bittensor/wallets`.
///
/// `lookup` reads an environment variable; pass `|name| std::env::var(name).ok()`.
pub fn default_path(lookup: impl Fn(&str) -> Option<String>) -> PathBuf {
    let home = lookup("HOME").map(PathBuf::from).unwrap_or_default();
    match lookup("BT_WALLET_PATH").filter(|path| !path.is_empty()) {
        Some(path) => match path.strip_prefix("~/") {
            Some(rest) => home.join(rest),
            None => path.into(),
        },
        None => home.join(".bittensor").join("wallets"),
    }
}

/// A coldkey and one of its hotkeys by name; nothing is read until asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wallet {
    path: PathBuf,
    name: String,
    hotkey: String,
}

impl Wallet {
    /// The wallet `name` under `path`, acting with the hotkey `hotkey`. Names cannot contain slashes or start with
    /// a dot.
    pub fn new(path: impl Into<PathBuf>, name: &str, hotkey: &str) -> Result<Self, WalletError> {
        for part in [name, hotkey] {
            let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
            if part.is_empty() || part.len() > 128 || part.starts_with('.') || !part.chars().all(allowed) {
                return Err(WalletError::Name { name: part.into() });
            }
        }
        Ok(Self { path: path.into(), name: name.into(), hotkey: hotkey.into() })
    }

    /// Folder that holds all wallets.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Name of the wallet.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Name of the hotkey.
    pub fn hotkey_name(&self) -> &str {
        &self.hotkey
    }

    /// The coldkey's file.
    pub fn coldkey_file(&self) -> PathBuf {
        self.path.join(&self.name).join("coldkey")
    }

    /// The coldkey's pub file.
    pub fn coldkeypub_file(&self) -> PathBuf {
        self.path.join(&self.name).join("coldkeypub.txt")
    }

    /// The hotkey's file.
    pub fn hotkey_file(&self) -> PathBuf {
        self.path.join(&self.name).join("hotkeys").join(&self.hotkey)
    }

    /// The hotkey's pub file.
    pub fn hotkeypub_file(&self) -> PathBuf {
        self.path.join(&self.name).join("hotkeys").join(format!("{}pub.txt", self.hotkey))
    }

    /// Writes the coldkey and its pub file; encrypted if a password is given.
    pub fn save_coldkey(
        &self,
        secret: &Secret,
        password: Option<&Password>,
        overwrite: bool,
    ) -> Result<(), WalletError> {
        save(&self.coldkey_file(), "coldkey", secret, password, overwrite)?;
        self.save_coldkeypub(&secret.keypair().public())
    }

    /// Writes only the coldkey's address, as a hot machine needs it.
    pub fn save_coldkeypub(&self, public: &AccountId) -> Result<(), WalletError> {
        write(&self.coldkeypub_file(), "coldkeypub", &keyfile::write_public(public), true)
    }

    /// Writes only a hotkey's address, to watch it.
    pub fn save_hotkeypub(&self, public: &AccountId) -> Result<(), WalletError> {
        write(&self.hotkeypub_file(), "hotkeypub", &keyfile::write_public(public), true)
    }

    /// Writes the hotkey and its pub file; plain unless a password is given, since services must start unattended.
    pub fn save_hotkey(
        &self,
        secret: &Secret,
        password: Option<&Password>,
        overwrite: bool,
    ) -> Result<(), WalletError> {
        save(&self.hotkey_file(), "hotkey", secret, password, overwrite)?;
        self.save_hotkeypub(&secret.keypair().public())
    }

    /// Whether the coldkey's file needs a password.
    pub fn coldkey_is_encrypted(&self) -> Result<bool, WalletError> {
        Ok(Format::of(&read(&self.coldkey_file(), "coldkey")?).is_encrypted())
    }

    /// Whether the hotkey's file needs a password.
    pub fn hotkey_is_encrypted(&self) -> Result<bool, WalletError> {
        Ok(Format::of(&read(&self.hotkey_file(), "hotkey")?).is_encrypted())
    }

    /// Whether the coldkey's file can be used, as far as can be told with this password, or without one.
    pub fn inspect_coldkey(&self, password: Option<&Password>) -> Result<KeyState, WalletError> {
        inspect(&self.coldkey_file(), "coldkey", password)
    }

    /// Whether the hotkey's file can be used, as far as can be told with this password, or without one.
    pub fn inspect_hotkey(&self, password: Option<&Password>) -> Result<KeyState, WalletError> {
        inspect(&self.hotkey_file(), "hotkey", password)
    }

    /// Account whose secret the coldkey's file claims to hold, without further checks; `None` if it is encrypted.
    pub fn glance_coldkey(&self) -> Result<Option<AccountId>, WalletError> {
        glance(&self.coldkey_file(), "coldkey")
    }

    /// Account whose secret the hotkey's file claims to hold, without further checks; `None` if it is encrypted.
    pub fn glance_hotkey(&self) -> Result<Option<AccountId>, WalletError> {
        glance(&self.hotkey_file(), "hotkey")
    }

    /// The coldkey with everything its file holds, if its pub file does not name another one. Unlocking takes seconds
    /// of one core and 512 MiB.
    pub fn coldkey_secret(&self, password: Option<&Password>) -> Result<Secret, WalletError> {
        load_named(&self.coldkey_file(), &self.coldkeypub_file(), "coldkey", password)
    }

    /// The coldkey. Unlocking takes seconds of one core and 512 MiB.
    pub fn coldkey(&self, password: Option<&Password>) -> Result<Keypair, WalletError> {
        self.coldkey_secret(password).map(|secret| secret.keypair)
    }

    /// The hotkey, if its pub file does not name another one.
    pub fn hotkey(&self, password: Option<&Password>) -> Result<Keypair, WalletError> {
        load_named(&self.hotkey_file(), &self.hotkeypub_file(), "hotkey", password)
            .map(|secret| secret.keypair)
    }

    /// The coldkey's public key, from the pub file or else from a plain coldkey file.
    pub fn coldkeypub(&self) -> Result<AccountId, WalletError> {
        public(&self.coldkeypub_file(), &self.coldkey_file(), "coldkeypub")
    }

    /// The hotkey's public key, from the pub file or else from a plain hotkey file.
    pub fn hotkeypub(&self) -> Result<AccountId, WalletError> {
        public(&self.hotkeypub_file(), &self.hotkey_file(), "hotkeypub")
    }

    /// All wallets under `path`, sorted by name; an absent folder holds none.
    pub fn list(path: &Path) -> Result<Vec<WalletEntry>, WalletError> {
        let mut entries = Vec::new();
        for name in names_in(path, true)? {
            let Ok(wallet) = Wallet::new(path, &name, "default") else { continue };
            let files = names_in(&path.join(&name).join("hotkeys"), false)?;
            // A watched hotkey has only a pub file here.
            let names = files.iter().map(|file| file.strip_suffix("pub.txt").unwrap_or(file).to_owned());
            let hotkeys = names
                .collect::<BTreeSet<String>>()
                .into_iter()
                .filter_map(|hotkey| {
                    let public = Wallet::new(path, &name, &hotkey).ok()?.hotkeypub().ok();
                    Some((hotkey, public))
                })
                .collect();
            let coldkey_format = read_bounded(&wallet.coldkey_file()).ok().map(|bytes| Format::of(&bytes));
            let coldkey = wallet.coldkeypub().ok();
            entries.push(WalletEntry { name, coldkey, coldkey_format, hotkeys });
        }
        Ok(entries)
    }
}

fn names_in(folder: &Path, folders: bool) -> Result<Vec<String>, WalletError> {
    let failed = |source| WalletError::Io { action: "list", path: folder.into(), source };
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut names = Vec::new();
    for entry in entries.take(MAX_LISTED) {
        let entry = entry.map_err(failed)?;
        let is_folder = entry.path().is_dir();
        match entry.file_name().into_string() {
            Ok(name) if is_folder == folders && !name.starts_with('.') => names.push(name),
            _ => {}
        }
    }
    names.sort();
    Ok(names)
}

fn save(
    path: &Path,
    what: &'static str,
    secret: &Secret,
    password: Option<&Password>,
    overwrite: bool,
) -> Result<(), WalletError> {
    if !overwrite && path.exists() {
        return Err(WalletError::Exists { what, path: path.into() });
    }
    let content = keyfile::write_secret(secret);
    match password {
        None => write(path, what, &content, overwrite),
        Some(password) => {
            let key = SealKey::derive(password)
                .map_err(|source| WalletError::Seal { path: path.into(), source })?;
            write(path, what, &key.seal(&content), overwrite)
        }
    }
}

fn write(path: &Path, what: &'static str, bytes: &[u8], overwrite: bool) -> Result<(), WalletError> {
    write_private(path, bytes, overwrite).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => WalletError::Exists { what, path: path.into() },
        _ => WalletError::Io { action: "write", path: path.into(), source },
    })
}

fn read(path: &Path, what: &'static str) -> Result<zeroize::Zeroizing<Vec<u8>>, WalletError> {
    read_bounded(path).map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => WalletError::Missing { what, path: path.into() },
        _ => WalletError::Io { action: "read", path: path.into(), source },
    })
}

fn inspect(path: &Path, what: &'static str, password: Option<&Password>) -> Result<KeyState, WalletError> {
    let bytes = read(path, what)?;
    let public = |password| load(path, what, password).map(|secret| secret.keypair.public());
    if !Format::of(&bytes).is_encrypted() {
        return public(None).map(KeyState::Plain);
    }
    seal::check(&bytes).map_err(|source| WalletError::Seal { path: path.into(), source })?;
    match password {
        Some(password) => public(Some(password)).map(KeyState::Opened),
        None => Ok(KeyState::Sealed),
    }
}

fn glance(path: &Path, what: &'static str) -> Result<Option<AccountId>, WalletError> {
    let bytes = read(path, what)?;
    if Format::of(&bytes).is_encrypted() {
        seal::check(&bytes).map_err(|source| WalletError::Seal { path: path.into(), source })?;
        return Ok(None);
    }
    let named = keyfile::read_named(&bytes);
    named.map(Some).map_err(|source| WalletError::Keyfile { path: path.into(), source })
}

fn load(path: &Path, what: &'static str, password: Option<&Password>) -> Result<Secret, WalletError> {
    let bytes = read(path, what)?;
    let use_content = |content: &[u8]| {
        keyfile::read_secret(content).map_err(|source| WalletError::Keyfile { path: path.into(), source })
    };
    if !Format::of(&bytes).is_encrypted() {
        return use_content(&bytes);
    }
    let password = password.ok_or_else(|| WalletError::Locked { path: path.into() })?;
    let content =
        seal::open(&bytes, password).map_err(|source| WalletError::Seal { path: path.into(), source })?;
    use_content(&content)
}

/// Like [`load`]; the key must match the pub file, if there is one.
fn load_named(
    path: &Path,
    pub_file: &Path,
    what: &'static str,
    password: Option<&Password>,
) -> Result<Secret, WalletError> {
    let secret = load(path, what, password)?;
    let named = match read(pub_file, what) {
        Ok(bytes) => keyfile::read_public(&bytes)
            .map_err(|source| WalletError::Keyfile { path: pub_file.into(), source })?,
        Err(WalletError::Missing { .. }) => return Ok(secret),
        Err(error) => return Err(error),
    };
    let own = secret.keypair.public();
    if own != named {
        let [own, named] = [own, named].map(|account| ss58::encode(&account));
        return Err(WalletError::Mismatch { path: path.into(), own, pub_path: pub_file.into(), named });
    }
    Ok(secret)
}

fn public(pub_file: &Path, secret_file: &Path, what: &'static str) -> Result<AccountId, WalletError> {
    let (path, bytes) = match read(pub_file, what) {
        Ok(bytes) => (pub_file, bytes),
        Err(missing @ WalletError::Missing { .. }) => match read(secret_file, what) {
            Ok(bytes) if !Format::of(&bytes).is_encrypted() => (secret_file, bytes),
            Ok(_) => {
                let (path, secret) = (pub_file.into(), secret_file.into());
                return Err(WalletError::Unnamed { what, path, secret });
            }
            Err(WalletError::Missing { .. }) => return Err(missing),
            Err(unreadable) => return Err(unreadable),
        },
        Err(error) => return Err(error),
    };
    keyfile::read_public(&bytes).map_err(|source| WalletError::Keyfile { path: path.into(), source })
}

//! The keys of a command: wallet files, or development keys such as `//Alice`.

use std::collections::BTreeSet;

use clap::Args;
use myelin_abi::Account;
use myelin_wallet::{default_path, password, Keypair, Password, Wallet, WalletError};
use myelin_wire::{ss58, AccountId};

use crate::address_book::AddressBook;
use crate::output::{fail, Failure, Outcome};
use crate::Global;

/// Other names of `--wallet`.
pub const WALLET_NAMES: [&str; 4] = ["wallet-name", "wallet_name", "wallet.name", "name"];

/// A wallet and one of its hotkeys.
#[derive(Args, Clone, Debug)]
pub struct Keys {
    /// Name of the wallet, or a development key such as //Alice.
    #[arg(
        long,
        short = 'w',
        env = "BT_WALLET_NAME",
        default_value = "default",
        value_name = "NAME",
        aliases = WALLET_NAMES,
        aliases = ["coldkey-ss58", "coldkey_ss58", "ss58", "ss58-address", "key"]
    )]
    wallet: String,
    /// Name of its hotkey, of another wallet (WALLET/HOTKEY) or of the address book, an address, or a development key
    /// such as //Alice_hk.
    #[arg(
        long,
        short = 'k',
        short_alias = 'H',
        env = "BT_WALLET_HOTKEY",
        default_value = "default",
        value_name = "NAME",
        aliases = [
            "wallet-hotkey",
            "wallet_hotkey",
            "wallet.hotkey",
            "hotkey-ss58",
            "hotkey-ss58-address",
            "wallet-hotkey-ss58",
            "wallet_hotkey_ss58",
            "origin-hotkey",
            "child-hotkey-ss58"
        ]
    )]
    hotkey: String,
}

/// The account to look at: a word, or --wallet.
#[derive(Args, Clone, Debug)]
pub struct Who {
    /// Wallet name, address, name of the address book, or development key; instead of --wallet.
    #[arg(value_name = "WHO")]
    who: Option<String>,
    #[command(flatten)]
    pub keys: Keys,
}

impl Who {
    /// The account.
    pub fn account(&self, global: &Global) -> Result<Account, Failure> {
        match &self.who {
            Some(who) => account(who, global),
            None => self.keys.coldkey_account(global),
        }
    }
}

/// Several hotkeys at once, instead of `--hotkey`.
#[derive(Args, Clone, Debug, Default)]
pub struct Hotkeys {
    /// These hotkeys instead of --hotkey: names in the wallet, or addresses.
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "NAME",
        alias = "include-hotkeys",
        conflicts_with = "all_hotkeys"
    )]
    hotkeys: Vec<String>,
    /// All hotkeys of the wallet; for a sale, all on which the coldkey has stake.
    #[arg(long)]
    all_hotkeys: bool,
    /// All except these.
    #[arg(long, value_delimiter = ',', value_name = "NAME", requires = "all_hotkeys")]
    exclude_hotkeys: Vec<String>,
}

impl Hotkeys {
    /// The hotkeys that these options name; the hotkey of `keys` if no option is given. Reads no secret.
    pub fn of(&self, keys: &Keys, global: &Global) -> Result<Vec<Account>, Failure> {
        if !self.all_hotkeys && self.hotkeys.is_empty() {
            return Ok(vec![keys.hotkey_account(global)?]);
        }
        let names = if self.all_hotkeys {
            let wallet = Wallet::list(&folder(global))?.into_iter().find(|entry| entry.name == keys.wallet);
            wallet.map(|entry| entry.hotkeys.into_iter().map(|(name, _)| name).collect()).unwrap_or_default()
        } else {
            self.hotkeys.clone()
        };
        let found = self.with(accounts(&names, keys, global)?, [], keys, global)?;
        if found.is_empty() {
            return fail(format!("wallet {} has no such hotkeys; see `myelin wallet list`", keys.wallet));
        }
        Ok(found)
    }

    /// Whether the options name all hotkeys.
    pub fn are_all(&self) -> bool {
        self.all_hotkeys
    }

    /// These hotkeys and `more`, each once, without the excluded ones.
    pub fn with(
        &self,
        these: Vec<Account>,
        more: impl IntoIterator<Item = Account>,
        keys: &Keys,
        global: &Global,
    ) -> Result<Vec<Account>, Failure> {
        let mut seen: BTreeSet<Account> =
            accounts(&self.exclude_hotkeys, keys, global)?.into_iter().collect();
        Ok(these.into_iter().chain(more).filter(|hotkey| seen.insert(*hotkey)).collect())
    }
}

/// Accounts of hotkeys of a wallet. Fails with the name of one that cannot be read.
fn accounts(names: &[String], keys: &Keys, global: &Global) -> Result<Vec<Account>, Failure> {
    names.iter().map(|name| keys.with_hotkey(name).hotkey_account(global)).collect()
}

impl Keys {
    /// The wallet's name.
    pub fn name(&self) -> &str {
        &self.wallet
    }

    /// The hotkey's name.
    pub fn hotkey_name(&self) -> &str {
        &self.hotkey
    }

    /// The same wallet with another hotkey.
    pub fn with_hotkey(&self, hotkey: &str) -> Keys {
        Keys { wallet: self.wallet.clone(), hotkey: hotkey.to_owned() }
    }

    /// The files behind the names.
    pub fn wallet(&self, global: &Global) -> Result<Wallet, Failure> {
        Ok(Wallet::new(folder(global), &self.wallet, &self.hotkey)?)
    }

    /// The coldkey that signs for money; asks for its password if the file is encrypted.
    pub fn coldkey(&self, global: &Global) -> Result<Keypair, Failure> {
        if self.wallet.starts_with("//") {
            return Ok(Keypair::from_uri(&self.wallet)?);
        }
        let wallet = self.wallet(global)?;
        if !wallet.coldkey_file().exists() && wallet.coldkeypub_file().exists() {
            return fail(format!(
                "wallet {} only watches here: {} is on another machine; sign there, or restore it with `myelin wallet regen-coldkey`",
                self.wallet,
                wallet.coldkey_file().display()
            ));
        }
        if !wallet.coldkey_file().exists() {
            return Err(self.missing_coldkey(global));
        }
        Ok(wallet.coldkey(coldkey_password(&wallet)?.as_ref())?)
    }

    /// The hotkey that signs for work.
    pub fn hotkey(&self, global: &Global) -> Result<Keypair, Failure> {
        if self.hotkey.starts_with("//") {
            return Ok(Keypair::from_uri(&self.hotkey)?);
        }
        let wallet = self.wallet(global).map_err(|failure| self.without_files().unwrap_or(failure))?;
        if !wallet.hotkey_file().exists() && !wallet.hotkeypub_file().exists() {
            return Err(self.missing_hotkey(global));
        }
        let password = if wallet.hotkey_is_encrypted()? {
            Some(existing_password(&wallet.hotkey_file(), "hotkey")?)
        } else {
            None
        };
        Ok(wallet.hotkey(password.as_ref())?)
    }

    /// The coldkey's account. Reads no secret.
    pub fn coldkey_account(&self, global: &Global) -> Result<Account, Failure> {
        match literal(&self.wallet)? {
            Some(account) => Ok(account),
            None => {
                let (own, entry) =
                    (wallet_account(&self.wallet, global), AddressBook::load()?.find(&self.wallet)?);
                if entry.is_none() && matches!(own, Err(WalletError::Missing { .. })) {
                    return Err(self.missing_coldkey(global));
                }
                by_name(&self.wallet, "wallet", own, entry)
            }
        }
    }

    /// The account of any hotkey: of this wallet, of the address book, or of another wallet. Reads no secret.
    pub fn hotkey_account(&self, global: &Global) -> Result<Account, Failure> {
        match self.own_hotkey_account(global) {
            Err(failure) => Ok(self.hotkey_of_another_wallet(global)?.ok_or(failure)?),
            own => own,
        }
    }

    /// The account of a hotkey that the coldkey must own, so never one of another wallet. Reads no secret.
    pub fn own_hotkey_account(&self, global: &Global) -> Result<Account, Failure> {
        if let Some(account) = literal(&self.hotkey)? {
            return Ok(account);
        }
        let own = Wallet::new(folder(global), &self.wallet, &self.hotkey).and_then(|it| it.hotkeypub());
        let entry = AddressBook::load()?.find(&self.hotkey)?;
        if entry.is_none() && matches!(own, Err(WalletError::Missing { .. })) {
            return Err(self.without_files().unwrap_or_else(|| self.missing_hotkey(global)));
        }
        by_name(&self.hotkey, "hotkey", own, entry).map_err(|failure| self.without_files().unwrap_or(failure))
    }

    /// The hotkey of another wallet: `WALLET/HOTKEY`, or the name of a wallet with one hotkey or with a hotkey called
    /// `default`.
    ///
    /// `default` itself is the value of an absent option, and never the name of another wallet.
    fn hotkey_of_another_wallet(&self, global: &Global) -> Result<Option<Account>, Failure> {
        let (name, hotkey) = match self.hotkey.split_once('/') {
            Some((name, hotkey)) => (name, Some(hotkey)),
            None => (self.hotkey.as_str(), None),
        };
        let wallets = Wallet::list(&folder(global))?;
        let Some(wallet) = wallets.iter().find(|wallet| wallet.name == name && name != "default") else {
            return Ok(None);
        };
        let named =
            |name: &str| wallet.hotkeys.iter().find(|(known, _)| known == name).and_then(|(_, key)| *key);
        let found = match (hotkey, &wallet.hotkeys[..]) {
            (Some(hotkey), _) => named(hotkey),
            (None, [(_, only)]) => *only,
            (None, _) => named("default"),
        };
        match found {
            Some(account) => Ok(Some(Account(account))),
            None => fail(format!(
                "wallet {name} has {}; name one of them as --hotkey {name}/NAME",
                hotkeys_in_words(&wallet.hotkeys)
            )),
        }
    }

    /// The failure for a missing wallet or coldkey, with the command that makes it.
    fn missing_coldkey(&self, global: &Global) -> Failure {
        let (wallet, place) = (word(&self.wallet), folder(global));
        let is_there = place.join(&self.wallet).is_dir();
        Failure::new(match is_there {
            true => format!("wallet {wallet} has no coldkey; `myelin wallet new-coldkey --wallet {wallet}` makes one"),
            false => format!(
                "there is no wallet {wallet} in {}; `myelin wallet new --wallet {wallet}` makes it, `myelin wallet \
                 list` shows those that are there, and --wallet names one of them",
                place.display()
            ),
        })
    }

    /// The failure for a missing hotkey, with the command that makes it.
    fn missing_hotkey(&self, global: &Global) -> Failure {
        let (wallet, hotkey) = (word(&self.wallet), word(&self.hotkey));
        let wallets = Wallet::list(&folder(global)).unwrap_or_default();
        match wallets.iter().find(|entry| entry.name == self.wallet) {
            None => self.missing_coldkey(global),
            Some(entry) => Failure::new(format!(
                "wallet {wallet} has {}, and no hotkey {hotkey}; --hotkey names another, and `myelin wallet \
                 new-hotkey --wallet {wallet} --hotkey {hotkey}` makes it",
                hotkeys_in_words(&entry.hotkeys)
            )),
        }
    }

    /// A command for this hotkey as a user types it: with `--wallet`, and with `--hotkey` unless it is the default.
    pub fn command(&self, command: &str) -> String {
        let hotkey = match self.hotkey.as_str() {
            "default" => String::new(),
            hotkey => format!(" --hotkey {}", word(hotkey)),
        };
        format!("`{command} --wallet {}{hotkey}`", word(&self.wallet))
    }

    /// The failure for a hotkey's name beside a coldkey without a wallet, which has no named hotkeys.
    fn without_files(&self) -> Option<Failure> {
        literal(&self.wallet).ok()??;
        Some(Failure::new(format!(
            "`{}` is the name of a hotkey, and only a wallet has hotkeys with names: give --hotkey an address or a \
             development key such as //Alice_hk, or --wallet the name of the hotkey's wallet instead of {}",
            self.hotkey, self.wallet
        )))
    }
}

/// The hotkeys of a wallet by name.
fn hotkeys_in_words(hotkeys: &[(String, Option<AccountId>)]) -> String {
    let names: Vec<&str> = hotkeys.iter().map(|(name, _)| name.as_str()).collect();
    match &names[..] {
        [] => "no hotkeys".into(),
        [only] => format!("the hotkey {only}"),
        several => format!("the hotkeys {}", several.join(", ")),
    }
}

/// The account of a text without lookup: a development key or an address.
fn literal(text: &str) -> Result<Option<Account>, Failure> {
    if text.starts_with("//") {
        return Ok(Some(Account(Keypair::from_uri(text)?.public())));
    }
    Ok(ss58::decode(text).ok().map(Account))
}

/// The account of a name: of the key with this name here, `own`, or of the entry in the address book.
///
/// Both may have the name, for example if another program added it to the book. Then it is ambiguous, and refused.
fn by_name(
    name: &str,
    what: &str,
    own: Result<AccountId, WalletError>,
    entry: Option<Account>,
) -> Result<Account, Failure> {
    match (own, entry) {
        (Ok(own), Some(other)) if own != other.0 => {
            let [own, other] = [own, other.0].map(|account| ss58::encode(&account));
            fail(format!(
                "`{name}` is ambiguous: the {what} {name} is {own}, and {name} in the address book is {other}; type \
                 the address that you mean, or give the entry another name: `myelin address remove {name}`, then \
                 `myelin address add OTHER_NAME {other}`"
            ))
        }
        (own, Some(other)) if is_absent(&own) => Ok(other),
        (own, _) => Ok(Account(own?)),
    }
}

/// Whether the key is missing, rather than unreadable.
fn is_absent(key: &Result<AccountId, WalletError>) -> bool {
    matches!(key, Err(WalletError::Missing { .. } | WalletError::Name { .. }))
}

/// The coldkey of the wallet with this name.
fn wallet_account(name: &str, global: &Global) -> Result<AccountId, WalletError> {
    Wallet::new(folder(global), name, "default")?.coldkeypub()
}

/// Whether there is a wallet of this name here, with the coldkey or its address.
pub fn is_wallet(name: &str, global: &Global) -> bool {
    !is_absent(&wallet_account(name, global))
}

/// Refuses a new key, a `wallet` or a `hotkey`, with an ambiguous name: an address, or a name that the address book
/// has for another account.
pub fn ensure_unambiguous(what: &str, name: &str, account: &AccountId) -> Outcome {
    if ss58::decode(name).is_ok() {
        return fail(format!(
            "`{name}` is an address, and commands would take it for that account; choose another --{what}"
        ));
    }
    match AddressBook::load()?.find(name)? {
        Some(other) if other.0 != *account => fail(format!(
            "`{name}` is {} in the address book; choose another --{what}, or `myelin address remove {name}` first",
            ss58::encode(&other.0)
        )),
        _ => Ok(()),
    }
}

/// Folder of the wallets.
pub fn folder(global: &Global) -> std::path::PathBuf {
    global.wallet_path.clone().unwrap_or_else(|| default_path(|name| std::env::var(name).ok()))
}

/// An account by address, development key, name of the address book, wallet name, or as the hotkey WALLET/HOTKEY.
pub fn account(text: &str, global: &Global) -> Result<Account, Failure> {
    if let Some(account) = literal(text)? {
        return Ok(account);
    }
    let (own, entry) = (wallet_account(text, global), AddressBook::load()?.find(text)?);
    if entry.is_none() && is_absent(&own) {
        if let Some((wallet, hotkey)) = text.split_once('/') {
            return Ok(Account(Wallet::new(folder(global), wallet, hotkey)?.hotkeypub()?));
        }
        return fail(format!(
            "`{text}` is no address, no wallet and no name of the address book; see `myelin wallet list` and `myelin address list`"
        ));
    }
    by_name(text, "wallet", own, entry)
}

/// Password of a coldkey's file, if it has one.
pub fn coldkey_password(wallet: &Wallet) -> Result<Option<Password>, Failure> {
    if !wallet.coldkey_is_encrypted()? {
        return Ok(None);
    }
    existing_password(&wallet.coldkey_file(), "coldkey").map(Some)
}

/// Password of a file from the environment, if that has one.
pub fn password_at_hand(file: &std::path::Path) -> Result<Option<Password>, Failure> {
    Ok(password::from_environment(file, |name| std::env::var(name).ok())?)
}

/// A word of a command as a shell reads it.
pub fn word(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./:".contains(letter);
    if text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// Password of an existing file: from the environment, or asked for.
fn existing_password(file: &std::path::Path, what: &str) -> Result<Password, Failure> {
    if let Some(password) = password_at_hand(file)? {
        return Ok(password);
    }
    let typed = rpassword::prompt_password(format!("Password of the {what} {}: ", file.display())).map_err(
        |error| {
            Failure::new(format!("the password can't be asked for here ({error}); set BT_WALLET_PASSWORD"))
        },
    )?;
    Ok(Password::new(typed))
}

/// Password for a new file of the key `what`: from the environment, or asked for twice; weak ones are refused.
pub fn new_password(file: &std::path::Path, what: &str) -> Result<Password, Failure> {
    match password_at_hand(file)? {
        Some(password) => {
            password.check_new()?;
            Ok(password)
        }
        None => ask_new_password(what, &format!("set BT_WALLET_PASSWORD, or write the {what} unencrypted")),
    }
}

/// A new password, read twice; weak ones are refused. `otherwise` tells the user what to do without a terminal.
pub fn ask_new_password(what: &str, otherwise: &str) -> Result<Password, Failure> {
    let ask = |prompt: &str| {
        rpassword::prompt_password(prompt).map_err(|error| {
            Failure::new(format!("the password can't be asked for here ({error}); {otherwise}"))
        })
    };
    let first = ask(&format!("New password for the {what}: "))?;
    if first != ask("The same again: ")? {
        return fail("the two passwords differ; nothing was written");
    }
    let chosen = Password::new(first);
    chosen.check_new()?;
    Ok(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use myelin_wallet::Secret;

    #[test]
    fn several_hotkeys_are_named_listed_or_left_out() {
        let folder = std::env::temp_dir().join(format!("myelin-hotkeys-{}", std::process::id()));
        let [one, two, three] = ["//One", "//Two", "//Three"].map(|uri| {
            let secret = Secret::from_keypair(Keypair::from_uri(uri).expect("a key"));
            let wallet = Wallet::new(&folder, "alice", uri.trim_start_matches('/')).expect("a name");
            wallet.save_hotkey(&secret, None, true).expect("saved");
            Account(secret.keypair().public())
        });
        let global = Global { wallet_path: Some(folder.clone()), ..Global::for_tests() };
        let keys = Keys { wallet: "alice".into(), hotkey: "Two".into() };
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let of = |hotkeys: &Hotkeys| hotkeys.of(&keys, &global).map_err(|failure| failure.to_string());

        assert_eq!(of(&Hotkeys::default()), Ok(vec![two]));
        let account = |text| account(text, &global).map_err(|failure| failure.to_string());
        assert_eq!((account("alice/Three"), account("//Three")), (Ok(three), Ok(three)));
        assert!(account("alice/Four").is_err() && account("Three").is_err());
        let named = Hotkeys { hotkeys: names(&["Three", "One", "Three"]), ..Hotkeys::default() };
        assert_eq!(of(&named), Ok(vec![three, one]));
        let all = Hotkeys { all_hotkeys: true, exclude_hotkeys: names(&["Two"]), ..Hotkeys::default() };
        assert_eq!(of(&all), Ok(vec![one, three]));
        let beside = all.with(vec![one], [two, three, one], &keys, &global);
        assert_eq!(beside.map_err(|failure| failure.to_string()), Ok(vec![one, three]));
        let none = Hotkeys { all_hotkeys: true, exclude_hotkeys: names(&["One", "Two", "Three"]), ..all };
        assert!(of(&none).is_err_and(|why| why.contains("no such hotkeys")));
        let unknown = Hotkeys { hotkeys: names(&["Four"]), ..Hotkeys::default() };
        assert!(of(&unknown).is_err());
        std::fs::remove_dir_all(folder).expect("removed");
    }
}

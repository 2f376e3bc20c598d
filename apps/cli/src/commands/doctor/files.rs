//! Keys and their files.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use myelin_abi::Account;
use myelin_wallet::{keyfile::KeyfileError, password::variable_of, KeyState, SealError, Wallet, WalletError};
use myelin_wire::{ss58, AccountId};

use super::Finding;
use crate::address_book::AddressBook;
use crate::keys::{self, word, Keys};
use crate::output::{address, Failure};
use crate::Global;

/// One of the two keys of a wallet, and the commands that fix its files.
struct Key {
    what: &'static str,
    file: PathBuf,
    pub_file: PathBuf,
    state: Result<KeyState, WalletError>,
    named: Result<AccountId, WalletError>,
    /// Command that creates a new key.
    create: String,
    /// Command that creates a new key beside it.
    another: String,
    /// Command that restores the key.
    regen: String,
    /// Command that writes its address.
    regen_pub: String,
    /// Whether the secret may be on another machine; otherwise a program signs with it here.
    may_be_elsewhere: bool,
}

impl Key {
    fn coldkey(wallet: &Wallet) -> Self {
        let of = format!("--wallet {}", word(wallet.name()));
        Key {
            what: "coldkey",
            file: wallet.coldkey_file(),
            pub_file: wallet.coldkeypub_file(),
            state: wallet
                .inspect_coldkey(keys::password_at_hand(&wallet.coldkey_file()).ok().flatten().as_ref()),
            named: wallet.coldkeypub(),
            create: format!("myelin wallet new {of}"),
            another: "myelin wallet new --wallet OTHER_NAME".into(),
            regen: over(format!("myelin wallet regen-coldkey {of}"), &wallet.coldkey_file()),
            regen_pub: over(format!("myelin wallet regen-coldkeypub {of}"), &wallet.coldkeypub_file()),
            may_be_elsewhere: true,
        }
    }

    fn hotkey(wallet: &Wallet) -> Self {
        let name = word(wallet.name());
        let of = format!("--wallet {name} --hotkey {}", word(wallet.hotkey_name()));
        Key {
            what: "hotkey",
            file: wallet.hotkey_file(),
            pub_file: wallet.hotkeypub_file(),
            state: wallet
                .inspect_hotkey(keys::password_at_hand(&wallet.hotkey_file()).ok().flatten().as_ref()),
            named: wallet.hotkeypub(),
            create: format!("myelin wallet new-hotkey {of}"),
            another: format!("myelin wallet new-hotkey --wallet {name} --hotkey OTHER_NAME"),
            regen: over(format!("myelin wallet regen-hotkey {of}"), &wallet.hotkey_file()),
            regen_pub: over(format!("myelin wallet regen-hotkeypub {of}"), &wallet.hotkeypub_file()),
            may_be_elsewhere: false,
        }
    }

    fn is_here(&self) -> bool {
        self.file.exists() || self.pub_file.exists()
    }

    /// Compares the address in the secret file, as far as it is readable without a password, with the address that all
    /// commands use.
    fn check(&self) -> Finding {
        let Key { what, create, another, regen, regen_pub, .. } = self;
        let (file, pub_file) = (self.file.display(), self.pub_file.display());
        let problem = |found: String, fix: String| Finding::problem(what, found, fix);
        let restore = || format!("restore the file from a backup, or the key from its words: `{regen}`");
        match (&self.state, self.named.as_ref().map(ss58::encode)) {
            (Err(WalletError::Missing { .. }), Err(error)) => problem(
                error.to_string(),
                format!(
                    "`{create}`, or `{regen_pub} --address ADDRESS` if the key is elsewhere; \
                     `myelin wallet list` shows what is here"
                ),
            ),
            (Err(WalletError::Missing { .. }), Ok(named)) if self.may_be_elsewhere => {
                Finding::ok(what, format!("{named}, of which only the address is here"))
            }
            (Err(WalletError::Missing { .. }), Ok(named)) => problem(
                format!("only the address {named} is here, so nothing can sign as it: there is no {file}"),
                restore(),
            ),
            (Err(error @ WalletError::Io { path, .. }), _) => problem(
                error.to_string(),
                format!(
                    "the file is there, but closed to you: look at whose it is with `ls -l {}`",
                    path.display()
                ),
            ),
            (Err(error @ WalletError::Seal { source: SealError::WrongPassword, .. }), _) => problem(
                error.to_string(),
                format!(
                    "the password came from the environment: {} comes first if it is set, then BT_WALLET_PASSWORD; where it is right, \
                     restore the file from a backup",
                    variable_of(&self.file)
                ),
            ),
            // A good key, and possibly the only copy: nothing may overwrite it.
            (Err(error @ WalletError::Keyfile { source: KeyfileError::CryptoType { .. }, .. }), _) => {
                problem(
                    error.to_string(),
                    format!(
                        "keep {file} for the programs that sign with such keys; here use another: `{another}`"
                    ),
                )
            }
            // The remains may be the only copy.
            (Err(error @ WalletError::Keyfile { source: KeyfileError::Address { .. }, .. }), _) => problem(
                error.to_string(),
                format!("restore {file} from a backup, or keep a copy before anything else"),
            ),
            (Err(error), _) => problem(error.to_string(), restore()),
            (Ok(KeyState::Plain(own) | KeyState::Opened(own)), Err(error)) => {
                problem(error.to_string(), format!("`{regen_pub} --address {}`", ss58::encode(own)))
            }
            (Ok(KeyState::Plain(own) | KeyState::Opened(own)), Ok(named)) => match ss58::encode(own) {
                own if own == named => Finding::ok(what, named),
                own => problem(
                    format!("the files do not belong together: {file} is {own}, {pub_file} says {named}"),
                    format!("if the key is right, `{regen_pub} --address {own}`; otherwise {}", restore()),
                ),
            },
            (Ok(KeyState::Sealed), Err(error)) => problem(
                error.to_string(),
                format!(
                    "`{regen_pub} --address ADDRESS` if you know it, or the key from its words: `{regen}`"
                ),
            ),
            (Ok(KeyState::Sealed), Ok(named)) => Finding::unchecked(
                what,
                format!("{named}; whether {file} is this key shows only with its password"),
                "with the password in BT_WALLET_PASSWORD it is looked at",
            ),
        }
    }
}

/// A command that writes a file, with the option that lets it overwrite one.
fn over(command: String, file: &Path) -> String {
    if file.exists() {
        command + " --overwrite"
    } else {
        command
    }
}

/// Checks the key files of these names.
pub fn check(global: &Global, keys: &Keys) -> Vec<Finding> {
    let mut found = Vec::new();
    // The wallet's name may be a development key or an address, which have no files.
    let wallet = keys.wallet(global).ok();
    let [coldkey, hotkey] = [Key::coldkey, Key::hotkey].map(|of| wallet.as_ref().map(of));
    let in_the_clear = coldkey.as_ref().is_some_and(|key| matches!(key.state, Ok(KeyState::Plain(_))));
    found.push(one("coldkey", coldkey, keys.coldkey_account(global)));
    found.push(one("hotkey", hotkey, keys.hotkey_account(global)));
    if let Some(wallet) = &wallet {
        for (what, file) in [("coldkey file", wallet.coldkey_file()), ("hotkey file", wallet.hotkey_file())] {
            if let Err(error) = keys::password_at_hand(&file) {
                found.push(Finding::problem(
                    what,
                    error.to_string(),
                    "nothing can be signed with this file until that is fixed",
                ));
            }
            found.extend(readable_by_others(what, &file));
        }
        if in_the_clear {
            found.push(Finding::warning(
                "coldkey file",
                format!("{} is not encrypted", wallet.coldkey_file().display()),
                format!(
                    "whoever copies it has your money: `myelin wallet set-password --wallet {}`",
                    word(wallet.name())
                ),
            ));
        }
    }
    if let Err(error) = AddressBook::load() {
        found.push(Finding::problem("address book", error.to_string(), "fix or remove the file"));
    }
    found
}

/// Checks one key: by its files if there are any here, else by the account of its name.
fn one(what: &'static str, key: Option<Key>, meant: Result<Account, Failure>) -> Finding {
    match (key, meant) {
        (Some(key), Ok(_)) if key.is_here() => key.check(),
        (_, Ok(account)) => Finding::ok(what, address(&account)),
        // The files give the account of the name, and another entry disagrees.
        (Some(key), Err(error)) if key.named.is_ok() => Finding::problem(
            what,
            error.to_string(),
            "give the entry of the address book another name: `myelin address list`",
        ),
        (Some(key), Err(_)) => key.check(),
        (None, Err(error)) => Finding::problem(
            what,
            error.to_string(),
            format!("give --{what} a name that `myelin wallet list` shows, an address, or a development key"),
        ),
    }
}

fn readable_by_others(what: &str, file: &Path) -> Option<Finding> {
    let mode = std::fs::metadata(file).ok()?.permissions().mode();
    (mode & 0o077 != 0).then(|| {
        Finding::warning(
            what,
            format!("{} is open to other users of this machine", file.display()),
            format!("chmod 600 {}", file.display()),
        )
    })
}

//! Keys and their files.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::Finding;
use crate::address_book::AddressBook;
use crate::keys::Keys;
use crate::output;
use crate::Global;

/// Looks at the key files that the names stand for.
pub fn check(global: &Global, keys: &Keys) -> Vec<Finding> {
    let mut found = Vec::new();
    let name = keys.name();
    match keys.coldkey_account(global) {
        Ok(account) => found.push(Finding::ok("coldkey", output::address(&account))),
        Err(error) => found.push(Finding::problem(
            "coldkey",
            error.to_string(),
            format!("`myelin wallet new --wallet {name}`, or `myelin wallet regen-coldkeypub` if the key is elsewhere"),
        )),
    }
    match keys.hotkey_account(global) {
        Ok(account) => found.push(Finding::ok("hotkey", output::address(&account))),
        Err(error) => found.push(Finding::problem(
            "hotkey",
            error.to_string(),
            format!("`myelin wallet new-hotkey --wallet {name} --hotkey NAME`; `myelin wallet list` shows what is here"),
        )),
    }
    if let Ok(wallet) = keys.wallet(global) {
        for (what, file) in [("coldkey file", wallet.coldkey_file()), ("hotkey file", wallet.hotkey_file())] {
            found.extend(readable_by_others(what, &file));
        }
        if wallet.coldkey_is_encrypted().is_ok_and(|encrypted| !encrypted) {
            found.push(Finding::warning(
                "coldkey file",
                format!("{} is not encrypted", wallet.coldkey_file().display()),
                "whoever copies it has your money; restore it with `myelin wallet regen-coldkey --overwrite` and a password",
            ));
        }
    }
    if let Err(error) = AddressBook::load() {
        found.push(Finding::problem("address book", error.to_string(), "mend or remove the file"));
    }
    found
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

//! Names for addresses, in the file that the official command uses too: a JSON list of objects with `name` and
//! `address`.

use std::path::{Path, PathBuf};

use myelin_abi::Account;
use myelin_wire::ss58;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::output::{at, fail, Failure};

/// A name with its address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// The name.
    pub name: String,
    /// The address that the name stands for.
    pub address: String,
    /// The other fields of the entry, which are kept.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// The names of this machine's user.
#[derive(Debug)]
pub struct AddressBook {
    path: PathBuf,
    entries: Vec<Entry>,
}

impl AddressBook {
    /// Reads the book at `BTCLI_ADDRESSES_PATH`, else `~/.bittensor/btcli_addresses.json`; an absent file is empty.
    pub fn load() -> Result<Self, Failure> {
        let path = std::env::var_os("BTCLI_ADDRESSES_PATH").map(PathBuf::from).unwrap_or_else(|| {
            let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
            home.join(".bittensor").join("btcli_addresses.json")
        });
        Self::load_from(path)
    }

    fn load_from(path: PathBuf) -> Result<Self, Failure> {
        let entries = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| {
                Failure::new(format!("the address book {} cannot be read: {error}", path.display()))
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return fail(format!("the address book {}: {error}", path.display())),
        };
        Ok(AddressBook { path, entries })
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// All names.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The account of a name. Fails if another program has given the name to two accounts, because it is then
    /// ambiguous.
    pub fn find(&self, name: &str) -> Result<Option<Account>, Failure> {
        let mut addresses =
            self.entries.iter().filter(|entry| entry.name == name).map(|entry| &entry.address);
        let Some(first) = addresses.next() else { return Ok(None) };
        if let Some(other) = addresses.find(|other| *other != first) {
            return fail(format!(
                "`{name}` is ambiguous: {} has it for {first} and for {other}; type the address that you mean, or \
                 keep one of them: `myelin address add {name} ADDRESS`",
                self.path.display()
            ));
        }
        Ok(ss58::decode(first).ok().map(Account))
    }

    /// Adds a name, or gives it another address.
    pub fn set(&mut self, name: &str, account: &Account, note: Option<&str>) -> Result<(), Failure> {
        if name.is_empty() || name.starts_with("//") || ss58::decode(name).is_ok() {
            return fail(format!("`{name}` cannot be a name: it is empty, a development key, or an address"));
        }
        let more = note.map(|note| ("note".to_owned(), Value::from(note))).into_iter().collect();
        self.entries.retain(|entry| entry.name != name);
        self.entries.push(Entry { name: name.into(), address: ss58::encode(&account.0), more });
        self.save()
    }

    /// Removes a name. Returns whether the book had it.
    pub fn remove(&mut self, name: &str) -> Result<bool, Failure> {
        let before = self.entries.len();
        self.entries.retain(|entry| entry.name != name);
        self.save()?;
        Ok(self.entries.len() < before)
    }

    fn save(&self) -> Result<(), Failure> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).map_err(at(folder))?;
        }
        // The new book is written beside the old one and renamed, so that a crash leaves the old one.
        let new = self.path.with_extension("new");
        std::fs::write(&new, serde_json::to_string_pretty(&self.entries)? + "\n").map_err(at(&new))?;
        std::fs::rename(&new, &self.path).map_err(at(&self.path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOB: &str = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty";

    #[test]
    fn a_name_is_kept_replaced_and_forgotten_and_foreign_fields_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("deep/book.json");
        let bob = Account(ss58::decode(BOB).expect("an address"));
        let mut book = AddressBook::load_from(path.clone()).expect("empty");
        book.set("bob", &bob, Some("pays me")).expect("saved");
        let found = |name: &str| AddressBook::load_from(path.clone()).expect("read").find(name);
        assert_eq!(found("bob").expect("one"), Some(bob));
        std::fs::write(&path, format!(r#"[{{"name":"bob","address":"{BOB}","tag":7}}]"#)).expect("written");
        let mut book = AddressBook::load_from(path.clone()).expect("read");
        book.set("other", &Account([1; 32]), None).expect("saved");
        assert!(std::fs::read_to_string(&path).expect("read").contains("\"tag\": 7"));
        assert!(book.remove("bob").expect("saved") && !book.remove("bob").expect("saved"));
        assert!(book.set("//Bob", &bob, None).is_err() && book.set(BOB, &bob, None).is_err());

        let twice = |other: &str| {
            let bob = format!(r#"{{"name":"bob","address":"{BOB}"}}"#);
            std::fs::write(&path, format!("[{bob},{}]", bob.replace(BOB, other))).expect("written");
        };
        twice(BOB);
        assert_eq!(found("bob").expect("the same"), Some(bob));
        twice(&ss58::encode(&[1; 32]));
        assert!(found("bob").expect_err("two accounts").to_string().contains("ambiguous"));
        assert_eq!(found("other").expect("another"), None);
        AddressBook::load_from(path.clone()).expect("read").set("bob", &bob, None).expect("saved");
        assert_eq!(found("bob").expect("one is kept"), Some(bob));
    }

    #[test]
    fn a_broken_book_is_named_and_not_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("book.json");
        std::fs::write(&path, "{").expect("written");
        let error = AddressBook::load_from(path).expect_err("broken").to_string();
        assert!(error.contains("book.json"), "{error}");
    }
}

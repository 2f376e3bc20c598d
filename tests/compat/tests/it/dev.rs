//! Development keys, by their name such as `Alice_hk` or by their URI such as `//Alice_hk`.

use myelin_abi::Account;
use myelin_wallet::Keypair;

pub fn key(name: &str) -> Keypair {
    let is_bare = name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    let uri = if is_bare { format!("//{name}") } else { name.to_owned() };
    Keypair::from_uri(&uri).expect("a key")
}

pub fn account(name: &str) -> Account {
    Account(key(name).public())
}

pub fn address(name: &str) -> String {
    key(name).address()
}

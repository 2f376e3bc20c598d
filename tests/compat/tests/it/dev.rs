//! Development keys, by their name such as `Alice_hk` or their path such as `//Alice_hk/soft`.

use myelin_abi::Account;
use myelin_wallet::Keypair;

pub fn key(name: &str) -> Keypair {
    let uri = if name.starts_with('/') { name.to_owned() } else { format!("//{name}") };
    Keypair::from_uri(&uri).expect("a key")
}

pub fn account(name: &str) -> Account {
    Account(key(name).public())
}

pub fn address(name: &str) -> String {
    key(name).address()
}

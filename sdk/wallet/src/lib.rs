//! # Wallet: keys of people and machines, in the official file layout
//!
//! A wallet is a folder with one **coldkey**, which owns money, and any number of **hotkeys**, which act on the
//! network and own nothing. A machine that mines or validates needs a hotkey and the coldkey's address; the coldkey
//! itself stays elsewhere.
//!
//! ```text
//! <path>/<name>/coldkey                     secret, normally encrypted
//! <path>/<name>/coldkeypub.txt              address of the coldkey
//! <path>/<name>/hotkeys/<hotkey>            secret, normally plain
//! <path>/<name>/hotkeys/<hotkey>pub.txt     address of the hotkey
//! ```
//!
//! ## Words
//!
//! - **mnemonic**: 12 to 24 English words that hold the entropy of a key ([`Mnemonic`]).
//! - **seed**: the 32 bytes that Substrate derives from the entropy, also called mini secret.
//! - **derivation**: `//hard` and `/soft` junctions that make child keys; `//Alice` is a child of a public phrase
//!   and therefore no secret at all ([`Keypair::from_uri`]).
//! - **keyfile**: a JSON object with the key's representations ([`keyfile`]), plain or sealed with a password
//!   ([`seal`]).
//!
//! ## Parts
//!
//! [`Keypair`] signs. [`Secret`] is a key with its sources. [`Wallet`] knows the files. [`password`] finds passwords
//! and rejects weak ones. Two older official encryptions are readable, never written ([`legacy`]); exports of the
//! browser wallet can be imported and made ([`polkadot_js`]).
//!
//! ## What it refuses to know
//!
//! The chain, the terminal (who asks for a password and how), and the network. It never logs; secrets are wiped
//! from memory when they are dropped, and no `Debug` output contains one.

#![warn(missing_docs)]

mod keypair;
mod mnemonic;
mod uri;
mod wallet;

pub mod files;
pub mod keyfile;
pub mod legacy;
pub mod password;
pub mod polkadot_js;
pub mod seal;

pub use keypair::{Keypair, Secret};
pub use mnemonic::{Mnemonic, MnemonicError};
pub use password::Password;
pub use seal::SealError;
pub use uri::UriError;
pub use wallet::{default_path, KeyState, Wallet, WalletEntry, WalletError};

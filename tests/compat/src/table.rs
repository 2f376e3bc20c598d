//! Compatibility of official packages with ours. Every row is shown by a test of this crate.

mod commands;
mod keys;
mod requests;
mod sdk;

use std::fmt::Write as _;
use std::sync::LazyLock;

use Verdict::{Absent, Differs, Fails, Works};

/// A part of the table; one test shows all its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Words, derivation, signatures.
    Keys,
    /// Key files in their folders, plain and encrypted.
    Wallets,
    /// Key files as older official wallets encrypted them.
    OlderFiles,
    /// Accounts of browser wallets.
    Exports,
    /// Our axon, asked by official dendrites and compared with the official axon.
    Axon,
    /// Our dendrite, asking official axons.
    Dendrite,
    /// The chain, for programs and browser wallets on polkadot.js.
    PolkadotApi,
    /// A miner on the official SDK.
    Miner,
    /// A miner and a validator on the official SDK, of the template's subnet.
    Template,
    /// Signed requests of the newer SDK.
    BtAuth,
    /// Reads of the older SDK from the chain. A row names its methods in backticks.
    Reads10,
    /// Transactions of the older SDK. A row names its methods in backticks.
    Transactions10,
    /// Reads of the newer SDK from the chain. A row names its reads in backticks.
    Reads11,
    /// Transactions of the newer SDK. A row names its intents in backticks.
    Intents11,
    /// Parameters that owners set with the newer SDK. A row names its parameters in backticks.
    Hyperparameters11,
    /// The older command line. A row names its commands in backticks.
    Btcli9,
    /// The newer command line. A row names its commands in backticks; `NAME` stands for any.
    Btcli11,
}

/// Result of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Works as officially.
    Works,
    /// Works in another way; the text names the way and its reason.
    Differs(&'static str),
    /// Fails, however the tests try it; the text gives the reason.
    Fails(&'static str),
    /// Is absent; the text gives the reason.
    Absent(&'static str),
}

/// One function of official packages.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The part that it belongs to.
    pub part: Part,
    /// The function.
    pub what: &'static str,
    /// The result.
    pub verdict: Verdict,
}

impl Part {
    /// All parts, in the order of the page.
    pub const ALL: [Part; 17] = [
        Part::Keys,
        Part::Wallets,
        Part::OlderFiles,
        Part::Exports,
        Part::Axon,
        Part::Dendrite,
        Part::Miner,
        Part::Template,
        Part::BtAuth,
        Part::PolkadotApi,
        Part::Reads10,
        Part::Transactions10,
        Part::Reads11,
        Part::Intents11,
        Part::Hyperparameters11,
        Part::Btcli9,
        Part::Btcli11,
    ];

    fn title(self) -> &'static str {
        match self {
            Part::Keys => "Keys: `Keypair` of bittensor-wallet 4.1.0, keyring of polkadot.js 14.0.3",
            Part::Wallets => {
                "Wallets: `Wallet` and `Keyfile` of bittensor-wallet 4.1.0, keys of bittensor 11.3.0"
            }
            Part::OlderFiles => "Older key files",
            Part::Exports => "Account exports of polkadot.js 14.0.3",
            Part::Axon => "Our axon, with `Dendrite` of bittensor 10.5.0 and compared with its `Axon`",
            Part::Dendrite => "Our dendrite, with `Axon` of bittensor 10.5.0",
            Part::PolkadotApi => "`@polkadot/api` 16.5.6, on a development chain",
            Part::Miner => "Neurons on bittensor 10.5.0 beside ours",
            Part::Template => "The template for new subnets on bittensor 10.5.0",
            Part::BtAuth => "Signed requests: `http_auth` of bittensor 11.3.0",
            Part::Reads10 => "Reads of `Subtensor` of bittensor 10.5.0, on a development chain",
            Part::Transactions10 => "Transactions of `Subtensor` of bittensor 10.5.0, on a development chain",
            Part::Reads11 => "Reads of bittensor 11.3.0, on a development chain",
            Part::Intents11 => "Intents of bittensor 11.3.0, planned and executed on a development chain",
            Part::Hyperparameters11 => "What `set_hyperparameter` of bittensor 11.3.0 lets owners set",
            Part::Btcli9 => "Commands of `btcli` 9.23.2, on a development chain",
            Part::Btcli11 => "Commands of the `btcli` of bittensor 11.3.0, on a development chain",
        }
    }
}

impl Row {
    /// Names in backticks.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.what.split('`').skip(1).step_by(2)
    }
}

const fn row(part: Part, what: &'static str, verdict: Verdict) -> Row {
    Row { part, what, verdict }
}

/// The table.
pub static ROWS: LazyLock<Vec<Row>> =
    LazyLock::new(|| [keys::ROWS, requests::ROWS, sdk::ROWS, commands::ROWS].concat());

const HEAD: &str = "# Compatibility

Written by `cargo xtask reference` from `tests/compat/src/table`; do not edit.

*works*: as officially; *differs*: in another way, and why; *fails*: in every way that was tried, and why; *absent*: not
here, and why. Every row is shown by a test in
`tests/compat` that runs the official packages as processes; a row that is not shown fails the test. `make test` runs
those commands of `btcli` that people use most, `make test-long` all. Chain and command line: `docs/reference/commands.md`; what differs in axon and dendrite is decided in `docs/decisions/0006`.
";

/// The page `docs/reference/compat.md`.
pub fn page() -> String {
    let mut page = String::from(HEAD);
    for part in Part::ALL {
        let _ = write!(page, "\n## {}\n\n| what | | why |\n|---|---|---|\n", part.title());
        for row in ROWS.iter().filter(|row| row.part == part) {
            let (word, why) = match row.verdict {
                Works => ("works", ""),
                Differs(why) => ("differs", why),
                Fails(why) => ("fails", why),
                Absent(why) => ("absent", why),
            };
            let _ = writeln!(page, "| {} | {word} | {why} |", row.what);
        }
    }
    page
}

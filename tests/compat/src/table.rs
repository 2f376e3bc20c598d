//! What works between official packages and ours. Every row is shown by a test of this crate.

use std::fmt::Write as _;

use Verdict::{Absent, Differs, Works};

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
    /// Signed requests of the newer SDK.
    BtAuth,
}

/// How a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// As officially.
    Works,
    /// In another way; which, and why.
    Differs(&'static str),
    /// Not here; why.
    Absent(&'static str),
}

/// One thing that official packages do.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Where it belongs.
    pub part: Part,
    /// What it is.
    pub what: &'static str,
    /// How it stands.
    pub verdict: Verdict,
}

impl Part {
    /// All parts, in the order of the page.
    pub const ALL: [Part; 7] = [
        Part::Keys,
        Part::Wallets,
        Part::OlderFiles,
        Part::Exports,
        Part::Axon,
        Part::Dendrite,
        Part::BtAuth,
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
            Part::BtAuth => "Signed requests: `http_auth` of bittensor 11.3.0",
        }
    }
}

const fn row(part: Part, what: &'static str, verdict: Verdict) -> Row {
    Row { part, what, verdict }
}

const CAPTURED: &str =
    "no signature covers the header, so whoever captured a request could make it fresh again with it";

/// The table.
pub const ROWS: &[Row] = &[
    row(Part::Keys, "mnemonics of 12, 15, 18, 21 and 24 words, made here or there", Works),
    row(
        Part::Keys,
        "derivation paths: hard, soft, numbers, long names, passwords, from words or seeds",
        Works,
    ),
    row(Part::Keys, "seeds and 64-byte private keys", Works),
    row(Part::Keys, "signatures, also over text that a browser wallet wraps in `<Bytes>`", Works),
    row(Part::Wallets, "an encrypted coldkey (NaCl) written there opens here, with its words", Works),
    row(Part::Wallets, "a plain hotkey and pub files written there open here", Works),
    row(Part::Wallets, "a seed that bittensor-wallet 4.1.0 writes as raw characters", Works),
    row(Part::Wallets, "an encrypted coldkey, a plain hotkey and pub files written here open there", Works),
    row(Part::Wallets, "the same files open in bittensor 11.3.0", Works),
    row(Part::Wallets, "a wrong password, a truncated, changed or mixed-up file is refused, and why", Works),
    row(Part::Wallets, "the variable `BT_PW_…` of a coldkey and its value", Works),
    row(Part::Wallets, "ed25519 keys", Absent("they cannot sign as neurons; their files are refused")),
    row(
        Part::OlderFiles,
        "Ansible vault written there opens here; wrong password, truncated, changed: refused",
        Works,
    ),
    row(
        Part::OlderFiles,
        "Fernet opens here; wrong password, truncated, changed: refused",
        Differs("bittensor-wallet 4.1.0 refuses its own oldest files; bittensor 11.3.0 opens them as we do"),
    ),
    row(
        Part::OlderFiles,
        "writing either",
        Absent("new files are NaCl, as officially; that a file is old is no reason to keep it so"),
    ),
    row(Part::Exports, "an export made there opens here and signs", Works),
    row(Part::Exports, "an export made here opens there and signs, also in bittensor-wallet 4.1.0", Works),
    row(Part::Exports, "a wrong password, a truncated or changed export is refused, and why", Works),
    row(Part::Exports, "exports without a password", Absent("a secret in clear text is refused")),
    row(Part::Exports, "exports of ed25519 accounts", Absent("they cannot sign as neurons")),
    row(Part::Axon, "a signed request is answered; the answer's fields and headers are read", Works),
    row(Part::Axon, "body hashes over texts, floats, big integers, lists and dictionaries", Works),
    row(Part::Axon, "the ping `/Synapse`", Works),
    row(Part::Axon, "`Dendrite.forward` to several axons, several dendrites at once", Works),
    row(Part::Axon, "a streamed answer, piece by piece", Works),
    row(
        Part::Axon,
        "unknown synapse (404), blacklisted (403), other receiver (401), failing handler (500)",
        Works,
    ),
    row(Part::Axon, "headers of an answer", Works),
    row(Part::Axon, "the least request that is accepted, header names in any case, GET with a body", Works),
    row(Part::Axon, "a nonce ahead of the clock passes", Works),
    row(
        Part::Axon,
        "missing nonce, missing signature, wrong signature, replayed, too old at first sight (401)",
        Works,
    ),
    row(
        Part::Axon,
        "headers that cannot be read",
        Differs("400, as the official axon means to; it fails on the way there and answers 500"),
    ),
    row(
        Part::Axon,
        "a body that is not what was signed (500)",
        Differs("the message says which hashes differ instead of a number in the axon's log"),
    ),
    row(
        Part::Axon,
        "a body that is no JSON",
        Differs("400 instead of 422: dendrites say 422 themselves, of answers that cannot be read"),
    ),
    row(
        Part::Axon,
        "a body without a field that the signature covers",
        Differs("400; the official axon fills in the class's defaults, which official dendrites always send"),
    ),
    row(Part::Axon, "an old request that asks for a long timeout", Differs(CAPTURED)),
    row(Part::Axon, "an old request of a client that says it is older than 7.2", Differs(CAPTURED)),
    row(
        Part::Axon,
        "a handler that takes longer than the sender waits",
        Differs("it ends with 408 when the sender's timeout is over, instead of running on"),
    ),
    row(
        Part::Axon,
        "a body of more than 1 MiB",
        Differs("413; `AxonLimits` raises it, the official axon has no limit"),
    ),
    row(
        Part::Axon,
        "signed headers of a refusal",
        Absent(
            "a signature per refused request would let strangers spend the miner's time; nobody checks it",
        ),
    ),
    row(Part::Dendrite, "a request is answered; body hashes as above", Works),
    row(Part::Dendrite, "fields that a class requires are named with the query (else 500)", Works),
    row(Part::Dendrite, "the ping `/Synapse`", Works),
    row(Part::Dendrite, "a streamed answer", Works),
    row(
        Part::Dendrite,
        "unknown synapse (404), blacklisted (403), other receiver (401), failing handler (500)",
        Works,
    ),
    row(Part::Dendrite, "too late (408) and nobody there (503), with the official words", Works),
    row(Part::Dendrite, "200 requests, 32 at a time, without a refusal", Works),
    row(Part::BtAuth, "a request signed there is answered by our axon", Works),
    row(Part::BtAuth, "replayed, stale, ahead of time, for another receiver, other body or path: 401", Works),
    row(
        Part::BtAuth,
        "a request signed here is verified there; replayed, other receiver, other body: refused",
        Works,
    ),
    row(Part::BtAuth, "ed25519 senders", Absent("hotkeys of neurons are sr25519: 400")),
];

const HEAD: &str = "# Compatibility

Written by `cargo xtask reference` from `tests/compat/src/table.rs`; do not edit.

*works*: as officially; *differs*: in another way, and why; *absent*: not here, and why. Every row is shown by a test in
`tests/compat` that runs the official packages as processes; a row that is not shown fails the test. Chain and command line:
`docs/reference/commands.md`; what differs in axon and dendrite is decided in `docs/decisions/0006`.
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
                Absent(why) => ("absent", why),
            };
            let _ = writeln!(page, "| {} | {word} | {why} |", row.what);
        }
    }
    page
}

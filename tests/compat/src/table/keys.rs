//! Keys and their files.

use super::Verdict::{Absent, Differs, Works};
use super::{row, Part, Row};

pub(super) const ROWS: &[Row] = &[
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
    row(
        Part::Wallets,
        "ed25519 keys",
        Differs("addresses are read; nothing here signs with such a key, and the error names the programs that do"),
    ),
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
    row(Part::Exports, "exports of ed25519 accounts", Absent("nothing here signs with ed25519 keys")),
];

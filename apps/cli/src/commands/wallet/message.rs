//! Signatures of messages that are not extrinsics.

use clap::Args;
use myelin_wire::hash::from_hex;
use myelin_wire::sr25519::PublicKey;
use serde_json::json;

use crate::keys::{self, Keys};
use crate::output::{self, fail, Failure, Outcome};
use crate::send::{from_hex_text, to_hex};
use crate::Global;

/// The message to sign.
#[derive(Args)]
pub struct Sign {
    #[command(flatten)]
    keys: Keys,
    /// Sign with the hotkey instead of the coldkey.
    #[arg(long)]
    use_hotkey: bool,
    /// The message; hexadecimal bytes if it starts with 0x.
    #[arg(long, short = 'm')]
    message: String,
}

/// The signature to check.
#[derive(Args)]
pub struct Verify {
    /// The message.
    #[arg(long, short = 'm')]
    message: String,
    /// The signature: 128 hexadecimal digits.
    #[arg(long, short = 's')]
    signature: String,
    /// The expected signer: an address, a wallet, a name of the address book, or a development key.
    #[arg(long, short = 'a', alias = "public-key")]
    address: String,
}

/// The bytes to sign: text as UTF-8, or the bytes of the digits after 0x.
fn bytes(message: &str) -> Result<Vec<u8>, Failure> {
    match message.strip_prefix("0x") {
        None if message.is_empty() => fail("the message is empty; nothing was signed or checked"),
        None => Ok(message.into()),
        Some(digits) => from_hex_text(digits).ok_or_else(|| {
            Failure::new(format!(
                "`{message}` begins with 0x, and the rest are no whole bytes in hexadecimal digits; leave 0x out to sign a text"
            ))
        }),
    }
}

impl Sign {
    /// Signs the message.
    pub fn run(self, global: &Global) -> Outcome {
        let message = bytes(&self.message)?;
        let key = if self.use_hotkey { self.keys.hotkey(global)? } else { self.keys.coldkey(global)? };
        let signature = to_hex(&key.sign(&message));
        let value = json!({ "message": self.message, "signed_signature": signature, "signer_address": key.address() });
        output::report(global, &format!("{signature}\nsigned by {}", key.address()), value)
    }
}

impl Verify {
    /// Checks the signature.
    pub fn run(self, global: &Global) -> Outcome {
        let account = match from_hex::<32>(&self.address) {
            Some(public) => myelin_abi::Account(public),
            None => keys::account(&self.address, global)?,
        };
        let Some(signature) = from_hex::<64>(&self.signature) else {
            return fail("a signature has 128 hexadecimal digits, with or without 0x before them");
        };
        let message = bytes(&self.message)?;
        let valid = PublicKey::new(&account.0).is_ok_and(|key| key.verify_or_wrapped(&message, &signature));
        let who = output::address(&account);
        if !valid {
            if global.json {
                output::json(&json!({ "verified": false, "address": who }))?;
            }
            return fail(format!("{who} did not sign this message"));
        }
        output::report(global, &format!("{who} signed it"), json!({ "verified": true, "address": who }))
    }
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn a_message_is_text_unless_it_is_hexadecimal() {
        let read = |message| bytes(message).map_err(|failure| failure.to_string());
        assert_eq!(read("0x0aff"), Ok(vec![10, 255]));
        assert_eq!(read("hello"), Ok(b"hello".to_vec()));
        for wrong in ["0xno", "0x1", "0xä", "0x", ""] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}

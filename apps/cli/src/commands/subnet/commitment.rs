//! `myelin subnet commit` and `commitments`: texts that hotkeys publish on a subnet.

use clap::Args;
use codec::{Compact, Decode, Encode};
use myelin_abi::Account;
use myelin_chain_client::AnyCall;
use serde_json::json;

use crate::commands::connect;
use crate::output::{self, address, fail, Outcome};
use crate::send::{to_hex, OnSubnet, Order};
use crate::Global;

/// Number of the field kind for texts: a text of n bytes up to 128 is `RAW + n`.
const RAW: u8 = 1;
const LONGEST_RAW: usize = 128;
const LONGEST_BIG_RAW: usize = 512;
const BIG_RAW: u8 = 136;

/// The text and its hotkey.
#[derive(Args)]
pub struct Commit {
    #[command(flatten)]
    on: OnSubnet,
    /// The text.
    text: String,
}

impl Commit {
    /// Publishes the text.
    pub async fn run(self, global: &Global) -> Outcome {
        let Some(field) = field(self.text.as_bytes()) else {
            return fail(format!(
                "the text has {} bytes; {LONGEST_BIG_RAW} are the most. Publish a hash or an address of it instead",
                self.text.len()
            ));
        };
        let chain = connect(global).await?;
        let netuid = self.on.netuid;
        // A commitment is a list of fields; this one has a single field.
        let arguments = [netuid.encode(), Compact(1u32).encode(), field].concat();
        let call = AnyCall::new("Commitments", "set_commitment", arguments);
        let order = Order::of_hotkey(call, format!("publishing {} bytes", self.text.len())).unasked();
        let value = json!({ "netuid": netuid, "hotkey": address(&self.on.by.hotkey(global)?) });
        self.on.by.carry_out(global, &chain, order, "published", value).await
    }
}

/// A text as an encoded field; `None` if it is too long.
fn field(text: &[u8]) -> Option<Vec<u8>> {
    match text.len() {
        length if length <= LONGEST_RAW => Some([&[RAW + length as u8][..], text].concat()),
        length if length <= LONGEST_BIG_RAW => Some([vec![BIG_RAW], text.encode()].concat()),
        _ => None,
    }
}

/// The stored record: deposit, block, and the fields, of which only texts and hashes are read here.
struct Record {
    block: u32,
    fields: Vec<String>,
}

impl Decode for Record {
    fn decode<I: codec::Input>(input: &mut I) -> Result<Self, codec::Error> {
        let _deposit = u64::decode(input)?;
        let block = u32::decode(input)?;
        let Compact(count) = Compact::<u32>::decode(input)?;
        let mut fields = Vec::new();
        for _ in 0..count {
            fields.push(match input.read_byte()? {
                0 => String::new(),
                number if (RAW..BIG_RAW - 6).contains(&number) => {
                    let mut bytes = vec![0; usize::from(number - RAW)];
                    input.read(&mut bytes)?;
                    text(&bytes)
                }
                130..=133 => to_hex(&<[u8; 32]>::decode(input)?),
                134 => {
                    let (sealed, round) = <(Vec<u8>, u64)>::decode(input)?;
                    format!("{} bytes sealed for round {round}", sealed.len())
                }
                135 => "resets bonds".into(),
                BIG_RAW => text(&Vec::<u8>::decode(input)?),
                _ => return Err("a field of an unknown kind".into()),
            });
        }
        Ok(Record { block, fields })
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap_or_else(|_| to_hex(bytes))
}

/// `myelin subnet commitments`.
pub async fn list(global: &Global, netuid: u16) -> Outcome {
    let chain = connect(global).await?;
    chain.subnet(netuid).await?;
    let found: Vec<(Vec<u8>, Record)> =
        chain.entries("Commitments", "CommitmentOf", &netuid.to_le_bytes(), None).await?;
    let mut table = output::table(&["hotkey", "block", "published"], 3);
    let mut shown = Vec::new();
    for (key, record) in found {
        let Some(hotkey) = key.last_chunk::<32>().map(|bytes| Account(*bytes)) else { continue };
        table.add_row([address(&hotkey), record.block.to_string(), record.fields.join(" · ")]);
        shown.push(json!({ "hotkey": address(&hotkey), "block": record.block, "fields": record.fields }));
    }
    output::show(global, &shown, &table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_any_legal_length_is_read_back() {
        for length in [0, 1, 128, 129, 512] {
            let written = "x".repeat(length);
            let stored = [
                vec![0; 8],
                7u32.encode(),
                Compact(1u32).encode(),
                field(written.as_bytes()).expect("not too long"),
            ]
            .concat();
            let record = Record::decode(&mut &stored[..]).expect("a record");
            assert_eq!((record.block, record.fields), (7, vec![written]));
        }
        assert!(field(&[0; 513]).is_none());
    }
}

//! `myelin gov note`, `text` and `unnote`: proposals and texts that the chain stores for a deposit.

use std::path::{Path, PathBuf};

use clap::Args;
use myelin_abi::calls::referenda::{NotePreimage, SetMetadata, UnnotePreimage};
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, Result as Asked};
use myelin_governance::track::{preimage_deposit, MAX_PREIMAGE};
use myelin_units::TaoBalance;
use myelin_wire::hash::blake2_256;
use serde_json::json;

use super::proposal::{hex, Encoded};
use super::view::View;
use crate::commands::connect;
use crate::commands::subnet::rubric;
use crate::output::{address, at, fail, tao, Failure, Outcome};
use crate::send::{to_hex, Order, Sender};
use crate::Global;

/// Most preimages that one transaction takes back.
const MOST_AT_ONCE: usize = 32;

/// Bytes to store.
#[derive(Args)]
pub struct Note {
    /// The encoded proposal in hexadecimal digits, as `myelin gov status REFERENDUM --json` shows it in `bytes`.
    #[arg(value_name = "HEX", value_parser = hex, required_unless_present = "file")]
    bytes: Option<Encoded>,
    /// A file with the bytes, such as the text of a referendum.
    #[arg(long, value_name = "FILE", conflicts_with = "bytes")]
    file: Option<PathBuf>,
    #[command(flatten)]
    by: Sender,
}

/// A referendum and its text.
#[derive(Args)]
pub struct Text {
    /// The referendum.
    #[arg(value_name = "REFERENDUM")]
    referendum: u32,
    /// The text, up to 32 KiB.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    by: Sender,
}

/// A stored proposal or text, or all that no open referendum needs.
#[derive(Args)]
pub struct Stored {
    /// Blake2b-256 of its bytes, as `myelin gov propose` prints it; without one, everything that this account stored
    /// and no open referendum names.
    #[arg(value_parser = rubric::hash)]
    hash: Option<[u8; 32]>,
    #[command(flatten)]
    by: Sender,
}

/// The text in a file.
pub fn text_of(file: &Path) -> Result<Vec<u8>, Failure> {
    let text = std::fs::read(file).map_err(at(file))?;
    match text.len() {
        0 => fail(format!("{} is empty", file.display())),
        length if length > MAX_PREIMAGE => fail(format!(
            "{} has {length} bytes, and the chain stores at most {MAX_PREIMAGE}; propose a summary with the address \
             and the hash of the whole text",
            file.display()
        )),
        _ => Ok(text),
    }
}

/// The call that stores bytes, and its deposit; `None` if they are stored already.
pub async fn noting(view: &View, bytes: Vec<u8>) -> Asked<Option<(AnyCall, TaoBalance)>> {
    let deposit = preimage_deposit(bytes.len());
    let stored = view.preimage(&blake2_256(&bytes)).await?;
    Ok(stored.is_none().then(|| ((&NotePreimage { bytes }).into(), deposit)))
}

impl Note {
    /// `myelin gov note`.
    pub async fn run(self, global: &Global) -> Outcome {
        let bytes = match (self.bytes, &self.file) {
            (Some(bytes), _) if bytes.len() > MAX_PREIMAGE => {
                return fail(format!("{} bytes are more than the {MAX_PREIMAGE} of the chain", bytes.len()))
            }
            (Some(bytes), _) => bytes,
            (None, Some(file)) => text_of(file)?,
            (None, None) => return fail("give the bytes, or a file with --file"),
        };
        let view = View::of(connect(global).await?).await?;
        let (hash, length) = (blake2_256(&bytes), bytes.len());
        let shown = to_hex(&hash);
        let Some((call, deposit)) = noting(&view, bytes).await? else {
            let payer = view.preimage_payer(&hash).await?;
            let who = payer.as_ref().map_or(String::new(), |payer| format!(" by {}", address(payer)));
            return fail(format!("{shown} is stored already{who}"));
        };
        let what = format!("storing {length} bytes as {shown}, for a deposit of {}", tao(deposit));
        let done = format!("stored as {shown}; `myelin gov unnote {shown}` takes the deposit back");
        let value = json!({ "hash": shown, "deposit_rao": deposit.to_rao() });
        self.by.carry_out(global, &view.chain, Order::new(call, what), &done, value).await
    }
}

impl Text {
    /// `myelin gov text`.
    pub async fn run(self, global: &Global) -> Outcome {
        let text = text_of(&self.file)?;
        let view = View::of(connect(global).await?).await?;
        let (index, account) = (self.referendum, self.by.account(global)?);
        let author = view.open_poll(index).await?.submission_deposit.who;
        if author != account {
            return fail(format!(
                "only {}, who submitted referendum {index}, names its text",
                address(&author)
            ));
        }
        let hash = blake2_256(&text);
        let set = AnyCall::from(&SetMetadata { index, maybe_hash: Some(hash) });
        let (call, deposit) = match noting(&view, text).await? {
            Some((note, deposit)) => (view.chain.all_of(&[note, set]).await?, deposit),
            None => (set, TaoBalance::ZERO),
        };
        let shown = to_hex(&hash);
        let what = format!("naming {shown} as the text of referendum {index}, for {}", tao(deposit));
        let value = json!({ "referendum": index, "text": shown, "deposit_rao": deposit.to_rao() });
        let done = format!("referendum {index} has the text {shown}");
        self.by.carry_out(global, &view.chain, Order::new(call, what), &done, value).await
    }
}

impl Stored {
    /// `myelin gov unnote`.
    pub async fn unnote(self, global: &Global) -> Outcome {
        let view = View::of(connect(global).await?).await?;
        let account = self.by.account(global)?;
        let hashes = match self.hash {
            Some(hash) => vec![hash],
            None => spare(&view.preimages_of(&account).await?, &view.needed_preimages().await?),
        };
        if hashes.is_empty() {
            return fail(format!(
                "{} has stored nothing that no open referendum names; give the hash to take back what one needs",
                address(&account)
            ));
        }
        let (mut calls, mut sum) = (Vec::new(), TaoBalance::ZERO);
        for hash in &hashes {
            sum = sum.saturating_add(returned(&view, hash, &account).await?);
            calls.push(AnyCall::from(&UnnotePreimage { hash: *hash }));
        }
        let call = match &calls[..] {
            [only] => only.clone(),
            several => view.chain.all_of(several).await?,
        };
        let shown: Vec<String> = hashes.iter().map(|hash| to_hex(hash)).collect();
        let what = format!(
            "taking {} from the chain, and {} of deposits; nobody reads these texts and proposals there any more, and \
             an open referendum that needs one could not be enacted",
            shown.join(", "),
            tao(sum)
        );
        let value = json!({ "hashes": shown, "returned_rao": sum.to_rao() });
        let more = match hashes.len() == MOST_AT_ONCE {
            true => "; the same command takes back more, if there is any",
            false => "",
        };
        let done = format!("returned {}{more}", tao(sum));
        self.by.carry_out(global, &view.chain, Order::new(call, what), &done, value).await
    }
}

/// Own preimages that no open referendum names, as many as one transaction takes back.
fn spare(own: &[[u8; 32]], needed: &[[u8; 32]]) -> Vec<[u8; 32]> {
    own.iter().filter(|hash| !needed.contains(hash)).take(MOST_AT_ONCE).copied().collect()
}

/// The deposit of a preimage that an account can take back.
async fn returned(view: &View, hash: &[u8; 32], account: &Account) -> Result<TaoBalance, Failure> {
    let shown = to_hex(hash);
    let Some(bytes) = view.preimage(hash).await? else {
        return fail(format!("the chain stores nothing with the hash {shown}"));
    };
    match view.preimage_payer(hash).await? {
        Some(payer) if payer == *account => Ok(preimage_deposit(bytes.len())),
        Some(payer) => {
            fail(format!("{} stored {shown}, and its deposit returns to no other", address(&payer)))
        }
        None => fail(format!("{shown} is scheduled for its enactment; try again after it")),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        note: Note,
    }

    #[test]
    fn bytes_or_a_file_are_stored() {
        let parse = |arguments: &[&str]| Line::try_parse_from([&["note"][..], arguments].concat());
        let bytes = parse(&["0x0a0b0c"]).map(|line| line.note.bytes);
        assert_eq!(bytes.expect("three bytes"), Some(vec![10, 11, 12]));
        assert!(parse(&["--file", "why.md"]).is_ok_and(|line| line.note.bytes.is_none()));
        let refused: [&[&str]; 3] = [&[], &["0x0a0"], &["0x0a", "--file", "why.md"]];
        for wrong in refused {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_text_fits_on_the_chain() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("text.md");
        let read = |bytes: usize| {
            std::fs::write(&file, vec![b'a'; bytes]).expect("written");
            text_of(&file).map(|text| text.len()).map_err(|why| why.to_string())
        };
        assert_eq!(read(MAX_PREIMAGE), Ok(MAX_PREIMAGE));
        assert!(read(MAX_PREIMAGE + 1).is_err_and(|why| why.contains("summary")));
        assert!(read(0).is_err_and(|why| why.contains("is empty")));
    }

    #[test]
    fn nothing_that_an_open_referendum_needs_is_taken_back_unasked() {
        let hash = |number: u8| [number; 32];
        assert_eq!(spare(&[hash(1), hash(2), hash(3)], &[hash(2), hash(9)]), [hash(1), hash(3)]);
        assert_eq!(spare(&[hash(1)], &[hash(1)]), [[0; 32]; 0]);
        let many: Vec<_> = (0..100).map(hash).collect();
        assert_eq!(spare(&many, &[]).len(), MOST_AT_ONCE);
    }
}

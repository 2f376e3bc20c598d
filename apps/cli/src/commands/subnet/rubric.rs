//! `myelin subnet rubric`: the rules of a subnet, and announced changes of them.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use myelin_abi::calls::subtensor::{AnnounceRubric, WithdrawRubric};
use myelin_abi::{DeclaredRubric, RubricChange, RubricSource, MAX_RUBRIC_TEXT};
use myelin_chain_client::{duration, ChainClient, RubricStatus};
use myelin_subnet::rules::check_text;
use serde_json::{json, Value};

use crate::commands::{connect, look};
use crate::output::{self, fail, Failure, Outcome};
use crate::send::{from_hex_text, to_hex, OnSubnet, Order};
use crate::Global;

/// Most bytes that are read of a file that is too long for the chain, to print its hash.
const MOST_READ: u64 = 1 << 20;

/// The rules of a subnet: show, announce, withdraw.
#[derive(Subcommand)]
pub enum Rubric {
    /// The rubric in force, and the announced one.
    Show(OfMechanism),
    /// Announces a rubric, as the subnet's owner: the first is in force at once, another after its notice, unless
    /// holders vote against it.
    #[command(
        after_help = "Example:\n  myelin subnet rubric announce --netuid 2 --wallet alice --file rubric.txt"
    )]
    Announce(Announce),
    /// Withdraws an announced rubric that is not in force yet, as the subnet's owner.
    Withdraw(Withdraw),
}

/// The subnet and the mechanism.
#[derive(Args)]
pub struct OfMechanism {
    /// The subnet.
    #[arg(long, short = 'n')]
    netuid: u16,
    #[command(flatten)]
    of: Mechanism,
}

/// The mechanism.
#[derive(Args)]
pub struct Mechanism {
    /// The mechanism.
    #[arg(long, default_value_t = 0)]
    mechanism: u8,
}

/// The rubric to announce, and its place.
#[derive(Args)]
pub struct Announce {
    #[command(flatten)]
    on: OnSubnet,
    #[command(flatten)]
    of: Mechanism,
    #[command(flatten)]
    what: What,
}

/// A rubric by its text or its hash.
#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct What {
    /// A file with the rules as `myelin validator rules` writes them, up to 512 bytes; the chain stores it unchanged.
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// Blake2b-256 of a text that is published elsewhere, in hexadecimal digits.
    #[arg(long, value_name = "HASH", value_parser = hash)]
    hash: Option<[u8; 32]>,
}

/// The place of the rubric to withdraw.
#[derive(Args)]
pub struct Withdraw {
    #[command(flatten)]
    on: OnSubnet,
    #[command(flatten)]
    of: Mechanism,
}

impl Rubric {
    /// Runs the verb.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Rubric::Show(place) => show(global, place.netuid, place.of.mechanism).await,
            Rubric::Announce(announce) => announce.run(global).await,
            Rubric::Withdraw(withdraw) => withdraw.run(global).await,
        }
    }
}

async fn show(global: &Global, netuid: u16, mechanism: u8) -> Outcome {
    let chain = look(global).await?;
    chain.subnet(netuid).await?;
    let RubricStatus { block, in_force, announced } = chain.rubric(netuid, mechanism, None).await?;
    let notice = notice(&chain).await?;
    let bound_until = chain.rubric_bond(netuid, mechanism).await?;
    if global.json {
        return output::json(&json!({
            "netuid": netuid,
            "mechanism": mechanism,
            "block": block,
            "notice_blocks": notice.vote,
            "owner_notice_blocks": notice.owner,
            "bound_until": (bound_until > block).then_some(bound_until),
            "in_force": in_force.as_ref().map(shown),
            "announced": announced.as_ref().map(shown),
        }));
    }
    let Some(in_force) = in_force else {
        let text = format!(
            "no rubric was ever announced for mechanism {mechanism} of subnet {netuid}; the first is in force at once"
        );
        return output::report(global, &text, Value::Null);
    };
    let mut lines = vec![format!("in force since block {}: {}", in_force.from, said(&in_force))];
    match announced {
        Some(next) => {
            let when = chain.until(next.from).await?;
            lines.push(format!("announced, in force {when}: {}", said(&next)));
        }
        None => {
            let slot = chain.slot_duration_ms().await?;
            let about = |blocks: u64| duration(blocks.saturating_mul(slot).div_ceil(1_000));
            lines.push(format!(
                "nothing else is announced; a change by vote is announced {} blocks before, about {}, by the owner {} \
                 blocks, about {}",
                notice.vote,
                about(notice.vote),
                notice.owner,
                about(notice.owner)
            ));
        }
    }
    if bound_until > block {
        let when = chain.until(bound_until).await?;
        lines.push(format!("holders decided on it; the owner may change it again {when}"));
    }
    output::report(global, &lines.join("\n"), Value::Null)
}

impl Announce {
    async fn run(self, global: &Global) -> Outcome {
        let source = self.what.source(self.of.mechanism)?;
        let declared = DeclaredRubric::from(source.clone());
        let chain = connect(global).await?;
        let (netuid, mecid) = (self.on.netuid, self.of.mechanism);
        let known = chain.rubric(netuid, mecid, None).await?;
        let hash = to_hex(&declared.hash);
        let mut what = format!("announcing rubric {hash} for mechanism {mecid} of subnet {netuid}, ");
        match &known.in_force {
            None => what += "in force at once",
            Some(_) => {
                // The block that takes it is the next one at the earliest.
                let from = known.block.saturating_add(1).saturating_add(notice(&chain).await?.owner);
                what += &format!("in force {} at the earliest", chain.until(from).await?);
            }
        }
        if let Some(dropped) = &known.announced {
            what += &format!(", in place of {} that was announced", to_hex(&dropped.rubric.hash));
        }
        let call = AnnounceRubric { netuid, mecid, rubric: source };
        let order = Order::new(&call, what).by_owner_of(netuid);
        let Some(sent) = self.on.by.send(global, &chain, order).await? else { return Ok(()) };
        let event: Option<(u16, u8, [u8; 32], u64)> = sent.event("SubtensorModule", "RubricAnnounced");
        let from = event.map(|(.., from)| from);
        let done = match from {
            Some(block) => format!("announced; in force from block {block}"),
            None => "announced".into(),
        };
        let value = json!({ "netuid": netuid, "mechanism": mecid, "hash": hash, "from": from });
        sent.report(global, &done, value)
    }
}

impl Withdraw {
    async fn run(self, global: &Global) -> Outcome {
        let chain = connect(global).await?;
        let (netuid, mecid) = (self.on.netuid, self.of.mechanism);
        let Some(next) = chain.rubric(netuid, mecid, None).await?.announced else {
            return fail(format!(
                "nothing is announced for mechanism {mecid} of subnet {netuid} that is not in force yet; \
                 see `myelin subnet rubric show --netuid {netuid} --mechanism {mecid}`"
            ));
        };
        let hash = to_hex(&next.rubric.hash);
        let what = format!("withdrawing rubric {hash}, in force from block {} otherwise", next.from);
        let order = Order::new(&WithdrawRubric { netuid, mecid }, what).by_owner_of(netuid);
        let value = json!({ "netuid": netuid, "mechanism": mecid, "hash": hash });
        self.on.by.carry_out(global, &chain, order, "withdrawn", value).await
    }
}

impl What {
    /// The rubric to announce.
    fn source(&self, mechanism: u8) -> Result<RubricSource, Failure> {
        match (&self.file, self.hash) {
            (Some(file), _) => of_file(file, mechanism),
            (None, Some(hash)) => Ok(RubricSource::Hash(hash)),
            (None, None) => fail("give the rubric's text with --file or its hash with --hash"),
        }
    }
}

/// The rubric in a file. Its text must be one that validators write, because they can judge by no other.
pub fn of_file(file: &Path, mechanism: u8) -> Result<RubricSource, Failure> {
    let text = text_of(file)?;
    match check_text(&String::from_utf8_lossy(&text), mechanism) {
        Ok(_) => Ok(RubricSource::Text(text)),
        Err(wrong) => fail(format!(
            "{} holds no rules that a validator could judge by: {wrong}; \
             `myelin validator rules --kind KIND --mechanism {mechanism}` writes them",
            file.display()
        )),
    }
}

/// The bytes of a file that fits on the chain.
fn text_of(path: &Path) -> Result<Vec<u8>, Failure> {
    let named = |error: std::io::Error| Failure::new(format!("reading {}: {error}", path.display()));
    let mut text = Vec::new();
    File::open(path).map_err(named)?.take(MOST_READ).read_to_end(&mut text).map_err(named)?;
    if text.is_empty() {
        return fail(format!("{} is empty; a rubric has a text", path.display()));
    }
    if text.len() <= MAX_RUBRIC_TEXT {
        return Ok(text);
    }
    let way_out = if (text.len() as u64) < MOST_READ {
        let hash = to_hex(&DeclaredRubric::from(RubricSource::Text(text)).hash);
        format!("publish it elsewhere and announce --hash {hash}")
    } else {
        "shorten it".into()
    };
    fail(format!(
        "{} has more than the {MAX_RUBRIC_TEXT} bytes that the chain keeps; {way_out}",
        path.display()
    ))
}

/// Blocks between the announcement of a change and its taking effect.
struct Notice {
    vote: u64,
    owner: u64,
}

async fn notice(chain: &ChainClient) -> Result<Notice, Failure> {
    let vote: u64 = chain.value("SubtensorModule", "RubricNotice", &[]).await?;
    let of_vote = chain.profile(None).await?.rubric_vote();
    Ok(Notice { vote, owner: vote.saturating_add(of_vote) })
}

/// Reads a hash of 32 bytes.
pub fn hash(digits: &str) -> Result<[u8; 32], String> {
    let bytes = from_hex_text(digits).and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    bytes.ok_or_else(|| "a hash has 64 hexadecimal digits, with or without 0x before them".into())
}

/// A rubric for programs.
fn shown(change: &RubricChange) -> Value {
    let text = (!change.rubric.text.is_empty()).then(|| String::from_utf8_lossy(&change.rubric.text));
    json!({ "hash": to_hex(&change.rubric.hash), "text": text, "from": change.from })
}

/// A rubric for people: the hash, and its text line by line. A stranger wrote the text, so characters that could move
/// the cursor or change the reading order are shown by their numbers.
fn said(change: &RubricChange) -> String {
    let mut said = to_hex(&change.rubric.hash);
    if change.rubric.text.is_empty() {
        return said + "\n  its text is published elsewhere";
    }
    for line in String::from_utf8_lossy(&change.rubric.text).lines() {
        said += "\n  ";
        for letter in line.chars() {
            if letter.is_alphanumeric() || letter.is_ascii_punctuation() || letter == ' ' {
                said.push(letter);
            } else {
                said.extend(letter.escape_default());
            }
        }
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_32_bytes() {
        let digits = "ab".repeat(32);
        assert_eq!(hash(&digits), Ok([0xab; 32]));
        assert_eq!(hash(&format!("0x{digits}")), Ok([0xab; 32]));
        for wrong in ["", "0x", &digits[2..], &format!("{digits}00"), "zz"] {
            assert!(hash(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_text_that_is_shown_moves_no_cursor() {
        let rubric = RubricSource::Text("share accuracy 3\n\u{1b}[2Jprécision\u{202e}".into()).into();
        let said = said(&RubricChange { rubric, from: 7 });
        assert!(said.contains("\n  share accuracy 3\n  \\u{1b}[2Jprécision\\u{202e}"), "{said}");
    }

    #[test]
    fn a_file_is_taken_as_it_is_up_to_what_the_chain_keeps() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("rubric.txt");
        let read = |length: usize| {
            std::fs::write(&path, vec![b'a'; length]).expect("written");
            text_of(&path).map_err(|failure| failure.to_string())
        };
        assert_eq!(read(512), Ok(vec![b'a'; 512]));
        assert!(read(0).is_err_and(|why| why.contains("is empty")));
        let hash = to_hex(&DeclaredRubric::from(RubricSource::Text(vec![b'a'; 513])).hash);
        assert!(read(513).is_err_and(|why| why.contains(&format!("--hash {hash}"))));
        assert!(read(1 << 20).is_err_and(|why| why.contains("shorten it")));
        let nowhere = text_of(&folder.path().join("none")).map_err(|failure| failure.to_string());
        assert!(nowhere.is_err_and(|why| why.starts_with("reading ")));
    }
}

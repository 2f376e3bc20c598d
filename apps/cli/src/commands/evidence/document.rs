//! The file of `myelin evidence verify`: a result with everything that proves it.
//!
//! Whoever has the file recomputes the result without a node. The result in the file is a statement that is compared;
//! nothing else follows from it.

use std::io::Read;
use std::path::Path;

use myelin_audit::Occasion;
use myelin_chain_client::{Anchor, Hash, Transcript};
use myelin_subnet::evidence::MOST_FAULTY;
use myelin_wire::hash::from_hex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::opening::Opening;
use crate::output::{fail, plain, write_new, Failure, Outcome};

const FORMAT: &str = "myelin/verified-epoch";
const VERSION: u32 = 2;
/// Most validators whose parts a file has.
const MOST_VALIDATORS: usize = 64;
/// Most letters of a value in an error.
const SHOWN: usize = 200;

/// The beginning of every version.
#[derive(Deserialize)]
struct Head {
    format: String,
    version: u32,
}

/// The file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    format: String,
    version: u32,
    netuid: u16,
    epoch: u64,
    block: u64,
    anchor: Named,
    /// The result, as `--json` prints it.
    result: Value,
    /// Records of a validator with a fault.
    pub records: Vec<Opening>,
    /// Parts of evidence that show other faults, for each validator in the form of `Rooted`, hexadecimal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
    /// Questions to the node, and its answers.
    pub transcript: Transcript,
}

/// The block from which everything is proved.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "kind", content = "hash")]
enum Named {
    Genesis(String),
    Checkpoint(String),
}

impl Document {
    /// The file of a result.
    pub fn new(
        (occasion, anchor): (Occasion, Anchor),
        result: Value,
        (mut records, mut parts): (Vec<Opening>, Vec<String>),
        transcript: Transcript,
    ) -> Self {
        let Occasion { netuid, epoch, block } = occasion;
        let anchor = match anchor {
            Anchor::Genesis(hash) => Named::Genesis(hash.to_string()),
            Anchor::Checkpoint(hash) => Named::Checkpoint(hash.to_string()),
        };
        records.truncate(MOST_FAULTY);
        parts.truncate(MOST_VALIDATORS);
        Self {
            format: FORMAT.into(),
            version: VERSION,
            netuid,
            epoch,
            block,
            anchor,
            result,
            records,
            parts,
            transcript,
        }
    }

    /// The epoch, and the block in which it ended. Both are proved later.
    pub fn occasion(&self) -> Occasion {
        Occasion { netuid: self.netuid, epoch: self.epoch, block: self.block }
    }

    /// The block to start at: the one that the user trusts, which must be that of the file, or else the file's.
    pub fn anchor(&self, trusted: Option<Anchor>) -> Result<Anchor, Failure> {
        let read = |hash: &str| {
            let hash = from_hex(hash).map(Hash);
            hash.ok_or_else(|| Failure::new("the hash of its anchor is not 64 hexadecimal digits"))
        };
        let own = match &self.anchor {
            Named::Genesis(hash) => Anchor::Genesis(read(hash)?),
            Named::Checkpoint(hash) => Anchor::Checkpoint(read(hash)?),
        };
        match trusted {
            Some(trusted) if trusted.hash() != own.hash() => fail(format!(
                "its proofs start at block {}, and you trust block {}; ask for a file whose writer named yours with \
                 --genesis or --checkpoint",
                own.hash(),
                trusted.hash()
            )),
            trusted => Ok(trusted.unwrap_or(own)),
        }
    }

    /// Fails unless the file states the result that was found.
    pub fn compare(&self, found: &Value) -> Outcome {
        let names =
            |value: &Value| value.as_object().map_or(Vec::new(), |fields| fields.keys().cloned().collect());
        let all = [names(&self.result), names(found)].concat();
        let differs = |name: &&String| self.result.get(name.as_str()) != found.get(name.as_str());
        let Some(name) = all.iter().find(differs) else { return Ok(()) };
        let shown = |value: &Value| {
            let text = value.get(name.as_str()).map_or("nothing".into(), Value::to_string);
            plain(&text).chars().take(SHOWN).collect::<String>()
        };
        fail(format!(
            "it states `{}` as {}, and its proofs give {}; do not trust its statements, or use the version of \
             `myelin` that wrote it",
            plain(name).chars().take(SHOWN).collect::<String>(),
            shown(&self.result),
            shown(found)
        ))
    }

    /// Writes a new file, whole or not at all.
    pub fn write(&self, path: &Path) -> Outcome {
        let bytes = serde_json::to_vec(self)?;
        if bytes.len() > Transcript::LIMIT {
            return fail(format!(
                "the file would have more than {} MiB, which nobody reads; name a --checkpoint nearer to the epoch, or \
                 fewer folders",
                Transcript::LIMIT >> 20
            ));
        }
        write_new(path, &bytes)
    }

    /// Reads a stranger's file.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let limit = Transcript::LIMIT as u64;
        let mut bytes = Vec::new();
        let file = std::fs::File::open(path)?;
        file.take(limit + 1).read_to_end(&mut bytes)?;
        match bytes.len() as u64 <= limit {
            true => Self::parse(&bytes),
            false => fail(format!("it has more than {} MiB, and no file of this kind has", limit >> 20)),
        }
    }

    fn parse(bytes: &[u8]) -> Result<Self, Failure> {
        let unread = |error: serde_json::Error| {
            Failure::new(format!(
                "it is no file that `myelin evidence verify --write` wrote, or it was cut: {}",
                plain(&error.to_string())
            ))
        };
        let Head { format, version } = serde_json::from_slice(bytes).map_err(unread)?;
        if format != FORMAT || version != VERSION {
            return fail(format!(
                "its format is `{}` in version {version}, and this version of `myelin` reads `{FORMAT}` in version \
                 {VERSION}",
                plain(&format).chars().take(SHOWN).collect::<String>()
            ));
        }
        let document: Self = serde_json::from_slice(bytes).map_err(unread)?;
        match (document.records.len(), document.parts.len()) {
            (0..=MOST_FAULTY, 0..=MOST_VALIDATORS) => Ok(document),
            (0..=MOST_FAULTY, count) => {
                fail(format!("it has parts of {count} validators, and {MOST_VALIDATORS} at most are written"))
            }
            (count, _) => fail(format!("it has {count} records, and {MOST_FAULTY} at most are written")),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Document {
        let occasion = Occasion { netuid: 2, epoch: 42, block: 900 };
        let result = json!({ "different": 1, "differences": ["Dividends"], "paid_rao": 7 });
        let nothing = (Vec::new(), Vec::new());
        Document::new((occasion, Anchor::Genesis(Hash([1; 32]))), result, nothing, Transcript::default())
    }

    fn why<T>(result: Result<T, Failure>) -> String {
        result.err().map(|why| why.to_string()).expect("refused")
    }

    #[test]
    fn a_file_is_read_as_it_was_written_and_another_one_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("epoch.json");
        document().write(&path).expect("written");
        let names: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").flatten().collect();
        assert_eq!(names.len(), 1, "nothing is left beside it: {names:?}");
        let again = Document::read(&path).expect("read");
        let occasion = again.occasion();
        assert_eq!((occasion.netuid, occasion.epoch, occasion.block), (2, 42, 900));
        assert_eq!((&again.result, &again.transcript), (&document().result, &Transcript::default()));

        let whole = std::fs::read_to_string(&path).expect("read");
        let changed = |from: &str, to: &str| {
            assert!(whole.contains(from), "{from} in {whole}");
            std::fs::write(&path, whole.replacen(from, to, 1)).expect("written");
            why(Document::read(&path))
        };
        assert!(changed("\"version\":2", "\"version\":1").contains("in version 1"));
        let many = format!("\"records\":[],\"parts\":[{}\"\"]", "\"\",".repeat(64));
        assert!(changed("\"records\":[]", &many).contains("parts of 65 validators"));
        assert!(changed(FORMAT, "another").contains("`another`"));
        assert!(changed("\"netuid\":2", "\"netuid\":2,\"more\":0").contains("more"));
        assert!(changed("\"different\":1", &format!("\"different\":{}", "[".repeat(200)))
            .contains("or it was cut"));
        std::fs::write(&path, &whole[..whole.len() / 2]).expect("written");
        assert!(why(Document::read(&path)).contains("it is no file"));
        assert!(why(Document::read(&folder.path().join("nothing"))).contains("No such file"));
    }

    #[test]
    fn a_file_that_is_larger_than_any_is_not_read_to_its_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("epoch.json");
        let file = std::fs::File::create(&path).expect("a file");
        file.set_len(Transcript::LIMIT as u64 + (1 << 33)).expect("gigabytes without content");
        assert!(why(Document::read(&path)).contains("it has more than 64 MiB"));
    }

    #[test]
    fn a_statement_that_does_not_follow_is_named() {
        let found = document().result;
        assert!(document().compare(&found).is_ok());
        for (name, value) in [("different", json!(0)), ("paid_rao", json!(8)), ("more", json!(1))] {
            let mut stated = document();
            stated.result[name] = value.clone();
            let why = why(stated.compare(&found));
            assert!(why.contains(&format!("states `{name}` as {value}")), "{why}");
        }
        let mut stated = document();
        stated.result = Value::Null;
        assert!(why(stated.compare(&found)).contains("as nothing, and its proofs give"));
    }

    #[test]
    fn the_user_s_anchor_is_that_of_the_file() {
        let anchor = |trusted| document().anchor(trusted);
        assert_eq!(anchor(None).expect("the file's"), Anchor::Genesis(Hash([1; 32])));
        let same = Anchor::Checkpoint(Hash([1; 32]));
        assert_eq!(anchor(Some(same)).expect("the same block"), same);
        let mut other = document();
        other.anchor = Named::Genesis("0x01".into());
        assert!(why(other.anchor(None)).contains("not 64 hexadecimal digits"));
        let why = why(anchor(Some(Anchor::Genesis(Hash([2; 32])))));
        assert!(why.contains(&"02".repeat(32)) && why.contains("you trust"), "{why}");
    }
}

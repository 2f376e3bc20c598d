//! A record with a fault, and everything that shows that its validator committed to it.

use myelin_abi::Account;
use myelin_chain_client::Hash;
use myelin_subnet::evidence::{EvidenceFolder, KeptTask};
use myelin_wire::evidence::{EvidenceTree, RecordOpening};
use myelin_wire::hash::{blake2_256, from_hex, to_hex};
use myelin_wire::record::{Record, RecordError, Rubric};
use serde::{Deserialize, Serialize};
use serde_json::{json, Value};

use super::held::ProvenChain;
use crate::output::{address, fail, plain, Failure};

/// Most bytes of a request or an answer in a file.
const LONGEST_TEXT: usize = 1 << 20;
/// Most letters of a fault that are shown.
const SHOWN: usize = 300;

/// A record as a file holds it.
///
/// The record and its way to the root are proved, request and answer by their hashes. The task and the fault are the
/// writer's word: under the root stands only a hash over all tasks of the epoch.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Opening {
    /// Bytes of the record, hexadecimal.
    record: String,
    /// Bytes of its way to the root, hexadecimal.
    way: String,
    /// The fault, in the words of the file's writer.
    fault: String,
    /// The request, if it is text, was kept and is no customer's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request: Option<String>,
    /// The answer, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    /// The task with its hidden part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    task: Option<KeptTask>,
}

/// A record to which its validator committed.
pub struct Opened {
    record: Record,
    fault: String,
    verdict: Verdict,
}

/// Findings about a score from the record alone.
enum Verdict {
    Follows,
    /// The rubric at hand is not that of the record.
    OtherRubric,
    Wrong(String),
}

impl Opening {
    /// The record with its fault; `None` if it is not under the root.
    pub fn new(tree: &EvidenceTree, folder: &EvidenceFolder, record: &Record, fault: &str) -> Option<Self> {
        let way = tree.open_record(record)?;
        let text = |hash: &[u8; 32]| {
            let text = folder.text(record.epoch, hash).ok().filter(|text| text.len() <= LONGEST_TEXT)?;
            String::from_utf8(text).ok()
        };
        let is_its =
            |task: &&KeptTask| task.number == record.task && from_hex(&task.seed) == Some(record.seed);
        let tasks = folder.tasks(record.epoch, record.round).ok();
        let task = tasks.as_ref().and_then(|tasks| {
            let earlier = tasks.matured.iter().flat_map(|earlier| &earlier.tasks);
            tasks.tasks.iter().chain(earlier).find(is_its)
        });
        // A file is for third parties, and a customer's words are not for them.
        let open = task.is_none_or(|task| task.customer.is_none());
        Some(Self {
            record: to_hex(&record.to_bytes().ok()?),
            way: to_hex(&way.to_bytes()),
            fault: fault.to_owned(),
            request: open.then(|| text(&record.request)).flatten(),
            answer: open.then(|| text(&record.answer)).flatten(),
            task: task.cloned(),
        })
    }

    /// The record and the root over it, if everything in the file belongs to it.
    fn read(&self) -> Result<(Record, Hash), Failure> {
        let record = Record::from_bytes(&bytes_of(&self.record)?)?;
        let root = RecordOpening::from_bytes(&bytes_of(&self.way)?)?.root_over(&record)?;
        for (name, text, hash) in
            [("request", &self.request, &record.request), ("answer", &self.answer, &record.answer)]
        {
            if text.as_ref().is_some_and(|text| blake2_256(text.as_bytes()) != *hash) {
                return fail(format!("the text of its {name} does not have the hash that it names"));
            }
        }
        let of_task = |task: &KeptTask| (from_hex(&task.seed), task.number);
        if self.task.as_ref().map(of_task).is_some_and(|task| task != (Some(record.seed), record.task)) {
            return fail("the task is another one than its own");
        }
        Ok((record, Hash(root)))
    }

    /// Checks the record against the chain, and its score against the rubric.
    pub async fn check(&self, chain: &mut ProvenChain<'_>, rubric: &Rubric) -> Result<Opened, Failure> {
        let (record, _) = self.read()?;
        let epoch = chain.evidence_epoch().await?;
        let roots = chain.roots(epoch, &record.signer).await?;
        self.judged((chain.occasion.netuid, epoch), &roots, rubric)
    }

    /// The record, if its validator committed to one of these roots over its evidence of this subnet and epoch.
    fn judged(
        &self,
        (netuid, epoch): (u16, u64),
        roots: &[Option<Hash>],
        rubric: &Rubric,
    ) -> Result<Opened, Failure> {
        let (record, root) = self.read()?;
        if (record.netuid, record.epoch) != (netuid, epoch) {
            return fail(format!(
                "it is of subnet {} and epoch {}, and the weights follow from epoch {epoch} of subnet {netuid}",
                record.netuid, record.epoch
            ));
        }
        if !roots.contains(&Some(root)) {
            return fail(format!(
                "it is under the root {root}, to which validator {} did not commit in epoch {epoch}",
                address(&Account(record.signer))
            ));
        }
        let verdict = match record.check(rubric) {
            Ok(()) => Verdict::Follows,
            Err(RecordError::OtherRubric) => Verdict::OtherRubric,
            Err(error) => Verdict::Wrong(error.to_string()),
        };
        Ok(Opened { record, fault: plain(&self.fault).chars().take(SHOWN).collect(), verdict })
    }
}

impl Opened {
    fn name(&self) -> String {
        let Record { epoch, round, task, miner_uid, signer, .. } = &self.record;
        let validator = address(&Account(*signer));
        format!(
            "record of uid {miner_uid}, task {task}, round {round} of epoch {epoch} by validator {validator}"
        )
    }

    /// The fault, if the record alone shows it.
    pub fn fault(&self) -> Option<String> {
        match &self.verdict {
            Verdict::Wrong(why) => Some(format!("{}: {why}", self.name())),
            _ => None,
        }
    }

    /// The record for people.
    pub fn line(&self) -> String {
        let verdict = match self.verdict {
            Verdict::Wrong(_) => "its score does not follow from its parts",
            Verdict::Follows => {
                "its score follows from its parts, so the fault shows only when the answer is judged again"
            }
            Verdict::OtherRubric => {
                "its rubric is another one; name the validator's kind and options with --kind"
            }
        };
        format!("{}: its root is on the chain; {verdict}; the file says: {}", self.name(), self.fault)
    }

    /// The same for programs.
    pub fn value(&self) -> Value {
        let Record { epoch, round, task, miner_uid, signer, score, reason, parts, .. } = &self.record;
        let follows = match self.verdict {
            Verdict::Follows => Some(true),
            Verdict::Wrong(_) => Some(false),
            Verdict::OtherRubric => None,
        };
        json!({
            "validator": address(&Account(*signer)), "uid": miner_uid, "epoch": epoch, "round": round, "task": task,
            "reason": reason.word(), "score": score.get(),
            "parts": parts.iter().map(|part| part.get()).collect::<Vec<_>>(),
            "score_follows_from_parts": follows, "said": self.fault,
        })
    }
}

/// Bytes of hexadecimal text in its only form.
pub(super) fn bytes_of(text: &str) -> Result<Vec<u8>, Failure> {
    let byte = |pair: &[u8]| from_hex::<1>(std::str::from_utf8(pair).ok()?).map(|[byte]| byte);
    let bytes: Option<Vec<u8>> = text.as_bytes().chunks(2).map(byte).collect();
    bytes.filter(|_| !text.bytes().any(|letter| letter.is_ascii_uppercase())).ok_or_else(|| {
        Failure::new("its bytes are not hexadecimal: lower-case hexadecimal digits in pairs are read")
    })
}

#[cfg(test)]
mod tests {
    use myelin_subnet::evidence::{RoundEvidence, RoundTasks};
    use myelin_wire::evidence::{record_leaf, Files, MinerEvidence};
    use myelin_wire::record::{miner_digest, LatencyBucket, PartRule, Ppm, Reason, NO_EXTENSION};

    use super::*;

    const MINER: [u8; 32] = [5; 32];
    const REQUEST: &str = "a question";

    fn rubric(version: u32) -> Rubric {
        let parts = vec![PartRule::Share { name: "right", weight: 1 }];
        Rubric::new("test", version, parts).expect("a rubric")
    }

    /// A record whose score is 1, and whose parts give `part`.
    fn record(part: u32) -> Record {
        Record {
            netuid: 2,
            epoch: 41,
            round: 3,
            task: 6,
            audience: 0,
            seed: [1; 32],
            signer: [7; 32],
            miner_uid: 5,
            miner: miner_digest(&MINER),
            request: blake2_256(REQUEST.as_bytes()),
            answer: blake2_256(&[0xff]),
            rubric: rubric(1).tag(),
            signed: true,
            commit_order: u8::MAX,
            latency: LatencyBucket::of_ms(9),
            reason: Reason::Scored,
            score: Ppm::ONE,
            parts: vec![Ppm::new(part)],
            extension: NO_EXTENSION,
        }
    }

    fn tree(record: &Record) -> EvidenceTree {
        let records = vec![[9; 32], record_leaf(&record.to_bytes().expect("a record"))];
        let miner = MinerEvidence { uid: 5, hotkey: MINER, answers: Vec::new(), records };
        let other = MinerEvidence { uid: 6, hotkey: [6; 32], answers: Vec::new(), records: vec![[8; 32]] };
        EvidenceTree::new((2, 41), [7; 32], Files::default(), vec![miner, other])
    }

    /// The opening of a record out of a folder that holds request, answer and task.
    fn opening(record: &Record) -> Opening {
        let temporary = tempfile::tempdir().expect("a folder");
        let folder = EvidenceFolder { path: temporary.path().into(), keep: 9 };
        let task = |number| KeptTask {
            seed: to_hex(&[1; 32]),
            number,
            kind: "sum".into(),
            request: json!(REQUEST),
            hidden: json!({ "sum": number }),
            customer: None,
        };
        let tasks = RoundTasks { tasks: vec![task(5), task(6)], ..RoundTasks::default() };
        let texts = vec![REQUEST.into(), vec![0xffu8].into()];
        let evidence = RoundEvidence { tasks, texts, ..RoundEvidence::default() };
        folder.write(41, 3, &evidence).expect("written");
        Opening::new(&tree(record), &folder, record, "judged again\u{1b}[2J 0").expect("it is under the root")
    }

    fn judged(opening: &Opening, record: &Record, rubric: &Rubric) -> Result<Opened, String> {
        let roots = [None, Some(Hash(tree(record).root()))];
        opening.judged((2, 41), &roots, rubric).map_err(|why| why.to_string())
    }

    #[test]
    fn a_record_shows_that_its_score_does_not_follow_from_its_parts() {
        let wrong = record(400_000);
        let opened = judged(&opening(&wrong), &wrong, &rubric(1)).expect("it is under the root");
        let fault = opened.fault().expect("a fault");
        assert!(fault.contains("1000000 millionths, its parts give 400000"), "{fault}");
        assert_eq!(opened.value()["score_follows_from_parts"], false);
        assert!(!opened.line().contains('\u{1b}'), "a stranger's text");

        let right = record(1_000_000);
        let opened = judged(&opening(&right), &right, &rubric(1)).expect("it is under the root");
        assert_eq!((opened.fault(), &opened.value()["score_follows_from_parts"]), (None, &json!(true)));
        let opened = judged(&opening(&right), &right, &rubric(2)).expect("it is under the root");
        assert_eq!((opened.fault(), &opened.value()["score_follows_from_parts"]), (None, &Value::Null));
    }

    #[test]
    fn texts_and_task_are_those_of_the_record_and_survive_the_file() {
        let record = record(0);
        let whole = opening(&record);
        let file = serde_json::to_value(&whole).expect("JSON");
        assert_eq!(
            (file["request"].as_str(), file.get("answer")),
            (Some(REQUEST), None),
            "no text, no answer"
        );
        assert_eq!(file["task"]["hidden"], json!({ "sum": 6 }));
        let again: Opening = serde_json::from_value(file).expect("an opening");
        assert!(judged(&again, &record, &rubric(1)).is_ok());
        assert!(Opening::new(
            &tree(&record),
            &EvidenceFolder { path: "nowhere".into(), keep: 1 },
            &record,
            ""
        )
        .is_some_and(|bare| bare.request.is_none() && bare.task.is_none()));
    }

    #[test]
    fn whatever_is_changed_is_named() {
        let record = record(0);
        let whole = opening(&record);
        let refused = |change: fn(&mut Opening)| {
            let mut changed = whole.clone();
            change(&mut changed);
            judged(&changed, &record, &rubric(1)).err().expect("refused")
        };
        assert!(
            refused(|opening| opening.request = Some("another".into())).contains("the text of its request")
        );
        assert!(refused(|opening| opening.answer = Some("another".into())).contains("the text of its answer"));
        assert!(refused(|opening| opening.task.as_mut().expect("a task").number = 5)
            .contains("the task is another one"));
        assert!(refused(|opening| opening.record.replace_range(..2, "0g")).contains("not hexadecimal"));
        assert!(refused(|opening| opening.record.truncate(9)).contains("not hexadecimal"));
        assert!(refused(|opening| opening.record.truncate(8)).contains("not an evaluation record"));
        assert!(refused(|opening| opening.way.push_str("00")).contains("bytes after the end"));
        // The bytes of a record end with its only part.
        let last =
            |opening: &mut Opening| opening.record.replace_range(opening.record.len() - 8.., "01000000");
        assert!(refused(last).contains("not under its miner"));

        let elsewhere = |occasion, roots: &[Option<Hash>]| {
            whole.judged(occasion, roots, &rubric(1)).err().expect("refused").to_string()
        };
        let root = Some(Hash(tree(&record).root()));
        assert!(elsewhere((2, 42), &[root]).contains("epoch 42 of subnet 2"));
        assert!(elsewhere((2, 41), &[None, Some(Hash([3; 32]))]).contains("did not commit"));
    }
}

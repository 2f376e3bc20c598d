//! `myelin evidence verify`: an epoch recomputed from state that is proved, by a node or by a file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use myelin_audit::{audit, Difference, Findings, Occasion, View};
use myelin_chain_client::{Anchor, Finality, Hash, LightClient, LightError, ProvenBlock};
use myelin_wire::hash::from_hex;
use myelin_wire::trie::{storage_key, Hasher};
use serde_json::{json, Value};

use super::claims::{self, Compared};
use super::document::Document;
use super::held::{Folders, Held, ProvenChain};
use super::opening::{Opened, Opening};
use super::rooted::Shown;
use crate::output::{fail, grouped, is_there, json, plain, say, tell, Failure, Outcome};
use crate::subnets::Kinds;
use crate::Global;

/// Rounds of asking for further keys. Each needs what the last one brought: neurons, their parents, the owners of
/// those.
const MOST_PASSES: usize = 32;
/// Most differences that are shown.
const SHOWN: usize = 10;

/// The epoch, and the block that is trusted.
#[derive(Args)]
pub struct Verify {
    /// The subnet.
    #[arg(long, short = 'n', required_unless_present = "from", conflicts_with = "from")]
    netuid: Option<u16>,
    /// The epoch; by default the last one whose end is final.
    #[arg(long, conflicts_with = "from")]
    epoch: Option<u64>,
    /// Writes the result to a file as well, with everything that proves it, so that others verify it without a node.
    /// With --evidence, faults are in it with the parts of the folder that show them: records with their requests,
    /// answers and tasks, and lists of standings, tasks and seeds.
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    write: Option<PathBuf>,
    /// Verifies such a file. No node is asked.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Hash of the chain's first block, as you know it. By default the word of the node or the file is taken for it,
    /// and shown.
    #[arg(long, value_name = "HASH", value_parser = hash)]
    genesis: Option<Hash>,
    /// Hash of a later block that you trust, instead of the first one. Its authorities are read from its state.
    #[arg(long, value_name = "HASH", value_parser = hash, conflicts_with = "genesis")]
    checkpoint: Option<Hash>,
    #[command(flatten)]
    folders: Folders,
}

fn hash(text: &str) -> Result<Hash, String> {
    from_hex(text).map(Hash).ok_or_else(|| "a hash has 64 hexadecimal digits, with or without 0x".into())
}

/// The two states around the end of an epoch.
struct States {
    before: ProvenBlock,
    after: ProvenBlock,
}

/// The source of the anchor's hash.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    User,
    Node,
    File,
}

impl Verify {
    /// Proves, recomputes, compares and reports.
    pub async fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        if let Some(path) = &self.from {
            let again = self.again(path, kinds).await;
            let report = again.map_err(|why| Failure::new(format!("{}: {why}", path.display())))?;
            return report.tell(global);
        }
        if let Some(path) = self.write.as_ref().filter(|path| path.exists()) {
            return Err(is_there(path));
        }
        let mut node = LightClient::connect(global.endpoint.url()?).await?;
        let occasion = self.find(&node).await?;
        if self.write.is_some() {
            node = node.recording();
        }
        let (anchor, word) = match self.trusted() {
            Some(anchor) => (anchor, Word::User),
            None => (Anchor::Genesis(node.hint_hash(0).await?), Word::Node),
        };
        let (mut states, mut report) = States::prove(&node, occasion, (anchor, word)).await?;
        let chain = &mut states.chain(&node, (occasion, anchor));
        report.held = self.folders.check(chain, kinds, self.write.is_some()).await?;
        report.claims = claims::proved(&self.folders, &report.held, chain).await?;
        if let (Some(path), Some(transcript)) = (&self.write, node.transcript()) {
            let records: Vec<Opening> = report.held.iter().flat_map(Held::openings).cloned().collect();
            let parts: Vec<String> = report.held.iter().filter_map(Held::parts).cloned().collect();
            Document::new((occasion, anchor), report.result(), (records, parts), transcript).write(path)?;
        }
        report.tell(global)
    }

    /// The block that the user trusts.
    fn trusted(&self) -> Option<Anchor> {
        self.genesis.map(Anchor::Genesis).or(self.checkpoint.map(Anchor::Checkpoint))
    }

    /// Verifies a file, and compares what it states.
    async fn again(&self, path: &Path, kinds: &Kinds) -> Result<Report, Failure> {
        let mut document = Document::read(path)?;
        let (trusted, occasion) = (self.trusted(), document.occasion());
        let anchor = document.anchor(trusted)?;
        let word = if trusted.is_some() { Word::User } else { Word::File };
        let node = LightClient::recorded(std::mem::take(&mut document.transcript));
        let (mut states, mut report) = States::prove(&node, occasion, (anchor, word)).await?;
        document.compare(&report.result())?;
        let chain = &mut states.chain(&node, (occasion, anchor));
        report.opened = self.folders.check_openings(&document.records, chain, kinds).await?;
        report.shown = self.folders.check_parts(&document.parts, chain, kinds).await?;
        Ok(report)
    }

    /// Finds the block in which the epoch ended. What the node says here is proved later.
    async fn find(&self, node: &LightClient) -> Result<Occasion, Failure> {
        let Some(netuid) = self.netuid else { return fail("name the subnet with --netuid") };
        let key = storage_key(
            myelin_audit::view::NETWORK,
            "SubnetEpochIndex",
            &[(Hasher::Identity, &netuid.to_le_bytes())],
        );
        let head = node.hint_final().await?;
        let height = u32::try_from(head.number).unwrap_or(u32::MAX);
        let Some(index) = node.hint_value::<u64>(&key, height).await? else {
            return fail(format!(
                "there is no subnet {netuid} at block {height}, the last one that is final"
            ));
        };
        let epoch = self.epoch.unwrap_or(index.saturating_sub(1));
        if epoch >= index {
            return fail(format!(
                "epoch {epoch} of subnet {netuid} has not ended yet, as far as it is final: at block {height} the subnet is \
                 in epoch {index}"
            ));
        }
        let has_ended = |found: Option<u64>| found.is_some_and(|index| index > epoch);
        let block = node.hint_first(&key, (1, height), has_ended).await?;
        Ok(Occasion { netuid, epoch, block: block.into() })
    }
}

impl States {
    /// Proves both states of an occasion, from an anchor that somebody named, and recomputes the epoch.
    async fn prove(
        node: &LightClient,
        occasion: Occasion,
        (anchor, word): (Anchor, Word),
    ) -> Result<(Self, Report), Failure> {
        let number = u32::try_from(occasion.block).unwrap_or(u32::MAX);
        let (after, finality) = node.prove_block(anchor, number).await?;
        let before = node.block(Hash(after.header.parent)).await?;
        let mut states = Self { before, after };
        let (findings, keys) = states.audit(node, occasion).await?;
        let block = states.after.hash;
        let (held, claims, opened, shown) = (Vec::new(), None, Vec::new(), Vec::new());
        let report =
            Report { occasion, anchor, word, finality, block, keys, findings, held, claims, opened, shown };
        Ok((states, report))
    }

    fn chain<'a>(
        &'a mut self,
        node: &'a LightClient,
        (occasion, anchor): (Occasion, Anchor),
    ) -> ProvenChain<'a> {
        let clocks = BTreeMap::new();
        ProvenChain { node, occasion, anchor, end: self.after.hash, before: &mut self.before, clocks }
    }

    /// Recomputes the epoch, and fetches proofs until nothing is missing. Returns the number of keys as well.
    async fn audit(&mut self, node: &LightClient, occasion: Occasion) -> Result<(Findings, usize), Failure> {
        for _ in 0..MOST_PASSES {
            let (before, after) = (view(&self.before), view(&self.after));
            let result = audit(&before, &after, occasion);
            let broken = [(&before, &self.before), (&after, &self.after)]
                .into_iter()
                .find_map(|(view, block)| Some((view.broken()?, block.header.number)));
            if let Some((what, number)) = broken {
                return fail(format!("the state of block {number} cannot be read: {what}"));
            }
            let wanted = (before.wanted(), after.wanted());
            if wanted.0.is_empty() && wanted.1.is_empty() {
                let keys = before.keys() + after.keys();
                return Ok((result?, keys));
            }
            node.prove(&mut self.before, &wanted.0).await?;
            node.prove(&mut self.after, &wanted.1).await?;
            for (block, keys) in [(&self.before, wanted.0), (&self.after, wanted.1)] {
                let missing =
                    keys.iter().find_map(|key| block.state.value(&block.header.state_root, key).err());
                if let Some(error) = missing {
                    let number = block.header.number;
                    return Err(LightError::State { block: number, error }.into());
                }
            }
        }
        fail(format!(
            "after {MOST_PASSES} answers of the node there is still more to read; this is a fault of this program"
        ))
    }
}

fn view(block: &ProvenBlock) -> View<'_> {
    View::new(block.header.state_root, &block.state)
}

/// Everything that was found out.
struct Report {
    occasion: Occasion,
    anchor: Anchor,
    word: Word,
    finality: Finality,
    block: Hash,
    keys: usize,
    findings: Findings,
    held: Vec<Held>,
    /// Claims of several validators beside each other.
    claims: Option<Compared>,
    /// Records of a file.
    opened: Vec<Opened>,
    /// Faults that parts of a file show.
    shown: Vec<Shown>,
}

impl Report {
    fn tell(self, global: &Global) -> Outcome {
        if global.json {
            json(&self.value())?;
        } else {
            self.lines().iter().for_each(|line| say!("{line}"));
        }
        let Occasion { netuid, epoch, .. } = self.occasion;
        let differences = self.findings.differences.iter().map(told);
        let faults: Vec<String> = self.faults().collect();
        let count = self.findings.different + faults.len();
        let wrong: Vec<String> = differences.chain(faults).collect();
        let Some(first) = wrong.first() else { return Ok(()) };
        if !global.json {
            wrong.iter().take(SHOWN).for_each(|wrong| tell!("    {}", plain(wrong)));
        }
        fail(format!("epoch {epoch} of subnet {netuid}: {count} values do not follow, first: {first}"))
    }

    /// Everything that does not follow beside values of the chain.
    fn faults(&self) -> impl Iterator<Item = String> + '_ {
        let held = self.held.iter().flat_map(Held::faults).cloned();
        let opened = self.opened.iter().filter_map(Opened::fault);
        held.chain(opened).chain(self.shown.iter().flat_map(Shown::faults))
    }

    fn lines(&self) -> Vec<String> {
        let Occasion { netuid, epoch, block } = self.occasion;
        let mut lines =
            vec![format!("epoch {epoch} of subnet {netuid} ended in block {block}, {}", self.block)];
        let anchor = match self.anchor {
            Anchor::Genesis(hash) => format!("anchored on genesis {hash}"),
            Anchor::Checkpoint(hash) => format!("anchored on block {hash}"),
        };
        let whose = match self.word {
            Word::User => None,
            Word::Node => Some("node"),
            Word::File => Some("file"),
        };
        let warning = whose
            .map(|whose| format!(", which is the {whose}'s word: compare it with the one that you know"));
        lines.push(anchor + &warning.unwrap_or_default());
        let Finality { signed, set, needed, changes, hops } = &self.finality;
        lines.push(match (signed, set) {
            (Some(signed), Some((set, members))) => format!(
                "final: {} votes of authority set {set} ({members} members, {needed} votes needed) signed block {}, \
                 {hops} steps after it; {changes} changes of authorities since the anchor",
                signed.votes, signed.number
            ),
            _ => format!("final: the anchor descends from it, {hops} steps"),
        });
        let keys = grouped(self.keys as u64);
        lines.push(format!("read {keys} values, each by a proof of the state before or after the block"));
        let Findings { compared, replaced, moved, paid, .. } = &self.findings;
        let counts: Vec<String> = compared.iter().map(|(field, count)| format!("{field} {count}")).collect();
        lines.push(format!("compared: {}", counts.join(", ")));
        if replaced + moved > 0 {
            lines.push(format!(
                "not compared: {replaced} neurons that gave way in this block, {moved} stakes that moved again in it"
            ));
        }
        lines.extend(self.held.iter().map(Held::line));
        lines.extend(self.held.iter().flat_map(Held::remarks));
        lines.extend(self.claims.iter().flat_map(Compared::lines));
        lines.extend(self.opened.iter().map(Opened::line));
        lines.extend(self.shown.iter().map(Shown::line));
        if self.findings.different == 0 && self.faults().next().is_none() {
            let paid = crate::output::alpha(myelin_units::AlphaBalance::from_rao(*paid));
            lines.push(format!("all follow from the rules; neurons earned {paid} of subnet {netuid}"));
        }
        lines
    }

    /// The whole report for programs.
    fn value(&self) -> Value {
        let kind = match self.anchor {
            Anchor::Genesis(_) => "genesis",
            Anchor::Checkpoint(_) => "checkpoint",
        };
        let mut value = self.result();
        let given = self.word == Word::User;
        value["anchor"] = json!({ "kind": kind, "hash": self.anchor.hash().to_string(), "given": given });
        value["evidence"] = self.held.iter().map(Held::value).collect();
        value["claims"] = self.claims.as_ref().map(Compared::value).into();
        value["records"] = self.opened.iter().map(Opened::value).collect();
        value["shown"] = self.shown.iter().map(Shown::value).collect();
        value
    }

    /// All that follows from the proofs, and nothing else.
    fn result(&self) -> Value {
        let Occasion { netuid, epoch, block } = self.occasion;
        let Finality { signed, set, needed, changes, hops } = &self.finality;
        let Findings { compared, differences, different, replaced, moved, paid, .. } = &self.findings;
        let compared: serde_json::Map<String, Value> =
            compared.iter().map(|(field, count)| ((*field).to_owned(), json!(count))).collect();
        let differences: Vec<Value> = differences
            .iter()
            .map(|Difference { field, subject, expected, found }| {
                json!({ "field": field, "subject": subject, "expected": expected, "found": found })
            })
            .collect();
        json!({
            "netuid": netuid, "epoch": epoch, "block": block, "hash": self.block.to_string(),
            "finality": {
                "block": signed.map(|signed| signed.number), "votes": signed.map(|signed| signed.votes),
                "needed": needed, "set": set.map(|(id, _)| id), "members": set.map(|(_, members)| members),
                "changes": changes, "steps": hops,
            },
            "values_read": self.keys, "compared": compared, "replaced": replaced, "moved": moved, "paid_rao": paid,
            "different": different, "differences": differences,
        })
    }
}

fn told(difference: &Difference) -> String {
    let Difference { field, subject, expected, found } = difference;
    format!("{field} of {subject} is {found}, and {expected} follows from the rules")
}

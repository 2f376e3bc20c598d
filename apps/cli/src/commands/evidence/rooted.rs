//! Faults that parts of a validator's evidence show under its root, and the chain's side of each.
//!
//! The writer of a file looks for such faults in a folder. Its reader finds them again in the file alone. Both use the
//! same checks, so a file shows nothing that its reader does not see.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use myelin_abi::rubric::RubricTimeline;
use myelin_abi::{Account, EvidenceRoot, ProofHistory};
use myelin_audit::view::NETWORK;
use myelin_audit::weighing::{settled, Doubt, Moment, Revealed};
use myelin_audit::Occasion;
use myelin_subnet::evaluation::Seat;
use myelin_subnet::evidence::{FaultClaim, PartsError, Rooted};
use myelin_subnet::rules::{rules_hash, Terms};
use myelin_subnet::validator::GRACE_EPOCHS;
use myelin_units::storage_index;
use myelin_wire::evidence::seeds;
use myelin_wire::hash::{to_hex, Hash};
use myelin_wire::trie::Hasher::{Identity, Twox64Concat};
use myelin_wire::AccountId;
use myelin_yuma::set_weights::max_upscale;
use serde_json::{json, Value};

use super::held::{read_proven, ProvenChain, Source};
use super::opening::bytes_of;
use crate::output::{address, fail, Failure};
use crate::subnets::Opened;

/// Faults of a folder that a file can show.
#[derive(Default)]
pub struct Found {
    /// The parts and claims, hexadecimal; `None` without any.
    pub bytes: Option<String>,
    /// The faults.
    pub lines: Vec<String>,
    /// Reasons why others are not in it, for people.
    pub remarks: Vec<String>,
}

/// Faults that a file shows.
pub struct Shown {
    validator: AccountId,
    epoch: u64,
    claims: Vec<FaultClaim>,
    lines: Vec<String>,
}

/// The result of checking a claim.
enum Verdict {
    Fault(Vec<String>),
    Follows,
    Undecided(String),
}

impl From<Result<Vec<String>, PartsError>> for Verdict {
    fn from(found: Result<Vec<String>, PartsError>) -> Self {
        match found {
            Ok(lines) if lines.is_empty() => Verdict::Follows,
            Ok(lines) => Verdict::Fault(lines),
            Err(error) => Verdict::Undecided(error.to_string()),
        }
    }
}

impl From<Doubt> for Verdict {
    fn from(doubt: Doubt) -> Self {
        Verdict::Undecided(doubt.to_string())
    }
}

impl Found {
    /// Checks everything that a folder may show, or its weights alone, and takes what it does.
    pub async fn search(
        rooted: &Rooted<'_>,
        mechanisms: &[(u8, Terms)],
        subnet: &Opened,
        chain: &mut ProvenChain<'_>,
        all: bool,
    ) -> Result<Self, Failure> {
        let wanted = match all {
            true => rooted.candidates(mechanisms),
            false => FaultClaim::of_weights(mechanisms).collect(),
        };
        let mut checks = Checks::new(rooted, subnet, chain).await?;
        let (mut claims, mut lines, mut left_out) = (Vec::new(), Vec::new(), 0);
        let (mut parts, mut remarks) = (BTreeMap::<Hash, Vec<u8>>::new(), BTreeSet::new());
        for claim in wanted {
            rooted.forget();
            let found = match checks.check(claim, chain).await {
                Ok(Verdict::Fault(found)) => found,
                Ok(Verdict::Follows) => continue,
                Ok(Verdict::Undecided(why)) => {
                    if matches!(claim, FaultClaim::Round { .. } | FaultClaim::Weights { .. }) {
                        remarks.insert(format!("a file cannot show whether {claim} follow: {why}"));
                    }
                    continue;
                }
                // Such as the state of an old block, which a node without an archive has dropped.
                Err(why) => {
                    remarks.insert(format!("not looked at for a file: {claim}: {why}"));
                    continue;
                }
            };
            let new = rooted.forget();
            let all = parts.iter().chain(new.iter().filter(|(hash, _)| !parts.contains_key(*hash)));
            let bytes: usize = all.map(|(_, content)| content.len()).sum();
            if claims.len() < Rooted::MOST_CLAIMS && bytes <= Rooted::MOST_BYTES {
                parts.extend(new);
                claims.push(claim);
                lines.extend(found);
            } else {
                left_out += 1;
            }
        }
        rooted.forget();
        rooted.recall(parts);
        if left_out > 0 {
            remarks.insert(format!(
                "{left_out} more faults are not in a file, which holds {} of a validator and {} MiB of its evidence",
                Rooted::MOST_CLAIMS,
                Rooted::MOST_BYTES >> 20
            ));
        }
        let bytes = (!claims.is_empty()).then(|| to_hex(&rooted.to_bytes(&claims)));
        Ok(Self { bytes, lines, remarks: remarks.into_iter().collect() })
    }
}

impl Shown {
    /// Reads a stranger's parts, and finds each fault again.
    pub async fn read(parts: &str, subnet: &Opened, chain: &mut ProvenChain<'_>) -> Result<Self, Failure> {
        let (rooted, claims) = Rooted::from_bytes(&bytes_of(parts)?)?;
        let head = *rooted.head();
        let (netuid, epoch) = (chain.occasion.netuid, chain.evidence_epoch().await?);
        if (head.netuid, head.epoch) != (netuid, epoch) {
            return fail(format!(
                "it is of subnet {} and epoch {}, and the weights follow from epoch {epoch} of subnet {netuid}",
                head.netuid, head.epoch
            ));
        }
        let mut checks = Checks::new(&rooted, subnet, chain).await?;
        if checks.roots.iter().all(Option::is_none) {
            return fail(format!(
                "it is under the root 0x{}, to which validator {} did not commit in epoch {epoch}",
                to_hex(&rooted.root()),
                address(&Account(head.validator))
            ));
        }
        let mut lines = Vec::new();
        for claim in &claims {
            match checks.check(*claim, chain).await? {
                Verdict::Fault(found) => lines.extend(found),
                Verdict::Follows => {
                    return fail(format!(
                        "{claim}: all follows from the parts in the file, so this is no fault"
                    ));
                }
                Verdict::Undecided(why) => return fail(format!("{claim}: {why}")),
            }
        }
        rooted.ensure_all_used()?;
        Ok(Self { validator: head.validator, epoch, claims, lines })
    }

    /// Whether two are of one validator.
    pub fn is_of(&self, other: &Self) -> bool {
        self.validator == other.validator
    }

    /// The faults, each with its validator.
    pub fn faults(&self) -> impl Iterator<Item = String> + '_ {
        let validator = address(&Account(self.validator));
        self.lines.iter().map(move |line| format!("validator {validator}: {line}"))
    }

    /// The same for people.
    pub fn line(&self) -> String {
        let claims: Vec<String> = self.claims.iter().map(FaultClaim::to_string).collect();
        format!(
            "validator {}, evidence of epoch {}: its root is on the chain, and parts under it show faults of {}",
            address(&Account(self.validator)),
            self.epoch,
            claims.join(", ")
        )
    }

    /// The same for programs.
    pub fn value(&self) -> Value {
        let claims: Vec<String> = self.claims.iter().map(FaultClaim::to_string).collect();
        json!({
            "validator": address(&Account(self.validator)), "epoch": self.epoch, "of": claims, "faults": self.lines,
        })
    }
}

/// The checks of a validator's claims.
struct Checks<'a> {
    rooted: &'a Rooted<'a>,
    subnet: &'a Opened,
    /// Commitments of the validator to this root, by mechanism.
    roots: Vec<Option<EvidenceRoot<Account>>>,
    /// Sources of seeds that were looked up, by round and block.
    sources: HashMap<(u16, u64), Option<Source>>,
}

impl<'a> Checks<'a> {
    async fn new(
        rooted: &'a Rooted<'a>,
        subnet: &'a Opened,
        chain: &mut ProvenChain<'_>,
    ) -> Result<Self, Failure> {
        let head = rooted.head();
        let committed = chain.committed(head.epoch, &head.validator).await?;
        let is_it =
            |root: &EvidenceRoot<Account>| root.root == rooted.root() && root.signer.0 == head.validator;
        let roots = committed.into_iter().map(|root| root.filter(is_it)).collect();
        Ok(Self { rooted, subnet, roots, sources: HashMap::new() })
    }

    async fn check(&mut self, claim: FaultClaim, chain: &mut ProvenChain<'_>) -> Result<Verdict, Failure> {
        let rooted = self.rooted;
        Ok(match claim {
            FaultClaim::Between { earlier, later } => rooted.between(earlier, later).into(),
            FaultClaim::Round { round, mechanism, terms } => {
                match self.rules(mechanism, terms, chain).await? {
                    Ok(_) => self.subnet.round_by_records(rooted, round, mechanism).into(),
                    Err(undecided) => undecided,
                }
            }
            FaultClaim::Weights { mechanism, terms } => self.weights(mechanism, terms, chain).await?,
            FaultClaim::Seed { round, place: number } => match rooted.seed(round, number) {
                Ok(seed) => self.seed(round, &seed, chain).await?,
                Err(error) => Verdict::Undecided(error.to_string()),
            },
            FaultClaim::Twins { round, first, second } => rooted.twins(round, first, second).into(),
            FaultClaim::Unseeded { round, place: number } => rooted.unseeded(round, number).into(),
        })
    }

    /// The commitment on a mechanism, if the validator had to judge by the rules at hand.
    async fn rules(
        &self,
        mechanism: u8,
        terms: Terms,
        chain: &mut ProvenChain<'_>,
    ) -> Result<Result<EvidenceRoot<Account>, Verdict>, Failure> {
        let Some(root) = self.roots.get(usize::from(mechanism)).copied().flatten() else {
            let why = format!("mechanism {mechanism} has another root on the chain, or none");
            return Ok(Err(Verdict::Undecided(why)));
        };
        let settled = chain.settled_rules(mechanism, &root).await?;
        let ours = self.subnet.rules(mechanism, terms).map(|text| rules_hash(&text));
        Ok(match settled {
            Ok(rules) if ours == Some(rules) => Ok(root),
            Ok(_) => Err(Doubt::OtherRules.into()),
            Err(doubt) => Err(doubt.into()),
        })
    }

    /// The weights on the chain beside those that follow from the standings after the epoch.
    async fn weights(
        &self,
        mechanism: u8,
        terms: Terms,
        chain: &mut ProvenChain<'_>,
    ) -> Result<Verdict, Failure> {
        let root = match self.rules(mechanism, terms, chain).await? {
            Ok(root) => root,
            Err(undecided) => return Ok(undecided),
        };
        let last = match self.rooted.last_source() {
            Ok(last) => last.unwrap_or_default(),
            Err(error) => return Ok(Verdict::Undecided(error.to_string())),
        };
        let before = root.block.saturating_sub(1);
        let earliest = chain.moment(mechanism, last.clamp(root.began.min(before), before)).await?;
        let committed = chain.moment(mechanism, before).await?;
        let (Some(earliest), Some(committed)) = (earliest, committed) else {
            return Ok(Verdict::Undecided("the block of the commitment is too old to be proved".into()));
        };
        let validator = root.signer;
        let present = Account(chain.key_of(&validator.0).await?);
        let (Some(least), ended) = (committed.answers, chain.ended(mechanism).await?) else {
            return Ok(Doubt::Changed.into());
        };
        let Some(uid) = ended.uid_of(&present) else {
            return Ok(Verdict::Undecided("the validator has no neuron any longer".into()));
        };
        let seat = |(uid, seat): (u16, &myelin_audit::gather::Seat)| {
            (Seat { uid, registered_at: seat.registered }, seat.hotkey.0)
        };
        let seats: Vec<(Seat, AccountId)> = (0..).zip(&committed.seats).map(seat).collect();
        let exempt = committed.exempt(&validator);
        let demand = (least, &exempt[..]);
        let due = match self.subnet.due_weights(self.rooted, (mechanism, terms), &seats, demand) {
            Ok(due) => due,
            Err(error) => return Ok(Verdict::Undecided(error.to_string())),
        };
        let (uids, values): (Vec<u16>, Vec<u16>) = due.into_iter().unzip();
        let due: Vec<(u16, u16)> = uids.into_iter().zip(max_upscale(&values)).collect();
        let (row, proofs) = chain.row(mechanism, uid, &present).await?;
        let epoch = chain.occasion.epoch;
        let (earliest, committed, ended) = (&earliest, &committed, &ended);
        let revealed = Revealed { epoch, proofs, earliest, committed, ended, row: &row };
        Ok(match revealed.unlike(&due) {
            Err(doubt) => doubt.into(),
            Ok(unlike) if unlike.is_empty() => Verdict::Follows,
            Ok(unlike) => Verdict::Fault(
                unlike
                    .iter()
                    .map(|weight| {
                        format!(
                            "weights of uid {uid} on mechanism {mechanism}: miner {} has {} on the chain, and {} \
                             follows from the standings under the root",
                            weight.uid, weight.found, weight.due
                        )
                    })
                    .collect(),
            ),
        })
    }

    /// A seed of a round beside what the chain names for it.
    async fn seed(
        &mut self,
        round: u16,
        seed: &myelin_wire::seed::SeedProof,
        chain: &mut ProvenChain<'_>,
    ) -> Result<Verdict, Failure> {
        let head = self.rooted.head();
        let Some(genesis) = chain.genesis().await? else {
            return Ok(Verdict::Undecided("the chain does not name its first block".into()));
        };
        let mut drawn_from = None;
        if seeds::is_of_round(seed, head, round) {
            let block = seed.context.source_block;
            let source = match self.sources.get(&(round, block)) {
                Some(known) => *known,
                None => {
                    let found = chain.source(head.epoch, (round, block)).await?;
                    self.sources.insert((round, block), found);
                    found
                }
            };
            drawn_from = match source {
                Some(Source { due: Some(_), drawn_from: Some(bytes) }) => Some(bytes),
                Some(Source { due: None, .. }) => {
                    return Ok(Verdict::Fault(vec![format!(
                        "round {round}: the timetable does not draw it from block {block}"
                    )]));
                }
                _ => {
                    return Ok(Verdict::Undecided(format!(
                        "block {block}, from which it was drawn, is too old to be proved"
                    )));
                }
            };
        }
        let defect = seeds::defect_of(seed, head, round, genesis, drawn_from);
        let line = defect.map(|error| format!("round {round}: a seed is not proven: {error}"));
        Ok(line.map_or(Verdict::Follows, |line| Verdict::Fault(vec![line])))
    }
}

impl ProvenChain<'_> {
    /// Hash of the rules by which validators had to judge on a mechanism, in the epoch of a commitment.
    async fn settled_rules(
        &mut self,
        mechanism: u8,
        root: &EvidenceRoot<Account>,
    ) -> Result<Result<Hash, Doubt>, Failure> {
        let netuid = self.occasion.netuid;
        let timeline: Option<RubricTimeline> = self
            .read(|view| {
                let keys: [(_, &[u8]); 2] = [(Identity, &netuid.to_le_bytes()), (Identity, &[mechanism])];
                view.item(NETWORK, "SubnetRubrics", &keys)
            })
            .await?;
        let rules = timeline.as_ref().map(|timeline| timeline.in_force(root.block));
        let Some(rules) = rules.filter(|rules| rules.from <= root.block) else {
            return Ok(Err(Doubt::NoRules));
        };
        // A validator compares the rules with its own at the beginning of each epoch, so the epoch counts in which the
        // rules came into force.
        let number = u32::try_from(rules.from).unwrap_or(u32::MAX);
        let (mut block, _) = self.node.prove_block(self.anchor, number).await?;
        let since = read_proven(self.node, &mut block, |view| {
            view.of_subnet::<u64>("SubnetEpochIndex", netuid).unwrap_or_default()
        })
        .await?;
        Ok(settled(Some(rules), since, root, GRACE_EPOCHS))
    }

    /// The state of an earlier block, as far as weights follow from it; `None` if the block cannot be proved.
    async fn moment(&mut self, mechanism: u8, number: u64) -> Result<Option<Moment>, Failure> {
        let netuid = self.occasion.netuid;
        let Some(mut block) = self.past(number).await? else { return Ok(None) };
        let read = read_proven(self.node, &mut block, |view| Moment::read(view, netuid, mechanism, number));
        read.await.map(Some)
    }

    /// The same before the block in which the epoch ended.
    async fn ended(&mut self, mechanism: u8) -> Result<Moment, Failure> {
        let Occasion { netuid, block, .. } = self.occasion;
        self.read(|view| Moment::read(view, netuid, mechanism, block.saturating_sub(1))).await
    }

    /// A validator's weights on a mechanism, and its proofs.
    pub(super) async fn row(
        &mut self,
        mechanism: u8,
        uid: u16,
        validator: &Account,
    ) -> Result<(Vec<(u16, u16)>, ProofHistory), Failure> {
        let index = storage_index(self.occasion.netuid, mechanism);
        self.read(|view| {
            let row = view.of_uid("Weights", index, uid).unwrap_or_default();
            let proofs = view.of_subnet_for("ProofHistories", index, &validator.0).unwrap_or_default();
            (row, proofs)
        })
        .await
    }

    /// Hash of the chain's first block, as the state names it.
    async fn genesis(&mut self) -> Result<Option<Hash>, Failure> {
        let key = 0u32.to_le_bytes();
        self.read(|view| view.item("System", "BlockHash", &[(Twox64Concat, &key)])).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_one_form_of_text() {
        assert_eq!(bytes_of("00ff").expect("bytes"), [0, 255]);
        for odd in ["00fF", "0", "0x00", "0g", "00 f"] {
            let why = bytes_of(odd).expect_err("refused").to_string();
            assert!(why.contains("lower-case hexadecimal"), "{odd}: {why}");
        }
    }
}

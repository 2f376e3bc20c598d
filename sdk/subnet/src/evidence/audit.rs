//! Checks a round from its evidence: seeds, signatures, requests, every score.

use std::{
    collections::{hash_map::Entry, BTreeMap, BTreeSet, HashMap, HashSet},
    panic::{catch_unwind, AssertUnwindSafe},
    sync::Arc,
};

use myelin_provenance::ModelId;
use myelin_wire::{
    equivocation::verify_equivocation,
    hash::{from_hex, to_hex},
    record::{miner_digest, Ppm, Reason, Record},
    seed::{challenge_id, SeedContext},
    AccountId,
};
use serde_json::Value;

use super::{
    replay::{evaluate_again, is_unclear},
    EvidenceError, EvidenceFolder, KeptMiner, KeptSource, KeptTask, RoundEvidence, RoundStandings,
    RoundTasks,
};
use crate::{
    evaluation::{averages::unexplained, GroupRule, MinerScore},
    exchange::Question,
    subnet::{MinerRef, Pay, Share, Subnet, TaskPlan},
};

mod deferred;
mod models;
mod unjudged;

use models::Unheld;
pub use unjudged::{Resting, Unjudged};

/// Limit on the miners of a round, above the number that a subnet can have.
const MOST_MINERS: usize = 4_096;

/// Most records with a fault that an [`Audit`] holds.
pub const MOST_FAULTY: usize = 16;

/// Findings of an auditor about a round.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// The validator that signed, and the subnet.
    pub validator: Option<(AccountId, u16)>,
    /// Records that were compared.
    pub records: usize,
    /// One line for each record: miner, parts by name, score.
    pub explained: Vec<(u16, String)>,
    /// Paid answers without a miner's signature over the request: a validator could have invented them.
    pub unsigned: usize,
    /// Paid answers whose scores follow from verdicts of a judge behind an endpoint. Nobody can recompute those; they
    /// are taken as the validator kept them.
    pub by_verdict: usize,
    /// Answers that declare a model which this version does not hold, by model. A check by such a model cannot be
    /// repeated. Empty where the subnet checks no declared models.
    pub unheld: BTreeMap<ModelId, usize>,
    /// Answers that the validator reported as impossible to judge, although an auditor can judge them.
    pub excused: usize,
    /// Records that could not be judged again, because the texts of customers were deleted.
    pub unjudged: Unjudged,
    /// Hash of the chain's first block, and number and hash of the block that the round's seeds were drawn from. Only
    /// the chain can confirm them.
    pub source: Option<([u8; 32], u64, [u8; 32])>,
    /// The beacon's value of that block, if the seeds were drawn from it instead of the hash.
    pub value: Option<[u8; 32]>,
    /// Hashes of the standings around the round, if they were kept.
    pub standings: Option<RoundStandings>,
    /// Differences from the validator's statements, as lines of text.
    pub faults: Vec<String>,
    /// The first [`MOST_FAULTY`] records that such a line is about, each with the difference.
    pub faulty: Vec<(Record, String)>,
}

/// Checks the proofs of the seeds and the signatures of the answers, and judges the round again ([`replay_round`]).
/// `state` is the subnet's state before the round. Whether the tasks follow from the seeds is not checked: tasks and
/// their hidden parts are the validator's.
pub fn audit_round<S: Subnet>(
    subnet: &Arc<S>,
    folder: &EvidenceFolder,
    epoch: u64,
    round: u16,
    rule: &GroupRule,
    state: &mut S::State,
) -> Audit {
    let mut audit = Audit::default();
    // A folder is a stranger's, its tasks too. If judging them panics, that is one more fault.
    let checked = AssertUnwindSafe(|| audit.check(subnet, folder, (epoch, round), rule, state));
    match catch_unwind(checked) {
        Ok(Ok(())) => {}
        Ok(Err(why)) => audit.faults.push(why),
        Err(_) => audit.faults.push("judging it again broke off: what is kept makes no sense".into()),
    }
    audit
}

impl Audit {
    fn check<S: Subnet>(
        &mut self,
        subnet: &Arc<S>,
        folder: &EvidenceFolder,
        (epoch, round): (u64, u16),
        rule: &GroupRule,
        state: &mut S::State,
    ) -> Result<(), String> {
        let records = folder.records(epoch, round).map_err(|error| error.to_string())?;
        let evidence = folder.read(epoch, round).map_err(|error| error.to_string())?;
        self.records = records.len();
        let Some(any) = records.first() else {
            return self.without_records(subnet, folder, (epoch, round), &evidence.tasks);
        };
        self.validator = Some((any.signer, any.netuid));
        let rubric = subnet.rubric();
        self.explained = records.iter().map(|record| (record.miner_uid, record.explain(rubric))).collect();
        let groups: Vec<(&[KeptMiner], &[KeptTask])> = groups(&evidence.tasks);
        if let Some((miners, _)) = groups.iter().find(|(miners, _)| miners.len() > MOST_MINERS) {
            return Err(format!("{} miners are more than a subnet has", miners.len()));
        }
        self.seeds(&evidence, any);
        self.earlier(&**subnet, folder, &evidence, any);
        let plans = subnet.tasks();
        let tasks: Tasks = groups
            .iter()
            .flat_map(|(miners, tasks)| tasks.iter().map(|kept| (*miners, kept)))
            .filter_map(|(miners, kept)| {
                let plan = plans.iter().find(|plan| plan.kind == kept.kind)?;
                Some(((from_hex(&kept.seed)?, kept.number), Task { kept, plan, miners }))
            })
            .collect();
        let is_by_verdict = |record: &&Record| {
            let task = tasks.get(&(record.seed, record.task));
            record.reason.pays() && task.is_some_and(|task| subnet.judge_of(task.plan.mechanism).is_some())
        };
        self.by_verdict = records.iter().filter(is_by_verdict).count();
        let by_load = |plan: &TaskPlan| {
            let mechanisms = subnet.mechanisms();
            matches!(
                mechanisms.get(usize::from(plan.mechanism)).map(|mechanism| mechanism.pay),
                Some(Pay::Load(_))
            )
        };
        self.origins((&plans, by_load), subnet.organic_kind(), &evidence.tasks.tasks);
        self.unjudged = Unjudged::count(&tasks, &records, &plans, subnet.organic_kind());
        self.signatures(&evidence, &records);
        let unheld = Unheld::of(&**subnet, &evidence.signed);
        self.models(&unheld, &records);
        self.uids(&groups, &tasks, &records);
        let proven = match records.iter().any(|record| record.reason == Reason::Equivocation) {
            true => proven(folder, epoch)?,
            false => Proven::default(),
        };
        self.requests::<S>(folder, &tasks, &records, &proven).map_err(|error| error.to_string())?;
        let mut of_tasks = HashMap::<_, Vec<&Record>>::new();
        for record in &records {
            of_tasks.entry((record.seed, record.task)).or_default().push(record);
        }
        let whole = tasks.iter().filter(|(_, task)| task.plan.share != Share::Network && !by_load(task.plan));
        for ((seed, number), task) in whole {
            let of_it = of_tasks.remove(&(*seed, *number)).unwrap_or_default();
            self.one_each(&of_it, (*seed, *number), task);
        }

        let evaluated =
            evaluate_again(subnet, folder, epoch, round, rule, state).map_err(|error| error.to_string())?;
        let again: Vec<&Record> = evaluated.judged.iter().map(|judged| &judged.record).collect();
        let (unclear, spent) = Self::obscured(&**subnet, &tasks, &records);
        let mut unsure = self.compare(&records, &again, &spent, &unheld);
        let of_deleted = |record: &&Record| {
            unclear.contains(&record.miner)
                || (spent.contains(&record.miner) && unsure.contains(&record.miner))
        };
        self.unjudged.unchecked = records.iter().filter(of_deleted).map(|record| record.miner_uid).collect();
        unsure.extend(unclear);
        self.averages(subnet, folder, (epoch, round), &evidence.tasks, (&evaluated.scores, &unsure))
    }

    /// Checks that each record is about the request of its task, and that its reason is possible. A text that is
    /// missing or damaged is an error: it says nothing about the validator.
    fn requests<S: Subnet>(
        &mut self,
        folder: &EvidenceFolder,
        tasks: &Tasks,
        records: &[Record],
        proven: &Proven,
    ) -> Result<(), EvidenceError> {
        let mut known = HashMap::new();
        for record in records {
            let Some(Task { kept, plan, .. }) = tasks.get(&(record.seed, record.task)) else { continue };
            // Submissions get their tasks from the auditor, so their requests need no comparison. Of a deleted task
            // neither side is there.
            let is_told = plan.share == Share::Network || kept.is_deleted();
            let asked = match known.entry((record.seed, record.task, record.request)) {
                _ if is_told => true,
                Entry::Occupied(entry) => *entry.get(),
                Entry::Vacant(entry) => {
                    let text = folder.text(record.epoch, &record.request)?;
                    let asked = asked::<S>(&text, record, plan);
                    *entry.insert(asked.is_some_and(|asked| Some(asked) == read::<S>(kept)))
                }
            };
            if !asked {
                self.fault(record, "it was asked something else than the task");
            }
            self.reason(proven, record, plan);
        }
        Ok(())
    }

    /// Compares kept records with those of judging again. Returns the miners of answers that the validator could not
    /// judge and an auditor can. On miners that `spent` names, deleted tasks may have spent the work for judging.
    fn compare(
        &mut self,
        records: &[Record],
        again: &[&Record],
        spent: &HashSet<[u8; 16]>,
        unheld: &Unheld,
    ) -> HashSet<[u8; 16]> {
        let mut unsure = HashSet::new();
        if again.len() != records.len() {
            self.faults.push(format!("{} records, and {} when judged again", records.len(), again.len()));
        }
        for (kept, again) in records.iter().zip(again).filter(|(kept, again)| kept != *again) {
            let without_score = kept.score == Ppm::ZERO && kept.parts.is_empty();
            if kept.reason == Reason::Excused && again.reason != Reason::Excused && without_score {
                self.excused += 1;
                unsure.insert(kept.miner);
                continue;
            }
            if spent.contains(&kept.miner) && kept.score == Ppm::ZERO && again.score > Ppm::ZERO {
                self.unjudged.doubtful += 1;
                unsure.insert(kept.miner);
                continue;
            }
            self.fault(kept, &(differing(kept, again) + &unheld.clause(kept)));
        }
        unsure
    }

    /// A round may leave no record: a competition without entries asks nobody, and deferred tasks are judged later.
    /// Then nothing changes.
    fn without_records<S: Subnet>(
        &mut self,
        subnet: &Arc<S>,
        folder: &EvidenceFolder,
        at: (u64, u16),
        tasks: &RoundTasks,
    ) -> Result<(), String> {
        let miners = if tasks.deferred.is_empty() { tasks.miners.len() + tasks.entries.len() } else { 0 };
        match miners + tasks.matured.len() {
            0 => self.averages(subnet, folder, at, tasks, (&[], &HashSet::new())),
            miners => Err(format!("{miners} were asked, and there is no record")),
        }
    }

    /// The standings after the round follow from the standings before it and the round's scores, where an auditor can
    /// know both.
    fn averages<S: Subnet>(
        &mut self,
        subnet: &Arc<S>,
        folder: &EvidenceFolder,
        (epoch, round): (u64, u16),
        tasks: &RoundTasks,
        (scores, unsure): (&[MinerScore], &HashSet<[u8; 16]>),
    ) -> Result<(), String> {
        let kept = folder.round_standings(epoch, round).map_err(|error| error.to_string())?;
        let Some(kept) = kept else { return Ok(()) };
        let read = |hash| folder.standings(epoch, hash).map_err(|error| error.to_string());
        let (before, after) = (read(&kept.before)?, read(&kept.after)?);
        let is_unsure = |miner: &MinerRef| unsure.contains(&miner_digest(&miner.hotkey));
        let asked: HashSet<&str> = tasks.miners.iter().map(|miner| miner.hotkey.as_str()).collect();
        let was_asked = |miner: &MinerRef| asked.contains(to_hex(&miner.hotkey).as_str());
        self.faults.extend(unexplained(&before, &after, &subnet.mechanisms(), scores, is_unsure, was_asked));
        self.standings = Some(kept);
        Ok(())
    }

    fn fault(&mut self, record: &Record, what: &str) {
        let is_new = self.faulty.iter().all(|(known, _)| known != record);
        if is_new && self.faulty.len() < MOST_FAULTY {
            self.faulty.push((record.clone(), what.to_owned()));
        }
        self.faults.push(format!("uid {}, task {}: {what}", record.miner_uid, record.task));
    }

    /// Checks the seeds of a round: all are drawn from one block, one for each audience, by the validator that judges.
    fn seeds(&mut self, evidence: &RoundEvidence, any: &Record) {
        let source = evidence.tasks.source.as_ref();
        let named = |source: &KeptSource, bytes: &str| {
            let right = source.netuid == any.netuid;
            right.then_some((from_hex(&source.genesis)?, source.block, from_hex(bytes)?))
        };
        let read = |source: &KeptSource| named(source, source.drawn_from());
        let kept = source.and_then(read);
        let of = |context: &SeedContext| (context.genesis, context.source_block, context.source_hash);
        let first = evidence.seeds.first().map(|seed| of(&seed.context));
        let block = source.and_then(|source| named(source, &source.hash));
        self.source = block.or(first);
        self.value = source.and_then(|source| from_hex(source.value.as_ref()?));
        if source.is_some() && (kept.is_none() || block.is_none()) {
            self.faults.push("the block that seeds were drawn from makes no sense".into());
        }
        let mut audiences = HashSet::new();
        for seed in &evidence.seeds {
            let drawn = (seed.context.epoch, seed.context.round);
            let earlier =
                evidence.tasks.matured.iter().find(|matured| (matured.epoch, matured.round) == drawn);
            let (source, (epoch, round)) = match earlier {
                Some(earlier) => (read(&earlier.source), drawn),
                None => (kept.or(first), (any.epoch, any.round)),
            };
            let (genesis, source_block, source_hash) = source.unwrap_or(of(&seed.context));
            let (netuid, audience) = (any.netuid, seed.context.audience);
            let expected = SeedContext { genesis, netuid, epoch, round, audience, source_block, source_hash };
            if let Err(error) = seed.verify(&expected, |signer| *signer == any.signer) {
                self.faults.push(format!("a seed is not proven: {error}"));
            }
            if !audiences.insert(seed.context.to_bytes()) {
                self.faults.push("two seeds are for the same miners".into());
            }
        }
    }

    /// Checks signatures: an answer that a record calls signed was signed by its miner, for its task.
    fn signatures(&mut self, evidence: &RoundEvidence, records: &[Record]) {
        let genesis = self.source.map(|(genesis, ..)| genesis);
        let mut answers = HashSet::new();
        for answer in &evidence.signed {
            let claim = &answer.claim;
            if !answer.verify() {
                self.faults.push("the signature of an answer is wrong".into());
            } else if Some(claim.genesis_hash) == genesis {
                let miner = miner_digest(&claim.miner);
                answers.insert((miner, claim.challenge_id, claim.request_hash, claim.answer_hash));
            }
        }
        for record in records {
            let challenge = challenge_id(&record.seed, record.task, &record.signer);
            let promised = (record.miner, challenge, record.request, record.answer);
            if record.signed && !answers.contains(&promised) {
                self.fault(record, "it did not sign that answer");
            }
        }
    }

    /// Checks uids: every miner has one uid when it is asked, and its records name it.
    fn uids(&mut self, groups: &[(&[KeptMiner], &[KeptTask])], tasks: &Tasks, records: &[Record]) {
        for (known, _) in groups {
            let mut miners = BTreeSet::new();
            if !known.iter().all(|miner| miners.insert(&miner.hotkey)) {
                self.faults.push("a miner is named twice".into());
            }
            let uids: BTreeMap<_, _> = known
                .iter()
                .filter_map(|miner| Some((miner_digest(&from_hex(&miner.hotkey)?), miner.uid)))
                .collect();
            // Records without a known task are looked for among the round's own miners.
            let own = groups.first().map_or(&[][..], |(miners, _)| *miners);
            let of = |record: &Record| tasks.get(&(record.seed, record.task)).map_or(own, |task| task.miners);
            for record in records.iter().filter(|record| std::ptr::eq(of(record), *known)) {
                if uids.get(&record.miner).is_some_and(|uid| *uid != record.miner_uid) {
                    self.fault(record, "that uid is another miner's");
                }
            }
        }
    }

    /// Checks that the reasons which only the validator could observe are possible.
    fn reason(&mut self, proven: &Proven, record: &Record, plan: &TaskPlan) {
        let served = plan.share != Share::Network;
        self.unsigned += usize::from(served && record.reason == Reason::Scored && !record.signed);
        let came = record.answer != [0; 32] || record.signed;
        let nothing = matches!(
            record.reason,
            Reason::Late | Reason::Unreachable | Reason::Refused | Reason::NoCommitment
        );
        if served && nothing && came {
            self.fault(record, &format!("there is an answer, and it is kept as {:?}", record.reason));
        }
        if record.reason == Reason::Equivocation {
            let challenge = challenge_id(&record.seed, record.task, &record.signer);
            if !proven.contains(&(record.miner, challenge)) {
                self.fault(record, "nothing proves that it signed two answers");
            }
        }
    }

    /// Checks that each miner of a task has one record of it, where pay is not for load.
    fn one_each(&mut self, of_it: &[&Record], (seed, number): ([u8; 32], u16), task: &Task) {
        let expected = match task.plan.share {
            Share::Miner => 1,
            _ => task.miners.len(),
        };
        let miners: HashSet<[u8; 16]> = of_it.iter().map(|record| record.miner).collect();
        if (of_it.len(), miners.len()) != (expected, expected) {
            let (seen, seed) = (of_it.len(), &to_hex(&seed)[..8]);
            self.faults
                .push(format!("task {number} of seed {seed} has {seen} records, and {expected} were asked"));
        }
        if of_it.iter().any(|record| record.reason == Reason::Counted) {
            self.faults.push(format!("task {number} is not judged, although everything here is"));
        }
    }
}

/// Miners that signed two answers, and the challenges to which they did.
type Proven = HashSet<([u8; 16], [u8; 32])>;

/// The proofs of an epoch that miners signed two answers.
fn proven(folder: &EvidenceFolder, epoch: u64) -> Result<Proven, String> {
    let proofs = folder.equivocations(epoch).map_err(|error| error.to_string())?;
    let of_proof =
        |proof| Some((miner_digest(&verify_equivocation(proof).ok()?), proof.first.claim.challenge_id));
    Ok(proofs.iter().filter_map(of_proof).collect())
}

/// A task that was judged in a round.
struct Task<'a> {
    kept: &'a KeptTask,
    plan: &'a TaskPlan,
    /// Miners of the round in which the task was asked.
    miners: &'a [KeptMiner],
}

/// Tasks by seed and number.
type Tasks<'a> = HashMap<([u8; 32], u16), Task<'a>>;

/// Miners with the tasks that were asked of them: the round's own first, then those of earlier rounds.
fn groups(tasks: &RoundTasks) -> Vec<(&[KeptMiner], &[KeptTask])> {
    let earlier = tasks.matured.iter().map(|matured| (&matured.miners[..], &matured.tasks[..]));
    std::iter::once((&tasks.miners[..], &tasks.tasks[..])).chain(earlier).collect()
}

/// The request that a miner got, if it was a request of this task.
fn asked<S: Subnet>(text: &[u8], record: &Record, plan: &TaskPlan) -> Option<Value> {
    let Question { request, challenge, .. } = serde_json::from_slice::<Question<S::Request>>(text).ok()?;
    let posed = to_hex(&challenge_id(&record.seed, record.task, &record.signer));
    let right = !plan.commit || challenge == Some(posed);
    right.then(|| serde_json::to_value(request).ok()).flatten()
}

/// A kept request, in the form that it has after reading.
fn read<S: Subnet>(kept: &KeptTask) -> Option<Value> {
    let request: S::Request = serde_json::from_value(kept.request.clone()).ok()?;
    serde_json::to_value(request).ok()
}

/// The difference of a kept record from that of judging again, in words.
fn differing(kept: &Record, again: &Record) -> String {
    if verdict(kept) != verdict(again) {
        return format!("kept as {}, judged again {}", verdict(kept), verdict(again));
    }
    let fields = [
        ("epoch", kept.epoch != again.epoch),
        ("round", kept.round != again.round),
        ("seed", kept.seed != again.seed),
        ("task", (kept.task, kept.audience) != (again.task, again.audience)),
        ("signer", (kept.netuid, kept.signer) != (again.netuid, again.signer)),
        ("miner", (kept.miner_uid, kept.miner) != (again.miner_uid, again.miner)),
        ("request", kept.request != again.request),
        ("answer", (kept.answer, kept.signed) != (again.answer, again.signed)),
        ("rubric", kept.rubric != again.rubric),
        ("place among the commitments", kept.commit_order != again.commit_order),
        ("latency", kept.latency != again.latency),
        ("extension", kept.extension != again.extension),
    ];
    let names: Vec<&str> = fields.iter().filter(|(_, differs)| *differs).map(|(name, _)| *name).collect();
    format!("judged again, its {} is another", names.join(", "))
}

fn verdict(record: &Record) -> String {
    let parts: Vec<String> = record.parts.iter().map(|part| part.get().to_string()).collect();
    format!("{:?} with score {} of parts {}", record.reason, record.score.get(), parts.join(", "))
}

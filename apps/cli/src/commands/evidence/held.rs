//! A validator's evidence beside what the chain knows of it: roots, rules, blocks of seeds, standings, weights, and
//! the scores of some rounds.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;

use clap::Args;
use myelin_abi::rubric::RubricTimeline;
use myelin_abi::{Account, EvidenceHoldings, EvidenceRoot};
use myelin_audit::gather::Seat;
use myelin_audit::timetable::{Clock, NamedSource, Search};
use myelin_audit::view::NETWORK;
use myelin_audit::{Occasion, View};
use myelin_chain_client::{Anchor, Hash, LightClient, ProvenBlock};
use myelin_subnet::chain::CommittedRoot;
use myelin_subnet::evidence::{
    audit_between, tag_of, CommittedEpoch, DeletedTask, EpochTree, EvidenceFolder, KeptWeights, Rooted,
    RoundStandings, Unjudged, MOST_FAULTY,
};
use myelin_subnet::validator::schedule::Timetable;
use myelin_units::storage_index;
use myelin_wire::beacon::{is_strict, seed_source};
use myelin_wire::evidence::{Branches, EvidenceTree, FileList};
use myelin_wire::hash::{blake2_256_of, from_hex};
use myelin_wire::record::Record;
use myelin_wire::seed::Seed;
use myelin_wire::trie::Hasher::{Identity, Twox64Concat};
use myelin_wire::AccountId;
use myelin_yuma::set_weights::max_upscale;
use serde_json::{json, Value};

use super::evidence_folder;
use super::opening::{Opened as OpenedRecord, Opening};
use super::rooted::{Found, Shown};
use super::source::{other_source, SourceBlock};
use crate::output::{address, fail, Failure};
use crate::subnets::{
    secret_hash, secret_of, Audited, Choice, Controls, Kinds, Opened, Purpose, Redraw, ValidatorSetup,
};

/// Evidence folders, and how much of them is judged again.
#[derive(Args)]
pub struct Folders {
    /// Folder with a validator's evidence: `evidence` in its data folder, or a copy. Several may be named.
    #[arg(long, value_name = "DIR", conflicts_with = "from")]
    pub(super) evidence: Vec<PathBuf>,
    /// Folder with evidence of another validator, or of several: `held` of a validator, or what `myelin evidence fetch`
    /// wrote. Claims that miners gave no answer are compared; nothing else of it is checked. Several may be named.
    #[arg(long, value_name = "DIR", conflicts_with = "from")]
    pub(super) others: Vec<PathBuf>,
    /// Rounds of each folder whose scores, seeds and signatures are checked: consecutive ones, from one on that the
    /// hash of the epoch's last block draws.
    #[arg(long, value_name = "ROUNDS", default_value_t = 1, conflicts_with = "full")]
    sample: u16,
    /// File `tasks.secret` of a validator's data folder: draw the tasks of these rounds again from their seeds, too.
    #[arg(long, value_name = "FILE")]
    secret: Option<PathBuf>,
    /// Check the scores, seeds and signatures of all rounds.
    #[arg(long)]
    full: bool,
    #[command(flatten)]
    choice: Choice,
    /// Earlier requests of customers, as many as with `myelin validator run`.
    #[arg(long, value_name = "COUNT", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=64))]
    controls: u16,
}

/// Findings about one folder.
#[derive(Default)]
pub struct Held {
    /// The hotkey that signed.
    validator: AccountId,
    uid: u16,
    /// Its present hotkey, if it was swapped since.
    key: Account,
    /// The epoch whose evidence the weights follow from.
    epoch: u64,
    /// Mechanisms with a root on the chain, which the folder has as well.
    roots: usize,
    rounds: usize,
    /// Whether only the public part is in the folder: no tasks, seeds, signatures and texts.
    public: bool,
    /// Rounds that were judged again, and their records.
    judged: Vec<u16>,
    records: usize,
    /// Those of them that could not be judged again, because texts of customers were deleted.
    unjudged: Unjudged,
    /// Tasks of the epoch whose texts were deleted, as the validator lists them.
    deleted: Vec<DeletedTask>,
    /// Validators whose statement that they hold this evidence has the right tag.
    holders: Vec<u16>,
    /// Those whose statement has another tag. That is no fault of this evidence.
    doubtful: Vec<u16>,
    /// Rounds whose source block is too old to be proved.
    unproved: Vec<u16>,
    /// Tasks that were drawn again from their seeds, with the validator's secret.
    drawn: Option<usize>,
    /// Weights that are on the chain and follow from the standings.
    weights: usize,
    /// Whether the rules in force on the chain are those of the weights; `None` if nothing was announced.
    rules: Option<bool>,
    faults: Vec<String>,
    /// The tree over the folder, if the chain has its root.
    tree: Option<EvidenceTree>,
    /// The files of its rounds, until they are looked at.
    files: Option<FileList>,
    /// Records with a fault to which the validator committed.
    openings: Vec<Opening>,
    /// Parts of the folder that show other faults, for a file.
    parts: Found,
}

/// The chain around the end of an epoch, and the node that proves more of it.
pub struct ProvenChain<'a> {
    pub node: &'a LightClient,
    pub occasion: Occasion,
    /// The block from which everything is proved.
    pub anchor: Anchor,
    /// Hash of the block in which the epoch ended.
    pub end: Hash,
    pub before: &'a mut ProvenBlock,
    /// The subnet's clock in states that were read, by block.
    pub clocks: BTreeMap<u64, Clock>,
}

/// Why a block that the state does not name cannot be the source of a round; `None` if it may be one that is too old.
/// The epoch began in a block, with a tempo, and its weights were there in the block `last`.
fn no_source((began, tempo): (u64, u64), last: u64, block: u64) -> Option<String> {
    // A change of the tempo on a fast chain moves the beginning of an epoch.
    let first = began.saturating_sub(tempo);
    if block > last {
        return Some(format!("block {block} came after block {last}, when its weights were there"));
    }
    (block < first).then(|| format!("block {block} came before the epoch, which began in block {began}"))
}

impl Folders {
    /// Checks all folders. For a file, looks for parts of them that show faults to others.
    pub async fn check(
        &self,
        chain: &mut ProvenChain<'_>,
        kinds: &Kinds,
        for_file: bool,
    ) -> Result<Vec<Held>, Failure> {
        let mut all = Vec::new();
        for path in &self.evidence {
            let folder = evidence_folder(path)?;
            let mut held = self.check_one(&folder, chain, kinds).await?;
            held.look_under_root(&folder, chain, &self.rules(kinds)?, for_file).await?;
            all.push(held);
        }
        Ok(all)
    }

    /// The subnet for its rules alone.
    fn rules(&self, kinds: &Kinds) -> Result<Opened, Failure> {
        self.choice.open_for_rules(kinds, self.controls)
    }

    async fn check_one(
        &self,
        folder: &EvidenceFolder,
        chain: &mut ProvenChain<'_>,
        kinds: &Kinds,
    ) -> Result<Held, Failure> {
        let epoch = chain.evidence_epoch().await?;
        let rounds = folder.rounds(epoch);
        let first = rounds.iter().find_map(|round| folder.records(epoch, *round).ok()?.first().cloned());
        let Some(first) = first else {
            return fail(format!(
                "{} holds no judged round of epoch {epoch}, in which the weights of epoch {} were made; \
                 it has the epochs {:?}",
                folder.path.display(),
                chain.occasion.epoch,
                folder.epochs()
            ));
        };
        if first.netuid != chain.occasion.netuid {
            return fail(format!("{} is evidence of subnet {}", folder.path.display(), first.netuid));
        }
        let public = folder.is_public_part(epoch);
        let mut held =
            Held { validator: first.signer, epoch, rounds: rounds.len(), public, ..Held::default() };
        let Some((uid, key)) = chain.seat_of(&first.signer).await? else {
            return fail(format!(
                "{} has no neuron on subnet {} any longer",
                address(&Account(first.signer)),
                first.netuid
            ));
        };
        (held.uid, held.key) = (uid, Account(key));
        held.compare_roots(folder, chain).await?;
        held.compare_weights(folder, chain).await?;
        held.check_holders(folder, chain).await?;
        held.follow_rounds(folder, &rounds, chain).await?;
        if !public {
            self.judge(&mut held, folder, &rounds, chain.end, kinds)?;
        }
        Ok(held)
    }

    /// Judges a sample of the rounds again, which also weighs the standings.
    fn judge(
        &self,
        held: &mut Held,
        folder: &EvidenceFolder,
        rounds: &[u16],
        end: Hash,
        kinds: &Kinds,
    ) -> Result<(), Failure> {
        let count = if self.full { rounds.len() } else { usize::from(self.sample).min(rounds.len()) };
        let seed = Seed(blake2_256_of(&[b"myelin/evidence-rounds/1", &end.0, &held.validator]));
        let begin = seed.derive(b"rounds", 0).rng().index(rounds.len() + 1 - count).unwrap_or_default();
        held.judged = rounds.iter().copied().skip(begin).take(count).collect();
        let secret = self.secret.as_deref().map(secret_of).transpose()?;
        let redraw = secret.map(|secret| Redraw { secret: secret_hash(&secret), controls: self.controls });
        let controls = Controls { past: None, count: Some(self.controls) };
        let setup = ValidatorSetup {
            controls: &controls,
            purpose: Purpose::Replay,
            secret,
            data: None,
            options: self.choice.options(),
        };
        let subnet = kinds.find(&self.choice.kind)?.validator(&setup)?;
        let chosen: Vec<(u64, u16)> = held.judged.iter().map(|round| (held.epoch, *round)).collect();
        let (mut records, mut drawn, mut unjudged) = (0, 0, Unjudged::default());
        let (mut faults, mut faulty, uid) = (Vec::new(), Vec::new(), held.uid);
        subnet.audit(folder, &chosen, redraw.as_ref(), &mut |audited| match audited {
            Audited::Tasks(_, round, redrawn) => {
                drawn += redrawn.tasks;
                faults.extend(redrawn.faults.into_iter().map(|what| format!("round {round}: {what}")));
            }
            Audited::Round(_, round, audit) => {
                records += audit.records;
                unjudged.add(&audit.unjudged);
                faults.extend(audit.faults.iter().map(|what| format!("round {round}: {what}")));
                faulty.extend(audit.faulty);
                faulty.truncate(MOST_FAULTY);
            }
            Audited::OtherRules(_, what) => faults.push(format!("not judged again: {what}")),
            Audited::Weights(_, _, found) => {
                faults.extend(found.into_iter().map(|what| format!("weights of uid {uid}: {what}")));
            }
        });
        held.records = records;
        held.unjudged = unjudged;
        held.deleted = folder.deleted(held.epoch)?;
        held.drawn = redraw.map(|_| drawn);
        held.faults.extend(faults);
        if let Some(tree) = &held.tree {
            let open = |(record, fault): &(Record, String)| Opening::new(tree, folder, record, fault);
            held.openings = faulty.iter().filter_map(open).collect();
        }
        Ok(())
    }

    /// Checks records of a file against the chain, and their scores against the rubric of the chosen kind.
    pub async fn check_openings(
        &self,
        openings: &[Opening],
        chain: &mut ProvenChain<'_>,
        kinds: &Kinds,
    ) -> Result<Vec<OpenedRecord>, Failure> {
        if openings.is_empty() {
            return Ok(Vec::new());
        }
        let subnet = self.rules(kinds)?;
        let mut opened = Vec::new();
        for (number, opening) in (1..).zip(openings) {
            let checked = opening.check(chain, subnet.rubric()).await;
            opened.push(checked.map_err(|why| Failure::new(format!("record {number} in it: {why}")))?);
        }
        Ok(opened)
    }

    /// Finds the faults again that parts of a file show.
    pub async fn check_parts(
        &self,
        parts: &[String],
        chain: &mut ProvenChain<'_>,
        kinds: &Kinds,
    ) -> Result<Vec<Shown>, Failure> {
        if parts.is_empty() {
            return Ok(Vec::new());
        }
        let subnet = self.rules(kinds)?;
        let mut all: Vec<Shown> = Vec::new();
        for (number, parts) in (1..).zip(parts) {
            let shown = Shown::read(parts, &subnet, chain).await;
            let shown = shown.map_err(|why| Failure::new(format!("validator {number} in it: {why}")))?;
            if all.iter().any(|earlier| earlier.is_of(&shown)) {
                return fail(format!("validator {number} in it stands twice"));
            }
            all.push(shown);
        }
        Ok(all)
    }
}

impl ProvenChain<'_> {
    /// Reads something of the state before the block, and fetches proofs until it is complete.
    pub async fn read<T>(&mut self, read: impl Fn(&View) -> T) -> Result<T, Failure> {
        read_proven(self.node, self.before, read).await
    }

    /// The epoch in which the weights that counted were committed.
    pub async fn evidence_epoch(&mut self) -> Result<u64, Failure> {
        let Occasion { netuid, epoch, .. } = self.occasion;
        self.read(|view| {
            let reveals = view.parameter("CommitRevealWeightsEnabled", Some(netuid)) != 0;
            let period = view.parameter("RevealPeriodEpochs", Some(netuid)) as u64;
            epoch.saturating_sub(if reveals { period } else { 0 })
        })
        .await
    }

    /// The commitments of a validator to its evidence of an epoch, by mechanism.
    pub async fn committed(
        &mut self,
        epoch: u64,
        validator: &AccountId,
    ) -> Result<Vec<Option<EvidenceRoot<Account>>>, Failure> {
        let netuid = self.occasion.netuid;
        let validator = self.key_of(validator).await?;
        self.read(|view| {
            let count = view.parameter("MechanismCountCurrent", Some(netuid)).clamp(1, 16) as u8;
            let of = |mechanism| {
                let index = storage_index(netuid, mechanism);
                let roots: VecDeque<EvidenceRoot<Account>> =
                    view.of_subnet_for("EvidenceRoots", index, &validator).unwrap_or_default();
                roots.iter().rev().find(|root| root.epoch == epoch).copied()
            };
            (0..count).map(of).collect()
        })
        .await
    }

    /// The roots over a validator's evidence of an epoch, by mechanism.
    pub async fn roots(&mut self, epoch: u64, validator: &AccountId) -> Result<Vec<Option<Hash>>, Failure> {
        let committed = self.committed(epoch, validator).await?;
        Ok(committed.into_iter().map(|root| root.map(|root| Hash(root.root))).collect())
    }

    /// The block with a number, if the state before the epoch's end still names its hash.
    pub async fn past(&mut self, number: u64) -> Result<Option<ProvenBlock>, Failure> {
        let key = u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
        let hash: Option<[u8; 32]> =
            self.read(|view| view.item("System", "BlockHash", &[(Twox64Concat, &key)])).await?;
        match hash {
            Some(hash) => Ok(Some(self.node.block(Hash(hash)).await?)),
            None => Ok(None),
        }
    }

    /// The source of a round's seeds in a block; `None` if the state no longer names the block's hash.
    pub async fn source(
        &mut self,
        epoch: u64,
        (round, number): (u16, u64),
    ) -> Result<Option<Source>, Failure> {
        let Some(block) = self.past(number).await? else { return Ok(None) };
        let key = u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes();
        let (strict_from, value): (Option<u32>, Option<[u8; 32]>) = self
            .read(|view| {
                let value = view.item("Beacon", "Values", &[(Twox64Concat, &key)]);
                (view.item("Beacon", "StrictFrom", &[]), value)
            })
            .await?;
        let (hash, strict_from) = (block.hash, strict_from.map(u64::from));
        let named = NamedSource { plan: Timetable::default().rounds, epoch, round, block: number };
        let Some(is_drawn) = self.is_drawn(&named).await? else { return Ok(None) };
        let drawn_from = seed_source(strict_from, number, hash.0, value);
        let value = is_strict(strict_from, number).then_some(value).flatten();
        Ok(Some(Source { due: is_drawn.then_some(SourceBlock { hash, value }), drawn_from }))
    }

    /// Whether a state of the epoch draws the round from the block; `None` if one that decides it is too old to be
    /// proved.
    async fn is_drawn(&mut self, named: &NamedSource) -> Result<Option<bool>, Failure> {
        let (last, mut known) = (self.occasion.block.saturating_sub(1), BTreeMap::new());
        // The search names each block once, and the state names the hashes of a limited number.
        loop {
            match named.search(&known, last) {
                Search::Drawn => return Ok(Some(true)),
                Search::NotDrawn => return Ok(Some(false)),
                Search::Read(blocks) => {
                    for block in blocks {
                        let Some(clock) = self.clock(block).await? else { return Ok(None) };
                        known.insert(block, clock);
                    }
                }
            }
        }
    }

    /// The subnet's clock in the state of a block; `None` if the block is too old to be proved.
    async fn clock(&mut self, number: u64) -> Result<Option<Clock>, Failure> {
        if let Some(clock) = self.clocks.get(&number) {
            return Ok(Some(*clock));
        }
        let netuid = self.occasion.netuid;
        // A state does not name the hash of its own block.
        let clock = if number == u64::from(self.before.header.number) {
            self.read(|view| Clock::read(view, netuid)).await?
        } else {
            let Some(mut block) = self.past(number).await? else { return Ok(None) };
            read_proven(self.node, &mut block, |view| Clock::read(view, netuid)).await?
        };
        self.clocks.insert(number, clock);
        Ok(Some(clock))
    }

    /// The neuron that signed by a hotkey: its uid and its present hotkey, which may be another since. The chain files
    /// roots and proofs under that.
    pub async fn seat_of(&mut self, signer: &AccountId) -> Result<Option<(u16, AccountId)>, Failure> {
        let netuid = self.occasion.netuid;
        self.read(|view| {
            let seats: Vec<Seat> = view.of_subnet("SubnetRoster", netuid).unwrap_or_default();
            let find = |is_it: &dyn Fn(&Seat) -> bool| {
                (0..).zip(&seats).find(|(_, seat)| is_it(seat)).map(|(uid, seat)| (uid, seat.hotkey.0))
            };
            find(&|seat| seat.hotkey.0 == *signer)
                .or_else(|| find(&|seat| former_of(view, netuid, seat) == Some(*signer)))
        })
        .await
    }

    /// The present hotkey of the neuron that signed by this one; the same if it has no neuron any longer.
    pub async fn key_of(&mut self, signer: &AccountId) -> Result<AccountId, Failure> {
        Ok(self.seat_of(signer).await?.map_or(*signer, |(_, key)| key))
    }
}

/// The hotkey that a neuron's replaced, if it was swapped.
fn former_of(view: &View, netuid: u16, seat: &Seat) -> Option<AccountId> {
    view.of_subnet_for::<Account>("FormerHotkeys", netuid, &seat.hotkey.0).map(|former| former.0)
}

/// A statement to hold evidence: the holder's uid, its hotkey and the one before, the epoch, and the tag.
type Statement = (u16, [Option<AccountId>; 2], u64, [u8; 16]);

/// A block that seeds of a round name as their source.
#[derive(Clone, Copy)]
pub struct Source {
    /// The block, if a timetable that the chain showed in the epoch draws the round from it.
    pub due: Option<SourceBlock>,
    /// The bytes from which seeds over the block are drawn; `None` if the chain has forgotten them.
    pub drawn_from: Option<[u8; 32]>,
}

pub(super) async fn read_proven<T>(
    node: &LightClient,
    block: &mut ProvenBlock,
    read: impl Fn(&View) -> T,
) -> Result<T, Failure> {
    for _ in 0..8 {
        let (value, wanted, broken) = {
            let view = View::new(block.header.state_root, &block.state);
            (read(&view), view.wanted(), view.broken())
        };
        if let Some(what) = broken {
            return fail(format!("the state of block {} cannot be read: {what}", block.header.number));
        }
        if wanted.is_empty() {
            return Ok(value);
        }
        node.prove(block, &wanted).await?;
    }
    fail(format!("the node's proofs of the state of block {} lack what was asked for", block.header.number))
}

impl Held {
    /// The chain has the roots of the folder.
    async fn compare_roots(
        &mut self,
        folder: &EvidenceFolder,
        chain: &mut ProvenChain<'_>,
    ) -> Result<(), Failure> {
        let (netuid, epoch, validator) = (chain.occasion.netuid, self.epoch, self.validator);
        let roots = chain.roots(epoch, &validator).await?;
        if roots.iter().all(Option::is_none) {
            return Ok(());
        }
        if self.public {
            self.compare_public(folder, netuid, &roots);
            return Ok(());
        }
        let EpochTree { tree, files, .. } = folder.tree(netuid, epoch, validator)?;
        let own = Hash(tree.root());
        for (mechanism, root) in roots.iter().enumerate() {
            match root {
                Some(root) if *root == own => self.roots += 1,
                Some(root) => self.faults.push(format!(
                    "mechanism {mechanism}: the chain has the root {} of epoch {epoch}, and the folder has {}: \
                     its files were changed",
                    root,
                    own
                )),
                None => {}
            }
        }
        self.tree = (self.roots > 0).then_some(tree);
        self.files = files;
        Ok(())
    }

    /// The chain has the root of a public part, and its records are those under the root.
    fn compare_public(&mut self, folder: &EvidenceFolder, netuid: u16, roots: &[Option<Hash>]) {
        let (epoch, validator) = (self.epoch, self.validator);
        for (mechanism, root) in roots.iter().enumerate() {
            let Some(root) = *root else { continue };
            let by = CommittedRoot { validator, signer: validator, root: root.0 };
            match folder.checked_records(&CommittedEpoch { netuid, epoch, by }) {
                Ok(_) => self.roots += 1,
                Err(why) => self.faults.push(format!("mechanism {mechanism}, epoch {epoch}: {why}")),
            }
        }
    }

    /// Validators that state to hold evidence of this folder have its records: their tags are right.
    async fn check_holders(
        &mut self,
        folder: &EvidenceFolder,
        chain: &mut ProvenChain<'_>,
    ) -> Result<(), Failure> {
        let (netuid, uid) = (chain.occasion.netuid, self.uid);
        let stated: Vec<Statement> = chain
            .read(|view| {
                let seats: Vec<Seat> = view.of_subnet("SubnetRoster", netuid).unwrap_or_default();
                let permits: Vec<bool> = view.of_subnet("ValidatorPermit", netuid).unwrap_or_default();
                let of = |(holder, (seat, permit)): (u16, (&Seat, &bool))| {
                    let others = *permit && holder != uid;
                    let held: EvidenceHoldings = others
                        .then(|| view.of_subnet_for("EvidenceHeld", netuid, &seat.hotkey.0))
                        .flatten()?;
                    let (_, tag) = held.held.iter().find(|(of, _)| *of == uid)?;
                    let keys = [Some(seat.hotkey.0), former_of(view, netuid, seat)];
                    Some((holder, keys, held.epoch, *tag))
                };
                (0..).zip(seats.iter().zip(&permits)).filter_map(of).collect()
            })
            .await?;
        for (holder, keys, epoch, tag) in stated {
            // Records that are not those of the root say nothing about a holder.
            let roots = chain.roots(epoch, &self.validator).await?;
            let Some(root) = roots.into_iter().flatten().next().map(|root| root.0) else { continue };
            let by = CommittedRoot { validator: self.validator, signer: self.validator, root };
            let wanted = CommittedEpoch { netuid, epoch, by };
            let Ok(records) = folder.checked_records(&wanted) else { continue };
            let is_its = |key: &AccountId| tag_of(key, (netuid, epoch), &records) == tag;
            match keys.iter().flatten().any(is_its) {
                true => self.holders.push(holder),
                false => self.doubtful.push(holder),
            }
        }
        Ok(())
    }

    /// The chain has the weights of the folder, and their rules were in force.
    async fn compare_weights(
        &mut self,
        folder: &EvidenceFolder,
        chain: &mut ProvenChain<'_>,
    ) -> Result<(), Failure> {
        let (netuid, uid) = (chain.occasion.netuid, self.uid);
        let of_epoch = folder.weights(self.epoch)?;
        self.compare_proven(&of_epoch, chain).await?;
        for kept in of_epoch {
            let KeptWeights { mechanism, block, rules, weights, submitted, .. } = &kept;
            let (row, proofs) = chain.row(*mechanism, uid, &self.key).await?;
            let rubrics: Option<RubricTimeline> = chain
                .read(|view| {
                    let keys: [(_, &[u8]); 2] =
                        [(Identity, &netuid.to_le_bytes()), (Identity, &[*mechanism])];
                    view.item(NETWORK, "SubnetRubrics", &keys)
                })
                .await?;
            let rubric = rubrics
                .map(|rubrics| rubrics.in_force(*block).clone())
                .filter(|rubric| rubric.from <= *block);
            if let Some(rubric) = rubric {
                let fits = from_hex(rules) == Some(rubric.rubric.hash);
                self.rules = Some(self.rules.unwrap_or(true) && fits);
                if !fits {
                    self.faults.push(format!(
                        "mechanism {mechanism}: the rules in force at block {block} were {}, and the weights were \
                         made by {rules}",
                        Hash(rubric.rubric.hash)
                    ));
                }
            }
            // Weights that the chain proved in this epoch were submitted, whatever the folder says.
            if !submitted && !proofs.is_proven(chain.occasion.epoch) {
                continue;
            }
            let due: Vec<(u16, u16)> =
                weights.uids.iter().copied().zip(max_upscale(&weights.values)).collect();
            match due == row {
                true => self.weights += row.len(),
                false => self.faults.push(differing_weights(uid, *mechanism, &due, &row)),
            }
        }
        Ok(())
    }

    /// The folder names the weights that the chain proved in this epoch. No root covers their file.
    async fn compare_proven(
        &mut self,
        kept: &[KeptWeights],
        chain: &mut ProvenChain<'_>,
    ) -> Result<(), Failure> {
        let committed = chain.committed(self.epoch, &self.validator).await?;
        for (mechanism, _) in (0u8..).zip(committed).filter(|(_, root)| root.is_some()) {
            if kept.iter().any(|kept| kept.mechanism == mechanism) {
                continue;
            }
            let (row, proofs) = chain.row(mechanism, self.uid, &self.key).await?;
            if !row.is_empty() && proofs.is_proven(chain.occasion.epoch) {
                self.faults.push(format!(
                    "mechanism {mechanism}: the chain proved {} weights in this epoch, and the folder names none",
                    row.len()
                ));
            }
        }
        Ok(())
    }

    /// Compares weights with the standings under the root. For a file, looks for all parts of the folder that show
    /// faults to somebody who has neither the folder nor a node.
    async fn look_under_root(
        &mut self,
        folder: &EvidenceFolder,
        chain: &mut ProvenChain<'_>,
        subnet: &Opened,
        for_file: bool,
    ) -> Result<(), Failure> {
        let branches = match &self.tree {
            Some(tree) => tree.branches(),
            None if self.public && self.roots > 0 => match folder.branches(self.epoch)? {
                Some(bytes) => Branches::from_bytes(&bytes)?,
                None => return Ok(()),
            },
            None => return Ok(()),
        };
        let kept = folder.weights(self.epoch)?;
        let mechanisms: Vec<_> = kept.iter().map(|kept| (kept.mechanism, kept.terms)).collect();
        let rooted = Rooted::in_folder(folder, branches, self.files.take())?;
        let found = Found::search(&rooted, &mechanisms, subnet, chain, for_file).await?;
        let new = found.lines.iter().filter(|line| !self.faults.contains(line));
        let new: Vec<String> = new.cloned().collect();
        self.faults.extend(new);
        if for_file {
            self.parts = found;
        }
        Ok(())
    }

    /// Each round was drawn from the block that the timetable fixes, and begins with the standings of the one before.
    async fn follow_rounds(
        &mut self,
        folder: &EvidenceFolder,
        rounds: &[u16],
        chain: &mut ProvenChain<'_>,
    ) -> Result<(), Failure> {
        let mut last: Option<RoundStandings> = None;
        let (netuid, end) = (chain.occasion.netuid, chain.occasion.block);
        let committed = chain.committed(self.epoch, &self.validator).await?.into_iter().flatten().next();
        let tempo = chain.read(|view| view.parameter("Tempo", Some(netuid))).await?;
        let tempo = u64::try_from(tempo).unwrap_or_default();
        let (began, known) = committed.map_or((0, end), |root| (root.began, root.block));
        for round in rounds {
            let standings = folder.round_standings(self.epoch, *round)?;
            if let (Some(last), Some(next)) = (&last, &standings) {
                let changed = audit_between(folder, (self.epoch, last), (self.epoch, next))?;
                self.faults.extend(changed.into_iter().map(|what| format!("before round {round}: {what}")));
            }
            last = standings;
            if self.public {
                continue;
            }
            let Some(source) = folder.asked(self.epoch, *round)?.source else {
                self.faults.push(format!("round {round} names no block from which its seeds were drawn"));
                continue;
            };
            match chain.source(self.epoch, (*round, source.block)).await? {
                Some(Source { due, .. }) => self.faults.extend(other_source(*round, &source, due)),
                None => match no_source((began, tempo), known, source.block) {
                    Some(why) => {
                        self.faults.push(format!("round {round} cannot be drawn from its block: {why}"))
                    }
                    None => self.unproved.push(*round),
                },
            }
        }
        Ok(())
    }

    /// Whether everything follows.
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    /// Whether the chain has the root of the folder, and nothing of it is at fault.
    pub fn is_rooted(&self) -> bool {
        self.roots > 0 && self.faults.is_empty()
    }

    /// Records with a fault to which the validator committed.
    pub fn openings(&self) -> &[Opening] {
        &self.openings
    }

    /// Parts of the folder that show faults, in the form of a file.
    pub fn parts(&self) -> Option<&String> {
        self.parts.bytes.as_ref()
    }

    /// Remarks for people on faults that a file does not show to others.
    pub fn remarks(&self) -> Vec<String> {
        match self.faults.is_empty() {
            true => Vec::new(),
            false => self.parts.remarks.clone(),
        }
    }

    /// The folder's result for people.
    pub fn line(&self) -> String {
        let Held {
            uid,
            epoch,
            roots,
            rounds,
            judged,
            records,
            unjudged,
            drawn,
            weights,
            rules,
            public,
            holders,
            doubtful,
            unproved,
            ..
        } = self;
        let roots = match roots {
            0 => "its root is not on the chain".to_owned(),
            _ => "its root is on the chain".to_owned(),
        };
        let rules = match rules {
            None => "no rules were announced",
            Some(true) => "by the rules in force",
            Some(false) => "by other rules than those in force",
        };
        let drawn = drawn.map(|tasks| format!(", {tasks} tasks drawn again")).unwrap_or_default();
        let deleted = unjudged.line().map(|line| format!("; {line}")).unwrap_or_default();
        let listed = |what: &str, numbers: &[u16]| match numbers {
            [] => String::new(),
            numbers => {
                let numbers: Vec<String> = numbers.iter().map(u16::to_string).collect();
                format!("; {what} {}", numbers.join(", "))
            }
        };
        let held = [
            listed("evidence also with uid", holders),
            listed("states to hold it, with a tag of other records: uid", doubtful),
            listed("source block too old to be proved, of round", unproved),
        ]
        .concat();
        let judged = match public {
            true => format!(
                "the public part of {rounds} rounds, without tasks, seeds, signatures and texts: no score, seed or \
                 signature was checked, and no source block"
            ),
            false => format!(
                "{} of {rounds} rounds judged again with {records} records, seeds and signatures{drawn}{deleted}",
                judged.len()
            ),
        };
        format!(
            "validator {} (uid {uid}), evidence of epoch {epoch}: {roots}; {weights} weights as on the chain, {rules}; \
             {judged}{held}",
            address(&Account(self.validator)),
        )
    }

    /// The same for programs.
    pub fn value(&self) -> Value {
        json!({
            "validator": address(&Account(self.validator)), "uid": self.uid, "epoch": self.epoch, "roots": self.roots,
            "rounds": self.rounds, "public_part": self.public,
            "judged": self.judged, "records": self.records,
            "not_judged_again": unjudged_value(&self.unjudged), "deleted": self.deleted, "weights": self.weights,
            "rules_in_force": self.rules, "drawn": self.drawn, "holders": self.holders,
            "doubtful_holders": self.doubtful,
            "rounds_with_unproved_source": self.unproved, "faults": self.faults,
        })
    }
}

/// Records that could not be judged again, for programs.
pub fn unjudged_value(unjudged: &Unjudged) -> Value {
    let miners = unjudged.miners.iter().map(|(uid, miner)| {
        json!({ "uid": uid, "records": miner.records, "part_of_score_millionths": miner.part() })
    });
    json!({
        "of_customers": unjudged.of_customers, "deleted": unjudged.deleted, "allowed_of_customers": unjudged.most,
        "more_than_allowed": unjudged.is_too_much(), "doubtful": unjudged.doubtful,
        "standings_not_checked": unjudged.unchecked, "memories_taken": unjudged.memories,
        "miners": miners.collect::<Vec<_>>(),
    })
}

/// The first weight that differs.
fn differing_weights(uid: u16, mechanism: u8, due: &[(u16, u16)], row: &[(u16, u16)]) -> String {
    let find = |among: &[(u16, u16)], miner| {
        among.iter().find(|(weighed, _)| *weighed == miner).map(|(_, weight)| *weight)
    };
    let mut all = due.iter().chain(row).map(|(miner, _)| *miner);
    let first = all.find(|miner| find(due, *miner) != find(row, *miner));
    let shown = |weight: Option<u16>| weight.map_or("nothing".to_owned(), |weight| weight.to_string());
    let what = first.map_or("the order differs".to_owned(), |miner| {
        format!(
            "miner {miner} has {} on the chain, and {} in the folder",
            shown(find(row, miner)),
            shown(find(due, miner))
        )
    });
    format!("weights of uid {uid} on mechanism {mechanism}: {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_that_the_chain_does_not_name_is_a_fault_unless_it_may_be_old() {
        let why = |epoch, last, block| no_source(epoch, last, block);
        assert!(why((1_000, 360), 1_200, 1_201).is_some_and(|why| why.contains("after block 1200")));
        assert!(why((1_000, 360), 1_200, 639).is_some_and(|why| why.contains("before the epoch")));
        for possible in [640, 1_000, 1_200] {
            assert_eq!(why((1_000, 360), 1_200, possible), None);
        }
        // Without a commitment nothing is known of the beginning.
        assert_eq!(why((0, 360), 1_200, 1), None);
    }
}

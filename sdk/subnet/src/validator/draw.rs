//! Draws the seeds and tasks of a round.

use myelin_wire::{
    beacon::is_settled,
    seed::{Audience, Seed, SeedContext, SeedProof},
    sr25519::{Entropy, Keypair},
    AccountId,
};

use super::ahead::{Orders, Piece, Stock};
use crate::{
    evaluation::{DrawnTask, SeedReference},
    subnet::{Share, Subnet, SubnetError, TaskPlan},
};

/// The occasion for which tasks are drawn: everything in a [`SeedContext`] except the audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occasion {
    /// Hash of block 0.
    pub genesis: [u8; 32],
    /// The subnet.
    pub netuid: u16,
    /// The subnet's epoch index.
    pub epoch: u64,
    /// The round.
    pub round: u16,
    /// Height of the source block.
    pub source_block: u64,
    /// Its hash.
    pub source_hash: [u8; 32],
    /// The beacon's value of it, if seeds are drawn from that instead of the hash.
    pub source_value: Option<[u8; 32]>,
    /// Blocks between an entry that counts and the source block; see [`myelin_wire::beacon::settling`].
    pub settling: u64,
}

impl Occasion {
    /// Whether a registration or a commitment of this block counts in the round.
    pub fn is_settled(&self, entered: u64) -> bool {
        is_settled(entered, self.source_block, self.settling)
    }

    /// The context of the seed for `audience`.
    pub fn context(&self, audience: Audience) -> SeedContext {
        let Occasion { genesis, netuid, epoch, round, source_block, source_hash, source_value, .. } = *self;
        let source_hash = source_value.unwrap_or(source_hash);
        SeedContext { genesis, netuid, epoch, round, audience, source_block, source_hash }
    }
}

/// Seeds with the tasks drawn from them.
pub struct Drawn<S: Subnet> {
    /// The tasks that miners are asked, those for everybody first.
    pub tasks: Vec<DrawnTask<S>>,
    /// The tasks for submissions, the same for every validator.
    pub shared: Vec<DrawnTask<S>>,
    /// The proof of every seed of [`tasks`](Self::tasks).
    pub seeds: Vec<SeedProof>,
    /// The seed of each miner's own tasks with its reference, in the order of the miners; empty if there are none.
    pub own: Vec<(Seed, SeedReference)>,
}

/// The seeds of a round, with what is drawn from them first.
pub struct Seeds {
    /// The proofs of this validator's seeds.
    pub proofs: Vec<SeedProof>,
    /// Pieces with their seeds, in the order in which they are asked; those for what was submitted are last.
    pub pieces: Orders,
}

impl Seeds {
    /// One seed for everybody, one for each miner that gets tasks of its own, and the common seed of the network.
    pub fn draw(
        plans: &[TaskPlan],
        occasion: &Occasion,
        miners: &[AccountId],
        keys: &Keypair,
        mut entropy: impl FnMut() -> Entropy,
    ) -> Self {
        let has = |share: Share| plans.iter().any(|plan| plan.share == share);
        let mut wanted: Vec<Piece> = has(Share::Round).then_some(Piece::Open).into_iter().collect();
        if has(Share::Miner) {
            wanted.extend(miners.iter().map(|hotkey| Piece::Own(*hotkey, None, 0)));
        }
        let (mut proofs, mut pieces) = (Vec::new(), Vec::new());
        for piece in wanted {
            let (proof, seed) = SeedProof::draw(occasion.context(piece.audience()), keys, entropy());
            pieces.push((piece, seed, SeedReference(proof.reference())));
            proofs.push(proof);
        }
        if has(Share::Network) {
            let (reference, seed) = occasion.context(Audience::Round).common();
            pieces.push((Piece::Shared, seed, SeedReference(reference)));
        }
        Self { proofs, pieces }
    }

    /// The seed of each miner's own tasks with its reference, in the order of the miners.
    pub fn own(&self) -> Vec<(Seed, SeedReference)> {
        let own = self.pieces.iter().filter(|(piece, ..)| matches!(piece, Piece::Own(..)));
        own.map(|(_, seed, reference)| (*seed, *reference)).collect()
    }
}

/// Draws all tasks of a round for `miners`.
pub fn draw_round<S: Subnet>(
    subnet: &S,
    occasion: &Occasion,
    miners: &[AccountId],
    keys: &Keypair,
    state: &S::State,
    entropy: impl FnMut() -> Entropy,
) -> Result<Drawn<S>, SubnetError> {
    let seeds = Seeds::draw(&subnet.tasks(), occasion, miners, keys, entropy);
    draw_from(subnet, seeds, None, state)
}

/// Draws the tasks of these seeds, but for those that are in `stock`.
pub fn draw_from<S: Subnet>(
    subnet: &S,
    seeds: Seeds,
    stock: Option<&Stock<S>>,
    state: &S::State,
) -> Result<Drawn<S>, SubnetError> {
    let (plans, own) = (subnet.tasks(), seeds.own());
    let mut drawn = Drawn { tasks: Vec::new(), shared: Vec::new(), seeds: seeds.proofs, own };
    for (piece, seed, reference) in seeds.pieces {
        let tasks = match stock.and_then(|stock| stock.take(&piece)) {
            Some(tasks) => tasks,
            None => piece.draw(subnet, (&seed, reference), &plans, state)?,
        };
        match piece {
            Piece::Shared => drawn.shared.extend(tasks),
            Piece::Open | Piece::Own(..) => drawn.tasks.extend(tasks),
        }
    }
    Ok(drawn)
}

/// Draws the tasks of one seed: task `i` of a kind comes from the sub-seed (kind, i). An auditor does the same.
pub fn draw_tasks<S: Subnet>(
    subnet: &S,
    seed: &Seed,
    reference: SeedReference,
    audience: Audience,
    plans: &[&TaskPlan],
    state: &S::State,
) -> Result<Vec<DrawnTask<S>>, SubnetError> {
    draw_batch(subnet, (seed, reference), audience, plans, 0, |_| true, state)
}

/// Draws those tasks of one batch that are wanted. Batch `b` continues the numbers of the batch before it. Its task `i`
/// of a kind, of which a batch has `n`, comes from the sub-seed (kind, b·n + i), and all tasks are numbered in
/// sequence.
pub(super) fn draw_batch<S: Subnet>(
    subnet: &S,
    (seed, reference): (&Seed, SeedReference),
    audience: Audience,
    plans: &[&TaskPlan],
    batch: u16,
    wanted: impl Fn(&TaskPlan) -> bool,
    state: &S::State,
) -> Result<Vec<DrawnTask<S>>, SubnetError> {
    let kinds = plans.iter().flat_map(|plan| (0..plan.count).map(move |index| (*plan, index)));
    let length: u16 = plans.iter().map(|plan| plan.count).fold(0, u16::saturating_add);
    let wanted = kinds.enumerate().filter(|(_, (plan, _))| wanted(plan));
    let drawn = wanted.map(|(number, (plan, index))| {
        let index = u64::from(batch) * u64::from(plan.count) + u64::from(index);
        let sub_seed = seed.derive(plan.kind.as_bytes(), index);
        Ok(DrawnTask {
            plan: plan.clone(),
            number: batch.saturating_mul(length).saturating_add(number as u16),
            seed: reference,
            audience,
            challenge: subnet.challenge(plan, &sub_seed, state)?,
        })
    });
    drawn.collect()
}

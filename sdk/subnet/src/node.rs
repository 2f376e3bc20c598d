//! The chain of the runners over a real node.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use codec::{Compact, Decode, Encode, Input};
use myelin_abi::calls::subtensor::{
    AttestEvidence, CommitAnswerRoot, CommitMechanismWeights, CommitProvenWeights, CommitWeights,
    RevealMechanismWeights, RevealProvenWeights, RevealWeights, ServeAxon, SetMechanismWeights, SetWeights,
};
use myelin_abi::{
    Account, AnswerRoot, Collateral, CollateralRequirement, EvidenceDemand, EvidenceRoot, EvidenceTimeline,
};
use myelin_chain_client::{AnyCall, ChainClient, ChainError, Hash, Key, Snapshot, Wait, EVIDENCE_AXON};
use myelin_wallet::Keypair;
use myelin_wire::{
    beacon::Source,
    btauth::ANNOUNCED,
    evidence::{says_away, ListRoot, TAG_LEN},
    AccountId,
};

use crate::{
    chain::{
        AxonPurpose, Chain, ChainFault, CommittedRoot, Peer, ProofDraw, Statement, SubnetView, Track,
        WeightVector,
    },
    reach::{is_local_chain, is_public},
};

const NETWORK: &str = "SubtensorModule";

/// Version that miners announce with their axon: major · 10⁶ + minor · 10³ + patch of the protocol they speak.
const ANNOUNCED_VERSION: u32 = 10_005_000;

/// A node's chain, with the hotkey that signs.
#[derive(Clone)]
pub struct NodeChain {
    client: ChainClient,
    hotkey: Arc<Keypair>,
    /// Whether axons at addresses that are not public are omitted.
    public_only: bool,
    /// Whether the collateral of miners is read.
    asks: bool,
}

impl NodeChain {
    /// The chain behind `client`, signed for by `hotkey`.
    pub fn new(client: ChainClient, hotkey: Arc<Keypair>) -> Self {
        Self { client, hotkey, public_only: false, asks: false }
    }

    /// The same chain for programs that connect to axons. Axons at addresses of private networks are omitted, unless
    /// `allow_private` is set or the chain is a local one. The collateral of miners is read as well.
    pub async fn for_asking(self, allow_private: bool) -> Result<Self, ChainFault> {
        let public_only = !allow_private && !is_local_chain(self.slot_ms().await?);
        Ok(Self { public_only, asks: true, ..self })
    }

    /// Share of the miners' emission that this hotkey got in the last epoch, 65535 = 1; 0 without a uid.
    pub async fn incentive(&self, netuid: u16) -> Result<u16, ChainFault> {
        let graph = self.client.metagraph(netuid, None).await.map_err(fault)?;
        Ok(graph.by_hotkey(&self.hotkey.public().into()).map_or(0, |neuron| neuron.incentive))
    }

    /// The view that this hotkey has of a snapshot.
    fn view(&self, snapshot: &Snapshot, collateral: &BTreeMap<[u8; 32], u64>) -> SubnetView {
        let graph = &snapshot.graph;
        let neurons = graph.neurons.iter().map(|neuron| Peer {
            uid: neuron.uid,
            hotkey: neuron.hotkey.0,
            axon: neuron.axon.filter(|axon| {
                let own = neuron.hotkey.0 == self.hotkey.public();
                own || (!neuron.tells_evidence && (!self.public_only || is_public(axon.ip())))
            }),
            signed_bodies: neuron.signed_bodies,
            permit: neuron.validator_permit,
            registered_at: neuron.registered_at,
            stake: neuron.total_stake.to_rao(),
            collateral: collateral.get(&neuron.hotkey.0).copied().unwrap_or_default(),
        });
        SubnetView {
            block: graph.block,
            tempo: snapshot.tempo,
            epoch_start: snapshot.epoch_start,
            epoch: snapshot.epoch,
            commit_reveal: graph.commit_reveal,
            reveal_period: graph.reveal_period,
            weights_rate_limit: graph.weights_rate_limit,
            version_key: snapshot.version_key,
            updates: snapshot.updates.clone(),
            owner: graph.by_hotkey(&graph.owner_hotkey).map(|neuron| neuron.uid),
            evidence: EvidenceDemand::default(),
            neurons: neurons.collect(),
        }
    }

    /// The proof that a subnet demands; the announced one if it demands none yet, so that validators are ready.
    async fn demand_at(&self, netuid: u16, snapshot: &Snapshot) -> Result<EvidenceDemand, ChainError> {
        let keys = &[netuid.into()];
        let known = self.client.storage(NETWORK, "EvidenceDemands", keys, Some(snapshot.at)).await;
        let timeline: EvidenceTimeline = match known {
            // A chain that knows no proofs.
            Err(ChainError::NotFound(_)) => return Ok(EvidenceDemand::default()),
            other => other?.unwrap_or_default(),
        };
        let block = snapshot.graph.block;
        let in_force = timeline.in_force(block);
        Ok(match timeline.announced(block) {
            Some((announced, _)) if in_force.answers == 0 => announced,
            _ => in_force,
        })
    }

    async fn submit(&self, call: impl Into<AnyCall>) -> Result<(), ChainFault> {
        self.client.submit(call, &*self.hotkey, Wait::Inclusion).await.map(|_| ()).map_err(fault)
    }
}

/// Collateral of a subnet's miners: the requirement, and the hotkeys that have locked something.
pub struct Backing {
    /// The subnet's requirement; nothing by default.
    pub required: CollateralRequirement,
    /// Block at which the subnet was registered.
    pub registered: u64,
    /// Collateral by hotkey, also of subnets that had this number before.
    pub bonds: Vec<(Account, Collateral<Account>)>,
}

impl Backing {
    /// Reads the collateral of a subnet at a block, or at the best one.
    pub async fn read(client: &ChainClient, netuid: u16, at: Option<Hash>) -> Result<Self, ChainError> {
        const PALLET: &str = "Collateral";
        let keys = &[netuid.into()];
        let registered = client.storage("SubtensorModule", "NetworkRegisteredAt", keys, at).await?;
        let registered = registered.unwrap_or_default();
        let nothing = Self { required: CollateralRequirement::default(), registered, bonds: Vec::new() };
        let required: Option<CollateralRequirement> =
            match client.storage(PALLET, "Requirements", keys, at).await {
                // A chain without collateral.
                Err(ChainError::NotFound(_)) => return Ok(nothing),
                other => other?,
            };
        // A requirement of an earlier subnet with this number is none.
        let required = required.filter(|required| required.subnet == registered).unwrap_or_default();
        let bonds = client.entries(PALLET, "Bonds", &netuid.to_le_bytes(), at).await?;
        let hotkey = |(key, bond): (Vec<u8>, _)| Some((Account(*key.last_chunk()?), bond));
        Ok(Self { required, registered, bonds: bonds.into_iter().filter_map(hotkey).collect() })
    }

    /// Rao of a bond that back a miner: none if it was asked back or belongs to an earlier subnet.
    pub fn of(&self, bond: &Collateral<Account>) -> u64 {
        let backs = bond.subnet == self.registered && bond.leaves.is_none();
        if backs {
            bond.amount.to_rao()
        } else {
            0
        }
    }

    /// Whether a hotkey has locked as much as the subnet requires.
    pub fn is_backed(&self, hotkey: &Account) -> bool {
        let required = self.required.amount.to_rao();
        required == 0 || self.bonds.iter().any(|(known, bond)| known == hotkey && self.of(bond) >= required)
    }
}

fn fault(error: ChainError) -> ChainFault {
    match error {
        ChainError::Refused { name, explanation, .. } | ChainError::Pool { name, explanation } => {
            ChainFault::Refused { name, explanation }
        }
        other => ChainFault::Unreachable(other.to_string()),
    }
}

/// Number of the kind of field that holds a BLAKE2-256 hash.
const BLAKE_TWO_256: u8 = 130;

/// A public commitment as the chain stores it, as far as it is read here: its block, and the hashes among its fields.
struct Published {
    block: u32,
    hashes: Vec<[u8; 32]>,
}

impl Decode for Published {
    fn decode<I: Input>(input: &mut I) -> Result<Self, codec::Error> {
        let (_deposit, block, Compact(count)) = <(u64, u32, Compact<u32>)>::decode(input)?;
        let mut hashes = Vec::new();
        for _ in 0..count {
            match input.read_byte()? {
                0 | 135 => {}
                length @ 1..=129 => input.read(&mut vec![0; usize::from(length) - 1])?,
                BLAKE_TWO_256 => hashes.push(Decode::decode(input)?),
                131..=133 => drop(<[u8; 32]>::decode(input)?),
                134 => drop(<(Vec<u8>, u64)>::decode(input)?),
                136 => drop(Vec::<u8>::decode(input)?),
                _ => return Err("a field of an unknown kind".into()),
            }
        }
        Ok(Self { block, hashes })
    }
}

impl Chain for NodeChain {
    fn genesis(&self) -> [u8; 32] {
        self.client.genesis_hash().0
    }

    fn hotkey(&self) -> AccountId {
        self.hotkey.public()
    }

    async fn best(&self) -> Result<u64, ChainFault> {
        self.client.best_block().await.map(|block| block.number).map_err(fault)
    }

    async fn finalized(&self) -> Result<u64, ChainFault> {
        self.client.finalized_block().await.map(|block| block.number).map_err(fault)
    }

    async fn block_hash(&self, height: u64) -> Result<[u8; 32], ChainFault> {
        self.client.block_hash(height).await.map(|hash| hash.0).map_err(fault)
    }

    async fn seed_source(&self, height: u64) -> Result<Source, ChainFault> {
        self.client.seed_source(height).await.map_err(fault)
    }

    async fn subnet(&self, netuid: u16, at: Option<[u8; 32]>) -> Result<SubnetView, ChainFault> {
        let snapshot = self.client.snapshot(netuid, at.map(Hash)).await.map_err(fault)?;
        let mut collateral: BTreeMap<[u8; 32], u64> = BTreeMap::new();
        if self.asks {
            let backing = Backing::read(&self.client, netuid, Some(snapshot.at)).await.map_err(fault)?;
            collateral = backing.bonds.iter().map(|(hotkey, bond)| (hotkey.0, backing.of(bond))).collect();
        }
        let evidence = match self.asks {
            true => self.demand_at(netuid, &snapshot).await.map_err(fault)?,
            false => EvidenceDemand::default(),
        };
        Ok(SubnetView { evidence, ..self.view(&snapshot, &collateral) })
    }

    async fn recent_subnet(&self, netuid: u16, age: Duration) -> Result<SubnetView, ChainFault> {
        if self.asks {
            // Collateral belongs to the same block.
            return self.subnet(netuid, None).await;
        }
        let snapshot = self.client.recent_snapshot(netuid, age).await.map_err(fault)?;
        Ok(self.view(&snapshot, &BTreeMap::new()))
    }

    async fn rules_in_force(&self, track: Track) -> Result<Option<[u8; 32]>, ChainFault> {
        match self.client.rubric(track.netuid, track.mechanism, None).await {
            Ok(status) => Ok(status.in_force.map(|change| change.rubric.hash)),
            // A chain that keeps no rules.
            Err(ChainError::NotFound(_)) => Ok(None),
            Err(error) => Err(fault(error)),
        }
    }

    async fn statements(&self, netuid: u16, at: [u8; 32]) -> Result<Vec<Statement>, ChainFault> {
        let found: Vec<(Vec<u8>, Published)> = self
            .client
            .entries("Commitments", "CommitmentOf", &netuid.to_le_bytes(), Some(Hash(at)))
            .await
            .map_err(fault)?;
        let statement = |(key, Published { block, hashes }): (Vec<u8>, Published)| {
            Some(Statement { hotkey: *key.last_chunk()?, block: block.into(), hashes })
        };
        Ok(found.into_iter().filter_map(statement).collect())
    }

    async fn state(&self, netuid: u16, hashes: &[[u8; 32]]) -> Result<(), ChainFault> {
        let fields: Vec<u8> = hashes.iter().flat_map(|hash| (BLAKE_TWO_256, hash).encode()).collect();
        let count = Compact(u32::try_from(hashes.len()).unwrap_or(u32::MAX));
        let arguments = [netuid.encode(), count.encode(), fields].concat();
        self.submit(AnyCall::new("Commitments", "set_commitment", arguments)).await
    }

    async fn set_weights(&self, track: Track, weights: &WeightVector) -> Result<(), ChainFault> {
        let Track { netuid, mechanism } = track;
        let WeightVector { uids, values, version_key } = weights.clone();
        match mechanism {
            0 => self.submit(&SetWeights { netuid, dests: uids, weights: values, version_key }).await,
            mecid => {
                let call = SetMechanismWeights { netuid, mecid, dests: uids, weights: values, version_key };
                self.submit(&call).await
            }
        }
    }

    async fn commit_weights(
        &self,
        track: Track,
        commit_hash: [u8; 32],
        root: Option<[u8; 32]>,
    ) -> Result<(), ChainFault> {
        let Track { netuid, mechanism } = track;
        if let Some(root) = root {
            let call = CommitProvenWeights { netuid, mecid: mechanism, commit_hash, root };
            return self.submit(&call).await;
        }
        match mechanism {
            0 => self.submit(&CommitWeights { netuid, commit_hash }).await,
            mecid => self.submit(&CommitMechanismWeights { netuid, mecid, commit_hash }).await,
        }
    }

    async fn reveal_weights(
        &self,
        track: Track,
        weights: &WeightVector,
        salt: &[u16],
        proof: Option<&[u8]>,
    ) -> Result<(), ChainFault> {
        let Track { netuid, mechanism } = track;
        let WeightVector { uids, values, version_key } = weights.clone();
        let salt = salt.to_vec();
        if let Some(proof) = proof {
            let (mecid, proof) = (mechanism, proof.to_vec());
            let call = RevealProvenWeights { netuid, mecid, uids, values, salt, version_key, proof };
            return self.submit(&call).await;
        }
        match mechanism {
            0 => self.submit(&RevealWeights { netuid, uids, values, salt, version_key }).await,
            mecid => {
                let call = RevealMechanismWeights { netuid, mecid, uids, values, salt, version_key };
                self.submit(&call).await
            }
        }
    }

    async fn proof_draw(&self, track: Track, epoch: u64) -> Result<Option<ProofDraw>, ChainFault> {
        let best = self.client.best_block().await.map_err(fault)?;
        let at = Some(best.hash);
        let keys = &[track.storage_index().into(), Key::from(&Account(self.hotkey.public()))];
        let roots: Option<VecDeque<EvidenceRoot<Account>>> =
            self.client.storage(NETWORK, "EvidenceRoots", keys, at).await.map_err(fault)?;
        let root = roots.and_then(|roots| roots.into_iter().rev().find(|root| root.epoch == epoch));
        let began = self.client.storage(NETWORK, "LastEpochBlock", &[track.netuid.into()], at).await;
        let began: u64 = began.map_err(fault)?.unwrap_or_default();
        let randomness = self.client.proof_randomness(track.netuid, began, best.hash).await.map_err(fault)?;
        let index = &[track.storage_index().into()];
        let incentives = self.client.storage(NETWORK, "Incentive", index, at).await.map_err(fault)?;
        let incentives: Vec<u16> = incentives.unwrap_or_default();
        let demands = self.client.storage(NETWORK, "EvidenceDemands", &[track.netuid.into()], at).await;
        let demands: EvidenceTimeline = demands.map_err(fault)?.unwrap_or_default();
        Ok(root.zip(randomness).map(|(root, randomness)| ProofDraw {
            randomness,
            committed: root.block,
            incentives,
            answers: demands.in_force(root.block).on(track.mechanism).unwrap_or(1),
        }))
    }

    async fn evidence_demand(&self, netuid: u16) -> Result<EvidenceDemand, ChainFault> {
        let snapshot = self.client.snapshot(netuid, None).await.map_err(fault)?;
        self.demand_at(netuid, &snapshot).await.map_err(fault)
    }

    async fn commit_answers(&self, netuid: u16, epoch: u64, answers: ListRoot) -> Result<(), ChainFault> {
        let ListRoot { len, root } = answers;
        self.submit(&CommitAnswerRoot { netuid, epoch, root, answers: len }).await
    }

    async fn were_away(
        &self,
        netuid: u16,
        epoch: u64,
        miners: &[AccountId],
    ) -> Result<Vec<bool>, ChainFault> {
        let at = Some(self.client.best_block().await.map_err(fault)?.hash);
        let mut away = Vec::with_capacity(miners.len());
        for miner in miners {
            let keys = &[netuid.into(), Key::from(&Account(*miner))];
            let roots = self.client.storage(NETWORK, "AnswerRoots", keys, at).await.map_err(fault)?;
            let roots: VecDeque<AnswerRoot> = roots.unwrap_or_default();
            away.push(says_away(roots.iter().map(|root| root.epoch), epoch));
        }
        Ok(away)
    }

    async fn evidence_roots(&self, netuid: u16, epoch: u64) -> Result<Vec<CommittedRoot>, ChainFault> {
        let snapshot = self.client.snapshot(netuid, None).await.map_err(fault)?;
        let mut found: BTreeMap<AccountId, CommittedRoot> = BTreeMap::new();
        let mut differing: BTreeSet<AccountId> = BTreeSet::new();
        for mechanism in (0..=u8::MAX).take(snapshot.updates.len()) {
            let index = Track { netuid, mechanism }.storage_index().to_le_bytes();
            let kept: Vec<(Vec<u8>, VecDeque<EvidenceRoot<Account>>)> = self
                .client
                .entries(NETWORK, "EvidenceRoots", &index, Some(snapshot.at))
                .await
                .map_err(fault)?;
            for (key, roots) in kept {
                let Some(validator) = key.last_chunk().copied() else { continue };
                let Some(last) = roots.iter().rev().find(|root| root.epoch == epoch) else { continue };
                let committed = CommittedRoot { validator, signer: last.signer.0, root: last.root };
                // The evidence of an epoch is one for all mechanisms. Who commits to two roots cannot show both.
                if *found.entry(validator).or_insert(committed) != committed {
                    differing.insert(validator);
                }
            }
        }
        found.retain(|validator, _| !differing.contains(validator));
        Ok(found.into_values().collect())
    }

    async fn attest_evidence(
        &self,
        netuid: u16,
        epoch: u64,
        held: &[(u16, [u8; TAG_LEN])],
    ) -> Result<(), ChainFault> {
        self.submit(&AttestEvidence { netuid, epoch, held: held.to_vec() }).await
    }

    async fn evidence_axons(&self, netuid: u16) -> Result<Vec<(AccountId, SocketAddr)>, ChainFault> {
        let snapshot = self.client.snapshot(netuid, None).await.map_err(fault)?;
        let telling = snapshot.graph.neurons.iter().filter(|neuron| neuron.tells_evidence);
        let told = telling.filter_map(|neuron| Some((neuron.hotkey.0, neuron.axon?)));
        Ok(told.filter(|(_, at)| !self.public_only || is_public(at.ip())).collect())
    }

    async fn serve_axon(
        &self,
        netuid: u16,
        address: SocketAddr,
        purpose: AxonPurpose,
    ) -> Result<(), ChainFault> {
        let (ip, ip_type) = match address.ip() {
            std::net::IpAddr::V4(ip) => (u128::from(u32::from(ip)), 4),
            std::net::IpAddr::V6(ip) => (u128::from(ip), 6),
        };
        let call = ServeAxon {
            netuid,
            version: ANNOUNCED_VERSION,
            ip,
            port: address.port(),
            ip_type,
            protocol: 4,
            placeholder1: ANNOUNCED,
            placeholder2: match purpose {
                AxonPurpose::Answers => 0,
                AxonPurpose::Evidence => EVIDENCE_AXON,
            },
        };
        self.submit(&call).await
    }

    async fn slot_ms(&self) -> Result<u64, ChainFault> {
        self.client.slot_duration_ms().await.map_err(fault)
    }
}

//! The chain of the runners over a real node.

use std::{net::SocketAddr, sync::Arc};

use myelin_abi::calls;
use myelin_chain_client::{AnyCall, ChainClient, ChainError, Hash, Wait};
use myelin_wallet::Keypair;
use myelin_wire::AccountId;

use crate::chain::{Chain, ChainFault, Peer, SubnetView, WeightVector};

/// Version that miners announce with their axon: major · 10⁶ + minor · 10³ + patch of the protocol they speak.
const ANNOUNCED_VERSION: u32 = 10_005_000;

/// A node's chain, with the hotkey that signs.
#[derive(Clone)]
pub struct NodeChain {
    client: ChainClient,
    hotkey: Arc<Keypair>,
}

impl NodeChain {
    /// The chain behind `client`, signed for by `hotkey`.
    pub fn new(client: ChainClient, hotkey: Arc<Keypair>) -> Self {
        Self { client, hotkey }
    }

    /// Share of the miners' emission that this hotkey got in the last epoch, 65535 = 1; 0 without a uid.
    pub async fn incentive(&self, netuid: u16) -> Result<u16, ChainFault> {
        let graph = self.client.metagraph(netuid, None).await.map_err(fault)?;
        Ok(graph.by_hotkey(&self.hotkey.public().into()).map_or(0, |neuron| neuron.incentive))
    }

    async fn submit(&self, call: impl Into<AnyCall>) -> Result<(), ChainFault> {
        self.client.submit(call, &*self.hotkey, Wait::Inclusion).await.map(|_| ()).map_err(fault)
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

    async fn subnet(&self, netuid: u16, at: Option<[u8; 32]>) -> Result<SubnetView, ChainFault> {
        // All parts are read at one block, so that they fit together.
        let at = match at {
            Some(hash) => Hash(hash),
            None => self.client.best_block().await.map_err(fault)?.hash,
        };
        let graph = self.client.metagraph(netuid, Some(at)).await.map_err(fault)?;
        let schedule = self.client.epoch_schedule(netuid, Some(at)).await.map_err(fault)?;
        let version_key: Option<u64> = self
            .client
            .storage("SubtensorModule", "WeightsVersionKey", &[netuid.into()], Some(at))
            .await
            .map_err(fault)?;
        let neurons = graph.neurons.iter().map(|neuron| Peer {
            uid: neuron.uid,
            hotkey: neuron.hotkey.0,
            axon: neuron.axon,
            permit: neuron.validator_permit,
            last_update: neuron.last_update,
            registered_at: neuron.registered_at,
            stake: neuron.total_stake.to_rao(),
        });
        Ok(SubnetView {
            block: graph.block,
            tempo: u16::try_from(schedule.tempo).unwrap_or(u16::MAX),
            epoch_start: schedule.last_epoch_block,
            epoch: schedule.index,
            commit_reveal: graph.commit_reveal,
            reveal_period: graph.reveal_period,
            weights_rate_limit: graph.weights_rate_limit,
            version_key: version_key.unwrap_or_default(),
            neurons: neurons.collect(),
        })
    }

    async fn set_weights(&self, netuid: u16, weights: &WeightVector) -> Result<(), ChainFault> {
        let WeightVector { uids, values, version_key } = weights.clone();
        self.submit(&calls::subtensor::SetWeights { netuid, dests: uids, weights: values, version_key }).await
    }

    async fn commit_weights(&self, netuid: u16, hash: [u8; 32]) -> Result<(), ChainFault> {
        self.submit(&calls::subtensor::CommitWeights { netuid, commit_hash: hash }).await
    }

    async fn reveal_weights(
        &self,
        netuid: u16,
        weights: &WeightVector,
        salt: &[u16],
    ) -> Result<(), ChainFault> {
        let WeightVector { uids, values, version_key } = weights.clone();
        self.submit(&calls::subtensor::RevealWeights {
            netuid,
            uids,
            values,
            salt: salt.to_vec(),
            version_key,
        })
        .await
    }

    async fn serve_axon(&self, netuid: u16, address: SocketAddr) -> Result<(), ChainFault> {
        let (ip, ip_type) = match address.ip() {
            std::net::IpAddr::V4(ip) => (u128::from(u32::from(ip)), 4),
            std::net::IpAddr::V6(ip) => (u128::from(ip), 6),
        };
        let call = calls::subtensor::ServeAxon {
            netuid,
            version: ANNOUNCED_VERSION,
            ip,
            port: address.port(),
            ip_type,
            protocol: 4,
            placeholder1: 0,
            placeholder2: 0,
        };
        self.submit(&call).await
    }

    async fn slot_ms(&self) -> Result<u64, ChainFault> {
        self.client.slot_duration_ms().await.map_err(fault)
    }
}

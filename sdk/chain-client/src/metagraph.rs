//! A snapshot of one subnet as plain data, read in one call.

use codec::{Decode, Encode};
use myelin_abi::{Account, SelectiveMetagraph as Answer, SelectiveMetagraphIndex as Field};
use myelin_units::{AlphaBalance, TaoBalance};
use myelin_wire::btauth::ANNOUNCED;

use crate::{ChainClient, ChainError, Hash, Result};

/// Value of the announcement's second free field for an axon that reports a validator's evidence and answers no
/// questions.
pub const EVIDENCE_AXON: u8 = 1;

/// One uid of a subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neuron {
    /// Its number on the subnet.
    pub uid: u16,
    /// The hotkey, which signs the neuron's work.
    pub hotkey: Account,
    /// The coldkey that owns the hotkey.
    pub coldkey: Account,
    /// Where its axon listens, `None` if it never announced one.
    pub axon: Option<std::net::SocketAddr>,
    /// Whether its axon announced that it takes requests whose signature covers path and body.
    pub signed_bodies: bool,
    /// Whether its axon reports a validator's evidence, and answers no questions.
    pub tells_evidence: bool,
    /// Whether it set weights recently enough to count.
    pub active: bool,
    /// Whether it holds a validator permit.
    pub validator_permit: bool,
    /// Block of its last weights.
    pub last_update: u64,
    /// Block at which it took its uid.
    pub registered_at: u64,
    /// Alpha it earned in the last epoch.
    pub emission: AlphaBalance,
    /// Share of the miners' emission, 65535 = 1.
    pub incentive: u16,
    /// Share of the validators' emission, 65535 = 1.
    pub dividends: u16,
    /// Weight that the validators agree on, 65535 = 1.
    pub consensus: u16,
    /// Alpha stake with inheritance.
    pub alpha_stake: AlphaBalance,
    /// Root stake, not yet multiplied by the TAO weight.
    pub tao_stake: TaoBalance,
    /// Alpha stake plus weighted root stake.
    pub total_stake: AlphaBalance,
}

/// A subnet at one block.
#[derive(Clone, Debug, PartialEq)]
pub struct Metagraph {
    /// The subnet.
    pub netuid: u16,
    /// Its name.
    pub name: String,
    /// Block this snapshot describes.
    pub block: u64,
    /// Blocks between two epochs.
    pub tempo: u16,
    /// Block of the last epoch.
    pub last_epoch: u64,
    /// Coldkey of the subnet's owner.
    pub owner: Account,
    /// Hotkey of the subnet's owner.
    pub owner_hotkey: Account,
    /// Whether weights must be committed before they are revealed.
    pub commit_reveal: bool,
    /// Epochs from a commit to its reveal.
    pub reveal_period: u64,
    /// Blocks that must pass between two weight settings of one neuron.
    pub weights_rate_limit: u64,
    /// TAO in the pool.
    pub tao_in: TaoBalance,
    /// Alpha in the pool.
    pub alpha_in: AlphaBalance,
    /// Alpha outside the pool.
    pub alpha_out: AlphaBalance,
    /// Price of a registration now.
    pub burn: TaoBalance,
    /// Every neuron, by uid.
    pub neurons: Vec<Neuron>,
}

impl Metagraph {
    /// The neuron with this hotkey.
    pub fn by_hotkey(&self, hotkey: &Account) -> Option<&Neuron> {
        self.neurons.iter().find(|neuron| neuron.hotkey == *hotkey)
    }

    /// Neurons that may set weights.
    pub fn validators(&self) -> impl Iterator<Item = &Neuron> {
        self.neurons.iter().filter(|neuron| neuron.validator_permit)
    }

    /// Neurons that announced an axon which answers questions.
    pub fn serving(&self) -> impl Iterator<Item = &Neuron> {
        self.neurons.iter().filter(|neuron| neuron.axon.is_some() && !neuron.tells_evidence)
    }
}

/// The fields of the chain's answer that a snapshot holds. Each of the others costs the node a look for every neuron.
const FIELDS: [Field; 27] = [
    Field::Name,
    Field::OwnerHotkey,
    Field::OwnerColdkey,
    Field::Block,
    Field::Tempo,
    Field::LastStep,
    Field::AlphaIn,
    Field::AlphaOut,
    Field::TaoIn,
    Field::WeightsRateLimit,
    Field::Burn,
    Field::CommitRevealWeightsEnabled,
    Field::CommitRevealPeriod,
    Field::Hotkeys,
    Field::Coldkeys,
    Field::Axons,
    Field::Active,
    Field::ValidatorPermit,
    Field::LastUpdate,
    Field::Emission,
    Field::Dividends,
    Field::Incentives,
    Field::Consensus,
    Field::BlockAtRegistration,
    Field::AlphaStake,
    Field::TaoStake,
    Field::TotalStake,
];

impl ChainClient {
    /// The whole subnet in one call; `at` defaults to the best block.
    pub async fn metagraph(&self, netuid: u16, at: Option<Hash>) -> Result<Metagraph> {
        let arguments = (netuid, FIELDS.map(|field| field as u16).to_vec()).encode();
        let answer: Option<Answer<Account>> =
            self.runtime_call("SubnetInfoRuntimeApi_get_selective_metagraph", &arguments, at).await?;
        let answer = answer.ok_or_else(|| {
            ChainError::NotFound(format!("there is no subnet {netuid}; see `myelin subnet list`"))
        })?;
        read(netuid, answer).ok_or_else(|| {
            ChainError::undecodable(
                "get_selective_metagraph",
                "a field is absent, or columns differ in length",
            )
        })
    }

    /// Calls a runtime API by its full name with encoded arguments and decodes its answer.
    pub async fn runtime_call<T: Decode>(
        &self,
        method: &str,
        arguments: &[u8],
        at: Option<Hash>,
    ) -> Result<T> {
        let bytes = self.inner.rpc.state_call(method, Some(arguments), at.map(|hash| hash.0.into())).await?;
        T::decode(&mut &bytes[..]).map_err(|error| ChainError::undecodable(method, error))
    }
}

fn read(netuid: u16, answer: Answer<Account>) -> Option<Metagraph> {
    let (hotkeys, coldkeys, axons) = (answer.hotkeys?, answer.coldkeys?, answer.axons?);
    let (active, permits, updates) = (answer.active?, answer.validator_permit?, answer.last_update?);
    let (emission, incentives, dividends) = (answer.emission?, answer.incentives?, answer.dividends?);
    let (consensus, registered) = (answer.consensus?, answer.block_at_registration?);
    let (alpha, tao, total) = (answer.alpha_stake?, answer.tao_stake?, answer.total_stake?);
    let neuron = |(uid, hotkey): (usize, &Account)| {
        let axon = axons.get(uid)?;
        Some(Neuron {
            uid: uid as u16,
            hotkey: *hotkey,
            coldkey: *coldkeys.get(uid)?,
            axon: endpoint(axon.ip, axon.ip_type, axon.port),
            signed_bodies: axon.placeholder1 == ANNOUNCED,
            tells_evidence: axon.placeholder2 == EVIDENCE_AXON,
            active: *active.get(uid)?,
            validator_permit: *permits.get(uid)?,
            last_update: updates.get(uid)?.0,
            registered_at: registered.get(uid)?.0,
            emission: emission.get(uid)?.0,
            incentive: incentives.get(uid)?.0,
            dividends: dividends.get(uid)?.0,
            consensus: consensus.get(uid)?.0,
            alpha_stake: alpha.get(uid)?.0,
            tao_stake: tao.get(uid)?.0,
            total_stake: total.get(uid)?.0,
        })
    };
    let neurons = hotkeys.iter().enumerate().map(neuron).collect::<Option<_>>()?;
    let name: Vec<u8> = answer.name?.iter().map(|byte| byte.0).collect();
    Some(Metagraph {
        netuid,
        name: String::from_utf8_lossy(&name).into_owned(),
        block: answer.block?.0,
        tempo: answer.tempo?.0,
        last_epoch: answer.last_step?.0,
        owner: answer.owner_coldkey?,
        owner_hotkey: answer.owner_hotkey?,
        commit_reveal: answer.commit_reveal_weights_enabled?,
        reveal_period: answer.commit_reveal_period?.0,
        weights_rate_limit: answer.weights_rate_limit?.0,
        tao_in: answer.tao_in?.0,
        alpha_in: answer.alpha_in?.0,
        alpha_out: answer.alpha_out?.0,
        burn: answer.burn?.0,
        neurons,
    })
}

/// An announced endpoint; the chain stores addresses as integers with their family.
fn endpoint(ip: u128, family: u8, port: u16) -> Option<std::net::SocketAddr> {
    if ip == 0 || port == 0 {
        return None;
    }
    let ip = match family {
        4 => std::net::IpAddr::V4(std::net::Ipv4Addr::from(u32::try_from(ip).ok()?)),
        6 => std::net::IpAddr::V6(std::net::Ipv6Addr::from(ip)),
        _ => return None,
    };
    Some(std::net::SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::endpoint;

    #[test]
    fn announced_endpoints_are_read_by_family_and_nonsense_is_none() {
        assert_eq!(endpoint(0x7f00_0001, 4, 8091).map(|a| a.to_string()).as_deref(), Some("127.0.0.1:8091"));
        assert_eq!(endpoint(1, 6, 80).map(|a| a.to_string()).as_deref(), Some("[::1]:80"));
        assert_eq!(endpoint(0, 4, 8091), None);
        assert_eq!(endpoint(0x7f00_0001, 4, 0), None);
        assert_eq!(endpoint(u128::MAX, 4, 1), None);
        assert_eq!(endpoint(0x7f00_0001, 5, 1), None);
    }
}

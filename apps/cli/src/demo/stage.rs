//! Sets the scene: accounts with TAO, a subnet, its settings, registered neurons, stake.
//!
//! Everything here is what an owner, miners and validators do with their own keys; only funding and the switches that the
//! protocol reserves for root use the development chain's sudo key.

use myelin_abi::calls::admin::{
    SudoSetAdminFreezeWindow, SudoSetCommitRevealWeightsInterval, SudoSetSubnetEmissionEnabled, SudoSetTempo,
    SudoSetWeightsSetRateLimit,
};
use myelin_abi::calls::balances::TransferKeepAlive;
use myelin_abi::calls::subtensor::{AddStake, BurnedRegister, RegisterNetwork, StartCall};
use myelin_abi::calls::{Address, Call};
use myelin_abi::Account;
use myelin_chain_client::{AnyCall, ChainClient, Wait};
use myelin_units::TaoBalance;
use myelin_wallet::Keypair;

use super::cast::{Cast, Role};
use crate::output::{fail, Failure};

/// TAO that each player starts with.
const POCKET_TAO: u64 = 2_000;
/// TAO that the subnet's owner starts with: the subnet costs 1,000.
const OWNER_TAO: u64 = 5_000;
/// TAO that the validators stake, largest first: unequal, so that stake-weighting is visible.
const STAKES_TAO: [u64; 3] = [500, 400, 300];
/// Blocks between weight settings of one neuron; far below a tempo, so that the limit never binds in the demo.
const WEIGHTS_RATE_LIMIT: u64 = 10;

/// A miner or validator of the demo.
pub struct Actor {
    /// Its name, for example `miner-1`.
    pub name: String,
    /// A miner's role; `None` for a validator.
    pub role: Option<Role>,
    /// Owns it.
    pub coldkey: Keypair,
    /// Works.
    pub hotkey: Keypair,
    /// Derivation path of the hotkey, with which its process starts.
    pub hotkey_uri: String,
    /// Its uid, once registered.
    pub uid: u16,
}

impl Actor {
    fn new(name: &str, role: Option<Role>, seed: u64) -> Result<Self, Failure> {
        let hotkey_uri = format!("//demo-{seed}//{name}//hotkey");
        Ok(Actor {
            name: name.to_string(),
            role,
            coldkey: Keypair::from_uri(&format!("//demo-{seed}//{name}//coldkey"))?,
            hotkey: Keypair::from_uri(&hotkey_uri)?,
            hotkey_uri,
            uid: u16::MAX,
        })
    }

    /// Account of its hotkey.
    pub fn hotkey_account(&self) -> Account {
        Account(self.hotkey.public())
    }

    /// Account of its coldkey.
    pub fn coldkey_account(&self) -> Account {
        Account(self.coldkey.public())
    }
}

/// Everybody on stage.
pub struct Stage {
    /// The new subnet.
    pub netuid: u16,
    /// Miners in the order of the cast, then validators.
    pub actors: Vec<Actor>,
    /// The development chain's root.
    root: Keypair,
}

impl Stage {
    /// Creates the subnet and everybody on it; epochs are short until validators hold permits.
    pub async fn set(
        chain: &ChainClient,
        cast: &Cast,
        seed: u64,
        say: impl Fn(String),
    ) -> Result<Self, Failure> {
        let root = Keypair::from_uri("//Alice")?;
        let owner = Keypair::from_uri(&format!("//demo-{seed}//owner//coldkey"))?;
        let owner_hotkey = Keypair::from_uri(&format!("//demo-{seed}//owner//hotkey"))?;
        let mut actors = Vec::new();
        for (name, role) in &cast.0 {
            actors.push(Actor::new(name, Some(*role), seed)?);
        }
        for number in 1..=STAKES_TAO.len() {
            actors.push(Actor::new(&format!("validator-{number}"), None, seed)?);
        }

        say(format!("giving {} accounts TAO to start with", actors.len() + 1));
        let mut transfers = vec![pay(&owner, OWNER_TAO)];
        transfers.extend(actors.iter().map(|actor| pay(&actor.coldkey, POCKET_TAO)));
        chain.batch(&transfers, &root, Wait::Inclusion).await?;

        let create = RegisterNetwork { hotkey: Account(owner_hotkey.public()) };
        let receipt = chain.submit(&create, &owner, Wait::Inclusion).await?;
        let Some((netuid, _)) = receipt.event::<(u16, u16)>("SubtensorModule", "NetworkAdded") else {
            return fail("the chain did not announce the new subnet");
        };
        say(format!("subnet {netuid} created by its owner"));

        let settings = [
            sudo(chain, &SudoSetSubnetEmissionEnabled { netuid, enabled: true }).await?,
            sudo(chain, &SudoSetWeightsSetRateLimit { netuid, weights_set_rate_limit: WEIGHTS_RATE_LIMIT })
                .await?,
            sudo(chain, &SudoSetCommitRevealWeightsInterval { netuid, interval: 1 }).await?,
            sudo(chain, &SudoSetAdminFreezeWindow { window: 0 }).await?,
        ];
        chain.batch(&settings, &root, Wait::Inclusion).await?;
        chain.submit(&StartCall { netuid }, &owner, Wait::Inclusion).await?;

        say(format!("registering {} neurons, each at the price of the moment", actors.len()));
        // One after the other, so that uids follow the names.
        for actor in &mut actors {
            let call = BurnedRegister { netuid, hotkey: actor.hotkey_account() };
            chain.submit(&call, &actor.coldkey, Wait::Inclusion).await?;
            let Some(uid) = chain.uid(netuid, &actor.hotkey_account()).await? else {
                return fail(format!("{} has no uid after its registration", actor.name));
            };
            actor.uid = uid;
        }
        let validators = actors.iter().filter(|actor| actor.role.is_none());
        for (validator, stake) in validators.zip(STAKES_TAO) {
            let call = AddStake {
                hotkey: validator.hotkey_account(),
                netuid,
                amount_staked: TaoBalance::from_rao(stake * 1_000_000_000),
            };
            chain.submit(&call, &validator.coldkey, Wait::Inclusion).await?;
            say(format!("{} staked {stake} τ", validator.name));
        }
        Ok(Stage { netuid, actors, root })
    }

    /// Changes the length of epochs; the next one counts from now.
    pub async fn set_tempo(&self, chain: &ChainClient, tempo: u16) -> Result<(), Failure> {
        chain.sudo(&SudoSetTempo { netuid: self.netuid, tempo }, &self.root, Wait::Inclusion).await?;
        Ok(())
    }

    /// Miners in the order of the cast.
    pub fn miners(&self) -> impl Iterator<Item = &Actor> {
        self.actors.iter().filter(|actor| actor.role.is_some())
    }

    /// Validators, largest stake first.
    pub fn validators(&self) -> impl Iterator<Item = &Actor> {
        self.actors.iter().filter(|actor| actor.role.is_none())
    }
}

fn pay(to: &Keypair, tao: u64) -> AnyCall {
    let value = TaoBalance::from_rao(tao * 1_000_000_000).into();
    AnyCall::from(&TransferKeepAlive { dest: Address::Id(Account(to.public())), value })
}

async fn sudo<C: Call>(chain: &ChainClient, call: &C) -> Result<AnyCall, Failure> {
    Ok(chain.as_root(call).await?)
}

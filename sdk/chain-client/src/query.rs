//! The most frequent queries of the chain, one method each.

use codec::Encode;
use myelin_abi::{
    Account, DelegateInfo, DynamicInfo, HyperparamEntry, SimSwapResult, StakeInfo, SubnetPrice,
};
use myelin_economy::profile::Profile;
use myelin_units::{AlphaBalance, TaoBalance};

use crate::{ChainClient, ChainError, Hash, Result};

/// TAO of an account in rao.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Funds {
    /// Free, which includes frozen TAO.
    pub free: TaoBalance,
    /// Held as deposits, beside the free part.
    pub reserved: TaoBalance,
    /// Amount below which the sum of both does not fall: TAO under the vote lock.
    pub frozen: TaoBalance,
}

impl Funds {
    /// Free TAO that is not frozen: what deposits can be paid with.
    pub fn unfrozen(&self) -> TaoBalance {
        self.free.saturating_sub(self.frozen)
    }
}

/// Position of a subnet between two epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochSchedule {
    /// Blocks between two epochs.
    pub tempo: u64,
    /// Block of the last epoch slot.
    pub last_epoch_block: u64,
    /// Epochs that the subnet has run: the index that commits and reveals count by.
    pub index: u64,
    /// Block of the next epoch, as far as it is known now.
    pub next_epoch_block: u64,
}

impl ChainClient {
    /// Free TAO of an account, frozen or not.
    pub async fn balance(&self, account: &Account) -> Result<TaoBalance> {
        Ok(self.funds(account, None).await?.free)
    }

    /// TAO of an account at a block; at the best one by default.
    pub async fn funds(&self, account: &Account, at: Option<Hash>) -> Result<Funds> {
        let (_, [free, reserved, frozen], _) = self.account_info(account, at).await?;
        let [free, reserved, frozen] = [free, reserved, frozen].map(TaoBalance::from_rao);
        Ok(Funds { free, reserved, frozen })
    }

    /// Transactions of an account in the chain up to a block.
    pub(crate) async fn sent_until(&self, account: &Account, at: Hash) -> Result<u64> {
        let ([nonce, ..], ..) = self.account_info(account, Some(at)).await?;
        Ok(nonce.into())
    }

    /// AccountInfo: nonce, consumers, providers, sufficients; then AccountData: free, reserved, frozen, and its flags.
    async fn account_info(&self, account: &Account, at: Option<Hash>) -> Result<([u32; 4], [u64; 3], u128)> {
        Ok(self.storage("System", "Account", &[account.into()], at).await?.unwrap_or_default())
    }

    /// All subnets with their pools; `None` inside where a netuid is free.
    pub async fn subnets(&self) -> Result<Vec<DynamicInfo<Account>>> {
        let all: Vec<Option<DynamicInfo<Account>>> =
            self.runtime_call("SubnetInfoRuntimeApi_get_all_dynamic_info", &[], None).await?;
        Ok(all.into_iter().flatten().collect())
    }

    /// One subnet with its pool.
    pub async fn subnet(&self, netuid: u16) -> Result<DynamicInfo<Account>> {
        let found: Option<DynamicInfo<Account>> =
            self.runtime_call("SubnetInfoRuntimeApi_get_dynamic_info", &netuid.encode(), None).await?;
        found.ok_or_else(|| {
            ChainError::NotFound(format!("there is no subnet {netuid}; see `myelin subnet list`"))
        })
    }

    /// Hyperparameters by name.
    pub async fn hyperparameters(&self, netuid: u16) -> Result<Vec<HyperparamEntry>> {
        let found: Option<Vec<HyperparamEntry>> = self
            .runtime_call("SubnetInfoRuntimeApi_get_subnet_hyperparams_v3", &netuid.encode(), None)
            .await?;
        found.ok_or_else(|| {
            ChainError::NotFound(format!("there is no subnet {netuid}; see `myelin subnet list`"))
        })
    }

    /// Stakes of a coldkey, on every hotkey and subnet.
    pub async fn stakes(&self, coldkey: &Account) -> Result<Vec<StakeInfo<Account>>> {
        self.runtime_call("StakeInfoRuntimeApi_get_stake_info_for_coldkey", &coldkey.encode(), None).await
    }

    /// Hotkeys that take stake of others.
    pub async fn delegates(&self) -> Result<Vec<DelegateInfo<Account>>> {
        self.runtime_call("DelegateInfoRuntimeApi_get_delegates", &[], None).await
    }

    /// Price of creating a subnet now.
    pub async fn subnet_cost(&self) -> Result<TaoBalance> {
        let rao: u64 = self
            .runtime_call("SubnetRegistrationRuntimeApi_get_network_registration_cost", &[], None)
            .await?;
        Ok(TaoBalance::from_rao(rao))
    }

    /// Spot prices of all subnets in rao of TAO per alpha.
    pub async fn prices(&self) -> Result<Vec<SubnetPrice>> {
        self.runtime_call("SwapRuntimeApi_current_alpha_price_all", &[], None).await
    }

    /// Result of staking this much TAO now: alpha bought, fee and slippage.
    pub async fn quote_stake(&self, netuid: u16, tao: TaoBalance) -> Result<SimSwapResult> {
        let arguments = (netuid, tao.to_rao()).encode();
        self.runtime_call("SwapRuntimeApi_sim_swap_tao_for_alpha", &arguments, None).await
    }

    /// Result of unstaking this much alpha now: TAO paid, fee and slippage.
    pub async fn quote_unstake(&self, netuid: u16, alpha: AlphaBalance) -> Result<SimSwapResult> {
        let arguments = (netuid, alpha.to_rao()).encode();
        self.runtime_call("SwapRuntimeApi_sim_swap_alpha_for_tao", &arguments, None).await
    }

    /// The uid of a hotkey on a subnet, `None` if it has none.
    pub async fn uid(&self, netuid: u16, hotkey: &Account) -> Result<Option<u16>> {
        self.storage("SubtensorModule", "Uids", &[netuid.into(), hotkey.into()], None).await
    }

    /// The coldkey that owns a hotkey, `None` if nobody does.
    pub async fn owner(&self, hotkey: &Account) -> Result<Option<Account>> {
        let owner: Account = self.value("SubtensorModule", "Owner", &[hotkey.into()]).await?;
        Ok((!owner.is_zero()).then_some(owner))
    }

    /// Position of a subnet between two epochs.
    pub async fn epoch_schedule(&self, netuid: u16, at: Option<Hash>) -> Result<EpochSchedule> {
        let read = |item: &'static str| async move {
            let value: Option<u64> = self.storage("SubtensorModule", item, &[netuid.into()], at).await?;
            Ok::<u64, ChainError>(value.unwrap_or_default())
        };
        let tempo: Option<u16> = self.storage("SubtensorModule", "Tempo", &[netuid.into()], at).await?;
        let next: Option<u64> = self
            .runtime_call("SubnetInfoRuntimeApi_get_next_epoch_start_block", &netuid.encode(), at)
            .await?;
        let tempo = u64::from(tempo.unwrap_or_default());
        let last_epoch_block = read("LastEpochBlock").await?;
        Ok(EpochSchedule {
            tempo,
            last_epoch_block,
            index: read("SubnetEpochIndex").await?,
            next_epoch_block: next.unwrap_or(last_epoch_block + tempo),
        })
    }

    /// Milliseconds between two blocks. The node is asked once for each runtime.
    pub async fn slot_duration_ms(&self) -> Result<u64> {
        let runtime = self.runtime().await;
        let asked = || self.runtime_call("AuraApi_slot_duration", &[], None);
        runtime.slot_ms.get_or_try_init(asked).await.copied()
    }

    /// The pace of the chain at a block; the best one by default.
    pub async fn profile(&self, at: Option<Hash>) -> Result<Profile> {
        let pace: Option<(u64, bool)> = self.storage("SubtensorModule", "ChainProfile", &[], at).await?;
        let (slot_ms, fast) = pace.unwrap_or_default();
        Ok(Profile { slot_ms, fast })
    }

    /// A stored row of weights: (uid, weight).
    pub async fn weights(&self, netuid: u16, uid: u16) -> Result<Vec<(u16, u16)>> {
        self.value("SubtensorModule", "Weights", &[netuid.into(), uid.into()]).await
    }
}

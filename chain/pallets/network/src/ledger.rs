//! TAO that the network holds, mints and destroys.
//!
//! Every subnet has an account without a key, derived from its number. It holds the TAO of the subnet's pool, and on
//! root all TAO staked there. Free TAO stays in the ledger of balances, which this module only uses.

use core::marker::PhantomData;

use frame_support::{
    pallet_macros::pallet_section,
    pallet_prelude::*,
    traits::{
        fungible::{Balanced, Credit, Inspect, Mutate},
        tokens::{Fortitude, Precision, Preservation},
        Imbalance, OnUnbalanced,
    },
    PalletId,
};
use myelin_units::{NetUid, TaoBalance, ROOT};
use sp_runtime::traits::AccountIdConversion;

use crate::{
    pallet::{Config, Error, TaoSupply, TotalIssuance},
    types::{Supply, BURN_ACCOUNT, SUBNET_ACCOUNTS, WAITING_ACCOUNT},
};

/// TAO on its way: minted or withdrawn, and not yet on an account.
pub type TaoCredit<T> = Credit<<T as frame_system::Config>::AccountId, <T as Config>::Currency>;

/// TAO that exists. Owner: [`TaoLedger`].
#[pallet_section]
mod supply {
    /// TAO that exists. Owner: `TaoLedger`.
    #[pallet::storage]
    pub type TotalIssuance<T: Config> = StorageValue<_, TaoBalance, ValueQuery>;

    /// Origin of [`TotalIssuance`]. Owner: `TaoLedger`.
    #[pallet::storage]
    pub type TaoSupply<T: Config> = StorageValue<_, Supply, ValueQuery>;
}

/// Owner of [`TotalIssuance`], [`TaoSupply`] and of the subnets' accounts.
///
/// Invariants: `TotalIssuance` equals the issuance of the ledger of balances and the sum of [`TaoSupply`]; the account
/// of a subnet holds at least its `SubnetTAO`.
pub struct TaoLedger<T>(PhantomData<T>);

impl<T: Config> TaoLedger<T> {
    /// The account of a subnet.
    pub fn subnet_account(netuid: NetUid) -> T::AccountId {
        SUBNET_ACCOUNTS.into_sub_account_truncating(netuid)
    }

    /// The account that receives burned TAO; nobody has its key.
    pub fn burn_account() -> T::AccountId {
        BURN_ACCOUNT.into_account_truncating()
    }

    /// The account of the payments for subnets that wait for a number; nobody has its key.
    pub fn waiting_account() -> T::AccountId {
        WAITING_ACCOUNT.into_account_truncating()
    }

    /// Whether an account is one of the network's: nobody has its key, and its balance is accounted for.
    pub fn is_own(who: &T::AccountId) -> bool {
        let id = PalletId::try_from_sub_account::<NetUid>(who).map(|(id, _)| id);
        id.is_some_and(|id| [SUBNET_ACCOUNTS, BURN_ACCOUNT, WAITING_ACCOUNT].contains(&id))
    }

    /// Free TAO of an account that can leave without closing it.
    pub fn spendable(who: &T::AccountId) -> TaoBalance {
        T::Currency::reducible_balance(who, Preservation::Preserve, Fortitude::Polite).into()
    }

    /// Free TAO of an account, the deposit that keeps it open included.
    pub fn free(who: &T::AccountId) -> TaoBalance {
        T::Currency::reducible_balance(who, Preservation::Expendable, Fortitude::Polite).into()
    }

    /// TAO that exists.
    pub fn total_issuance() -> TaoBalance {
        TotalIssuance::<T>::get()
    }

    /// Takes over the issuance of the ledger of balances at genesis.
    pub(crate) fn adopt_genesis_issuance() {
        TotalIssuance::<T>::put(TaoBalance::from(T::Currency::total_issuance()));
    }

    /// Counts all TAO that exists now as given, so that minting and recycling count from here.
    pub(crate) fn count_from_here() {
        TaoSupply::<T>::put(Supply { genesis: TotalIssuance::<T>::get(), ..Default::default() });
    }

    /// Mints `amount`; TAO beyond the capacity of the ledger of balances is not minted.
    pub fn issue(amount: TaoBalance) -> TaoCredit<T> {
        let credit = T::Currency::issue(amount.to_rao());
        let minted = TaoBalance::from(credit.peek());
        TotalIssuance::<T>::mutate(|total| *total = total.saturating_add(minted));
        TaoSupply::<T>::mutate(|supply| supply.minted = supply.minted.saturating_add(minted));
        credit
    }

    /// Destroys TAO, so that it may be minted again.
    pub fn recycle(credit: TaoCredit<T>) {
        let recycled = TaoBalance::from(credit.peek());
        TotalIssuance::<T>::mutate(|total| *total = total.saturating_sub(recycled));
        TaoSupply::<T>::mutate(|supply| supply.recycled = supply.recycled.saturating_add(recycled));
        drop(credit);
    }

    /// Puts TAO on the account of a subnet and returns the amount. TAO that the account can't take (less than the
    /// existential deposit on an account that does not exist) is recycled.
    pub fn deposit(netuid: NetUid, credit: TaoCredit<T>) -> TaoBalance {
        let amount = credit.peek().into();
        match T::Currency::resolve(&Self::subnet_account(netuid), credit) {
            Ok(()) => amount,
            Err(refused) => {
                Self::recycle(refused);
                TaoBalance::ZERO
            }
        }
    }

    /// Moves free TAO of an account to a subnet, keeping the account alive.
    pub fn pay_to_subnet(from: &T::AccountId, netuid: NetUid, amount: TaoBalance) -> DispatchResult {
        Self::transfer(from, &Self::subnet_account(netuid), amount)
            .map_err(|_| Error::<T>::BalanceWithdrawalError.into())
    }

    /// Pays TAO of a subnet to an account.
    pub fn pay_from_subnet(netuid: NetUid, to: &T::AccountId, amount: TaoBalance) -> DispatchResult {
        Self::transfer(&Self::subnet_account(netuid), to, amount)
            .map_err(|_| Error::<T>::InsufficientTaoBalance.into())
    }

    /// Moves TAO between the accounts of two subnets.
    pub fn pay_between_subnets(from: NetUid, to: NetUid, amount: TaoBalance) -> DispatchResult {
        if from == to {
            return Ok(());
        }
        Self::pay_from_subnet(from, &Self::subnet_account(to), amount)
    }

    /// Pays the swap fee of a subnet to the author of the block, or to the burn account when there is none. A fee that
    /// neither account can take is recycled.
    pub fn pay_fee(netuid: NetUid, fee: TaoBalance) -> DispatchResult {
        if fee.is_zero() {
            return Ok(());
        }
        let receiver = T::BlockAuthor::get().unwrap_or_else(Self::burn_account);
        let credit = Self::withdraw(netuid, fee)?;
        let unpaid = T::Currency::resolve(&receiver, credit)
            .or_else(|credit| T::Currency::resolve(&Self::burn_account(), credit));
        if let Err(credit) = unpaid {
            Self::recycle(credit);
        }
        Ok(())
    }

    /// Takes TAO from a subnet's account and destroys it.
    pub fn recycle_from_subnet(netuid: NetUid, amount: TaoBalance) -> DispatchResult {
        Self::withdraw(netuid, amount).map(Self::recycle)
    }

    /// Moves everything on the account of a subnet to that of root, which closes it, and returns the amount.
    pub(crate) fn merge_into_root(netuid: NetUid) -> TaoBalance {
        let held = Self::held_by_subnet(netuid);
        let (from, to) = (Self::subnet_account(netuid), Self::subnet_account(ROOT));
        match T::Currency::transfer(&from, &to, held.to_rao(), Preservation::Expendable) {
            Ok(moved) => moved.into(),
            Err(error) => {
                log::error!(target: "network", "{held} stay on the account of subnet {netuid}: {error:?}");
                TaoBalance::ZERO
            }
        }
    }

    /// Takes the payment of a coldkey for a subnet that has to wait for a number.
    pub(crate) fn pay_to_waiting(from: &T::AccountId, amount: TaoBalance) -> DispatchResult {
        Self::transfer(from, &Self::waiting_account(), amount)
            .map_err(|_| Error::<T>::BalanceWithdrawalError.into())
    }

    /// Moves a waiting payment to the account of its subnet.
    pub(crate) fn pay_waiting_to_subnet(netuid: NetUid, amount: TaoBalance) -> DispatchResult {
        Self::pay_from_waiting(&Self::subnet_account(netuid), amount)
    }

    /// Refunds a waiting payment; TAO that the account can't take is recycled.
    pub(crate) fn give_waiting_back(to: &T::AccountId, amount: TaoBalance) {
        if Self::pay_from_waiting(to, amount).is_ok() {
            return;
        }
        let taken = T::Currency::withdraw(
            &Self::waiting_account(),
            amount.to_rao(),
            Precision::Exact,
            Preservation::Expendable,
            Fortitude::Polite,
        );
        match taken {
            Ok(credit) => Self::recycle(credit),
            Err(error) => log::error!(target: "network", "{amount} stay with what waits: {error:?}"),
        }
    }

    /// TAO of payments for subnets that wait for a number.
    pub fn held_waiting() -> TaoBalance {
        T::Currency::balance(&Self::waiting_account()).into()
    }

    /// Takes free TAO of an account and destroys it, keeping the account alive.
    pub fn recycle_from(who: &T::AccountId, amount: TaoBalance) -> DispatchResult {
        T::Currency::withdraw(
            who,
            amount.to_rao(),
            Precision::Exact,
            Preservation::Preserve,
            Fortitude::Polite,
        )
        .map(Self::recycle)
    }

    /// Divides free TAO of an account without a key, which may close. TAO that an account can't take is recycled.
    pub(crate) fn divide(from: &T::AccountId, parts: &[(T::AccountId, u64)]) -> DispatchResult {
        let whole = parts.iter().fold(0u64, |sum, (_, part)| sum.saturating_add(*part));
        let (exact, all) = (Precision::Exact, Preservation::Expendable);
        let mut credit = T::Currency::withdraw(from, whole, exact, all, Fortitude::Polite)?;
        for (to, part) in parts {
            let (part, rest) = credit.split(*part);
            credit = rest;
            if let Err(refused) = T::Currency::resolve(to, part) {
                Self::recycle(refused);
            }
        }
        Ok(())
    }

    /// TAO on the account of a subnet.
    pub fn held_by_subnet(netuid: NetUid) -> TaoBalance {
        T::Currency::balance(&Self::subnet_account(netuid)).into()
    }

    /// Takes TAO from a subnet's account, for the caller to place.
    pub(crate) fn withdraw(netuid: NetUid, amount: TaoBalance) -> Result<TaoCredit<T>, DispatchError> {
        T::Currency::withdraw(
            &Self::subnet_account(netuid),
            amount.to_rao(),
            Precision::Exact,
            Preservation::Preserve,
            Fortitude::Polite,
        )
        .map_err(|_| Error::<T>::InsufficientTaoBalance.into())
    }

    fn pay_from_waiting(to: &T::AccountId, amount: TaoBalance) -> DispatchResult {
        T::Currency::transfer(&Self::waiting_account(), to, amount.to_rao(), Preservation::Expendable)
            .map(|_| ())
    }

    fn transfer(from: &T::AccountId, to: &T::AccountId, amount: TaoBalance) -> DispatchResult {
        if amount.is_zero() {
            return Ok(());
        }
        T::Currency::transfer(from, to, amount.to_rao(), Preservation::Preserve).map(|_| ())
    }
}

/// Recycles TAO that nobody can hold, such as the dust of a closed account or a fee without a receiver. The ledger of
/// balances destroys it anyway; handing it here keeps [`TotalIssuance`] in step.
impl<T: Config> OnUnbalanced<TaoCredit<T>> for TaoLedger<T> {
    fn on_nonzero_unbalanced(credit: TaoCredit<T>) {
        Self::recycle(credit);
    }
}

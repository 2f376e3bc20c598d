//! The calls of the pallet. Each checks its origin, calls the owner of its concept, and returns its cost.
//!
//! FRAME takes one block of calls from a pallet. Calls stand by concept; their order is that of the metadata. An index
//! is never used again.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod calls {
    /// The calls. Each documents origin, effect, events, errors, cost.
    #[pallet::call]
    impl<T: Config> Pallet<T> {
        /// Replaces the weights of a validator on mechanism 0.
        ///
        /// Origin: a hotkey of the subnet. Effect: stores the up-scaled weights of the hotkey; possible while
        /// commit-reveal is off. Events: `WeightsSet`. Errors: `CommitRevealEnabled`,
        /// `CanNotSetRootNetworkWeights`, `WeightVecNotEqualSize`, `MechanismDoesNotExist`,
        /// `UidsLengthExceedUidsInSubNet`, `HotKeyNotRegisteredInSubNet`, `NotEnoughStakeToSetWeights`,
        /// `IncorrectWeightVersionKey`, `SettingWeightsTooFast`, `NeuronNoValidatorPermit`, `DuplicateUids`,
        /// `UidVecContainInvalidOne`, `WeightVecLengthIsLow`, `MaxWeightExceeded`. Cost: no fee.
        #[pallet::call_index(0)]
        #[pallet::weight((costs::weights::<T>(dests.len()), DispatchClass::Normal, Pays::No))]
        pub fn set_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            dests: Vec<u16>,
            weights: Vec<u16>,
            version_key: u64,
        ) -> DispatchResultWithPostInfo {
            let hotkey = ensure_signed(origin)?;
            let cost = costs::weights_of::<T>(&hotkey, netuid, dests.len());
            costs::used(cost, WeightLedger::<T>::set(hotkey, netuid, MAIN, dests, weights, version_key))
        }

        /// Replaces the weights of a validator on one mechanism.
        ///
        /// Origin: a hotkey of the subnet. Effect: as `set_weights`. Events: `WeightsSet`. Errors: as
        /// `set_weights`. Cost: no fee.
        #[pallet::call_index(119)]
        #[pallet::weight((costs::weights::<T>(dests.len()), DispatchClass::Normal, Pays::No))]
        pub fn set_mechanism_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            mecid: MechId,
            dests: Vec<u16>,
            weights: Vec<u16>,
            version_key: u64,
        ) -> DispatchResultWithPostInfo {
            let hotkey = ensure_signed(origin)?;
            let cost = costs::weights_of::<T>(&hotkey, netuid, dests.len());
            costs::used(cost, WeightLedger::<T>::set(hotkey, netuid, mecid, dests, weights, version_key))
        }

        /// Commits to weights on mechanism 0 by their salted hash.
        ///
        /// Origin: a hotkey of the subnet. Effect: queues the hash, to be revealed `RevealPeriodEpochs` epochs
        /// later; the hotkey counts as updated now. Events: `WeightsCommitted`. Errors: `CommitRevealDisabled`,
        /// `HotKeyNotRegisteredInSubNet`, `CommittingWeightsTooFast`, `TooManyUnrevealedCommits`,
        /// `MechanismDoesNotExist`, `SubnetNotExists`. Cost: no fee.
        #[pallet::call_index(96)]
        #[pallet::weight((costs::commit::<T>(), DispatchClass::Normal, Pays::No))]
        pub fn commit_weights(origin: OriginFor<T>, netuid: NetUid, commit_hash: T::Hash) -> DispatchResult {
            WeightLedger::<T>::commit(ensure_signed(origin)?, netuid, MAIN, commit_hash)
        }

        /// Commits to weights on one mechanism by their salted hash.
        ///
        /// Origin: a hotkey of the subnet. Effect: as `commit_weights`. Events: `WeightsCommitted`. Errors: as
        /// `commit_weights`. Cost: no fee.
        #[pallet::call_index(115)]
        #[pallet::weight((costs::commit::<T>(), DispatchClass::Normal, Pays::No))]
        pub fn commit_mechanism_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            mecid: MechId,
            commit_hash: T::Hash,
        ) -> DispatchResult {
            WeightLedger::<T>::commit(ensure_signed(origin)?, netuid, mecid, commit_hash)
        }

        /// Reveals weights that were committed on mechanism 0.
        ///
        /// Origin: the hotkey that committed. Effect: removes the commit and all older ones, and stores the
        /// weights. Events: `WeightsRevealed`, `WeightsSet`. Errors: `CommitRevealDisabled`,
        /// `NoWeightsCommitFound`, `ExpiredWeightCommit`, `InvalidRevealCommitHashNotMatch`, `RevealTooEarly`, and
        /// those of `set_weights` without `SettingWeightsTooFast`. Cost: no fee.
        #[pallet::call_index(97)]
        #[pallet::weight((costs::reveal::<T>(uids.len(), salt.len()), DispatchClass::Normal, Pays::No))]
        pub fn reveal_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            uids: Vec<u16>,
            values: Vec<u16>,
            salt: Vec<u16>,
            version_key: u64,
        ) -> DispatchResult {
            WeightLedger::<T>::reveal(ensure_signed(origin)?, netuid, MAIN, uids, values, salt, version_key)
        }

        /// Reveals weights that were committed on one mechanism.
        ///
        /// Origin: the hotkey that committed. Effect: as `reveal_weights`. Events: `WeightsRevealed`, `WeightsSet`.
        /// Errors: as `reveal_weights`. Cost: no fee.
        #[pallet::call_index(116)]
        #[pallet::weight((costs::reveal::<T>(uids.len(), salt.len()), DispatchClass::Normal, Pays::No))]
        pub fn reveal_mechanism_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            mecid: MechId,
            uids: Vec<u16>,
            values: Vec<u16>,
            salt: Vec<u16>,
            version_key: u64,
        ) -> DispatchResult {
            WeightLedger::<T>::reveal(ensure_signed(origin)?, netuid, mecid, uids, values, salt, version_key)
        }

        /// Replaces the weights of a validator on mechanism 0 of several subnets.
        ///
        /// Origin: a hotkey. Effect: as `set_weights` for each subnet; what is refused on one leaves the others alone.
        /// Events: `WeightsSet` for each, `BatchCompletedWithErrors` and `BatchWeightItemFailed` for those refused,
        /// `BatchWeightsCompleted`. Errors: `InputLengthsUnequal`. Cost: no fee.
        #[pallet::call_index(80)]
        #[pallet::weight((
            costs::batch(weights.iter().map(|row| costs::weights::<T>(row.len())), costs::weights::<T>(1)),
            DispatchClass::Normal,
            Pays::No
        ))]
        pub fn batch_set_weights(
            origin: OriginFor<T>,
            netuids: Vec<Compact<NetUid>>,
            weights: Vec<BatchRow>,
            version_keys: Vec<Compact<u64>>,
        ) -> DispatchResult {
            WeightLedger::<T>::set_batch(ensure_signed(origin)?, netuids, weights, version_keys)
        }

        /// Commits to weights on mechanism 0 of several subnets.
        ///
        /// Origin: a hotkey. Effect: as `commit_weights` for each subnet; what is refused on one leaves the others
        /// alone. Events: `WeightsCommitted` for each, `BatchCompletedWithErrors` and `BatchWeightItemFailed` for those
        /// refused, `BatchWeightsCompleted`. Errors: `InputLengthsUnequal`. Cost: no fee.
        #[pallet::call_index(100)]
        #[pallet::weight((
            costs::commit::<T>().saturating_mul(1u64.saturating_add(commit_hashes.len() as u64)),
            DispatchClass::Normal,
            Pays::No
        ))]
        pub fn batch_commit_weights(
            origin: OriginFor<T>,
            netuids: Vec<Compact<NetUid>>,
            commit_hashes: Vec<T::Hash>,
        ) -> DispatchResult {
            WeightLedger::<T>::commit_batch(ensure_signed(origin)?, netuids, commit_hashes)
        }

        /// Reveals several commits on mechanism 0 of a subnet, the last one counts.
        ///
        /// Origin: the hotkey that committed. Effect: removes the commits named and stores their weights in their
        /// order; all or none. Events: `WeightsSet` for each, `WeightsBatchRevealed`. Errors: `InputLengthsUnequal` and
        /// those of `reveal_weights`. Cost: no fee.
        #[pallet::call_index(98)]
        #[pallet::weight((
            costs::batch(
                uids_list
                    .iter()
                    .zip(salts_list)
                    .map(|(uids, salt)| costs::reveal::<T>(uids.len(), salt.len())),
                costs::reveal::<T>(1, 1)
            ),
            DispatchClass::Normal,
            Pays::No
        ))]
        pub fn batch_reveal_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            uids_list: Vec<Vec<u16>>,
            values_list: Vec<Vec<u16>>,
            salts_list: Vec<Vec<u16>>,
            version_keys: Vec<u64>,
        ) -> DispatchResult {
            let hotkey = ensure_signed(origin)?;
            let reveals = Reveal::zip::<T>(&uids_list, &values_list, &salts_list, &version_keys)?;
            WeightLedger::<T>::reveal_batch(hotkey, netuid, &reveals)
        }

        /// Lowers the take of a delegate.
        ///
        /// Origin: the coldkey of the hotkey. Effect: stores the take; the wait for the next increase starts anew.
        /// Events: `TakeDecreased`. Errors: `HotKeyAccountNotExists`, `NonAssociatedColdKey`, `DelegateTakeTooLow`.
        /// Cost: a fee.
        #[pallet::call_index(65)]
        #[pallet::weight(measured::Stake::<T>::decrease_take())]
        pub fn decrease_take(origin: OriginFor<T>, hotkey: T::AccountId, take: u16) -> DispatchResult {
            DelegateTakes::<T>::decrease(ensure_signed(origin)?, hotkey, take)
        }

        /// Raises the take of a delegate.
        ///
        /// Origin: the coldkey of the hotkey. Effect: stores the take. Events: `TakeIncreased`. Errors:
        /// `HotKeyAccountNotExists`, `NonAssociatedColdKey`, `DelegateTakeTooLow`, `DelegateTakeTooHigh`,
        /// `DelegateTxRateLimitExceeded`. Cost: a fee.
        #[pallet::call_index(66)]
        #[pallet::weight(measured::Stake::<T>::increase_take())]
        pub fn increase_take(origin: OriginFor<T>, hotkey: T::AccountId, take: u16) -> DispatchResult {
            DelegateTakes::<T>::increase(ensure_signed(origin)?, hotkey, take)
        }

        /// Names the hotkeys to which a hotkey lends its stake on a subnet.
        ///
        /// Origin: the coldkey of the hotkey. Effect: replaces the list of at most 5 (proportion, child); at once
        /// before the start call, otherwise with the first epoch slot after `PendingChildKeyCooldown` blocks. A
        /// child with 64 parents loses the one that lends least. Events: `SetChildren`, `SetChildrenScheduled`.
        /// Errors: `RegistrationNotPermittedOnRootSubnet`, `SubnetNotExists`, `NonAssociatedColdKey`,
        /// `TooManyChildren`, `InvalidChild`, `DuplicateChild`, `ProportionOverflow`, `ChildParentInconsistency`,
        /// `TooManyParents`, `TxRateLimitExceeded`, `NotEnoughStakeToSetChildkeys`. Cost: a fee.
        #[pallet::call_index(67)]
        #[pallet::weight(costs::set_children::<T>(*netuid, children))]
        pub fn set_children(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            children: Vec<(u64, T::AccountId)>,
        ) -> DispatchResult {
            Delegation::<T>::set_children(ensure_signed(origin)?, hotkey, netuid, children)
        }

        /// Sets the part of its parents' dividends that a hotkey keeps on a subnet.
        ///
        /// Origin: the coldkey of the hotkey. Effect: stores the take, 65535 = 1; the wait for the next increase
        /// starts anew. Events: `ChildKeyTakeSet`. Errors: `SubnetNotExists`, `NonAssociatedColdKey`,
        /// `InvalidChildkeyTake`, `TxChildkeyTakeRateLimitExceeded`. Cost: a fee.
        #[pallet::call_index(75)]
        #[pallet::weight(measured::Stake::<T>::set_childkey_take())]
        pub fn set_childkey_take(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            take: u16,
        ) -> DispatchResult {
            ChildkeyTakes::<T>::set(ensure_signed(origin)?, hotkey, netuid, take)
        }

        /// Sets the number of blocks that named children wait before they may take effect.
        ///
        /// Origin: root. Effect: stores the number; pending changes keep their block. Errors: `BadOrigin`. Cost: a fee.
        #[pallet::call_index(109)]
        #[pallet::weight(measured::Subnets::<T>::set_pending_childkey_cooldown())]
        pub fn set_pending_childkey_cooldown(origin: OriginFor<T>, cooldown: u64) -> DispatchResult {
            ensure_root(origin).map_err(Into::into).and_then(|()| Delegation::<T>::set_cooldown(cooldown))
        }

        /// Sets the blocks between a change of a childkey take and its next increase.
        ///
        /// Origin: root. Effect: stores the number. Events: `TxChildKeyTakeRateLimitSet`. Errors: `BadOrigin`. Cost:
        /// a fee.
        #[pallet::call_index(69)]
        #[pallet::weight(measured::Subnets::<T>::sudo_set_tx_childkey_take_rate_limit())]
        pub fn sudo_set_tx_childkey_take_rate_limit(
            origin: OriginFor<T>,
            tx_rate_limit: u64,
        ) -> DispatchResult {
            ensure_root(origin)
                .map_err(Into::into)
                .map(|()| NetworkSettings::<T>::set_childkey_take_rate_limit(tx_rate_limit))
        }

        /// Sets the lowest childkey take of the network, 65535 = 1.
        ///
        /// Origin: root. Effect: stores the number; takes below it stay until they are changed. Events:
        /// `MinChildKeyTakeSet`. Errors: `InvalidChildkeyTake` above the highest. Cost: a fee.
        #[pallet::call_index(76)]
        #[pallet::weight(measured::Subnets::<T>::sudo_set_min_childkey_take())]
        pub fn sudo_set_min_childkey_take(origin: OriginFor<T>, take: u16) -> DispatchResult {
            ensure_root(origin)
                .map_err(Into::into)
                .and_then(|()| NetworkSettings::<T>::set_min_childkey_take(take))
        }

        /// Sets the highest childkey take of the network, 65535 = 1.
        ///
        /// Origin: root. Effect: stores the number; takes above it stay until they are changed. Events:
        /// `MaxChildKeyTakeSet`. Errors: `InvalidChildkeyTake` below the lowest. Cost: a fee.
        #[pallet::call_index(77)]
        #[pallet::weight(measured::Subnets::<T>::sudo_set_max_childkey_take())]
        pub fn sudo_set_max_childkey_take(origin: OriginFor<T>, take: u16) -> DispatchResult {
            ensure_root(origin)
                .map_err(Into::into)
                .and_then(|()| NetworkSettings::<T>::set_max_childkey_take(take))
        }

        /// Buys alpha with free TAO and stakes it.
        ///
        /// Origin: a coldkey. Effect: moves the TAO into the pool, the fee to the author of the block, the alpha
        /// onto the hotkey. Events: `StakeAdded`. Errors: `SubnetNotExists`, `SubtokenDisabled`, `AmountTooLow`,
        /// `NotEnoughBalanceToStake`, `HotKeyAccountNotExists`, `InsufficientLiquidity`. Cost: a fee.
        #[pallet::call_index(2)]
        #[pallet::weight(costs::stake::<T>(*netuid, Signer::ANY))]
        pub fn add_stake(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            amount_staked: TaoBalance,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = costs::stake::<T>(netuid, Signer::holder::<T>(&coldkey));
            costs::used(cost, StakeLedger::<T>::stake(coldkey, hotkey, netuid, amount_staked, None))
        }

        /// Buys alpha up to a price and stakes it.
        ///
        /// Origin: a coldkey. Effect: as `add_stake`, with as much of the TAO as the price in rao of TAO per alpha
        /// allows. Events: `StakeAdded`. Errors: those of `add_stake`, and `SlippageTooHigh`. Cost: a fee.
        #[pallet::call_index(88)]
        #[pallet::weight(costs::stake::<T>(*netuid, Signer::ANY))]
        pub fn add_stake_limit(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            amount_staked: TaoBalance,
            limit_price: u64,
            allow_partial: bool,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = costs::stake::<T>(netuid, Signer::holder::<T>(&coldkey));
            costs::used(
                cost,
                StakeLedger::<T>::stake(
                    coldkey,
                    hotkey,
                    netuid,
                    amount_staked,
                    Some(TradeLimit { price: limit_price, partial: allow_partial }),
                ),
            )
        }

        /// Sells staked alpha for free TAO.
        ///
        /// Origin: a coldkey. Effect: sells at most what the coldkey has on the hotkey; the fee goes to the author
        /// of the block. Events: `StakeRemoved`. Errors: `SubnetNotExists`, `SubtokenDisabled`,
        /// `HotKeyAccountNotExists`, `NotEnoughStakeToWithdraw`, `StakeUnavailable`, `AmountTooLow`,
        /// `InsufficientLiquidity`. Cost: a fee.
        #[pallet::call_index(3)]
        #[pallet::weight(costs::unstake::<T>(hotkey, *netuid, Signer::ANY))]
        pub fn remove_stake(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            amount_unstaked: AlphaBalance,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = costs::unstake::<T>(&hotkey, netuid, Signer::of::<T>(&coldkey, netuid));
            costs::used(cost, StakeLedger::<T>::unstake(coldkey, hotkey, netuid, amount_unstaked, None))
        }

        /// Sells staked alpha down to a price.
        ///
        /// Origin: a coldkey. Effect: as `remove_stake`, with as much of the alpha as the price allows. Events:
        /// `StakeRemoved`. Errors: those of `remove_stake`, and `SlippageTooHigh`. Cost: a fee.
        #[pallet::call_index(89)]
        #[pallet::weight(costs::unstake::<T>(hotkey, *netuid, Signer::ANY))]
        pub fn remove_stake_limit(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            amount_unstaked: AlphaBalance,
            limit_price: u64,
            allow_partial: bool,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = costs::unstake::<T>(&hotkey, netuid, Signer::of::<T>(&coldkey, netuid));
            costs::used(
                cost,
                StakeLedger::<T>::unstake(
                    coldkey,
                    hotkey,
                    netuid,
                    amount_unstaked,
                    Some(TradeLimit { price: limit_price, partial: allow_partial }),
                ),
            )
        }

        /// Sells all staked alpha on a hotkey of one subnet.
        ///
        /// Origin: a coldkey. Effect: as `remove_stake` with everything, or nothing if the price would fall below
        /// the limit. Events: `StakeRemoved`. Errors: those of `remove_stake_limit`. Cost: a fee.
        #[pallet::call_index(103)]
        #[pallet::weight(costs::unstake::<T>(hotkey, *netuid, Signer::ANY))]
        pub fn remove_stake_full_limit(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            limit_price: Option<u64>,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = costs::unstake::<T>(&hotkey, netuid, Signer::of::<T>(&coldkey, netuid));
            costs::used(cost, StakeLedger::<T>::unstake_all_on(coldkey, hotkey, netuid, limit_price))
        }

        /// Sells everything on a hotkey on all subnets.
        ///
        /// Origin: a coldkey. Effect: as `remove_stake` on each subnet; what is locked or can't be sold stays. Events:
        /// `StakeRemoved` for each. Errors: `HotKeyAccountNotExists`. Cost: a fee by the sales tried.
        #[pallet::call_index(83)]
        #[pallet::weight(costs::unstake_everywhere::<T>(hotkey))]
        pub fn unstake_all(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResultWithPostInfo {
            StakeLedger::<T>::unstake_everywhere(ensure_signed(origin)?, hotkey)
        }

        /// Sells all alpha on a hotkey and stakes the TAO on root.
        ///
        /// Origin: a coldkey. Effect: as `unstake_all` without root; the TAO is staked on root with the same
        /// hotkey. Events: `StakeRemoved` for each, `StakeAdded`. Errors: `HotKeyAccountNotExists`, `AmountTooLow`.
        /// Cost: a fee by the sales tried.
        #[pallet::call_index(84)]
        #[pallet::weight(costs::unstake_everywhere::<T>(hotkey))]
        pub fn unstake_all_alpha(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResultWithPostInfo {
            StakeLedger::<T>::move_everything_to_root(ensure_signed(origin)?, hotkey)
        }

        /// Moves stake to another hotkey.
        ///
        /// Origin: a coldkey. Effect: within a subnet hands the alpha over; between subnets sells and buys with one
        /// fee. An amount of `u64::MAX` is all of it, here and in the calls below. Events: `StakeMoved`. Errors:
        /// `SubnetNotExists`, `SubtokenDisabled`, `SameNetuid`, `HotKeyAccountNotExists`, `NotEnoughStakeToWithdraw`,
        /// `StakeUnavailable`, `AmountTooLow`, `InsufficientLiquidity`. Cost: a fee.
        #[pallet::call_index(85)]
        #[pallet::weight(costs::relocate::<T>(*origin_netuid, *destination_netuid, Signer::ANY, Signer::ANY))]
        pub fn move_stake(
            origin: OriginFor<T>,
            origin_hotkey: T::AccountId,
            destination_hotkey: T::AccountId,
            origin_netuid: NetUid,
            destination_netuid: NetUid,
            alpha_amount: AlphaBalance,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let from =
                StakePosition { coldkey: coldkey.clone(), hotkey: origin_hotkey, netuid: origin_netuid };
            let to = StakePosition { coldkey, hotkey: destination_hotkey, netuid: destination_netuid };
            StakeLedger::<T>::move_to_hotkey(from, to, alpha_amount, None)
        }

        /// Moves stake to another hotkey while the ratio of the prices allows it.
        ///
        /// Origin: a coldkey. Effect: as `move_stake`, with as much of the alpha as the ratio of origin price to
        /// destination price (times 10⁹) allows; within a subnet no price moves and the limit is not looked at. Events:
        /// `StakeMoved`. Errors: those of `move_stake`, and `SlippageTooHigh`. Cost: a fee.
        #[pallet::call_index(149)]
        #[pallet::weight(costs::relocate::<T>(*origin_netuid, *destination_netuid, Signer::ANY, Signer::ANY))]
        pub fn move_stake_limit(
            origin: OriginFor<T>,
            origin_hotkey: T::AccountId,
            destination_hotkey: T::AccountId,
            origin_netuid: NetUid,
            destination_netuid: NetUid,
            alpha_amount: AlphaBalance,
            limit_price: u64,
            allow_partial: bool,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let from =
                StakePosition { coldkey: coldkey.clone(), hotkey: origin_hotkey, netuid: origin_netuid };
            let to = StakePosition { coldkey, hotkey: destination_hotkey, netuid: destination_netuid };
            let limit = MoveLimit { ratio: limit_price, partial: allow_partial };
            StakeLedger::<T>::move_to_hotkey(from, to, alpha_amount, Some(limit))
        }

        /// Gives stake to another coldkey.
        ///
        /// Origin: a coldkey. Effect: as `move_stake`, to the same hotkey of another coldkey; within a subnet free
        /// alpha goes first, then locked alpha with its lock. Events: `StakeTransferred`. Errors: those of
        /// `move_stake`, `TransferDisallowed`, `LockHotkeyMismatch` and `AccountRejectsLockedAlpha`. Cost: a fee.
        #[pallet::call_index(86)]
        #[pallet::weight(costs::relocate::<T>(*origin_netuid, *destination_netuid, Signer::ANY, Signer::ANY))]
        pub fn transfer_stake(
            origin: OriginFor<T>,
            destination_coldkey: T::AccountId,
            hotkey: T::AccountId,
            origin_netuid: NetUid,
            destination_netuid: NetUid,
            alpha_amount: AlphaBalance,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let from = StakePosition { coldkey, hotkey: hotkey.clone(), netuid: origin_netuid };
            let to = StakePosition { coldkey: destination_coldkey, hotkey, netuid: destination_netuid };
            StakeLedger::<T>::transfer(from, to, alpha_amount)
        }

        /// Gives stake to another coldkey on another hotkey, and if wanted on another subnet.
        ///
        /// Origin: the coldkey of the stake. Effect: as `transfer_stake`, onto `destination_hotkey`. Events:
        /// `StakeAndHotkeyTransferred`. Errors: those of `transfer_stake`. Cost: a fee.
        #[pallet::call_index(143)]
        #[pallet::weight(costs::relocate::<T>(*origin_netuid, *destination_netuid, Signer::ANY, Signer::ANY))]
        pub fn transfer_stake_and_hotkey(
            origin: OriginFor<T>,
            destination_coldkey: T::AccountId,
            origin_hotkey: T::AccountId,
            destination_hotkey: T::AccountId,
            origin_netuid: NetUid,
            destination_netuid: NetUid,
            alpha_amount: AlphaBalance,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let from = StakePosition { coldkey, hotkey: origin_hotkey, netuid: origin_netuid };
            let to = StakePosition {
                coldkey: destination_coldkey,
                hotkey: destination_hotkey,
                netuid: destination_netuid,
            };
            StakeLedger::<T>::transfer_to_hotkey(from, to, alpha_amount, None)
        }

        /// Gives stake to another coldkey while the ratio of the prices allows it.
        ///
        /// Origin: the coldkey of the stake. Effect: as `transfer_stake_and_hotkey`, with as much of the alpha as the
        /// ratio of origin price to destination price (times 10⁹) allows; within a subnet no price moves and the limit
        /// is not looked at. Events: `StakeAndHotkeyTransferred`. Errors: those of `transfer_stake`, and
        /// `SlippageTooHigh`. Cost: a fee.
        #[pallet::call_index(200)]
        #[pallet::weight(costs::relocate::<T>(*origin_netuid, *destination_netuid, Signer::ANY, Signer::ANY))]
        pub fn transfer_stake_limit(
            origin: OriginFor<T>,
            destination_coldkey: T::AccountId,
            origin_hotkey: T::AccountId,
            destination_hotkey: T::AccountId,
            origin_netuid: NetUid,
            destination_netuid: NetUid,
            alpha_amount: AlphaBalance,
            limit_price: u64,
            allow_partial: bool,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let from = StakePosition { coldkey, hotkey: origin_hotkey, netuid: origin_netuid };
            let to = StakePosition {
                coldkey: destination_coldkey,
                hotkey: destination_hotkey,
                netuid: destination_netuid,
            };
            let limit = MoveLimit { ratio: limit_price, partial: allow_partial };
            StakeLedger::<T>::transfer_to_hotkey(from, to, alpha_amount, Some(limit))
        }

        /// Moves stake to another subnet.
        ///
        /// Origin: a coldkey. Effect: sells and buys with one fee. Events: `StakeSwapped`. Errors: those of
        /// `move_stake`. Cost: a fee.
        #[pallet::call_index(87)]
        #[pallet::weight(costs::relocate::<T>(*origin_netuid, *destination_netuid, Signer::ANY, Signer::ANY))]
        pub fn swap_stake(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            origin_netuid: NetUid,
            destination_netuid: NetUid,
            alpha_amount: AlphaBalance,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let from = StakePosition { coldkey, hotkey, netuid: origin_netuid };
            StakeLedger::<T>::swap(from, destination_netuid, alpha_amount, None)
        }

        /// Moves stake to another subnet while the ratio of the prices allows it.
        ///
        /// Origin: a coldkey. Effect: as `swap_stake`, with as much of the alpha as the ratio of origin price to
        /// destination price (times 10⁹) allows. Events: `StakeSwapped`. Errors: those of `swap_stake`, and
        /// `SlippageTooHigh`. Cost: a fee.
        #[pallet::call_index(90)]
        #[pallet::weight(costs::relocate::<T>(*origin_netuid, *destination_netuid, Signer::ANY, Signer::ANY))]
        pub fn swap_stake_limit(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            origin_netuid: NetUid,
            destination_netuid: NetUid,
            alpha_amount: AlphaBalance,
            limit_price: u64,
            allow_partial: bool,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let from = StakePosition { coldkey, hotkey, netuid: origin_netuid };
            let limit = MoveLimit { ratio: limit_price, partial: allow_partial };
            StakeLedger::<T>::swap(from, destination_netuid, alpha_amount, Some(limit))
        }

        /// Destroys staked alpha, so that it may be minted again.
        ///
        /// Origin: a coldkey. Effect: the alpha leaves the hotkey and the supply. Events: `AlphaRecycled`. Errors:
        /// `SubnetNotExists`, `CannotBurnOrRecycleOnRootSubnet`, `HotKeyAccountNotExists`, `AmountTooLow`,
        /// `NotEnoughStakeToWithdraw`, `StakeUnavailable`. Cost: a fee.
        #[pallet::call_index(101)]
        #[pallet::weight(costs::destroy::<T>(Signer::ANY))]
        pub fn recycle_alpha(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            amount: AlphaBalance,
            netuid: NetUid,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = costs::destroy::<T>(Signer::of::<T>(&coldkey, netuid));
            costs::used(cost, StakeLedger::<T>::recycle(coldkey, hotkey, amount, netuid))
        }

        /// Destroys staked alpha for ever.
        ///
        /// Origin: a coldkey. Effect: the alpha leaves the hotkey and counts as outstanding without a holder.
        /// Events: `AlphaBurned`. Errors: those of `recycle_alpha`. Cost: a fee.
        #[pallet::call_index(102)]
        #[pallet::weight(costs::destroy::<T>(Signer::ANY))]
        pub fn burn_alpha(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            amount: AlphaBalance,
            netuid: NetUid,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = costs::destroy::<T>(Signer::of::<T>(&coldkey, netuid));
            costs::used(cost, StakeLedger::<T>::burn(coldkey, hotkey, amount, netuid))
        }

        /// Buys alpha with free TAO and burns it.
        ///
        /// Origin: a coldkey. Effect: as `add_stake`, or as `add_stake_limit` with everything or nothing if a limit
        /// in rao of TAO per alpha is given; then as `burn_alpha` with what was bought. Events: `StakeAdded`,
        /// `AlphaBurned`, `AddStakeBurn`. Errors: those of `add_stake_limit` and `burn_alpha`. Cost: a fee.
        #[pallet::call_index(132)]
        #[pallet::weight(costs::stake_and_burn::<T>(Signer::ANY))]
        pub fn add_stake_burn(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            amount: TaoBalance,
            limit: Option<TaoBalance>,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = costs::stake_and_burn::<T>(Signer::of::<T>(&coldkey, netuid));
            costs::used(cost, StakeLedger::<T>::stake_and_burn(coldkey, hotkey, netuid, amount, limit))
        }

        /// Locks alpha of the coldkey on a subnet in favour of a hotkey.
        ///
        /// Origin: a coldkey. Effect: the amount can't leave the subnet until the lock has melted, and conviction in
        /// favour of the hotkey grows; adds to a lock that exists. Events: `StakeLocked`. Errors:
        /// `SubnetNotExists`, `HotKeyAccountNotExists`, `AmountTooLow`, `LockHotkeyMismatch`,
        /// `InsufficientStakeForLock`. Cost: a fee.
        #[pallet::call_index(136)]
        #[pallet::weight(costs::lock::<T>(Signer::ANY))]
        pub fn lock_stake(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            amount: AlphaBalance,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = costs::lock::<T>(Signer::locking::<T>(&coldkey));
            costs::used(cost, Locks::<T>::lock(&coldkey, &hotkey, netuid, amount))
        }

        /// Changes the favoured hotkey of a lock.
        ///
        /// Origin: a coldkey. Effect: conviction starts anew, unless both hotkeys have the same owner. Events:
        /// `LockMoved`. Errors: `SubnetNotExists`, `HotKeyAccountNotExists`, `NoExistingLock`. Cost: a fee.
        #[pallet::call_index(137)]
        #[pallet::weight(measured::Stake::<T>::move_lock())]
        pub fn move_lock(
            origin: OriginFor<T>,
            destination_hotkey: T::AccountId,
            netuid: NetUid,
        ) -> DispatchResult {
            Locks::<T>::move_to(ensure_signed(origin)?, destination_hotkey, netuid)
        }

        /// Chooses whether the coldkey's lock on a subnet melts.
        ///
        /// Origin: a coldkey. Effect: a perpetual lock keeps its mass until it is made to melt again. Events:
        /// `PerpetualLockUpdated`. Errors: `SubnetNotExists`. Cost: a fee.
        #[pallet::call_index(138)]
        #[pallet::weight(measured::Stake::<T>::set_perpetual_lock())]
        pub fn set_perpetual_lock(origin: OriginFor<T>, netuid: NetUid, enabled: bool) -> DispatchResult {
            Locks::<T>::set_perpetual(ensure_signed(origin)?, netuid, enabled)
        }

        /// Chooses whether others may transfer locked alpha to the coldkey; at first they may not.
        ///
        /// Origin: a coldkey. Effect: stores the choice. Events: `RejectLockedAlphaUpdated`. Cost: a fee.
        #[pallet::call_index(142)]
        #[pallet::weight(measured::Stake::<T>::set_reject_locked_alpha())]
        pub fn set_reject_locked_alpha(origin: OriginFor<T>, enabled: bool) -> DispatchResult {
            Locks::<T>::set_rejecting(ensure_signed(origin)?, enabled)
        }

        /// Announces the endpoint of a neuron.
        ///
        /// Origin: a hotkey of the subnet. Effect: stores the endpoint. Events: `AxonServed`. Errors:
        /// `SubnetNotExists`, `HotKeyNotRegisteredInSubNet`, `InvalidIpType`, `InvalidIpAddress`, `InvalidPort`,
        /// `ServingRateLimitExceeded`. Cost: no fee, because hotkeys hold no TAO, unless the subnet lets them
        /// announce more often than every ten blocks.
        #[pallet::call_index(4)]
        #[pallet::weight((measured::Neurons::<T>::serve_axon(), DispatchClass::Normal, Endpoints::<T>::pays(*netuid)))]
        pub fn serve_axon(
            origin: OriginFor<T>,
            netuid: NetUid,
            version: u32,
            ip: u128,
            port: u16,
            ip_type: u8,
            protocol: u8,
            placeholder1: u8,
            placeholder2: u8,
        ) -> DispatchResult {
            Endpoints::<T>::serve_axon(
                ensure_signed(origin)?,
                netuid,
                AxonInfo { block: 0, version, ip, port, ip_type, protocol, placeholder1, placeholder2 },
                None,
            )
        }

        /// Announces the endpoint of a neuron, and its TLS key.
        ///
        /// Origin: a hotkey of the subnet. Effect: as `serve_axon`; the first byte of the certificate is the
        /// algorithm, the rest the key of at most 64 bytes. Events: `AxonServed`. Errors: those of `serve_axon`,
        /// and `InvalidValue`. Cost: as `serve_axon`.
        #[pallet::call_index(40)]
        #[pallet::weight((measured::Neurons::<T>::serve_axon_tls(), DispatchClass::Normal, Endpoints::<T>::pays(*netuid)))]
        pub fn serve_axon_tls(
            origin: OriginFor<T>,
            netuid: NetUid,
            version: u32,
            ip: u128,
            port: u16,
            ip_type: u8,
            protocol: u8,
            placeholder1: u8,
            placeholder2: u8,
            certificate: Vec<u8>,
        ) -> DispatchResult {
            Endpoints::<T>::serve_axon(
                ensure_signed(origin)?,
                netuid,
                AxonInfo { block: 0, version, ip, port, ip_type, protocol, placeholder1, placeholder2 },
                Some(&certificate),
            )
        }

        /// Announces the metrics endpoint of a neuron.
        ///
        /// Origin: a hotkey of the subnet. Effect: stores the endpoint. Events: `PrometheusServed`. Errors: those
        /// of `serve_axon`. Cost: as `serve_axon`.
        #[pallet::call_index(5)]
        #[pallet::weight((measured::Neurons::<T>::serve_prometheus(), DispatchClass::Normal, Endpoints::<T>::pays(*netuid)))]
        pub fn serve_prometheus(
            origin: OriginFor<T>,
            netuid: NetUid,
            version: u32,
            ip: u128,
            port: u16,
            ip_type: u8,
        ) -> DispatchResult {
            Endpoints::<T>::serve_prometheus(
                ensure_signed(origin)?,
                netuid,
                PrometheusInfo { block: 0, version, ip, port, ip_type },
            )
        }

        /// Registers a neuron at the current price.
        ///
        /// Origin: a coldkey. Effect: buys alpha for the price and recycles it; the hotkey gets a uid, in the place
        /// of the weakest neuron if the subnet is full; the price rises. Events: `NeuronRegistered`. Errors:
        /// `RegistrationNotPermittedOnRootSubnet`, `SubnetNotExists`, `SubNetRegistrationDisabled`,
        /// `HotKeyAlreadyRegisteredInSubNet`, `NotEnoughBalanceToStake`, `NonAssociatedColdKey`,
        /// `NoNeuronIdAvailable`, `InsufficientLiquidity`. Cost: a fee.
        #[pallet::call_index(7)]
        #[pallet::weight(costs::register::<T>(*netuid, Signer::ANY))]
        pub fn burned_register(
            origin: OriginFor<T>,
            netuid: NetUid,
            hotkey: T::AccountId,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = costs::register::<T>(netuid, Signer::owner::<T>(&coldkey));
            costs::used(cost, NeuronRegistry::<T>::register(coldkey, netuid, hotkey, PriceLimit::None))
        }

        /// Registers a neuron at the current price, by the older call of registration by proof of work.
        ///
        /// Origin: a coldkey. Effect: as `burned_register`; the work and the coldkey named are ignored. Events:
        /// `NeuronRegistered`. Errors: those of `burned_register`. Cost: a fee.
        #[pallet::call_index(6)]
        #[pallet::weight(costs::register::<T>(*netuid, Signer::ANY))]
        pub fn register(
            origin: OriginFor<T>,
            netuid: NetUid,
            _block_number: u64,
            _nonce: u64,
            _work: Vec<u8>,
            hotkey: T::AccountId,
            _coldkey: T::AccountId,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = costs::register::<T>(netuid, Signer::owner::<T>(&coldkey));
            costs::used(cost, NeuronRegistry::<T>::register(coldkey, netuid, hotkey, PriceLimit::None))
        }

        /// Registers a neuron unless the price is above a limit.
        ///
        /// Origin: a coldkey. Effect: as `burned_register`. Events: `NeuronRegistered`. Errors: those of
        /// `burned_register`, and `RegistrationPriceLimitExceeded`. Cost: a fee.
        #[pallet::call_index(134)]
        #[pallet::weight(costs::register::<T>(*netuid, Signer::ANY))]
        pub fn register_limit(
            origin: OriginFor<T>,
            netuid: NetUid,
            hotkey: T::AccountId,
            limit_price: u64,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = costs::register::<T>(netuid, Signer::owner::<T>(&coldkey));
            costs::used(
                cost,
                NeuronRegistry::<T>::register(
                    coldkey,
                    netuid,
                    hotkey,
                    PriceLimit::AtMost(limit_price.into()),
                ),
            )
        }

        /// Gives a hotkey a place on root.
        ///
        /// Origin: a coldkey. Effect: takes a free place, or that of the member with the least root stake; the
        /// hotkey becomes a delegate. Events: `NeuronRegistered`, `DelegateAdded`. Errors:
        /// `TooManyRegistrationsThisBlock`, `TooManyRegistrationsThisInterval`, `HotKeyAlreadyRegisteredInSubNet`,
        /// `NonAssociatedColdKey`, `StakeTooLowForRoot`. Cost: a fee.
        #[pallet::call_index(62)]
        #[pallet::weight(costs::root_register::<T>(Signer::ANY))]
        pub fn root_register(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = costs::root_register::<T>(Signer::owner::<T>(&coldkey));
            costs::used(cost, NeuronRegistry::<T>::register_on_root(coldkey, hotkey))
        }

        /// Creates a subnet.
        ///
        /// Origin: a coldkey, its owner. Effect: pays the lock cost into a new pool; the hotkey becomes uid 0;
        /// willing root validators lend it their stake. At the limit of subnets the one with the lowest moving price
        /// gives way, and the new one comes when that is gone. Events: `NetworkAdded`, `NeuronRegistered`, or
        /// `NetworkRemoved`, `NetworkRegistrationQueued`. Errors:
        /// `NonAssociatedColdKey`, `SubNetRegistrationDisabled`, `NetworkTxRateLimitExceeded`,
        /// `SubnetLimitReached`, `CannotAffordLockCost`. Cost: a fee.
        #[pallet::call_index(59)]
        #[pallet::weight(costs::register_network::<T>(Signer::ANY))]
        pub fn register_network(origin: OriginFor<T>, hotkey: T::AccountId) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = costs::register_network::<T>(Signer::owner::<T>(&coldkey));
            costs::used(cost, SubnetRegistry::<T>::register(coldkey, hotkey, None, PriceLimit::None))
        }

        /// Creates a subnet and publishes its identity.
        ///
        /// Origin: a coldkey, its owner. Effect: as `register_network`. Events: as `register_network`, and
        /// `SubnetIdentitySet`. Errors: those of `register_network`, and `InvalidIdentity`. Cost: a fee.
        #[pallet::call_index(79)]
        #[pallet::weight(costs::register_network::<T>(Signer::ANY))]
        pub fn register_network_with_identity(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            identity: Option<SubnetIdentityV3>,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = costs::register_network::<T>(Signer::owner::<T>(&coldkey));
            let limit = PriceLimit::None;
            costs::used(cost, SubnetRegistry::<T>::register(coldkey, hotkey, identity, limit))
        }

        /// Creates a subnet if it costs no more than a limit.
        ///
        /// Origin: a coldkey, its owner. Effect: as `register_network_with_identity`. `limit_price` is in rao. Events:
        /// as `register_network_with_identity`. Errors: those of it, and `RegistrationPriceLimitExceeded`. Cost: a fee.
        #[pallet::call_index(201)]
        #[pallet::weight(costs::register_network::<T>(Signer::ANY))]
        pub fn register_network_limit(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            identity: Option<SubnetIdentityV3>,
            limit_price: u64,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = costs::register_network::<T>(Signer::owner::<T>(&coldkey));
            let limit = PriceLimit::AtMost(limit_price.into());
            costs::used(cost, SubnetRegistry::<T>::register(coldkey, hotkey, identity, limit))
        }

        /// Opens trade and emission of a subnet, once.
        ///
        /// Origin: the owner of the subnet. Effect: the subnet is paid from the next block on. Events:
        /// `FirstEmissionBlockNumberSet`. Errors: `SubnetNotExists`, `NotSubnetOwner`,
        /// `FirstEmissionBlockNumberAlreadySet`, `NeedWaitingMoreBlocksToStarCall`. Cost: a fee.
        #[pallet::call_index(92)]
        #[pallet::weight(measured::Subnets::<T>::start_call())]
        pub fn start_call(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
            SubnetRegistry::<T>::start(ensure_signed(origin)?, netuid)
        }

        /// Removes a subnet.
        ///
        /// Origin: root. Effect: the subnet is gone at once; over the next blocks its pool is shared among the holders
        /// of its alpha, what belongs to nobody is recycled, and its number becomes free. Events: `NetworkRemoved`,
        /// later `SubnetLiquidated` and `NetworkDissolveCleanupCompleted`. Errors: `SubnetNotExists`. Cost: a fee.
        #[pallet::call_index(120)]
        #[pallet::weight(costs::root_dissolve_network::<T>())]
        pub fn root_dissolve_network(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
            ensure_root(origin).map_err(Into::into).and_then(|()| SubnetRemoval::<T>::dissolve(netuid))
        }

        /// Publishes a description of the owner of a coldkey.
        ///
        /// Origin: a coldkey with a hotkey on some subnet. Effect: replaces the identity. Events:
        /// `ChainIdentitySet`. Errors: `HotKeyNotRegisteredInNetwork`, `InvalidIdentity`. Cost: a fee.
        #[pallet::call_index(68)]
        #[pallet::weight(costs::identity::<T>())]
        pub fn set_identity(
            origin: OriginFor<T>,
            name: Vec<u8>,
            url: Vec<u8>,
            github_repo: Vec<u8>,
            image: Vec<u8>,
            discord: Vec<u8>,
            description: Vec<u8>,
            additional: Vec<u8>,
        ) -> DispatchResult {
            Identities::<T>::publish(
                ensure_signed(origin)?,
                ChainIdentityV2 { name, url, github_repo, image, discord, description, additional },
            )
        }

        /// Publishes the description of a subnet.
        ///
        /// Origin: the owner of the subnet. Effect: replaces the identity. Events: `SubnetIdentitySet`. Errors:
        /// `SubnetNotExists`, `NotSubnetOwner`, `InvalidIdentity`. Cost: a fee.
        #[pallet::call_index(78)]
        #[pallet::weight(measured::Subnets::<T>::set_subnet_identity())]
        pub fn set_subnet_identity(
            origin: OriginFor<T>,
            netuid: NetUid,
            subnet_name: Vec<u8>,
            github_repo: Vec<u8>,
            subnet_contact: Vec<u8>,
            subnet_url: Vec<u8>,
            discord: Vec<u8>,
            description: Vec<u8>,
            logo_url: Vec<u8>,
            additional: Vec<u8>,
        ) -> DispatchResult {
            Identities::<T>::publish_subnet(
                ensure_signed(origin)?,
                netuid,
                SubnetIdentityV3 {
                    subnet_name,
                    github_repo,
                    subnet_contact,
                    subnet_url,
                    discord,
                    description,
                    logo_url,
                    additional,
                },
            )
        }

        /// Claims a hotkey that nobody owns.
        ///
        /// Origin: a coldkey. Effect: the coldkey owns the hotkey; nothing happens if it has an owner already. Cost: a
        /// fee.
        #[pallet::call_index(91)]
        #[pallet::weight(costs::associate::<T>(Signer::ANY))]
        pub fn try_associate_hotkey(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            let cost = costs::associate::<T>(Signer::owner::<T>(&coldkey));
            costs::used(cost, KeyOwnership::<T>::associate(coldkey, hotkey))
        }

        /// Replaces a hotkey by another, which gets its stake.
        ///
        /// Origin: the coldkey of the hotkey. Effect: as `swap_hotkey_v2` without `keep_stake`. Events: as
        /// `swap_hotkey_v2`. Errors: as `swap_hotkey_v2`. Cost: as `swap_hotkey_v2`.
        #[pallet::call_index(70)]
        #[pallet::weight(costs::swap_hotkey::<T>(*netuid))]
        pub fn swap_hotkey(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            new_hotkey: T::AccountId,
            netuid: Option<NetUid>,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            KeyOwnership::<T>::swap_hotkey(coldkey, hotkey, new_hotkey, netuid, false)
        }

        /// Replaces a hotkey by another, on one subnet or on all.
        ///
        /// Origin: the coldkey of the hotkey; the new one is its own or nobody's. Effect: recycles 0.1 TAO, or 0.001
        /// for one subnet; the new hotkey gets uids, endpoints, family, takes, votes and, unless it is kept, the
        /// stake of everybody. A call moves the stake of at least one holder and of as many as its cost pays for;
        /// the same call goes on with the rest, without a price. Events: `HotkeySwapped`, `HotkeySwappedOnSubnet`,
        /// `SetChildren`, `SubnetOwnerHotkeySet`. Errors: `SubnetNotExists`, `NewHotKeyIsSameWithOld`,
        /// `NonAssociatedColdKey`, `HotKeyAlreadyRegisteredInSubNet`, `HotKeySwapOnSubnetIntervalNotPassed`,
        /// `NewHotKeyNotCleanForRootSwap`, `NotEnoughBalanceToPaySwapHotKey`. Cost: a fee by what was moved.
        #[pallet::call_index(72)]
        #[pallet::weight(costs::swap_hotkey::<T>(*netuid))]
        pub fn swap_hotkey_v2(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            new_hotkey: T::AccountId,
            netuid: Option<NetUid>,
            keep_stake: bool,
        ) -> DispatchResultWithPostInfo {
            let coldkey = ensure_signed(origin)?;
            KeyOwnership::<T>::swap_hotkey(coldkey, hotkey, new_hotkey, netuid, keep_stake)
        }

        /// Chooses another token symbol of the list.
        ///
        /// Origin: the owner of the subnet. Effect: stores the symbol. Events: `SymbolUpdated`. Errors:
        /// `SubnetNotExists`, `NotSubnetOwner`, `SymbolDoesNotExist`, `SymbolAlreadyInUse`. Cost: a fee.
        #[pallet::call_index(112)]
        #[pallet::weight(costs::symbol::<T>())]
        pub fn update_symbol(origin: OriginFor<T>, netuid: NetUid, symbol: Vec<u8>) -> DispatchResult {
            SubnetRegistry::<T>::update_symbol(ensure_signed(origin)?, netuid, symbol)
        }

        /// Chooses the hotkey on which a coldkey's miner emission is staked.
        ///
        /// Origin: a coldkey. Effect: stores the choice for the subnet. Events: `AutoStakeDestinationSet`. Errors:
        /// `SubnetNotExists`, `HotKeyNotRegisteredInSubNet`, `SameAutoStakeHotkeyAlreadySet`. Cost: a fee.
        #[pallet::call_index(114)]
        #[pallet::weight(measured::Stake::<T>::set_coldkey_auto_stake_hotkey())]
        pub fn set_coldkey_auto_stake_hotkey(
            origin: OriginFor<T>,
            netuid: NetUid,
            hotkey: T::AccountId,
        ) -> DispatchResult {
            StakeLedger::<T>::choose_auto_stake(ensure_signed(origin)?, netuid, hotkey)
        }

        /// Claims root dividends of up to 5 subnets.
        ///
        /// Origin: a coldkey. Effect: sells or keeps what is owed, as the coldkey chose; all or nothing. On a subnet
        /// that does not exist nothing is owed. Events: `RootClaimed`. Errors: `InvalidSubnetNumber`, and those of a
        /// sale. Cost: a fee by what was claimed.
        #[pallet::call_index(121)]
        #[pallet::weight(costs::claim::<T>(subnets.len()))]
        pub fn claim_root(origin: OriginFor<T>, subnets: BTreeSet<NetUid>) -> DispatchResultWithPostInfo {
            RootClaims::<T>::claim(ensure_signed(origin)?, subnets)
        }

        /// Claims root dividends of all subnets on one hotkey.
        ///
        /// Origin: a coldkey with root stake on the hotkey. Effect: as `claim_root`, for this hotkey alone. Events:
        /// `RootClaimed` if there was anything to claim. Errors: `HotKeyAccountNotExists`. Cost: a fee by what was
        /// claimed.
        #[pallet::call_index(148)]
        #[pallet::weight(costs::claim_on::<T>())]
        pub fn claim_root_with_hotkey(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
        ) -> DispatchResultWithPostInfo {
            RootClaims::<T>::claim_on(ensure_signed(origin)?, hotkey)
        }

        /// Chooses the form of root dividends.
        ///
        /// Origin: a coldkey. Effect: stores the choice. Events: `RootClaimTypeSet`. Errors: `InvalidSubnetNumber`,
        /// `SubnetNotExists`. Cost: a fee.
        #[pallet::call_index(122)]
        #[pallet::weight(costs::root_claim_type::<T>(new_root_claim_type))]
        pub fn set_root_claim_type(
            origin: OriginFor<T>,
            new_root_claim_type: RootClaimTypeEnum,
        ) -> DispatchResult {
            RootClaims::<T>::choose_type(ensure_signed(origin)?, new_root_claim_type)
        }

        /// Sets the number of coldkeys that are claimed for in a block.
        ///
        /// Origin: root. Effect: stores the number, at most 50. Errors: `InvalidNumRootClaim`. Cost: a fee.
        #[pallet::call_index(123)]
        #[pallet::weight(measured::Subnets::<T>::sudo_set_num_root_claims())]
        pub fn sudo_set_num_root_claims(origin: OriginFor<T>, new_value: u64) -> DispatchResult {
            ensure_root(origin)
                .map_err(Into::into)
                .and_then(|()| RootClaims::<T>::set_claims_per_block(new_value))
        }

        /// Sets the smallest claim on a subnet.
        ///
        /// Origin: root, or the owner of the subnet. Effect: stores the threshold in rao. Errors:
        /// `SubnetNotExists`, `NotSubnetOwner`, `AdminActionProhibitedDuringWeightsWindow`,
        /// `InvalidRootClaimThreshold`. Cost: a fee.
        #[pallet::call_index(124)]
        #[pallet::weight(measured::Subnets::<T>::sudo_set_root_claim_threshold())]
        pub fn sudo_set_root_claim_threshold(
            origin: OriginFor<T>,
            netuid: NetUid,
            new_value: u64,
        ) -> DispatchResult {
            RateLimits::<T>::authorise(origin, netuid)
                .and_then(|_| RootClaims::<T>::set_threshold(netuid, new_value))
        }

        /// Begins to track the voting power of a subnet's validators.
        ///
        /// Origin: root, or the owner of the subnet. Effect: every epoch moves each validator's power toward its
        /// stake; an end that was scheduled is taken back. Events: `VotingPowerTrackingEnabled`. Errors:
        /// `SubnetNotExists`, `NotSubnetOwner`. Cost: a fee.
        #[pallet::call_index(129)]
        #[pallet::weight(measured::Subnets::<T>::enable_voting_power_tracking())]
        pub fn enable_voting_power_tracking(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
            VotingPowers::<T>::enable(origin, netuid)
        }

        /// Ends the tracking of voting power, with the first epoch after 100,800 blocks.
        ///
        /// Origin: root, or the owner of the subnet. Effect: schedules the end; then all power is forgotten. Events:
        /// `VotingPowerTrackingDisableScheduled`. Errors: `SubnetNotExists`, `NotSubnetOwner`,
        /// `VotingPowerTrackingNotEnabled`. Cost: a fee.
        #[pallet::call_index(130)]
        #[pallet::weight(measured::Subnets::<T>::disable_voting_power_tracking())]
        pub fn disable_voting_power_tracking(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
            VotingPowers::<T>::disable(origin, netuid)
        }

        /// Sets the speed at which voting power follows stake on a subnet.
        ///
        /// Origin: root. Effect: stores the rate, 10¹⁸ = at once. Events: `VotingPowerEmaAlphaSet`. Errors:
        /// `SubnetNotExists`, `InvalidVotingPowerEmaAlpha`. Cost: a fee.
        #[pallet::call_index(131)]
        #[pallet::weight(measured::Subnets::<T>::sudo_set_voting_power_ema_alpha())]
        pub fn sudo_set_voting_power_ema_alpha(
            origin: OriginFor<T>,
            netuid: NetUid,
            alpha: u64,
        ) -> DispatchResult {
            ensure_root(origin)
                .map_err(Into::into)
                .and_then(|()| VotingPowers::<T>::set_ema_alpha(netuid, alpha))
        }

        /// Chooses whether a root validator lends its stake to new subnets.
        ///
        /// Origin: the coldkey of the hotkey. Effect: stores the choice. Events: `AutoParentDelegationEnabledSet`.
        /// Errors: `HotKeyAccountNotExists`, `NonAssociatedColdKey`. Cost: a fee.
        #[pallet::call_index(135)]
        #[pallet::weight(measured::Stake::<T>::set_auto_parent_delegation_enabled())]
        pub fn set_auto_parent_delegation_enabled(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            enabled: bool,
        ) -> DispatchResult {
            Delegation::<T>::set_auto_parent(ensure_signed(origin)?, hotkey, enabled)
        }

        /// Changes the tempo of a subnet.
        ///
        /// Origin: the owner of the subnet. Effect: stores a tempo within 360 and 50,400 and begins a new period;
        /// once per 360 blocks. Events: `TempoSet`. Errors: `SubnetNotExists`, `NotSubnetOwner`,
        /// `AdminActionProhibitedDuringWeightsWindow`, `TxRateLimitExceeded`, `TempoOutOfBounds`,
        /// `RevealNotBeforeImmunityEnds`. Cost: a fee.
        #[pallet::call_index(139)]
        #[pallet::weight(measured::Subnets::<T>::set_tempo())]
        pub fn set_tempo(origin: OriginFor<T>, netuid: NetUid, tempo: u16) -> DispatchResult {
            SubnetRegistry::<T>::set_tempo(ensure_signed(origin)?, netuid, tempo)
        }

        /// Changes the number of tempos after which a validator counts as idle.
        ///
        /// Origin: the owner of the subnet. Effect: stores a factor within 1,000 and 50,000 thousandths. Events:
        /// `ActivityCutoffFactorMilliSet`. Errors: `SubnetNotExists`, `NotSubnetOwner`,
        /// `AdminActionProhibitedDuringWeightsWindow`, `TxRateLimitExceeded`,
        /// `ActivityCutoffFactorMilliOutOfBounds`. Cost: a fee.
        #[pallet::call_index(140)]
        #[pallet::weight(measured::Subnets::<T>::set_activity_cutoff_factor())]
        pub fn set_activity_cutoff_factor(
            origin: OriginFor<T>,
            netuid: NetUid,
            factor_milli: u32,
        ) -> DispatchResult {
            SubnetRegistry::<T>::set_activity_cutoff_factor(ensure_signed(origin)?, netuid, factor_milli)
        }

        /// Requests an epoch before the tempo brings one.
        ///
        /// Origin: the owner of the subnet. Effect: the epoch runs after the freeze window. Events:
        /// `EpochTriggered`. Errors: `SubnetNotExists`, `NotSubnetOwner`, `DynamicTempoBlockedByCommitReveal`,
        /// `EpochTriggerAlreadyPending`, `AutoEpochAlreadyImminent`, `TxRateLimitExceeded`. Cost: a fee.
        #[pallet::call_index(141)]
        #[pallet::weight(measured::Subnets::<T>::trigger_epoch())]
        pub fn trigger_epoch(origin: OriginFor<T>, netuid: NetUid) -> DispatchResult {
            SubnetRegistry::<T>::trigger_epoch(ensure_signed(origin)?, netuid)
        }

        /// Announces the rule by which a mechanism judges.
        ///
        /// Origin: the owner of the subnet outside the freeze window, or root. Effect: the first rubric is in force at
        /// once. Another one of root is in force `RubricNotice` blocks later, and one of the owner ten days after that.
        /// A rubric that was announced before and is not in force is dropped. For half a year after root's call the
        /// owner announces and withdraws nothing. Events: `RubricAnnounced`. Errors: `SubnetNotExists`,
        /// `NotSubnetOwner`, `AdminActionProhibitedDuringWeightsWindow`, `MechanismDoesNotExist`,
        /// `RubricDecidedByVote`, `RubricTextOutOfBounds`, `RubricInForce`. Cost: a fee.
        #[pallet::call_index(202)]
        #[pallet::weight(measured::Subnets::<T>::announce_rubric())]
        pub fn announce_rubric(
            origin: OriginFor<T>,
            netuid: NetUid,
            mecid: MechId,
            rubric: RubricSource,
        ) -> DispatchResult {
            Rubrics::<T>::announce(origin, netuid, mecid, rubric)
        }

        /// Withdraws an announced rubric.
        ///
        /// Origin: the owner of the subnet outside the freeze window, or root. Effect: the rubric in force stays. For
        /// half a year after root's call, which needs no announced rubric, the owner changes nothing. Without one, root
        /// keeps a rubric that is in force for 30 days. Events: `RubricWithdrawn` if one was announced. Errors:
        /// `SubnetNotExists`, `NotSubnetOwner`, `AdminActionProhibitedDuringWeightsWindow`, `RubricDecidedByVote`,
        /// `NoRubricAnnounced`, `RubricTooYoung`. Cost: a fee.
        #[pallet::call_index(203)]
        #[pallet::weight(measured::Subnets::<T>::withdraw_rubric())]
        pub fn withdraw_rubric(origin: OriginFor<T>, netuid: NetUid, mecid: MechId) -> DispatchResult {
            Rubrics::<T>::withdraw(origin, netuid, mecid)
        }

        /// Sets the notice between the announcement of a rubric and its first block in force.
        ///
        /// Origin: root. Effect: stores the number; an announced rubric keeps its block. Events: `RubricNoticeSet`.
        /// Errors: `InvalidValue`. Cost: a fee.
        #[pallet::call_index(204)]
        #[pallet::weight(measured::Subnets::<T>::sudo_set_rubric_notice())]
        pub fn sudo_set_rubric_notice(origin: OriginFor<T>, blocks: u64) -> DispatchResult {
            ensure_root(origin).map_err(Into::into).and_then(|()| Rubrics::<T>::set_notice(blocks))
        }

        /// Commits to weights on one mechanism by their salted hash, and to the evidence of this epoch by its root.
        ///
        /// Origin: a hotkey of the subnet. Effect: as `commit_mechanism_weights`; the root is kept beside the commit.
        /// Events: `WeightsCommitted`, `EvidenceCommitted`. Errors: as `commit_weights`, `NotEnoughStakeToSetWeights`.
        /// Cost: no fee.
        #[pallet::call_index(205)]
        #[pallet::weight((costs::proven_commit::<T>(), DispatchClass::Normal, Pays::No))]
        pub fn commit_proven_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            mecid: MechId,
            commit_hash: T::Hash,
            root: [u8; 32],
        ) -> DispatchResult {
            EvidenceLedger::<T>::commit(ensure_signed(origin)?, netuid, mecid, commit_hash, root)
        }

        /// Reveals weights that were committed with a root, and proves that the miners they pay were asked.
        ///
        /// Origin: the hotkey that committed. Effect: as `reveal_mechanism_weights`. If the proof holds, the weights
        /// count in this epoch; else they do not, and the failure is noted. Three failures in sixteen epochs cost the
        /// permit for `ProofBar` epochs. The stake was asked for by the commit. Events: `WeightsRevealed`,
        /// `WeightsSet`, `EvidenceProven` or `EvidenceRefused`, `ValidatorBarred`. Errors: as `reveal_weights` without
        /// those of stake, `ProofTooLong`, `NoRootCommitted`, and `RevealTooEarly` in the first blocks of an epoch.
        /// Cost: no fee.
        #[pallet::call_index(206)]
        #[pallet::weight((costs::proven_reveal::<T>(uids.len(), salt.len()), DispatchClass::Normal, Pays::No))]
        pub fn reveal_proven_weights(
            origin: OriginFor<T>,
            netuid: NetUid,
            mecid: MechId,
            uids: Vec<u16>,
            values: Vec<u16>,
            salt: Vec<u16>,
            version_key: u64,
            proof: Vec<u8>,
        ) -> DispatchResult {
            let hotkey = ensure_signed(origin)?;
            EvidenceLedger::<T>::reveal(hotkey, netuid, mecid, uids, values, salt, version_key, &proof)
        }

        /// Announces the proof of evaluation that a subnet demands of its validators.
        ///
        /// Origin: the owner of the subnet outside the freeze window, or root. Effect: `RubricNotice` blocks later,
        /// weights on the named mechanisms count only with a proof, and each miner with a weight must have signed
        /// `answers` answers; 0 and no mechanism demand nothing. Events: `EvidenceDemanded`. Errors:
        /// `SubnetNotExists`, `NotSubnetOwner`, `AdminActionProhibitedDuringWeightsWindow`, `InvalidValue`,
        /// `MechanismDoesNotExist`. Cost: a fee.
        #[pallet::call_index(207)]
        #[pallet::weight(measured::Subnets::<T>::announce_rubric())]
        pub fn demand_evidence(
            origin: OriginFor<T>,
            netuid: NetUid,
            answers: u16,
            mechanisms: u16,
        ) -> DispatchResult {
            EvidenceLedger::<T>::demand(origin, netuid, answers, mechanisms)
        }

        /// Sets the epochs for which failed proofs cost a permit.
        ///
        /// Origin: root. Effect: stores the number; validators that are barred already stay so as long as they were.
        /// Events: `ProofBarSet`. Errors: `InvalidValue`. Cost: a fee.
        #[pallet::call_index(208)]
        #[pallet::weight(measured::Subnets::<T>::sudo_set_rubric_notice())]
        pub fn sudo_set_proof_bar(origin: OriginFor<T>, epochs: u64) -> DispatchResult {
            ensure_root(origin).map_err(Into::into).and_then(|()| EvidenceLedger::<T>::set_bar(epochs))
        }

        /// Commits to the answers that a miner signed in an epoch.
        ///
        /// Origin: a hotkey of the subnet. Effect: the root is kept, ten of each hotkey. `epoch` is the present one, or
        /// the one before in the first half of the present one, and each has one root. A miner that ran and signed
        /// nothing commits to 0 answers: silence says that it was away, and excuses validators. Events:
        /// `AnswerRootCommitted`. Errors: `SubnetNotExists`, `HotKeyNotRegisteredInSubNet`, `AnswerRootOutOfTurn`.
        /// Cost: no fee.
        #[pallet::call_index(209)]
        #[pallet::weight((measured::Neurons::<T>::commit_answer_root(), DispatchClass::Normal, Pays::No))]
        pub fn commit_answer_root(
            origin: OriginFor<T>,
            netuid: NetUid,
            epoch: u64,
            root: [u8; 32],
            answers: u32,
        ) -> DispatchResult {
            EvidenceLedger::<T>::commit_answers(ensure_signed(origin)?, netuid, epoch, root, answers)
        }

        /// States whose evidence a validator holds.
        ///
        /// Origin: a hotkey of the subnet with a permit. Effect: the statement is kept for this epoch. Where the subnet
        /// demands proof and validators with more than half of the stake hold evidence, a proof of this epoch needs a
        /// holder. A validator with at least half of the stake needs none. `epoch` is the last one whose evidence
        /// everybody may read. `held` has at most 64 validators in the order of their uids. A second statement adds to
        /// the first, and has to name another validator. Events: `EvidenceAttested`.
        /// Errors: `SubnetNotExists`, `HotKeyNotRegisteredInSubNet`, `NeuronNoValidatorPermit`, `InvalidValue`,
        /// `EvidenceNotOpen`, `NothingNewHeld`. Cost: no fee.
        #[pallet::call_index(210)]
        #[pallet::weight((measured::Neurons::<T>::attest_evidence(held.len() as u32), DispatchClass::Normal, Pays::No))]
        pub fn attest_evidence(
            origin: OriginFor<T>,
            netuid: NetUid,
            epoch: u64,
            held: Vec<(Uid, [u8; 16])>,
        ) -> DispatchResult {
            EvidenceLedger::<T>::attest(ensure_signed(origin)?, netuid, epoch, held)
        }

        /// Announces the part of each incentive for the parents of the model that the miner serves.
        ///
        /// Origin: the owner of the subnet outside the freeze window, or root. Effect: `RubricNotice` blocks later,
        /// `share` millionths of the incentive of each miner whose declared model has parents go to the pot of that
        /// model. Events: `ParentShareAnnounced`. Errors: `SubnetNotExists`, `NotSubnetOwner`,
        /// `AdminActionProhibitedDuringWeightsWindow`, `InvalidValue` above 500,000. Cost: a fee.
        #[pallet::call_index(211)]
        #[pallet::weight(measured::Subnets::<T>::announce_rubric())]
        pub fn announce_parent_share(origin: OriginFor<T>, netuid: NetUid, share: u32) -> DispatchResult {
            Ancestry::<T>::announce(origin, netuid, share)
        }

        /// Declares the model that a miner serves, or withdraws the declaration.
        ///
        /// Origin: the coldkey of the hotkey. Effect: the declaration is kept while the hotkey has its uid. Events:
        /// `ModelDeclared`. Errors: `SubnetNotExists`, `NonAssociatedColdKey`, `HotKeyNotRegisteredInSubNet`,
        /// `UnknownModel`, `ModelTakenDown`. Cost: a fee.
        #[pallet::call_index(212)]
        #[pallet::weight(costs::declared_model::<T>())]
        pub fn declare_model(
            origin: OriginFor<T>,
            hotkey: T::AccountId,
            netuid: NetUid,
            model: Option<ModelId>,
        ) -> DispatchResult {
            Ancestry::<T>::declare(ensure_signed(origin)?, hotkey, netuid, model)
        }

        /// Divides the pot of a model among its parents.
        ///
        /// Origin: anybody. Effect: the alpha of the pot on a subnet, or without a subnet its free TAO, goes to the
        /// pots, contributors and owners of the parents. Alpha becomes their stake on the hotkey of pots. Events:
        /// `PotShared`. Errors: `SubnetNotExists`, `AmountTooLow`, `UnknownModel`, `ModelTakenDown`. Cost: a fee.
        #[pallet::call_index(213)]
        #[pallet::weight(costs::shared_pot::<T>(MAX_HEIRS, MAX_HEIRS.saturating_mul(Signer::ANY.stakes_on)))]
        pub fn share_pot(
            origin: OriginFor<T>,
            model: ModelId,
            netuid: Option<NetUid>,
        ) -> DispatchResultWithPostInfo {
            ensure_signed(origin)?;
            Ancestry::<T>::share_pot(model, netuid)
        }

        /// Sets what a TAO on root counts for against an alpha, as a part of 2⁶⁴ − 1.
        ///
        /// Origin: root. Effect: stake weights, dividends and the parts of root follow it from the next block or epoch
        /// on. Events: `TaoWeightSet`. Errors: none. Cost: a fee.
        #[pallet::call_index(214)]
        #[pallet::weight(measured::Subnets::<T>::sudo_set_rubric_notice())]
        pub fn sudo_set_tao_weight(origin: OriginFor<T>, tao_weight: u64) -> DispatchResult {
            ensure_root(origin)?;
            TaoWeight::<T>::put(tao_weight);
            Self::deposit_event(Event::TaoWeightSet { tao_weight });
            Ok(())
        }

        /// Sets the units of weight that one rao of a transaction's fee pays for.
        ///
        /// Origin: root. Effect: later transactions pay by it; one that carries this call pays at most by the former
        /// price. Events: `FeeWeightPerRaoSet`. Errors: `InvalidValue`. Cost: a fee.
        #[pallet::call_index(215)]
        #[pallet::weight(measured::Subnets::<T>::sudo_set_rubric_notice())]
        pub fn sudo_set_fee_weight_per_rao(origin: OriginFor<T>, weight: u64) -> DispatchResult {
            ensure_root(origin)?;
            NetworkSettings::<T>::set_fee_weight_per_rao(weight)
        }

        /// Sets the rao of a transaction's fee for each of its bytes.
        ///
        /// Origin: root. Effect: later transactions pay by it; one that carries this call pays at most by the former
        /// price. Events: `FeePerByteSet`. Errors: `InvalidValue`. Cost: a fee.
        #[pallet::call_index(216)]
        #[pallet::weight(measured::Subnets::<T>::sudo_set_rubric_notice())]
        pub fn sudo_set_fee_per_byte(origin: OriginFor<T>, rao: u64) -> DispatchResult {
            ensure_root(origin)?;
            NetworkSettings::<T>::set_fee_per_byte(rao)
        }

        /// Sets the blocks of a session.
        ///
        /// Origin: root. Effect: the session under way ends as it was to, later ones end at multiples of the new
        /// length. Events: `SessionLengthSet`. Errors: `InvalidValue`. Cost: a fee.
        #[pallet::call_index(217)]
        #[pallet::weight(
            measured::Subnets::<T>::sudo_set_rubric_notice().saturating_add(T::DbWeight::get().reads(2))
        )]
        pub fn sudo_set_session_length(origin: OriginFor<T>, blocks: u32) -> DispatchResult {
            ensure_root(origin)?;
            NetworkSettings::<T>::set_session_length(blocks)
        }
    }
}

//! The errors of the pallet. FRAME takes one list from a pallet.
//!
//! The number of an error is its place in this list, so a new error goes to the end.

use frame_support::pallet_macros::pallet_section;

#[pallet_section]
mod errors {
    /// Reasons to refuse a call.
    ///
    /// Without the gaps of the official numbering: official clients of version 10 take the number of an error for its
    /// place in this list. All other clients read the numbers from the metadata.
    #[pallet::error]
    pub enum Error<T> {
        /// The address is neither IPv4 (4) nor IPv6 (6).
        InvalidIpType,
        /// The address is zero, loopback, broadcast, multicast or otherwise unreachable for others.
        InvalidIpAddress,
        /// The port is 0.
        InvalidPort,
        /// The hotkey has no uid on this subnet; register it first.
        HotKeyNotRegisteredInSubNet,
        /// Nobody owns this hotkey; register or associate it first.
        HotKeyAccountNotExists,
        /// The hotkey has no uid on any subnet; register it first.
        HotKeyNotRegisteredInNetwork,
        /// The hotkey belongs to another coldkey.
        NonAssociatedColdKey,
        /// The coldkey holds less alpha on this hotkey than it wants to take away.
        NotEnoughStakeToWithdraw,
        /// The stake weight of the hotkey is below the stake threshold.
        NotEnoughStakeToSetWeights,
        /// The coldkey has less free TAO than it wants to spend.
        NotEnoughBalanceToStake,
        /// The TAO could not be taken from the coldkey without closing its account.
        BalanceWithdrawalError,
        /// Only validators with a permit may set weights on others; wait for an epoch with more stake.
        NeuronNoValidatorPermit,
        /// There must be as many weights as uids.
        WeightVecNotEqualSize,
        /// A uid occurs twice.
        DuplicateUids,
        /// A uid does not exist on this subnet.
        UidVecContainInvalidOne,
        /// There are fewer weights than the subnet's minimum.
        WeightVecLengthIsLow,
        /// Root takes no more registrations in this block; try the next one.
        TooManyRegistrationsThisBlock,
        /// The hotkey already has a uid on this subnet.
        HotKeyAlreadyRegisteredInSubNet,
        /// A weight is larger than the subnet allows.
        MaxWeightExceeded,
        /// The weights of this hotkey were set less than the rate limit ago.
        SettingWeightsTooFast,
        /// The version key is lower than the subnet demands; update the validator.
        IncorrectWeightVersionKey,
        /// The endpoint was announced less than the serving rate limit ago.
        ServingRateLimitExceeded,
        /// There are more weights than neurons on this subnet.
        UidsLengthExceedUidsInSubNet,
        /// A subnet was registered less than the rate limit ago; wait.
        NetworkTxRateLimitExceeded,
        /// The take was changed less than the rate limit ago; it can still be decreased.
        DelegateTxRateLimitExceeded,
        /// This subnet takes no registrations now.
        SubNetRegistrationDisabled,
        /// Root takes no more registrations in this interval; try later.
        TooManyRegistrationsThisInterval,
        /// Only the owner of the subnet may do this.
        NotSubnetOwner,
        /// Root has a registration of its own; use `root_register`.
        RegistrationNotPermittedOnRootSubnet,
        /// Root is full, and the hotkey has no more stake there than its lowest member.
        StakeTooLowForRoot,
        /// There are as many subnets as the limit allows and none may be removed yet.
        AllNetworksInImmunity,
        /// Root has no weights.
        CanNotSetRootNetworkWeights,
        /// The subnet is full and no neuron may be pruned.
        NoNeuronIdAvailable,
        /// The take is below the minimum, or not a change in the direction of this call.
        DelegateTakeTooLow,
        /// The take is above the maximum.
        DelegateTakeTooHigh,
        /// No commit of this hotkey waits for a reveal.
        NoWeightsCommitFound,
        /// The revealed weights match no commit of this hotkey.
        InvalidRevealCommitHashNotMatch,
        /// This subnet wants weights committed first; set directly only where commit-reveal is off.
        CommitRevealEnabled,
        /// This subnet has commit-reveal switched off; set weights directly.
        CommitRevealDisabled,
        /// Liquid alpha is off on this subnet; switch it on first.
        LiquidAlphaDisabled,
        /// The upper alpha must be at least 1638 (1/40).
        AlphaHighTooLow,
        /// The lower alpha must be at least 1638 (1/40) and at most the upper one.
        AlphaLowOutOfRange,
        /// This was done less than its rate limit ago; wait.
        TxRateLimitExceeded,
        /// A field of the identity is too long.
        InvalidIdentity,
        /// The subnet has no such mechanism.
        MechanismDoesNotExist,
        /// There is no such subnet.
        SubnetNotExists,
        /// Ten commits wait for a reveal; reveal or let them expire first.
        TooManyUnrevealedCommits,
        /// The epoch in which this commit could be revealed is over.
        ExpiredWeightCommit,
        /// The epoch in which this commit can be revealed has not begun.
        RevealTooEarly,
        /// The lists must be equally long.
        InputLengthsUnequal,
        /// Weights were set or committed less than the rate limit ago.
        CommittingWeightsTooFast,
        /// The amount, or what it would yield, is below the smallest stake.
        AmountTooLow,
        /// The pool cannot fill this order, or the stake would be worth no share.
        InsufficientLiquidity,
        /// The order would move the price beyond the limit; allow a part of it or widen the limit.
        SlippageTooHigh,
        /// Stake on this subnet may not change its coldkey.
        TransferDisallowed,
        /// The activity cutoff is below the minimum.
        ActivityCutoffTooLow,
        /// This call is switched off.
        CallDisabled,
        /// The subnet was started already.
        FirstEmissionBlockNumberAlreadySet,
        /// The subnet may be started only after the start delay.
        NeedWaitingMoreBlocksToStarCall,
        /// The subnet has not been started; its alpha can't be traded yet.
        SubtokenDisabled,
        /// Origin and destination are the same.
        SameNetuid,
        /// The account of the subnet holds too little TAO to pay this.
        InsufficientTaoBalance,
        /// A number left its range.
        Overflow,
        /// An epoch is about to run; change hyperparameters after it.
        AdminActionProhibitedDuringWeightsWindow,
        /// No such token symbol is in the list.
        SymbolDoesNotExist,
        /// Another subnet has this token symbol.
        SymbolAlreadyInUse,
        /// The reveal period is above 100 epochs.
        RevealPeriodTooLarge,
        /// The reveal period is below 1 epoch.
        RevealPeriodTooSmall,
        /// The value is outside its range.
        InvalidValue,
        /// There are as many subnets as the limit allows and none may be removed yet, or too many others wait for a
        /// place.
        SubnetLimitReached,
        /// The coldkey can't pay the price of a subnet (`get_network_registration_cost`), which falls with the blocks
        /// since the last one was created, down to `NetworkMinLockCost`.
        CannotAffordLockCost,
        /// This hotkey is the destination already.
        SameAutoStakeHotkeyAlreadySet,
        /// Too many of the remaining neurons would be immune.
        TrimmingWouldExceedMaxImmunePercentage,
        /// The threshold must be at most 10,000,000 rao.
        InvalidRootClaimThreshold,
        /// Mechanisms times neurons would exceed 256.
        TooManyUIDsPerMechanism,
        /// The price of a registration is above the limit.
        RegistrationPriceLimitExceeded,
        /// The tempo must be within 360 and 50,400 blocks.
        TempoOutOfBounds,
        /// The factor must be within 1,000 and 50,000.
        ActivityCutoffFactorMilliOutOfBounds,
        /// A triggered epoch is pending already.
        EpochTriggerAlreadyPending,
        /// The next epoch comes sooner than a triggered one would.
        AutoEpochAlreadyImminent,
        /// Epochs can't be triggered while commit-reveal is on.
        DynamicTempoBlockedByCommitReveal,
        /// Weights would be revealed after the immunity of a new neuron; reveal period times tempo must be shorter.
        RevealNotBeforeImmunityEnds,
        /// So much of the coldkey's alpha on this subnet is locked that this amount can't leave; see
        /// `get_stake_availability_for_coldkeys`.
        StakeUnavailable,
        /// The lock is in favour of another hotkey; move it first.
        LockHotkeyMismatch,
        /// The coldkey holds less alpha on this subnet than it would have locked.
        InsufficientStakeForLock,
        /// The coldkey has no lock on this subnet.
        NoExistingLock,
        /// The receiver does not accept locked alpha; it can opt in with `set_reject_locked_alpha`.
        AccountRejectsLockedAlpha,
        /// On root alpha is TAO; it can't be burned or recycled.
        CannotBurnOrRecycleOnRootSubnet,
        /// A hotkey can't be its own child; name another one.
        InvalidChild,
        /// A child is named twice; name each child once.
        DuplicateChild,
        /// The proportions add up to more than the whole; lower them.
        ProportionOverflow,
        /// More than 5 children were named.
        TooManyChildren,
        /// A key can't be both child and parent of a hotkey on a subnet.
        ChildParentInconsistency,
        /// A child has 64 parents that all lend at least as much; lend it more or name another.
        TooManyParents,
        /// The stake on the hotkey is worth less than the stake threshold.
        NotEnoughStakeToSetChildkeys,
        /// The take must be within the lowest and the highest childkey take.
        InvalidChildkeyTake,
        /// The childkey take was changed less than the rate limit ago; it can still be lowered.
        TxChildkeyTakeRateLimitExceeded,
        /// Voting power is not tracked on this subnet.
        VotingPowerTrackingNotEnabled,
        /// The rate must be at most 10¹⁸.
        InvalidVotingPowerEmaAlpha,
        /// A hotkey can't take its own place; name another one.
        NewHotKeyIsSameWithOld,
        /// One of the two hotkeys lends to children, and the other has stake that did not choose them. Stake of the new
        /// one counts only where it has a uid or children. Name a new hotkey without them.
        NewHotKeyNotCleanForRootSwap,
        /// The coldkey has less free TAO than the swap costs.
        NotEnoughBalanceToPaySwapHotKey,
        /// The coldkey swapped a hotkey on this subnet less than the interval ago; wait.
        HotKeySwapOnSubnetIntervalNotPassed,
        /// A coldkey owns at most 4096 hotkeys and stakes on at most 4096; use another coldkey.
        TooManyHotkeys,
        /// A claim names one to five subnets, and dividends are kept on one subnet or more; change the set.
        InvalidSubnetNumber,
        /// At most 50 coldkeys are claimed for in a block.
        InvalidNumRootClaim,
        /// The chain keeps a rubric's text of 1 to 512 bytes; publish a longer one elsewhere and announce its hash.
        RubricTextOutOfBounds,
        /// This rubric is in force already; to keep it, withdraw the one that was announced.
        RubricInForce,
        /// No rubric is announced for this mechanism that is not in force yet.
        NoRubricAnnounced,
        /// A proof of evaluation has at most 40,960 bytes.
        ProofTooLong,
        /// The weights were committed without a root over their evidence; reveal them without a proof.
        NoRootCommitted,
        /// A miner commits to its answers once for each epoch, before half of the next one is over.
        AnswerRootOutOfTurn,
        /// Holders name the last epoch whose evidence everybody may read: its weights were revealed in the last epoch.
        EvidenceNotOpen,
        /// The hotkey has stated already that it holds the evidence of these validators.
        NothingNewHeld,
        /// The registry has no record of this model; publish it first.
        UnknownModel,
        /// The model was taken down; nobody declares it or inherits from it.
        ModelTakenDown,
        /// So much of the coldkey's stake on this subnet is under its vote lock that this amount can't leave; take it
        /// from under the vote lock first, with `Governance.unlock`.
        StakeUnderVoteLock,
        /// Holders decided on this rubric less than half a year ago, so a change needs their vote: `myelin gov propose
        /// --rubric`.
        RubricDecidedByVote,
        /// No rubric is announced, and the one in force is younger than a vote may be: holders may have meant the one
        /// before. Vote for a rubric by name: `myelin gov propose --rubric`.
        RubricTooYoung,
        /// The subnet demands proof of evaluation, which needs commit-reveal; withdraw the demand first, with its
        /// notice.
        EvidenceDemanded,
        /// Weights would be proved after the chain has forgotten the blocks of their rounds: reveal period plus one,
        /// times tempo, may be 2,400 blocks at most where proof is demanded.
        ProofTooLate,
    }
}

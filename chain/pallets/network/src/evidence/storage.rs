//! Storage of proofs of evaluation. Owner: [`EvidenceLedger`](super::EvidenceLedger).

use frame_support::pallet_macros::pallet_section;

/// Proofs that validators asked the miners they pay.
#[pallet_section]
mod evidence {
    /// Proof that a subnet demands of its validators.
    #[pallet::storage]
    pub type EvidenceDemands<T: Config> = StorageMap<_, Identity, NetUid, EvidenceTimeline, ValueQuery>;

    /// Roots over the evidence of a hotkey's epochs per mechanism, oldest first, at most ten.
    #[pallet::storage]
    pub type EvidenceRoots<T: Config> = StorageDoubleMap<
        _,
        Identity,
        u16,
        Blake2_128Concat,
        T::AccountId,
        VecDeque<EvidenceRoot<T::AccountId>>,
        ValueQuery,
    >;

    /// Proofs of a hotkey's last epochs per mechanism.
    #[pallet::storage]
    pub type ProofHistories<T: Config> =
        StorageDoubleMap<_, Identity, u16, Blake2_128Concat, T::AccountId, ProofHistory, ValueQuery>;

    /// Hotkeys of a subnet that get no permit before an epoch, because their proofs failed.
    #[pallet::storage]
    pub type BarredValidators<T: Config> =
        StorageMap<_, Identity, NetUid, Vec<(T::AccountId, u64)>, ValueQuery>;

    /// The hotkey that a neuron's hotkey replaced on a subnet: answers of the time before name it.
    #[pallet::storage]
    pub type FormerHotkeys<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, T::AccountId, OptionQuery>;

    /// Validators that gave a miner far less than the consensus in the last epoch of a mechanism, by uid; at most
    /// 16 miners of each.
    #[pallet::storage]
    pub type OutvotedMarks<T: Config> = StorageMap<_, Identity, u16, Vec<OutvotedMark>, ValueQuery>;

    /// Roots over the answers that a hotkey signed on a subnet, one for each epoch, oldest first, at most ten.
    #[pallet::storage]
    pub type AnswerRoots<T: Config> = StorageDoubleMap<
        _,
        Identity,
        NetUid,
        Blake2_128Concat,
        T::AccountId,
        VecDeque<AnswerRoot>,
        ValueQuery,
    >;

    /// Validators of a subnet whose evidence a hotkey states to hold, of the last epoch for which it stated any.
    #[pallet::storage]
    pub type EvidenceHeld<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, EvidenceHoldings, ValueQuery>;

    /// Epochs for which failed proofs cost a permit.
    #[pallet::storage]
    pub type ProofBar<T: Config> = StorageValue<_, u64, ValueQuery, Tabled<{ stored("ProofBar") }>>;
}

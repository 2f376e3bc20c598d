//! Accepting a weight vector: the checks in the order in which they are reported, and the scaling of stored weights.

use alloc::vec::Vec;
use core::fmt;
use myelin_units::{Block, NetUid, Uid, I64F64, ROOT};

/// The way of a weight vector to the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// In the clear, which commit–reveal forbids.
    Direct,
    /// Revealed after a commit, which has passed the rate limit already.
    Reveal,
    /// Revealed with a proof of evaluation after a commit, which has also asked for the stake.
    Proven,
}

/// A weight vector as received.
#[derive(Clone, Copy, Debug)]
pub struct WeightVector<'a> {
    /// The subnet.
    pub netuid: NetUid,
    /// Judged neurons.
    pub uids: &'a [Uid],
    /// Weight of each of them.
    pub values: &'a [u16],
    /// Version of the sender's software.
    pub version_key: u64,
    /// In the clear or revealed.
    pub route: Route,
}

/// The caller's neuron on the subnet.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    /// Its uid.
    pub uid: Uid,
    /// Its inherited stake, see [`total_stake`](crate::step::stake::total_stake).
    pub total_stake: I64F64,
    /// Whether it holds a validator permit.
    pub permit: bool,
    /// Block at which it last set weights for the mechanism, 0 if never.
    pub last_update: Block,
}

/// Rules of the subnet for weight vectors.
#[derive(Clone, Copy, Debug)]
pub struct WeightRules {
    /// Number of neurons.
    pub neurons: u16,
    /// Whether the mechanism exists.
    pub mechanism_exists: bool,
    /// Whether weights must be committed first.
    pub commit_reveal: bool,
    /// The owner's uid, if it is registered.
    pub owner_uid: Option<Uid>,
    /// Least stake of a caller other than the owner, in rao.
    pub stake_threshold: u64,
    /// Least version, 0 for any.
    pub version_key: u64,
    /// Blocks between two updates by one neuron.
    pub rate_limit: u64,
    /// Least number of judged neurons.
    pub min_allowed_weights: u16,
    /// The current block.
    pub block: Block,
}

/// Reasons to refuse a weight vector. The variants stand in the order of the checks and carry the chain's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetWeightsError {
    /// Commit–reveal is on; commit the weights instead.
    CommitRevealEnabled,
    /// The root network has no weights.
    CanNotSetRootNetworkWeights,
    /// Different numbers of uids and weights.
    WeightVecNotEqualSize,
    /// The subnet has no such mechanism.
    MechanismDoesNotExist,
    /// More entries than the subnet has neurons.
    UidsLengthExceedUidsInSubNet,
    /// The caller has no neuron on the subnet.
    HotKeyNotRegisteredInSubNet,
    /// The caller's stake is below the threshold.
    NotEnoughStakeToSetWeights,
    /// The sender's software is too old.
    IncorrectWeightVersionKey,
    /// The last update is too recent.
    SettingWeightsTooFast,
    /// The caller has no validator permit.
    NeuronNoValidatorPermit,
    /// A uid occurs twice.
    DuplicateUids,
    /// A uid does not exist.
    UidVecContainInvalidOne,
    /// Too few judged neurons.
    WeightVecLengthIsLow,
}

impl fmt::Display for SetWeightsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CommitRevealEnabled => {
                "the subnet uses commit-reveal: commit the weights, then reveal them"
            }
            Self::CanNotSetRootNetworkWeights => "the root network takes no weights: choose another subnet",
            Self::WeightVecNotEqualSize => "the numbers of uids and weights differ: give one weight per uid",
            Self::MechanismDoesNotExist => {
                "the subnet has no such mechanism: use an id below its mechanism count"
            }
            Self::UidsLengthExceedUidsInSubNet => "there are more entries than neurons: name each uid once",
            Self::HotKeyNotRegisteredInSubNet => {
                "the hotkey is not registered on the subnet: register it first"
            }
            Self::NotEnoughStakeToSetWeights => "the hotkey's stake is below the threshold: add stake",
            Self::IncorrectWeightVersionKey => {
                "the version key is below the subnet's: update the validator software"
            }
            Self::SettingWeightsTooFast => "the last update is too recent: wait for the subnet's rate limit",
            Self::NeuronNoValidatorPermit => {
                "the neuron has no validator permit: add stake and wait for the next epoch"
            }
            Self::DuplicateUids => "a uid occurs twice: name each uid once",
            Self::UidVecContainInvalidOne => "a uid does not exist on the subnet: refresh the metagraph",
            Self::WeightVecLengthIsLow => "too few uids are judged: the subnet asks for more entries",
        })
    }
}

impl core::error::Error for SetWeightsError {}

/// Checks a weight vector; returns the caller's uid, whose row it becomes.
///
/// `caller` is `None` if the hotkey has no neuron on the subnet. A single weight on itself needs no permit
/// and may be shorter than the minimum. The rate limit applies to direct weights only; a committed vector was
/// limited when it was committed. One that is revealed with a proof had to have the stake then.
pub fn check(
    vector: &WeightVector,
    caller: Option<&Caller>,
    rules: &WeightRules,
) -> Result<Uid, SetWeightsError> {
    use SetWeightsError as E;
    let refuse_if = |refused: bool, error: E| if refused { Err(error) } else { Ok(()) };

    refuse_if(rules.commit_reveal && vector.route == Route::Direct, E::CommitRevealEnabled)?;
    refuse_if(vector.netuid == ROOT, E::CanNotSetRootNetworkWeights)?;
    refuse_if(vector.uids.len() != vector.values.len(), E::WeightVecNotEqualSize)?;
    refuse_if(!rules.mechanism_exists, E::MechanismDoesNotExist)?;
    refuse_if(vector.uids.len() > usize::from(rules.neurons), E::UidsLengthExceedUidsInSubNet)?;
    let caller = caller.ok_or(E::HotKeyNotRegisteredInSubNet)?;
    let is_owner = rules.owner_uid == Some(caller.uid);
    let asks_stake = vector.route != Route::Proven && !is_owner;
    refuse_if(
        asks_stake && caller.total_stake.floor_u64() < rules.stake_threshold,
        E::NotEnoughStakeToSetWeights,
    )?;
    refuse_if(vector.version_key < rules.version_key, E::IncorrectWeightVersionKey)?;
    refuse_if(
        vector.route == Route::Direct && !may_update(caller.last_update, rules.rate_limit, rules.block),
        E::SettingWeightsTooFast,
    )?;
    let only_itself = vector.uids == [caller.uid];
    refuse_if(!caller.permit && !is_owner && !only_itself, E::NeuronNoValidatorPermit)?;
    refuse_if(has_duplicates(vector.uids), E::DuplicateUids)?;
    refuse_if(vector.uids.iter().any(|&uid| uid >= rules.neurons), E::UidVecContainInvalidOne)?;
    let least = usize::from(rules.min_allowed_weights.min(rules.neurons));
    refuse_if(vector.uids.len() < least && !only_itself, E::WeightVecLengthIsLow)?;
    // The limit on a single weight is the whole scale, so every vector respects it.
    Ok(caller.uid)
}

/// First block in which a neuron may set or commit weights again: any if it never did (`last_update` = 0), else
/// `last_update + rate_limit`.
pub fn next_update(last_update: Block, rate_limit: u64) -> Block {
    if last_update == 0 {
        0
    } else {
        last_update.saturating_add(rate_limit)
    }
}

/// Whether a neuron may set or commit weights in this block.
pub fn may_update(last_update: Block, rate_limit: u64, block: Block) -> bool {
    block >= next_update(last_update, rate_limit)
}

fn has_duplicates(uids: &[Uid]) -> bool {
    let mut sorted = uids.to_vec();
    sorted.sort_unstable();
    sorted.windows(2).any(|pair| matches!(pair, [a, b] if a == b))
}

/// The weights scaled so that the largest becomes 65535; all zeros stay.
///
/// With `M` the largest weight: if `M > 32768` each becomes `round(v · q)` with the quotient `q = 65535 / M`
/// floored to 32 bits, otherwise `round(v · 65535 / M)`, again on a quotient of 32 bits. Halves round away
/// from zero; the result is at most 65535.
pub fn max_upscale(weights: &[u16]) -> Vec<u16> {
    let Some(max) = weights.iter().copied().max().filter(|&max| max > 0) else {
        return weights.to_vec();
    };
    let (whole, max) = (u64::from(u16::MAX), u64::from(max));
    let scaled = |weight: u64| match max > 32_768 {
        true => weight * ((whole << 32) / max),
        false => ((weight * whole) << 32) / max,
    };
    let round = |fixed: u64| u16::try_from((fixed + (1 << 31)) >> 32).unwrap_or(u16::MAX);
    weights.iter().map(|&weight| round(scaled(u64::from(weight)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RULES: WeightRules = WeightRules {
        neurons: 4,
        mechanism_exists: true,
        commit_reveal: false,
        owner_uid: None,
        stake_threshold: 100,
        version_key: 7,
        rate_limit: 100,
        min_allowed_weights: 2,
        block: 1000,
    };

    fn validator() -> Caller {
        Caller { uid: 1, total_stake: I64F64::from_int(100), permit: true, last_update: 900 }
    }

    fn vector<'a>(uids: &'a [u16], values: &'a [u16]) -> WeightVector<'a> {
        WeightVector { netuid: 2, uids, values, version_key: 7, route: Route::Direct }
    }

    #[test]
    fn a_good_vector_is_accepted() {
        assert_eq!(check(&vector(&[0, 2], &[1, 0]), Some(&validator()), &RULES), Ok(1));
        let everybody = vector(&[0, 1, 2, 3], &[1, 2, 3, 4]);
        assert_eq!(check(&everybody, Some(&validator()), &RULES), Ok(1), "as many as there are neurons");
    }

    #[test]
    fn each_rule_refuses_what_it_names() {
        use SetWeightsError as E;
        let good = vector(&[0, 2], &[1, 0]);
        let caller = validator();
        let with_rules = |rules: WeightRules| check(&good, Some(&caller), &rules);
        let with_caller = |caller: Caller| check(&good, Some(&caller), &RULES);
        let with_vector = |vector: WeightVector| check(&vector, Some(&caller), &RULES);
        assert_eq!(with_rules(WeightRules { commit_reveal: true, ..RULES }), Err(E::CommitRevealEnabled));
        assert_eq!(with_vector(WeightVector { netuid: 0, ..good }), Err(E::CanNotSetRootNetworkWeights));
        assert_eq!(with_vector(vector(&[0, 2], &[1])), Err(E::WeightVecNotEqualSize));
        assert_eq!(
            with_rules(WeightRules { mechanism_exists: false, ..RULES }),
            Err(E::MechanismDoesNotExist)
        );
        assert_eq!(with_vector(vector(&[0; 5], &[1; 5])), Err(E::UidsLengthExceedUidsInSubNet));
        assert_eq!(check(&good, None, &RULES), Err(E::HotKeyNotRegisteredInSubNet));
        let poor = Caller { total_stake: I64F64::from_int(99), ..caller };
        assert_eq!(with_caller(poor), Err(E::NotEnoughStakeToSetWeights));
        assert_eq!(with_vector(WeightVector { version_key: 6, ..good }), Err(E::IncorrectWeightVersionKey));
        assert_eq!(with_caller(Caller { last_update: 901, ..caller }), Err(E::SettingWeightsTooFast));
        assert_eq!(with_caller(Caller { permit: false, ..caller }), Err(E::NeuronNoValidatorPermit));
        assert_eq!(with_vector(vector(&[2, 2], &[1, 1])), Err(E::DuplicateUids));
        assert_eq!(with_vector(vector(&[2, 4], &[1, 1])), Err(E::UidVecContainInvalidOne));
        assert_eq!(with_vector(vector(&[2], &[1])), Err(E::WeightVecLengthIsLow));
    }

    #[test]
    fn every_refusal_says_what_is_wrong_and_what_to_do() {
        use SetWeightsError as E;
        let refusals = [
            (E::CommitRevealEnabled, "commit the weights"),
            (E::CanNotSetRootNetworkWeights, "choose another subnet"),
            (E::WeightVecNotEqualSize, "one weight per uid"),
            (E::MechanismDoesNotExist, "below its mechanism count"),
            (E::UidsLengthExceedUidsInSubNet, "name each uid once"),
            (E::HotKeyNotRegisteredInSubNet, "register it"),
            (E::NotEnoughStakeToSetWeights, "add stake"),
            (E::IncorrectWeightVersionKey, "update the validator software"),
            (E::SettingWeightsTooFast, "wait"),
            (E::NeuronNoValidatorPermit, "wait for the next epoch"),
            (E::DuplicateUids, "name each uid once"),
            (E::UidVecContainInvalidOne, "refresh the metagraph"),
            (E::WeightVecLengthIsLow, "more entries"),
        ];
        for (refusal, advice) in refusals {
            let text = alloc::string::ToString::to_string(&refusal);
            assert!(text.contains(advice), "{text}");
        }
    }

    #[test]
    fn the_first_broken_rule_is_reported() {
        let everything_wrong = WeightVector { version_key: 0, ..vector(&[9, 9], &[1, 1]) };
        let nobody = Caller { uid: 3, total_stake: I64F64::ZERO, permit: false, last_update: 999 };
        let refused = |caller: Caller| check(&everything_wrong, Some(&caller), &RULES);
        assert_eq!(refused(nobody), Err(SetWeightsError::NotEnoughStakeToSetWeights));
        let rich = Caller { total_stake: I64F64::from_int(100), ..nobody };
        assert_eq!(refused(rich), Err(SetWeightsError::IncorrectWeightVersionKey));
    }

    #[test]
    fn the_owner_and_self_weights_are_exempt() {
        let poor = Caller { total_stake: I64F64::ZERO, permit: false, ..validator() };
        let owned = WeightRules { owner_uid: Some(1), ..RULES };
        assert_eq!(check(&vector(&[0, 2], &[1, 1]), Some(&poor), &owned), Ok(1));
        let unpermitted = Caller { permit: false, ..validator() };
        assert_eq!(check(&vector(&[1], &[1]), Some(&unpermitted), &RULES), Ok(1));
    }

    #[test]
    fn a_reveal_with_a_proof_asks_for_no_stake() {
        let poor = Caller { total_stake: I64F64::ZERO, ..validator() };
        let rules = WeightRules { commit_reveal: true, ..RULES };
        let of = |route| check(&WeightVector { route, ..vector(&[0, 2], &[1, 1]) }, Some(&poor), &rules);
        assert_eq!(of(Route::Proven), Ok(1));
        assert_eq!(of(Route::Reveal), Err(SetWeightsError::NotEnoughStakeToSetWeights));
    }

    #[test]
    fn a_reveal_is_not_limited_in_rate() {
        let revealed = WeightVector { route: Route::Reveal, ..vector(&[0, 2], &[1, 1]) };
        let recent = Caller { last_update: 999, ..validator() };
        assert_eq!(check(&revealed, Some(&recent), &WeightRules { commit_reveal: true, ..RULES }), Ok(1));
        assert_eq!(
            check(&revealed, Some(&recent), &RULES),
            Ok(1),
            "commit-reveal was switched off in between"
        );
    }

    #[test]
    fn scaling_rounds_halves_away_from_zero() {
        assert_eq!(max_upscale(&[43_690, 21_845]), [65_535, 32_768]);
        assert_eq!(max_upscale(&[0, 1, 65_534]), [0, 1, 65_535]);
        assert_eq!(max_upscale(&[0, 0]), [0, 0]);
        assert_eq!(max_upscale(&[1, 2, 3]), [21_845, 43_690, 65_535]);
        assert_eq!(max_upscale(&[]), [0u16; 0]);
        // Halves of the largest: exact up to 32768, by a floored quotient and so a little less beyond.
        assert_eq!(max_upscale(&[7, 14]), [32_768, 65_535]);
        assert_eq!(max_upscale(&[16_384, 32_768]), [32_768, 65_535]);
        assert_eq!(max_upscale(&[16_411, 32_822]), [32_767, 65_535]);
    }

    proptest! {
        #[test]
        fn scaling_makes_the_largest_whole_and_keeps_the_order(weights in prop::collection::vec(any::<u16>(), 0..50)) {
            let scaled = max_upscale(&weights);
            if weights.iter().any(|&w| w > 0) {
                prop_assert_eq!(scaled.iter().copied().max(), Some(u16::MAX));
            }
            for (i, j) in (0..weights.len()).flat_map(|i| (0..i).map(move |j| (i, j))) {
                prop_assert!(weights[i] > weights[j] || scaled[i] <= scaled[j]);
            }
        }
    }
}

//! Inputs of an epoch: parameters and one mechanism's state as plain vectors by uid.

use alloc::vec::Vec;
use core::fmt;
use myelin_units::{Block, Uid, I64F64};

/// Most neurons that an epoch handles: up to here a sum of u16 weights fits the integers of `I32F32`.
pub const MAX_NEURONS: usize = 32_768;

/// The hyperparameters that the epoch reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EpochParams {
    /// Majority of stake that consensus asks for, in 65535ths.
    pub kappa: u16,
    /// Degree to which clipped weights replace weights when bonds are computed, in 65535ths.
    pub bonds_penalty: u16,
    /// Share of the old bond that a new one keeps, in millionths.
    pub bonds_moving_average: u64,
    /// Number of validator permits.
    pub max_validators: u16,
    /// Yuma 3 (bonds grow from 0 toward the weight) instead of Yuma 2 (columns of bonds are shares).
    pub yuma3: bool,
    /// Whether each pair has its own bond coefficient (Yuma 3 only).
    pub liquid_alpha: bool,
    /// Smallest liquid coefficient, in 65535ths.
    pub alpha_low: u16,
    /// Largest liquid coefficient, in 65535ths.
    pub alpha_high: u16,
    /// Steepness of the liquid sigmoid, in hundredths.
    pub steepness: i16,
    /// Blocks between two epochs.
    pub tempo: u16,
    /// Tempos for which a validator stays active without setting weights, in thousandths.
    pub activity_cutoff_factor_milli: u32,
    /// Least stake that counts, in the whole units of `total_stake`.
    pub stake_threshold: u64,
    /// Whether weights are committed before they are revealed.
    pub commit_reveal: bool,
}

impl Default for EpochParams {
    /// The defaults of the chain.
    fn default() -> Self {
        Self {
            kappa: 32_767,
            bonds_penalty: u16::MAX,
            bonds_moving_average: 900_000,
            max_validators: 128,
            yuma3: false,
            liquid_alpha: false,
            alpha_low: 45_875,
            alpha_high: 58_982,
            steepness: 1000,
            tempo: 360,
            activity_cutoff_factor_milli: 13_889,
            stake_threshold: 0,
            commit_reveal: true,
        }
    }
}

/// All inputs of one mechanism's epoch. Vectors are indexed by uid; `total_stake` sets their length `n`.
///
/// [`run_epoch`](crate::run_epoch) accepts any value. Shorter vectors count as padded with their default (0, false, no
/// row), longer ones as cut at `n`. Entries toward columns ≥ `n` count as absent, and of two entries for one column the
/// later counts. [`EpochInput::validate`] reports whether any of these rules applied.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EpochInput {
    /// Hyperparameters.
    pub params: EpochParams,
    /// The current block.
    pub block: Block,
    /// Emission of the mechanism in this epoch, in rao.
    pub emission: u64,
    /// Block of the mechanism's last epoch, 0 if there was none.
    pub last_step_block: Block,
    /// The neuron of the subnet's owner, if it has one.
    pub owner_uid: Option<Uid>,
    /// Alpha plus weighted TAO, own and inherited, see [`total_stake`](crate::step::stake::total_stake).
    /// Negative counts as 0.
    pub total_stake: Vec<I64F64>,
    /// Block at which each neuron last set (or committed) weights.
    pub last_update: Vec<Block>,
    /// Block at which each neuron registered.
    pub registered: Vec<Block>,
    /// Validator permits as stored by the previous epoch.
    pub permits: Vec<bool>,
    /// Weights as stored: row by validator, entries `(uid, weight)`.
    pub weights: Vec<Vec<(Uid, u16)>>,
    /// Bonds as stored: row by validator, entries `(uid, bond)`.
    pub bonds: Vec<Vec<(Uid, u16)>>,
    /// Block of each validator's oldest unexpired commit; read only with `commit_reveal`.
    pub commit_blocks: Vec<Option<Block>>,
    /// Validators without proof that they asked the miners they pay, where the subnet demands it: their weights do not
    /// count and they earn nothing in this epoch. Empty where nothing is demanded.
    pub unproven: Vec<bool>,
    /// Neurons that get no permit, because their proofs failed repeatedly. Empty if there are none.
    pub barred: Vec<bool>,
}

impl EpochInput {
    /// Whether validators have to prove that they asked the miners they pay.
    pub fn demands_proof(&self) -> bool {
        !self.unproven.is_empty()
    }

    /// The number of neurons.
    pub fn neurons(&self) -> usize {
        self.total_stake.len().min(MAX_NEURONS)
    }

    /// The same input if it is well formed, see [`Self::validate`].
    pub fn validated(self) -> Result<Self, InvalidInput> {
        self.validate().map(|()| self)
    }

    /// Checks that every vector fits the number of neurons, that no entry points beyond it or repeats a
    /// column, and that no stake is negative. `last_update` may be shorter, as the chain pads it.
    pub fn validate(&self) -> Result<(), InvalidInput> {
        let n = self.total_stake.len();
        if n > MAX_NEURONS {
            return Err(InvalidInput::TooManyNeurons { found: n });
        }
        if let Some(owner) = self.owner_uid.filter(|&uid| usize::from(uid) >= n) {
            return Err(InvalidInput::UnknownOwner { uid: owner });
        }
        if let Some(uid) = self.total_stake.iter().position(|&stake| stake < I64F64::ZERO) {
            return Err(InvalidInput::NegativeStake { uid });
        }
        if self.last_update.len() > n {
            return Err(InvalidInput::Length {
                vector: "last_update",
                found: self.last_update.len(),
                wanted: n,
            });
        }
        let lengths = [
            ("registered", self.registered.len()),
            ("permits", self.permits.len()),
            ("weights", self.weights.len()),
            ("bonds", self.bonds.len()),
            ("unproven", if self.unproven.is_empty() { n } else { self.unproven.len() }),
            ("barred", if self.barred.is_empty() { n } else { self.barred.len() }),
        ];
        if let Some((vector, found)) = lengths.into_iter().find(|&(_, length)| length != n) {
            return Err(InvalidInput::Length { vector, found, wanted: n });
        }
        if self.params.commit_reveal && self.commit_blocks.len() != n {
            let found = self.commit_blocks.len();
            return Err(InvalidInput::Length { vector: "commit_blocks", found, wanted: n });
        }
        check_rows("weights", &self.weights, n)?;
        check_rows("bonds", &self.bonds, n)
    }
}

/// Every entry of every row points below `n`, and no row names a column twice.
fn check_rows(matrix: &'static str, rows: &[Vec<(Uid, u16)>], n: usize) -> Result<(), InvalidInput> {
    let mut last_row_with = alloc::vec![usize::MAX; n];
    for (row, entries) in rows.iter().enumerate() {
        for &(column, _) in entries {
            match last_row_with.get_mut(usize::from(column)) {
                None => return Err(InvalidInput::UnknownColumn { matrix, row, column }),
                Some(seen) if *seen == row => {
                    return Err(InvalidInput::RepeatedColumn { matrix, row, column })
                }
                Some(seen) => *seen = row,
            }
        }
    }
    Ok(())
}

/// Reasons why an [`EpochInput`] is not well formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidInput {
    /// More than [`MAX_NEURONS`] neurons.
    TooManyNeurons {
        /// Number of neurons given.
        found: usize,
    },
    /// A vector has the wrong length.
    Length {
        /// Name of the vector.
        vector: &'static str,
        /// Its length.
        found: usize,
        /// The number of neurons.
        wanted: usize,
    },
    /// The owner's uid is not below the number of neurons.
    UnknownOwner {
        /// The owner's uid.
        uid: Uid,
    },
    /// A stake is below zero.
    NegativeStake {
        /// Uid of the neuron.
        uid: usize,
    },
    /// An entry points at a neuron that does not exist.
    UnknownColumn {
        /// Weights or bonds.
        matrix: &'static str,
        /// The row.
        row: usize,
        /// The column.
        column: Uid,
    },
    /// A row names one column twice.
    RepeatedColumn {
        /// Weights or bonds.
        matrix: &'static str,
        /// The row.
        row: usize,
        /// The column.
        column: Uid,
    },
}

impl fmt::Display for InvalidInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "epoch input is malformed: ")?;
        match self {
            Self::TooManyNeurons { found } => write!(f, "{found} neurons, at most {MAX_NEURONS} are handled"),
            Self::Length { vector, found, wanted } => {
                write!(f, "`{vector}` has {found} entries for {wanted} neurons; give one per uid")
            }
            Self::UnknownOwner { uid } => write!(f, "owner uid {uid} is not registered; pass none instead"),
            Self::NegativeStake { uid } => write!(f, "stake of uid {uid} is negative; stakes start at 0"),
            Self::UnknownColumn { matrix, row, column } => {
                write!(
                    f,
                    "row {row} of `{matrix}` points at uid {column}, which does not exist; drop the entry"
                )
            }
            Self::RepeatedColumn { matrix, row, column } => {
                write!(f, "row {row} of `{matrix}` names uid {column} twice; keep one entry")
            }
        }
    }
}

impl core::error::Error for InvalidInput {}

//! The subnet of a case: its parameters and state, and the operations on them.

use myelin_units::I64F64;
use myelin_yuma::set_weights::max_upscale;
use myelin_yuma::step::bonds::reset_column;
use myelin_yuma::{run_epoch_with, EpochInput, EpochOutput, EpochParams, Unlisted, MAX_NEURONS};

use crate::cases::{Input, Malformed};

/// The parameters of a case that names none.
pub fn default_params() -> EpochParams {
    EpochParams { max_validators: 64, commit_reveal: false, ..EpochParams::default() }
}

/// A steepness: a signed 16-bit integer.
pub fn steepness(field: &Input) -> Result<i16, Malformed> {
    let number = field.value().as_i64().and_then(|n| i16::try_from(n).ok());
    number.ok_or_else(|| field.malformed(format_args!("is {}, not a signed 16-bit integer", field.value())))
}

/// A subnet between two epochs.
pub struct Subnet {
    /// Everything but the block and the emission of the next epoch.
    state: EpochInput,
    /// The bonds of unlisted miners; they decay in cases with `"dense": true`.
    unlisted: Unlisted,
}

impl Subnet {
    /// A subnet with the given parameters (an object, or nothing) and the stakes of its neurons; no neuron has weights,
    /// bonds or a permit.
    pub fn new(params: Option<Input>, stakes: Vec<I64F64>) -> Result<Self, Malformed> {
        let n = stakes.len();
        let state = EpochInput {
            params: default_params(),
            total_stake: stakes,
            last_update: vec![0; n],
            registered: vec![0; n],
            permits: vec![false; n],
            weights: vec![vec![]; n],
            bonds: vec![vec![]; n],
            ..EpochInput::default()
        };
        let mut subnet = Self { state, unlisted: Unlisted::Lost };
        if let Some(params) = params {
            let names =
                params.value().as_object().ok_or_else(|| params.malformed("is not an object"))?.keys();
            for name in names {
                let place = format!("{}.{name}", params.place());
                subnet.set_param(name, &Input::new(place, &params.value()[name.as_str()]))?;
            }
        }
        Ok(subnet)
    }

    /// The subnet described by `params` and `state`.
    pub fn read(params: Option<Input>, state: &Input) -> Result<Self, Malformed> {
        let stakes = state.field("stake")?;
        let mut subnet = Self::new(params, stakes.list(stake)?)?;
        let n = subnet.neurons();
        if n > MAX_NEURONS {
            return Err(stakes.malformed(format_args!("has {n} neurons, more than {MAX_NEURONS}")));
        }
        for name in state.value().as_object().into_iter().flat_map(|fields| fields.keys()) {
            let Some(field) = state.optional(name) else { continue };
            match name.as_str() {
                "stake" => {}
                "last_update" => subnet.state.last_update = padded(field.list(Input::u64)?, n, &field)?,
                "registered" => subnet.state.registered = padded(field.list(Input::u64)?, n, &field)?,
                "permits" => subnet.state.permits = padded(field.list(Input::bool)?, n, &field)?,
                "weights" => subnet.state.weights = padded(field.list(|row| entries(row, n))?, n, &field)?,
                "bonds" => subnet.state.bonds = padded(field.list(|row| entries(row, n))?, n, &field)?,
                _ => return Err(field.malformed("is not a known part of the state")),
            }
        }
        Ok(subnet)
    }

    /// Number of neurons.
    pub fn neurons(&self) -> usize {
        self.state.total_stake.len()
    }

    /// The stored rows of weights.
    pub fn weights(&self) -> &[Vec<(u16, u16)>] {
        &self.state.weights
    }

    /// Blocks of the last updates.
    pub fn last_update(&self) -> &[u64] {
        &self.state.last_update
    }

    /// Stores a row of weights as it is.
    pub fn store_row(&mut self, uid: usize, row: Vec<(u16, u16)>) {
        self.state.weights[uid] = row;
    }

    /// Gives a neuron a permit, and all neurons the block of the last update.
    pub fn permit(&mut self, uid: usize) {
        self.state.permits[uid] = true;
    }

    /// Sets the block at which all neurons last set weights.
    pub fn update_all(&mut self, block: u64) {
        self.state.last_update.fill(block);
    }

    /// Sets one parameter.
    pub fn set_param(&mut self, name: &str, value: &Input) -> Result<(), Malformed> {
        let state = &mut self.state;
        let params = &mut state.params;
        match name {
            "kappa" => params.kappa = value.u16()?,
            "bonds_penalty" => params.bonds_penalty = value.u16()?,
            "bonds_moving_average" => params.bonds_moving_average = value.u64()?,
            "max_validators" => params.max_validators = value.u16()?,
            "yuma3" => params.yuma3 = value.bool()?,
            "liquid_alpha" => params.liquid_alpha = value.bool()?,
            "alpha_low" => params.alpha_low = value.u16()?,
            "alpha_high" => params.alpha_high = value.u16()?,
            "steepness" => params.steepness = steepness(value)?,
            "tempo" => params.tempo = value.u16()?,
            "activity_cutoff_factor_milli" => {
                let milli = u32::try_from(value.u64()?);
                params.activity_cutoff_factor_milli =
                    milli.map_err(|_| value.malformed("is above the limit 2^32 − 1"))?;
            }
            "stake_threshold" => params.stake_threshold = value.u64()?,
            "owner_uid" => state.owner_uid = present(value).map(|uid| uid.u16()).transpose()?,
            "last_step_block" => state.last_step_block = value.u64()?,
            "commit_blocks" => {
                let blocks =
                    present(value).map(|blocks| blocks.list(|b| present(b).map(|b| b.u64()).transpose()));
                state.commit_blocks = blocks.transpose()?.unwrap_or_default();
                // The mask changes nothing for neurons without a commit, so naming commits switches it on.
                params.commit_reveal = state.commit_blocks.iter().any(Option::is_some);
            }
            "dense" => self.unlisted = if value.bool()? { Unlisted::Decays } else { Unlisted::Lost },
            _ => return Err(value.malformed("is not a known parameter")),
        }
        Ok(())
    }

    /// Applies one operation of a step.
    pub fn apply(&mut self, op: &Input) -> Result<(), Malformed> {
        match op.field("op")?.str()? {
            "set_weights" => {
                let row = entries(&op.field("weights")?, self.neurons())?;
                let (uids, values): (Vec<u16>, Vec<u16>) = row.into_iter().unzip();
                let uid = self.uid(op)?;
                self.state.weights[uid] = uids.into_iter().zip(max_upscale(&values)).collect();
                self.state.last_update[uid] = op.field("block")?.u64()?;
            }
            "replace_neuron" => {
                let uid = self.uid(op)?;
                let block = op.field("block")?.u64()?;
                let new_stake = op.optional("stake").map(|s| stake(&s)).transpose()?;
                self.replace(uid, block, new_stake);
            }
            "reset_bonds" => {
                let uid = self.uid(op)?;
                reset_column(&mut self.state.bonds, uid as u16);
            }
            "set_param" => {
                let value = op.value().get("value").ok_or_else(|| op.malformed("has no value"))?;
                let value = Input::new(format!("{}.value", op.place()), value);
                self.set_param(op.field("name")?.str()?, &value)?;
            }
            other => return Err(op.malformed(format_args!("is {other:?}, not a known operation"))),
        }
        Ok(())
    }

    /// Runs one epoch; permits and bonds carry over.
    pub fn run(&mut self, block: u64, emission: u64) -> EpochOutput {
        self.state.block = block;
        self.state.emission = emission;
        let output = run_epoch_with(&self.state, self.unlisted);
        self.state.permits.clone_from(&output.permits);
        self.state.bonds.clone_from(&output.bonds);
        output
    }

    /// Replaces the neuron of `uid` by a new one: its row, bonds and permit are cleared, and all weights toward it
    /// become 0.
    fn replace(&mut self, uid: usize, block: u64, new_stake: Option<I64F64>) {
        let state = &mut self.state;
        state.weights[uid].clear();
        state.bonds[uid].clear();
        state.permits[uid] = false;
        for (column, weight) in state.weights.iter_mut().flatten() {
            if usize::from(*column) == uid {
                *weight = 0;
            }
        }
        state.last_update[uid] = block;
        state.registered[uid] = block;
        if let Some(stake) = new_stake {
            state.total_stake[uid] = stake;
        }
    }

    /// The neuron that an operation names.
    fn uid(&self, op: &Input) -> Result<usize, Malformed> {
        let field = op.field("uid")?;
        let uid = field.usize()?;
        if uid >= self.neurons() {
            return Err(field.malformed(format_args!("is {uid}, but there are {} neurons", self.neurons())));
        }
        Ok(uid)
    }
}

/// A stake: an exact decimal in any unit.
pub fn stake(field: &Input) -> Result<I64F64, Malformed> {
    I64F64::from_decimal(&field.number_text()?)
        .ok_or_else(|| field.malformed("is not a decimal number of at most 38 digits"))
}

/// A row of `[uid, u16]` pairs among `n` neurons.
fn entries(row: &Input, n: usize) -> Result<Vec<(u16, u16)>, Malformed> {
    row.list(|entry| {
        let pair = entry.list(Input::u16)?;
        match pair[..] {
            [uid, value] if usize::from(uid) < n => Ok((uid, value)),
            [uid, _] => Err(entry.malformed(format_args!("names uid {uid}, but there are {n} neurons"))),
            _ => Err(entry.malformed("is not a pair of uid and value")),
        }
    })
}

/// A vector by uid; missing ones at the end are the default.
fn padded<T: Clone + Default>(mut values: Vec<T>, n: usize, field: &Input) -> Result<Vec<T>, Malformed> {
    if values.len() > n {
        return Err(field.malformed(format_args!("has {} entries for {n} neurons", values.len())));
    }
    values.resize(n, T::default());
    Ok(values)
}

/// The value unless it is `null`.
fn present<'a, 'b>(value: &'b Input<'a>) -> Option<&'b Input<'a>> {
    (!value.value().is_null()).then_some(value)
}

//! Large subnets in which all validators are alike and all servers are alike.

use std::collections::BTreeSet;

use myelin_yuma::set_weights::max_upscale;
use myelin_yuma::{EpochOutput, MAX_NEURONS};
use serde_json::{json, Value};

use super::subnet::{stake, Subnet};
use crate::cases::{Input, Malformed};

/// Runs some epochs at block 1 with validators of equal stake, permits and equal weights to all servers. The result is
/// the distinct values of each field among validators and among servers, and of the bonds between them.
pub fn uniform(input: &Input) -> Result<Value, Malformed> {
    let n = input.field("n")?.usize()?;
    let validators = input.field("validators")?.usize()?;
    if validators > n {
        return Err(input.malformed(format_args!("has {validators} validators among {n} neurons")));
    }
    if n > MAX_NEURONS {
        return Err(input.malformed(format_args!("has {n} neurons, more than {MAX_NEURONS}")));
    }
    let epochs = input.times_or("epochs", 1)?;
    if epochs == 0 {
        return Err(input.malformed("has no epochs, of which there is nothing to tell"));
    }
    let mut subnet = subnet(input, n, validators)?;
    let emission = input.u64_or("emission", 0)?;
    let mut output = EpochOutput::default();
    for _ in 0..epochs {
        output = subnet.run(1, emission);
    }
    let bonds = output.bonds.iter().take(validators).flat_map(|row| {
        let toward = move |uid: usize| row.iter().find(|&&(column, _)| usize::from(column) == uid);
        (validators..n).map(move |uid| toward(uid).map_or(0, |&(_, bond)| u64::from(bond)))
    });
    Ok(json!({
        "validator": distinct_fields(&output, 0..validators),
        "server": distinct_fields(&output, validators..n),
        "bond_validator_server": distinct(bonds),
    }))
}

fn subnet(input: &Input, n: usize, validators: usize) -> Result<Subnet, Malformed> {
    let stake_each = stake(&input.field("stake_each")?)?;
    let mut stakes = vec![stake_each; validators];
    stakes.resize(n, Default::default());
    let mut subnet = Subnet::new(input.optional("params"), stakes)?;
    subnet.update_all(1);
    let equal = 65_535 / n.max(1) as u16;
    let row = |uids: std::ops::Range<usize>| -> Vec<(u16, u16)> {
        let values = max_upscale(&vec![equal; uids.len()]);
        uids.map(|uid| uid as u16).zip(values).collect()
    };
    for uid in 0..validators {
        subnet.permit(uid);
        subnet.store_row(uid, row(validators..n));
    }
    if input.bool_or("server_self", false)? {
        (validators..n).for_each(|uid| subnet.store_row(uid, row(uid..uid + 1)));
    }
    Ok(subnet)
}

/// The distinct values of every field among some neurons.
fn distinct_fields(output: &EpochOutput, uids: std::ops::Range<usize>) -> Value {
    let proportions = |field: &[u16]| distinct(field[uids.clone()].iter().map(|&value| u64::from(value)));
    let amounts = |field: &[u64]| distinct(field[uids.clone()].iter().copied());
    json!({
        "stake_weight": proportions(&output.stake_weight),
        "consensus": proportions(&output.consensus),
        "incentive": proportions(&output.incentive),
        "dividends": proportions(&output.dividends),
        "trust": proportions(&output.validator_trust),
        "validator_trust": proportions(&output.validator_trust),
        "server_emission": amounts(&output.server_emission),
        "validator_emission": amounts(&output.validator_emission),
        "emission": amounts(&output.emission),
    })
}

/// The values in rising order, each once.
fn distinct(values: impl Iterator<Item = u64>) -> Vec<u64> {
    values.collect::<BTreeSet<_>>().into_iter().collect()
}

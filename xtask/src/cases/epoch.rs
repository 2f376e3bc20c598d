//! Runners of the kinds that test `core/yuma`.
//!
//! Single formulas stand here; whole epochs in [`sequence`] (steps with operations and expectations) and
//! [`graph`] (many equal validators and servers), with the subnet they run on in [`subnet`].

mod expectation;
mod graph;
mod sequence;
mod subnet;

use myelin_units::{storage_index, I32F32};
use myelin_yuma::mechanisms::split_emission;
use myelin_yuma::median::{weighted_median, weighted_median_columns};
use myelin_yuma::schedule::{activity_cutoff, blocks_until_epoch};
use myelin_yuma::set_weights::max_upscale;
use myelin_yuma::step::alpha::{blend, LiquidAlpha};
use myelin_yuma::step::permits::top_k_nonzero;
use serde_json::{json, Value};

use super::{Case, Input, Malformed, Outcome};

/// Runs a case of an epoch kind; `None` for other kinds.
pub fn run(case: &Case) -> Option<Result<Outcome, Malformed>> {
    let runner: fn(&Input) -> Result<Value, Malformed> = match case.kind.as_str() {
        "epoch_sequence" => return Some(sequence::run(case)),
        "uniform_graph" => graph::uniform,
        "weighted_median" => median,
        "weighted_median_cols" => median_of_columns,
        "max_upscale" => upscale,
        "topk" => top_k,
        "storage_index" => index,
        "mechanism_split" => mechanism_split,
        "liquid_alpha" => liquid_alpha,
        "ema_alpha" => ema_alpha,
        "activity_cutoff" => cutoff,
        "blocks_until_epoch" => blocks_until,
        _ => return None,
    };
    Some(runner(&case.input()).and_then(|got| case.compare(got)))
}

fn median(input: &Input) -> Result<Value, Malformed> {
    let stakes = input.field("stake")?.list(fixed)?;
    let written = input.field("score")?.items()?;
    let scores = input.field("score")?.list(fixed)?;
    if scores.len() != stakes.len() {
        return Err(input.malformed("has a different number of stakes and scores"));
    }
    let voters = || stakes.iter().zip(&scores).filter(|(&stake, _)| stake > I32F32::ZERO);
    let voting: Vec<I32F32> = voters().map(|(&stake, _)| stake).collect();
    let minority = voting.iter().copied().sum::<I32F32>() - fixed(&input.field("majority")?)?;
    let median = weighted_median(&voting, &voters().map(|(_, &score)| score).collect::<Vec<_>>(), minority);
    // The median is one of the scores, so it can be shown exactly as it was written.
    let place = scores.iter().position(|&score| score == median);
    Ok(place.map_or_else(|| json!(approximate(median)), |place| written[place].value().clone()))
}

fn median_of_columns(input: &Input) -> Result<Value, Malformed> {
    let stakes = input.field("stake")?.list(fixed)?;
    let scores = input.field("weights")?.list(|row| row.list(fixed))?;
    if scores.len() != stakes.len() {
        return Err(input.malformed("has a different number of stakes and rows of weights"));
    }
    let widest = scores.iter().map(Vec::len).max().unwrap_or(0);
    let columns =
        input.optional("columns").map_or(Ok(widest), |columns| columns.times().map(|n| n as usize))?;
    let medians = weighted_median_columns(&stakes, &scores, columns, fixed(&input.field("majority")?)?);
    Ok(json!(medians.into_iter().map(approximate).collect::<Vec<_>>()))
}

fn upscale(input: &Input) -> Result<Value, Malformed> {
    Ok(json!(max_upscale(&input.field("weights")?.list(Input::u16)?)))
}

fn top_k(input: &Input) -> Result<Value, Malformed> {
    let values = input.field("values")?.list(fixed)?;
    Ok(json!(top_k_nonzero(&values, input.field("k")?.usize()?)))
}

fn index(input: &Input) -> Result<Value, Malformed> {
    let mecid = input.field("mecid")?;
    let mechanism = u8::try_from(mecid.u64()?).map_err(|_| mecid.malformed("is above the limit 255"))?;
    Ok(json!(storage_index(input.field("netuid")?.u16()?, mechanism)))
}

fn mechanism_split(input: &Input) -> Result<Value, Malformed> {
    let split = input.optional("split").map(|split| split.list(Input::u16)).transpose()?;
    let count = input.field("count")?.usize()?;
    if count > usize::from(u8::MAX) {
        return Err(input.malformed("has more mechanisms than ids"));
    }
    Ok(json!(split_emission(input.field("amount")?.u64()?, count, split.as_deref())))
}

fn liquid_alpha(input: &Input) -> Result<Value, Malformed> {
    let defaults = subnet::default_params();
    let alpha = LiquidAlpha::new(
        input.u16_or("alpha_low", defaults.alpha_low)?,
        input.u16_or("alpha_high", defaults.alpha_high)?,
        input.optional("steepness").map_or(Ok(defaults.steepness), |v| subnet::steepness(&v))?,
    );
    let number = |name| fixed(&input.field(name)?);
    Ok(json!(approximate(alpha.coefficient(number("consensus")?, number("weight")?, number("bond")?))))
}

fn ema_alpha(input: &Input) -> Result<Value, Malformed> {
    let rows = |name| input.field(name)?.list(|row| row.list(fixed));
    let (new, old, alpha) = (rows("new")?, rows("old")?, rows("alpha")?);
    let shape = |rows: &[Vec<I32F32>]| rows.iter().map(Vec::len).collect::<Vec<_>>();
    if shape(&new) != shape(&old) || shape(&new) != shape(&alpha) {
        return Err(input.malformed("has matrices of different shapes"));
    }
    let blended = |(new, (old, alpha)): (&Vec<I32F32>, (&Vec<I32F32>, &Vec<I32F32>))| -> Vec<f64> {
        let cells = new.iter().zip(old.iter().zip(alpha));
        cells.map(|(&new, (&old, &alpha))| approximate(blend(old, new, alpha))).collect()
    };
    Ok(json!(new.iter().zip(old.iter().zip(&alpha)).map(blended).collect::<Vec<_>>()))
}

fn cutoff(input: &Input) -> Result<Value, Malformed> {
    let factor = input.field("factor_milli")?;
    let milli = u32::try_from(factor.u64()?).map_err(|_| factor.malformed("is above the limit 2^32 − 1"))?;
    Ok(json!(activity_cutoff(milli, input.field("tempo")?.u16()?)))
}

fn blocks_until(input: &Input) -> Result<Value, Malformed> {
    Ok(json!(blocks_until_epoch(
        input.field("last_epoch_block")?.u64()?,
        input.field("tempo")?.u16()?,
        input.field("block")?.u64()?,
    )))
}

/// A decimal number, floored to 32 fractional bits.
fn fixed(field: &Input) -> Result<I32F32, Malformed> {
    I32F32::from_decimal(&field.number_text()?)
        .ok_or_else(|| field.malformed("is not a decimal number of at most 38 digits"))
}

/// The exact double of a number of the epoch, for comparison with a decimal expectation.
fn approximate(value: I32F32) -> f64 {
    value.to_bits() as f64 / 2f64.powi(32)
}

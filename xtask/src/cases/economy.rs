//! Runners of the kinds that test `core/economy`.

use myelin_economy::childkeys::{FamilyDividend, FamilyRates, Holding, Parent};
use myelin_economy::conviction::{LockKind, LockRates, LockState};
use myelin_economy::emission::{tao_shares, MovingPrice, ShareInput};
use myelin_economy::pool::{
    power_e18, price_from_rao, Fee, Market, Pool, QuoteWeight, Side, SwapError, Terms,
};
use myelin_economy::registration::{burn_factor, BurnBounds, Candidate, LockCost, PruneRule};
use myelin_economy::{claim, dissolve, issuance, pool};
use myelin_units::{AlphaBalance, TaoBalance, I96F32, U64F64};
use serde_json::{json, Value};

use super::number::to_json;
use super::{Case, Input, Malformed, Outcome};

/// Runs a case of an economic kind; `None` for other kinds.
pub fn run(case: &Case) -> Option<Result<Outcome, Malformed>> {
    let runner: fn(&Input) -> Result<Value, Malformed> = match case.kind.as_str() {
        "block_emission" => block_emission,
        "emission_shares" => emission_shares,
        "moving_price" => moving_price,
        "burn_decay" => burn_decay,
        "burn_bump" => burn_bump,
        "burn_factor" => burn_factor_of,
        "lock_cost" => lock_cost,
        "swap" => swap,
        "limit_delta_in" => limit_delta_in,
        "convert" => convert,
        "pow_ratio" => pow_ratio,
        "parents_split" => parents_split,
        "conviction" => conviction,
        "claim_indices" => claim_indices,
        "prune_uid" => prune_uid,
        "dissolve" => dissolve_pot,
        _ => return None,
    };
    Some(runner(&case.input()).and_then(|got| case.compare(got)))
}

fn block_emission(input: &Input) -> Result<Value, Malformed> {
    Ok(json!(issuance::block_emission(input.field("issuance")?.u64()?)))
}

fn emission_shares(input: &Input) -> Result<Value, Malformed> {
    let prices = input.field("moving_prices")?.list(|v| fixed(v))?;
    let burned = match input.optional("miner_burned") {
        Some(burned) => burned.list(|v| fixed(v))?,
        None => vec![U64F64::ZERO; prices.len()],
    };
    let enabled = match input.optional("enabled") {
        Some(enabled) => enabled.list(Input::bool)?,
        None => vec![true; prices.len()],
    };
    if burned.len() != prices.len() || enabled.len() != prices.len() {
        return Err(input.malformed("has lists of different lengths"));
    }
    let subnets: Vec<ShareInput> = prices
        .into_iter()
        .zip(burned)
        .zip(enabled)
        .map(|((moving_price, miner_burned), enabled)| ShareInput { moving_price, miner_burned, enabled })
        .collect();
    Ok(json!(tao_shares(&subnets).into_iter().map(approximate).collect::<Vec<f64>>()))
}

fn moving_price(input: &Input) -> Result<Value, Malformed> {
    // To the nearest 2⁻³², as the constants of the protocol are.
    let wide = |name: &str| -> Result<I96F32, Malformed> {
        let half_bit = U64F64::from_bits(1 << 31);
        Ok((fixed(&input.field(name)?)? + half_bit).cast())
    };
    let rule = MovingPrice {
        alpha: wide("alpha")?,
        halving_blocks: input.field("halving_blocks")?.u64()?,
        first_emission_block: input.field("first_emission_block")?.u64()?,
        block: input.field("block")?.u64()?,
    };
    let spot = fixed(&input.field("spot")?)?;
    let mut price = wide("price")?;
    for _ in 0..input.times_or("repeat", 1)? {
        price = rule.next(price, spot);
    }
    Ok(json!(price.to_bits() as f64 / 2f64.powi(32)))
}

/// `min` and `max`; without them a price is not clamped.
fn burn_bounds(input: &Input) -> Result<BurnBounds, Malformed> {
    let (min, max) = (input.u64_or("min", 0)?, input.u64_or("max", u64::MAX)?);
    Ok(BurnBounds { min: TaoBalance::from_rao(min), max: TaoBalance::from_rao(max) })
}

/// A price after each of `times` applications of `step`.
fn series(start: u64, times: u64, step: impl Fn(TaoBalance) -> TaoBalance) -> Value {
    let mut burn = TaoBalance::from_rao(start);
    let prices = (0..times).map(|_| {
        burn = step(burn);
        burn.to_rao()
    });
    json!(prices.collect::<Vec<u64>>())
}

fn burn_decay(input: &Input) -> Result<Value, Malformed> {
    let bounds = burn_bounds(input)?;
    let factor = burn_factor(input.field("half_life")?.u16()?);
    let blocks = input.field("blocks")?.times()?;
    Ok(series(input.field("burn")?.u64()?, blocks, |burn| bounds.decayed(burn, factor)))
}

fn burn_bump(input: &Input) -> Result<Value, Malformed> {
    let bounds = burn_bounds(input)?;
    // Rounded up to 2⁻⁶⁴, so that a whole product of the decimal is not floored to one less.
    let mult = fixed(&input.field("mult")?)? + U64F64::from_bits(1);
    let registrations = input.times_or("registrations", 1)?;
    Ok(series(input.field("burn")?.u64()?, registrations, |burn| bounds.bumped(burn, mult)))
}

fn burn_factor_of(input: &Input) -> Result<Value, Malformed> {
    Ok(json!(burn_factor(input.field("half_life")?.u16()?)))
}

fn lock_cost(input: &Input) -> Result<Value, Malformed> {
    let cost = LockCost {
        last_lock: TaoBalance::from_rao(input.field("last_lock")?.u64()?),
        min_lock: TaoBalance::from_rao(input.field("min_lock")?.u64()?),
        last_block: input.field("last_block")?.u64()?,
        interval: input.field("interval")?.u64()?,
        block_emission: input.u64_or("block_emission", issuance::INITIAL_BLOCK_EMISSION_RAO)?,
    };
    let costs = input.field("blocks")?.list(|block| Ok(cost.at(block.u64()?).to_rao()))?;
    Ok(json!(costs))
}

fn quote_weight(input: &Input) -> Result<QuoteWeight, Malformed> {
    let Some(field) = input.optional("quote_weight_e18") else {
        return Ok(QuoteWeight::HALF);
    };
    QuoteWeight::new(field.u64()?).ok_or_else(|| field.malformed("is not between 1 % and 99 %"))
}

fn pool_of(input: &Input, tao: &str, alpha: &str) -> Result<Pool, Malformed> {
    Ok(Pool {
        tao: TaoBalance::from_rao(input.field(tao)?.u64()?),
        alpha: AlphaBalance::from_rao(input.field(alpha)?.u64()?),
        weight: quote_weight(input)?,
    })
}

fn side(input: &Input) -> Result<Side, Malformed> {
    let field = input.field("side")?;
    match field.str()? {
        "buy" => Ok(Side::Buy),
        "sell" => Ok(Side::Sell),
        other => Err(field.malformed(format_args!("is \"{other}\", neither \"buy\" nor \"sell\""))),
    }
}

fn fee(input: &Input) -> Result<Fee, Malformed> {
    let rate = input.u16_or("fee_rate", pool::DEFAULT_FEE_RATE)?;
    Ok(if input.bool_or("drop_fees", false)? { Fee::NONE } else { Fee(rate) })
}

/// The result, or the name of the error.
fn or_name<T>(result: Result<T, SwapError>, show: impl FnOnce(T) -> Value) -> Value {
    result.map_or_else(|error| json!(error.name()), show)
}

fn swap(input: &Input) -> Result<Value, Malformed> {
    let pool = pool_of(input, "tao_reserve", "alpha_reserve")?;
    let amount = input.field("amount")?.u64()?;
    let limit = input.optional("limit_price_rao").map(|v| v.u64()).transpose()?.map(price_from_rao);
    let terms = Terms { fee: fee(input)?, limit };
    let show = |amount_in: u64, fee: u64, amount_out: u64| json!({"amount_in": amount_in, "fee": fee, "amount_out": amount_out});
    Ok(match side(input)? {
        Side::Buy => or_name(pool.buy(TaoBalance::from_rao(amount), terms), |t| {
            show(t.amount_in.to_rao(), t.fee.to_rao(), t.amount_out.to_rao())
        }),
        Side::Sell => or_name(pool.sell(AlphaBalance::from_rao(amount), terms), |t| {
            show(t.amount_in.to_rao(), t.fee.to_rao(), t.amount_out.to_rao())
        }),
    })
}

fn limit_delta_in(input: &Input) -> Result<Value, Malformed> {
    let market = Market::Dynamic(pool_of(input, "tao_reserve", "alpha_reserve")?);
    let limit = input.field("limit_price_rao")?.u64()?;
    let fee = fee(input)?;
    Ok(match side(input)? {
        Side::Buy => or_name(market.max_buy(limit, fee), |tao| json!(tao.to_rao())),
        Side::Sell => or_name(market.max_sell(limit, fee), |alpha| json!(alpha.to_rao())),
    })
}

fn convert(input: &Input) -> Result<Value, Malformed> {
    let pool = pool_of(input, "tao", "alpha")?;
    let delta = input.field("delta")?.u64()?;
    let tao = pool.tao_out(AlphaBalance::from_rao(delta));
    let alpha = pool.alpha_out(TaoBalance::from_rao(delta));
    Ok(json!([tao.to_rao(), alpha.to_rao()]))
}

fn pow_ratio(input: &Input) -> Result<Value, Malformed> {
    let power = power_e18(
        input.field("num")?.u128()?,
        input.field("den")?.u128()?,
        input.field("exp_num")?.u64()?,
        input.field("exp_den")?.u64()?,
    );
    Ok(to_json(power))
}

fn holding(input: &Input, alpha: &str, root: &str) -> Result<Holding, Malformed> {
    Ok(Holding {
        alpha: AlphaBalance::from_rao(input.u64_or(alpha, 0)?),
        root: TaoBalance::from_rao(input.u64_or(root, 0)?),
    })
}

fn parents_split(input: &Input) -> Result<Value, Malformed> {
    let parents = match input.optional("parents") {
        None => Vec::new(),
        Some(parents) => parents.list(|parent| {
            Ok(Parent {
                hotkey: parent.field("id")?.value().clone(),
                proportion: parent.field("proportion")?.u64()?,
                holding: holding(parent, "alpha", "root")?,
                same_owner: parent.bool_or("same_owner", false)?,
            })
        })?,
    };
    let family = FamilyDividend {
        hotkey: json!("self"),
        dividend: AlphaBalance::from_rao(input.field("dividends")?.u64()?),
        holding: holding(input, "own_alpha", "own_root")?,
        lent: input.optional("own_children").map_or(Ok(Vec::new()), |children| children.list(Input::u64))?,
        take: input.u16_or("take", 0)?,
        parents,
    };
    let rates = FamilyRates { tao_weight: input.u64_or("tao_w", 0)?, burn: input.u64_or("burn", 0)? };
    let split = family.split(rates);
    let own = std::iter::once((family.hotkey, split.own));
    let parts = split.parents.into_iter().chain(own).map(|(id, amount)| json!([id, amount.to_rao()]));
    Ok(Value::Array(parts.collect()))
}

fn conviction(input: &Input) -> Result<Value, Malformed> {
    let state = LockState {
        locked_mass: AlphaBalance::from_rao(input.field("mass")?.u64()?),
        conviction: fixed(&input.field("conv")?)?,
        last_update: 0,
    };
    let rates = LockRates { unlock: input.field("tau_u")?.u64()?, maturity: input.field("tau_m")?.u64()? };
    let kind =
        LockKind { perpetual: input.bool_or("perpetual", false)?, owner: input.bool_or("owner", false)? };
    let rolled = state.rolled(input.field("dt")?.u64()?, rates, kind);
    Ok(json!([rolled.locked_mass.to_rao(), approximate(rolled.conviction)]))
}

fn claim_indices(input: &Input) -> Result<Value, Malformed> {
    let field = input.field("block_hash")?;
    let text = field.str()?.trim_start_matches("0x");
    let nibbles: Option<Vec<u8>> =
        text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let bytes: Vec<u8> =
        nibbles.unwrap_or_default().chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    let hash: [u8; 32] = bytes.try_into().map_err(|_| field.malformed("is not 32 bytes in hexadecimal"))?;
    Ok(json!(claim::claim_indices(&hash, input.field("k")?.times()?, input.field("n")?.u64()?)))
}

fn prune_uid(input: &Input) -> Result<Value, Malformed> {
    let neurons = input.field("neurons")?.items()?;
    let candidates = neurons.iter().enumerate().map(|(uid, neuron)| {
        Ok(Candidate {
            uid: u16::try_from(uid).map_err(|_| neuron.malformed("is beyond the 65536th neuron"))?,
            emission: AlphaBalance::from_rao(neuron.field("emission")?.u64()?),
            registered: neuron.field("registered")?.u64()?,
            immortal: neuron.bool_or("immortal", false)?,
        })
    });
    let candidates = candidates.collect::<Result<Vec<_>, Malformed>>()?;
    let rule = PruneRule {
        block: input.field("block")?.u64()?,
        immunity_period: input.field("immunity_period")?.u64()?,
        min_non_immune: input.field("min_non_immune")?.u16()?,
    };
    Ok(json!(rule.choose(&candidates)))
}

fn dissolve_pot(input: &Input) -> Result<Value, Malformed> {
    let mut claims = input.field("stakes")?.list(|stake| Ok(AlphaBalance::from_rao(stake.u64()?)))?;
    if let Some(protocol) = input.optional("protocol_alpha") {
        claims.push(AlphaBalance::from_rao(protocol.u64()?));
    }
    let parts = dissolve::liquidate(TaoBalance::from_rao(input.field("pot")?.u64()?), &claims);
    Ok(json!(parts.into_iter().map(TaoBalance::to_rao).collect::<Vec<u64>>()))
}

/// A non-negative decimal as fixed point, exact as written and floored to 64 fractional bits.
fn fixed(field: &Input) -> Result<U64F64, Malformed> {
    U64F64::from_decimal(&field.number_text()?)
        .ok_or_else(|| field.malformed("is not a decimal number in range"))
}

/// The nearest double, for comparison with a decimal expectation.
fn approximate(value: U64F64) -> f64 {
    value.to_bits() as f64 / 2f64.powi(64)
}

//! Runners of the kinds that follow money through several rules: a block, a payout, a share pool, a root claim. Also of
//! the kinds about subnets: the one that gives way, its owner, its founding and its end.

use myelin_economy::childkeys::{inherited, Holding, Loan};
use myelin_economy::claim::{accrue, claimed_after_adding, claimed_after_removing, owed, Accrual};
use myelin_economy::coinbase::{emit, BlockInput, SubnetEmission, SubnetState};
use myelin_economy::conviction::king;
use myelin_economy::dissolve;
use myelin_economy::emission::ShareInput;
use myelin_economy::payout::{Credit, EpochPots, Miner, PayoutInput, Reason, SubnetOwner, Validator};
use myelin_economy::pool::{price_from_rao, Market, Pool, QuoteWeight};
use myelin_economy::registration::{choose_subnet_to_prune, founding_pool, PrunableSubnet};
use myelin_economy::shares::{ShareFloat, SharePool};
use myelin_units::{AlphaBalance, TaoBalance, I96F32, U64F64};
use serde_json::{json, Value};

use super::{Case, Input, Malformed, Outcome};

/// Runs a case of these kinds; `None` for other kinds.
pub fn run(case: &Case) -> Option<Result<Outcome, Malformed>> {
    let runner: fn(&Input) -> Result<Value, Malformed> = match case.kind.as_str() {
        "inherited_stake" => inherited_stake,
        "payout" => payout,
        "coinbase_block" => coinbase_block,
        "share_pool" => share_pool,
        "root_claim" => root_claim,
        "king" => king_of,
        "prune_subnet" => prune_subnet,
        "founding_pool" => founding,
        "owner_refund" => owner_refund,
        _ => return None,
    };
    Some(runner(&case.input()).and_then(|got| case.compare(got)))
}

fn tao(input: &Input, name: &str) -> Result<TaoBalance, Malformed> {
    Ok(TaoBalance::from_rao(input.field(name)?.u64()?))
}

fn alpha(input: &Input, name: &str) -> Result<AlphaBalance, Malformed> {
    Ok(AlphaBalance::from_rao(input.field(name)?.u64()?))
}

/// The columns of a row that is written as an array.
pub fn row<'a, const N: usize>(input: &Input<'a>) -> Result<[Input<'a>; N], Malformed> {
    let columns = input.items()?;
    columns.try_into().map_err(|_| input.malformed(format_args!("has not {N} columns")))
}

/// `own`, `children`: proportions, `parents`: rows of (value, proportion).
fn inherited_stake(input: &Input) -> Result<Value, Malformed> {
    let parents = input.field("parents")?.list(|parent| {
        let [value, proportion] = row(parent)?;
        Ok(Loan { value: value.u64()?, proportion: proportion.u64()? })
    })?;
    let children = input.field("children")?.list(Input::u64)?;
    Ok(json!(inherited(input.field("own")?.u64()?, &children, &parents)))
}

/// `server`, `validator`, `root`, `owner_cut`, `tao_weight`, `owner`: (coldkey, hotkey) or none, `recycle`, `miners`:
/// rows of (hotkey, coldkey, incentive), `validators`: rows of (hotkey, coldkey, dividend, alpha, root, take),
/// `childkey_burn`.
fn payout(input: &Input) -> Result<Value, Malformed> {
    let text = |value: &Input| value.str().map(str::to_owned);
    let owner = input
        .optional("owner")
        .map(|owner| {
            let [coldkey, hotkey] = row(&owner)?;
            Ok(SubnetOwner { coldkey: text(&coldkey)?, hotkey: text(&hotkey)? })
        })
        .transpose()?;
    let miners = input.field("miners")?.list(|miner| {
        let [hotkey, coldkey, incentive] = row(miner)?;
        let incentive = AlphaBalance::from_rao(incentive.u64()?);
        Ok(Miner {
            hotkey: text(&hotkey)?,
            coldkey: text(&coldkey)?,
            destination: text(&hotkey)?,
            incentive,
            parents: None,
        })
    })?;
    let validators = input.field("validators")?.list(|validator| {
        let [hotkey, coldkey, dividend, alpha, root, take] = row(validator)?;
        Ok(Validator {
            hotkey: text(&hotkey)?,
            coldkey: text(&coldkey)?,
            dividend: AlphaBalance::from_rao(dividend.u64()?),
            holding: Holding {
                alpha: AlphaBalance::from_rao(alpha.u64()?),
                root: TaoBalance::from_rao(root.u64()?),
            },
            take: take.u16()?,
        })
    })?;
    let payout = PayoutInput {
        pots: EpochPots {
            server: alpha(input, "server")?,
            validator: alpha(input, "validator")?,
            root: alpha(input, "root")?,
            owner_cut: alpha(input, "owner_cut")?,
        },
        tao_weight: input.field("tao_weight")?.u64()?,
        owner,
        recycle_withheld: input.bool_or("recycle", false)?,
        miners,
        validators,
        childkey_recycled: alpha(input, "childkey_burn")?,
    }
    .pay();
    let credits: Vec<Value> = payout.credits.iter().map(credit).collect();
    Ok(json!({
        "credits": credits,
        "recycled": payout.recycled.to_rao(),
        "burned": payout.unowned.to_rao(),
        "unpaid": payout.unpaid.to_rao(),
        "miner_burned_bits": payout.miner_burned.to_bits().to_string(),
    }))
}

fn credit(credit: &Credit<String>) -> Value {
    let amount = credit.amount().to_rao();
    match credit {
        Credit::Stake { reason, hotkey, coldkey, .. } => {
            let reason = match reason {
                Reason::OwnerCut => "owner_cut",
                Reason::Incentive => "incentive",
                Reason::ModelParents => "model_parents",
                Reason::AlphaTake => "alpha_take",
                Reason::AlphaDividend => "alpha_dividend",
                Reason::RootTake => "root_take",
            };
            json!([reason, hotkey, coldkey, amount])
        }
        Credit::Nominators { hotkey, .. } => json!(["nominators", hotkey, null, amount]),
        Credit::RootClaims { hotkey, .. } => json!(["root_claims", hotkey, null, amount]),
    }
}

/// `tao_emission`, `root_tao`, `tao_weight`, `subnets`: the state of each before the block.
fn coinbase_block(input: &Input) -> Result<Value, Malformed> {
    let block = BlockInput {
        tao_emission: tao(input, "tao_emission")?,
        root_tao: tao(input, "root_tao")?,
        tao_weight: input.field("tao_weight")?.u64()?,
    };
    let emission = emit(&block, &input.field("subnets")?.list(subnet)?);
    let subnets: Vec<Value> = emission.subnets.iter().map(change).collect();
    Ok(json!({"subnets": subnets, "recycled": emission.recycled.to_rao()}))
}

fn subnet(input: &Input) -> Result<SubnetState, Malformed> {
    let weight = input.field("quote_weight_e18")?;
    let weight =
        QuoteWeight::new(weight.u64()?).ok_or_else(|| weight.malformed("is not between 1 % and 99 %"))?;
    let pool = Pool { tao: tao(input, "tao")?, alpha: alpha(input, "alpha_in")?, weight };
    Ok(SubnetState {
        market: if input.bool_or("stable", false)? { Market::Stable } else { Market::Dynamic(pool) },
        alpha_in: pool.alpha,
        alpha_out: alpha(input, "alpha_out")?,
        share: ShareInput {
            moving_price: price_from_rao(input.field("moving_price_rao")?.u64()?),
            miner_burned: U64F64::from_ratio(input.field("miner_burned_permille")?.u64()?, 1_000u64),
            enabled: input.field("enabled")?.bool()?,
        },
        owner_cut: input.optional("owner_cut").map(|cut| cut.u16()).transpose()?,
    })
}

fn change(change: &SubnetEmission) -> Value {
    json!({
        "tao_in": change.tao_in.to_rao(),
        "alpha_in": change.alpha_in.to_rao(),
        "excess_tao": change.excess_tao.to_rao(),
        "alpha_bought": change.alpha_bought.to_rao(),
        "quote_weight_e18": change.weight.map(QuoteWeight::quote_e18),
        "alpha_out": change.alpha_out.to_rao(),
        "owner_cut": change.pots.owner_cut.to_rao(),
        "server": change.pots.server.to_rao(),
        "validator": change.pots.validator.to_rao(),
        "root": change.pots.root.to_rao(),
        "recycled": change.pots.recycled.to_rao(),
    })
}

/// `holders`: their number, `steps`: rows of ("add" | "remove" | "reward", holder, amount). A refused step changes
/// nothing.
fn share_pool(input: &Input) -> Result<Value, Malformed> {
    let mut pool = SharePool::default();
    let mut holders = vec![ShareFloat::ZERO; input.field("holders")?.times()? as usize];
    for step in input.field("steps")?.items()? {
        let [action, place, amount] = row(&step)?;
        let amount = AlphaBalance::from_rao(amount.u64()?);
        let holder = holders
            .get_mut(place.usize()?)
            .ok_or_else(|| place.malformed("is not the number of a holder"))?;
        let change = match action.str()? {
            "add" => pool.add(holder, amount).ok(),
            "remove" => pool.remove(holder, amount),
            "reward" => {
                pool = pool.add_for_all(amount);
                None
            }
            other => return Err(action.malformed(format_args!("is \"{other}\", which is no step"))),
        };
        if let Some(change) = change {
            (pool, *holder) = (change.pool, change.holder);
        }
    }
    let values: Vec<u64> = holders.iter().map(|holder| pool.value_of(holder).to_rao()).collect();
    let shares = json!([pool.shares.mantissa().to_string(), pool.shares.exponent()]);
    Ok(json!({"value": pool.value.to_rao(), "shares": shares, "holders": values}))
}

/// `accruals`: rows of (alpha, root stake); then `added` and `removed` root stake; `stake` claims.
fn root_claim(input: &Input) -> Result<Value, Malformed> {
    let (mut rate, mut to_owner) = (I96F32::ZERO, AlphaBalance::ZERO);
    for accrual in input.field("accruals")?.items()? {
        let [amount, root_stake] = row(&accrual)?;
        match accrue(rate, AlphaBalance::from_rao(amount.u64()?), TaoBalance::from_rao(root_stake.u64()?)) {
            Accrual::Rate(raised) => rate = raised,
            Accrual::StakeToOwner(amount) => to_owner = to_owner.saturating_add(amount),
        }
    }
    let claimed = claimed_after_adding(rate, tao(input, "added")?, 0);
    let claimed = claimed_after_removing(rate, tao(input, "removed")?, claimed);
    let owed = owed(rate, tao(input, "stake")?, claimed);
    Ok(json!({
        "rate_bits": rate.to_bits() as u64,
        "to_owner": to_owner.to_rao(),
        "claimed": claimed as u64,
        "owed": owed.to_rao(),
    }))
}

/// `convictions`: rows of (hotkey, conviction), `alpha_out`, `registered`, `block`.
fn king_of(input: &Input) -> Result<Value, Malformed> {
    let convictions = input.field("convictions")?.list(|entry| {
        let [hotkey, conviction] = row(entry)?;
        Ok((hotkey.str()?.to_owned(), U64F64::from_int(conviction.u64()?)))
    })?;
    let (registered, block) = (input.field("registered")?.u64()?, input.field("block")?.u64()?);
    Ok(json!(king(&convictions, alpha(input, "alpha_out")?, registered, block)))
}

/// `subnets`: rows of (netuid, registration block, moving price in rao), `block`, `immunity`.
fn prune_subnet(input: &Input) -> Result<Value, Malformed> {
    let subnets = input.field("subnets")?.list(|subnet| {
        let [netuid, registered, price] = row(subnet)?;
        Ok(PrunableSubnet {
            netuid: netuid.u16()?,
            registered_at: registered.u64()?,
            moving_price: price_from_rao(price.u64()?).cast(),
        })
    })?;
    let (block, immunity) = (input.field("block")?.u64()?, input.field("immunity")?.u64()?);
    Ok(json!(choose_subnet_to_prune(&subnets, block, immunity)))
}

/// `paid`, `min`, `prices_rao`: spot prices of the existing subnets.
fn founding(input: &Input) -> Result<Value, Malformed> {
    let prices = input.field("prices_rao")?.list(|price| price.u64().map(price_from_rao))?;
    let (tao_in, alpha_in) = founding_pool(tao(input, "paid")?, tao(input, "min")?, &prices);
    Ok(json!([tao_in.to_rao(), alpha_in.to_rao()]))
}

/// `lock`, `issuance`, `owner_cut`, `price_rao`.
fn owner_refund(input: &Input) -> Result<Value, Malformed> {
    let price = price_from_rao(input.field("price_rao")?.u64()?);
    let cut = input.field("owner_cut")?.u16()?;
    Ok(json!(dissolve::owner_refund(tao(input, "lock")?, alpha(input, "issuance")?, cut, price).to_rao()))
}

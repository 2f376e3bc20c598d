//! Paying one subnet after its epoch.

use myelin_economy::payout::{Credit, EpochPots, Payout, PayoutInput, Reason, Validator};
use num_bigint::BigInt;

use super::children::weighted;
use super::number::{proportion, rao, rao_of, u64f64, whole, Exact, Format::U64F64, Format::U96F32};

/// The pots when miners have earned `incentives`: root stakers and then validators get the rest of the epoch's
/// emission.
pub fn beside_incentives(pots: &EpochPots, incentives: u64) -> EpochPots {
    let [server, validator, root] =
        [pots.server, pots.validator, pots.root].map(|pot| BigInt::from(pot.to_rao()));
    let left = BigInt::from(rao_of(server + &validator + &root)) - incentives;
    let left = left.max(BigInt::ZERO);
    let root = root.min(left.clone());
    let validator = validator.min(left - &root);
    EpochPots { validator: rao_of(validator).into(), root: rao_of(root).into(), ..*pots }
}

/// Owner cut, incentives, alpha dividends, root dividends, in hotkey order.
pub fn pay<A: Ord + Clone>(input: &PayoutInput<A>) -> Payout<A> {
    let mut credits = Vec::new();
    if let Some(owner) = &input.owner {
        credits.push(Credit::Stake {
            reason: Reason::OwnerCut,
            earner: owner.hotkey.clone(),
            hotkey: owner.hotkey.clone(),
            coldkey: owner.coldkey.clone(),
            amount: input.pots.owner_cut,
        });
    }

    // Incentives. Those to the owner's hotkeys are withheld.
    let mut miners = input.miners.clone();
    miners.sort_by(|a, b| a.hotkey.cmp(&b.hotkey));
    let (mut total, mut withheld) = (BigInt::ZERO, BigInt::ZERO);
    for miner in miners {
        total += miner.incentive.to_rao();
        let owners = input.owner.as_ref();
        if owners.is_some_and(|o| o.coldkey == miner.coldkey || o.hotkey == miner.hotkey) {
            withheld += miner.incentive.to_rao();
        } else {
            let share = miner.parents.as_ref().map_or(0, |parents| parents.share.parts());
            let part = BigInt::from(miner.incentive.to_rao()) * share / 1_000_000_000;
            credits.push(Credit::Stake {
                reason: Reason::Incentive,
                earner: miner.hotkey.clone(),
                hotkey: miner.destination,
                coldkey: miner.coldkey,
                amount: rao_of(BigInt::from(miner.incentive.to_rao()) - &part).into(),
            });
            if let Some(parents) = miner.parents {
                credits.push(Credit::Stake {
                    reason: Reason::ModelParents,
                    earner: miner.hotkey,
                    hotkey: parents.hotkey,
                    coldkey: parents.pot,
                    amount: rao_of(part).into(),
                });
            }
        }
    }
    let (total, withheld) = (rao_of(total), rao_of(withheld));

    // The validators' pot, plus the miners' if no miner earned anything, less what `CKBurn` recycles.
    let mut pot = BigInt::from(input.pots.validator.to_rao());
    if total == 0 {
        pot += input.pots.server.to_rao();
    }
    let pot = rao_of(pot);
    let burn = input.childkey_recycled.to_rao().min(pot);
    let pot = whole(pot - burn);

    // div_h·r_h/(a_h + r_h) is the root part, the rest the alpha part.
    let tao_weight = proportion(input.tao_weight);
    let mut validators = input.validators.clone();
    validators.sort_by(|a, b| a.hotkey.cmp(&b.hotkey));
    let root_part = |v: &Validator<A>| {
        let r = U96F32.mul(&whole(v.holding.root.to_rao()), &tao_weight);
        U96F32.mul(&whole(v.dividend.to_rao()), &U96F32.div(&r, &weighted(&v.holding, &tao_weight)))
    };
    let root_parts: Vec<Exact> = validators.iter().map(root_part).collect();
    let alpha_parts: Vec<Exact> =
        validators.iter().zip(&root_parts).map(|(v, root)| whole(v.dividend.to_rao()) - root).collect();
    let split = |pot: &Exact, parts: &[Exact]| -> Vec<Exact> {
        let sum = U96F32.sum(parts);
        parts.iter().map(|part| U96F32.mul(pot, &U96F32.div(part, &sum))).collect()
    };
    let take_of = |v: &Validator<A>, paid: &Exact| U96F32.mul(paid, &U96F32.u16_unit(v.take));
    for (v, paid) in validators.iter().zip(split(&pot, &alpha_parts)) {
        let take = take_of(v, &paid);
        credits.push(stake(v, Reason::AlphaTake, &take));
        let rest = paid - take;
        credits.push(match v.holding.alpha.is_zero() {
            true => stake(v, Reason::AlphaDividend, &rest),
            false => Credit::Nominators { hotkey: v.hotkey.clone(), amount: rao(&rest).into() },
        });
    }
    for (v, paid) in validators.iter().zip(split(&whole(input.pots.root.to_rao()), &root_parts)) {
        let take = take_of(v, &paid);
        credits.push(stake(v, Reason::RootTake, &take));
        credits.push(Credit::RootClaims { hotkey: v.hotkey.clone(), amount: rao(&(paid - take)).into() });
    }

    credits.retain(|credit| !credit.amount().is_zero());
    let (recycled, unowned) = if input.recycle_withheld { (withheld, 0) } else { (0, withheld) };
    let recycled = rao_of(BigInt::from(recycled) + burn);
    let placed: BigInt = credits.iter().map(|c| BigInt::from(c.amount().to_rao())).sum();
    let epoch = [input.pots.server, input.pots.validator, input.pots.root];
    let epoch = rao_of(epoch.iter().map(|pot| BigInt::from(pot.to_rao())).sum());
    let unpaid = BigInt::from(epoch) + input.pots.owner_cut.to_rao() - placed - recycled - unowned;
    Payout {
        credits,
        recycled: recycled.into(),
        unowned: unowned.into(),
        miner_burned: u64f64(&U64F64.div(&whole(withheld), &whole(total))),
        unpaid: rao_of(unpaid).into(),
    }
}

fn stake<A: Clone>(v: &Validator<A>, reason: Reason, amount: &Exact) -> Credit<A> {
    let (hotkey, coldkey) = (v.hotkey.clone(), v.coldkey.clone());
    Credit::Stake { reason, earner: hotkey.clone(), hotkey, coldkey, amount: rao(amount).into() }
}

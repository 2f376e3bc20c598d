//! Runners of the kinds about relations: links of families, locks through a takeover, collateral of miners.

use myelin_economy::childkeys::{check_children, lent, room_for, Holding, Room};
use myelin_economy::collateral::{forfeit, Bond, CollateralError, Requirement};
use myelin_economy::conviction::{LockKind, LockRates, LockState};
use myelin_units::{AlphaBalance, TaoBalance, U64F64};
use serde_json::{json, Value};

use super::{flow::row, Case, Input, Malformed, Outcome};

/// Runs a case of these kinds; `None` for other kinds.
pub fn run(case: &Case) -> Option<Result<Outcome, Malformed>> {
    let runner: fn(&Input) -> Result<Value, Malformed> = match case.kind.as_str() {
        "children_list" => children_list,
        "parent_loan" => parent_loan,
        "parent_room" => parent_room,
        "takeover_lock" => takeover_lock,
        "collateral" => collateral,
        _ => return None,
    };
    Some(runner(&case.input()).and_then(|got| case.compare(got)))
}

/// `hotkey`, `children`: rows of (proportion, hotkey), `parents`: hotkeys. The name of the error, or `null`.
fn children_list(input: &Input) -> Result<Value, Malformed> {
    let children = input.field("children")?.list(|child| {
        let [share, child] = row(child)?;
        Ok((share.u64()?, child.str()?))
    })?;
    let parents = input.field("parents")?.list(Input::str)?;
    let refused = check_children(&input.field("hotkey")?.str()?, &children, &parents).err();
    Ok(json!(refused.map(|error| error.name())))
}

/// `alpha`, `root`, `tao_w`, `proportion`: rao that a parent lends.
fn parent_loan(input: &Input) -> Result<Value, Malformed> {
    let holding = Holding {
        alpha: AlphaBalance::from_rao(input.field("alpha")?.u64()?),
        root: TaoBalance::from_rao(input.field("root")?.u64()?),
    };
    Ok(json!(lent(&holding, input.field("proportion")?.u64()?, input.field("tao_w")?.u64()?)))
}

/// `newcomer`, `loans`: `"free"`, the place of the parent that gives way, or `null`.
fn parent_room(input: &Input) -> Result<Value, Malformed> {
    let loans = input.field("loans")?.list(Input::u64)?;
    Ok(match room_for(input.field("newcomer")?.u64()?, &loans) {
        Room::Free => json!("free"),
        Room::InPlaceOf(at) => json!(at),
        Room::None => Value::Null,
    })
}

/// A lock for a hotkey that was the owner's until block `ended`: `mass`, `conv`, `last`, `ended`, `block`, `tau_u`,
/// `tau_m`, `perpetual`. Mass and conviction.
fn takeover_lock(input: &Input) -> Result<Value, Malformed> {
    let state = LockState {
        locked_mass: AlphaBalance::from_rao(input.field("mass")?.u64()?),
        conviction: U64F64::from_int(input.field("conv")?.u64()?),
        last_update: input.field("last")?.u64()?,
    };
    let rates = LockRates { unlock: input.field("tau_u")?.u64()?, maturity: input.field("tau_m")?.u64()? };
    let perpetual = input.bool_or("perpetual", false)?;
    let kind = LockKind { perpetual, owner: false };
    let then = state.after_ownership(Some(input.field("ended")?.u64()?), rates, perpetual);
    let rolled = then.rolled(input.field("block")?.u64()?, rates, kind);
    Ok(json!([rolled.locked_mass.to_rao(), rolled.conviction.to_bits() as f64 / 2f64.powi(64)]))
}

/// `steps`: rows of (block, kind, number, number) with `require` (rao, blocks), `lock` (rao), `unbond`, `withdraw`,
/// `report` (source block). The answer to each, and the locked amount with its first and last block in the end.
fn collateral(input: &Input) -> Result<Value, Malformed> {
    let (mut requirement, mut bond) = (Requirement::default(), None::<Bond>);
    let mut answers = Vec::new();
    for step in input.field("steps")?.items()? {
        let [block, what, first, second] = row(&step)?;
        let (now, first) = (block.u64()?, first.u64()?);
        let next = match (what.str()?, bond) {
            ("require", _) => {
                let blocks =
                    u32::try_from(second.u64()?).map_err(|_| second.malformed("is beyond 32 bits"))?;
                let asked = Requirement::new(TaoBalance::from_rao(first), blocks);
                asked.map(|new| requirement = new).map(|()| (bond, "done".to_owned()))
            }
            ("lock", _) => Bond::lock(bond, TaoBalance::from_rao(first), &requirement, now)
                .map(|bond| (Some(bond), "done".to_owned())),
            (_, None) => Ok((None, "nothing".to_owned())),
            ("unbond", Some(bond)) => bond.unbond(now).map(|bond| (Some(bond), "done".to_owned())),
            ("withdraw", Some(bond)) => bond.ensure_free(now).map(|()| (None, bond.amount.to_string())),
            ("report", Some(bond)) if bond.answers_for(first, now) => {
                let parts = forfeit(bond.amount);
                Ok((None, format!("{} and {}", parts.reward, parts.recycled)))
            }
            ("report", Some(_)) => Ok((bond, "no".to_owned())),
            (other, _) => return Err(what.malformed(format_args!("is \"{other}\", not a step"))),
        };
        answers.push(match next {
            Ok((next, answer)) => {
                bond = next;
                json!(answer)
            }
            Err(error) => json!(name(error)),
        });
    }
    let end =
        bond.map(|bond| json!([bond.amount.to_rao(), bond.since, bond.leaves, bond.backs(&requirement)]));
    Ok(json!({"answers": answers, "end": end}))
}

fn name(error: CollateralError) -> &'static str {
    match error {
        CollateralError::AmountOutOfBounds => "AmountOutOfBounds",
        CollateralError::UnbondingOutOfBounds => "UnbondingOutOfBounds",
        CollateralError::NotRequired => "NotRequired",
        CollateralError::UnbondingTooLong => "UnbondingTooLong",
        CollateralError::BelowRequirement => "BelowRequirement",
        CollateralError::Leaving => "Leaving",
        CollateralError::Staying => "Staying",
    }
}

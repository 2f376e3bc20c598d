//! Cases about relations: links of families, a lock after a takeover, collateral of miners.

use myelin_economy::childkeys::Room;
use myelin_economy::conviction::{LockRates, LockState};
use myelin_units::U64F64;
use serde_json::{json, Value};

use super::{approximate, holding, Made, Numbers};
use crate::reference;
use crate::reference::collateral::{self, Deed, History};

pub fn takeover_lock(n: &mut Numbers) -> Made {
    let (mass, conv, last) = (n.owned(), n.owned(), n.below(3_000_000));
    let (ended, later) = (n.below(4_000_000), n.below(2_000_000));
    let tau_u = 1 + n.below(2_000_000);
    let tau_m = if n.flag() { tau_u } else { 1 + n.below(2_000_000) };
    let perpetual = n.flag();
    let state = LockState { locked_mass: mass.into(), conviction: U64F64::from_int(conv), last_update: last };
    let block = ended.max(last) + later;
    let rates = LockRates { unlock: tau_u, maturity: tau_m };
    let rolled = reference::locks::after_takeover(&state, ended, block, rates, perpetual);
    let input = json!({
        "mass": mass, "conv": conv, "last": last, "ended": ended, "block": block, "tau_u": tau_u, "tau_m": tau_m,
        "perpetual": perpetual,
    });
    (input, json!([rolled.locked_mass.to_rao(), approximate(rolled.conviction)]))
}

pub fn children_list(n: &mut Numbers) -> Made {
    let name = |key: u8| char::from(b'a' + key).to_string();
    let hotkey = n.below(6) as u8;
    let children = n.list(0, 6, |n| (n.proportion() / (1 + n.below(8)), n.below(10) as u8));
    let parents = n.list(0, 2, |n| n.below(10) as u8);
    let refused = reference::children::refused(hotkey, &children, &parents);
    let rows: Vec<(u64, String)> = children.iter().map(|(share, child)| (*share, name(*child))).collect();
    let parents: Vec<String> = parents.into_iter().map(name).collect();
    (json!({"hotkey": name(hotkey), "children": rows, "parents": parents}), json!(refused))
}

pub fn parent_loan(n: &mut Numbers) -> Made {
    let (alpha, root, tao_weight, proportion) = (n.owned(), n.owned(), n.proportion(), n.proportion());
    let expected = reference::children::lent(&holding(alpha, root), proportion, tao_weight);
    (json!({"alpha": alpha, "root": root, "tao_w": tao_weight, "proportion": proportion}), json!(expected))
}

pub fn parent_room(n: &mut Numbers) -> Made {
    let (newcomer, loans) = (n.below(9), n.list(63, 64, |n| n.below(50) + 3));
    let room = match reference::children::room(newcomer, &loans) {
        Room::Free => json!("free"),
        Room::InPlaceOf(at) => json!(at),
        Room::None => Value::Null,
    };
    (json!({"newcomer": newcomer, "loans": loans}), room)
}

pub fn miners_collateral(n: &mut Numbers) -> Made {
    let tao = |n: &mut Numbers| (1 + n.below(30)) * 100_000_000;
    let shown = |rao: u64| format!("{}.{:09}", rao / 1_000_000_000, rao % 1_000_000_000);
    let mut history = History::default();
    let (mut asked, mut unbonding, mut now) = (0, 0, 100u64);
    let (mut steps, mut answers) = (Vec::new(), Vec::new());
    for step in 0..6 + n.below(12) {
        now += [0, 1, 150, 299, 300, 301, 600, 900][n.below(8) as usize];
        let locked = history.amount();
        let kind = if step == 0 { 0 } else { n.below(8) };
        let (what, first, second, deed) = match kind {
            0 => {
                let (rao, blocks) =
                    ([0, 1, tao(n), tao(n)][n.below(4) as usize], [599, 600, 700][n.below(3) as usize]);
                steps.push(json!([now, "require", rao, blocks]));
                answers.push(match collateral::may_ask(rao, blocks) {
                    Ok(()) => {
                        (asked, unbonding) = (rao, blocks);
                        json!("done")
                    }
                    Err(error) => json!(format!("{error:?}")),
                });
                continue;
            }
            1..=3 => {
                let rao = tao(n);
                ("lock", rao, 0, Deed::Lock { rao, asked, unbonding })
            }
            4 => ("unbond", 0, 0, Deed::AskBack),
            5 => ("withdraw", 0, 0, Deed::Withdraw),
            _ => {
                let source = now.saturating_sub(n.below(310));
                ("report", source, 0, Deed::Report { source })
            }
        };
        steps.push(json!([now, what, first, second]));
        answers.push(match (history.try_do(deed, now), deed) {
            (None, _) => json!("nothing"),
            (Some(Err(_)), Deed::Report { .. }) => json!("no"),
            (Some(Err(error)), _) => json!(format!("{error:?}")),
            (Some(Ok(())), Deed::Withdraw) => json!(shown(locked)),
            (Some(Ok(())), Deed::Report { .. }) => {
                let (reward, recycled) = collateral::forfeit(locked);
                json!(format!("{} and {}", shown(reward), shown(recycled)))
            }
            (Some(Ok(())), _) => json!("done"),
        });
    }
    let end =
        history.since().map(|since| json!([history.amount(), since, history.leaves(), history.backs(asked)]));
    (json!({"steps": steps}), json!({"answers": answers, "end": end}))
}

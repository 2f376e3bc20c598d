//! The numeric cases of the economy that are kept in `tests/cases/economy.json`.
//!
//! Their expectations come from the literal twin, never from the crate: `cargo xtask cases` then runs the crate on
//! them. The test here makes them again and compares them with the file. `MYELIN_WRITE_CASES=1` writes the file
//! instead.

use std::fmt::Write;
use std::path::PathBuf;

use myelin_economy::childkeys::{FamilyDividend, FamilyRates, Holding, Loan, Parent};
use myelin_economy::claim::Accrual;
use myelin_economy::coinbase::{BlockInput, SubnetState};
use myelin_economy::conviction::{LockKind, LockRates, LockState};
use myelin_economy::emission::ShareInput;
use myelin_economy::payout::{Credit, EpochPots, Miner, PayoutInput, Reason, SubnetOwner, Validator};
use myelin_economy::pool::{Market, Pool, QuoteWeight};
use myelin_economy::registration::{Candidate, LockCost, PrunableSubnet, PruneRule};
use myelin_units::{I96F32, U64F64};
use serde_json::{json, Value};

use crate::reference::{self, shares::Decimal, shares::Pot};

mod ties;

const README: &str = "Cases of the economy made by the literal twin in core/economy/tests/it/reference with exact \
fractions; same format as public.json. Kinds that public.json does not have: inherited_stake, payout, coinbase_block, \
share_pool, root_claim, king, prune_subnet, founding_pool, owner_refund, children_list, parent_loan, parent_room, \
takeover_lock, collateral. Written by MYELIN_WRITE_CASES=1 cargo test -p \
myelin-economy kept_cases.";

/// A generator of numbers that is the same for ever (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.any() % limit
    }

    fn flag(&mut self) -> bool {
        self.below(2) == 1
    }

    /// Any order of magnitude up to the cap of the currencies; sometimes 0, rarely the largest amount there is.
    fn amount(&mut self) -> u64 {
        match self.below(24) {
            0..=1 => 0,
            2 => u64::MAX,
            _ => {
                let shift = self.below(50);
                (self.any() % 21_000_000_000_000_000) >> shift
            }
        }
    }

    /// An amount within the cap.
    fn owned(&mut self) -> u64 {
        self.amount().min(21_000_000_000_000_000)
    }

    /// A proportion on the u64 scale.
    fn proportion(&mut self) -> u64 {
        match self.below(5) {
            0 => u64::MAX,
            1 => u64::MAX / 2,
            _ => self.any(),
        }
    }

    fn rate(&mut self) -> u16 {
        match self.below(3) {
            0 => 11_796,
            1 => 0,
            _ => self.below(65_536) as u16,
        }
    }

    fn list<T>(&mut self, from: u64, to: u64, mut item: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let n = from + self.below(to - from + 1);
        (0..n).map(|_| item(self)).collect()
    }
}

fn holding(alpha: u64, root: u64) -> Holding {
    Holding { alpha: alpha.into(), root: root.into() }
}

/// The nearest double of a fixed-point number.
fn approximate(x: U64F64) -> f64 {
    x.to_bits() as f64 / 2f64.powi(64)
}

type Made = (Value, Value);

fn parents_split(n: &mut Numbers) -> Made {
    let parents: Vec<(u64, u64, u64, bool)> =
        n.list(1, 4, |n| (n.proportion(), n.owned(), n.owned(), n.flag()));
    let own_children = n.list(0, 3, |n| n.proportion() / 4);
    let (dividend, alpha, root, take) = (n.owned(), n.owned(), n.owned(), n.rate());
    let rates = FamilyRates { tao_weight: n.proportion(), burn: if n.flag() { 0 } else { n.proportion() } };
    let family = FamilyDividend {
        hotkey: "self".to_string(),
        dividend: dividend.into(),
        holding: holding(alpha, root),
        lent: own_children.clone(),
        take,
        parents: parents
            .iter()
            .zip('A'..)
            .map(|((proportion, alpha, root, same_owner), id)| Parent {
                hotkey: id.to_string(),
                proportion: *proportion,
                holding: holding(*alpha, *root),
                same_owner: *same_owner,
            })
            .collect(),
    };
    let split = reference::children::split(&family, rates);
    let rows: Vec<Value> = parents
        .iter()
        .zip('A'..)
        .map(|((proportion, alpha, root, same_owner), id)| {
            json!({"id": id.to_string(), "proportion": proportion, "alpha": alpha, "root": root, "same_owner": same_owner})
        })
        .collect();
    let input = json!({
        "dividends": dividend, "parents": rows, "own_alpha": alpha, "own_root": root, "own_children": own_children,
        "tao_w": rates.tao_weight, "take": take, "burn": rates.burn,
    });
    let own = [("self".to_string(), split.own)];
    let parts = split.parents.into_iter().chain(own).map(|(id, amount)| json!([id, amount.to_rao()]));
    (input, parts.collect())
}

fn inherited_stake(n: &mut Numbers) -> Made {
    let (own, children) = (n.owned(), n.list(0, 4, |n| n.proportion() / 3));
    let parents = n.list(0, 4, |n| (n.owned(), n.proportion()));
    let loans: Vec<Loan> =
        parents.iter().map(|(value, proportion)| Loan { value: *value, proportion: *proportion }).collect();
    let expected = reference::children::inherited(own, &children, &loans);
    (json!({"own": own, "children": children, "parents": parents}), json!(expected))
}

fn conviction(n: &mut Numbers) -> Made {
    let (mass, conv, dt) = (n.owned(), n.owned(), n.below(4_000_000));
    let tau_u = 1 + n.below(2_000_000);
    let tau_m = if n.flag() { tau_u } else { 1 + n.below(2_000_000) };
    let kind = LockKind { perpetual: n.flag(), owner: n.below(4) == 0 };
    let state = LockState { locked_mass: mass.into(), conviction: U64F64::from_int(conv), last_update: 0 };
    let rolled = reference::locks::rolled(&state, dt, LockRates { unlock: tau_u, maturity: tau_m }, kind);
    let input = json!({
        "mass": mass, "conv": conv, "dt": dt, "tau_u": tau_u, "tau_m": tau_m, "perpetual": kind.perpetual, "owner": kind.owner,
    });
    (input, json!([rolled.locked_mass.to_rao(), approximate(rolled.conviction)]))
}

fn king(n: &mut Numbers) -> Made {
    let convictions: Vec<(String, u64)> =
        "abcdef".chars().take(n.below(7) as usize).map(|id| (id.to_string(), n.below(4) * 100)).collect();
    let (alpha_out, registered) = (n.below(12_000), n.below(100));
    let block = registered + 2_629_800 - n.below(2);
    let fixed: Vec<(String, U64F64)> =
        convictions.iter().map(|(id, c)| (id.clone(), U64F64::from_int(*c))).collect();
    let king = reference::locks::king(&fixed, alpha_out, registered, block);
    (
        json!({"convictions": convictions, "alpha_out": alpha_out, "registered": registered, "block": block}),
        json!(king),
    )
}

fn dissolve(n: &mut Numbers) -> Made {
    let (pot, stakes) = (n.owned(), n.list(1, 8, |n| if n.flag() { 1 + n.below(3) } else { n.owned() }));
    let protocol = n.flag().then(|| n.owned());
    let claims: Vec<u64> = stakes.iter().copied().chain(protocol).collect();
    let mut input = json!({"pot": pot, "stakes": stakes});
    if let Some(protocol) = protocol {
        input["protocol_alpha"] = json!(protocol);
    }
    (input, json!(reference::subnets::liquidate(pot, &claims)))
}

fn owner_refund(n: &mut Numbers) -> Made {
    let (lock, issuance, cut, price_rao) = (n.owned(), n.owned(), n.rate(), n.below(3_000_000_000));
    let price = U64F64::from_ratio(price_rao, 1_000_000_000u64);
    let expected = reference::subnets::owner_refund(lock, issuance, cut, price);
    (json!({"lock": lock, "issuance": issuance, "owner_cut": cut, "price_rao": price_rao}), json!(expected))
}

fn claim_indices(n: &mut Numbers) -> Made {
    let mut hash = [0u8; 32];
    for chunk in hash.chunks_mut(8) {
        chunk.copy_from_slice(&n.any().to_be_bytes());
    }
    let (k, of) = (n.below(51), 1 + n.below(20_000));
    let hex = hash.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    });
    let expected = reference::claims::claim_indices(&hash, k, of);
    (json!({"block_hash": hex, "k": k, "n": of}), json!(expected))
}

fn root_claim(n: &mut Numbers) -> Made {
    let accruals = n.list(1, 4, |n| (n.owned() >> 10, n.owned()));
    let (stake, added, removed) = (n.owned(), n.owned() >> 8, n.owned() >> 8);
    let (mut rate, mut to_owner) = (I96F32::ZERO, 0);
    for (amount, root_stake) in &accruals {
        match reference::claims::accrue(rate, *amount, *root_stake) {
            Accrual::Rate(raised) => rate = raised,
            Accrual::StakeToOwner(amount) => to_owner += amount.to_rao(),
        }
    }
    let claimed = reference::claims::claimed_after_adding(rate, added, 0);
    let claimed = reference::claims::claimed_after_removing(rate, removed, claimed);
    let owed = reference::claims::owed(rate, stake, claimed);
    let input = json!({"accruals": accruals, "stake": stake, "added": added, "removed": removed});
    (
        input,
        json!({"rate_bits": rate.to_bits() as u64, "to_owner": to_owner, "claimed": claimed as u64, "owed": owed}),
    )
}

fn prune_uid(n: &mut Numbers) -> Made {
    let neurons = n.list(1, 12, |n| (n.below(4), n.below(60), n.below(5) == 0));
    let rule = PruneRule {
        block: 60 + n.below(60),
        immunity_period: n.below(80),
        min_non_immune: n.below(8) as u16,
    };
    let candidates: Vec<Candidate> = neurons
        .iter()
        .zip(0..)
        .map(|((emission, registered, immortal), uid)| Candidate {
            uid,
            emission: (*emission).into(),
            registered: *registered,
            immortal: *immortal,
        })
        .collect();
    let expected = reference::subnets::prune_uid(&rule, &candidates);
    let rows: Vec<Value> = neurons
        .iter()
        .map(|(emission, registered, immortal)| json!({"emission": emission, "registered": registered, "immortal": immortal}))
        .collect();
    let input = json!({
        "neurons": rows, "block": rule.block, "immunity_period": rule.immunity_period, "min_non_immune": rule.min_non_immune,
    });
    (input, json!(expected))
}

fn prune_subnet(n: &mut Numbers) -> Made {
    let rows = n.list(1, 8, |n| (n.below(40) as u16, n.below(50), n.below(4) * 250_000_000));
    let (block, immunity) = (50 + n.below(50), n.below(80));
    let subnets: Vec<PrunableSubnet> = rows
        .iter()
        .map(|(netuid, registered_at, price)| PrunableSubnet {
            netuid: *netuid,
            registered_at: *registered_at,
            moving_price: I96F32::from_ratio(*price, 1_000_000_000),
        })
        .collect();
    let expected = reference::subnets::subnet_to_prune(&subnets, block, immunity);
    (json!({"subnets": rows, "block": block, "immunity": immunity}), json!(expected))
}

fn lock_cost(n: &mut Numbers) -> Made {
    let (last_lock, min_lock) = (n.amount(), n.owned());
    let last_block = if n.below(4) == 0 { 0 } else { n.below(1_000_000) };
    let interval = if n.flag() { 100_800 } else { n.below(200_000) };
    let block_emission = 1_000_000_000 >> n.below(5);
    let blocks = n.list(2, 5, |n| last_block + n.below(400_000));
    let cost = LockCost {
        last_lock: last_lock.into(),
        min_lock: min_lock.into(),
        last_block,
        interval,
        block_emission,
    };
    let costs: Vec<u64> = blocks.iter().map(|block| reference::subnets::lock_cost(&cost, *block)).collect();
    let input = json!({
        "last_lock": last_lock, "min_lock": min_lock, "last_block": last_block, "interval": interval,
        "block_emission": block_emission, "blocks": blocks,
    });
    (input, json!(costs))
}

fn founding_pool(n: &mut Numbers) -> Made {
    let (paid, min) = (n.owned(), n.owned());
    let prices_rao = n.list(0, 7, |n| if n.below(4) == 0 { 0 } else { 1 + n.below(2_000_000_000) });
    let prices: Vec<U64F64> = prices_rao.iter().map(|p| U64F64::from_ratio(*p, 1_000_000_000u64)).collect();
    let (tao, alpha) = reference::subnets::founding_pool(paid, min, &prices);
    (json!({"paid": paid, "min": min, "prices_rao": prices_rao}), json!([tao, alpha]))
}

fn share_pool(n: &mut Numbers) -> Made {
    let (mut pot, mut holders) = (Pot::empty(), vec![Decimal::whole(0); 3]);
    let mut steps = Vec::new();
    for _ in 0..4 + n.below(12) {
        let (holder, amount) = (n.below(3) as usize, 1 + n.owned() / 4);
        match n.below(4) {
            0 | 1 => {
                steps.push(json!(["add", holder, amount]));
                if let Some((changed, shares)) = pot.add(&holders[holder], amount) {
                    (pot, holders[holder]) = (changed, shares);
                }
            }
            2 => {
                let amount = amount.min(pot.value_of(&holders[holder]));
                steps.push(json!(["remove", holder, amount]));
                if let Some((changed, shares)) = pot.remove(&holders[holder], amount) {
                    (pot, holders[holder]) = (changed, shares);
                }
            }
            _ => {
                steps.push(json!(["reward", 0, amount]));
                pot = pot.reward(amount);
            }
        }
    }
    let values: Vec<u64> = holders.iter().map(|s| pot.value_of(s)).collect();
    let digits = pot.shares.mantissa.to_string();
    (
        json!({"holders": 3, "steps": steps}),
        json!({"value": pot.value, "shares": [digits, pot.shares.exponent], "holders": values}),
    )
}

fn payout(n: &mut Numbers) -> Made {
    let pots: Vec<u64> = (0..4).map(|_| n.owned() >> 8).collect();
    let tao_weight = n.proportion();
    let owner = n.flag().then_some(["c0", "h0"]);
    let recycle = n.flag();
    let miners: Vec<(String, String, u64)> =
        (0..n.below(5)).map(|i| (format!("h{i}"), format!("c{}", n.below(4)), n.owned() >> 20)).collect();
    let validators: Vec<(String, String, u64, u64, u64, u16)> = (0..n.below(5))
        .map(|i| {
            (
                format!("h{}", i + 3),
                format!("c{}", n.below(4)),
                n.owned() >> 10,
                n.owned(),
                n.owned(),
                n.rate(),
            )
        })
        .collect();
    let burn = if n.flag() { 0 } else { n.below(1_000_000) };
    let input = PayoutInput {
        pots: EpochPots {
            server: pots[0].into(),
            validator: pots[1].into(),
            root: pots[2].into(),
            owner_cut: pots[3].into(),
        },
        tao_weight,
        owner: owner.map(|[coldkey, hotkey]| SubnetOwner {
            coldkey: coldkey.to_string(),
            hotkey: hotkey.to_string(),
        }),
        recycle_withheld: recycle,
        miners: miners
            .iter()
            .map(|(hotkey, coldkey, incentive)| Miner {
                hotkey: hotkey.clone(),
                coldkey: coldkey.clone(),
                destination: hotkey.clone(),
                incentive: (*incentive).into(),
                parents: None,
            })
            .collect(),
        validators: validators
            .iter()
            .map(|(hotkey, coldkey, dividend, alpha, root, take)| Validator {
                hotkey: hotkey.clone(),
                coldkey: coldkey.clone(),
                dividend: (*dividend).into(),
                holding: holding(*alpha, *root),
                take: *take,
            })
            .collect(),
        childkey_recycled: burn.into(),
    };
    let paid = reference::payout::pay(&input);
    let credits: Vec<Value> = paid
        .credits
        .iter()
        .map(|credit| match credit {
            Credit::Stake { reason, hotkey, coldkey, amount, .. } => {
                let reason = match reason {
                    Reason::OwnerCut => "owner_cut",
                    Reason::Incentive => "incentive",
                    Reason::ModelParents => "model_parents",
                    Reason::AlphaTake => "alpha_take",
                    Reason::AlphaDividend => "alpha_dividend",
                    Reason::RootTake => "root_take",
                };
                json!([reason, hotkey, coldkey, amount.to_rao()])
            }
            Credit::Nominators { hotkey, amount } => json!(["nominators", hotkey, null, amount.to_rao()]),
            Credit::RootClaims { hotkey, amount } => json!(["root_claims", hotkey, null, amount.to_rao()]),
        })
        .collect();
    let input = json!({
        "server": pots[0], "validator": pots[1], "root": pots[2], "owner_cut": pots[3], "tao_weight": tao_weight,
        "owner": owner, "recycle": recycle, "miners": miners, "validators": validators, "childkey_burn": burn,
    });
    let expected = json!({
        "credits": credits, "recycled": paid.recycled.to_rao(), "burned": paid.unowned.to_rao(),
        "unpaid": paid.unpaid.to_rao(), "miner_burned_bits": paid.miner_burned.to_bits().to_string(),
    });
    (input, expected)
}

fn coinbase_block(n: &mut Numbers) -> Made {
    let input = BlockInput {
        tao_emission: (1_000_000_000 >> n.below(4)).into(),
        root_tao: n.owned().into(),
        tao_weight: n.proportion(),
    };
    let (mut rows, mut states) = (Vec::new(), Vec::new());
    for _ in 0..1 + n.below(5) {
        let (tao, alpha_in, alpha_out) = (n.owned(), n.owned(), n.owned());
        let quote = if n.flag() {
            QuoteWeight::HALF.quote_e18()
        } else {
            QuoteWeight::MIN + n.below(QuoteWeight::MAX - QuoteWeight::MIN)
        };
        let (price_rao, burned_permille) = (n.below(1_500_000_000), n.below(4) * 250);
        let (enabled, stable) = (n.below(5) > 0, n.below(8) == 0);
        let owner_cut = (n.below(4) > 0).then(|| n.rate());
        let pool = Pool {
            tao: tao.into(),
            alpha: alpha_in.into(),
            weight: QuoteWeight::new(quote).expect("in range"),
        };
        states.push(SubnetState {
            market: if stable { Market::Stable } else { Market::Dynamic(pool) },
            alpha_in: alpha_in.into(),
            alpha_out: alpha_out.into(),
            share: ShareInput {
                moving_price: U64F64::from_ratio(price_rao, 1_000_000_000u64),
                miner_burned: U64F64::from_ratio(burned_permille, 1_000u64),
                enabled,
            },
            owner_cut,
        });
        rows.push(json!({
            "tao": tao, "alpha_in": alpha_in, "alpha_out": alpha_out, "quote_weight_e18": quote, "stable": stable,
            "moving_price_rao": price_rao, "miner_burned_permille": burned_permille, "enabled": enabled, "owner_cut": owner_cut,
        }));
    }
    let emission = reference::coinbase::emit(&input, &states);
    let subnets: Vec<Value> = emission
        .subnets
        .iter()
        .map(|s| {
            json!({
                "tao_in": s.tao_in.to_rao(), "alpha_in": s.alpha_in.to_rao(), "excess_tao": s.excess_tao.to_rao(),
                "alpha_bought": s.alpha_bought.to_rao(), "quote_weight_e18": s.weight.map(QuoteWeight::quote_e18),
                "alpha_out": s.alpha_out.to_rao(), "owner_cut": s.pots.owner_cut.to_rao(), "server": s.pots.server.to_rao(),
                "validator": s.pots.validator.to_rao(), "root": s.pots.root.to_rao(), "recycled": s.pots.recycled.to_rao(),
            })
        })
        .collect();
    let input = json!({
        "tao_emission": input.tao_emission.to_rao(), "root_tao": input.root_tao.to_rao(), "tao_weight": input.tao_weight,
        "subnets": rows,
    });
    (input, json!({"subnets": subnets, "recycled": emission.recycled.to_rao()}))
}

type Maker = fn(&mut Numbers) -> Made;

/// Kind, how many cases, absolute tolerance.
const KINDS: &[(&str, usize, f64, Maker)] = &[
    ("parents_split", 12, 0.0, parents_split),
    ("inherited_stake", 12, 0.0, inherited_stake),
    // Masses are exact; a conviction is shown as the nearest double.
    ("conviction", 16, 0.01, conviction),
    ("king", 12, 0.0, king),
    ("takeover_lock", 12, 0.01, ties::takeover_lock),
    ("children_list", 16, 0.0, ties::children_list),
    ("parent_loan", 8, 0.0, ties::parent_loan),
    ("parent_room", 8, 0.0, ties::parent_room),
    ("collateral", 12, 0.0, ties::miners_collateral),
    ("dissolve", 12, 0.0, dissolve),
    ("owner_refund", 8, 0.0, owner_refund),
    ("claim_indices", 8, 0.0, claim_indices),
    ("root_claim", 12, 0.0, root_claim),
    ("prune_uid", 16, 0.0, prune_uid),
    ("prune_subnet", 12, 0.0, prune_subnet),
    ("lock_cost", 12, 0.0, lock_cost),
    ("founding_pool", 10, 0.0, founding_pool),
    ("share_pool", 12, 0.0, share_pool),
    ("payout", 16, 0.0, payout),
    ("coinbase_block", 16, 0.0, coinbase_block),
];

fn file() -> String {
    let mut text = format!("{{\"README\": {},\n\"cases\": [\n", json!(README));
    let mut lines = Vec::new();
    for (kind, count, tolerance, make) in KINDS {
        let mut numbers =
            Numbers(kind.bytes().fold(0, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(byte.into())));
        for i in 1..=*count {
            let (input, expected) = make(&mut numbers);
            let mut case = json!({"id": format!("{kind}-{i}"), "kind": kind, "source": "derived-exact-model", "input": input, "expected": expected});
            if *tolerance > 0.0 {
                case["tolerance"] = json!(tolerance);
            }
            lines.push(case.to_string());
        }
    }
    text.push_str(&lines.join(",\n"));
    text.push_str("\n]}\n");
    text
}

#[test]
fn kept_cases_are_what_the_twin_says() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/economy.json");
    let made = file();
    if std::env::var_os("MYELIN_WRITE_CASES").is_some() {
        std::fs::write(&path, &made).expect("the folder of the cases is writable");
    }
    let kept = std::fs::read_to_string(&path).expect("the cases are kept");
    let differs = kept.lines().zip(made.lines()).find(|(kept, made)| kept != made);
    assert!(differs.is_none() && kept.len() == made.len(), "the file is out of date: {differs:?}");
}

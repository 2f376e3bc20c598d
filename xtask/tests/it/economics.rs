//! The worked examples of `docs/ECONOMICS.md`, computed with the functions that the chain calls.
//!
//! Every quoted paragraph of the page is one example. Each is written here with its numbers left open; the page has to
//! contain exactly these sentences with exactly these numbers, and no other example.

use std::path::Path;

use myelin_economy::childkeys::{inherited, FamilyDividend, FamilyRates, Holding, Loan, Parent};
use myelin_economy::claim::{accrue, claimed_after_adding, owed, Accrual};
use myelin_economy::collateral::{forfeit, Bond, Requirement, REPORT_WINDOW};
use myelin_economy::conviction::{LockKind, LockRates, LockState};
use myelin_economy::dissolve::liquidate;
use myelin_economy::emission::{
    block_pots, plan_injection, root_proportion, tao_shares, MovingPrice, ShareInput,
};
use myelin_economy::fees;
use myelin_economy::issuance::{alpha_block_emission, block_emission};
use myelin_economy::payout::{Credit, EpochPots, Miner, PayoutInput, Reason, SubnetOwner, Validator};
use myelin_economy::pool::{
    max_swap, price_from_rao, price_to_rao, Fee, Market, Pool, Terms, DEFAULT_FEE_RATE,
};
use myelin_economy::registration::{burn_factor, founding_pool, BurnBounds, Candidate, LockCost, PruneRule};
use myelin_economy::shares::{ShareFloat, SharePool};
use myelin_units::{AlphaBalance, TaoBalance, I64F64, I96F32, U64F64, U96F32};
use myelin_yuma::set_weights::max_upscale;
use myelin_yuma::{run_epoch, EpochInput, EpochParams};

const TOKEN: u64 = 1_000_000_000;
/// A day of 12 s blocks.
const DAY: u64 = 7_200;
/// `TaoWeight` at genesis.
const TAO_WEIGHT: u64 = 971_718_665_099_567_868;

fn tao(tokens: u64) -> TaoBalance {
    TaoBalance::from_tokens(tokens)
}

fn alpha(tokens: u64) -> AlphaBalance {
    AlphaBalance::from_tokens(tokens)
}

/// Rao as tokens: `1,234.5`.
fn shown(rao: impl Into<u64>) -> String {
    let rao = rao.into();
    let digits = (rao / TOKEN).to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|group| std::str::from_utf8(group).expect("digits")).collect();
    let fraction = format!("{:09}", rao % TOKEN);
    match fraction.trim_end_matches('0') {
        "" => groups.join(","),
        fraction => format!("{}.{fraction}", groups.join(",")),
    }
}

/// A count with its thousands apart: `1,234`.
fn grouped(count: u64) -> String {
    shown(count * TOKEN)
}

fn rounding() -> Vec<String> {
    let half = U64F64::from_ratio(1, 2).floor_u16_unit();
    let lent = inherited(1_000 * TOKEN, &[u64::MAX / 2], &[]);
    vec![format!(
        "One half on the u16 scale is {half}, not 32768. A hotkey with 1,000 alpha that lends half of it, written as \
         9223372036854775807 on the u64 scale, keeps {} alpha: the proportion is floored to 2⁻³² first.",
        shown(lent)
    )]
}

fn issuance() -> Vec<String> {
    let at = |tokens: u64| shown(block_emission(tokens * TOKEN));
    let before = shown(block_emission(10_500_000 * TOKEN - 1));
    let subnet = alpha_block_emission(alpha(15_000_000), alpha(750_000));
    vec![
        format!(
            "With one rao less than 10,500,000 TAO issued, a block mints {before} TAO; with 10,500,000 it mints {} TAO, with \
             15,750,000 it mints {} TAO.",
            at(10_500_000),
            at(15_750_000)
        ),
        format!(
            "A subnet with 15,000,000 alpha in its pool and 750,000 outstanding mints {} alpha per block.",
            shown(subnet)
        ),
    ]
}

fn shares_of_tao() -> Vec<String> {
    let share = |price_rao: u64, burned: U64F64, enabled: bool| ShareInput {
        moving_price: price_from_rao(price_rao),
        miner_burned: burned,
        enabled,
    };
    let half = U64F64::from_ratio(1, 2);
    let parts = |subnets: &[ShareInput]| -> Vec<String> {
        let block = U64F64::from_int(TOKEN);
        tao_shares(subnets).into_iter().map(|share| shown((block * share).floor_u64())).collect()
    };
    let open = parts(&[share(300_000_000, U64F64::ZERO, true), share(100_000_000, U64F64::ZERO, true)]);
    let burned = parts(&[share(300_000_000, half, true), share(100_000_000, U64F64::ZERO, true)]);
    let closed = parts(&[share(300_000_000, U64F64::ZERO, false), share(100_000_000, U64F64::ZERO, true)]);

    let first_emission_block = 1;
    let mut moving = I96F32::ZERO;
    for block in 201_600..201_600 + DAY {
        let rule = MovingPrice {
            alpha: myelin_units::I96F32::from_bits(12_885),
            halving_blocks: 201_600,
            first_emission_block,
            block,
        };
        moving = rule.next(moving, half);
    }
    vec![
        format!(
            "Subnets with moving prices 0.3 and 0.1 TAO get {} and {} TAO of a block's 1 TAO. If half of the first one's miner \
             emission was withheld, they get {} and {}. If the first is not enabled, {} and {}.",
            open[0], open[1], burned[0], burned[1], closed[0], closed[1]
        ),
        format!(
            "A price that jumps from 0 to 0.5 TAO in block 201,600 of a subnet's emission has moved the moving price to {} TAO a \
             day later.",
            shown(price_to_rao(moving.cast()))
        ),
    ]
}

fn injection() -> Vec<String> {
    let young = plan_injection(
        U96F32::from_ratio(400_000_000, 1),
        alpha(1),
        price_from_rao(500_000_000),
        root_proportion(tao(5_000_000), TAO_WEIGHT, alpha(1_000)),
    );
    let rho = root_proportion(tao(5_000_000), TAO_WEIGHT, alpha(4_000_000));
    let grown =
        plan_injection(U96F32::from_ratio(400_000_000, 1), alpha(1), price_from_rao(500_000_000), rho);
    vec![format!(
        "A subnet gets 0.4 TAO at a price of 0.5 TAO per alpha; 5,000,000 TAO are on root at the default weight. With 1,000 alpha \
         issued, {} TAO and {} alpha enter the pool and {} TAO buys alpha. With 4,000,000 alpha issued the root proportion is \
         {:.6}, and it is {} TAO, {} alpha and {} TAO.",
        shown(young.tao_in),
        shown(young.alpha_in),
        shown(young.excess_tao),
        rho,
        shown(grown.tao_in),
        shown(grown.alpha_in),
        shown(grown.excess_tao)
    )]
}

fn pots() -> Vec<String> {
    let rho = root_proportion(tao(5_000_000), TAO_WEIGHT, alpha(4_000_000));
    let paid = block_pots(alpha(1), Some(11_796), rho, true);
    let quiet = block_pots(alpha(1), Some(11_796), rho, false);
    vec![format!(
        "Of a block's 1 alpha in the same grown subnet, {} goes to the owner, {} to miners, {} to validators and {} to root stakers. \
         While the moving prices add up to 1 TAO or less, those {} are recycled.",
        shown(paid.owner_cut),
        shown(paid.server),
        shown(paid.validator),
        shown(paid.root),
        shown(quiet.recycled)
    )]
}

fn epoch() -> Vec<String> {
    let input = EpochInput {
        params: EpochParams { yuma3: true, commit_reveal: false, ..EpochParams::default() },
        block: 1_000,
        emission: 100 * TOKEN,
        last_step_block: 640,
        owner_uid: None,
        total_stake: [600i64, 400, 0, 0].map(I64F64::from_int).to_vec(),
        last_update: vec![990; 4],
        registered: vec![0; 4],
        permits: vec![true, true, false, false],
        weights: vec![vec![(2, 65_535), (3, 65_535)], vec![(2, 65_535)], vec![], vec![]],
        bonds: vec![vec![]; 4],
        commit_blocks: vec![None; 4],
        ..EpochInput::default()
    };
    let output = run_epoch(&input);
    vec![format!(
        "Validator V has 60 % of the stake and weighs miners M and N equally; validator W has 40 % and weighs only M. Consensus is \
         {} for M and {} for N, so W is clipped and its trust is {}. Of 100 alpha M earns {}, N {}, V {} and W {}.",
        output.consensus[2],
        output.consensus[3],
        output.validator_trust[1],
        shown(output.server_emission[2]),
        shown(output.server_emission[3]),
        shown(output.validator_emission[0]),
        shown(output.validator_emission[1])
    )]
}

fn payout() -> Vec<String> {
    let input = PayoutInput {
        pots: EpochPots { server: alpha(41), validator: alpha(33), root: alpha(8), owner_cut: alpha(18) },
        tao_weight: u64::MAX,
        owner: Some(SubnetOwner { coldkey: "owner", hotkey: "owner's" }),
        recycle_withheld: false,
        miners: vec![
            Miner {
                hotkey: "miner",
                coldkey: "worker",
                destination: "miner",
                incentive: alpha(30),
                parents: None,
            },
            Miner {
                hotkey: "owner's",
                coldkey: "owner",
                destination: "owner's",
                incentive: alpha(11),
                parents: None,
            },
        ],
        validators: vec![Validator {
            hotkey: "validator",
            coldkey: "delegate",
            dividend: alpha(41),
            holding: Holding { alpha: alpha(750), root: tao(250) },
            take: 11_796,
        }],
        childkey_recycled: AlphaBalance::ZERO,
    };
    let paid = input.pay();
    let find = |wanted: &dyn Fn(&Credit<&str>) -> bool| {
        shown(paid.credits.iter().find(|credit| wanted(credit)).expect("paid").amount())
    };
    let staked = |why: Reason| find(&move |c| matches!(c, Credit::Stake { reason, .. } if *reason == why));
    vec![format!(
        "Pots of 41 alpha for miners, 33 for validators, 8 for root and 18 for the owner; the owner's own miner earned 11 of the 41. \
         The owner gets {}, the other miner {}, and {} are withheld: the subnet counts {} % as burned. The only validator has 750 \
         alpha, 250 TAO on root and the default take. It keeps {} of the validators' pot and {} of root's; its nominators get {} and \
         its root stakers may claim {}.",
        staked(Reason::OwnerCut),
        staked(Reason::Incentive),
        shown(paid.unowned),
        (paid.miner_burned * U64F64::from_int(100u64)).floor_u64(),
        staked(Reason::AlphaTake),
        staked(Reason::RootTake),
        find(&|c| matches!(c, Credit::Nominators { .. })),
        find(&|c| matches!(c, Credit::RootClaims { .. }))
    )]
}

fn childkeys() -> Vec<String> {
    let lent = u64::MAX / 4;
    let parent = inherited(800 * TOKEN, &[lent], &[]);
    let child = inherited(200 * TOKEN, &[], &[Loan { value: 800 * TOKEN, proportion: lent }]);
    let family = |same_owner| FamilyDividend {
        hotkey: "child",
        dividend: alpha(100),
        holding: Holding { alpha: alpha(200), root: TaoBalance::ZERO },
        lent: vec![],
        take: 6_554,
        parents: vec![Parent {
            hotkey: "parent",
            proportion: lent,
            holding: Holding { alpha: alpha(800), root: TaoBalance::ZERO },
            same_owner,
        }],
    };
    let rates = FamilyRates { tao_weight: TAO_WEIGHT, burn: 0 };
    let (foreign, own) = (family(false).split(rates), family(true).split(rates));
    vec![format!(
        "A parent with 800 alpha lends a quarter to a child with 200: they count {} and {}. Of a dividend of 100 alpha the parent gets \
         {} and the child, with a childkey take of 10 %, {}. If both belong to one coldkey, it is {} and {}.",
        shown(parent),
        shown(child),
        shown(foreign.parents[0].1),
        shown(foreign.own),
        shown(own.parents[0].1),
        shown(own.own)
    )]
}

fn shares() -> Vec<String> {
    let first =
        SharePool::default().add(&ShareFloat::ZERO, alpha(300)).expect("an empty pot takes any amount");
    let second = first.pool.add(&ShareFloat::ZERO, alpha(700)).expect("worth shares");
    let rewarded = second.pool.add_for_all(alpha(100));
    let third = rewarded.add(&ShareFloat::ZERO, alpha(110)).expect("worth shares");
    let pool = |y, x| Market::Dynamic(Pool::balanced(tao(y), alpha(x)));
    let moved =
        max_swap(&pool(2_000, 1_000), &pool(1_000, 1_000), TOKEN, Fee::NONE).expect("pools with prices");
    let nominators = format!(
        "Nominators stake 300 and 700 alpha; a dividend of 100 makes that {} and {}. A third one stakes 110 and gets {} shares worth \
         {}; the others still have {} and {}.",
        shown(rewarded.value_of(&first.holder)),
        shown(rewarded.value_of(&second.holder)),
        shown(third.holder.floor_u64()),
        shown(third.pool.value_of(&third.holder)),
        shown(third.pool.value_of(&first.holder)),
        shown(third.pool.value_of(&second.holder))
    );
    let limit = format!(
        "From a pool of 2,000 TAO and 1,000 alpha to one of 1,000 TAO and 1,000 alpha, {} alpha may move until the ratio of the prices, \
         2 now, is 1.",
        shown(moved)
    );
    vec![limit, nominators]
}

fn root_dividends() -> Vec<String> {
    let Accrual::Rate(rate) = accrue(I96F32::ZERO, alpha(2), tao(1_000)) else { panic!("enough root stake") };
    let before = owed(rate, tao(250), 0);
    let claimed = claimed_after_adding(rate, tao(750), 0);
    vec![format!(
        "A hotkey with 1,000 TAO on root earns 2 alpha: a holder of 250 TAO may claim {}. It adds 750 TAO and may still claim {}.",
        shown(before),
        shown(owed(rate, tao(1_000), claimed))
    )]
}

fn locks() -> Vec<String> {
    let lock = LockState { locked_mass: alpha(1_000), conviction: U64F64::ZERO, last_update: 0 };
    let after = |perpetual, owner| {
        let kind = LockKind { perpetual, owner };
        let rolled = lock.rolled(90 * DAY, LockRates::default(), kind);
        (shown(rolled.locked_mass), shown(rolled.conviction.floor_u64()))
    };
    let (melting, kept, owners) = (after(false, false), after(true, false), after(false, true));
    let rates = LockRates::default();
    let later =
        |lock: LockState| shown(lock.rolled(180 * DAY, rates, LockKind::default()).conviction.floor_u64());
    let after_takeover = format!(
        "If that owner loses the subnet on the 90th day, the lock for its hotkey has a conviction of {} on the 180th, where one that never \
         was the owner's has {}.",
        later(lock.after_ownership(Some(90 * DAY), rates, false)),
        later(lock)
    );
    let kinds = format!(
        "1,000 alpha, locked for 90 days: a decaying lock still binds {} and has a conviction of {}. A perpetual one binds {} and has {}; \
         one for the owner's hotkey binds {} and has {}.",
        melting.0, melting.1, kept.0, kept.1, owners.0, owners.1
    );
    vec![kinds, after_takeover]
}

fn pool() -> Vec<String> {
    let pool = Pool::balanced(tao(1_000), alpha(4_000));
    let bought = pool.buy(tao(10), Terms::with_fee(Fee(DEFAULT_FEE_RATE))).expect("a small order");
    let after = pool.after_buy(&bought);
    let sold = after.sell(bought.amount_out, Terms::with_fee(Fee(DEFAULT_FEE_RATE))).expect("a small order");
    let wider = pool.with_injection(tao(100), alpha(0)).expect("within the weights");
    vec![
        format!(
            "A pool of 1,000 TAO and 4,000 alpha has a price of {}. For 10 TAO the author gets {} TAO and the buyer {} alpha; the price is \
             then {}. Sold again at once, that alpha brings {} TAO.",
            shown(price_to_rao(pool.price())),
            shown(bought.fee),
            shown(bought.amount_out),
            shown(price_to_rao(after.price())),
            shown(sold.amount_out)
        ),
        format!(
            "100 TAO injected without alpha leave the price at {} and raise the weight of TAO from 0.5 to 0.{:018}.",
            shown(price_to_rao(wider.price())),
            wider.weight.quote_e18()
        ),
    ]
}

fn registration() -> Vec<String> {
    let bounds = BurnBounds { min: TaoBalance::from_rao(500_000), max: tao(100) };
    let factor = burn_factor(360);
    let mut burn = tao(1);
    let bumped = bounds.bumped(burn, U64F64::from_bits(U64F64::from_ratio(126, 100).to_bits() + 1));
    for _ in 0..360 {
        burn = bounds.decayed(burn, factor);
    }
    let neuron =
        |uid, emission, registered| Candidate { uid, emission: alpha(emission), registered, immortal: false };
    let rule = PruneRule { block: 10_000, immunity_period: 5_000, min_non_immune: 1 };
    let full = [neuron(0, 3, 0), neuron(1, 2, 100), neuron(2, 0, 9_000), neuron(3, 2, 50)];
    vec![
        format!(
            "A price of 1 TAO is {} TAO after 360 blocks without a registration, and {} TAO right after one.",
            shown(burn),
            shown(bumped)
        ),
        format!(
            "In block 10,000 the subnet is full: uid 0 earned 3, uid 1 earned 2 (registered in block 100), uid 2 earned 0 (block 9,000, \
             immune), uid 3 earned 2 (block 50). Uid {} gives way.",
            rule.choose(&full).expect("somebody gives way")
        ),
    ]
}

fn subnets() -> Vec<String> {
    let cost = LockCost {
        last_lock: tao(1_000),
        min_lock: tao(1_000),
        last_block: 50_000,
        interval: 100_800,
        block_emission: TOKEN,
    };
    let at = |days: u64| shown(cost.at(50_000 + days * DAY));
    let prices = [100_000_000, 300_000_000].map(price_from_rao);
    let (y, x) = founding_pool(tao(1_500), tao(1_000), &prices);
    let parts = liquidate(tao(1_000), &[alpha(600), alpha(200), alpha(100)]);
    vec![
        format!(
            "The last subnet cost 1,000 TAO, which is also the minimum. The next costs {} TAO at once, {} after 7 days and {} after 14.",
            at(0),
            at(7),
            at(14)
        ),
        format!(
            "Two subnets have prices of 0.1 and 0.3 TAO. A third one for 1,500 TAO starts with {} TAO and {} alpha.",
            shown(y),
            shown(x)
        ),
        format!(
            "A dissolved pool of 1,000 TAO and claims of 600, 200 and 100 alpha: {}, {} and {} TAO.",
            shown(parts[0]),
            shown(parts[1]),
            shown(parts[2])
        ),
    ]
}

fn weights() -> Vec<String> {
    vec![format!(
        "Weights 1, 2, 3 are stored as {:?}; 1, 2, 40000 as {:?}.",
        scaled(&[1, 2, 3]),
        scaled(&[1, 2, 40_000])
    )]
}

fn fees_and_keys() -> Vec<String> {
    let execution = fees::of_weight(1_000_000_000, fees::WEIGHT_PER_RAO);
    let space = fees::of_length(147, fees::RAO_PER_BYTE);
    let fee = TaoBalance::from_rao(execution.to_rao() + space.to_rao());
    let pool = Pool::balanced(tao(1_000), alpha(4_000));
    let paid = Market::Dynamic(pool).alpha_worth(fee).expect("a price");
    let brought = pool.sell(paid, Terms::FREE).expect("a small order").amount_out;
    vec![
        format!(
            "A call of 1,000,000,000 units of weight in 147 bytes costs {} rao. Whoever has no TAO and unstakes from a pool of 1,000 TAO and \
             4,000 alpha pays {} rao of alpha instead, which bring {} rao.",
            grouped(fee.to_rao()),
            grouped(paid.to_rao()),
            grouped(brought.to_rao())
        ),
        format!(
            "Another hotkey costs {} TAO everywhere and {} TAO on one subnet.",
            shown(fees::KEY_SWAP),
            shown(fees::KEY_SWAP_ON_SUBNET)
        ),
    ]
}

fn collateral() -> Vec<String> {
    let requirement = Requirement::new(tao(10), 600).expect("within bounds");
    let bond = Bond::lock(None, tao(12), &requirement, 1_000).expect("enough");
    let leaving = bond.unbond(5_000).expect("it stays");
    let last = 4_990 + REPORT_WINDOW;
    assert!(leaving.answers_for(4_990, last) && !leaving.answers_for(4_990, last + 1));
    let parts = forfeit(bond.amount);
    vec![format!(
        "A subnet asks for 10 TAO and 600 blocks. A miner that locked 12 TAO in block 1,000 and asks for them back in block 5,000 may take \
         them in block {}. For two answers to a challenge drawn in block 4,990 it can be reported until block {}; then {} TAO go to whoever \
         reports and {} are recycled.",
        grouped(leaving.leaves.expect("asked back")),
        grouped(last),
        shown(parts.reward),
        shown(parts.recycled)
    )]
}

fn scaled(weights: &[u16]) -> Vec<u16> {
    max_upscale(weights)
}

#[test]
fn every_example_of_the_page_is_recomputed() {
    let page = include_str!("../../../docs/ECONOMICS.md");
    let (mut quoted, mut open) = (Vec::<String>::new(), false);
    for line in page.lines() {
        match (line.strip_prefix("> "), open) {
            (Some(text), true) => {
                let example = quoted.last_mut().expect("opened");
                *example = format!("{example} {text}");
            }
            (Some(text), false) => quoted.push(text.to_owned()),
            (None, _) => {}
        }
        open = line.starts_with("> ");
    }
    let chapters = [
        rounding,
        issuance,
        shares_of_tao,
        injection,
        pots,
        epoch,
        payout,
        childkeys,
        shares,
        root_dividends,
        locks,
        pool,
        registration,
        subnets,
        weights,
        fees_and_keys,
        collateral,
    ];
    let computed: Vec<String> = chapters.iter().flat_map(|chapter| chapter()).collect();
    for (example, written) in computed.iter().zip(&quoted) {
        assert_eq!(example, written, "left: what the functions say; right: what the page says");
    }
    assert_eq!(computed.len(), quoted.len(), "{:#?}", computed.get(quoted.len()..));
}

/// All Rust sources under `folder`.
fn sources(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).expect("a folder of the repository").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&std::fs::read_to_string(&path).expect("a readable source"));
        }
    }
}

#[test]
fn what_the_page_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = include_str!("../../../docs/ECONOMICS.md");
    let mut code = String::new();
    for folder in ["core", "chain/pallets", "chain/runtime", "xtask/src/cases"] {
        sources(&root.join(folder), &mut code);
    }
    let mut tests = 0;
    for name in page.split('`').skip(1).step_by(2) {
        let name = name.rsplit("::").next().unwrap_or(name);
        let is_function = name.contains('_')
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if is_function && name.matches('_').count() >= 2 {
            assert!(
                code.contains(&format!("fn {name}(")) || code.contains(&format!("fn {name}<")),
                "no function {name}"
            );
            tests += 1;
        } else if name.bytes().all(|b| b.is_ascii_alphanumeric()) {
            assert!(code.contains(name), "{name} occurs nowhere in the code");
        }
    }
    assert!(tests > 40, "only {tests} functions are named");
    for link in page.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
        assert!(root.join("docs").join(link).exists(), "{link} does not exist");
    }
}

//! Moves of a party that controls several keys, and the bound of each. Rounding may add a billionth for each subnet.

use myelin_election::{
    panel::{Member, Panel, Qualities},
    pass::{entry_of, Reading},
    stake, PerBillion, Rules,
};
use myelin_units::{TaoBalance, Uid, I64F64};
use myelin_yuma::{
    agreement::{independent_agreement, typical},
    EpochInput, EpochParams,
};
use proptest::prelude::*;

/// Backing of honest validators, in TAO, and whether each is on each of the subnets.
#[derive(Clone, Debug)]
struct Honest {
    subnets: Vec<(u32, Vec<Option<u64>>)>,
    idle: u64,
}

fn honest() -> impl Strategy<Value = Honest> {
    let backing = prop::collection::vec(1u64..10_000, 3..10);
    (backing, 0u64..20_000).prop_flat_map(|(backing, idle)| {
        let present = prop::collection::vec(prop::bool::weighted(0.8), backing.len());
        prop::collection::vec((1u32..100, present), 1..6).prop_map(move |subnets| {
            let with = |present: Vec<bool>| {
                present.iter().zip(&backing).map(|(is, backing)| is.then_some(*backing)).collect()
            };
            Honest {
                subnets: subnets.into_iter().map(|(emission, present)| (emission, with(present))).collect(),
                idle,
            }
        })
    })
}

fn member(hotkey: u8, coldkey: u8, tao: u64) -> Member {
    let backing = TaoBalance::from_tokens(tao);
    Member { hotkey: [hotkey; 32], coldkey: [coldkey; 32], backing, measure: PerBillion::ONE }
}

impl Honest {
    /// Root stake of all honest validators, and of nominators of keys that validate nowhere.
    fn root(&self) -> u64 {
        let validators = self.subnets.first().map_or(0, |(_, first)| first.len());
        let most = |place: usize| self.subnets.iter().filter_map(|(_, all)| all[place]).max().unwrap_or(0);
        (0..validators).map(most).sum::<u64>() + self.idle
    }

    /// Panels of the honest subnets with these members on each, beside others with their share of the emission.
    fn panels(&self, ours: &[Member], others: &[(u32, Vec<Member>)]) -> Vec<Panel> {
        let all: u32 = self.subnets.iter().map(|(emission, _)| emission).sum::<u32>()
            + others.iter().map(|(emission, _)| emission).sum::<u32>();
        let part = |emission: u32| PerBillion::ratio(emission.into(), all.into());
        let honest = self.subnets.iter().map(|(emission, present)| {
            let theirs = (1..).zip(present).filter_map(|(key, backing)| Some(member(key, key, (*backing)?)));
            Panel {
                emission: part(*emission),
                owner: None,
                network: TaoBalance::ZERO,
                members: theirs.chain(ours.iter().copied()).collect(),
            }
        });
        let others = others.iter().map(|(emission, members)| Panel {
            emission: part(*emission),
            owner: Some([250; 32]),
            network: TaoBalance::ZERO,
            members: members.clone(),
        });
        honest.chain(others).collect()
    }
}

fn quality(panels: &[Panel], root: u64, hotkey: u8) -> u64 {
    let network = TaoBalance::from_tokens(root);
    let panels: Vec<Panel> = panels.iter().map(|panel| Panel { network, ..panel.clone() }).collect();
    Qualities::new(&panels).of(&[hotkey; 32]).parts().into()
}

proptest! {
    /// Own subnets whose validators are of one coldkey, or of the subnet's owner, add nothing.
    #[test]
    fn opening_subnets_adds_nothing_without_others(
        world in honest(), own in prop::collection::vec(1u32..100, 1..6), tao in 1u64..50_000, keys in 1u8..4,
    ) {
        let (root, ours) = (world.root() + tao, [member(100, 100, tao)]);
        let before = quality(&world.panels(&ours, &[]), root, 100);
        let alone: Vec<_> = (0..keys).map(|key| member(100 + key, 100, tao / u64::from(keys))).collect();
        let with_owner = vec![member(100, 100, tao), member(101, 250, tao)];
        for members in [alone, with_owner] {
            let opened: Vec<_> = own.iter().map(|emission| (*emission, members.clone())).collect();
            prop_assert!(quality(&world.panels(&ours, &opened), root, 100) <= before + 12);
        }
    }

    /// Own subnets filled with keys that look unconnected add their emission times the party's part of all root stake.
    #[test]
    fn opening_subnets_with_hidden_keys_adds_what_the_partys_root_stake_allows(
        world in honest(), own in prop::collection::vec(1u32..100, 1..6), tao in 10u64..50_000, keys in 2u8..20,
    ) {
        let root = world.root() + tao;
        let hidden: Vec<_> = (0..keys).map(|key| member(100 + key, 100 + key, tao / u64::from(keys))).collect();
        let opened: Vec<_> = own.iter().map(|emission| (*emission, hidden.clone())).collect();
        let panels = world.panels(&hidden, &opened);
        let ours: u64 = panels.iter().rev().take(own.len()).map(|panel| u64::from(panel.emission.parts())).sum();
        let without: Vec<Panel> = panels.iter().take(world.subnets.len()).cloned().collect();
        let bound = u128::from(ours) * u128::from(tao) / u128::from(root);
        prop_assert!(u128::from(quality(&panels, root, 100)) <= u128::from(quality(&without, root, 100)) + bound + 12);
    }

    /// Where others have at least as much backing as the party, the quality is the same for one key and for many,
    /// connected or not.
    #[test]
    fn splitting_and_merging_keys_changes_nothing_where_others_have_half(
        world in honest(), parts in prop::collection::vec(1u64..3_000, 1..8), connected: bool,
    ) {
        let tao: u64 = parts.iter().sum();
        let theirs = |present: &Vec<Option<u64>>| present.iter().flatten().sum::<u64>();
        prop_assume!(world.subnets.iter().all(|(_, present)| theirs(present) >= tao));
        let root = world.root() + tao;
        let one = quality(&world.panels(&[member(100, 100, tao)], &[]), root, 100);
        let coldkey = |key: u8| if connected { 100 } else { 100 + key };
        let many: Vec<_> = (0..).zip(&parts).map(|(key, part)| member(100 + key, coldkey(key), *part)).collect();
        let panels = world.panels(&many, &[]);
        for key in 0..many.len() as u8 {
            prop_assert_eq!(quality(&panels, root, 100 + key), one);
        }
    }

    /// Elsewhere hiding the connection of keys gains at most the part of the backing that exceeds twice that of
    /// others.
    #[test]
    fn splitting_gains_at_most_the_excess_over_others(
        world in honest(), tao in 1u64..100_000, keys in 1u8..20,
    ) {
        let root = world.root() + tao;
        let one = quality(&world.panels(&[member(100, 100, tao)], &[]), root, 100);
        let part = tao / u64::from(keys);
        let many: Vec<_> = (0..keys).map(|key| member(100 + key, 100 + key, part)).collect();
        let panels = world.panels(&many, &[]);
        let excess: u128 = panels.iter().zip(&world.subnets).map(|(panel, (_, present))| {
            let theirs: u64 = present.iter().flatten().sum();
            u128::from(panel.emission.parts()) * u128::from(tao.saturating_sub(theirs)) / u128::from(root)
        }).sum();
        prop_assert!(u128::from(quality(&panels, root, 100)) <= u128::from(one) + excess + 12);
    }

    /// However an amount is divided into pledges and nominations, and however it moves between two passes, the stake
    /// that counts is at most the amount.
    #[test]
    fn stake_counts_once(
        pledges in prop::collection::vec(0u64..1_000, 1..8), root in 0u64..100_000,
        first in prop::collection::vec(0u64..1_000, 8), second in prop::collection::vec(0u64..1_000, 8),
    ) {
        let divide = |parts: &[u64]| -> Vec<u64> {
            let all: u64 = parts.iter().take(pledges.len()).sum::<u64>().max(1);
            parts.iter().take(pledges.len()).map(|part| root * part / all).collect()
        };
        let (first, second) = (divide(&first), divide(&second));
        let counted = |i: usize| {
            let [pledge, now, before] = [pledges[i], second[i], first[i]].map(TaoBalance::from_tokens);
            stake::counted(pledge, now, before, 9).to_rao() / 1_000_000_000
        };
        let sum: u64 = (0..pledges.len()).map(counted).sum();
        let pledged: u64 = pledges.iter().sum();
        prop_assert!(sum <= pledged + root.min(9 * pledged));
        let whole = stake::counted(
            TaoBalance::from_tokens(pledged), TaoBalance::from_tokens(root), TaoBalance::from_tokens(root), 9,
        );
        prop_assert!(TaoBalance::from_tokens(sum) <= whole, "one key for all of it is worth as much");
    }

    /// Keys of one coldkey do not raise each other's agreement, whatever they vote.
    #[test]
    fn agreeing_with_own_keys_gains_nothing(
        rows in prop::collection::vec(prop::collection::vec(0u16..1_000, 5), 3..7),
        ours in prop::collection::vec(0u16..1_000, 5), keys in 1usize..5, stake in 1u64..1_000,
    ) {
        prop_assume!(ours.iter().any(|weight| *weight > 0));
        let of = |keys: usize| {
            let all: Vec<_> = rows.iter().chain(std::iter::repeat_n(&ours, keys)).cloned().collect();
            let mut backing = vec![500; rows.len()];
            backing.extend(vec![stake; keys]);
            let holders: Vec<u32> = (0..rows.len() as u32).chain(vec![99; keys]).collect();
            overlaps(&all, &backing, &holders).0[rows.len()]
        };
        let (one, many) = (of(1), of(keys));
        // The stake of each is rounded to a part of the whole, which differs.
        prop_assert!(many.unwrap_or(0) <= one.unwrap_or(0).saturating_add(2), "{one:?} {many:?}");
    }

    /// Weight is linear in stake, so a division of stake over candidates of one quality has no effect.
    #[test]
    fn weight_is_stake_times_quality(
        pledges in prop::collection::vec(100u64..1_000, 1..8), quality in 1u32..=1_000_000_000,
    ) {
        let rules = Rules { least_stake: TaoBalance::ZERO, least_quality: PerBillion::ZERO, ..Rules::production() };
        let weight = |pledge: u64| {
            let (pledge, none) = (TaoBalance::from_tokens(pledge), TaoBalance::ZERO);
            let (hotkey, coldkey) = ([1; 32], [1; 32]);
            let reading = Reading { hotkey, coldkey, serial: 0, pledge, nominations: none, before: none, ready: true };
            entry_of(&reading, PerBillion::from_parts(quality), &rules).map_or(0, |entry| entry.weight)
        };
        prop_assert_eq!(pledges.iter().map(|pledge| weight(*pledge)).sum::<u128>(), weight(pledges.iter().sum()));
    }
}

#[test]
fn whoever_lacks_pledge_stake_or_quality_or_is_not_ready_is_not_elected() {
    let rules = Rules::production();
    let tao = TaoBalance::from_tokens;
    let (pledge, nominations, before) = (tao(100), tao(900), tao(900));
    let fit =
        Reading { hotkey: [1; 32], coldkey: [1; 32], serial: 0, pledge, nominations, before, ready: true };
    let quality = rules.least_quality;
    let is_elected = |reading, quality| entry_of(&reading, quality, &rules).is_some();
    assert!(is_elected(fit, quality));
    assert!(!is_elected(Reading { ready: false, ..fit }, quality));
    assert!(!is_elected(Reading { pledge: tao(99), ..fit }, quality));
    assert!(!is_elected(Reading { nominations: tao(899), ..fit }, quality));
    assert!(!is_elected(fit, PerBillion::from_parts(quality.parts() - 1)));
    let none = Rules { least_quality: PerBillion::ZERO, ..rules };
    assert_eq!(entry_of(&fit, PerBillion::ZERO, &none), None, "no quality is no weight");
}

/// The independent agreement of validators with these rows over miners behind them, and the typical one.
pub fn overlaps(rows: &[Vec<u16>], backing: &[u64], holders: &[u32]) -> (Vec<Option<u16>>, Option<u16>) {
    let (validators, miners) = (rows.len(), rows.first().map_or(0, Vec::len));
    let n = validators + miners;
    let miner = |place: usize| (validators + place) as Uid;
    let entries = |row: &Vec<u16>| {
        (0..).map(miner).zip(row.iter().copied()).filter(|(_, weight)| *weight > 0).collect()
    };
    let input = EpochInput {
        params: EpochParams { commit_reveal: false, ..EpochParams::default() },
        block: 100,
        total_stake: (0..n).map(|uid| I64F64::from_int(backing.get(uid).copied().unwrap_or(0))).collect(),
        last_update: vec![99; n],
        registered: vec![1; n],
        permits: (0..n).map(|uid| uid < validators).collect(),
        weights: (0..n).map(|uid| rows.get(uid).map_or_else(Vec::new, entries)).collect(),
        ..EpochInput::default()
    };
    let strangers = 1_000..1_000 + miners as u32;
    let found = independent_agreement(&input, &holders.iter().copied().chain(strangers).collect::<Vec<_>>());
    let mut overlaps = vec![None; validators];
    found.iter().for_each(|agreement| overlaps[usize::from(agreement.uid)] = agreement.overlap);
    (overlaps, typical(&found))
}

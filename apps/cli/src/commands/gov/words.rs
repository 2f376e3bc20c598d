//! Tracks, assets, multipliers and parts as people write and read them.

use clap::ValueEnum;
use myelin_abi::Account;
use myelin_governance::effects::Thing;
use myelin_governance::{Asset, Kind, Multiplier, PerBillion, TrackId, TRACKS};
use myelin_units::{AlphaBalance, TaoBalance};

use crate::output::{address, alpha, stake_on, tao};
use crate::send::to_hex;

/// Reads an asset: `free`, `root` or `alpha:NETUID`.
pub fn asset(text: &str) -> Result<Asset, String> {
    let wrong = || format!("`{text}` is no asset; write free, root or alpha:NETUID, such as alpha:2");
    match text {
        "free" => Ok(Asset::Free),
        "root" => Ok(Asset::Stake(0)),
        _ => match text.strip_prefix("alpha:").and_then(|netuid| netuid.parse().ok()) {
            Some(netuid) if netuid > 0 => Ok(Asset::Stake(netuid)),
            _ => Err(wrong()),
        },
    }
}

/// An asset as [`asset`] reads it.
pub fn asset_name(asset: Asset) -> String {
    match asset {
        Asset::Free => "free".into(),
        Asset::Stake(0) => "root".into(),
        Asset::Stake(netuid) => format!("alpha:{netuid}"),
    }
}

/// An amount of an asset with its unit.
pub fn of_asset(asset: Asset, rao: u64) -> String {
    match asset {
        Asset::Free => tao(TaoBalance::from_rao(rao)),
        Asset::Stake(netuid) => stake_on(netuid, AlphaBalance::from_rao(rao)),
    }
}

/// Reads a track: its name, its number, `rubrics:NETUID`, or `stops:GRANT`.
pub fn track(text: &str) -> Result<TrackId, String> {
    let plain = text.replace(['-', '_'], " ");
    let of_subnet = text.strip_prefix("rubrics:").and_then(|netuid| netuid.parse().ok());
    let of_grant = text.strip_prefix("stops:").and_then(|grant| grant.parse().ok());
    let numbered = of_subnet.and_then(TrackId::rubrics).or(of_grant.and_then(TrackId::stop));
    let named = TRACKS.iter().map(|row| (row.name, row.kind.id())).find(|(name, _)| *name == plain);
    let number = text.parse().ok().map(TrackId);
    let found = numbered.or(named.map(|(_, id)| id)).or(number);
    found.filter(|track| track.row().is_some()).ok_or_else(|| {
        let names: Vec<String> = TRACKS.iter().map(|row| track_name(row.kind.id())).collect();
        format!("`{text}` is no track; the tracks are {}", names.join(", "))
    })
}

/// A track as [`track`] reads it.
pub fn track_name(track: TrackId) -> String {
    match (track.subnet(), track.grant(), track.row()) {
        (Some(netuid), ..) => format!("rubrics:{netuid}"),
        (None, Some(grant), _) => format!("stops:{grant}"),
        (None, None, Some(row)) => row.name.replace(' ', "-"),
        (None, None, None) if track == Kind::Rubrics.id() => "rubrics:NETUID".into(),
        (None, None, None) if track == Kind::Stops.id() => "stops:GRANT".into(),
        (None, None, None) => track.0.to_string(),
    }
}

/// Side of a vote.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Side {
    /// For the proposal.
    Aye,
    /// Against it.
    Nay,
}

/// Name of a side.
pub fn side(aye: bool) -> &'static str {
    match aye {
        true => "aye",
        false => "nay",
    }
}

/// Reads a multiplier.
pub fn multiplier(text: &str) -> Result<Multiplier, String> {
    let found = Multiplier::ALL.into_iter().find(|multiplier| times(*multiplier) == text);
    found.ok_or_else(|| format!("`{text}` is no multiplier; it is 1, 1.5 or 2"))
}

/// A multiplier as a number.
pub fn times(multiplier: Multiplier) -> &'static str {
    match multiplier {
        Multiplier::One => "1",
        Multiplier::OneAndHalf => "1.5",
        Multiplier::Two => "2",
    }
}

/// A part as a percentage with two decimals, rounded down.
pub fn percent(part: PerBillion) -> String {
    let hundredths = part.parts() / 100_000;
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}

/// Power on a track: rao of TAO, or of the subnet's alpha.
pub fn power(track: TrackId, rao: u128) -> String {
    let rao = u64::try_from(rao).unwrap_or(u64::MAX);
    match track.subnet() {
        Some(_) => alpha(AlphaBalance::from_rao(rao)),
        None => tao(TaoBalance::from_rao(rao)),
    }
}

/// A change in words.
pub fn change(thing: &Thing<Account>) -> String {
    let hash = |hash: &Option<[u8; 32]>| hash.as_ref().map_or("none".into(), |hash| to_hex(hash));
    let list = |accounts: &[Account]| {
        let all: Vec<String> = accounts.iter().map(address).collect();
        all.join(", ")
    };
    match thing {
        Thing::Parameter { name, .. } => thing.parameter_text().unwrap_or_else(|| name.clone()),
        Thing::Code { present, proposed } => {
            format!("code of the runtime, by hash: {} -> {}", to_hex(present), to_hex(proposed))
        }
        Thing::Rubric { netuid, present, proposed } => {
            format!("rubric of subnet {netuid}: {} -> {}", hash(present), hash(proposed))
        }
        Thing::Payment { to, amount, treasury } => {
            format!("{} of the treasury's {} go to {}", tao(*amount), tao(*treasury), address(to))
        }
        Thing::GrantStopped { open } => format!("the grant ends; {} stay in the treasury", tao(*open)),
        Thing::SubnetRemoved { netuid, pool } => {
            format!("subnet {netuid} is removed; the {} in its pool go to its holders", tao(*pool))
        }
        Thing::SubnetOpened { owner, price, subnets, limit } => format!(
            "{} gets a new subnet without its price, which is {} now; {subnets} of {limit} places are taken",
            address(owner),
            tao(*price)
        ),
        Thing::Authorities { present, proposed } => {
            format!("block authors: {} -> {}", list(present), list(proposed))
        }
        Thing::RootKeyRemoved { present } => match present {
            Some(key) => format!("the root key {} is removed for ever", address(key)),
            None => "the root key is removed already".into(),
        },
        Thing::Elections { present, proposed } => {
            let [present, proposed] = [present, proposed].map(|on| if *on { "on" } else { "off" });
            format!("elections of block authors: {present} -> {proposed}")
        }
        Thing::ElectionRule { name, present, proposed } => {
            format!("{name} of elections: {present} -> {proposed}")
        }
        Thing::ContributionsDemanded { after } => {
            format!("{after} blocks later the first block needs a contribution of its author to the beacon, for ever")
        }
        Thing::VotersForced { present, proposed, finalized } => {
            let of = |(delay, base): &(u32, u32)| {
                format!("{delay} blocks after the end of the session, from block {base}")
            };
            let present = present.as_ref().map_or("none".into(), of);
            format!(
                "forced change of voters of finality: {present} -> {}; block {finalized} is final now",
                of(proposed)
            )
        }
        Thing::SlashCancelled { offender, share } => {
            format!("{} keeps {} of its pledge, which would be slashed", address(offender), percent(*share))
        }
        Thing::Committee { present, proposed } => {
            let [present, proposed] =
                [present, proposed].map(|who| who.as_ref().map_or("none".into(), address));
            format!("committee: {present} -> {proposed}")
        }
        Thing::ModelTakenDown { model, owner, .. } => {
            let owner = owner.as_ref().map_or("nobody".into(), address);
            format!("model {} of {owner} is marked as taken down, for good", to_hex(model))
        }
        Thing::Call { pallet, name } => format!("what {pallet}.{name} does with the arguments above"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assets_are_written_as_they_are_read() {
        for (text, read) in [("free", Asset::Free), ("root", Asset::Stake(0)), ("alpha:7", Asset::Stake(7))] {
            assert_eq!(asset(text), Ok(read));
            assert_eq!(asset_name(read), text);
        }
        for wrong in ["", "tao", "alpha", "alpha:", "alpha:0", "alpha:x", "Free"] {
            assert!(asset(wrong).is_err_and(|why| why.contains("alpha:NETUID")), "{wrong}");
        }
        let one = 1_000_000_000;
        let written = [Asset::Free, Asset::Stake(0), Asset::Stake(2)].map(|asset| of_asset(asset, one));
        assert_eq!(written, ["1.0000 τ", "1.0000 τ", "1.0000 α"]);
    }

    #[test]
    fn tracks_are_written_as_they_are_read() {
        for row in TRACKS.iter().filter(|row| row.kind.id().row().is_some()) {
            let id = row.kind.id();
            assert_eq!(
                [track(row.name), track(&track_name(id)), track(&id.0.to_string())],
                [Ok(id), Ok(id), Ok(id)]
            );
        }
        let third = TrackId::rubrics(3).expect("a subnet");
        assert_eq!((track("rubrics:3"), track_name(third)), (Ok(third), "rubrics:3".into()));
        let fourth = TrackId::stop(4).expect("a grant");
        assert_eq!((track("stops:4"), track_name(fourth)), (Ok(fourth), "stops:4".into()));
        for wrong in ["rubrics", "stops", "rubrics:0", "rubrics:9999", "99", "root", ""] {
            let why = track(wrong).expect_err("no track");
            assert!(why.contains("urgent-upgrade") && why.contains("rubrics:NETUID"), "{why}");
        }
    }

    #[test]
    fn multipliers_and_parts_are_plain_numbers() {
        assert_eq!(multiplier("1.5"), Ok(Multiplier::OneAndHalf));
        assert!(multiplier("3").is_err_and(|why| why.contains("1, 1.5 or 2")));
        assert_eq!(percent(PerBillion::percent(34)), "34.00 %");
        assert_eq!(percent(PerBillion::from_parts(123_456_789)), "12.34 %");
    }

    #[test]
    fn a_change_names_what_is_there_now() {
        let limit = Thing::of_parameter("SubnetLimit", None, 128, 64).expect("a change");
        assert_eq!(change(&limit), "subnet_limit: 128 -> 64");
        let switch = Thing::Elections { present: false, proposed: true };
        assert_eq!(change(&switch), "elections of block authors: off -> on");
        let rubric = Thing::Rubric { netuid: 2, present: None, proposed: Some([1; 32]) };
        assert_eq!(change(&rubric), format!("rubric of subnet 2: none -> 0x{}", "01".repeat(32)));
        let forced = |present| change(&Thing::VotersForced { present, proposed: (10, 7), finalized: 9 });
        let ten = "10 blocks after the end of the session, from block 7; block 9 is final now";
        assert_eq!(forced(None), format!("forced change of voters of finality: none -> {ten}"));
        assert!(forced(Some((3, 2))).contains(": 3 blocks after the end of the session, from block 2 -> 10 "));
        let (owner, price) = (Account([1; 32]), TaoBalance::from_tokens(1_000));
        let opened = change(&Thing::SubnetOpened { owner, price, subnets: 5, limit: 128 });
        assert!(opened.ends_with("price, which is 1,000.0000 τ now; 5 of 128 places are taken"), "{opened}");
        let (amount, treasury) = (TaoBalance::from_tokens(5), TaoBalance::from_tokens(100));
        let paid = change(&Thing::Payment { to: Account([1; 32]), amount, treasury });
        assert!(paid.starts_with("5.0000 τ of the treasury's 100.0000 τ go to 5"), "{paid}");
    }
}

//! The track to which a call belongs. A call that belongs to none can't be enacted by any vote.
//!
//! The chain asks when a proposal is enacted, together with its filter of closed calls; commands ask before it is
//! submitted. The list names what votes may do; it is not a list of what they may not. Writing storage, moving TAO of
//! people, acting in the name of others and code without checks are therefore out of reach.
//!
//! Calls of parameters come from the table of parameters: those that root alone sets and from which something follows.
//! Owners keep the calls of parameters that they may set.

use myelin_economy::params::{Parameter, Setter, NETWORK, SUBNET};
use myelin_units::NetUid;
use thiserror::Error;

use crate::track::{Kind, TrackId};

/// A proposal's call, plainly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proposed<'a> {
    /// Pallet in metadata.
    pub pallet: &'a str,
    /// Call in metadata.
    pub call: &'a str,
    /// The subnet that it names.
    pub netuid: Option<NetUid>,
    /// The grant that it stops.
    pub grant: Option<u32>,
    /// Calls that it carries.
    pub carries: usize,
}

/// Reasons to refuse a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// It carries several calls.
    #[error("the proposal enacts {0} things; propose each of them in a referendum of its own")]
    Several(usize),
    /// It carries a call, which would hide it from this list.
    #[error("the proposal wraps its call; propose the call itself")]
    Wrapped,
    /// The parameter is the subnet owner's.
    #[error("the owner of the subnet sets this; no vote does")]
    Owners,
    /// Nothing follows from the parameter.
    #[error("nothing follows from this parameter")]
    WithoutEffect,
    /// No vote may do it.
    #[error("no vote may enact this call; the page on governance lists what votes may do")]
    NoTrack,
    /// The call names no subnet, or one that can't be.
    #[error("the call must name a subnet")]
    NoSubnet,
    /// The call stops no grant, or one that can't be.
    #[error("the call must name a grant")]
    NoGrant,
    /// It belongs to another track.
    #[error("this call belongs to track {} and was proposed on track {}", .belongs.0, .proposed.0)]
    OtherTrack {
        /// Track of the call.
        belongs: TrackId,
        /// Track of the referendum.
        proposed: TrackId,
    },
}

/// Calls without a row in the table of parameters. `System.authorize_upgrade` names the code by hash; anybody hands in
/// the code afterwards, and the chain checks its name and version.
pub const CALLS: [(&str, &str, Kind); 18] = [
    ("System", "authorize_upgrade", Kind::Upgrade),
    ("AdminUtils", "swap_authorities", Kind::Authorities),
    ("Elections", "set_rules", Kind::Authorities),
    ("Elections", "switch_on", Kind::Authorities),
    ("Elections", "switch_off", Kind::Authorities),
    ("Elections", "cancel_slash", Kind::Authorities),
    ("Beacon", "demand_contributions", Kind::Authorities),
    ("Grandpa", "note_stalled", Kind::Authorities),
    ("Sudo", "remove_key", Kind::Authorities),
    ("SubtensorModule", "root_dissolve_network", Kind::Subnets),
    ("SubtensorModule", "announce_rubric", Kind::Rubrics),
    ("SubtensorModule", "withdraw_rubric", Kind::Rubrics),
    ("Provenance", "takedown", Kind::Subnets),
    ("Governance", "open_subnet", Kind::Subnets),
    ("Governance", "spend", Kind::Treasury),
    ("Governance", "grant", Kind::Grants),
    ("Governance", "stop_grant", Kind::Stops),
    ("Governance", "set_committee", Kind::Authorities),
];

/// Most blocks for which `Grandpa.note_stalled` may let a forced change of voters wait: a day of 12 s.
pub const LONGEST_FORCED: u32 = 7_200;

/// Calls of [`CALLS`] whose first argument is a subnet.
const OF_SUBNET: [(&str, &str); 3] = [
    ("SubtensorModule", "root_dissolve_network"),
    ("SubtensorModule", "announce_rubric"),
    ("SubtensorModule", "withdraw_rubric"),
];

/// Whether the first argument of a call is the subnet that it names: parameters of subnets, and some of [`CALLS`].
pub fn names_subnet(pallet: &str, call: &str) -> bool {
    OF_SUBNET.contains(&(pallet, call)) || SUBNET.iter().any(|row| row.is_set_by(pallet, call))
}

/// The track of a proposal.
pub fn track_of(proposed: &Proposed) -> Result<TrackId, Refusal> {
    match proposed.carries {
        0 => {}
        1 => return Err(Refusal::Wrapped),
        several => return Err(Refusal::Several(several)),
    }
    let named =
        |(pallet, call, _): &&(&str, &str, Kind)| *pallet == proposed.pallet && *call == proposed.call;
    match CALLS.iter().find(named) {
        Some((_, _, Kind::Rubrics)) => proposed.netuid.and_then(TrackId::rubrics).ok_or(Refusal::NoSubnet),
        Some((_, _, Kind::Stops)) => proposed.grant.and_then(TrackId::stop).ok_or(Refusal::NoGrant),
        Some((_, _, kind)) => Ok(kind.id()),
        None => track_of_parameter(proposed),
    }
}

fn track_of_parameter(proposed: &Proposed) -> Result<TrackId, Refusal> {
    let sets = |row: &&Parameter| row.is_set_by(proposed.pallet, proposed.call);
    let of_network = NETWORK.iter().find(sets).map(|row| (row, Kind::Parameters));
    let (row, kind) = of_network
        .or_else(|| SUBNET.iter().find(sets).map(|row| (row, Kind::Subnets)))
        .ok_or(Refusal::NoTrack)?;
    match (row.live, row.setter) {
        (false, _) => Err(Refusal::WithoutEffect),
        (true, Setter::Owner) => Err(Refusal::Owners),
        (true, Setter::Nobody) => Err(Refusal::NoTrack),
        (true, Setter::Root) => Ok(kind.id()),
    }
}

/// Whether a proposal belongs to the track of its referendum. The urgent track takes what the track of upgrades takes.
pub fn check(proposed: &Proposed, track: TrackId) -> Result<(), Refusal> {
    let belongs = track_of(proposed)?;
    let urgent = belongs == Kind::Upgrade.id() && track == Kind::UrgentUpgrade.id();
    match belongs == track || urgent {
        true => Ok(()),
        false => Err(Refusal::OtherTrack { belongs, proposed: track }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain<'a>(pallet: &'a str, call: &'a str) -> Proposed<'a> {
        Proposed { pallet, call, netuid: Some(3), grant: Some(4), carries: 0 }
    }

    #[test]
    fn every_live_parameter_of_root_has_a_track_and_no_other_parameter_has_one() {
        let mut with_track = 0;
        for (rows, kind) in [(NETWORK, Kind::Parameters), (SUBNET, Kind::Subnets)] {
            for row in rows {
                let Some(call) = row.call else { continue };
                let expected = match (row.live, row.setter) {
                    (false, _) => Err(Refusal::WithoutEffect),
                    (true, Setter::Root) => Ok(kind.id()),
                    (true, Setter::Owner) => Err(Refusal::Owners),
                    (true, Setter::Nobody) => Err(Refusal::NoTrack),
                };
                assert_eq!(track_of(&plain(call.pallet, call.name)), expected, "{}", row.name);
                with_track += usize::from(expected.is_ok());
            }
        }
        assert!(with_track > 30, "{with_track} rows");
    }

    #[test]
    fn no_vote_takes_or_makes_tao_or_writes_storage_or_acts_for_others() {
        for (pallet, call) in [
            ("Balances", "force_transfer"),
            ("Balances", "force_set_balance"),
            ("Balances", "force_unreserve"),
            ("Balances", "transfer_keep_alive"),
            ("System", "set_storage"),
            ("System", "kill_storage"),
            ("System", "kill_prefix"),
            ("System", "set_code"),
            ("System", "set_code_without_checks"),
            ("System", "authorize_upgrade_without_checks"),
            ("Sudo", "set_key"),
            ("Scheduler", "schedule"),
            ("Referenda", "cancel"),
            ("SubtensorModule", "add_stake"),
            ("subtensormodule", "announce_rubric"),
        ] {
            assert_eq!(track_of(&plain(pallet, call)), Err(Refusal::NoTrack), "{pallet}.{call}");
        }
    }

    #[test]
    fn what_carries_calls_is_refused_by_their_number() {
        let carrier = |call, carries| Proposed { carries, ..plain("Utility", call) };
        assert_eq!(track_of(&carrier("batch_all", 2)), Err(Refusal::Several(2)));
        assert_eq!(track_of(&carrier("dispatch_as", 1)), Err(Refusal::Wrapped));
        assert_eq!(track_of(&carrier("batch", 0)), Err(Refusal::NoTrack));
        let hidden = Proposed { carries: 2, ..plain("System", "authorize_upgrade") };
        assert_eq!(track_of(&hidden), Err(Refusal::Several(2)));
    }

    #[test]
    fn a_rubric_belongs_to_the_track_of_its_subnet() {
        let rubric = plain("SubtensorModule", "announce_rubric");
        assert_eq!(track_of(&rubric), Ok(TrackId::rubrics(3).unwrap()));
        for netuid in [None, Some(0), Some(4096)] {
            assert_eq!(track_of(&Proposed { netuid, ..rubric }), Err(Refusal::NoSubnet));
        }
        assert!(check(&rubric, TrackId::rubrics(3).unwrap()).is_ok());
        let proposed = TrackId::rubrics(4).unwrap();
        let belongs = TrackId::rubrics(3).unwrap();
        assert_eq!(check(&rubric, proposed), Err(Refusal::OtherTrack { belongs, proposed }));
    }

    #[test]
    fn a_grant_is_stopped_on_a_track_of_its_own() {
        let stop = plain("Governance", "stop_grant");
        assert_eq!(track_of(&stop), Ok(TrackId::stop(4).unwrap()));
        for grant in [None, Some(u32::MAX)] {
            assert_eq!(track_of(&Proposed { grant, ..stop }), Err(Refusal::NoGrant));
        }
        let (belongs, proposed) = (TrackId::stop(4).unwrap(), TrackId::stop(5).unwrap());
        for proposed in [proposed, Kind::Grants.id()] {
            assert_eq!(check(&stop, proposed), Err(Refusal::OtherTrack { belongs, proposed }));
        }
    }

    #[test]
    fn a_call_names_a_subnet_if_its_parameter_is_one_of_subnets() {
        assert!(names_subnet("AdminUtils", "sudo_set_kappa") && names_subnet("Swap", "set_fee_rate"));
        assert!(names_subnet("SubtensorModule", "announce_rubric"));
        assert!(
            !names_subnet("AdminUtils", "sudo_set_subnet_limit") && !names_subnet("Swap", "sudo_set_kappa")
        );
        assert!(!names_subnet("Governance", "open_subnet"));
    }

    #[test]
    fn the_urgent_track_takes_upgrades_and_nothing_else() {
        let urgent = Kind::UrgentUpgrade.id();
        for (pallet, call, kind) in CALLS {
            let taken = check(&plain(pallet, call), urgent).is_ok();
            assert_eq!(taken, kind == Kind::Upgrade, "{pallet}.{call}");
        }
    }
}

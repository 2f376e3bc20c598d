//! Changes by a proposal, with present values: for people, before they vote.
//!
//! Commands decode the proposal, read the state, and fill these in; the rule here says how a parameter's change reads
//! and whether it is one.

use alloc::{format, string::String};

use codec::{Decode, Encode};
use myelin_economy::params::{self, Caller, Parameter, ParameterError};
use myelin_units::{Block, NetUid, PerBillion, TaoBalance};
use scale_info::TypeInfo;
use thiserror::Error;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub struct Effect<A> {
    /// The thing that changes.
    pub thing: Thing<A>,
    /// First block with the new value, if the vote ends as soon as it can.
    pub soonest: Block,
}

/// A thing that a vote changes, with its present and its proposed value.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, TypeInfo)]
pub enum Thing<A> {
    /// A parameter, by the name of its row; values as the table compares them.
    Parameter {
        /// Name of the row.
        name: String,
        /// The subnet; `None` for parameters of the network.
        netuid: Option<NetUid>,
        /// Value now.
        present: i128,
        /// Value proposed.
        proposed: i128,
    },
    /// The code of the runtime.
    Code {
        /// Hash of the code now.
        present: [u8; 32],
        /// Hash of the code proposed.
        proposed: [u8; 32],
    },
    /// The rubric of a subnet, by the hash of its text; `None` for none.
    Rubric {
        /// The subnet.
        netuid: NetUid,
        /// Rubric in force.
        present: Option<[u8; 32]>,
        /// Rubric proposed.
        proposed: Option<[u8; 32]>,
    },
    /// A payment, or a grant with all its milestones.
    Payment {
        /// Its recipient.
        to: A,
        /// Its amount.
        amount: TaoBalance,
        /// TAO in the treasury now.
        treasury: TaoBalance,
    },
    /// The end of a grant.
    GrantStopped {
        /// Amount that stays in the treasury.
        open: TaoBalance,
    },
    /// The removal of a subnet.
    SubnetRemoved {
        /// The subnet.
        netuid: NetUid,
        /// TAO in its pool, which its holders get.
        pool: TaoBalance,
    },
    /// A subnet without a price.
    SubnetOpened {
        /// Its owner.
        owner: A,
        /// Price of a subnet now.
        price: TaoBalance,
        /// Subnets besides root now.
        subnets: u16,
        /// Most subnets besides root.
        limit: u16,
    },
    /// Block authors.
    Authorities {
        /// In office now.
        present: alloc::vec::Vec<A>,
        /// Proposed.
        proposed: alloc::vec::Vec<A>,
    },
    /// The end of the root key.
    RootKeyRemoved {
        /// The key.
        present: Option<A>,
    },
    /// The switch of elections.
    Elections {
        /// Whether they are on now.
        present: bool,
        /// Whether they shall be on.
        proposed: bool,
    },
    /// A rule of elections, with its values as people read them.
    ElectionRule {
        /// Name of the rule.
        name: String,
        /// Value now.
        present: String,
        /// Value proposed.
        proposed: String,
    },
    /// Contributions to the beacon that blocks need.
    ContributionsDemanded {
        /// Blocks until the first block that needs one.
        after: u32,
    },
    /// A change of the voters of finality that does not wait for finality, as blocks of delay and a final block.
    VotersForced {
        /// The one that waits for the end of the session.
        present: Option<(u32, u32)>,
        /// The one proposed.
        proposed: (u32, u32),
        /// Last final block now.
        finalized: Block,
    },
    /// A slash that is not taken.
    SlashCancelled {
        /// The offender.
        offender: A,
        /// Share of its pledge, by the offenders that are known now.
        share: PerBillion,
    },
    /// The committee; `None` for none.
    Committee {
        /// The account now.
        present: Option<A>,
        /// The account proposed.
        proposed: Option<A>,
    },
    /// A model that is marked as taken down.
    ModelTakenDown {
        /// The model.
        model: [u8; 32],
        /// Its owner now; `None` without a record.
        owner: Option<A>,
        /// Whether it has the mark already.
        marked: bool,
    },
    /// Any other call of the list, by name.
    Call {
        /// Pallet in metadata.
        pallet: String,
        /// Call in metadata.
        name: String,
    },
}

/// Reasons why a change of a parameter has no effect to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EffectError {
    /// The table has no such row.
    #[error("there is no parameter of this name")]
    Unknown,
    /// Root may not set it so.
    #[error(transparent)]
    Refused(#[from] ParameterError),
    /// The value is the present one.
    #[error("{name} is {value} already")]
    NoChange {
        /// The parameter.
        name: &'static str,
        /// Its value.
        value: i128,
    },
}

impl<A> Thing<A> {
    /// The change of a parameter, checked as the call would check it.
    pub fn of_parameter(
        name: &str,
        netuid: Option<NetUid>,
        present: i128,
        proposed: i128,
    ) -> Result<Self, EffectError> {
        let row: &'static Parameter = params::find(name).ok_or(EffectError::Unknown)?;
        row.check(proposed, Caller::Root)?;
        if present == proposed {
            return Err(EffectError::NoChange { name: row.name, value: present });
        }
        Ok(Self::Parameter { name: row.name.into(), netuid, present, proposed })
    }

    /// The change of a parameter in words, `name: present -> proposed` in its unit; `None` for other things.
    pub fn parameter_text(&self) -> Option<String> {
        match self {
            Self::Parameter { name, netuid, present, proposed } => {
                let row = params::find(name)?;
                let of = netuid.map_or_else(String::new, |netuid| format!(" of subnet {netuid}"));
                let (present, proposed) = (row.unit.show(*present), row.unit.show(*proposed));
                Some(format!("{}{of}: {present} -> {proposed}", row.title()))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_change_of_a_parameter_reads_in_its_unit() {
        let change = Thing::<u8>::of_parameter("SubnetLimit", None, 128, 64).unwrap();
        assert_eq!(change.parameter_text().as_deref(), Some("subnet_limit: 128 -> 64"));
        let change =
            Thing::<u8>::of_parameter("NetworkMinLockCost", None, 1_000_000_000, 2_500_000_000).unwrap();
        let text = change.parameter_text().unwrap();
        assert!(text.contains("1") && text.contains("2.5"), "{text}");
        let change = Thing::<u8>::of_parameter("SubnetEmissionEnabled", Some(7), 0, 1).unwrap();
        assert!(change.parameter_text().unwrap().contains(" of subnet 7: "));
        let other = Thing::<u8>::SubnetRemoved { netuid: 1, pool: TaoBalance::ZERO };
        assert_eq!(other.parameter_text(), None);
    }

    #[test]
    fn what_a_call_would_refuse_or_not_change_has_no_effect() {
        let of = |name, present, proposed| Thing::<u8>::of_parameter(name, None, present, proposed);
        assert_eq!(of("NoSuchThing", 0, 1), Err(EffectError::Unknown));
        assert_eq!(of("SubnetLimit", 5, 5), Err(EffectError::NoChange { name: "SubnetLimit", value: 5 }));
        assert!(matches!(of("SubnetLimit", 5, 70_000), Err(EffectError::Refused(_))));
        assert!(matches!(of("UnlockRate", 5, 6), Err(EffectError::Refused(_))));
    }
}

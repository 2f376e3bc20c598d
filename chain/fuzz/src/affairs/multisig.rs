//! A multisig operation: three people share an account, and two or all of them approve a call of it.

use codec::Encode;
use frame_support::dispatch::GetDispatchInfo;
use myelin_runtime::{AccountId, Runtime, RuntimeCall};
use pallet_multisig::Multisigs;
use sp_io::hashing::blake2_256;

use super::{
    errand::{endow, errand},
    Affair, Turn,
};
use crate::{cast::Cast, dice::Dice, scene::View};

type Multisig = pallet_multisig::Call<Runtime>;

/// One operation.
pub struct Operation {
    /// Sorted, as the pallet wants them.
    members: Vec<AccountId>,
    threshold: u16,
    call: RuntimeCall,
    stage: Stage,
}

/// Progress of the operation.
enum Stage {
    /// The account has no TAO yet.
    Poor,
    /// No member has approved.
    Proposed,
    /// A member has approved.
    Approved,
}

impl Operation {
    /// Three coldkeys and a call of their account.
    pub fn begin(dice: &mut Dice, view: &View, cast: &Cast) -> Self {
        let first = dice.below(cast.coldkeys().len() as u64) as usize;
        let mut members: Vec<_> = cast.coldkeys().iter().cycle().skip(first).take(3).collect();
        members.sort_by(|one, other| one.id.cmp(&other.id));
        Self {
            members: members.into_iter().map(|actor| actor.id.clone()).collect(),
            threshold: 1 + dice.below(3) as u16,
            call: errand(dice, view, cast),
            stage: Stage::Poor,
        }
    }

    /// A member, and the others.
    fn member(&self, which: impl Fn(&AccountId) -> bool) -> Option<(AccountId, Vec<AccountId>)> {
        let who = self.members.iter().find(|member| which(member))?;
        Some((who.clone(), self.members.iter().filter(|member| *member != who).cloned().collect()))
    }
}

impl Affair for Operation {
    fn turn(&mut self, dice: &mut Dice, _: &View, _: &Cast) -> Turn {
        let (threshold, call) = (self.threshold, Box::new(self.call.clone()));
        let account = pallet_multisig::Pallet::<Runtime>::multi_account_id(&self.members, threshold);
        let call_hash = blake2_256(&self.call.encode());
        let max_weight = self.call.get_dispatch_info().call_weight;
        let first = dice.pick(&self.members).cloned();
        let open = Multisigs::<Runtime>::get(&account, call_hash);
        let chosen = match (&self.stage, &open) {
            (Stage::Approved, None) => None,
            (_, Some(open)) if dice.chance(35) => self.member(|member| *member == open.depositor),
            (_, Some(open)) => self.member(|member| !open.approvals.contains(member)),
            (..) => self.member(|member| Some(member) == first.as_ref()),
        };
        let Some((who, other_signatories)) = chosen else { return Turn::Over };
        let call = match (&self.stage, open) {
            (Stage::Poor, _) => {
                self.stage = Stage::Proposed;
                return Turn::call(who, endow(dice, &account));
            }
            (_, Some(open)) if open.depositor == who => {
                if dice.chance(50) {
                    Multisig::cancel_as_multi {
                        threshold,
                        other_signatories,
                        timepoint: open.when,
                        call_hash,
                    }
                } else {
                    Multisig::poke_deposit { threshold, other_signatories, call_hash }
                }
            }
            (_, Some(open)) => {
                let (completes, maybe_timepoint) =
                    (open.approvals.len() + 1 >= usize::from(threshold), Some(open.when));
                if completes || dice.chance(50) {
                    Multisig::as_multi { threshold, other_signatories, maybe_timepoint, call, max_weight }
                } else {
                    Multisig::approve_as_multi {
                        threshold,
                        other_signatories,
                        maybe_timepoint,
                        call_hash,
                        max_weight,
                    }
                }
            }
            (_, None) => {
                self.stage = Stage::Approved;
                let maybe_timepoint = None;
                match threshold {
                    1 => Multisig::as_multi_threshold_1 { other_signatories, call },
                    _ if dice.chance(50) => {
                        Multisig::as_multi { threshold, other_signatories, maybe_timepoint, call, max_weight }
                    }
                    _ => Multisig::approve_as_multi {
                        threshold,
                        other_signatories,
                        maybe_timepoint,
                        call_hash,
                        max_weight,
                    },
                }
            }
        };
        Turn::call(who, call)
    }
}

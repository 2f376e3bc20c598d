//! A referendum: assets under the vote lock, a proposal and its deposits, votes and delegations, and the way back; with
//! a committee that holds it up.

use codec::Encode;
use frame_support::traits::{schedule::DispatchTime, Bounded};
use myelin_governance::{Asset, Kind, Multiplier, TrackId};
use myelin_runtime::{AccountId, Balances, OriginCaller, Runtime, RuntimeCall};
use myelin_units::TaoBalance;
use pallet_myelin_governance::{Call, Committee, Origin, Voters};
use pallet_network::stake::StakeLedger;
use pallet_referenda::{Call as Referenda, ReferendumCount};
use sp_runtime::traits::{BlakeTwo256, Hash as _};

use super::{Affair, Turn};
use crate::{cast::Cast, dice::Dice, meeting::under_lock, scene::View};

/// Turns that a referendum has at most.
const TURNS: u64 = 60;
/// Coldkeys of the cast with most of the TAO, without whom nothing passes.
pub(super) const RICH: u64 = 3;

/// A voter, its delegate, and a referendum.
pub struct Poll {
    who: AccountId,
    delegate: AccountId,
    poll: u32,
    turns: u64,
}

impl Poll {
    /// The next referendum, or one that is there, and a coldkey; in half of the cases one of the rich.
    pub fn begin(dice: &mut Dice, cast: &Cast) -> Self {
        let rich = |dice: &mut Dice| cast.coldkeys()[dice.below(RICH) as usize].id.clone();
        let who = if dice.chance(50) { rich(dice) } else { cast.any_coldkey(dice) };
        let next = ReferendumCount::<Runtime>::get();
        let poll = if dice.chance(40) { next } else { next.saturating_sub(dice.below(4) as u32) };
        Self { who, delegate: cast.any_coldkey(dice), poll, turns: 0 }
    }

    /// An asset that the voter has, and its amount.
    fn asset(&self, dice: &mut Dice, view: &View) -> (Asset, u64) {
        let own: Vec<_> = view.positions.iter().filter(|(_, coldkey, _)| *coldkey == self.who).collect();
        match dice.pick(&own).filter(|_| dice.chance(60)) {
            Some((_, _, netuid)) => {
                let held = StakeLedger::<Runtime>::total_of(&self.who, *netuid);
                (Asset::Stake(*netuid), held.to_rao())
            }
            None => (Asset::Free, Balances::free_balance(&self.who)),
        }
    }

    /// A proposal and its track.
    fn proposal(&self, dice: &mut Dice, view: &View) -> (TrackId, RuntimeCall) {
        let limit = pallet_admin_utils::Call::sudo_set_subnet_limit { max_subnets: 5 };
        let netuid = view.any_subnet(dice);
        match (dice.below(5), TrackId::rubrics(netuid)) {
            (0, Some(track)) => (track, enacting(limit)),
            (1, _) => (Kind::Treasury.id(), enacting(pay(&self.delegate))),
            (2, _) => (Kind::Grants.id(), limit.into()),
            _ => (Kind::Parameters.id(), enacting(limit)),
        }
    }

    /// A step toward the referendum, or back.
    fn step(&self, dice: &mut Dice, view: &View) -> RuntimeCall {
        let poll = self.poll;
        let multiplier = *dice.pick(&Multiplier::ALL).unwrap_or(&Multiplier::One);
        let tracks = [Kind::Parameters.id(), Kind::Treasury.id(), Kind::Upgrade.id()];
        let track = *dice.pick(&tracks).unwrap_or(&TrackId(0));
        match dice.below(20) {
            0..=2 => {
                let (track, call) = self.proposal(dice, view);
                submission(track, &call, dice.below(20) as u32).unwrap_or_else(remark)
            }
            3..=4 => Referenda::place_decision_deposit { index: poll }.into(),
            5..=10 => Call::vote { poll, aye: dice.chance(85), multiplier }.into(),
            11 => Call::withdraw { poll }.into(),
            12 => Call::delegate { track, to: self.delegate.clone() }.into(),
            13 => Call::undelegate { track }.into(),
            14 => {
                let (asset, amount) = self.asset(dice, view);
                Call::unlock { asset, amount: dice.part_of(amount) }.into()
            }
            15 => Referenda::refund_decision_deposit { index: poll }.into(),
            16 => Call::collect { poll }.into(),
            17 => Referenda::refund_submission_deposit { index: poll }.into(),
            18 => preimage(dice, &self.who),
            _ => {
                let (asset, amount) = self.asset(dice, view);
                Call::lock { asset, amount: dice.part_of(amount) }.into()
            }
        }
    }

    /// An act of the committee, which root names first.
    fn act(&self, dice: &mut Dice, cast: &Cast) -> Turn {
        let Some(committee) = Committee::<Runtime>::get() else {
            let named = Call::set_committee { committee: Some(self.who.clone()) };
            return Turn::by_root(cast, named);
        };
        let code = BlakeTwo256::hash(&[dice.below(3) as u8]);
        let call = match dice.below(6) {
            0 => Call::mark { code },
            1 => Call::pull_brake {},
            2 => Call::release_brake {},
            3 if dice.chance(10) => return Turn::by_root(cast, Call::set_committee { committee: None }),
            _ => Call::delay { poll: self.poll, blocks: 1 + dice.below(40) },
        };
        Turn::call(committee, call)
    }
}

impl Affair for Poll {
    fn turn(&mut self, dice: &mut Dice, view: &View, cast: &Cast) -> Turn {
        self.turns += 1;
        if self.turns > TURNS {
            return Turn::Over;
        }
        if dice.chance(10) {
            return self.act(dice, cast);
        }
        if Voters::<Runtime>::get(&self.who).lock.is_empty() && dice.chance(80) {
            let (asset, held) = self.asset(dice, view);
            let call = Call::lock { asset, amount: held / 10 * (5 + dice.below(5)) };
            return Turn::call(self.who.clone(), call);
        }
        Turn::call(self.who.clone(), self.step(dice, view))
    }
}

fn pay(to: &AccountId) -> Call<Runtime> {
    Call::spend { to: to.clone(), amount: TaoBalance::from_rao(1_000) }
}

fn remark() -> RuntimeCall {
    frame_system::Call::remark { remark: Vec::new() }.into()
}

/// A preimage that is noted, or taken back.
fn preimage(dice: &mut Dice, who: &AccountId) -> RuntimeCall {
    let bytes = who.encode();
    match dice.chance(50) {
        true => pallet_preimage::Call::note_preimage { bytes }.into(),
        false => pallet_preimage::Call::unnote_preimage { hash: BlakeTwo256::hash(&bytes) }.into(),
    }
}

/// The call by which a referendum enacts another one.
pub fn enacting(call: impl Into<RuntimeCall>) -> RuntimeCall {
    Call::enact { call: Box::new(call.into()), registered: None }.into()
}

/// The submission of a referendum, enacted so many blocks after its approval; `None` if the proposal is too long.
pub fn submission(track: TrackId, proposal: &RuntimeCall, after: u32) -> Option<RuntimeCall> {
    let submit = Referenda::submit {
        proposal_origin: Box::new(OriginCaller::Governance(Origin(track))),
        proposal: Bounded::Inline(proposal.encode().try_into().ok()?),
        enactment_moment: DispatchTime::After(after),
    };
    Some(submit.into())
}

/// So much of an asset comes under the vote lock of its holder that nine tenths are.
pub(super) fn lock_most(who: &AccountId, asset: Asset, held: u64) -> RuntimeCall {
    Call::lock { asset, amount: (held / 10 * 9).saturating_sub(under_lock(who, asset)) }.into()
}

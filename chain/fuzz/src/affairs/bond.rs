//! Collateral of a miner: locked, asked back and withdrawn, or forfeited because the miner signs two answers.

use myelin_abi::EquivocationReport;
use myelin_economy::collateral::MIN_UNBONDING;
use myelin_runtime::{constants::TAO, AccountId, Runtime, RuntimeCall, System};
use myelin_units::{NetUid, TaoBalance};
use myelin_wire::{
    answer::AnswerClaim,
    equivocation::{report::Report, Equivocation},
    seed::{challenge_id, Audience, SeedContext, SeedProof},
    sr25519::{Keypair, Signer},
};
use pallet_myelin_collateral::{Bonds, Ledger};
use sp_core::Pair;

use super::{by_root, Affair, Turn};
use crate::{
    cast::{Actor, Cast},
    dice::Dice,
    scene::View,
};

type Call = pallet_myelin_collateral::Call<Runtime>;

/// One miner and its collateral on one subnet.
pub struct Bond {
    netuid: NetUid,
    hotkey: AccountId,
    coldkey: AccountId,
    locked: bool,
}

impl Bond {
    /// A neuron whose owner is known.
    pub fn begin(dice: &mut Dice, view: &View) -> Option<Self> {
        let netuid = view.any_subnet(dice);
        let hotkey = dice.pick(&view.subnets.get(&netuid)?.hotkeys)?.clone();
        let coldkey = view.owners.get(&hotkey)?.clone();
        Some(Self { netuid, hotkey, coldkey, locked: false })
    }

    /// The call that makes the subnet require collateral, by its owner or by root.
    fn ask(&self, dice: &mut Dice, view: &View, cast: &Cast) -> (AccountId, RuntimeCall) {
        let amount = TaoBalance::from_rao(TAO + dice.below(TAO));
        let call: RuntimeCall =
            Call::set_requirement { netuid: self.netuid, amount, unbonding: MIN_UNBONDING }.into();
        let owner = view.subnets.get(&self.netuid).and_then(|subnet| subnet.owner.clone());
        match owner.filter(|owner| cast.index(owner).is_some() && dice.chance(70)) {
            Some(owner) => (owner, call),
            None => by_root(cast, call),
        }
    }
}

impl Affair for Bond {
    fn turn(&mut self, dice: &mut Dice, view: &View, cast: &Cast) -> Turn {
        let (netuid, hotkey, coldkey) = (self.netuid, self.hotkey.clone(), self.coldkey.clone());
        let now = u64::from(System::block_number());
        let call = match Bonds::<Runtime>::get(netuid, &hotkey) {
            None if self.locked => return Turn::Over,
            None => {
                let asked = Ledger::<Runtime>::requirement(netuid).amount;
                if asked.is_zero() {
                    let (signer, call) = self.ask(dice, view, cast);
                    return Turn::call(signer, call);
                }
                self.locked = true;
                Call::lock { netuid, hotkey, amount: asked, longest_unbonding: u32::MAX }
            }
            Some(bond) => {
                let leaves = bond.leaves;
                let miner = cast.index(&hotkey).map(|at| cast.actor(at));
                let lie = miner.filter(|_| now > bond.since + 1 && dice.chance(15));
                if let Some(miner) = lie {
                    let report = Box::new(contradict(miner, netuid, now - 1));
                    return Turn::call(cast.any_coldkey(dice), Call::report { netuid, report });
                }
                match leaves {
                    None if dice.chance(50) => Call::unbond { netuid, hotkey },
                    None => return Turn::Wait,
                    Some(leaves) if now >= leaves || dice.chance(5) => Call::withdraw { netuid, hotkey },
                    Some(_) => return Turn::Wait,
                }
            }
        };
        Turn::call(coldkey, call)
    }
}

/// Two answers that a miner signed for one challenge over a block.
fn contradict(miner: &Actor, netuid: NetUid, source: u64) -> EquivocationReport {
    let genesis = System::block_hash(0).0;
    let validator = Keypair::from_seed(&[9; 32]);
    let context = SeedContext {
        genesis,
        netuid,
        epoch: 3,
        round: 1,
        audience: Audience::Round,
        source_block: source,
        source_hash: System::block_hash(source as u32).0,
    };
    let (seed, _) = SeedProof::draw(context, &validator, [1; 32]);
    let asked = challenge_id(&seed.reference(), 4, &validator.public());
    let answer = |answer_hash| {
        AnswerClaim {
            genesis_hash: genesis,
            netuid,
            challenge_id: asked,
            request_hash: [1; 32],
            answer_hash,
            model_id: [2; 32],
            validator: validator.public(),
            miner: miner.pair.public().0,
        }
        .sign(&Liar(miner))
    };
    let proof = Equivocation { first: answer([3; 32]), second: answer([4; 32]) };
    EquivocationReport::from(&Report::trace(&proof, &[seed], 0..10).expect("the seed is the one"))
}

struct Liar<'a>(&'a Actor);

impl Signer for Liar<'_> {
    fn public(&self) -> [u8; 32] {
        self.0.pair.public().0
    }
    fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.pair.sign(message).0
    }
}

//! The candidacy of a hotkey, from its pledge and its session keys to the withdrawal. Root turns elections off and on
//! meanwhile, and appoints an authority while they are off.

use myelin_election::Standing;
use myelin_runtime::{constants::TAO, AccountId, Runtime, RuntimeCall, System};
use myelin_units::TaoBalance;
use pallet_myelin_election::{Candidacies, EraClock};
use pallet_session::NextKeys;

use super::{Affair, Turn};
use crate::{
    cast::Cast,
    dice::Dice,
    officer::Officer,
    opening::{ELECTIONS, PLEDGE},
    scene::View,
};

type Call = pallet_myelin_election::Call<Runtime>;
type Session = pallet_session::Call<Runtime>;

/// Turns that a candidacy has at most.
const TURNS: u64 = 24;

/// One hotkey and its owner.
pub struct Seat {
    hotkey: AccountId,
    coldkey: AccountId,
    turns: u64,
    ends: bool,
}

impl Seat {
    /// A candidate, or a neuron, whose owner is known. Requires externalities.
    pub fn begin(dice: &mut Dice, view: &View) -> Option<Self> {
        let candidates: Vec<_> = Candidacies::<Runtime>::iter_keys().collect();
        let hotkey = match dice.pick(&candidates).filter(|_| dice.chance(60)) {
            Some(candidate) => candidate.clone(),
            None => {
                let netuid = view.any_subnet(dice);
                dice.pick(&view.subnets.get(&netuid)?.hotkeys)?.clone()
            }
        };
        let coldkey = view.owners.get(&hotkey)?.clone();
        Some(Self { hotkey, coldkey, turns: 0, ends: false })
    }

    /// A call of root. Rules that were in force for a while may have put the next pass far off; elections that begin
    /// anew have it soon.
    fn govern(&self, dice: &mut Dice, cast: &Cast) -> Turn {
        let clock = EraClock::<Runtime>::get();
        let is_far = clock.next_pass > u64::from(System::block_number()) + ELECTIONS.era;
        let call: RuntimeCall = match (dice.below(3), clock.on) {
            (0, _) => Call::set_rules { rules: ELECTIONS }.into(),
            (_, true) if is_far || dice.chance(15) => Call::switch_off {}.into(),
            (_, true) => return Turn::Wait,
            (1, false) if dice.chance(50) => self.appoint(dice),
            (_, false) => Call::switch_on {}.into(),
        };
        Turn::by_root(cast, call)
    }

    /// The appointment of this hotkey, if it has session keys, or of the authority of genesis.
    fn appoint(&self, dice: &mut Dice) -> RuntimeCall {
        let own = NextKeys::<Runtime>::get(&self.hotkey).filter(|_| dice.chance(50));
        let keys = own.unwrap_or_else(|| Officer::of_genesis().keys());
        let new_authorities = vec![keys.aura].try_into().expect("one authority is not too many");
        pallet_admin_utils::Call::<Runtime>::swap_authorities { new_authorities }.into()
    }

    /// The step of the hotkey, if it makes one now: it stores its session keys, and seldom removes them.
    fn keys(&self, dice: &mut Dice, cast: &Cast) -> Option<Turn> {
        let call: RuntimeCall = match NextKeys::<Runtime>::contains_key(&self.hotkey) {
            true if dice.chance(4) => Session::purge_keys {}.into(),
            false if dice.chance(60) => Officer::of(&self.hotkey, cast)?.set_keys(),
            _ => return None,
        };
        Some(Turn::call(self.hotkey.clone(), call))
    }
}

impl Affair for Seat {
    fn turn(&mut self, dice: &mut Dice, _: &View, cast: &Cast) -> Turn {
        self.turns += 1;
        if self.turns > TURNS {
            return Turn::Over;
        }
        if dice.chance(25) {
            return self.govern(dice, cast);
        }
        let (hotkey, coldkey) = (self.hotkey.clone(), self.coldkey.clone());
        let amount = TaoBalance::from_rao(TAO / 4 + dice.below(TAO));
        let call = match Candidacies::<Runtime>::get(&hotkey) {
            None if self.ends => return Turn::Over,
            None => Call::join { hotkey, pledge: PLEDGE },
            Some(candidacy) if self.ends || candidacy.pledge.is_zero() => {
                self.ends = true;
                match candidacy.pledge.is_zero() {
                    true => Call::withdraw { hotkey },
                    false => Call::leave { hotkey },
                }
            }
            Some(candidacy) => {
                if let Some(turn) = self.keys(dice, cast) {
                    return turn;
                }
                self.ends = dice.chance(15);
                match (dice.below(4), candidacy.standing) {
                    (0, _) => Call::pledge_more { hotkey, amount },
                    (1, _) => Call::unbond { hotkey, amount },
                    (_, Standing::Ready) => Call::chill { hotkey },
                    _ => Call::resume { hotkey },
                }
            }
        };
        Turn::call(coldkey, call)
    }
}

//! The candidacy of a hotkey, from its pledge to the withdrawal. Root turns elections on and off meanwhile, with rules
//! under which a pledge is free soon.

use myelin_election::{Rules, Standing};
use myelin_runtime::{constants::TAO, AccountId, Runtime, RuntimeCall};
use myelin_units::TaoBalance;
use pallet_myelin_election::{Candidacies, Eras};

use super::{Affair, Turn};
use crate::{cast::Cast, dice::Dice, scene::View};

type Call = pallet_myelin_election::Call<Runtime>;

/// Turns that a candidacy has at most.
const TURNS: u64 = 24;
/// Eras of a few blocks.
const RULES: Rules = Rules { era: 6, report_window: 4, appeal_window: 4, unbonding: 10, ..Rules::fast() };

/// One hotkey and its owner.
pub struct Seat {
    hotkey: AccountId,
    coldkey: AccountId,
    turns: u64,
    ends: bool,
}

impl Seat {
    /// A hotkey whose owner is known.
    pub fn begin(dice: &mut Dice, view: &View) -> Option<Self> {
        let netuid = view.any_subnet(dice);
        let hotkey = dice.pick(&view.places.get(&netuid)?.hotkeys)?.clone();
        let coldkey = view.owners.get(&hotkey)?.clone();
        Some(Self { hotkey, coldkey, turns: 0, ends: false })
    }

    /// A call of root.
    fn govern(dice: &mut Dice, cast: &Cast) -> Turn {
        let call = match (dice.below(3), Eras::<Runtime>::is_on()) {
            (0, _) => Call::set_rules { rules: RULES },
            (1, true) if dice.chance(50) => Call::switch_off {},
            (_, true) => return Turn::Wait,
            (_, false) => Call::switch_on {},
        };
        let root = cast.actor(cast.sudo()).id.clone();
        let call = Box::new(RuntimeCall::from(call));
        Turn::call(root, pallet_sudo::Call::<Runtime>::sudo { call })
    }
}

impl Affair for Seat {
    fn turn(&mut self, dice: &mut Dice, _: &View, cast: &Cast) -> Turn {
        self.turns += 1;
        if self.turns > TURNS {
            return Turn::Over;
        }
        if dice.chance(25) {
            return Self::govern(dice, cast);
        }
        let (hotkey, coldkey) = (self.hotkey.clone(), self.coldkey.clone());
        let amount = TaoBalance::from_rao(TAO / 4 + dice.below(TAO));
        let call = match Candidacies::<Runtime>::get(&hotkey) {
            None if self.ends => return Turn::Over,
            None => Call::join { hotkey, pledge: TaoBalance::from_tokens(3) },
            Some(candidacy) if self.ends || candidacy.pledge.is_zero() => {
                self.ends = true;
                match candidacy.pledge.is_zero() {
                    true => Call::withdraw { hotkey },
                    false => Call::leave { hotkey },
                }
            }
            Some(candidacy) => {
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

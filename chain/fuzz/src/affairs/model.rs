//! The record of a model: published, confirmed, disputed, answered, handed on, withdrawn or taken down. Miners declare
//! it, and its pots are divided.

use myelin_provenance::{record::SHARES, Contributor, ModelId, Record, WeightsKind};
use myelin_runtime::{constants::TAO, AccountId, Runtime};
use myelin_units::NetUid;
use pallet_myelin_provenance::{Disputes, Models};
use pallet_network::ancestry::Ancestry;

use super::{Affair, Turn};
use crate::{cast::Cast, dice::Dice, scene::View};

type Call = pallet_myelin_provenance::Call<Runtime>;
type Network = pallet_network::Call<Runtime>;

/// Turns that a model has at most.
const TURNS: u64 = 12;

/// One model, its publisher and another account.
pub struct Model {
    id: ModelId,
    publisher: AccountId,
    helper: AccountId,
    turns: u64,
    /// Whether its pot was given TAO in the last turn.
    given: bool,
}

impl Model {
    /// A model of some coldkey.
    pub fn begin(dice: &mut Dice, cast: &Cast) -> Self {
        let mut id = [0; 32];
        id.chunks_mut(8).for_each(|part| part.copy_from_slice(&dice.number().to_le_bytes()));
        Self { id, publisher: cast.any_coldkey(dice), helper: cast.any_coldkey(dice), turns: 0, given: false }
    }

    /// Its record. Some parents of the state are named.
    fn record(&self, dice: &mut Dice) -> Record<AccountId> {
        let own = Contributor { account: self.publisher.clone(), share: SHARES - 1 };
        let other = Contributor { account: self.helper.clone(), share: 1 };
        let together = [own, other];
        let whole = Contributor { account: self.publisher.clone(), share: SHARES };
        Record {
            publisher: self.publisher.clone(),
            model: self.id,
            kind: WeightsKind::Own,
            size: 1 + dice.below(1_000),
            name: b"a model".to_vec(),
            parents: Models::<Runtime>::iter_keys().take(dice.below(4) as usize).collect(),
            contributors: if self.publisher == self.helper { vec![whole] } else { together.to_vec() },
            run: None,
            licence: b"MIT".to_vec(),
            data: Vec::new(),
            urls: Vec::new(),
            aliases: Vec::new(),
        }
    }
}

impl Model {
    /// A miner declares the model, somebody gives TAO to its pot, or the pot is divided. The owner of the subnet sets a
    /// share now and then.
    fn earn(&mut self, dice: &mut Dice, view: &View, cast: &Cast) -> Turn {
        let (netuid, model) = (view.any_subnet(dice), self.id);
        let subnet = view.subnets.get(&netuid);
        let owner = subnet.and_then(|subnet| subnet.owner.clone());
        let miner = subnet.and_then(|subnet| dice.pick(&subnet.hotkeys).cloned());
        match (dice.below(6), owner, miner) {
            (0, Some(owner), _) => {
                let share = dice.below(500_001) as u32;
                Turn::call(owner, Network::announce_parent_share { netuid, share })
            }
            (1 | 2, _, Some(hotkey)) if view.owners.contains_key(&hotkey) => {
                let coldkey = view.owners[&hotkey].clone();
                Turn::call(coldkey, Network::declare_model { hotkey, netuid, model: Some(model) })
            }
            (3, _, _) => {
                let (dest, value) = (Ancestry::<Runtime>::pot(&model).into(), dice.below(3 * TAO));
                self.given = true;
                let gift = pallet_balances::Call::transfer_keep_alive { dest, value };
                Turn::call(cast.any_coldkey(dice), gift)
            }
            _ => {
                let netuid = dice.chance(80).then(|| self.earning(dice, view).unwrap_or(netuid));
                Turn::call(cast.any_coldkey(dice), Network::share_pot { model, netuid })
            }
        }
    }

    /// A subnet on which the pot has alpha.
    fn earning(&self, dice: &mut Dice, view: &View) -> Option<NetUid> {
        let pot = Ancestry::<Runtime>::pot(&self.id);
        let all: Vec<NetUid> = view
            .positions
            .iter()
            .filter(|(_, coldkey, _)| *coldkey == pot)
            .map(|(.., netuid)| *netuid)
            .collect();
        dice.pick(&all).copied()
    }
}

impl Affair for Model {
    fn turn(&mut self, dice: &mut Dice, view: &View, cast: &Cast) -> Turn {
        let id = self.id;
        self.turns += 1;
        let Some(found) = Models::<Runtime>::get(id) else {
            if self.turns > 1 {
                return Turn::Over;
            }
            let record = Box::new(self.record(dice));
            return Turn::call(self.publisher.clone(), Call::publish { record });
        };
        if self.turns > TURNS {
            return Turn::Over;
        }
        let (owner, helper, reference) = (found.owner.clone(), self.helper.clone(), b"here".to_vec());
        let kept = Disputes::<Runtime>::get(id);
        let open = kept.iter().find(|dispute| dispute.closed.is_none());
        if std::mem::take(&mut self.given) {
            return Turn::call(helper, Network::share_pot { model: id, netuid: None });
        }
        if dice.chance(30) {
            return self.earn(dice, view, cast);
        }
        match (dice.below(8), open) {
            (0, _) => Turn::call(helper, Call::confirm { model: id, record: found.record.id() }),
            (1, _) => Turn::call(owner, Call::transfer { model: id, to: cast.any_coldkey(dice) }),
            (2, _) => Turn::call(owner, Call::withdraw { model: id }),
            (3, _) => Turn::by_root(cast, Call::takedown { model: id, reason: [1; 32], reference }),
            (4 | 5, Some(dispute)) => Turn::call(
                owner,
                Call::answer { model: id, number: dispute.number, answer: [2; 32], reference },
            ),
            (6, Some(dispute)) => {
                Turn::call(dispute.by.clone(), Call::retract { model: id, number: dispute.number })
            }
            _ => Turn::call(cast.any_coldkey(dice), Call::dispute { model: id, reason: [3; 32], reference }),
        }
    }
}

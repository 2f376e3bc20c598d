//! The cast: accounts whose secrets are known.

use std::collections::HashMap;

use myelin_runtime::AccountId;
use sp_core::{sr25519, Pair};

use crate::dice::Dice;

/// Coldkeys: the accounts that genesis endows, and some that the opening endows.
const COLDKEYS: [&str; 10] = [
    "//Alice",
    "//Bob",
    "//Charlie",
    "//Dave",
    "//Eve",
    "//Ferdie",
    "//Cold/0",
    "//Cold/1",
    "//Cold/2",
    "//Cold/3",
];
/// Number of hotkeys.
const HOTKEYS: usize = 36;

/// One of the actors.
pub struct Actor {
    /// Derivation path of its secret.
    pub path: String,
    /// Its secret.
    pub pair: sr25519::Pair,
    /// Its account.
    pub id: AccountId,
}

/// All actors: coldkeys first, then hotkeys.
pub struct Cast {
    actors: Vec<Actor>,
    indices: HashMap<AccountId, usize>,
}

impl Default for Cast {
    fn default() -> Self {
        let hotkeys = (0..HOTKEYS).map(|i| format!("//Hot/{i}"));
        let actors: Vec<_> = COLDKEYS.iter().map(ToString::to_string).chain(hotkeys).map(actor).collect();
        let indices = actors.iter().enumerate().map(|(at, actor)| (actor.id.clone(), at)).collect();
        Self { actors, indices }
    }
}

fn actor(path: String) -> Actor {
    let pair = sr25519::Pair::from_string(&path, None).expect("a well-formed path");
    Actor { id: AccountId::from(pair.public().0), pair, path }
}

impl Cast {
    /// The actor with this index.
    pub fn actor(&self, index: usize) -> &Actor {
        &self.actors[index % self.actors.len()]
    }

    /// Index of an account, if its secret is known.
    pub fn index(&self, id: &AccountId) -> Option<usize> {
        self.indices.get(id).copied()
    }

    /// Index of the actor of a path.
    pub fn index_of_path(&self, path: &str) -> Option<usize> {
        self.actors.iter().position(|actor| actor.path == path)
    }

    /// All coldkeys.
    pub fn coldkeys(&self) -> &[Actor] {
        &self.actors[..COLDKEYS.len()]
    }

    /// All hotkeys.
    pub fn hotkeys(&self) -> &[Actor] {
        &self.actors[COLDKEYS.len()..]
    }

    /// Index of the holder of the sudo key.
    pub fn sudo(&self) -> usize {
        0
    }

    /// Any coldkey.
    pub fn any_coldkey(&self, dice: &mut Dice) -> AccountId {
        self.coldkeys()[dice.below(COLDKEYS.len() as u64) as usize].id.clone()
    }

    /// Any hotkey.
    pub fn any_hotkey(&self, dice: &mut Dice) -> AccountId {
        self.hotkeys()[dice.below(HOTKEYS as u64) as usize].id.clone()
    }
}

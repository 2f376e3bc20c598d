//! Affairs: operations that take several calls of several accounts, such as a multisig operation. Each continues from
//! the state that it reads on the chain.

mod bond;
mod bound;
mod errand;
mod grant;
mod model;
mod multisig;
mod offence;
mod passage;
mod poll;
mod proxy;
mod pure;
mod seat;

use myelin_runtime::{AccountId, RuntimeCall};

use crate::{cast::Cast, dice::Dice, opening, scene::View};

pub use bound::bound;
pub use errand::forced;
pub use poll::{enacting, submission};

/// Most affairs at a time.
const MOST: usize = 12;

/// The next need of an affair.
enum Turn {
    /// A call, signed by this account.
    Call(AccountId, Box<RuntimeCall>),
    /// Blocks.
    Wait,
    /// The affair is over.
    Over,
}

impl Turn {
    fn call(signer: AccountId, call: impl Into<RuntimeCall>) -> Self {
        Self::Call(signer, Box::new(call.into()))
    }

    fn by_root(cast: &Cast, call: impl Into<RuntimeCall>) -> Self {
        let (root, call) = by_root(cast, call);
        Self::call(root, call)
    }
}

/// A call of root, with the account of the sudo key.
fn by_root(cast: &Cast, call: impl Into<RuntimeCall>) -> (AccountId, RuntimeCall) {
    (cast.actor(cast.sudo()).id.clone(), opening::by_root(call))
}

/// An operation of several calls.
trait Affair {
    /// The next need, by the state of the chain. Requires externalities.
    fn turn(&mut self, dice: &mut Dice, view: &View, cast: &Cast) -> Turn;
}

/// All affairs that are under way.
#[derive(Default)]
pub struct Affairs {
    open: Vec<Box<dyn Affair>>,
}

impl Affairs {
    /// The next call of one of them, or the first of a new one; `None` if it has to wait. Requires externalities.
    pub fn next(&mut self, dice: &mut Dice, view: &View, cast: &Cast) -> Option<(AccountId, RuntimeCall)> {
        if self.open.len() < MOST && dice.chance(30) {
            self.open.push(begin(dice, view, cast)?);
        }
        let at = dice.below(self.open.len() as u64) as usize;
        match self.open.get_mut(at)?.turn(dice, view, cast) {
            Turn::Call(signer, call) => Some((signer, *call)),
            Turn::Wait => None,
            Turn::Over => {
                self.open.swap_remove(at);
                None
            }
        }
    }
}

fn begin(dice: &mut Dice, view: &View, cast: &Cast) -> Option<Box<dyn Affair>> {
    Some(match dice.below(11) {
        0 => Box::new(multisig::Operation::begin(dice, view, cast)),
        1 => Box::new(proxy::Proxy::begin(dice, cast)),
        2 => Box::new(pure::Pure::begin(dice, cast)),
        3 => Box::new(model::Model::begin(dice, cast)),
        4..=5 => Box::new(poll::Poll::begin(dice, cast)),
        6 => Box::new(grant::Grant::begin(dice, cast)),
        7 => Box::new(passage::Passage::begin(cast)),
        8 => Box::new(seat::Seat::begin(dice, view)?),
        9 => Box::new(offence::Offence::begin(dice, cast)),
        _ => Box::new(bond::Bond::begin(dice, view)?),
    })
}

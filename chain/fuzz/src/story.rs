//! Next steps of a story: blocks, and calls that a seed draws from the state of the chain.

use std::{
    collections::{BTreeSet, VecDeque},
    rc::Rc,
};

use codec::{Decode, Encode};
use frame_support::traits::GetCallMetadata;
use myelin_economy::collateral::MIN_UNBONDING;
use myelin_runtime::{AccountId, Runtime, RuntimeCall};

use crate::{
    affairs::{self, Affairs},
    cast::Cast,
    dice::Dice,
    opening,
    opinions::Opinions,
    scene::{Scene, View},
    schema::{Kind, Schema, NEVER_DONE},
    values::Writer,
    world::World,
};

/// Prefixes of the names of calls that hotkeys sign.
const SIGNED_BY_HOTKEYS: [&str; 9] = [
    "attest_",
    "set_weights",
    "set_mechanism_weights",
    "batch_set_weights",
    "commit_",
    "batch_commit",
    "reveal_",
    "batch_reveal",
    "serve_",
];
/// Prefixes of the names of calls that root makes.
const MADE_BY_ROOT: [&str; 9] = [
    "sudo_",
    "set_fee_rate",
    "root_dissolve",
    "set_pending_childkey_cooldown",
    "set_max_space",
    "set_rules",
    "switch_o",
    "cancel_slash",
    "swap_authorities",
];
/// Calls of a subnet's owner.
const MADE_BY_OWNERS: [&str; 8] = [
    "start_call",
    "set_subnet_identity",
    "update_symbol",
    "sudo_trim",
    "announce_rubric",
    "withdraw_rubric",
    "demand_evidence",
    "announce_parent_share",
];
/// Blocks between two repairs of the settings.
const REPAIR_EVERY: u32 = 40;
/// One rest of a story in this many is long enough to withdraw collateral after it.
const LONG_REST: u64 = 60;

/// A signed call: the signer, and the bytes of the call.
#[derive(Clone, PartialEq, Eq)]
pub struct Action {
    /// Place of the signer in the cast.
    pub signer: usize,
    /// The call, encoded.
    pub call: Vec<u8>,
}

impl Action {
    /// The action of a signer.
    pub fn new(signer: usize, call: &RuntimeCall) -> Self {
        Self { signer, call: call.encode() }
    }

    /// The call, if this runtime has it.
    pub fn decoded(&self) -> Option<RuntimeCall> {
        let rest = &mut &self.call[..];
        RuntimeCall::decode(rest).ok().filter(|_| rest.is_empty())
    }
}

/// One step of a story.
#[derive(Clone, PartialEq, Eq)]
pub enum Step {
    /// The block ends and the next one begins.
    Block,
    /// A transaction.
    Call(Action),
}

/// Name of a call as reports show it; a call of the sudo key has the name of its inner call.
pub fn title(call: &RuntimeCall) -> String {
    if let RuntimeCall::Sudo(pallet_sudo::Call::sudo { call }) = call {
        return title(call);
    }
    let named = call.get_call_metadata();
    format!("{}::{}", named.pallet_name, named.function_name)
}

/// Draws the steps of a story.
pub struct Author {
    dice: Dice,
    schema: Schema,
    view: View,
    opening: VecDeque<Step>,
    opinions: Opinions,
    affairs: Affairs,
    viewed_at: u32,
    repaired_at: u32,
    empty_blocks: u64,
    /// Calls that have succeeded, or never can.
    done: BTreeSet<String>,
}

impl Author {
    /// The author of a seed.
    pub fn new(seed: u64, world: &mut World) -> Self {
        let cast = &world.cast;
        let opening = [opening::steps(cast), opening::elections(cast), opening::votes(cast)].concat();
        Self {
            dice: Dice::new(seed),
            schema: world.look(Schema::read),
            view: View::default(),
            opening: opening.into(),
            opinions: Opinions::default(),
            affairs: Affairs::default(),
            viewed_at: 0,
            repaired_at: 0,
            empty_blocks: 0,
            done: NEVER_DONE.iter().map(|(title, _)| title.to_string()).collect(),
        }
    }

    /// Records the success of a call: the others are favoured from now on.
    pub fn heard_of(&mut self, title: &str) {
        if !self.done.contains(title) {
            self.done.insert(title.to_string());
        }
    }

    /// All calls there are.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The next step.
    pub fn next(&mut self, world: &mut World) -> Step {
        if let Some(step) = self.opening.pop_front() {
            return step;
        }
        if self.empty_blocks > 0 {
            self.empty_blocks -= 1;
            return Step::Block;
        }
        let block = world.block();
        if block >= self.repaired_at + REPAIR_EVERY {
            self.repaired_at = block;
            return Step::Call(Action::new(world.cast.sudo(), &opening::repair_all(&self.view)));
        }
        if self.dice.chance(12) {
            if self.dice.chance(8) {
                self.empty_blocks = match self.dice.below(LONG_REST) {
                    0 => MIN_UNBONDING.into(),
                    _ => self.dice.below(25),
                };
            }
            return Step::Block;
        }
        if self.viewed_at != block {
            self.view = world.look(View::look);
            self.viewed_at = block;
        }
        let cast = Rc::clone(&world.cast);
        Step::Call(world.look(|| self.draw(&cast)))
    }

    fn draw(&mut self, cast: &Cast) -> Action {
        let Self { dice, schema, view, opinions, affairs, done, .. } = self;
        let planned: Option<(AccountId, RuntimeCall)> = match dice.below(20) {
            0..=4 => opinions.next(dice, view, cast).map(|(signer, call)| (signer, call.into())),
            5..=7 => affairs.next(dice, view, cast),
            8 => affairs::forced(dice, view, cast),
            9 => affairs::bound(dice, view, cast),
            _ => None,
        };
        planned
            .and_then(|(signer, call)| Some(Action::new(cast.index(&signer)?, &call)))
            .unwrap_or_else(|| any_call(dice, schema, done, view, cast))
    }
}

/// Any call of any pallet, by an account for which it makes sense.
fn any_call(dice: &mut Dice, schema: &Schema, done: &BTreeSet<String>, view: &View, cast: &Cast) -> Action {
    for _ in 0..20 {
        let scene = Scene::draw(dice, view, cast);
        let wanted: &dyn Fn(&Kind) -> bool = match dice.below(100) {
            0..=64 => &|kind| kind.pallet == "SubtensorModule",
            65..=81 => &|kind| kind.pallet == "AdminUtils",
            82..=89 => &|kind| !done.contains(&kind.title()),
            _ => &|_| true,
        };
        let mut kinds: Vec<_> = schema.kinds.iter().filter(|kind| wanted(kind)).collect();
        if kinds.is_empty() {
            kinds = schema.kinds.iter().collect();
        }
        let kind = dice.pick(&kinds).expect("every pallet has calls");
        let call = Writer { schema, cast, scene: &scene }.call(dice, kind);
        let action = Action { signer: signer(dice, kind, &scene, cast), call };
        // Bytes that encode no call, such as too long a list, cannot be sent at all.
        let Some(call) = action.decoded() else { continue };
        if made_by(kind, &MADE_BY_ROOT) && action.signer == cast.sudo() {
            return Action::new(action.signer, &opening::by_root(call));
        }
        return action;
    }
    let remark = frame_system::Call::<Runtime>::remark { remark: Vec::new() };
    Action::new(cast.sudo(), &remark.into())
}

fn made_by(kind: &Kind, names: &[&str]) -> bool {
    names.iter().any(|name| kind.name.starts_with(name))
}

/// Signer of a call.
fn signer(dice: &mut Dice, kind: &Kind, scene: &Scene, cast: &Cast) -> usize {
    let luck = dice.below(100);
    let wanted = if luck < 4 {
        cast.any_coldkey(dice)
    } else if made_by(kind, &MADE_BY_ROOT) && luck < 60 {
        return cast.sudo();
    } else if made_by(kind, &SIGNED_BY_HOTKEYS) || kind.pallet == "Commitments" {
        scene.hotkey.clone()
    } else if (made_by(kind, &MADE_BY_ROOT) || made_by(kind, &MADE_BY_OWNERS)) && luck < 90 {
        scene.owner.clone().unwrap_or_else(|| scene.coldkey.clone())
    } else {
        scene.coldkey.clone()
    };
    cast.index(&wanted).unwrap_or_else(|| dice.below(10) as usize)
}

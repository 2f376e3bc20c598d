//! Bad input: the named error, and no change except the fee and the nonce of the sender.

mod rows;
mod times;

use codec::{Compact, Encode};
use myelin_fuzz::{
    dice::Dice,
    opening::{self, by_root as sudo},
    run::{error_name, live, Care},
    scene::{Scene, View},
    schema::{Kind, Schema},
    story::Action,
    trace::attempt,
    values::Writer,
    world::{Outcome, World},
};
use myelin_runtime::{constants::TAO, AccountId, Runtime, RuntimeCall, System};
use myelin_units::{storage_index, AlphaBalance, NetUid, TaoBalance, ROOT};
use pallet_network::{epoch::EpochClock, weights::WeightLedger, NetworkRegistrationStartBlock};
use sp_core::H256;
use sp_runtime::{
    transaction_validity::{InvalidTransaction, TransactionValidityError},
    DispatchError, TokenError,
};

type Network = pallet_network::Call<Runtime>;
type Admin = pallet_admin_utils::Call<Runtime>;
type Utility = pallet_utility::Call<Runtime>;
type Collateral = pallet_myelin_collateral::Call<Runtime>;

/// A subnet of the opening whose weights are set in the clear; coldkey 0 owns it with hotkey 0.
const CLEAR: NetUid = 2;
/// A subnet of the opening whose weights are committed; coldkey 1 owns it with hotkey 1.
const SECRET: NetUid = 3;
/// A subnet that does not exist.
const NOWHERE: NetUid = 4_000;
/// Place of a coldkey in the cast that owns nothing the tests use.
const STRANGER: usize = 9;

/// The chain after the opening.
fn opened() -> World {
    let mut world = World::genesis();
    for step in opening::steps(&world.cast) {
        let told = live(&mut world, &step, Care::Money).expect("no rule breaks in the opening");
        for (title, outcome) in told {
            assert_eq!(outcome, Outcome::Done, "{title} of the opening");
        }
    }
    world
}

/// The outcome of a call, in the words of the table.
fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done => "Done".to_string(),
        Outcome::Refused(DispatchError::Token(TokenError::Frozen)) => "Frozen".to_string(),
        Outcome::Refused(error) => error_name(error),
        Outcome::Invalid(TransactionValidityError::Invalid(InvalidTransaction::Custom(n))) => {
            format!("Custom {n}")
        }
        Outcome::Invalid(other) => format!("{other:?}"),
    }
}

/// Calls that stories make, each with a sensible scene and one argument replaced by a bad one; `visit` gets the kind,
/// the place of the argument and the call.
fn each_bad_argument(
    world: &mut World,
    draws: u64,
    mut visit: impl FnMut(&mut World, &Kind, usize, RuntimeCall),
) {
    let (schema, view) = world.look(|| (Schema::read(), View::look()));
    let cast = std::rc::Rc::clone(&world.cast);
    let mut dice = Dice::new(4);
    for kind in &schema.kinds {
        for bad in 0..kind.arguments.len() {
            for _ in 0..draws {
                let bytes = world.look(|| {
                    let scene = Scene { hostility: 0, ..Scene::draw(&mut dice, &view, &cast) };
                    Writer { schema: &schema, cast: &cast, scene: &scene }.call_with_bad(&mut dice, kind, bad)
                });
                // Bytes that encode no call cannot be sent.
                if let Some(call) = (Action { signer: 0, call: bytes }).decoded() {
                    visit(world, kind, bad, call);
                }
            }
        }
    }
}

#[test]
fn a_call_with_a_bad_argument_is_done_or_leaves_no_trace() {
    let mut world = opened();
    let (mut refused, mut made) = (0, 0);
    each_bad_argument(&mut world, 4, |world, kind, bad, call| {
        let signers = [0, 5, STRANGER, 14, 16];
        let signer = signers[made % signers.len()];
        let roots =
            ["sudo_", "force_", "dispatch_as", "with_weight"].iter().any(|name| kind.name.starts_with(name));
        let call = if signer == 0 && roots { sudo(call) } else { call };
        let (outcome, changed) = attempt(world, signer, &call);
        made += 1;
        if outcome != Outcome::Done {
            refused += 1;
            let argument = &kind.arguments[bad].name;
            assert!(
                !changed,
                "{} with a bad `{argument}` failed and left a trace: {outcome:?}",
                kind.title()
            );
        }
    });
    assert!(refused > 200 && refused < made, "{refused} of {made} calls were refused");
}

//! The beacon in whole blocks: contents do not matter, sessions change, false contributions spoil the block.

use codec::Encode;
use frame_support::assert_ok;
use myelin_wire::{
    beacon::{Turn, Value, START},
    sr25519::Keypair,
};
use pallet_myelin_beacon::Contribution;
use sp_consensus_aura::{Slot, AURA_ENGINE_ID};
use sp_core::{sr25519, Pair};
use sp_runtime::{
    traits::Header as _,
    transaction_validity::{InvalidTransaction, TransactionSource},
    ApplyExtrinsicResult, Digest, DigestItem,
};

use super::{chain, run_block, strict_chain};
use crate::{
    genesis::keys::{DevAuthority, ALICE, AUTHORITIES, BOB},
    signing::sign,
    AdminUtils, Aura, Beacon, Block, Executive, Header, RuntimeCall, RuntimeOrigin, System,
    UncheckedExtrinsic,
};

const ONE: &DevAuthority = &AUTHORITIES[0];
const TWO: &DevAuthority = &AUTHORITIES[1];
const THREE: &DevAuthority = &AUTHORITIES[2];

/// Begins a block whose slot is its number.
fn begin(number: u32) {
    let digest =
        Digest { logs: vec![DigestItem::PreRuntime(AURA_ENGINE_ID, Slot::from(u64::from(number)).encode())] };
    let header = Header::new(number, Default::default(), Default::default(), Default::default(), digest);
    let _ = Executive::initialize_block(&header);
    let now = u64::from(number) * Aura::slot_duration();
    let time = RuntimeCall::from(crate::TimestampCall::set { now });
    assert_eq!(Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(time)), Ok(Ok(())));
}

fn value_of(number: u32) -> Value {
    Beacon::value_at(number).expect("the block has a value")
}

/// The contribution of an authority to the open block.
fn inherent(author: &DevAuthority) -> UncheckedExtrinsic {
    let pair = sr25519::Pair::from_string(author.account.path, None).expect("a valid path");
    let secret = pair.to_raw_vec().try_into().expect("64 bytes");
    let keypair = Keypair::from_secret(&secret).expect("a secret key");
    let number = System::block_number();
    let before = Beacon::value_at(number - 1).unwrap_or(START);
    let turn = Turn { genesis: System::block_hash(0).0, before, slot: number.into() };
    let Contribution { output, proof } = turn.contribute(&keypair, [0; 32]).into();
    let call = RuntimeCall::from(pallet_myelin_beacon::Call::contribute { output, proof });
    UncheckedExtrinsic::new_bare(call)
}

fn contribute(author: &DevAuthority) -> ApplyExtrinsicResult {
    Executive::apply_extrinsic(inherent(author))
}

#[test]
fn contents_of_a_block_do_not_change_its_value() {
    let block = |contributes: bool, amounts: &[u64]| {
        chain("local").execute_with(|| {
            begin(1);
            if contributes {
                assert_eq!(contribute(TWO), Ok(Ok(())));
            }
            let alice = sr25519::Pair::from_string(ALICE.path, None).expect("a valid path");
            for (nonce, value) in (0..).zip(amounts) {
                let dest = BOB.id().into();
                let pay = pallet_balances::Call::transfer_keep_alive { dest, value: *value };
                let transaction = sign(&alice, nonce, System::block_hash(0), pay);
                assert_eq!(Executive::apply_extrinsic(transaction), Ok(Ok(())));
            }
            let header = Executive::finalize_block();
            (header.hash(), value_of(1))
        })
    };
    for contributes in [false, true] {
        let (empty, value) = block(contributes, &[]);
        for amounts in [&[1_000_000][..], &[2_000_000], &[1_000_000, 2_000_000]] {
            let (hash, same) = block(contributes, amounts);
            assert_ne!(hash, empty);
            assert_eq!(same, value);
        }
    }
    assert_ne!(block(false, &[]).1, block(true, &[]).1);
}

#[test]
fn a_block_of_our_chains_is_invalid_without_the_contribution_of_its_author() {
    for preset in &crate::genesis::PRESETS {
        let ends = |contributes: bool| {
            strict_chain(preset.id).execute_with(|| {
                assert!(Beacon::needs_next_contribution());
                assert_eq!(Beacon::authorities() as usize, preset.authorities);
                begin(1);
                if contributes {
                    let author = &AUTHORITIES[1 % preset.authorities];
                    assert_eq!(contribute(author), Ok(Ok(())));
                }
                std::panic::catch_unwind(Executive::finalize_block).is_ok()
            })
        };
        assert_eq!([false, true].map(ends), [false, true], "{}", preset.id);
    }
}

/// The first block of a chain, with or without the contribution of its author.
fn first_block(mut chain: sp_io::TestExternalities, contributes: bool) -> Block {
    chain.execute_with(|| {
        begin(1);
        let time = RuntimeCall::from(crate::TimestampCall::set { now: Aura::slot_duration() });
        let mut body = vec![UncheckedExtrinsic::new_bare(time)];
        if contributes {
            let contribution = inherent(TWO);
            assert_eq!(Executive::apply_extrinsic(contribution.clone()), Ok(Ok(())));
            body.push(contribution);
        }
        Block { header: Executive::finalize_block(), extrinsics: body }
    })
}

#[test]
fn whoever_executes_a_block_of_another_author_demands_its_contribution() {
    let imports = |mut chain: sp_io::TestExternalities, block: Block| {
        let run = || chain.execute_with(|| Executive::execute_block(block.into()));
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).map_err(|why| {
            match why.downcast::<&str>() {
                Ok(why) => why.to_string(),
                Err(other) => other.downcast::<String>().map(|why| *why).unwrap_or_default(),
            }
        })
    };
    assert_eq!(imports(strict_chain("local"), first_block(strict_chain("local"), true)), Ok(()));
    let without = first_block(chain("local"), false);
    let refused = imports(strict_chain("local"), without.clone()).expect_err("nobody contributed");
    assert!(refused.contains("no contribution of its author"), "{refused}");
    assert_eq!(imports(chain("local"), without), Ok(()), "a chain from elsewhere");
}

#[test]
fn the_author_of_a_session_change_contributes_with_its_key_of_the_old_list() {
    chain("local3").execute_with(|| {
        run_block(1);
        let keys = [THREE, TWO].map(|authority| authority.session_keys().aura);
        let list = keys.to_vec().try_into().expect("few authorities");
        assert_ok!(AdminUtils::swap_authorities(RuntimeOrigin::root(), list));
        begin(2);
        assert_eq!(contribute(THREE), Ok(Ok(())));
        Executive::finalize_block();

        // Slot 3 is the first one's by the old list, and the second one's by the list that this block brings.
        let turn = Beacon::next_turn(3).expect("there are authorities");
        assert_eq!(turn, (ONE.session_keys().aura, value_of(2)));
        begin(3);
        assert_eq!(pallet_aura::Authorities::<crate::Runtime>::get().to_vec(), keys);
        assert_eq!(contribute(TWO), Err(InvalidTransaction::BadMandatory.into()));
        assert_eq!(contribute(ONE), Ok(Ok(())));
        Executive::finalize_block();

        assert_eq!(Beacon::next_turn(4), Some((THREE.session_keys().aura, value_of(3))));
        begin(4);
        assert_eq!(contribute(TWO), Err(InvalidTransaction::BadMandatory.into()));
        assert_eq!(contribute(THREE), Ok(Ok(())));
        Executive::finalize_block();
    });
}

#[test]
fn a_false_or_second_contribution_makes_the_block_invalid_and_none_comes_from_the_pool() {
    chain("local").execute_with(|| {
        run_block(1);
        begin(2);
        let right = inherent(ONE);
        assert_eq!(contribute(TWO), Err(InvalidTransaction::BadMandatory.into()));
        assert_eq!(Executive::apply_extrinsic(right.clone()), Ok(Ok(())));
        assert_eq!(Executive::apply_extrinsic(right), Err(InvalidTransaction::BadMandatory.into()));
        Executive::finalize_block();

        // The pool asks between blocks.
        begin(3);
        let right = inherent(TWO);
        System::set_block_number(2);
        let asked = Executive::validate_transaction(TransactionSource::External, right, Default::default());
        assert_eq!(asked, Err(InvalidTransaction::MandatoryValidation.into()));
    });
}

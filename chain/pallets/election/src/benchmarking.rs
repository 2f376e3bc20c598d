//! Benchmarks of the calls of this pallet, and of its work without a signer.

use alloc::{boxed::Box, vec, vec::Vec};

use codec::{Decode, Encode};
use frame_benchmarking::v2::*;
use frame_support::traits::fungible::Mutate;
use frame_system::{
    pallet_prelude::{BlockNumberFor, HeaderFor},
    RawOrigin,
};
use myelin_election::{
    docket::MOST_SLASHES, rules::MOST_SEATS, Attendance, Candidacy, Docket, Member, Offence, Panel,
    PerBillion, Rules, Seat, Slash, Standing,
};
use myelin_units::TaoBalance;
use sp_core::{crypto::KeyTypeId, ed25519, sr25519};
use sp_runtime::{
    traits::{Header as _, One},
    Digest, DigestItem, SaturatedConversion,
};

use crate::{
    eras::{Clock, Eras, Step},
    history::History,
    interfaces::{Network, Seats},
    now,
    pallet::*,
    penalties::Penalties,
    presence::Presence,
    readings::Readings,
    reports::{RootedHeader, TwoVotes},
    rules,
};

/// Kind of the keys of benchmarks.
const KEYS: KeyTypeId = KeyTypeId(*b"elec");
/// Number of the set of GRANDPA.
const SET: u64 = 7;
/// Slots of the largest set's turns until that of the first seat.
const TURNS: u64 = 128;

/// Subnet of the panel; its number is as good as any.
const SUBNET: u16 = 1;

fn member<T: Config>(number: u32) -> T::AccountId {
    account("hotkey", number, 0)
}

fn coldkey<T: Config>(number: u32) -> T::AccountId {
    account("coldkey", number, 0)
}

/// A candidate with twice the least pledge, root stake and session keys.
fn candidate<T: Config>(number: u32) -> Result<(T::AccountId, T::AccountId), BenchmarkError>
where
    T::Holds: Mutate<T::AccountId>,
{
    let (hotkey, coldkey) = (member::<T>(number), coldkey::<T>(number));
    let pledge = twice::<T>();
    T::Holds::mint_into(&coldkey, pledge.to_rao().saturating_mul(4))?;
    T::Network::endow(&hotkey, &coldkey, TaoBalance::from_tokens(100));
    T::Seats::give_keys(&hotkey);
    crate::Candidates::<T>::join(coldkey.clone(), hotkey.clone(), pledge)?;
    Ok((hotkey, coldkey))
}

fn twice<T: Config>() -> TaoBalance {
    TaoBalance::from_rao(rules::<T>().least_pledge.to_rao().saturating_mul(2))
}

/// A panel of candidates.
fn panel<T: Config>(members: u32) -> Panel {
    let member = |number| Member {
        hotkey: member::<T>(number).into(),
        coldkey: coldkey::<T>(number).into(),
        backing: TaoBalance::from_tokens(100),
        measure: PerBillion::ONE,
    };
    let network = TaoBalance::from_tokens(u64::from(members).saturating_mul(100));
    Panel { emission: PerBillion::ONE, owner: None, network, members: (0..members).map(member).collect() }
}

/// Begins a pass that awaits all candidates.
fn begin<T: Config>() {
    let next_pass = now::<T>();
    EraClock::<T>::put(Clock { on: true, next_pass, ..Clock::default() });
    Eras::<T>::tick();
}

/// A term of the largest set. The first seat has these keys.
fn term<T: Config>(aura: [u8; 32], grandpa: [u8; 32]) {
    let seat = |number| {
        let hotkey = member::<T>(number).into();
        match number {
            0 => Seat { hotkey, aura, grandpa },
            _ => Seat { hotkey, aura: [1; 32], grandpa: [1; 32] },
        }
    };
    T::Seats::set_slot(TURNS);
    History::<T>::changes(SET, (0..MOST_SEATS).map(seat).collect());
    T::Seats::set_slot(2 * TURNS);
}

/// A known block, and the present one after it.
fn known_block<T: Config>() -> T::Hash {
    let known = frame_system::Pallet::<T>::block_number();
    let mut hash = T::Hash::default();
    hash.as_mut().fill(8);
    frame_system::BlockHash::<T>::insert(known, hash);
    frame_system::Pallet::<T>::set_block_number(known + One::one());
    hash
}

/// A header of the first seat's turn with so many bytes of others, sealed.
fn sealed<T: Config>(
    key: &sr25519::Public,
    parent: T::Hash,
    content: u8,
    bytes: usize,
) -> Result<Box<RootedHeader<HeaderFor<T>>>, BenchmarkError> {
    let slot = DigestItem::PreRuntime(*b"aura", (2 * TURNS).encode());
    let logs = vec![slot, DigestItem::Other(vec![content; bytes])];
    let (number, root) = (frame_system::Pallet::<T>::block_number(), T::Hash::default());
    let mut header = HeaderFor::<T>::new(number, root, root, parent, Digest { logs });
    let signature =
        sp_io::crypto::sr25519_sign(KEYS, key, header.hash().as_ref()).ok_or("the key is gone")?;
    header.digest_mut().push(DigestItem::Seal(*b"aura", signature.0.to_vec()));
    Ok(Box::new(RootedHeader { header, between: Vec::new() }))
}

/// Two prevotes of the first seat in a round.
fn two_votes<T: Config>(key: &ed25519::Public) -> Result<TwoVotes<T>, BenchmarkError> {
    let vote = |block: u8| -> Result<_, BenchmarkError> {
        let target = ([block; 32], BlockNumberFor::<T>::one());
        // A prevote is the first kind of message; the round is 1.
        let message = (0u8, &target, 1u64, SET).encode();
        let signature = sp_io::crypto::ed25519_sign(KEYS, key, &message).ok_or("the key is gone")?;
        Ok((target, signature.0))
    };
    let proof = (SET, 0u8, 1u64, key.0, vote(1)?, vote(2)?).encode();
    Decode::decode(&mut &proof[..]).map_err(|_| "the form of a proof changed".into())
}

fn slash<T: Config>(number: u32) -> Slash {
    let (committed, reported) = (now::<T>(), now::<T>());
    let (hotkey, offence) = (member::<T>(number).into(), Offence::AuraEquivocation);
    Slash { hotkey, offence, committed, reported, seats: MOST_SEATS }
}

/// A docket with so many slashes that were taken.
fn docket<T: Config>(taken: usize) -> Docket {
    let mut docket = Docket::default();
    for number in 0..taken {
        let _ = docket.file(slash::<T>(10_000 + number as u32), false, &rules::<T>());
    }
    docket
}

#[benchmarks(where T::Holds: Mutate<T::AccountId>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn join() -> Result<(), BenchmarkError> {
        let (hotkey, owner) = (member::<T>(1), coldkey::<T>(1));
        T::Holds::mint_into(&owner, twice::<T>().to_rao().saturating_mul(4))?;
        T::Network::endow(&hotkey, &owner, TaoBalance::from_tokens(100));
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), hotkey.clone(), twice::<T>());
        assert!(Candidacies::<T>::contains_key(&hotkey));
        Ok(())
    }

    #[benchmark]
    fn pledge_more() -> Result<(), BenchmarkError> {
        let (hotkey, owner) = candidate::<T>(1)?;
        begin::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), hotkey.clone(), twice::<T>());
        assert!(KeptReadings::<T>::contains_key(&hotkey));
        Ok(())
    }

    #[benchmark]
    fn unbond() -> Result<(), BenchmarkError> {
        let (hotkey, owner) = candidate::<T>(1)?;
        begin::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), hotkey.clone(), twice::<T>());
        assert!(KeptReadings::<T>::contains_key(&hotkey));
        Ok(())
    }

    #[benchmark]
    fn withdraw() -> Result<(), BenchmarkError> {
        let (hotkey, owner) = candidate::<T>(1)?;
        crate::Candidates::<T>::unbond(owner.clone(), hotkey.clone(), None)?;
        Candidacies::<T>::mutate_extant(&hotkey, |candidacy: &mut Candidacy| {
            candidacy.leaving.iter_mut().for_each(|leaving| leaving.since = 0);
        });
        let later = rules::<T>().unbonding.saturating_add(1);
        frame_system::Pallet::<T>::set_block_number(later.saturated_into());
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), hotkey.clone());
        assert!(!Candidacies::<T>::contains_key(&hotkey));
        Ok(())
    }

    #[benchmark]
    fn chill() -> Result<(), BenchmarkError> {
        let (hotkey, owner) = candidate::<T>(1)?;
        begin::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), hotkey.clone());
        assert!(KeptReadings::<T>::contains_key(&hotkey));
        Ok(())
    }

    #[benchmark]
    fn resume() -> Result<(), BenchmarkError> {
        let (hotkey, owner) = candidate::<T>(1)?;
        crate::Candidates::<T>::chill(owner.clone(), hotkey.clone())?;
        begin::<T>();
        #[extrinsic_call]
        _(RawOrigin::Signed(owner), hotkey.clone());
        assert!(KeptReadings::<T>::contains_key(&hotkey));
        Ok(())
    }

    #[benchmark]
    fn set_rules() {
        let rules = Rules { seats: 9, ..Rules::production() };
        #[extrinsic_call]
        _(RawOrigin::Root, rules);
        assert_eq!(SetRules::<T>::get(), Some(rules));
    }

    #[benchmark]
    fn switch() {
        #[block]
        {
            let _ = Eras::<T>::switch_on();
        }
        assert!(Eras::<T>::is_on());
    }

    #[benchmark]
    fn tick() {
        #[block]
        {
            Eras::<T>::tick();
        }
        assert_eq!(EraClock::<T>::get().step, Step::Waiting);
    }

    /// A first block with a panel of `m` validators.
    #[benchmark]
    fn begin_pass(m: Linear<0, 128>) -> Result<(), BenchmarkError> {
        Panels::<T>::insert(SUBNET, panel::<T>(m));
        T::Network::pay(SUBNET);
        let next_pass = now::<T>();
        EraClock::<T>::put(Clock { on: true, next_pass, ..Clock::default() });
        #[block]
        {
            Eras::<T>::tick();
        }
        assert_eq!(EraClock::<T>::get().step, Step::Reading);
        assert_eq!(PassQualities::<T>::get().len(), m as usize);
        Ok(())
    }

    /// A page of `c` candidates whose readings were kept, which is the last one of its pass.
    #[benchmark]
    fn page(c: Linear<0, 64>) -> Result<(), BenchmarkError> {
        SetRules::<T>::put(Rules { seats: MOST_SEATS, ..rules::<T>() });
        for number in 0..c {
            candidate::<T>(number)?;
        }
        Panels::<T>::insert(SUBNET, panel::<T>(c));
        T::Network::pay(SUBNET);
        begin::<T>();
        for number in 0..c {
            Readings::<T>::root_stake_changes(&member::<T>(number));
        }
        #[block]
        {
            // By its length on a chain, a page may hold fewer.
            Eras::<T>::read_page(EraClock::<T>::get(), c as usize + 1);
        }
        assert!(PassUnderWay::<T>::get().is_none(), "the pass is over");
        assert_eq!(KeptReadings::<T>::iter().count(), 0);
        Ok(())
    }

    /// The draw of the seats of the largest set.
    #[benchmark]
    fn draw() -> Result<(), BenchmarkError> {
        let set: Vec<[u8; 32]> = (0..MOST_SEATS).map(|number| member::<T>(number).into()).collect();
        ChosenSet::<T>::put(crate::eras::Chosen { joined: set.clone(), out: Vec::new(), set });
        EraClock::<T>::put(Clock { on: true, era: 1, step: Step::Drawing, ..Clock::default() });
        #[block]
        {
            Eras::<T>::tick();
        }
        assert_eq!(EraClock::<T>::get().step, Step::Waiting);
        Ok(())
    }

    /// Headers of `l` KiB by a candidate that a pass awaits.
    #[benchmark]
    fn report_blocks(l: Linear<1, 64>) -> Result<(), BenchmarkError> {
        let (offender, _) = candidate::<T>(0)?;
        let key = sp_io::crypto::sr25519_generate(KEYS, None);
        term::<T>(key.0, [1; 32]);
        let parent = known_block::<T>();
        let bytes = (l as usize).saturating_mul(512).saturating_sub(256);
        let (first, second) = (sealed::<T>(&key, parent, 1, bytes)?, sealed::<T>(&key, parent, 2, bytes)?);
        begin::<T>();
        let reporter: T::AccountId = account("reporter", 0, 0);
        #[extrinsic_call]
        _(RawOrigin::Signed(reporter), first, second);
        assert!(KeptReadings::<T>::contains_key(&offender));
        Ok(())
    }

    #[benchmark]
    fn report_votes() -> Result<(), BenchmarkError> {
        let (offender, _) = candidate::<T>(0)?;
        let key = sp_io::crypto::ed25519_generate(KEYS, None);
        term::<T>([1; 32], key.0);
        let proof = Box::new(two_votes::<T>(&key)?);
        begin::<T>();
        let reporter: T::AccountId = account("reporter", 0, 0);
        #[extrinsic_call]
        _(RawOrigin::Signed(reporter), proof);
        assert!(KeptReadings::<T>::contains_key(&offender));
        Ok(())
    }

    #[benchmark]
    fn cancel_slash() -> Result<(), BenchmarkError> {
        candidate::<T>(0)?;
        SlashDocket::<T>::put(docket::<T>(MOST_SLASHES - 1));
        let number = Penalties::<T>::file(slash::<T>(0)).map_err(|_| "there is room")?;
        #[extrinsic_call]
        _(RawOrigin::Root, number);
        assert_eq!(FirstReport::<T>::get(), None);
        Ok(())
    }

    #[benchmark]
    fn uncounted() {
        #[block]
        {
            Presence::<T>::count();
        }
        assert_eq!(EraAttendance::<T>::get(), None);
    }

    #[benchmark]
    fn count() {
        let attendance = Attendance::begin(MOST_SEATS as usize, 0);
        EraAttendance::<T>::put(&attendance);
        #[block]
        {
            Presence::<T>::count();
        }
        assert_ne!(EraAttendance::<T>::get(), Some(attendance));
    }

    /// The end of an era in which `a` candidates of the largest set were away.
    #[benchmark]
    fn judge(a: Linear<0, 127>) -> Result<(), BenchmarkError> {
        for number in 0..a {
            candidate::<T>(number)?;
        }
        term::<T>([1; 32], [1; 32]);
        let seats = u64::from(MOST_SEATS);
        let mut attendance = Attendance::begin(MOST_SEATS as usize, 0);
        for turn in 0..50 {
            (u64::from(a)..seats).for_each(|place| attendance.count(turn * seats + place));
        }
        // The last seat also has the turns of those who are away.
        for turn in 50..50 + 50 * u64::from(a) {
            attendance.count(turn * seats + seats - 1);
        }
        EraAttendance::<T>::put(attendance);
        #[block]
        {
            Presence::<T>::judge();
        }
        let chilled =
            Candidacies::<T>::iter_values().filter(|candidacy| candidacy.standing == Standing::Chilled);
        assert_eq!(chilled.count(), a as usize);
        Ok(())
    }

    /// A block that takes `s` slashes of candidates that a pass awaits.
    #[benchmark]
    fn take(s: Linear<0, 4>) -> Result<(), BenchmarkError> {
        for number in 0..s {
            candidate::<T>(number)?;
        }
        SlashDocket::<T>::put(docket::<T>(MOST_SLASHES - s as usize));
        for number in 0..s {
            Penalties::<T>::file(slash::<T>(number)).map_err(|_| "there is room")?;
        }
        let due = now::<T>().saturating_add(rules::<T>().appeal_window);
        frame_system::Pallet::<T>::set_block_number(due.saturated_into());
        begin::<T>();
        #[block]
        {
            Penalties::<T>::tick();
        }
        assert_eq!(FirstReport::<T>::get(), None);
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::tests::situation(), crate::tests::Test);
}

//! Removed subnets and replaced hotkeys, in the pallets beside the network's: every map with entries by subnet or by
//! account names here the fate of its entries.

use std::collections::BTreeSet;

use codec::{Decode, Encode};
use frame_metadata::{
    v14::{RuntimeMetadataV14, StorageEntryMetadata, StorageEntryType, StorageHasher},
    RuntimeMetadata,
};
use frame_support::assert_ok;
use myelin_abi::RubricSource;
use myelin_governance::{Asset, Multiplier, PollId, TrackId};
use myelin_units::NetUid;
use pallet_myelin_collateral::Call as Collateral;
use pallet_myelin_election::{EraClock, Step};
use pallet_myelin_governance::{Call as Governance, Overridden};
use pallet_network::{removal::SubnetRemoval, stake::StakeLedger, Call as Network};
use scale_info::{form::PortableForm, PortableRegistry, TypeDef, TypeDefPrimitive};
use sp_io::{hashing::twox_128, storage};

use super::{
    elections::{block, by_root, hotkey, made, tao, with_candidates},
    governance::propose,
};
use crate::{
    constants::TAO,
    genesis::keys::{ALICE, DAVE, EVE},
    AccountId, Runtime, RuntimeCall,
};

/// Stock pallets, each with the reason why its entries need no fate here.
const STOCK: &[(&str, &str)] = &[
    ("System", "an account lasts, whoever it serves"),
    ("RandomnessCollectiveFlip", "it keeps hashes of blocks"),
    ("Timestamp", "it keeps the time"),
    ("Aura", "it keeps keys of authors"),
    ("Grandpa", "it keeps keys of voters"),
    ("Balances", "TAO belongs to its account, and no swap of hotkeys moves it"),
    ("TransactionPayment", "it keeps prices"),
    ("Utility", "it has no storage"),
    ("Sudo", "it keeps the root key"),
    ("Multisig", "an act belongs to the accounts that sign it"),
    ("Preimage", "a preimage belongs to the account that noted it"),
    ("Scheduler", "a task ends by itself"),
    ("Proxy", "a proxy belongs to the account that named it"),
    ("Session", "an authority sets its own keys, and a candidacy stays with its hotkey"),
    ("Authorship", "it keeps the author of the block"),
    ("Referenda", "a referendum ends by itself, and the queue of a removed subnet's track is emptied"),
];

/// Pallets whose maps the tests of the network pallet know, in `tests/removal.rs` and `tests/succession.rs`.
const KNOWN_TO_THE_NETWORK: &[&str] = &["SubtensorModule", "Commitments", "Swap", "AlphaAssets"];

/// All others.
const OURS: &[&str] = &[
    "AdminUtils",
    "Drand",
    "Crowdloan",
    "MevShield",
    "Collateral",
    "Authorities",
    "Provenance",
    "Beacon",
    "Governance",
    "Elections",
];

/// Fate of the entries of a subnet that is removed.
#[derive(Clone, Copy, PartialEq)]
enum Removal {
    /// They are deleted.
    Deleted,
    /// They stay for this reason.
    Kept(&'static str),
    /// No key names a subnet.
    NoSubnet,
}

/// Fate of the entries of a hotkey that another one replaces.
#[derive(Clone, Copy, PartialEq)]
enum Swap {
    /// They move to the new hotkey.
    Follow,
    /// They stay for this reason.
    Stay(&'static str),
    /// The swap writes them for this reason.
    Begin(&'static str),
    /// Only coldkeys have entries.
    OfColdkeys,
    /// No key names an account.
    NoAccount,
    /// Nothing writes entries; clients read the map.
    Never,
}

use Removal::{Deleted, Kept, NoSubnet};
use Swap::{Begin, Follow, Never, NoAccount, OfColdkeys, Stay};

const VOTES: &str = "an account votes with its own TAO and with what others entrust to it by name";

/// Every map of [`OURS`] whose keys name a subnet or an account.
const FATES: &[(&str, Removal, Swap)] = &[
    ("Collateral.Requirements", Deleted, NoAccount),
    ("Collateral.Bonds", Kept("the TAO is on hold until its coldkey withdraws it"), Follow),
    (
        "Collateral.Successors",
        Kept("an entry ends with its bond"),
        Begin("a report about the old hotkey finds the bond by it"),
    ),
    ("Crowdloan.Contributions", NoSubnet, Never),
    ("Elections.Candidacies", NoSubnet, Stay("the new hotkey joins once the old pledge is withdrawn")),
    ("Elections.HotkeyOf", NoSubnet, OfColdkeys),
    ("Elections.KeptReadings", NoSubnet, Begin("a pass elects by its first block")),
    ("Elections.Panels", Deleted, NoAccount),
    ("Governance.Overridden", NoSubnet, Stay(VOTES)),
    // The track of a rubric names its subnet.
    ("Governance.Received", Deleted, Stay(VOTES)),
    ("Governance.Voters", NoSubnet, Stay(VOTES)),
    ("Provenance.Owned", NoSubnet, Stay("an owner hands a model on by `transfer`")),
];

/// Items whose values name a replaced hotkey.
const VALUES_THAT_STAY: &[(&str, &str)] = &[
    ("Collateral.Bonds", "the bond answers for what the old hotkey signed"),
    ("Elections.HotkeyOf", "the coldkey pledged for the old hotkey"),
    ("Elections.KeptReadings", "it is a reading of the old hotkey"),
    ("Elections.Panels", "the next epoch writes the panel anew"),
    ("Elections.PassQualities", "a pass elects by its first block"),
    ("Governance.Voters", "a delegation names the account that was chosen"),
    ("Provenance.Models", "a record never changes"),
];

/// A part of a key, by what it names.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    Subnet,
    Track,
    Account,
    Other,
}

/// A storage item of [`OURS`].
struct Item {
    name: String,
    prefix: Vec<u8>,
    /// Parts of a key, with their places in it; none in a single value.
    parts: Vec<(Part, usize)>,
}

impl Item {
    fn new(pallet: &str, entry: &StorageEntryMetadata<PortableForm>, types: &PortableRegistry) -> Self {
        let name = format!("{pallet}.{}", entry.name);
        let prefix = [twox_128(pallet.as_bytes()), twox_128(entry.name.as_bytes())].concat();
        let mut parts = Vec::new();
        if let StorageEntryType::Map { hashers, key, .. } = &entry.ty {
            let ids: Vec<u32> = match &types.resolve(key.id).expect("every type is listed").type_def {
                TypeDef::Tuple(tuple) if hashers.len() > 1 => {
                    tuple.fields.iter().map(|field| field.id).collect()
                }
                _ => vec![key.id],
            };
            let mut at = prefix.len();
            for (hasher, id) in hashers.iter().zip(ids) {
                at += match hasher {
                    StorageHasher::Identity => 0,
                    StorageHasher::Twox64Concat => 8,
                    StorageHasher::Blake2_128Concat => 16,
                    other => panic!("{name}: a new hasher, {other:?}"),
                };
                let (part, bytes) = part(&name, id, types);
                parts.push((part, at));
                at += bytes;
            }
        }
        Self { name, prefix, parts }
    }

    fn names_any(&self, wanted: &[Part]) -> bool {
        self.parts.iter().any(|(part, _)| wanted.contains(part))
    }

    /// Whether a key names this subnet.
    fn names(&self, key: &[u8], netuid: NetUid) -> bool {
        self.parts.iter().any(|(part, at)| {
            let number = || u16::from_le_bytes([key[*at], key[*at + 1]]);
            match part {
                Part::Subnet => number() == netuid,
                Part::Track => TrackId(number()).subnet() == Some(netuid),
                Part::Account | Part::Other => false,
            }
        })
    }

    /// All entries: keys with their prefix, and values.
    fn entries(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let mut found = Vec::new();
        let mut next = storage::get(&self.prefix)
            .map(|_| self.prefix.clone())
            .or_else(|| storage::next_key(&self.prefix));
        while let Some(key) = next.filter(|key| key.starts_with(&self.prefix)) {
            next = storage::next_key(&key);
            let value = storage::get(&key).expect("it was found").to_vec();
            found.push((key, value));
        }
        found
    }
}

/// The thing that a part of a key names, and the bytes of that part.
fn part(map: &str, id: u32, types: &PortableRegistry) -> (Part, usize) {
    let ty = types.resolve(id).expect("every type is listed");
    match (&ty.type_def, ty.path.segments.last().map(String::as_str)) {
        (_, Some("AccountId32")) => (Part::Account, 32),
        (_, Some("TrackId")) => (Part::Track, 2),
        (TypeDef::Primitive(TypeDefPrimitive::U16), _) => (Part::Subnet, 2),
        (TypeDef::Primitive(TypeDefPrimitive::U32), _) => (Part::Other, 4),
        (TypeDef::Primitive(TypeDefPrimitive::U64), _) => (Part::Other, 8),
        // The id of a model.
        (TypeDef::Array(array), _) if array.len == 32 => (Part::Other, 32),
        other => panic!("{map}: a new kind of key, {other:?}"),
    }
}

fn metadata() -> RuntimeMetadataV14 {
    match Runtime::metadata().1 {
        RuntimeMetadata::V14(metadata) => metadata,
        _ => panic!("version 14 is the plain one"),
    }
}

fn items() -> Vec<Item> {
    let RuntimeMetadataV14 { pallets, types, .. } = metadata();
    let storages = pallets.iter().filter_map(|pallet| pallet.storage.as_ref());
    let mut items = Vec::new();
    for storage in storages.filter(|storage| OURS.contains(&storage.prefix.as_str())) {
        items.extend(storage.entries.iter().map(|entry| Item::new(&storage.prefix, entry, &types)));
    }
    items
}

/// Maps of the list with such fates.
fn listed(wanted: impl Fn(Removal, Swap) -> bool) -> BTreeSet<String> {
    let fits = |(_, removal, swap): &&(&str, Removal, Swap)| wanted(*removal, *swap);
    FATES.iter().filter(fits).map(|(map, ..)| String::from(*map)).collect()
}

/// The items whose keys, and those whose values, name an account.
fn naming(account: &AccountId) -> (BTreeSet<String>, BTreeSet<String>) {
    let wanted: &[u8] = account.as_ref();
    let names = |bytes: &[u8]| bytes.windows(wanted.len()).any(|window| window == wanted);
    let (mut keys, mut values) = (BTreeSet::new(), BTreeSet::new());
    for item in items() {
        for (key, value) in item.entries() {
            if names(&key) {
                keys.insert(item.name.clone());
            }
            if names(&value) {
                values.insert(item.name.clone());
            }
        }
    }
    (keys, values)
}

/// The maps whose keys name a subnet.
fn naming_subnet(netuid: NetUid) -> BTreeSet<String> {
    let names = |item: &Item| item.entries().iter().any(|(key, _)| item.names(key, netuid));
    items().into_iter().filter(names).map(|item| item.name).collect()
}

/// The publication of a model by an account that made it alone.
fn publication(publisher: &AccountId) -> RuntimeCall {
    let none = Vec::<[u8; 32]>::new();
    let (own_form, size, name, licence) = (3u8, 9u64, b"a model".to_vec(), b"MIT".to_vec());
    let contributors = vec![(publisher, 1_000_000u32)];
    let first = (publisher, [5u8; 32], own_form, size, name, &none, contributors);
    let rest = (None::<[u8; 32]>, licence, &none, Vec::<Vec<u8>>::new(), &none);
    let record = (first, rest).encode();
    let record = Box::new(Decode::decode(&mut &record[..]).expect("the form of a record"));
    pallet_myelin_provenance::Call::<Runtime>::publish { record }.into()
}

/// Entries of Dave's hotkey and of the subnet in every map that can have one. Returns a referendum on the rubric.
fn everywhere(netuid: NetUid, old: &AccountId) -> PollId {
    block();
    assert_ok!(by_root(Collateral::set_requirement { netuid, amount: tao(1), unbonding: 600 }));
    let bond = Collateral::lock { netuid, hotkey: old.clone(), amount: tao(1), longest_unbonding: 600 };
    assert_ok!(made(&DAVE.id(), bond));
    let gift = pallet_balances::Call::transfer_keep_alive { dest: old.clone().into(), value: 100 * TAO };
    assert_ok!(made(&ALICE.id(), gift));
    assert_ok!(made(old, Governance::lock { asset: Asset::Free, amount: 5 * TAO }));
    assert_ok!(made(old, publication(old)));
    // Eve lets the hotkey vote on the rubric, and then votes herself.
    let (eve, owners) = (EVE.id(), pallet_network::SubnetOwnerHotkey::<Runtime>::get(netuid));
    assert_ok!(made(&eve, Network::add_stake { hotkey: owners, netuid, amount_staked: tao(100) }));
    let amount = StakeLedger::<Runtime>::total_of(&eve, netuid).to_rao();
    assert_ok!(made(&eve, Governance::lock { asset: Asset::Stake(netuid), amount }));
    let track = TrackId::rubrics(netuid).expect("a number of a subnet");
    assert_ok!(made(&eve, Governance::delegate { track, to: old.clone() }));
    let rubric = RubricSource::Hash([9; 32]);
    let poll = propose(track, Network::announce_rubric { netuid, mecid: 0, rubric }, None);
    assert_ok!(made(&eve, Governance::vote { poll, aye: true, multiplier: Multiplier::One }));
    poll
}

#[test]
fn every_pallet_is_known_and_every_map_by_subnet_or_account_says_what_becomes_of_its_entries() {
    super::chain("development").execute_with(|| {
        let mut pallets: Vec<_> = metadata().pallets.into_iter().map(|pallet| pallet.name).collect();
        let stock = STOCK.iter().map(|(pallet, _)| *pallet);
        let mut known: Vec<_> = stock.chain(KNOWN_TO_THE_NETWORK.iter().chain(OURS).copied()).collect();
        pallets.sort();
        known.sort();
        assert_eq!(pallets, known);
        let items = items();
        let named = items.iter().filter(|item| item.names_any(&[Part::Subnet, Part::Track, Part::Account]));
        let mut named: Vec<&str> = named.map(|item| item.name.as_str()).collect();
        let mut listed: Vec<_> = FATES.iter().map(|(map, ..)| *map).collect();
        named.sort();
        listed.sort();
        assert_eq!(named, listed);
        for (map, removal, swap) in FATES {
            let item = items.iter().find(|item| item.name == *map).expect("it was found");
            assert_eq!(item.names_any(&[Part::Subnet, Part::Track]), *removal != NoSubnet, "{map}");
            assert_eq!(item.names_any(&[Part::Account]), *swap != NoAccount, "{map}");
        }
    });
}

#[test]
fn after_a_swap_and_a_removal_only_entries_are_left_that_are_to_stay() {
    with_candidates(|netuid| {
        let (old, new) = (hotkey(3), AccountId::from([99; 32]));
        let poll = everywhere(netuid, &old);
        while EraClock::<Runtime>::get().step != Step::Reading {
            block();
        }
        let stays = |swap| matches!(swap, Stay(_));
        assert_eq!(naming(&old).0, listed(|_, swap| swap == Follow || stays(swap)), "before the swap");
        let swap = Network::swap_hotkey { hotkey: old.clone(), new_hotkey: new.clone(), netuid: None };
        assert_ok!(made(&DAVE.id(), swap));
        let (keys, values) = naming(&old);
        assert_eq!(keys, listed(|_, swap| matches!(swap, Begin(_)) || stays(swap)), "keys");
        assert_eq!(values, VALUES_THAT_STAY.iter().map(|(item, _)| String::from(*item)).collect(), "values");
        assert_eq!(naming(&new).0, listed(|_, swap| swap == Follow), "of the new hotkey");

        assert_eq!(naming_subnet(netuid), listed(|removal, _| removal != NoSubnet), "before the removal");
        assert!(Overridden::<Runtime>::contains_key(&old, poll));
        assert_ok!(by_root(Network::root_dissolve_network { netuid }));
        for _ in 0..60 {
            block();
        }
        assert_eq!(SubnetRemoval::<Runtime>::count(), 0);
        assert_eq!(naming_subnet(netuid), listed(|removal, _| matches!(removal, Kept(_))), "after it");
        assert!(!Overridden::<Runtime>::contains_key(&old, poll), "the referendum of the subnet is over");
        assert_ok!(made(&DAVE.id(), Collateral::withdraw { netuid, hotkey: new }));
        assert_eq!(naming_subnet(netuid), BTreeSet::new(), "once the bond is withdrawn");
    });
}

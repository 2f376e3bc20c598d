//! One vote in each round of finality, also after the database is lost.
//!
//! GRANDPA keeps its own votes in the database. A node that loses it begins at the first round of the first set, and
//! goes through rounds in which it has voted before. A second vote in one of them is an offence that costs a part of
//! the authority's pledge.
//!
//! The round of the last vote is in a file beside the node's keys, with the id of the database that knows the vote.
//! With another database the node hides its key of finality from GRANDPA until the rounds are later than that vote. It
//! follows finality meanwhile (decision 0127).

use myelin_runtime::{opaque::Block, Hash};
use sc_client_api::AuxStore;
use sc_service::{error::Error as ServiceError, Configuration};
use sp_blockchain::HeaderBackend;
use sp_core::{
    crypto::{key_types::GRANDPA, KeyTypeId},
    ecdsa, ed25519, sr25519,
};
use sp_keystore::{Error, Keystore, KeystorePtr};
use std::{
    fs, io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{catch_up::View, once::replace};

/// Name of the file, in the folder of the chain.
const FILE: &str = "signed-vote";
/// Key of the database's id among its auxiliary data.
const DATABASE: &[u8] = b"myelin/database-id";

/// The content of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Voted {
    genesis: Hash,
    database: Hash,
    at: View,
}

impl Voted {
    fn text(&self) -> String {
        let Self { genesis, database, at } = self;
        format!("{genesis:?} {database:?} {} {}", at.set, at.round)
    }

    fn parse(text: &str) -> Option<Self> {
        let [genesis, database, set, round] = text.split_whitespace().collect::<Vec<_>>()[..] else {
            return None;
        };
        let at = View { set: set.parse().ok()?, round: round.parse().ok()? };
        Some(Self { genesis: genesis.parse().ok()?, database: database.parse().ok()?, at })
    }

    /// Reads a file; one that does not exist stands for a node that never voted.
    fn read(file: &PathBuf) -> Result<Option<Self>, String> {
        let path = file.display();
        match fs::read_to_string(file) {
            Ok(text) => Self::parse(&text).map(Some).ok_or_else(|| {
                format!(
                    "{path} holds no vote. It keeps this authority from voting twice in a round of finality. Remove it \
                     if this node has its database still"
                )
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{path} cannot be read: {error}")),
        }
    }
}

/// The last vote, and the one after which this node votes again.
#[derive(Debug)]
struct State {
    last: Option<View>,
    until: Option<View>,
}

/// The keys with which this node votes.
pub struct Votes {
    keys: KeystorePtr,
    file: PathBuf,
    genesis: Hash,
    database: Hash,
    state: Mutex<State>,
}

impl Votes {
    /// Reads the last vote of the chain. `alone` tells that no other authority votes, so nobody could finalise without
    /// this node.
    ///
    /// # Errors
    /// If the file cannot be read or holds something else, or if the database fails.
    pub fn open<Client>(
        keys: KeystorePtr,
        client: &Client,
        config: &Configuration,
        alone: bool,
    ) -> Result<Arc<Self>, ServiceError>
    where
        Client: AuxStore + HeaderBackend<Block>,
    {
        let file = config.base_path.config_dir(config.chain_spec.id()).join(FILE);
        let genesis = client.info().genesis_hash;
        let known =
            client.get_aux(DATABASE)?.and_then(|bytes| Some(Hash::from(<[u8; 32]>::try_from(bytes).ok()?)));
        let database = known.unwrap_or_else(Hash::random);
        if known.is_none() {
            client.insert_aux(&[(DATABASE, database.as_bytes())], &[])?;
        }
        Self::new(keys, file, genesis, database, alone).map(Arc::new).map_err(ServiceError::Other)
    }

    fn new(
        keys: KeystorePtr,
        file: PathBuf,
        genesis: Hash,
        database: Hash,
        alone: bool,
    ) -> Result<Self, String> {
        let voted = Voted::read(&file)?.filter(|voted| voted.genesis == genesis);
        let lost = voted.filter(|voted| voted.database != database && !alone);
        if let Some(Voted { at, .. }) = lost {
            log::warn!(
                "the database is new, and this node has voted in round {} of set {}: it votes again when finality has \
                 passed that round. If the whole chain was begun again, stop the node and remove {}",
                at.round,
                at.set,
                file.display()
            );
        }
        let state = State { last: voted.map(|voted| voted.at), until: lost.map(|voted| voted.at) };
        Ok(Self { keys, file, genesis, database, state: Mutex::new(state) })
    }

    /// Notes the round in which GRANDPA is. It asks for keys when it begins the next one.
    pub(crate) fn reached(&self, at: View) {
        let mut state = self.state();
        if let Some(until) = state.until.filter(|until| *until <= at) {
            log::info!(
                "finality has passed round {} of set {}: this node votes again",
                until.round,
                until.set
            );
            state.until = None;
        }
    }

    /// Notes that a vote is about to be signed. A file that cannot be written stops no vote: without the others'
    /// finality would wait.
    fn note(&self, at: View) {
        let mut state = self.state();
        if state.last.is_some_and(|last| at == last) {
            return;
        }
        let voted = Voted { genesis: self.genesis, database: self.database, at };
        match replace(&self.file, &voted.text()) {
            Ok(()) => state.last = Some(at),
            Err(error) => log::error!(
                "a vote cannot be noted in {}: {error}. If this node loses its database now, it may vote twice",
                self.file.display()
            ),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The round of a vote that is signed: the message ends with the numbers of round and set.
fn place(message: &[u8]) -> Option<View> {
    let (rest, set) = message.split_last_chunk()?;
    let (_, round) = rest.split_last_chunk()?;
    Some(View { set: u64::from_le_bytes(*set), round: u64::from_le_bytes(*round) })
}

/// GRANDPA asks whether there are keys, and signs votes. Everything else is that of the node's keys.
impl Keystore for Votes {
    fn has_keys(&self, public_keys: &[(Vec<u8>, KeyTypeId)]) -> bool {
        let hidden = self.state().until.is_some();
        !(hidden && public_keys.iter().any(|(_, kind)| *kind == GRANDPA)) && self.keys.has_keys(public_keys)
    }

    fn ed25519_sign(
        &self,
        kind: KeyTypeId,
        public: &ed25519::Public,
        message: &[u8],
    ) -> Result<Option<ed25519::Signature>, Error> {
        if let Some(at) = place(message).filter(|_| kind == GRANDPA) {
            self.note(at);
        }
        self.keys.ed25519_sign(kind, public, message)
    }

    fn sr25519_public_keys(&self, kind: KeyTypeId) -> Vec<sr25519::Public> {
        self.keys.sr25519_public_keys(kind)
    }

    fn sr25519_generate_new(&self, kind: KeyTypeId, seed: Option<&str>) -> Result<sr25519::Public, Error> {
        self.keys.sr25519_generate_new(kind, seed)
    }

    fn sr25519_sign(
        &self,
        kind: KeyTypeId,
        public: &sr25519::Public,
        message: &[u8],
    ) -> Result<Option<sr25519::Signature>, Error> {
        self.keys.sr25519_sign(kind, public, message)
    }

    fn sr25519_vrf_sign(
        &self,
        kind: KeyTypeId,
        public: &sr25519::Public,
        data: &sr25519::vrf::VrfSignData,
    ) -> Result<Option<sr25519::vrf::VrfSignature>, Error> {
        self.keys.sr25519_vrf_sign(kind, public, data)
    }

    fn sr25519_vrf_pre_output(
        &self,
        kind: KeyTypeId,
        public: &sr25519::Public,
        input: &sr25519::vrf::VrfInput,
    ) -> Result<Option<sr25519::vrf::VrfPreOutput>, Error> {
        self.keys.sr25519_vrf_pre_output(kind, public, input)
    }

    fn ed25519_public_keys(&self, kind: KeyTypeId) -> Vec<ed25519::Public> {
        self.keys.ed25519_public_keys(kind)
    }

    fn ed25519_generate_new(&self, kind: KeyTypeId, seed: Option<&str>) -> Result<ed25519::Public, Error> {
        self.keys.ed25519_generate_new(kind, seed)
    }

    fn ecdsa_public_keys(&self, kind: KeyTypeId) -> Vec<ecdsa::Public> {
        self.keys.ecdsa_public_keys(kind)
    }

    fn ecdsa_generate_new(&self, kind: KeyTypeId, seed: Option<&str>) -> Result<ecdsa::Public, Error> {
        self.keys.ecdsa_generate_new(kind, seed)
    }

    fn ecdsa_sign(
        &self,
        kind: KeyTypeId,
        public: &ecdsa::Public,
        message: &[u8],
    ) -> Result<Option<ecdsa::Signature>, Error> {
        self.keys.ecdsa_sign(kind, public, message)
    }

    fn ecdsa_sign_prehashed(
        &self,
        kind: KeyTypeId,
        public: &ecdsa::Public,
        message: &[u8; 32],
    ) -> Result<Option<ecdsa::Signature>, Error> {
        self.keys.ecdsa_sign_prehashed(kind, public, message)
    }

    fn insert(&self, kind: KeyTypeId, suri: &str, public: &[u8]) -> Result<(), ()> {
        self.keys.insert(kind, suri, public)
    }

    fn keys(&self, kind: KeyTypeId) -> Result<Vec<Vec<u8>>, Error> {
        self.keys.keys(kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;
    use sp_keystore::testing::MemoryKeystore;

    const GENESIS: Hash = Hash::repeat_byte(7);

    /// A node with this database, in the file's folder.
    fn node(file: &str, database: u8, genesis: Hash, alone: bool) -> (Votes, ed25519::Public) {
        let file = std::env::temp_dir().join(format!("myelin-{file}-{}", std::process::id()));
        let keys = MemoryKeystore::new();
        let key = keys.ed25519_generate_new(GRANDPA, Some("//Alice")).expect("a key");
        (
            Votes::new(keys.into(), file, genesis, Hash::repeat_byte(database), alone)
                .expect("the file is right"),
            key,
        )
    }

    fn votes_with((node, key): &(Votes, ed25519::Public)) -> bool {
        node.has_keys(&[(key.to_vec(), GRANDPA)])
    }

    fn sign((node, key): &(Votes, ed25519::Public), set: u64, round: u64) {
        let prevote = (0u8, Hash::repeat_byte(1), 5u32);
        let payload = (prevote, round, set).encode();
        assert!(node.ed25519_sign(GRANDPA, key, &payload).expect("a key").is_some());
    }

    #[test]
    fn a_node_with_its_database_votes_on() {
        let name = "votes-on";
        let first = node(name, 1, GENESIS, false);
        assert!(votes_with(&first), "it never voted");
        sign(&first, 3, 8);
        sign(&first, 3, 9);
        let again = node(name, 1, GENESIS, false);
        assert!(votes_with(&again));
        assert_eq!(again.0.state().last, Some(View { set: 3, round: 9 }));
        assert!(votes_with(&node(name, 2, Hash::repeat_byte(8), false)), "it is another chain");
        assert!(votes_with(&node(name, 2, GENESIS, true)), "nobody else votes");
        fs::remove_file(&first.0.file).expect("it was written");
    }

    #[test]
    fn a_node_that_lost_its_database_votes_when_finality_has_passed_its_last_vote() {
        let name = "votes-again";
        sign(&node(name, 1, GENESIS, false), 3, 9);
        for _ in 0..2 {
            let begun = node(name, 2, GENESIS, false);
            for (set, round) in [(0, 1), (2, 70), (3, 8)] {
                begun.0.reached(View { set, round });
                assert!(!votes_with(&begun), "also after another start");
            }
        }
        for (set, round) in [(3, 9), (3, 12), (4, 1)] {
            let begun = node(name, 2, GENESIS, false);
            begun.0.reached(View { set, round });
            assert!(votes_with(&begun));
        }
        let begun = node(name, 2, GENESIS, false);
        begun.0.reached(View { set: 3, round: 9 });
        sign(&begun, 3, 10);
        assert!(votes_with(&node(name, 2, GENESIS, false)), "the new database knows all votes since");
        assert!(!votes_with(&node(name, 1, GENESIS, false)), "and the old one does not");
        fs::remove_file(&begun.0.file).expect("it was written");
    }

    #[test]
    fn other_keys_are_not_hidden_and_a_file_without_a_vote_stops_the_node() {
        let name = "no-vote";
        let (first, _) = node(name, 1, GENESIS, false);
        for text in ["", "7", "0x07 0x08 2 3", "x y z 1"] {
            fs::write(&first.file, text).expect("the folder is writable");
            let keys = MemoryKeystore::new().into();
            let problem =
                Votes::new(keys, first.file.clone(), GENESIS, GENESIS, false).err().expect("it is refused");
            assert!(problem.contains("holds no vote"), "{problem}");
        }
        fs::write(
            &first.file,
            Voted { genesis: GENESIS, database: GENESIS, at: View { set: 0, round: 1 } }.text(),
        )
        .expect("the folder is writable");
        let (hidden, _) = node(name, 2, GENESIS, false);
        let other = hidden.sr25519_generate_new(KeyTypeId(*b"aura"), None).expect("a key");
        assert!(hidden.has_keys(&[(other.to_vec(), KeyTypeId(*b"aura"))]));
        assert!(place(&[0; 15]).is_none());
        fs::remove_file(&first.file).expect("it was written");
    }
}

//! One vote in each round of finality, also after the database is lost.
//!
//! GRANDPA keeps its own votes in the database. A node that loses it begins at the first round of the first set, and
//! goes through rounds in which it has voted before. A second vote in one of them is an offence that costs a part of
//! the authority's pledge.
//!
//! The round of the last vote is in a file beside the node's keys, with the id of the database that knows the vote.
//! With another database the node hides its key of finality from GRANDPA until that round is complete. It follows
//! finality meanwhile (decision 0127).

use codec::Decode;
use myelin_runtime::{opaque::Block, BlockNumber, Hash};
use sc_client_api::AuxStore;
use sc_service::{error::Error as ServiceError, Configuration};
use sp_blockchain::HeaderBackend;
use sp_core::{
    crypto::{key_types::GRANDPA, KeyTypeId},
    ecdsa, ed25519, sr25519,
};
use sp_keystore::{Error, Keystore, KeystorePtr};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use crate::{
    catch_up::View,
    once::{kept, replace},
};

/// Name of the file, in the folder of the chain.
const FILE: &str = "signed-vote";
/// Key of the database's id among its auxiliary data.
const DATABASE: &[u8] = b"myelin/database-id";
/// Key under which GRANDPA keeps its rounds there.
const ROUNDS: &[u8] = b"grandpa_completed_round";
/// Authorities of the smallest set that finalises without one of them. In a smaller one finality would wait for an
/// authority that waits for finality, so votes there are not noted.
const LEAST_VOTERS: usize = 4;

/// The content of the file: the last vote in a set of [`LEAST_VOTERS`] or more.
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
    fn read(file: &Path) -> Result<Option<Self>, String> {
        let Some(text) = kept(file)? else { return Ok(None) };
        Self::parse(&text).map(Some).ok_or_else(|| {
            format!(
                "{} holds no vote. It keeps this authority from voting twice in a round of finality. Remove it if this \
                 node has its database still",
                file.display()
            )
        })
    }
}

/// The rounds of GRANDPA, as the database has them.
struct Rounds {
    /// The last complete round; GRANDPA begins the next one.
    complete: View,
    /// Authorities of the set.
    voters: usize,
}

impl Rounds {
    /// Reads them; `None` if GRANDPA has stored none yet.
    fn read(database: &impl AuxStore) -> Result<Option<Self>, ServiceError> {
        let Some(bytes) = database.get_aux(ROUNDS)? else { return Ok(None) };
        let unknown =
            || ServiceError::Other("the rounds of finality in the database have an unknown form".into());
        Self::decode(&bytes).map(Some).ok_or_else(unknown)
    }

    /// The form in which `sc-consensus-grandpa` stores them: whether the voter is live or paused, the last complete
    /// rounds with their states and votes, the number of the set, and its authorities. The rest is not read.
    fn decode(bytes: &[u8]) -> Option<Self> {
        type BlockId = (Hash, BlockNumber);
        type State = (Option<BlockId>, Option<BlockId>, Option<BlockId>, bool);
        type Vote = ((u8, BlockId), [u8; 64], [u8; 32]);
        type Complete = (u64, State, BlockId, Vec<Vote>);
        type Stored = (u8, Vec<Complete>, u64, Vec<[u8; 32]>);
        let (_, rounds, set, voters) = Stored::decode(&mut &bytes[..]).ok()?;
        let round = rounds.iter().map(|round| round.0).max()?;
        Some(Self { complete: View { set, round }, voters: voters.len() })
    }
}

/// Votes of this node, as far as the keys of finality know them.
#[derive(Debug, Default)]
struct State {
    /// The last vote that the file names, with this database.
    last: Option<View>,
    /// The last vote with a lost one, until its round is complete.
    lost: Option<View>,
    /// The set of the last vote, and whether it has [`LEAST_VOTERS`].
    large: Option<(u64, bool)>,
    /// Whether the last vote could not be noted.
    failing: bool,
}

/// The keys with which this node votes.
pub struct Votes<Database> {
    keys: KeystorePtr,
    database: Arc<Database>,
    file: PathBuf,
    genesis: Hash,
    id: Hash,
    state: Mutex<State>,
}

impl<Database: AuxStore + HeaderBackend<Block> + 'static> Votes<Database> {
    /// Reads the last vote of the chain.
    ///
    /// # Errors
    /// If the file cannot be read or holds something else, or if the database fails.
    pub fn open(
        keys: KeystorePtr,
        database: Arc<Database>,
        config: &Configuration,
    ) -> Result<KeystorePtr, ServiceError> {
        let file = config.base_path.config_dir(config.chain_spec.id()).join(FILE);
        let genesis = database.info().genesis_hash;
        Ok(Arc::new(Votes::new(keys, database, file, genesis)?))
    }
}

/// Makes a database count as lost: after a return to an earlier block it knows its votes no more.
///
/// # Errors
/// If it cannot be written.
pub fn forget(database: &impl AuxStore) -> sp_blockchain::Result<()> {
    database.insert_aux(&[], &[DATABASE])
}

impl<Database: AuxStore> Votes<Database> {
    fn new(
        keys: KeystorePtr,
        database: Arc<Database>,
        file: PathBuf,
        genesis: Hash,
    ) -> Result<Self, ServiceError> {
        let known = database.get_aux(DATABASE)?;
        let known = known.and_then(|bytes| Some(Hash::from(<[u8; 32]>::try_from(bytes).ok()?)));
        let id = known.unwrap_or_else(Hash::random);
        if known.is_none() {
            database.insert_aux(&[(DATABASE, id.as_bytes())], &[])?;
        }
        // A form that is not known would hide the keys for good.
        Rounds::read(&*database)?;
        let voted = Voted::read(&file).map_err(ServiceError::Other)?.filter(|voted| voted.genesis == genesis);
        let (last, lost) = match voted {
            Some(Voted { at, database, .. }) if database == id => (Some(at), None),
            Some(Voted { at, .. }) => (None, Some(at)),
            None => (None, None),
        };
        if let Some(at) = lost {
            log::warn!(
                "the database is new, and this node has voted in round {} of set {} of finality: it votes again in a \
                 later round. If finality waits for its vote, start the node once more. If the chain was begun again, \
                 stop the node and remove {}. Remove it otherwise only if finality waits on: a second vote in a round \
                 costs a part of the pledge",
                at.round,
                at.set,
                file.display()
            );
        }
        let state = State { last, lost, ..State::default() };
        Ok(Self { keys, database, file, genesis, id, state: Mutex::new(state) })
    }

    /// Whether the keys are hidden for the round that GRANDPA begins now.
    fn hides(&self) -> bool {
        let mut state = self.state();
        let Some(lost) = state.lost else { return false };
        let Ok(Some(Rounds { complete, .. })) = Rounds::read(&*self.database) else { return true };
        if complete < lost {
            return true;
        }
        log::info!(
            "this node votes again, after round {} of set {} of finality",
            complete.round,
            complete.set
        );
        state.lost = None;
        false
    }

    /// Notes that a vote is about to be signed, and refuses one in a round in which this node may have voted. A file
    /// that cannot be written stops no vote: finality would wait for it.
    fn note(&self, at: View) -> Result<(), Error> {
        let mut state = self.state();
        if state.lost.is_some_and(|lost| at <= lost) {
            return Err(Error::Other(format!(
                "this node may have voted in round {} of set {} with a database that it lost",
                at.round, at.set
            )));
        }
        let large = match state.large {
            Some((set, large)) if set == at.set => large,
            _ => Rounds::read(&*self.database)
                .ok()
                .flatten()
                .is_none_or(|rounds| rounds.voters >= LEAST_VOTERS),
        };
        state.large = Some((at.set, large));
        if !large || state.last.is_some_and(|last| at <= last) {
            return Ok(());
        }
        let voted = Voted { genesis: self.genesis, database: self.id, at };
        match replace(&self.file, &voted.text()) {
            Ok(()) => (state.last, state.failing) = (Some(at), false),
            Err(error) if !state.failing => {
                state.failing = true;
                log::error!(
                    "votes cannot be noted in {}: {error}. If this node loses its database now, it may vote twice",
                    self.file.display()
                );
            }
            Err(_) => {}
        }
        Ok(())
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
impl<Database: AuxStore + Send + Sync> Keystore for Votes<Database> {
    fn has_keys(&self, public_keys: &[(Vec<u8>, KeyTypeId)]) -> bool {
        let has = self.keys.has_keys(public_keys);
        has && !public_keys.iter().any(|(_, kind)| *kind == GRANDPA && self.hides())
    }

    fn ed25519_sign(
        &self,
        kind: KeyTypeId,
        public: &ed25519::Public,
        message: &[u8],
    ) -> Result<Option<ed25519::Signature>, Error> {
        if let Some(at) = place(message).filter(|_| kind == GRANDPA) {
            self.note(at)?;
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
    use std::{collections::HashMap, fs};

    const GENESIS: Hash = Hash::repeat_byte(7);

    /// Auxiliary data in memory.
    #[derive(Default)]
    struct Memory(Mutex<HashMap<Vec<u8>, Vec<u8>>>);

    impl AuxStore for Memory {
        fn insert_aux<'a, 'b: 'a, 'c: 'a, I, D>(&self, insert: I, delete: D) -> sp_blockchain::Result<()>
        where
            I: IntoIterator<Item = &'a (&'c [u8], &'c [u8])>,
            D: IntoIterator<Item = &'a &'b [u8]>,
        {
            let mut kept = self.0.lock().expect("one at a time");
            kept.extend(insert.into_iter().map(|(key, value)| (key.to_vec(), value.to_vec())));
            delete.into_iter().for_each(|key| drop(kept.remove(*key)));
            Ok(())
        }

        fn get_aux(&self, key: &[u8]) -> sp_blockchain::Result<Option<Vec<u8>>> {
            Ok(self.0.lock().expect("one at a time").get(key).cloned())
        }
    }

    impl Memory {
        /// Two complete rounds with a vote, as GRANDPA stores them, and what follows them there.
        fn complete(&self, set: u64, round: u64, voters: usize) {
            let target = (Hash::repeat_byte(1), 5 as BlockNumber);
            let vote = ((1u8, target), [3u8; 64], [4u8; 32]);
            let state = (Some(target), Some(target), None::<(Hash, BlockNumber)>, true);
            let rounds =
                vec![(round, state, target, vec![vote]), (round.saturating_sub(1), state, target, vec![])];
            let stored = (0u8, rounds, set, vec![[9u8; 32]; voters], vec![(round + 1, 0u8)]);
            self.insert_aux(&[(ROUNDS, &stored.encode()[..])], &[]).expect("memory");
        }
    }

    /// A node on a machine, whose files stay where databases are lost.
    struct Machine {
        file: PathBuf,
        keys: KeystorePtr,
        key: ed25519::Public,
    }

    impl Machine {
        fn new(name: &str) -> Self {
            let file = std::env::temp_dir().join(format!("myelin-{name}-{}", std::process::id()));
            let _ = fs::remove_file(&file);
            let keys = MemoryKeystore::new();
            let key = keys.ed25519_generate_new(GRANDPA, Some("//Alice")).expect("a key");
            Self { file, keys: keys.into(), key }
        }

        fn start(&self, database: &Arc<Memory>, genesis: Hash) -> Votes<Memory> {
            Votes::new(self.keys.clone(), database.clone(), self.file.clone(), genesis)
                .expect("the file is right")
        }

        fn votes(&self, node: &Votes<Memory>) -> bool {
            node.has_keys(&[(self.key.to_vec(), GRANDPA)])
        }

        fn sign(&self, node: &Votes<Memory>, set: u64, round: u64) -> Result<(), Error> {
            let prevote = (0u8, Hash::repeat_byte(1), 5u32);
            let payload = (prevote, round, set).encode();
            node.ed25519_sign(GRANDPA, &self.key, &payload).map(|signed| assert!(signed.is_some()))
        }

        fn last(&self) -> View {
            Voted::read(&self.file).expect("it can be read").expect("it was written").at
        }
    }

    impl Drop for Machine {
        fn drop(&mut self) {
            let _ = fs::remove_file(&self.file);
        }
    }

    fn database(set: u64, round: u64, voters: usize) -> Arc<Memory> {
        let database = Arc::new(Memory::default());
        database.complete(set, round, voters);
        database
    }

    #[test]
    fn a_node_with_its_database_votes_on() {
        let (machine, kept) = (Machine::new("votes-on"), database(3, 7, 4));
        let node = machine.start(&kept, GENESIS);
        assert!(machine.votes(&node), "it never voted");
        for (round, last) in [(8, 8), (9, 9), (8, 9)] {
            assert!(machine.sign(&node, 3, round).is_ok());
            assert_eq!(machine.last(), View { set: 3, round: last }, "an earlier round changes nothing");
        }
        assert!(machine.votes(&machine.start(&kept, GENESIS)));
        let new = database(0, 0, 4);
        assert!(machine.votes(&machine.start(&new, Hash::repeat_byte(8))), "it is another chain");
        assert!(!machine.votes(&machine.start(&new, GENESIS)));
    }

    #[test]
    fn a_node_that_lost_its_database_votes_when_its_last_round_is_complete() {
        let machine = Machine::new("votes-again");
        machine.sign(&machine.start(&database(3, 8, 5), GENESIS), 3, 9).expect("it has a key");
        let new = Arc::new(Memory::default());
        let node = machine.start(&new, GENESIS);
        assert!(!machine.votes(&node), "no round is known");
        for (set, round) in [(0, 0), (2, 70), (3, 0), (3, 8)] {
            new.complete(set, round, 5);
            assert!(!machine.votes(&node));
            assert!(machine.sign(&node, set, round + 1).is_err(), "whatever asks for it");
            assert!(!machine.votes(&machine.start(&new, GENESIS)), "also after another start");
        }
        for (set, round) in [(3, 9), (3, 12), (4, 0)] {
            new.complete(set, round, 5);
            assert!(machine.votes(&machine.start(&new, GENESIS)), "also at the start of the node");
        }
        assert!(machine.votes(&node));
        machine.sign(&node, 4, 1).expect("it has a key");
        new.complete(4, 0, 5);
        assert!(machine.votes(&machine.start(&new, GENESIS)), "the new database knows all votes since");
    }

    #[test]
    fn a_set_that_needs_each_vote_waits_for_nobody() {
        for (voters, waits) in [(1, false), (3, false), (4, true)] {
            let machine = Machine::new(&format!("votes-of-{voters}"));
            machine.sign(&machine.start(&database(3, 8, voters), GENESIS), 3, 9).expect("it has a key");
            let node = machine.start(&database(0, 0, 1), GENESIS);
            assert_eq!(machine.votes(&node), !waits, "{voters}, however many there were at genesis");
        }
        let machine = Machine::new("votes-of-fewer");
        machine.sign(&machine.start(&database(3, 8, 5), GENESIS), 3, 9).expect("it has a key");
        machine.sign(&machine.start(&database(4, 0, 3), GENESIS), 4, 1).expect("the set of five is past");
        let new = database(3, 8, 5);
        assert!(!machine.votes(&machine.start(&new, GENESIS)), "its votes in the set of five are remembered");
        new.complete(4, 0, 3);
        assert!(machine.votes(&machine.start(&new, GENESIS)));
    }

    #[test]
    fn a_database_that_goes_back_counts_as_lost() {
        let (machine, kept) = (Machine::new("votes-back"), database(3, 8, 4));
        machine.sign(&machine.start(&kept, GENESIS), 3, 9).expect("it has a key");
        kept.complete(3, 0, 4);
        assert!(machine.votes(&machine.start(&kept, GENESIS)));
        forget(&*kept).expect("memory");
        assert!(!machine.votes(&machine.start(&kept, GENESIS)));
    }

    #[test]
    fn every_key_of_finality_is_hidden_and_no_other_one() {
        let machine = Machine::new("hidden-keys");
        machine.sign(&machine.start(&database(0, 0, 4), GENESIS), 0, 1).expect("it has a key");
        let node = machine.start(&database(0, 0, 4), GENESIS);
        let other = node.ed25519_generate_new(GRANDPA, None).expect("a key");
        assert!(!machine.votes(&node));
        assert!(!node.has_keys(&[(other.to_vec(), GRANDPA)]), "it may have voted with any of them");
        let aura = node.sr25519_generate_new(KeyTypeId(*b"aura"), None).expect("a key");
        assert!(node.has_keys(&[(aura.to_vec(), KeyTypeId(*b"aura"))]));
        assert!(place(&[0; 15]).is_none());
    }

    #[test]
    fn a_file_without_a_vote_and_rounds_of_an_unknown_form_stop_the_node() {
        let machine = Machine::new("no-vote");
        let problem = |database: Arc<Memory>| {
            let node = Votes::new(machine.keys.clone(), database, machine.file.clone(), GENESIS);
            node.err().expect("it is refused").to_string()
        };
        for text in ["", "7", "0x07 0x08 2 3", "x y 1 2"] {
            fs::write(&machine.file, text).expect("the folder is writable");
            let said = problem(Arc::new(Memory::default()));
            assert!(said.contains("holds no vote"), "{said}");
        }
        fs::remove_file(&machine.file).expect("it was written");
        let unknown = Arc::new(Memory::default());
        unknown.insert_aux(&[(ROUNDS, &[7u8; 9][..])], &[]).expect("memory");
        assert!(problem(unknown).contains("unknown form"));
    }
}

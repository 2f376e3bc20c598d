//! Which chain, and where a node keeps it.

use std::path::{Path, PathBuf};

use clap::Args;
use myelin_wire::hash::{blake2_256, to_hex};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::output::{at, fail, write_whole, Failure, Outcome};

/// Longest chain file that is read; a genesis with the runtime in it has a few megabytes.
const MOST_BYTES: u64 = 256 * 1024 * 1024;
/// File in the base path that says which chain is kept there.
const RECORD: &str = "kept-chain.json";
/// Folder of the database in the folder of a chain.
const DATABASE: &str = "paritydb";

/// A chain, and the folder of a node that follows it.
#[derive(Args, Clone, Debug)]
pub struct NodeFiles {
    /// The chain file of the network.
    #[arg(long, value_name = "FILE", default_value = "chain.json")]
    pub chain_file: PathBuf,
    /// Folder for the database, the keystore and the network key.
    #[arg(long, value_name = "DIR", default_value = ".myelin/node")]
    pub base_path: PathBuf,
}

/// The parts of a chain file that matter before a node starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainFile {
    /// The name of the chain's folder in a base path.
    pub id: String,
    /// The name for people.
    pub name: String,
    /// Whether it names nodes to begin with.
    pub has_bootnodes: bool,
    /// Hash of the genesis as the file writes it.
    genesis: String,
}

/// The chain that a base path belongs to.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Record {
    id: String,
    genesis: String,
    /// Whether all old state is kept.
    archive: bool,
}

impl NodeFiles {
    /// The folder of a chain that has no file yet, after a check that the base path holds no other one.
    pub fn open_for(&self, id: &str) -> Result<PathBuf, Failure> {
        check_id(id).map_err(Failure::new)?;
        match self.other_than(id)? {
            Some(other) => fail(format!(
                "{} holds the chain `{other}`, and not `{id}`; name another --base-path",
                self.base_path.display()
            )),
            None => Ok(self.folder(id)),
        }
    }

    /// The chain, after a check that the base path holds no other one.
    pub fn open(&self) -> Result<ChainFile, Failure> {
        let chain = ChainFile::read(&self.chain_file)?;
        self.check(&chain)?;
        Ok(chain)
    }

    /// Remembers the chain of the base path, and whether all old state is kept there. That is refused where the
    /// database was made for less.
    pub fn record(&self, chain: &ChainFile, archive: bool) -> Outcome {
        // Before there is a database, another choice costs nothing.
        let has_database = self.folder(&chain.id).join(DATABASE).exists();
        let kept = self.recorded()?.map(|record| record.archive).filter(|_| has_database);
        if (kept, archive) == (Some(false), true) {
            return fail(format!(
                "the database in {} was made without --archive and cannot be changed; name another --base-path, and the \
                 node fetches the chain again",
                self.base_path.display()
            ));
        }
        private_folder(&self.base_path)?;
        let record =
            Record { id: chain.id.clone(), genesis: chain.genesis.clone(), archive: kept.unwrap_or(archive) };
        write_whole(&self.base_path.join(RECORD), &serde_json::to_vec_pretty(&record)?)
    }

    /// The folder of the chain in the base path.
    pub fn folder(&self, id: &str) -> PathBuf {
        self.base_path.join("chains").join(id)
    }

    /// The options of `myelin-node` for the chain file and the base path.
    pub fn arguments(&self) -> [&std::ffi::OsStr; 4] {
        ["--chain".as_ref(), self.chain_file.as_ref(), "--base-path".as_ref(), self.base_path.as_ref()]
    }

    fn check(&self, chain: &ChainFile) -> Outcome {
        let base = self.base_path.display();
        if let Some(other) = self.other_than(&chain.id)? {
            return fail(format!(
                "{base} holds the chain `{other}`, and {} is of `{}` ({}); name another --base-path",
                self.chain_file.display(),
                chain.id,
                chain.name
            ));
        }
        match self.recorded()? {
            Some(record) if record.genesis != chain.genesis => fail(format!(
                "{base} holds a chain `{}` that began otherwise than {} says; name another --base-path, or the chain file of \
                 before",
                chain.id,
                self.chain_file.display()
            )),
            _ => Ok(()),
        }
    }

    /// Another chain in the base path. One that ran without this command is known by the name of its folder.
    fn other_than(&self, id: &str) -> Result<Option<String>, Failure> {
        let folders = std::fs::read_dir(self.base_path.join("chains")).into_iter().flatten().flatten();
        let names = folders.map(|entry| entry.file_name().to_string_lossy().into_owned());
        Ok(self.recorded()?.map(|record| record.id).into_iter().chain(names).find(|other| other != id))
    }

    fn recorded(&self) -> Result<Option<Record>, Failure> {
        let path = self.base_path.join(RECORD);
        match std::fs::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(at(&path)(error)),
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| {
                Failure::new(format!(
                    "{} does not say which chain is kept there ({error}); remove it if you know that it is the right one",
                    path.display()
                ))
            }),
        }
    }
}

impl ChainFile {
    /// Reads a chain file.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let shown = path.display();
        let found = std::fs::metadata(path);
        if found.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
            return fail(format!(
                "there is no chain file {shown}; the network's founder hands it out, and `myelin node chain-file` makes one \
                 for a network of your own"
            ));
        }
        if found.map_err(at(path))?.len() > MOST_BYTES {
            return fail(format!("{shown} is larger than any chain file"));
        }
        let text = std::fs::read(path).map_err(at(path))?;
        let no_chain = |why: String| Failure::new(format!("{shown} is no chain file: {why}"));
        let value: Value = serde_json::from_slice(&text).map_err(|error| no_chain(error.to_string()))?;
        Self::of(&value).map_err(no_chain)
    }

    fn of(value: &Value) -> Result<Self, String> {
        let text = |field: &str| match value[field].as_str() {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            _ => Err(format!("it has no `{field}`")),
        };
        let (id, name) = (text("id")?, text("name")?);
        check_id(&id)?;
        if !value["genesis"].is_object() {
            return Err("it has no `genesis`".into());
        }
        let genesis = to_hex(&blake2_256(value["genesis"].to_string().as_bytes()));
        let has_bootnodes = value["bootNodes"].as_array().is_some_and(|nodes| !nodes.is_empty());
        Ok(ChainFile { id, name, has_bootnodes, genesis })
    }
}

/// Refuses an id that is no name of a folder.
pub fn check_id(id: &str) -> Result<(), String> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    match id.chars().all(is_plain) && id.starts_with(|letter: char| letter.is_ascii_alphanumeric()) {
        true => Ok(()),
        false => Err(format!("the id `{id}` is no name of a folder; use letters, digits, _ and -")),
    }
}

/// Creates a folder that nobody else on this machine may read, and those above it.
pub fn private_folder(path: &Path) -> Outcome {
    myelin_subnet::private::create_folder(path).map_err(at(path))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn files(folder: &Path, chain: &Value) -> NodeFiles {
        let file = folder.join("given.json");
        std::fs::write(&file, chain.to_string()).expect("written");
        NodeFiles { chain_file: file, base_path: folder.join("node") }
    }

    fn said<T: std::fmt::Debug>(result: Result<T, Failure>) -> String {
        result.expect_err("refused").to_string()
    }

    #[test]
    fn a_base_path_is_for_the_chain_that_it_began_with() {
        let folder = tempfile::tempdir().expect("a folder");
        let chain = json!({ "id": "one", "name": "One", "genesis": { "raw": {} } });
        let here = files(folder.path(), &chain);
        let opened = here.open().expect("a fresh folder");
        assert!(!opened.has_bootnodes);
        here.record(&opened, false).expect("recorded");
        here.open().expect("the same chain");

        // More boot nodes are the same chain; another genesis or another id is not.
        let mut more = chain.clone();
        more["bootNodes"] = json!(["/ip4/127.0.0.1/tcp/1/p2p/12D"]);
        assert!(files(folder.path(), &more).open().expect("the same chain").has_bootnodes);
        let mut other = chain.clone();
        other["genesis"]["raw"]["top"] = json!({});
        assert!(said(files(folder.path(), &other).open()).contains("began otherwise"));
        other["id"] = json!("two");
        let refused = said(files(folder.path(), &other).open());
        assert!(refused.contains("holds the chain `one`") && refused.contains("`two`"), "{refused}");
    }

    #[test]
    fn a_base_path_of_a_node_that_ran_without_this_command_is_known_by_its_folders() {
        let folder = tempfile::tempdir().expect("a folder");
        let here = files(folder.path(), &json!({ "id": "one", "name": "One", "genesis": {} }));
        std::fs::create_dir_all(here.base_path.join("chains/two/db")).expect("a folder");
        assert!(said(here.open()).contains("holds the chain `two`"));
        std::fs::rename(here.base_path.join("chains/two"), here.base_path.join("chains/one")).expect("moved");
        here.open().expect("its own chain");
        assert_eq!(here.open_for("one").expect("its own chain"), here.base_path.join("chains/one"));
        assert!(said(here.open_for("two")).contains("holds the chain `one`"));
    }

    #[test]
    fn the_chain_file_may_lie_in_the_base_path() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("chain.json");
        std::fs::write(&file, json!({ "id": "one", "name": "One", "genesis": {} }).to_string())
            .expect("written");
        let here = NodeFiles { chain_file: file, base_path: folder.path().into() };
        for _ in 0..2 {
            let chain = here.open().expect("the chain file is no record");
            here.record(&chain, false).expect("recorded");
        }
    }

    #[test]
    fn pruned_state_does_not_come_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let here = files(folder.path(), &json!({ "id": "one", "name": "One", "genesis": {} }));
        let chain = here.open().expect("a chain");
        here.record(&chain, false).expect("a node that did not start");
        here.record(&chain, true).expect("there is no database yet");
        here.record(&chain, false).expect("the first run");
        std::fs::create_dir_all(here.folder("one").join(DATABASE)).expect("a database");
        assert!(said(here.record(&chain, true)).contains("without --archive"));
        here.record(&chain, false).expect("as before");
    }

    #[test]
    fn what_is_no_chain_file_is_refused_by_what_it_lacks() {
        let folder = tempfile::tempdir().expect("a folder");
        for (chain, words) in [
            (json!([]), "no `id`"),
            (json!({ "id": "one" }), "no `name`"),
            (json!({ "id": "../one", "name": "One", "genesis": {} }), "no name of a folder"),
            (json!({ "id": "one", "name": "One" }), "no `genesis`"),
        ] {
            assert!(said(files(folder.path(), &chain).open()).contains(words), "{chain}");
        }
        let missing = NodeFiles { chain_file: folder.path().join("none"), base_path: folder.path().into() };
        assert!(said(missing.open()).contains("there is no chain file"));
    }
}

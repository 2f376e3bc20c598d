//! One block for each slot: an authority never signs two, whatever happens to its clock and its database.
//!
//! Two blocks of one author for one slot are an offence that costs a part of its pledge. Without a second machine there
//! are two ways to it. A clock that was ahead is set right, and slots come again. Or a process ends before its database
//! has the block, and starts again in the same slot.
//!
//! The last signed slot is in a file beside the node's keys. It outlives the database, and is written before a block
//! leaves the node.

use async_trait::async_trait;
use myelin_runtime::opaque::Block;
use sc_consensus::{BlockCheckParams, BlockImport, BlockImportParams, ImportResult};
use sc_service::{error::Error, Configuration};
use sp_consensus::Error as ConsensusError;
use sp_consensus_aura::sr25519::AuthoritySignature;
use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// Name of the file, in the folder of the chain.
const FILE: &str = "signed-slot";

/// The last slot for which this node signed a block.
#[derive(Debug)]
struct SignedSlot {
    file: PathBuf,
    last: Option<u64>,
}

impl SignedSlot {
    /// Reads the slot in a file; a file that does not exist stands for a node that never signed.
    fn read(file: PathBuf) -> Result<Self, String> {
        let slot = |text: String| {
            text.trim().parse().map_err(|_| {
                format!(
                    "{} holds no number of a slot. It keeps this authority from signing two blocks for a slot. Remove \
                     it if the node has been stopped for longer than a slot",
                    file.display()
                )
            })
        };
        let last = kept(&file)?.map(slot).transpose()?;
        Ok(Self { file, last })
    }

    /// Notes a slot whose block is about to be published.
    fn note(&mut self, slot: u64) -> Result<(), String> {
        let path = self.file.display();
        if let Some(last) = self.last.filter(|last| slot <= *last) {
            return Err(format!(
                "slot {slot} is not after slot {last}, for which this node has signed a block: a second one is an \
                 offence. Nothing is to be done if the clock was ahead for a short time. If it was ahead for long, and \
                 nobody has those blocks, stop the node and remove {path}"
            ));
        }
        replace(&self.file, &slot.to_string()).map_err(|error| {
            format!("slot {slot} cannot be noted in {path}, so its block is not published: {error}")
        })?;
        self.last = Some(slot);
        Ok(())
    }
}

/// The text of a file; `None` if it does not exist.
pub(crate) fn kept(file: &Path) -> Result<Option<String>, String> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{} cannot be read: {error}", file.display())),
    }
}

/// Replaces a file at once: it always holds a whole text, also after a loss of power.
pub(crate) fn replace(file: &Path, text: &str) -> io::Result<()> {
    let path = file.with_extension("new");
    let mut new = fs::File::create(&path)?;
    new.write_all(text.as_bytes())?;
    new.sync_all()?;
    fs::rename(path, file)
}

/// Imports the blocks that this node signs, and refuses a second one for a slot. What is not imported is not published.
#[derive(Clone)]
pub struct OncePerSlot<Inner> {
    inner: Inner,
    signed: Arc<Mutex<SignedSlot>>,
}

impl<Inner> OncePerSlot<Inner> {
    /// Reads the last signed slot of the chain.
    ///
    /// # Errors
    /// If the file cannot be read or holds something else.
    pub fn new(inner: Inner, config: &Configuration) -> Result<Self, Error> {
        let folder = config.base_path.config_dir(config.chain_spec.id());
        let signed = SignedSlot::read(folder.join(FILE)).map_err(Error::Other)?;
        Ok(Self { inner, signed: Arc::new(Mutex::new(signed)) })
    }

    fn note(&self, slot: u64) -> Result<(), String> {
        self.signed.lock().unwrap_or_else(PoisonError::into_inner).note(slot)
    }
}

#[async_trait]
impl<Inner> BlockImport<Block> for OncePerSlot<Inner>
where
    Inner: BlockImport<Block, Error = ConsensusError> + Send + Sync,
{
    type Error = ConsensusError;

    async fn check_block(&self, block: BlockCheckParams<Block>) -> Result<ImportResult, ConsensusError> {
        self.inner.check_block(block).await
    }

    async fn import_block(&self, block: BlockImportParams<Block>) -> Result<ImportResult, ConsensusError> {
        let slot = sc_consensus_aura::find_pre_digest::<Block, AuthoritySignature>(&block.header)
            .map_err(|error| ConsensusError::Other(error.into()))?;
        self.note(*slot).map_err(|problem| ConsensusError::Other(problem.into()))?;
        self.inner.import_block(block).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> PathBuf {
        let file = std::env::temp_dir().join(format!("myelin-{name}-{}", std::process::id()));
        let _ = fs::remove_file(&file);
        file
    }

    #[test]
    fn each_slot_is_signed_once_also_after_a_restart() {
        let file = file("signed-slot");
        let mut signed = SignedSlot::read(file.clone()).expect("no file is right");
        assert_eq!((signed.last, signed.note(7), signed.note(9)), (None, Ok(()), Ok(())));
        for slot in [0, 7, 8, 9] {
            assert!(signed.note(slot).unwrap_err().contains("is not after slot 9"));
        }
        let mut again = SignedSlot::read(file.clone()).expect("it was written");
        assert!(again.note(9).is_err() && again.note(10).is_ok());
        assert_eq!(SignedSlot::read(file.clone()).expect("it was written").last, Some(10));
        fs::remove_file(file).expect("it was written");
    }

    #[test]
    fn a_file_without_a_slot_stops_the_node_and_one_that_cannot_be_written_the_block() {
        let file = file("no-slot");
        for text in ["", "-1", "nine", "18446744073709551616"] {
            fs::write(&file, text).expect("the folder is writable");
            let problem = SignedSlot::read(file.clone()).unwrap_err();
            assert!(problem.contains("holds no number of a slot"), "{problem}");
        }
        fs::remove_file(&file).expect("it was written");
        let mut signed =
            SignedSlot::read(file.join("below a file that is not there")).expect("no file is right");
        assert!(signed.note(1).unwrap_err().contains("so its block is not published"));
        assert_eq!(signed.last, None, "the next slot is tried");
    }
}

//! Saves a training run so that it goes on with the same bits.

use super::saved::{seal, unseal};
use super::{Plan, Trainer};
use crate::kernel::Kernel;
use std::path::{Path, PathBuf};

/// The run that a checkpoint belongs to; resuming checks every field.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Definition of the run.
    pub plan: Plan,
    /// Hash of the training corpus.
    pub corpus: blake3::Hash,
    /// Hash of the tokenizer's text.
    pub tokenizer: blake3::Hash,
}

/// Why a checkpoint could not be written or used.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    #[error("accessing checkpoint {path}: {source}", path = path.display())]
    Access { path: PathBuf, source: std::io::Error },
    #[error("checkpoint {path} is damaged: {reason}; delete it or take an older one", path = path.display())]
    Damaged { path: PathBuf, reason: &'static str },
    #[error("checkpoint {path} belongs to another run (plan, corpus or tokenizer differ); give this run another file", path = path.display())]
    OtherRun { path: PathBuf },
}

const MAGIC: &[u8; 16] = b"myelin training1";

impl Progress {
    /// Identifies the run: hash over everything that defines it.
    fn fingerprint(&self) -> blake3::Hash {
        blake3::hash(format!("{self:?}").as_bytes())
    }

    /// Writes the state of `trainer`; replaces the file at once, so an interruption leaves the old one.
    pub fn save(&self, trainer: &Trainer, path: &Path) -> Result<(), CheckpointError> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend_from_slice(self.fingerprint().as_bytes());
        bytes.extend_from_slice(&trainer.steps_done.to_le_bytes());
        for values in [&trainer.parameters, &trainer.optimizer.first, &trainer.optimizer.second] {
            values.iter().for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
        }
        let bytes = seal(bytes);
        let access = |source| CheckpointError::Access { path: path.to_owned(), source };
        let temporary = path.with_extension("part");
        std::fs::write(&temporary, bytes).map_err(access)?;
        std::fs::rename(&temporary, path).map_err(access)
    }

    /// Goes on from a checkpoint.
    pub fn resume(&self, path: &Path, kernel: Kernel, threads: usize) -> Result<Trainer, CheckpointError> {
        let damaged = |reason| CheckpointError::Damaged { path: path.to_owned(), reason };
        let access = |source| CheckpointError::Access { path: path.to_owned(), source };
        let bytes = std::fs::read(path).map_err(access)?;
        let body = unseal(&bytes).ok_or(damaged("its hash does not match its content"))?;
        let (magic, rest) = body.split_first_chunk::<16>().ok_or(damaged("too short"))?;
        let (fingerprint, rest) = rest.split_first_chunk::<32>().ok_or(damaged("too short"))?;
        let (steps, values) = rest.split_first_chunk::<8>().ok_or(damaged("too short"))?;
        if magic != MAGIC {
            return Err(damaged("not a training checkpoint"));
        }
        if fingerprint != self.fingerprint().as_bytes() {
            return Err(CheckpointError::OtherRun { path: path.to_owned() });
        }
        let mut trainer = Trainer::new(self.plan, kernel, threads);
        if values.len() != 12 * trainer.parameters.len() {
            return Err(damaged("wrong length"));
        }
        trainer.steps_done = u64::from_le_bytes(*steps);
        let (values, _) = values.as_chunks::<4>();
        let mut values = values.iter().map(|b| f32::from_le_bytes(*b));
        let optimizer = &mut trainer.optimizer;
        for part in [&mut trainer.parameters, &mut optimizer.first, &mut optimizer.second] {
            part.iter_mut().zip(&mut values).for_each(|(x, v)| *x = v);
        }
        Ok(trainer)
    }
}

//! The file beside a result that keeps what is done so far, so that work goes on after a failure.

use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::output::{at, Failure, Outcome};

/// Lines of work that is done, after a line that says which work it is.
pub struct Progress(PathBuf);

impl Progress {
    /// Beside a result: its name with `.part` behind it.
    pub fn beside(out: &Path) -> Self {
        let mut name = out.as_os_str().to_owned();
        name.push(".part");
        Self(name.into())
    }

    /// The lines that were kept before; one that was cut off is removed.
    pub fn read(&self) -> Result<Option<String>, Failure> {
        if !std::fs::metadata(&self.0).is_ok_and(|file| file.len() > 0) {
            return Ok(None);
        }
        let kept = std::fs::read_to_string(&self.0).map_err(at(&self.0))?;
        // A line that was cut off would spoil the next one.
        let whole = &kept[..kept.rfind('\n').map_or(0, |at| at + 1)];
        if whole.len() < kept.len() {
            std::fs::write(&self.0, whole).map_err(at(&self.0))?;
        }
        Ok(Some(kept))
    }

    /// Keeps more lines; `head` is the first one of a new file.
    pub fn add(&self, head: &str, lines: &str) -> Outcome {
        let mut kept =
            std::fs::OpenOptions::new().create(true).append(true).open(&self.0).map_err(at(&self.0))?;
        let is_new = kept.metadata().map_err(at(&self.0))?.len() == 0;
        let head = if is_new { format!("{head}\n") } else { String::new() };
        kept.write_all((head + lines).as_bytes()).map_err(at(&self.0))
    }

    /// Removes the file, when all is done.
    pub fn remove(&self) -> Outcome {
        match std::fs::remove_file(&self.0) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(at(&self.0)(error)),
            _ => Ok(()),
        }
    }

    /// The failure of work that the file does not belong to.
    pub fn wrong(&self, error: impl Display) -> Failure {
        Failure::new(format!("{}: {error}", self.0.display()))
    }
}

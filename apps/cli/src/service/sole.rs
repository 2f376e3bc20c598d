//! At most one validator of a hotkey on a subnet for each user of a machine: two would overwrite each other's weights.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use myelin_abi::Account;

use crate::output::{address, fail, tell, Failure};

/// A validator's hotkey on a subnet of a chain.
pub struct Seat<'a> {
    /// Hash of the chain's first block.
    pub genesis: [u8; 32],
    /// The subnet.
    pub netuid: u16,
    /// The hotkey that judges.
    pub hotkey: &'a Account,
}

impl Seat<'_> {
    /// Takes the place until the result is dropped. Without write permission for the home folder, for example, the
    /// place cannot be marked. It is then taken without a mark, and that is reported.
    pub fn take(&self, data: &Path) -> Result<Option<File>, Failure> {
        let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
        self.take_in(&home.join(".myelin").join("running"), data)
    }

    fn take_in(&self, folder: &Path, data: &Path) -> Result<Option<File>, Failure> {
        let Seat { netuid, hotkey, .. } = *self;
        let chain: String = self.genesis[..4].iter().map(|byte| format!("{byte:02x}")).collect();
        let path = folder.join(format!("validator-{chain}-{netuid}-{}.lock", address(hotkey)));
        let opened = myelin_subnet::private::create_folder(folder).and_then(|()| {
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)
        });
        let mut file = match opened {
            Ok(file) => file,
            Err(error) => return Ok(unmarked(&path, &error)),
        };
        match file.try_lock() {
            Ok(()) => {
                // A failure loses only the detail of the error below.
                let _ = write_holder(&mut file, data);
                Ok(Some(file))
            }
            Err(TryLockError::Error(error)) => Ok(unmarked(&path, &error)),
            Err(TryLockError::WouldBlock) => fail(format!(
                "another validator of this machine judges subnet {netuid} with hotkey {}{}; stop it, or use another \
                 hotkey: two validators with one hotkey overwrite each other's weights",
                address(hotkey),
                holder(&mut file)
            )),
        }
    }
}

fn unmarked(path: &Path, error: &std::io::Error) -> Option<File> {
    let path = path.display();
    tell!(
        "warning: {path}: {error}; a second validator with this hotkey on this machine would not be noticed"
    );
    None
}

/// Writes the holder of the mark.
fn write_holder(file: &mut File, data: &Path) -> std::io::Result<()> {
    let data = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "process {}, with its data in {}", std::process::id(), data.display())
}

/// The holder of the mark, as a clause; empty if the mark does not name it.
fn holder(file: &mut File) -> String {
    let mut text = String::new();
    match file.take(1_024).read_to_string(&mut text) {
        Ok(_) if !text.is_empty() => format!(" ({})", crate::output::plain(&text)),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_taken_once_and_free_again_when_its_holder_ends() {
        let folder = tempfile::tempdir().expect("a folder");
        let hotkey = Account([7; 32]);
        let place = |netuid, hotkey| Seat { genesis: [1; 32], netuid, hotkey };
        let take = |place: Seat, data: &str| place.take_in(folder.path(), Path::new(data));
        let first = take(place(2, &hotkey), "/one").expect("free").expect("marked");
        let why = take(place(2, &hotkey), "/two").expect_err("taken").to_string();
        for words in ["subnet 2", "(process ", "/one", "use another hotkey"] {
            assert!(why.contains(words), "{words}: {why}");
        }
        let others =
            [place(3, &hotkey), place(2, &Account([8; 32])), Seat { genesis: [2; 32], ..place(2, &hotkey) }];
        for other in others {
            assert!(take(other, "/three").is_ok(), "another subnet, hotkey or chain");
        }
        drop(first);
        assert!(take(place(2, &hotkey), "/two").is_ok());
    }

    #[test]
    fn a_place_that_cannot_be_marked_stops_nobody() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("file");
        std::fs::write(&file, "no folder").expect("written");
        let place = Seat { genesis: [1; 32], netuid: 2, hotkey: &Account([7; 32]) };
        assert!(place.take_in(&file, Path::new("/one")).expect("no error").is_none());
    }
}

//! The secret from which a validator makes texts, words and phrases of its own.
//!
//! The secret lies in the validator's data folder, so it moves and is backed up with it. A validator that loses it gets
//! another one and goes on judging. The secret decides which tasks are drawn, not how they are judged, and evidence
//! holds the tasks themselves.

use std::fs::Permissions;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use myelin_wallet::{files::write_private, Keypair};
use myelin_wire::hash::{blake2_256_of, from_hex, to_hex};

use crate::output::{fail, Failure};

/// The file's name.
const NAME: &str = "tasks.secret";
/// Permissions: only the owner may read.
const PRIVATE: u32 = 0o600;

/// The secret in a validator's folder; drawn and written at the first start.
pub(crate) fn secret_in(folder: &Path) -> Result<[u8; 32], Failure> {
    let path = folder.join(NAME);
    let failed = |what: &str, error: std::io::Error| {
        Failure::new(format!("{what} the secret for tasks, {}: {error}", path.display()))
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => {
            std::fs::set_permissions(&path, Permissions::from_mode(PRIVATE))
                .map_err(|error| failed("protecting", error))?;
            match from_hex(text.trim()) {
                Some(secret) => Ok(secret),
                None => fail(format!(
                    "{} holds no secret of 64 hexadecimal digits; restore it from a backup, or remove it and tasks are made with a new one",
                    path.display()
                )),
            }
        }
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let secret = drawn();
            write_private(&path, format!("{}\n", to_hex(&secret)).as_bytes(), false)
                .map_err(|error| failed("writing", error))?;
            Ok(secret)
        }
        Err(error) => Err(failed("reading", error)),
    }
}

/// The hash by which evidence names a secret.
pub(crate) fn secret_hash(secret: &[u8; 32]) -> [u8; 32] {
    blake2_256_of(&[b"myelin/tasks-secret-hash/1", secret])
}

/// The secret in a file, for an auditor.
pub(crate) fn secret_of(path: &Path) -> Result<[u8; 32], Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(format!("reading the secret for tasks, {}: {error}", path.display()))
    })?;
    from_hex(text.trim()).ok_or_else(|| {
        Failure::new(format!(
            "{} holds no secret of 64 hexadecimal digits; name the file {NAME} of a validator's data folder",
            path.display()
        ))
    })
}

/// A random secret: the seed of a new key that nobody else has.
fn drawn() -> [u8; 32] {
    blake2_256_of(&[b"myelin/tasks-secret", &*Keypair::random().secret()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_drawn_once_and_only_its_owner_reads_it() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("validator/2");
        let secret = secret_in(&data).expect("a new one");
        assert_eq!(secret_in(&data).expect("the same"), secret);
        assert_ne!(secret_in(folder.path()).expect("another"), secret);
        let mode = |path: &Path| std::fs::metadata(path).expect("a file").permissions().mode() & 0o777;
        assert_eq!(mode(&data.join(NAME)), PRIVATE);
        // As a tool restores it that forgets permissions.
        std::fs::set_permissions(data.join(NAME), Permissions::from_mode(0o644)).expect("set");
        assert_eq!(secret_in(&data).expect("the same"), secret);
        assert_eq!(mode(&data.join(NAME)), PRIVATE);
    }

    #[test]
    fn a_damaged_secret_is_never_replaced() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join(NAME), "abc").expect("written");
        let found = secret_in(folder.path()).expect_err("damaged").to_string();
        assert!(found.contains("restore it from a backup"), "{found}");
        assert_eq!(std::fs::read_to_string(folder.path().join(NAME)).expect("kept"), "abc");
    }
}

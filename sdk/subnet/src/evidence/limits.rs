//! The limits with which a validator keeps its evidence, as it states them beside its epochs.
//!
//! They are under no root and not signed, so whoever has the folder can change them.

use std::fs;

use serde::{Deserialize, Serialize};

use super::{damaged, disk, read_up_to, write_whole, EvidenceError, EvidenceFolder};

/// Name of the file.
const LIMITS: &str = "limits.json";
/// Version of its form.
const VERSION: u32 = 1;
/// Largest file that a reader accepts.
const MOST_BYTES: u64 = 4 << 10;

/// Limits of a validator's evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeepLimits {
    /// Epochs that are kept. Those of which proofs are due stay in any case.
    pub keep_epochs: u64,
    /// Bytes that are kept besides those of the newest epoch. Epochs of which proofs are due stay in any case.
    pub keep_bytes: u64,
    /// Epochs after which the texts of customers are deleted; 0 deletes them as soon as the weights are proved.
    pub keep_customer_texts: u64,
}

/// The content of the file.
#[derive(Serialize, Deserialize)]
struct Stated {
    version: u32,
    #[serde(flatten)]
    limits: KeepLimits,
}

impl EvidenceFolder {
    /// States the limits, in place of earlier ones. If that fails, the earlier ones go, since they may be wrong.
    pub fn write_limits(&self, limits: KeepLimits) -> Result<(), EvidenceError> {
        crate::private::create_folder(&self.path).map_err(|found| disk("creating", &self.path, found))?;
        let path = self.path.join(LIMITS);
        let stated = serde_json::to_vec(&Stated { version: VERSION, limits });
        let bytes = stated.map_err(|error| damaged(&path, error))?;
        write_whole(&path, &bytes).inspect_err(|_| drop(fs::remove_file(&path)))
    }

    /// The limits with which the validator of this folder last started, by its own statement; `None` without one.
    pub fn limits(&self) -> Result<Option<KeepLimits>, EvidenceError> {
        let path = self.path.join(LIMITS);
        if !path.exists() {
            return Ok(None);
        }
        let read = serde_json::from_slice(&read_up_to(&path, MOST_BYTES)?);
        let Stated { version, limits } = read.map_err(|error| damaged(&path, error))?;
        match version == VERSION {
            true => Ok(Some(limits)),
            false => Err(damaged(&path, format!("its form has version {version}, and {VERSION} is known"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use myelin_wire::sr25519::Signer;

    use super::*;
    use crate::evidence::{tests::key, tree::tests::two_rounds};

    const STATED: KeepLimits = KeepLimits { keep_epochs: 7, keep_bytes: 3 << 20, keep_customer_texts: 0 };

    fn folder() -> (tempfile::TempDir, EvidenceFolder) {
        let place = tempfile::tempdir().unwrap();
        let folder = EvidenceFolder { path: place.path().join("evidence"), keep: 9 };
        (place, folder)
    }

    #[test]
    fn limits_are_read_as_they_were_stated_last_and_change_no_root() {
        let (_place, folder) = folder();
        assert_eq!(folder.limits().unwrap(), None);
        folder.write_limits(STATED).unwrap();
        assert_eq!(folder.limits().unwrap(), Some(STATED));
        two_rounds(&folder);
        let root = || folder.tree(2, 3, key().public()).unwrap().tree.root();
        let before = root();
        let others = KeepLimits { keep_epochs: 8, ..STATED };
        folder.write_limits(others).unwrap();
        assert_eq!((folder.limits().unwrap(), folder.epochs()), (Some(others), vec![3]));
        assert_eq!(root(), before);
    }

    #[test]
    fn a_statement_of_another_form_is_damaged() {
        let (_place, folder) = folder();
        folder.write_limits(STATED).unwrap();
        let path = folder.path.join(LIMITS);
        let stated = fs::read_to_string(&path).unwrap();
        assert_eq!(stated, r#"{"version":1,"keep_epochs":7,"keep_bytes":3145728,"keep_customer_texts":0}"#);
        let long = stated.clone() + &" ".repeat(MOST_BYTES as usize);
        for other in [
            "",
            "[]",
            &stated[1..],
            &stated.replace(":1,", ":2,"),
            &stated.replace("keep_bytes", "keep_mib"),
            &stated.replace(":7,", ":-7,"),
            &long,
        ] {
            fs::write(&path, other).unwrap();
            assert!(matches!(folder.limits(), Err(EvidenceError::Damaged { .. })), "{other}");
        }
    }

    /// The device `/dev/full` stands in for a disk: the system refuses every byte, as on a full one.
    #[cfg(target_os = "linux")]
    #[test]
    fn limits_that_cannot_be_stated_leave_no_older_ones() {
        let (_place, folder) = folder();
        folder.write_limits(STATED).unwrap();
        std::os::unix::fs::symlink("/dev/full", folder.path.join("limits.part")).unwrap();
        let error = folder.write_limits(STATED).unwrap_err().to_string();
        assert!(error.contains("No space left"), "{error}");
        assert_eq!(folder.limits().unwrap(), None);
    }
}

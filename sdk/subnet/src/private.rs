//! Folders that no other user of the machine may read.

use std::{io, path::Path};

/// Creates a folder and those above it. New folders are for this user alone; existing ones stay unchanged.
///
/// Evidence holds hidden references, and a validator's state salts of weights that are not revealed yet.
pub fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;
    use crate::{database::DatabaseFile, evidence::EvidenceFolder};

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn state_and_evidence_are_for_their_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let open = folder.path().join("open");
        std::fs::create_dir(&open).unwrap();
        let before = mode(&open);
        DatabaseFile::open(&open.join("validator/validator.redb")).unwrap();
        let evidence = EvidenceFolder { path: open.join("validator2/evidence"), keep: 1 };
        evidence.write(1, 0, &Default::default()).unwrap();
        for created in ["validator", "validator2", "validator2/evidence"] {
            assert_eq!(mode(&open.join(created)), 0o700, "{created}");
        }
        assert_eq!(mode(&open), before, "what was there stays as it is");
    }
}

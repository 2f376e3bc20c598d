//! A redb file that recovers from a full disk.
//!
//! After a failed write redb refuses everything until the file is opened again. So a failure closes the file, and the
//! next use opens it: when there is space again, service goes on without a restart.

use std::{
    error::Error,
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use redb::{
    CommitError, Database, DatabaseError, ReadableDatabase, StorageError, TableError, TransactionError,
};

use crate::private::create_folder;

/// Error inside a transaction.
pub(crate) type Fault = Box<dyn Error + Send + Sync>;

/// A database file, opened when needed.
pub(crate) struct DatabaseFile {
    path: PathBuf,
    open: Mutex<Option<Database>>,
}

impl DatabaseFile {
    /// Opens or creates the file and its folder.
    pub(crate) fn open(path: &Path) -> Result<Self, Fault> {
        if let Some(folder) = path.parent() {
            create_folder(folder)?;
        }
        Ok(Self { path: path.to_owned(), open: Mutex::new(Some(open_file(path)?)) })
    }

    /// The path, for messages.
    pub(crate) fn shown(&self) -> String {
        self.path.display().to_string()
    }

    /// Runs a read transaction.
    pub(crate) fn read<T>(
        &self,
        body: impl FnOnce(&redb::ReadTransaction) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        self.with(|database| body(&database.begin_read()?))
    }

    /// Runs a write transaction and commits it.
    pub(crate) fn write(
        &self,
        durability: redb::Durability,
        body: impl FnOnce(&redb::WriteTransaction) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.with(|database| {
            let mut transaction = database.begin_write()?;
            transaction.set_durability(durability)?;
            body(&transaction)?;
            Ok(transaction.commit()?)
        })
    }

    fn with<T>(&self, body: impl FnOnce(&Database) -> Result<T, Fault>) -> Result<T, Fault> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let database = match open.take() {
            Some(database) => database,
            None => open_file(&self.path)?,
        };
        let result = body(&database);
        // On failure the file stays closed; see the page comment.
        if result.is_ok() {
            *open = Some(database);
        }
        result.map_err(advised)
    }
}

/// The error with a remedy, if it is one of the system.
fn advised(fault: Fault) -> Fault {
    match storage_error(&*fault) {
        Some(StorageError::Io(io)) => format!("{fault}; {}", remedy(io.kind())).into(),
        _ => fault,
    }
}

/// The error of the storage below an error of a transaction.
fn storage_error<'a>(fault: &'a (dyn Error + Send + Sync + 'static)) -> Option<&'a StorageError> {
    let of_transaction = match fault.downcast_ref() {
        Some(TransactionError::Storage(error)) => Some(error),
        _ => None,
    };
    let of_table = match fault.downcast_ref() {
        Some(TableError::Storage(error)) => Some(error),
        _ => None,
    };
    let of_commit = match fault.downcast_ref() {
        Some(CommitError::Storage(error)) => Some(error),
        _ => None,
    };
    fault.downcast_ref::<StorageError>().or(of_transaction).or(of_table).or(of_commit)
}

/// Remedy for an error of the system.
fn remedy(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::InvalidData | ErrorKind::UnexpectedEof => DAMAGED,
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "free some space",
        _ => "see whether the disk is full and the folder writable",
    }
}

/// Opens or creates the file. The error names the remedy.
fn open_file(path: &Path) -> Result<Database, Fault> {
    Database::create(path).map_err(|error| {
        let remedy = match &error {
            DatabaseError::DatabaseAlreadyOpen => {
                "stop the other process that uses it, or choose another folder"
            }
            DatabaseError::Storage(StorageError::Corrupted(_)) => DAMAGED,
            DatabaseError::Storage(StorageError::Io(io)) => remedy(io.kind()),
            _ => DAMAGED,
        };
        format!("{error}; {remedy}").into()
    })
}

const DAMAGED: &str = "the file is damaged: restore it from a copy, or move it away to begin anew";

/// Opens a table. A table without any entry does not exist yet, which is no fault.
pub(crate) fn existing<T>(table: Result<T, redb::TableError>) -> Result<Option<T>, Fault> {
    match table {
        Ok(table) => Ok(Some(table)),
        Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: redb::TableDefinition<u64, &[u8]> = redb::TableDefinition::new("numbers");

    fn fill(file: &DatabaseFile) -> Result<(), Fault> {
        file.write(redb::Durability::Immediate, |transaction| {
            let mut table = transaction.open_table(TABLE)?;
            for number in 0..500 {
                table.insert(number, &[7; 100][..])?;
            }
            Ok(())
        })
    }

    #[test]
    fn a_damaged_file_is_an_error_that_says_what_helps() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.redb");
        fill(&DatabaseFile::open(&path).unwrap()).unwrap();
        let whole = std::fs::read(&path).unwrap();
        let noise: Vec<u8> = (0..whole.len()).map(|at| (at * 31 % 251) as u8).collect();
        let no_head = [&noise[..4096], &whole[4096..]].concat();
        for damaged in [&noise[..], &no_head, &noise[..100], b"{\"averages\":[]}"] {
            std::fs::write(&path, damaged).unwrap();
            let error = DatabaseFile::open(&path).err().expect("an error").to_string();
            assert!(error.contains("move it away"), "{error}");
        }
    }

    #[test]
    fn a_full_disk_is_named_with_its_remedy_wherever_it_is_noticed() {
        let full = || StorageError::Io(ErrorKind::StorageFull.into());
        let faults: [Fault; 4] = [
            full().into(),
            TransactionError::Storage(full()).into(),
            TableError::Storage(full()).into(),
            CommitError::Storage(full()).into(),
        ];
        for fault in faults {
            let said = advised(fault).to_string();
            assert!(said.ends_with("; free some space"), "{said}");
        }
        let other: Fault = "a hotkey is not 32 bytes".into();
        assert_eq!(advised(other).to_string(), "a hotkey is not 32 bytes");
    }

    #[test]
    fn a_file_in_use_is_told_from_a_damaged_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("v.redb");
        let _first = DatabaseFile::open(&path).unwrap();
        let error = DatabaseFile::open(&path).err().expect("an error").to_string();
        assert!(error.contains("stop the other process"), "{error}");
    }
}

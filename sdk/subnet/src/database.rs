//! A redb file that recovers from a full disk.
//!
//! After a failed write redb refuses everything until the file is opened again. So a failure closes the file, and the
//! next use opens it: when there is space again, service goes on without a restart.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use redb::{Database, ReadableDatabase};

use crate::private::create_folder;

/// What may go wrong inside a transaction.
pub(crate) type Fault = Box<dyn std::error::Error + Send + Sync>;

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
        Ok(Self { path: path.to_owned(), open: Mutex::new(Some(Database::create(path)?)) })
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
            None => Database::create(&self.path)?,
        };
        let result = body(&database);
        // On failure the file stays closed; see the page comment.
        if result.is_ok() {
            *open = Some(database);
        }
        result
    }
}

/// A table that nothing was written to yet does not exist; that is no fault.
pub(crate) fn existing<T>(table: Result<T, redb::TableError>) -> Result<Option<T>, Fault> {
    match table {
        Ok(table) => Ok(Some(table)),
        Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

//! Files of evidence, read in parts: some are large, and a folder may come from strangers.

use std::{
    fs,
    io::{self, Read, Seek, SeekFrom},
    path::Path,
};

use myelin_wire::hash::{blake2_256, to_hex, Blake2b256, Hash};

use super::{damaged, disk, read_whole, EvidenceError};

/// Bytes of a file that are in memory while it is hashed.
const PIECE: usize = 64 << 10;

/// Content of a file whose name is its hash.
pub(super) fn read_named(folder: &Path, hash: &Hash) -> Result<Vec<u8>, EvidenceError> {
    let path = folder.join(to_hex(hash));
    let bytes = read_whole(&path)?;
    match blake2_256(&bytes) == *hash {
        true => Ok(bytes),
        false => Err(damaged(&path, "its content does not have the hash of its name")),
    }
}

/// A file to read; `None` if it is no regular file, such as a link.
pub(crate) fn open_regular(path: &Path) -> io::Result<Option<fs::File>> {
    fs::symlink_metadata(path)?.is_file().then(|| fs::File::open(path)).transpose()
}

/// A file to read. The error names it if it is no regular file.
pub(crate) fn opened(path: &Path) -> Result<fs::File, EvidenceError> {
    let file = open_regular(path).map_err(|found| disk("reading", path, found))?;
    file.ok_or_else(|| damaged(path, "it is no regular file"))
}

/// At most `most` bytes of a file, from byte `from` on.
pub(crate) fn read_part(mut file: &fs::File, from: u64, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(from))?;
    file.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// BLAKE2b-256 of a file from its present place on. A piece of it is in memory at a time.
pub(crate) fn hash_of(mut file: impl Read) -> io::Result<Hash> {
    let (mut pieces, mut piece) = (Blake2b256::default(), vec![0; PIECE]);
    loop {
        match file.read(&mut piece) {
            Ok(0) => return Ok(pieces.finish()),
            Ok(length) => pieces.update(&piece[..length]),
            Err(found) if found.kind() == io::ErrorKind::Interrupted => {}
            Err(found) => return Err(found),
        }
    }
}

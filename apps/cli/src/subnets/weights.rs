//! Weights that a miner serves instead of a built-in model: a file of a published model, checked against its id.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use myelin_provenance::{content_id, ModelId};
use myelin_wire::hash::to_hex;

use crate::output::{at, fail, plain, Failure};

/// Most bytes of a file of weights. Each format has a limit of its own below it.
const MOST_BYTES: u64 = 256 << 20;
/// Most files of a folder that are looked at.
const MOST_FILES: usize = 256;

/// A file that has the content of a model.
pub struct Weights {
    /// The file.
    pub path: PathBuf,
    /// The model, which is the content hash of `bytes`.
    pub id: ModelId,
    /// The whole content.
    pub bytes: Vec<u8>,
}

impl Weights {
    /// Reads the file with this id: `path` itself, or a file in the folder `path`, such as that of `myelin model pull`.
    pub fn find(path: &Path, id: ModelId) -> Result<Self, Failure> {
        if !fs::metadata(path).map_err(at(path))?.is_dir() {
            let bytes = read(path)?;
            let found = content_id(&bytes);
            return match found == id {
                true => Ok(Self { path: path.to_owned(), id, bytes }),
                false => fail(format!(
                    "{} is not model {}: its content has the id {}; `myelin model pull` fetches the published file",
                    path.display(),
                    to_hex(&id),
                    to_hex(&found)
                )),
            };
        }
        let mut files = Vec::new();
        for entry in fs::read_dir(path).map_err(at(path))? {
            let entry = entry.map_err(at(path))?;
            // Parts of downloads have a dot before their name.
            let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
            if entry.file_type().map_err(at(path))?.is_file() && !is_hidden {
                files.push(entry.path());
            }
            if files.len() > MOST_FILES {
                return fail(format!("{} has more than {MOST_FILES} files; name the file", path.display()));
            }
        }
        files.sort();
        for file in files {
            if fs::metadata(&file).map_err(at(&file))?.len() <= MOST_BYTES {
                let bytes = read(&file)?;
                if content_id(&bytes) == id {
                    return Ok(Self { path: file, id, bytes });
                }
            }
        }
        fail(format!(
            "no file in {0} is model {1}; `myelin model pull {1} --out {0}` fetches it, and a model of several files \
             cannot be served",
            path.display(),
            to_hex(&id)
        ))
    }

    /// The name of the model for people.
    pub fn name(&self) -> String {
        to_hex(&self.id)
    }

    /// The error of a loader, with the file, and the kind of subnet that cannot serve it.
    pub fn unfit(&self, kind: &str, why: impl std::fmt::Display) -> Failure {
        Failure::new(format!(
            "{} is model {}, and a miner of the kind `{kind}` cannot serve it: {}",
            self.path.display(),
            to_hex(&self.id),
            plain(&why.to_string())
        ))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    File::open(path).map_err(at(path))?.take(MOST_BYTES + 1).read_to_end(&mut bytes).map_err(at(path))?;
    match bytes.len() as u64 > MOST_BYTES {
        true => fail(format!(
            "{} has more than {MOST_BYTES} bytes; serve a model of this size by a server (--backend)",
            path.display()
        )),
        false => Ok(bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_those_of_the_id_or_refused_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        let (file, other) = (root.join("small"), root.join("other"));
        fs::write(&file, b"weights").expect("written");
        fs::write(&other, b"others").expect("written");
        let find = |path: &Path, id| Weights::find(path, id).map_err(|why| why.to_string());
        let id = content_id(b"weights");
        for place in [&*file, root] {
            let found = find(place, id).expect("there");
            assert_eq!((found.path, found.bytes, found.id), (file.clone(), b"weights".to_vec(), id));
        }
        let why = find(&other, id).err().expect("another file");
        assert!(why.contains(&to_hex(&id)) && why.contains(&to_hex(&content_id(b"others"))), "{why}");
        fs::rename(&file, root.join(".part")).expect("renamed");
        assert!(find(root, id).is_err_and(|why| why.contains("myelin model pull")), "a part is no model");
        assert!(find(&root.join("gone"), id).is_err_and(|why| why.contains("gone")));
    }
}

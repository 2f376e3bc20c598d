//! Weights that a miner serves instead of a built-in model: the files of a published model, checked against its id.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use myelin_provenance::manifest::{FILE_NAME, MAX_TEXT};
use myelin_provenance::{content_id, Manifest, ModelId};
use myelin_wire::hash::to_hex;

use crate::output::{at, fail, plain, Failure};

/// Most bytes of the files of a model together. Each format has a limit of its own below it.
const MOST_BYTES: u64 = 256 << 20;
/// Most entries of a folder that are looked at.
const MOST_ENTRIES: usize = 256;

/// The files of a model.
pub struct Weights {
    /// The file or the directory.
    pub path: PathBuf,
    /// The model: the content hash of the file, or of the directory's manifest.
    pub id: ModelId,
    /// The content.
    pub content: Content,
}

/// Content of a model.
#[derive(Debug, PartialEq, Eq)]
pub enum Content {
    /// A file's.
    File(Vec<u8>),
    /// Those of a directory's files, by path.
    Directory(BTreeMap<String, Vec<u8>>),
}

impl Weights {
    /// Reads the model with this id: the file or directory `path` itself, or one in the folder `path`, such as that of
    /// `myelin model pull`.
    pub fn find(path: &Path, id: ModelId) -> Result<Self, Failure> {
        if !fs::metadata(path).map_err(at(path))?.is_dir() {
            let bytes = read(path, MOST_BYTES)?;
            let found = content_id(&bytes);
            return match found == id {
                true => Ok(Self { path: path.to_owned(), id, content: Content::File(bytes) }),
                false => fail(format!(
                    "{} is not model {}: its content has the id {}; `myelin model pull` fetches the published one",
                    path.display(),
                    to_hex(&id),
                    to_hex(&found)
                )),
            };
        }
        for place in std::iter::once(path.to_owned()).chain(entries(path)?) {
            let content = match fs::metadata(&place).map_err(at(&place))?.is_dir() {
                true => directory(&place, id)?.map(Content::Directory),
                false => file(&place, id)?.map(Content::File),
            };
            if let Some(content) = content {
                return Ok(Self { path: place, id, content });
            }
        }
        fail(format!(
            "nothing in {0} is model {1}; `myelin model pull {1} --out {0}` fetches it",
            path.display(),
            to_hex(&id)
        ))
    }

    /// The name of the model for people.
    pub fn name(&self) -> String {
        to_hex(&self.id)
    }

    /// The content of a model that is a file.
    pub fn file(&self) -> Result<&[u8], &'static str> {
        match &self.content {
            Content::File(bytes) => Ok(bytes),
            Content::Directory(_) => Err("it is a directory, and its models are files"),
        }
    }

    /// The error of a loader, with the path, and the kind of subnet that cannot serve it.
    pub fn unfit(&self, kind: &str, why: impl std::fmt::Display) -> Failure {
        Failure::new(format!(
            "{} is model {}, and a miner of the kind `{kind}` cannot serve it: {}",
            self.path.display(),
            to_hex(&self.id),
            plain(&why.to_string())
        ))
    }
}

/// Files and folders in a folder, sorted. Parts of downloads are left out: they have a dot before their name.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(at(folder))? {
        let entry = entry.map_err(at(folder))?;
        let kind = entry.file_type().map_err(at(folder))?;
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        if (kind.is_file() || kind.is_dir()) && !is_hidden {
            found.push(entry.path());
        }
        if found.len() > MOST_ENTRIES {
            return fail(format!(
                "{} has more than {MOST_ENTRIES} entries; name the model",
                folder.display()
            ));
        }
    }
    found.sort();
    Ok(found)
}

/// The content of a file, if it is the model with this id.
fn file(path: &Path, id: ModelId) -> Result<Option<Vec<u8>>, Failure> {
    if fs::metadata(path).map_err(at(path))?.len() > MOST_BYTES {
        return Ok(None);
    }
    let bytes = read(path, MOST_BYTES)?;
    Ok((content_id(&bytes) == id).then_some(bytes))
}

/// The files of a directory, if its manifest is that of the model with this id. Files that it does not list are left
/// out.
fn directory(path: &Path, id: ModelId) -> Result<Option<BTreeMap<String, Vec<u8>>>, Failure> {
    let listed = path.join(FILE_NAME);
    if !listed.is_file() {
        return Ok(None);
    }
    let text = read(&listed, MAX_TEXT as u64)?;
    if content_id(&text) != id {
        return Ok(None);
    }
    let parsed = std::str::from_utf8(&text).ok().and_then(|text| Manifest::parse(text).ok());
    let Some(manifest) = parsed else { return fail(format!("{} is no manifest", listed.display())) };
    let (mut files, mut left) = (BTreeMap::new(), MOST_BYTES);
    for entry in manifest.files() {
        let place = path.join(&entry.path);
        let bytes = read(&place, left)?;
        if content_id(&bytes) != entry.hash {
            return fail(format!(
                "{} has another content than model {}; `myelin model pull` fetches the published one",
                place.display(),
                to_hex(&id)
            ));
        }
        left -= bytes.len() as u64;
        files.insert(entry.path.clone(), bytes);
    }
    Ok(Some(files))
}

/// The content of a file of at most `most` bytes.
fn read(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    File::open(path).map_err(at(path))?.take(most + 1).read_to_end(&mut bytes).map_err(at(path))?;
    match bytes.len() as u64 > most {
        true => fail(format!(
            "{}: a model of more than {MOST_BYTES} bytes is served by a server of its own (--backend)",
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
            assert_eq!((found.path, found.id), (file.clone(), id));
            assert_eq!(found.content, Content::File(b"weights".to_vec()));
        }
        let why = find(&other, id).err().expect("another file");
        assert!(why.contains(&to_hex(&id)) && why.contains(&to_hex(&content_id(b"others"))), "{why}");
        fs::rename(&file, root.join(".part")).expect("renamed");
        assert!(find(root, id).is_err_and(|why| why.contains("myelin model pull")), "a part is no model");
        assert!(find(&root.join("gone"), id).is_err_and(|why| why.contains("gone")));
    }

    #[test]
    fn a_directory_is_read_by_its_manifest() {
        let folder = tempfile::tempdir().expect("a folder");
        let model = folder.path().join("model");
        fs::create_dir_all(model.join("part")).expect("made");
        let files = [("part/weights", &b"weights"[..]), ("words", &b"words"[..])];
        for (path, content) in files {
            fs::write(model.join(path), content).expect("written");
        }
        let manifest = Manifest::of_contents(&files).expect("a manifest");
        let find = |path: &Path| Weights::find(path, manifest.id()).map_err(|why| why.to_string());
        assert!(find(folder.path()).is_err(), "a directory without a manifest is no model");
        fs::write(model.join(FILE_NAME), manifest.text()).expect("written");
        fs::write(model.join("beside"), b"not listed").expect("written");
        let expected = files.map(|(path, content)| (path.to_owned(), content.to_vec())).into();
        for place in [&*model, folder.path()] {
            let found = find(place).expect("there");
            assert_eq!(found.content, Content::Directory(BTreeMap::clone(&expected)));
            assert!(found.file().is_err());
        }
        fs::write(model.join("words"), b"sword").expect("written");
        assert!(find(folder.path()).is_err_and(|why| why.contains("words has another content")));
        fs::remove_file(model.join("words")).expect("removed");
        assert!(find(folder.path()).is_err_and(|why| why.contains("words")));
    }
}

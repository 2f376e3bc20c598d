//! Weights on this machine: their content hash, size and form.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use myelin_provenance::manifest::{FILE_NAME, MAX_FILES};
use myelin_provenance::{ContentHasher, FileEntry, Hash, Manifest, ModelId, WeightsKind};

use crate::output::{at, fail, Failure};

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;
/// Most folders inside each other.
const MAX_DEPTH: usize = 16;
/// Most bytes of the header of a safetensors file, by the format itself.
const MAX_HEADER: u64 = 100_000_000;

/// Weights that were read and hashed.
pub struct Weights {
    /// Content hash.
    pub id: ModelId,
    /// Form, as far as the content shows it.
    pub kind: WeightsKind,
    /// Size in bytes.
    pub size: u64,
    /// The files of a directory.
    pub manifest: Option<Manifest>,
}

/// Reads and hashes a file or a directory.
pub fn read(path: &Path) -> Result<Weights, Failure> {
    if fs::metadata(path).map_err(at(path))?.is_dir() {
        let manifest = manifest(path)?;
        let (id, size) = (manifest.id(), manifest.size());
        return Ok(Weights { id, kind: WeightsKind::Directory, size, manifest: Some(manifest) });
    }
    let (id, size) = hash(path)?;
    Ok(Weights { id, kind: form(path)?, size, manifest: None })
}

/// Content hash and size of a file.
pub fn hash(path: &Path) -> Result<(Hash, u64), Failure> {
    let mut file = File::open(path).map_err(at(path))?;
    let mut piece = vec![0; PIECE];
    let (mut hasher, mut size) = (ContentHasher::default(), 0u64);
    loop {
        let read = file.read(&mut piece).map_err(at(path))?;
        if read == 0 {
            return Ok((hasher.finish(), size));
        }
        hasher.update(&piece[..read]);
        size += read as u64;
    }
}

/// The manifest of a directory. A manifest file in it is left out.
pub fn manifest(root: &Path) -> Result<Manifest, Failure> {
    let mut files = Vec::new();
    collect(root, "", 0, &mut files)?;
    Manifest::new(files).map_err(|error| Failure::new(format!("{}: {error}", root.display())))
}

fn collect(root: &Path, below: &str, depth: usize, files: &mut Vec<FileEntry>) -> Result<(), Failure> {
    let folder = root.join(below);
    if depth > MAX_DEPTH {
        return fail(format!("{}: more than {MAX_DEPTH} folders are inside each other", folder.display()));
    }
    for entry in fs::read_dir(&folder).map_err(at(&folder))? {
        let entry = entry.map_err(at(&folder))?;
        let (path, kind) = (entry.path(), entry.file_type().map_err(at(&folder))?);
        let Ok(name) = entry.file_name().into_string() else {
            return fail(format!("{}: the name is not UTF-8; rename it", path.display()));
        };
        if below.is_empty() && name == FILE_NAME {
            continue;
        }
        let relative = if below.is_empty() { name } else { format!("{below}/{name}") };
        if kind.is_dir() {
            collect(root, &relative, depth + 1, files)?;
        } else if kind.is_file() {
            if files.len() == MAX_FILES {
                return fail(format!("{}: more than {MAX_FILES} files", root.display()));
            }
            let (hash, size) = hash(&path)?;
            files.push(FileEntry { path: relative, size, hash });
        } else {
            return fail(format!(
                "{}: a link or a special file cannot be a part of a model; replace it by a file",
                path.display()
            ));
        }
    }
    Ok(())
}

/// The form of a file by its content.
fn form(path: &Path) -> Result<WeightsKind, Failure> {
    let mut start = Vec::new();
    File::open(path).and_then(|file| file.take(8).read_to_end(&mut start)).map_err(at(path))?;
    if start.starts_with(b"GGUF") {
        return Ok(WeightsKind::Gguf);
    }
    if start.starts_with(b"\0asm") {
        return Ok(WeightsKind::Program);
    }
    match check_safetensors(path) {
        Ok(()) => Ok(WeightsKind::Safetensors),
        Err(_) => Ok(WeightsKind::Own),
    }
}

/// Refuses weights whose content is not of the form that their record names.
pub fn ensure_form(path: &Path, kind: WeightsKind, found: WeightsKind) -> Result<(), Failure> {
    match kind {
        WeightsKind::Safetensors => check_safetensors(path)
            .map_err(|why| Failure::new(format!("{} is no safetensors file: {why}", path.display()))),
        WeightsKind::Gguf | WeightsKind::Program | WeightsKind::Directory if kind != found => {
            fail(format!("{} is not `{}` but `{}` by its content", path.display(), kind.word(), found.word()))
        }
        _ => Ok(()),
    }
}

/// Checks the header of a safetensors file: its length, its text, and that its tensors fill the rest of the file.
fn check_safetensors(path: &Path) -> Result<(), String> {
    let file = File::open(path).map_err(|error| error.to_string())?;
    let whole = file.metadata().map_err(|error| error.to_string())?.len();
    let mut length = [0; 8];
    let mut file = std::io::BufReader::new(file);
    file.read_exact(&mut length).map_err(|_| "it has less than 8 bytes".to_owned())?;
    let length = u64::from_le_bytes(length);
    let data = whole.checked_sub(8).and_then(|rest| rest.checked_sub(length));
    let Some(data) = data.filter(|_| length <= MAX_HEADER) else {
        return Err(format!("its header would have {length} bytes"));
    };
    let header: serde_json::Map<String, serde_json::Value> =
        serde_json::from_reader(file.take(length)).map_err(|error| format!("its header: {error}"))?;
    let mut end = 0;
    for (name, tensor) in header.iter().filter(|(name, _)| *name != "__metadata__") {
        let place = |at: usize| tensor["data_offsets"][at].as_u64();
        match (place(0), place(1)) {
            (Some(from), Some(to)) if from <= to && to <= data => end = end.max(to),
            _ => return Err(format!("tensor `{}` has no place in it", name.escape_debug())),
        }
    }
    match end == data {
        true => Ok(()),
        false => Err(format!("its tensors have {end} bytes, and {data} bytes follow the header")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A safetensors file with one tensor of these bytes.
    pub fn safetensors(data: &[u8]) -> Vec<u8> {
        let header = format!(r#"{{"w":{{"dtype":"U8","shape":[{0}],"data_offsets":[0,{0}]}}}}"#, data.len());
        [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), data].concat()
    }

    /// The id of files in a directory, as `model publish` registers it.
    fn published(files: &[(&str, &[u8])]) -> ModelId {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).expect("written");
        }
        read(folder.path()).expect("weights").id
    }

    #[test]
    fn a_directory_of_a_models_files_is_published_under_the_id_that_its_miners_declare() {
        use myelin_lm::builtin::{directory, model, Level};
        for level in Level::ALL {
            let declared = model(level).expect("built in").id();
            assert_eq!(published(&directory(level)), declared, "{level:?}");
        }
    }

    #[cfg(feature = "imaging")]
    #[test]
    fn painters_and_restorers_are_published_under_the_ids_that_their_miners_declare() {
        use myelin_imaging::backend::{Backend, Model, BUILTIN_MODEL};
        use myelin_imaging::restore::miner::{Restorer, Restores, BUILTIN};
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("painter.safetensors");
        fs::write(&file, BUILTIN_MODEL).expect("written");
        let painter = read(&file).expect("weights");
        assert_eq!(painter.id, Model::builtin().expect("built in").model_id());
        assert_eq!(published(&BUILTIN), Restorer::builtin().expect("built in").model_id());
    }

    #[test]
    fn forms_are_known_by_their_content_and_false_ones_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            fs::write(&path, bytes).expect("written");
            path
        };
        let good = safetensors(&[1, 2, 3]);
        let short = &good[..good.len() - 1];
        for (name, bytes, kind) in [
            ("a", &good[..], WeightsKind::Safetensors),
            ("b", short, WeightsKind::Own),
            ("c", b"GGUF\x03\0\0\0", WeightsKind::Gguf),
            ("d", b"\0asm\x01\0\0\0", WeightsKind::Program),
            ("e", b"", WeightsKind::Own),
            ("f", &[0xff; 64], WeightsKind::Own),
        ] {
            let path = write(name, bytes);
            let found = read(&path).expect("readable");
            assert_eq!((found.kind, found.size), (kind, bytes.len() as u64), "{name}");
            assert_eq!(found.id, myelin_provenance::content_id(bytes));
        }
        let refused = ensure_form(&folder.path().join("b"), WeightsKind::Safetensors, WeightsKind::Own);
        assert!(refused.unwrap_err().to_string().contains("tensor `w` has no place"));
        let refused = ensure_form(&folder.path().join("a"), WeightsKind::Gguf, WeightsKind::Safetensors);
        assert!(refused.unwrap_err().to_string().contains("not `gguf` but `safetensors`"));
    }

    #[test]
    fn a_directory_is_its_files_and_no_links() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        fs::create_dir(root.join("part")).expect("made");
        fs::write(root.join("part/one"), b"1").expect("written");
        fs::write(root.join("two"), b"22").expect("written");
        let first = read(root).expect("two files");
        assert_eq!((first.kind, first.size), (WeightsKind::Directory, 3));
        fs::write(root.join(FILE_NAME), first.manifest.expect("listed").text()).expect("written");
        assert_eq!(read(root).expect("the manifest is left out").id, first.id);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("/etc/passwd", root.join("link")).expect("linked");
            assert!(read(root).err().expect("a link").to_string().contains("a link"));
        }
    }
}

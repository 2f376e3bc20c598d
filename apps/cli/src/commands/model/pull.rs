//! `myelin model pull` and `myelin model verify`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use myelin_abi::Account;
use myelin_provenance::manifest::{FILE_NAME, MAX_TEXT};
use myelin_provenance::{Manifest, ModelId, Record, WeightsKind};
use myelin_wire::hash::to_hex;
use serde_json::json;

use super::fetch::{Expected, FetchError, Fetcher, Source};
use super::{ensure_unmarked, label, manifest_of, marks, weights, Which};
use crate::commands::look;
use crate::output::{self, at, fail, plain, tell, Failure, Outcome};
use crate::Global;

/// A model, and where its weights go.
#[derive(Args)]
pub struct Pull {
    #[command(flatten)]
    which: Which,
    /// Folder that gets the weights.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Take them from this address or path, and not from the addresses of the record.
    #[arg(long, value_name = "URL-OR-PATH")]
    from: Option<String>,
    /// Refuse weights with more bytes.
    #[arg(long, default_value_t = 64 << 30, value_name = "BYTES")]
    max_bytes: u64,
    /// Permit addresses of private networks and of this machine.
    #[arg(long)]
    allow_private: bool,
    /// Also if the model was withdrawn or taken down.
    #[arg(long)]
    despite_marks: bool,
}

/// A model, and weights that may be its own.
#[derive(Args)]
pub struct Verify {
    #[command(flatten)]
    which: Which,
    /// File or directory of the weights.
    #[arg(value_name = "FILE-OR-DIR")]
    path: PathBuf,
    /// The published manifest of a directory; by default the one in the directory or at the addresses of the record.
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Permit addresses of private networks for the manifest.
    #[arg(long)]
    allow_private: bool,
}

impl Pull {
    /// Downloads, verifies and names the weights.
    pub async fn run(self, global: &Global) -> Outcome {
        let id = self.which.id;
        let view = look(global).await?.model(&id).await?;
        ensure_unmarked(&view, self.despite_marks)?;
        let (model, record) = (&view.model, &view.model.record);
        if model.disputes > 0 {
            tell!("warning: this model was {}; see `myelin model show`", marks(model).join(", "));
        }
        if record.kind == WeightsKind::Endpoint {
            return fail("this model is an endpoint: it has no weights, and nobody can verify it");
        }
        if record.size > self.max_bytes {
            let size = output::grouped(record.size);
            return fail(format!("the weights have {size} bytes; --max-bytes permits {}", self.max_bytes));
        }
        fs::create_dir_all(&self.out).map_err(at(&self.out))?;
        let target = self.out.join(file_name(record));
        let value =
            json!({ "model": to_hex(&id), "path": target.display().to_string(), "size": record.size });
        if fs::symlink_metadata(&target).is_ok() {
            if weights::read(&target)?.id == id {
                let text = format!("{} is there already, and verified", target.display());
                return output::report(global, &text, value);
            }
            return fail(format!("{} is there, with other content; move it away", target.display()));
        }
        let fetcher = Fetcher::new(self.allow_private)?;
        let mut failures = Vec::new();
        for source in self.sources(record)? {
            match take(&fetcher, &source, record, &self.out, &target).await {
                Ok(()) => {
                    let text =
                        format!("{}: {} bytes, verified", target.display(), output::grouped(record.size));
                    return output::report(global, &text, value);
                }
                Err(why) => failures.push(plain(&why.to_string())),
            }
        }
        fail(format!("no source has the weights:\n  {}", failures.join("\n  ")))
    }

    fn sources(&self, record: &Record<Account>) -> Result<Vec<Source>, Failure> {
        if let Some(from) = &self.from {
            return Ok(vec![Source::parse(from)?]);
        }
        if record.urls.is_empty() {
            return fail("the record names no address; --from takes the weights from an address or a path");
        }
        record.urls.iter().map(|url| Ok(Source::web(&String::from_utf8_lossy(url))?)).collect()
    }
}

/// Name of the weights on this machine: the record's name, without letters that a path gives a meaning to.
fn file_name(record: &Record<Account>) -> String {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.');
    let name: String =
        label(&record.name).chars().map(|letter| if safe(letter) { letter } else { '-' }).collect();
    let name = name.trim_start_matches(['.', '-']);
    let short: String = to_hex(&record.model).chars().take(16).collect();
    let name = if name.is_empty() { &short } else { name };
    let ending = match record.kind {
        WeightsKind::Safetensors => ".safetensors",
        WeightsKind::Gguf => ".gguf",
        WeightsKind::Program => ".wasm",
        WeightsKind::Directory | WeightsKind::Own | WeightsKind::Endpoint => "",
    };
    format!("{}{ending}", name.strip_suffix(ending).unwrap_or(name))
}

/// Weights from one source. They get their name once they are whole and verified.
async fn take(
    fetcher: &Fetcher,
    source: &Source,
    record: &Record<Account>,
    out: &Path,
    target: &Path,
) -> Result<(), Failure> {
    let part = out.join(format!(".{}.part", to_hex(&record.model)));
    if record.kind == WeightsKind::Directory {
        return take_directory(fetcher, source, record, &part, target).await;
    }
    let wanted = Expected { hash: record.model, size: record.size };
    fetcher.file(source, &part, wanted).await?;
    fs::rename(&part, target).map_err(at(target))
}

async fn take_directory(
    fetcher: &Fetcher,
    source: &Source,
    record: &Record<Account>,
    part: &Path,
    target: &Path,
) -> Result<(), Failure> {
    let manifest = published(fetcher, source, &record.model).await?;
    if manifest.size() != record.size {
        let (found, said) = (manifest.size(), record.size);
        return fail(format!("the manifest lists {found} bytes, and the record says {said}"));
    }
    fs::create_dir_all(part).map_err(at(part))?;
    for file in manifest.files() {
        let place = part.join(&file.path);
        let folder = place.parent().unwrap_or(part);
        fs::create_dir_all(folder).map_err(at(folder))?;
        let wanted = Expected { hash: file.hash, size: file.size };
        // An empty file is never asked for, and a whole one is only hashed again.
        fetcher.file(&source.below(&file.path), &place, wanted).await?;
    }
    super::write(&part.join(FILE_NAME), manifest.text().as_bytes())?;
    // A part of an earlier attempt may hold files that the manifest does not list.
    match manifest.first_difference(&weights::manifest(part)?) {
        Some(difference) => fail(format!("{}: {difference}", part.display())),
        None => fs::rename(part, target).map_err(at(target)),
    }
}

/// The published manifest of a directory at a source.
async fn published(fetcher: &Fetcher, source: &Source, id: &ModelId) -> Result<Manifest, Failure> {
    let place = source.below(FILE_NAME);
    let bytes = fetcher.text(&place, MAX_TEXT).await?;
    let wrong = || Failure::from(FetchError::Content { url: place.to_string() });
    manifest_of(id, &bytes).ok_or_else(wrong)
}

impl Verify {
    /// Recomputes the hash, and names the first difference.
    pub async fn run(self, global: &Global) -> Outcome {
        let id = self.which.id;
        let record = look(global).await?.model(&id).await?.model.record;
        if record.kind == WeightsKind::Endpoint {
            return fail("this model is an endpoint: its weights are unknown, and nobody can verify it");
        }
        let found = weights::read(&self.path)?;
        let path = self.path.display();
        if found.id == id {
            let text = format!("{path} is {}, {} bytes", label(&record.name), output::grouped(found.size));
            let value = json!({ "model": to_hex(&id), "verified": true, "size": found.size });
            return output::report(global, &text, value);
        }
        let difference = match (&found.manifest, record.kind) {
            (None, WeightsKind::Directory) => "it is a file, and the model is a directory".to_owned(),
            (Some(_), kind) if kind != WeightsKind::Directory => {
                "it is a directory, and the model is a file".to_owned()
            }
            (Some(found), _) => self.difference(&record, found).await,
            (None, _) if found.size != record.size => {
                format!("it has {} bytes, and the record says {}", found.size, record.size)
            }
            (None, _) => format!("it has the size of the model and another content, {}", to_hex(&found.id)),
        };
        fail(format!("{path} is not model {}: {difference}", to_hex(&id)))
    }

    /// The first difference of a directory, if the published manifest can be had.
    async fn difference(&self, record: &Record<Account>, found: &Manifest) -> String {
        let own = self.manifest.clone().unwrap_or_else(|| self.path.join(FILE_NAME));
        let mut published_one = fs::read(&own).ok().and_then(|bytes| manifest_of(&record.model, &bytes));
        let fetcher = Fetcher::new(self.allow_private).ok();
        for url in &record.urls {
            let source = Source::web(&String::from_utf8_lossy(url));
            let (None, Some(fetcher), Ok(source)) = (&published_one, &fetcher, source) else { continue };
            published_one = published(fetcher, &source, &record.model).await.ok();
        }
        match published_one.map(|manifest| manifest.first_difference(found)) {
            Some(Some(difference)) => plain(&difference.to_string()),
            Some(None) | None => format!(
                "it has {} bytes, and the record says {}; no published manifest was found that names the file \
                 (--manifest)",
                found.size(),
                record.size
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myelin_provenance::record::SHARES;
    use myelin_provenance::Contributor;

    #[test]
    fn names_on_this_machine_leave_no_folder() {
        let account = Account([1; 32]);
        let mut record = Record {
            publisher: account,
            model: [0xab; 32],
            kind: WeightsKind::Safetensors,
            size: 1,
            name: Vec::new(),
            parents: Vec::new(),
            contributors: vec![Contributor { account, share: SHARES }],
            run: None,
            licence: b"MIT".to_vec(),
            data: Vec::new(),
            urls: Vec::new(),
            aliases: Vec::new(),
        };
        let mut named = |name: &str, kind| {
            (record.name, record.kind) = (name.as_bytes().to_vec(), kind);
            file_name(&record)
        };
        assert_eq!(named("small", WeightsKind::Safetensors), "small.safetensors");
        assert_eq!(named("small.gguf", WeightsKind::Gguf), "small.gguf");
        assert_eq!(named("../../etc/passwd", WeightsKind::Own), "etc-passwd");
        assert_eq!(named("..", WeightsKind::Program), "abababababababab.wasm");
        assert_eq!(named("größe 1", WeightsKind::Directory), "gr--e-1");
    }
}

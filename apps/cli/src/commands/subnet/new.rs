//! `myelin subnet new`: a crate with a kind of subnet of the user's own.
//!
//! The template is `subnets/template` of the checkout whose SDK the crate will use: a crate of the workspace, compiled
//! and tested there like every other. It is copied with its names replaced. In `subnets/` of the checkout the copy
//! becomes a member of the workspace. Anywhere else it gets a manifest that stands alone: the SDK as path dependencies,
//! with the versions and the build profile that the SDK is tested with.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;
use toml::{Table, Value};

use crate::output::{self, fail, Failure, Outcome};
use crate::subnets::Kinds;
use crate::Global;

/// The template's names in its files: of the crate, of its library, of its types and its synapse.
const TEMPLATE: [&str; 3] = ["round-trip", "round_trip", "RoundTrip"];
/// Place of the template in a checkout.
const PLACE: &str = "subnets/template";
/// Longest name, so that lines with it stay readable.
const LONGEST: usize = 32;
/// Most files of a template, and most bytes of one, so that a wrong folder does not lead to copying a whole disk.
const MOST_FILES: usize = 100;
const MOST_BYTES: u64 = 1 << 20;
/// Folders that tools create beside sources.
const LEFT_BEHIND: [&str; 2] = ["target", "__pycache__"];
/// Words that the language reserves, or cargo for its folders.
const RESERVED: &str = "abstract alloc as async await become box break build const continue core crate deps do dyn else \
    enum examples extern false final fn for gen if impl in incremental let loop macro match mod move mut override priv \
    proc-macro pub ref return self static std struct super test trait true try type typeof unsafe unsized use virtual \
    where while yield";

/// The kind and the folder to write.
#[derive(Args)]
pub struct New {
    /// Name of the kind and of its crate: lower-case letters, digits and single hyphens. Type and synapse follow from
    /// it: `graph-colouring` makes `GraphColouring`.
    name: String,
    /// Folder of the crate; by default a folder of that name here. In `subnets/` of the checkout it joins the
    /// workspace.
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// Checkout with the SDK; by default the one that this command was built from.
    #[arg(long, value_name = "DIR")]
    sdk: Option<PathBuf>,
}

impl New {
    /// Writes the crate.
    pub fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        let sdk = Sdk::open(self.sdk.as_deref())?;
        let names = Names::of(&self.name, kinds, &sdk)?;
        let target = self.path.unwrap_or_else(|| PathBuf::from(&self.name));
        let (parent, folder) = (target.parent(), target.file_name());
        let parent = parent.filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let (Ok(parent), Some(folder)) = (parent.canonicalize(), folder) else {
            return fail(format!("{} cannot be made: there is no folder to put it in", target.display()));
        };
        let target = parent.join(folder);
        let member = parent == sdk.folder.join("subnets");
        let mut files = sdk.template(&names)?;
        if !member {
            sdk.make_independent(&mut files)?;
        }
        // This refuses a folder that exists.
        fs::create_dir(&target).map_err(|error| {
            let why = match error.kind() {
                std::io::ErrorKind::AlreadyExists => "it exists already; name another one with --path".into(),
                _ => error.to_string(),
            };
            Failure::new(format!("{} cannot be made: {why}", target.display()))
        })?;
        let written = write(&target, &files).and_then(|()| if member { sdk.join(folder) } else { Ok(()) });
        if let Err(error) = written {
            // Half a crate is useless.
            let _ = fs::remove_dir_all(&target);
            return Err(error);
        }
        let [name, _, synapse] = &names.0;
        let place = if member { "a member of the workspace" } else { "a workspace of its own" };
        let text = format!(
            "wrote the kind of subnet `{name}` to {}: {} files, {place}, on the SDK in {}\n\
             \n  cd {}\n  cargo test      builds it and its command `{name}`, and tries what it promises\n\n\
             docs/guides/add-a-subnet.md of the checkout leads from here to earning on a network",
            target.display(),
            files.len(),
            sdk.folder.display(),
            target.display(),
        );
        let value = json!({
            "name": name,
            "synapse": synapse,
            "path": target.display().to_string(),
            "sdk": sdk.folder.display().to_string(),
            "workspace_member": member,
            "files": files.iter().map(|(path, _)| path.display().to_string()).collect::<Vec<_>>(),
        });
        output::report(global, &text, value)
    }
}

/// Files of a crate: the path of each in it, and its text.
type Files = Vec<(PathBuf, String)>;

fn write(target: &Path, files: &Files) -> Outcome {
    for (path, text) in files {
        let path = target.join(path);
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        folder.and_then(|()| fs::write(&path, text)).map_err(|error| failed("writing", &path, &error))?;
    }
    Ok(())
}

/// The names of a new crate, which replace the template's.
struct Names([String; 3]);

impl Names {
    fn of(name: &str, kinds: &Kinds, sdk: &Sdk) -> Result<Self, Failure> {
        let refused = |why: &str| fail(format!("`{name}` can be no kind of subnet: {why}"));
        let letters = |part: &str| {
            !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        };
        if !name.split('-').all(letters) || !name.starts_with(|first: char| first.is_ascii_lowercase()) {
            return refused(
                "write lower-case letters, digits and single hyphens, a letter first, as in graph-colouring",
            );
        }
        if name.len() > LONGEST {
            return refused(&format!("a name has at most {LONGEST} characters"));
        }
        if RESERVED.split(' ').any(|word| word == name) {
            return refused("the language or cargo keeps that word to itself");
        }
        if kinds.find(name).is_ok() {
            return refused("there is one of that name");
        }
        if sdk.packages(name).next().is_some() {
            return refused("a package of the SDK has that name");
        }
        let camel = name.split('-').map(|part| {
            let (first, rest) = part.split_at(1);
            first.to_ascii_uppercase() + rest
        });
        Ok(Self([name.into(), name.replace('-', "_"), camel.collect()]))
    }

    fn put_into(&self, text: &str) -> String {
        let names = TEMPLATE.iter().zip(&self.0);
        names.fold(text.to_owned(), |text, (template, name)| text.replace(template, name))
    }
}

/// A checkout with SDK and template.
struct Sdk {
    folder: PathBuf,
    manifest: Table,
    lock: Table,
}

impl Sdk {
    fn open(folder: Option<&Path>) -> Result<Self, Failure> {
        let built_from = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
        let folder = folder.unwrap_or(built_from);
        let absent =
            || Failure::new(format!("{} is no checkout with the SDK; name one with --sdk", folder.display()));
        let folder = folder.canonicalize().map_err(|_| absent())?;
        let table = |file: &str| {
            let text = fs::read_to_string(folder.join(file)).ok();
            text.and_then(|text| text.parse::<Table>().ok()).ok_or_else(absent)
        };
        let (manifest, lock) = (table("Cargo.toml")?, table("Cargo.lock")?);
        if !folder.join(PLACE).join("Cargo.toml").is_file() {
            return Err(absent());
        }
        Ok(Self { folder, manifest, lock })
    }

    fn read(&self, file: &str) -> Result<String, Failure> {
        let path = self.folder.join(file);
        fs::read_to_string(&path).map_err(|error| failed("reading", &path, &error))
    }

    /// The template's files with other names in them.
    fn template(&self, names: &Names) -> Result<Files, Failure> {
        let root = self.folder.join(PLACE);
        let (mut files, mut folders) = (Files::new(), vec![root.clone()]);
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).map_err(|error| failed("reading", &folder, &error))? {
                let path = entry?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                if name.starts_with('.') || LEFT_BEHIND.contains(&&*name) {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let size = path.metadata().map_or(u64::MAX, |data| data.len());
                if size > MOST_BYTES || files.len() >= MOST_FILES {
                    return fail(format!(
                        "{} is more than a template; name a checkout with --sdk",
                        path.display()
                    ));
                }
                let text = fs::read_to_string(&path).map_err(|error| failed("reading", &path, &error))?;
                let within = path.strip_prefix(&root).unwrap_or(&path).to_string_lossy().into_owned();
                files.push((names.put_into(&within).into(), names.put_into(&text)));
            }
        }
        files.sort();
        Ok(files)
    }

    /// Makes a crate of the workspace independent.
    fn make_independent(&self, files: &mut Files) -> Outcome {
        for (path, text) in files.iter_mut() {
            if path == Path::new("Cargo.toml") {
                *text = self.independent_manifest(text)?;
            }
        }
        // The versions that the SDK is tested with; cargo drops the unused ones.
        files.push(("Cargo.lock".into(), self.read("Cargo.lock")?));
        files.push(("rustfmt.toml".into(), self.read("rustfmt.toml")?));
        files.push((".gitignore".into(), "/target\n/.myelin\n".into()));
        Ok(())
    }

    /// The manifest with the values of the workspace written out.
    fn independent_manifest(&self, manifest: &str) -> Result<String, Failure> {
        let workspace = |path: [&str; 2]| self.manifest.get("workspace")?.get(path[0])?.get(path[1]);
        let missing =
            |what: &str| Failure::new(format!("the workspace of {} has no {what}", self.folder.display()));
        let (mut text, mut section) = (String::new(), "");
        let mut needed = Vec::new();
        for line in manifest.lines() {
            let header = line.starts_with('[');
            if header {
                section = line;
            }
            let entry =
                line.parse::<Table>().ok().filter(|_| !header).and_then(|table| table.into_iter().next());
            let line = match (section, entry) {
                // The lints are those of the workspace.
                ("[lints]", _) => continue,
                ("[package]", Some((key, Value::Table(_)))) => {
                    let value = workspace(["package", &key]).ok_or_else(|| missing(&key))?;
                    format!("{key} = {value}")
                }
                ("[dependencies]" | "[dev-dependencies]", Some((name, value))) => {
                    let known = workspace(["dependencies", &name]).ok_or_else(|| missing(&name))?;
                    needed.push(name.clone());
                    format!("{name} = {}", self.written_out(known, &value))
                }
                _ => line.to_owned(),
            };
            let _ = writeln!(text, "{line}");
        }
        text.push_str("\n# A workspace of its own, wherever this folder is.\n[workspace]\n");
        text.push_str(&self.profile(needed));
        Ok(text)
    }

    /// A dependency as the workspace has it, with the additional features of the crate.
    fn written_out(&self, known: &Value, asked: &Value) -> Value {
        let mut all = match known {
            Value::Table(table) => table.clone(),
            version => Table::from_iter([("version".to_owned(), version.clone())]),
        };
        if let Some(path) = all.get("path").and_then(Value::as_str) {
            let path = self.folder.join(path).display().to_string();
            all.insert("path".into(), path.into());
        }
        let features = |of: Option<&Value>| of.and_then(Value::as_array).cloned().unwrap_or_default();
        let mut both = features(all.get("features"));
        both.extend(features(asked.get("features")));
        both.dedup();
        if !both.is_empty() {
            all.insert("features".into(), both.into());
        }
        match all.get("version") {
            Some(version) if all.len() == 1 => version.clone(),
            _ => all.into(),
        }
    }

    /// The build profile of the SDK, for the needed packages.
    fn profile(&self, needed: Vec<String>) -> String {
        let mut text =
            String::from("\n# As in the SDK: what is tested and measured there is what runs here.\n");
        let dev =
            self.manifest.get("profile").and_then(|profile| profile.get("dev")).and_then(Value::as_table);
        let (of_packages, of_all): (Vec<_>, Vec<_>) =
            dev.into_iter().flatten().partition(|(_, value)| value.is_table());
        text.push_str("[profile.dev]\n");
        for (key, value) in of_all {
            let _ = writeln!(text, "{key} = {value}");
        }
        text.push_str("\n[profile.dev.package]\n");
        let graph = self.graph(needed);
        for (name, settings) in of_packages.into_iter().filter_map(|(_, table)| table.as_table()).flatten() {
            if graph.contains(name) {
                let _ = writeln!(text, "{name} = {settings}");
            }
        }
        text
    }

    /// All packages that these depend on, by the lock file.
    fn graph(&self, mut open: Vec<String>) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        while let Some(name) = open.pop() {
            let packages = self.packages(&name).filter_map(|package| package.get("dependencies")?.as_array());
            for dependency in packages.flatten().filter_map(Value::as_str) {
                // A name, and the part that tells it from others of that name.
                open.extend(
                    dependency.split(' ').next().filter(|name| !found.contains(*name)).map(str::to_owned),
                );
            }
            found.insert(name);
        }
        found
    }

    /// The packages of a name, in all versions.
    fn packages<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Value> {
        let packages = self.lock.get("package").and_then(Value::as_array).into_iter().flatten();
        packages.filter(move |package| package.get("name").and_then(Value::as_str) == Some(name))
    }

    /// Adds a folder of `subnets/` to the members of the workspace, after the present ones.
    fn join(&self, folder: &std::ffi::OsStr) -> Outcome {
        let path = self.folder.join("Cargo.toml");
        let text = self.read("Cargo.toml")?;
        let member = format!("    \"subnets/{}\",\n", folder.to_string_lossy());
        let Some(last) = text.rfind("\n    \"subnets/") else {
            return fail(format!(
                "{} lists no subnets; add {} to its members by hand",
                path.display(),
                member.trim()
            ));
        };
        let end = text[last + 1..].find('\n').map_or(text.len(), |end| last + 1 + end + 1);
        let joined = [&text[..end], &member, &text[end..]].concat();
        fs::write(&path, joined).map_err(|error| failed("writing", &path, &error))
    }
}

fn failed(attempted: &str, path: &Path, found: &std::io::Error) -> Failure {
    Failure::new(format!("{attempted} {}: {found}", path.display()))
}

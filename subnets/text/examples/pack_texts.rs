//! Packs the public texts: `cargo run -p myelin-text --example pack_texts -- CHECKOUT FILE`.
//!
//! Takes sources and pages of a checkout of this repository. The packed file does not show where the checkout lies.

use std::{
    error::Error,
    path::{Path, PathBuf},
};

use myelin_lm::corpus::{clean, Corpus, Document};
use myelin_wire::hash::{blake2_256, to_hex};

/// Folders whose sources are taken, and those whose pages are.
const CODE: [&str; 5] = ["core", "sdk", "ml", "subnets", "apps"];
const PROSE: [&str; 4] = ["docs", "subnets", "sdk", "core"];
/// Pages at the top.
const PAGES: [&str; 4] = ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "GLOSSARY.md"];
/// Longer files are left out.
const LONGEST: usize = 12 << 10;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(checkout), Some(file)) = (arguments.next(), arguments.next()) else {
        return Err("usage: pack_texts CHECKOUT FILE".into());
    };
    let checkout = Path::new(&checkout);
    let mut paths: Vec<PathBuf> = PAGES.map(PathBuf::from).to_vec();
    for folder in CODE {
        collect(checkout, Path::new(folder), "rs", &mut paths)?;
    }
    for folder in PROSE {
        collect(checkout, Path::new(folder), "md", &mut paths)?;
    }
    paths.sort();
    let mut documents = Vec::new();
    for path in paths {
        let bytes = std::fs::read(checkout.join(&path))?;
        let page = path.extension().is_some_and(|extension| extension == "md");
        if let Some(text) = clean(&bytes).filter(|text| page || text.len() <= LONGEST) {
            documents.push(Document { label: path.display().to_string(), text });
        }
    }
    let bytes = Corpus { documents }.to_bytes();
    let packed = miniz_oxide::deflate::compress_to_vec(&bytes, 10);
    println!("{} bytes, packed {}, hash {}", bytes.len(), packed.len(), to_hex(&blake2_256(&bytes)));
    Ok(std::fs::write(file, packed)?)
}

/// The files below a folder with such an end, without tests and build output.
fn collect(
    checkout: &Path,
    folder: &Path,
    ending: &str,
    paths: &mut Vec<PathBuf>,
) -> Result<(), Box<dyn Error>> {
    for entry in std::fs::read_dir(checkout.join(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() && !matches!(&*name, "tests" | "target" | "examples" | "benches") {
            collect(checkout, &path, ending, paths)?;
        } else if name.ends_with(&format!(".{ending}")) && name != "tests.rs" {
            paths.push(path);
        }
    }
    Ok(())
}

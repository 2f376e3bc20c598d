//! `myelin subnet test`: tests the promises of a kind of subnet to everybody who mines, judges or pays for it.

use std::path::{Path, PathBuf};

use clap::Args;
use myelin_subnet::testkit::{table, Finding};
use myelin_wire::hash::blake2_256;
use myelin_wire::seed::Seed;
use serde_json::json;

use crate::output::{self, fail, Failure, Outcome};
use crate::subnets::Kinds;
use crate::Global;

/// Lines of a README around the table.
const BEGIN: &str = "<!-- subnet test: written by the command, not by hand -->";
const END: &str = "<!-- end of subnet test -->";

/// The kind to test.
#[derive(Args)]
pub struct Test {
    /// The kind of subnet.
    #[arg(value_name = "NAME")]
    kind: String,
    /// Seed of all draws.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the table into this file, between the lines that mark its place, or at its end.
    #[arg(long, value_name = "FILE")]
    readme: Option<PathBuf>,
}

impl Test {
    /// Tests every promise; fails if one is not kept.
    pub fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        let kind = kinds.find(&self.kind)?;
        // The file is checked before minutes are spent.
        let readme = self.readme.as_deref().map(|path| Ok::<_, Failure>((path, read(path)?))).transpose()?;
        let seed = Seed(blake2_256(format!("myelin/subnet-test/1 {}", self.seed).as_bytes()));
        let mut tell = |finding: &Finding| {
            if !global.json {
                crate::output::say!(
                    "{} {}\n      {}",
                    if finding.kept { "kept  " } else { "BROKEN" },
                    finding.promise,
                    finding.seen
                );
                finding.remarks.iter().for_each(|remark| crate::output::say!("      {remark}"));
            }
        };
        let findings = kind.test(&seed, &mut tell)?;
        if let Some((path, text)) = readme {
            let text = with_table(&text, &self.kind, self.seed, &findings);
            let written = std::fs::write(path, text);
            written.map_err(|error| Failure::new(format!("writing {}: {error}", path.display())))?;
        }
        if global.json {
            let value_of = |finding: &Finding| {
                let Finding { promise, seen, remarks, kept } = finding;
                json!({ "promise": promise, "seen": seen, "remarks": remarks, "kept": kept })
            };
            output::json(&findings.iter().map(value_of).collect::<Vec<_>>())?;
        }
        match findings.iter().filter(|finding| !finding.kept).count() {
            0 => Ok(()),
            broken => {
                fail(format!("{broken} of {} promises of `{}` are not kept", findings.len(), self.kind))
            }
        }
    }
}

fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path)
        .map_err(|error| Failure::new(format!("reading {}: {error}", path.display())))
}

/// The text with the table in its place.
fn with_table(text: &str, kind: &str, seed: u64, findings: &[Finding]) -> String {
    let block =
        format!("{BEGIN}\n\nBy `myelin subnet test {kind} --seed {seed}`:\n\n{}\n{END}", table(findings));
    let old = text.find(BEGIN).and_then(|begin| {
        let end = begin + text[begin..].find(END)?;
        Some(begin..end + END.len())
    });
    match old {
        Some(old) => [&text[..old.start], &block, &text[old.end..]].concat(),
        None => format!("{}\n\n{block}\n", text.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_replaces_the_one_before_it() {
        let finding = |seen: &str| Finding::new("it holds", seen, true);
        let once = with_table("# Title\n\ntext\n", "analysis", 1, &[finding("first")]);
        assert!(
            once.starts_with("# Title\n\ntext\n\n<!-- subnet test")
                && once.contains("| it holds | first | yes |")
        );
        let below = format!("{once}\nmore\n");
        let remarks = vec!["A remark.".into(), "Another.".into()];
        let second = Finding { remarks, ..finding("second") };
        let twice = with_table(&below, "analysis", 2, &[second, finding("third")]);
        let list = format!("| it holds | third | yes |\n\n- A remark.\n- Another.\n\n{END}");
        assert!(twice.contains(&list), "{twice}");
        assert!(
            twice.contains("second") && !twice.contains("first") && twice.ends_with("\nmore\n"),
            "{twice}"
        );
    }
}

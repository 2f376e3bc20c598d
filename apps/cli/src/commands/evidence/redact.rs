//! `myelin evidence redact`: deletes customers' texts from an epoch, whose root stays as it is.

use std::path::PathBuf;

use clap::Args;
use myelin_subnet::evidence::{Deleted, Deletion};
use myelin_subnet::validator::deletion::now;
use serde_json::json;

use super::evidence_folder;
use crate::output::{ask, fail, json, propose, say, Outcome};
use crate::Global;

/// The texts to delete.
#[derive(Args)]
pub struct Redact {
    /// Folder with the evidence: `evidence` in a validator's folder, or a copy of it.
    #[arg(long, value_name = "DIR")]
    evidence: PathBuf,
    /// The epoch. It must not be the newest in the folder, which may still be judged.
    #[arg(long)]
    epoch: u64,
    /// All tasks that are made of customers' requests; the default.
    #[arg(long, conflicts_with = "task")]
    customers: bool,
    /// A task that is made of a customer's request: reference of its seed, 64 hexadecimal digits, and its number. May
    /// be repeated. Tasks of the validator's own are refused.
    #[arg(long, value_name = "SEED:NUMBER", value_parser = task)]
    task: Vec<(String, u16)>,
}

impl Redact {
    /// Deletes, and says how much.
    pub fn run(self, global: &Global) -> Outcome {
        let (epoch, place) = (self.epoch, self.evidence.display());
        let folder = evidence_folder(&self.evidence)?;
        let epochs = folder.epochs();
        if !epochs.contains(&epoch) {
            return fail(format!("{place} has no evidence of epoch {epoch}, only of epochs {epochs:?}"));
        }
        if folder.is_public_part(epoch) {
            return fail(format!("epoch {epoch} in {place} is a public part of evidence, without any text"));
        }
        if epochs.last() == Some(&epoch) {
            return fail(format!(
                "epoch {epoch} is the newest in {place} and may still be judged; delete from it once the next one has \
                 begun"
            ));
        }
        let which = match self.customers || self.task.is_empty() {
            true => Deletion::Customers,
            false => Deletion::Tasks(self.task),
        };
        let what = match &which {
            Deletion::Customers => "all texts of customers".to_owned(),
            Deletion::Tasks(tasks) => format!("the texts of {} tasks", tasks.len()),
        };
        propose(
            &format!("this deletes {what} in epoch {epoch} of {place}; there is no way back"),
            global.yes,
        )?;
        ask(global.yes)?;
        let Deleted { tasks, all, files } = folder.delete(epoch, &which, now())?;
        if global.json {
            return json(&json!({
                "epoch": epoch, "deleted": tasks, "deleted_in_all": all, "files": files
            }));
        }
        say!(
            "epoch {epoch}: texts of {tasks} tasks of customers deleted, {all} in all; {files} files removed"
        );
        say!("root, records, signatures and weights stay as they are; auditors are told how many records these are");
        Ok(())
    }
}

/// Reads the name of a task.
fn task(text: &str) -> Result<(String, u16), String> {
    let wrong = || format!("`{text}` is no task such as SEED:3, where SEED has 64 hexadecimal digits");
    let (seed, number) = text.split_once(':').ok_or_else(wrong)?;
    let is_hash = seed.len() == 64 && seed.bytes().all(|letter| letter.is_ascii_hexdigit());
    match (is_hash, number.parse()) {
        (true, Ok(number)) => Ok((seed.to_ascii_lowercase(), number)),
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_named_by_seed_and_number() {
        let seed = "aB".repeat(32);
        assert_eq!(task(&format!("{seed}:7")), Ok(("ab".repeat(32), 7)));
        for wrong in
            ["", "7", &seed, &format!("{seed}:"), &format!("{seed}:70000"), "ab:7", &format!("0x{seed}:7")]
        {
            assert!(task(wrong).is_err(), "{wrong}");
        }
    }
}

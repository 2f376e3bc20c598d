//! An auditor of the demo: recomputes the last epoch from proofs, and a copy of the evidence with a lie in it.

use std::path::Path;
use std::process::Command;

use myelin_chain_client::ChainClient;
use myelin_subnet::evidence::EvidenceFolder;
use myelin_wire::record::Ppm;
use serde::Serialize;

use super::actors::evidence;
use super::play::Play;
use super::promises::Promise;
use super::stage::Stage;
use crate::output::{at, fail, Failure};

/// Findings of an auditor who has a validator's evidence, and trusts the hash of the first block alone.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Audit {
    /// The epoch that was recomputed.
    pub epoch: u64,
    /// The validator whose evidence was judged again.
    pub validator: String,
    /// Whether the epoch, and the validator's part in it, follow from the evidence.
    pub confirmed: bool,
    /// The auditor's words about it.
    pub said: String,
    /// The change that was planted in a copy of the evidence.
    pub lie: String,
    /// Whether the auditor refused the copy.
    pub caught: bool,
    /// The auditor's words about the copy.
    pub said_of_lie: String,
}

/// Audits the last final epoch of a subnet with the evidence of its first validator.
pub async fn audit(chain: &ChainClient, stage: &Stage, folder: &Path) -> Result<Audit, Failure> {
    let Some(validator) = stage.validators().next() else { return fail("there is no validator to audit") };
    let at_end = chain.finalized_block().await?.hash;
    let next: Option<u64> =
        chain.storage("SubtensorModule", "SubnetEpochIndex", &[stage.netuid.into()], Some(at_end)).await?;
    let epoch = next.unwrap_or_default().saturating_sub(1);
    let honest = evidence(folder, validator, stage);
    let copy = EvidenceFolder { path: folder.join("state/audited"), keep: usize::MAX };
    copy_folder(&honest.path, &copy.path)?;
    // Weights count an epoch after they were committed to.
    let (lie, round) = plant(&copy, epoch.saturating_sub(1))?;
    let verify = |evidence: &Path| {
        let mut command = Command::new(std::env::current_exe()?);
        command.args(["--endpoint", chain.url(), "evidence", "verify"]);
        command.args(["--netuid", &stage.netuid.to_string(), "--epoch", &epoch.to_string()]);
        command.args(["--genesis", &chain.genesis_hash().to_string(), "--kind", stage.play.kind]);
        command.args(judged_by(stage.play)).arg("--full").arg("--evidence").arg(evidence);
        let output = command.output()?;
        let said = [output.stdout, output.stderr].concat();
        Ok::<_, Failure>((output.status.success(), String::from_utf8_lossy(&said).trim().to_string()))
    };
    let (confirmed, said) = verify(&honest.path)?;
    let (believed, said_of_lie) = verify(&copy.path)?;
    let (validator, caught) = (validator.name.clone(), !believed && names(&said_of_lie, round));
    Ok(Audit { epoch, validator, confirmed, said, lie, caught, said_of_lie })
}

/// The options of a play's validators that an auditor needs as well: all but the load, which judges nobody.
fn judged_by(play: &Play) -> Vec<String> {
    let mut options = Vec::new();
    let lines = play.judging.lines().filter_map(|line| line.split_once(" = "));
    for (name, value) in lines.filter(|(name, _)| *name != "load") {
        options.push(format!("--{name}"));
        if value != "true" {
            options.push(value.trim_matches('"').to_string());
        }
    }
    options
}

/// Whether the auditor found a fault in the records of this round, not only another root or no answer of the node.
fn names(said: &str, round: u16) -> bool {
    said.contains(&format!("round {round}: "))
}

/// Gives the worst answer of a round the best score. Returns the lie in words, and the round.
fn plant(folder: &EvidenceFolder, epoch: u64) -> Result<(String, u16), Failure> {
    for round in folder.rounds(epoch) {
        let mut records = folder.records(epoch, round)?;
        let best = records.iter().map(|record| record.score).max().unwrap_or(Ppm::ZERO);
        let Some(worst) = records.iter_mut().min_by_key(|record| record.score) else { continue };
        if worst.score == best {
            continue;
        }
        let [given, wanted] = [best, worst.score].map(|score| f64::from(score.get()) / 1e6);
        let lie = format!(
            "uid {} got {given} instead of {wanted} for task {} of round {round} of epoch {epoch}",
            worst.miner_uid, worst.task
        );
        worst.score = best;
        folder.write_records(epoch, round, records.iter())?;
        return Ok((lie, round));
    }
    fail(format!("no round of epoch {epoch} has two scores in {}", folder.path.display()))
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(to).map_err(at(to))?;
    for entry in std::fs::read_dir(from).map_err(at(from))? {
        let entry = entry?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        match entry.file_type()?.is_dir() {
            true => copy_folder(&path, &copy)?,
            false => std::fs::copy(&path, &copy).map(|_| ()).map_err(at(&path))?,
        }
    }
    Ok(())
}

/// An auditor confirms what is true, and refuses a lie.
pub fn promise(audit: &Audit) -> Promise {
    let told = |said: &str| said.lines().last().unwrap_or_default().trim().to_string();
    Promise {
        promise: "an auditor with evidence and proofs confirms an epoch, and catches a planted lie".into(),
        kept: audit.confirmed && audit.caught,
        found: format!(
            "epoch {} {}; the lie ({}) was {}: {}",
            audit.epoch,
            if audit.confirmed {
                "follows".into()
            } else {
                format!("does not follow: {}", told(&audit.said))
            },
            audit.lie,
            if audit.caught { "caught" } else { "believed" },
            told(&audit.said_of_lie)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_auditor_judges_by_the_options_of_the_validators() {
        assert_eq!(judged_by(Play::ALL[0]), ["--verifiable", "0"]);
        let graded = Play::of("graded").expect("it exists");
        assert_eq!(judged_by(graded), ["--public-phrases", "--verifiable", "8"]);
    }

    #[test]
    fn a_believed_lie_and_an_unconfirmed_epoch_break_the_promise() {
        let audit = |confirmed, caught| Audit { confirmed, caught, ..Audit::default() };
        assert!(promise(&audit(true, true)).kept);
        assert!(!promise(&audit(true, false)).kept && !promise(&audit(false, true)).kept);
    }
}

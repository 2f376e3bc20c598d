//! `myelin evidence`: checks what validators kept, and what the chain made of it.

mod claims;
mod contest;
mod document;
mod fetch;
mod held;
mod opening;
mod redact;
mod replay;
mod report;
mod rooted;
mod source;
mod verify;

use std::io::ErrorKind;
use std::path::Path;

use clap::Subcommand;
use myelin_subnet::evidence::EvidenceFolder;

use crate::output::{at, fail, Failure, Outcome};
use crate::subnets::Kinds;
use crate::Global;

pub use replay::Replay;
pub use report::{epochs, results};

/// A folder of evidence whose epochs can be read. A folder that is not there, or may not be read, is an error.
fn evidence_folder(path: &Path) -> Result<EvidenceFolder, Failure> {
    let names = match std::fs::read_dir(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return fail(format!(
                "there is no folder {}; name the folder `evidence` of a validator",
                path.display()
            ));
        }
        names => names.map_err(at(path))?,
    };
    for name in names {
        let name = name.map_err(at(path))?;
        if name.file_name().to_string_lossy().starts_with("epoch-") {
            std::fs::read_dir(name.path()).map_err(at(&name.path()))?;
        }
    }
    Ok(EvidenceFolder { path: path.to_owned(), keep: usize::MAX })
}

/// Evidence.
#[derive(Subcommand)]
pub enum Evidence {
    /// Recomputes an epoch from proved state, from weights and stakes to what everybody was paid, and compares it with
    /// what the chain stored. The node is not trusted. With evidence of validators, their weights are checked as well.
    #[command(after_help = "Examples:\n  \
        myelin evidence verify --netuid 2 --epoch 42\n  \
        myelin evidence verify --netuid 2 --epoch 42 --genesis 0x4ad1…\n  \
        myelin evidence verify --netuid 2 --epoch 42 --checkpoint 0x91c0… --json\n  \
        myelin evidence verify --netuid 2 --epoch 42 --kind analysis --evidence .myelin/validator/evidence --full\n  \
        myelin evidence verify --netuid 2 --epoch 42 --others .myelin/validator/held\n  \
        myelin evidence verify --netuid 2 --epoch 42 --write epoch-42.json\n  \
        myelin evidence verify --from epoch-42.json --genesis 0x4ad1…\n\n\
        Checks of evidence: root, rules, blocks of the seeds, standings, and the scores of some or all rounds. Claims of \
        several validators that miners gave no answer are compared. The result can be written to a file, which others \
        verify without a node.")]
    Verify(Box<verify::Verify>),
    /// Judges a validator's evidence again, compares every score, and checks seeds and signatures. A copy of the folder
    /// suffices; no key is needed.
    #[command(after_help = "Examples:\n  \
        myelin evidence replay --kind analysis .myelin/validator/evidence\n  \
        myelin evidence replay --kind text --verifiable 0 --epoch 42 --offline copy/of/evidence")]
    Replay(Box<Replay>),
    /// Deletes customers' texts from an epoch of a validator's evidence: requests, answers, and what was accepted.
    /// Root, records and proofs stay valid. Auditors see how many records cannot be judged again. There is no way back.
    #[command(after_help = "Examples:\n  \
        myelin evidence redact --evidence .myelin/validator/evidence --epoch 42\n  \
        myelin evidence redact --evidence .myelin/validator/evidence --epoch 42 --yes --json\n\n\
        `myelin validator run --keep-customer-texts` does this by itself.")]
    Redact(redact::Redact),
    /// Writes a report for compliance readers as HTML or JSON. It says who judged what, by which rubric, and which
    /// models answered. Beside each statement stands the command that verifies it.
    #[command(after_help = "Examples:\n  \
        myelin evidence report --netuid 2 --epoch 42 --evidence .myelin/validator/evidence --out report.html\n  \
        myelin evidence report --netuid 2 --epochs 40..42 --evidence copy/of/evidence --json")]
    Report(report::Report),
    /// Checks a miner's objection to scores that say that no answer came: the validator's signature, the miner's
    /// answer, and its root on the chain.
    #[command(
        after_help = "Examples:\n  myelin evidence contest contest.json\n  myelin evidence contest contest.json --json\n\n\
        `myelin miner scores --contest FILE` writes such a file. The node's word is taken for the root."
    )]
    Contest(contest::Check),
    /// Fetches the public part of a validator's epoch, from the validator or from another one that holds it, and checks
    /// it against the root on the chain. No key is needed.
    #[command(after_help = "Examples:\n  \
        myelin evidence fetch --netuid 2 --epoch 42 --validator 1 --out fetched\n  \
        myelin evidence fetch --netuid 2 --epoch 42 --validator 1 --from 3 --out fetched --json")]
    Fetch(fetch::Fetch),
}

impl Evidence {
    /// Runs the verb.
    pub async fn run(self, global: &Global, kinds: &Kinds) -> Outcome {
        match self {
            Evidence::Verify(verify) => verify.run(global, kinds).await,
            Evidence::Replay(replay) => replay.run(global, kinds).await,
            Evidence::Redact(redact) => redact.run(global),
            Evidence::Report(report) => report.run(global, kinds).await,
            Evidence::Contest(check) => check.run(global).await,
            Evidence::Fetch(fetch) => fetch.run(global).await,
        }
    }
}

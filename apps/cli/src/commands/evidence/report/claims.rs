//! Claims of several validators that miners gave no answer, in a report.

use myelin_abi::Account;
use myelin_audit::claims::Alone;
use myelin_chain_client::Metagraph;
use myelin_subnet::evidence::EvidenceFolder;
use myelin_wire::record::miner_digest;
use serde_json::Value;

use super::super::claims::{Compared, Found, Gathered, Told, Word};
use super::chain::Asking;
use super::checks::Checks;
use super::compose::MOST_ROWS;
use super::document::{Cell, Column, Fact, Row, Table, Unit};
use crate::output::Failure;

/// Compares the claims of an epoch in all folders. The node's word is taken for roots and uids.
pub async fn compare(
    folders: &[EvidenceFolder],
    asking: &Asking<'_>,
    graph: &Metagraph,
    epoch: u64,
) -> Result<Compared, Failure> {
    let netuid = asking.track.netuid;
    let mut gathered = Gathered::default();
    for folder in folders {
        let Some(told) = Told::read(folder, netuid, epoch)? else { continue };
        let hotkey = Account(told.signer);
        let checked = match asking.root_of(&hotkey, epoch).await? {
            Some(root) => told.check(folder, netuid, epoch, root.root),
            None => Err(format!("the chain has no root of it for epoch {epoch} any longer")),
        };
        gathered.take(told, checked, graph.by_hotkey(&hotkey).map(|neuron| neuron.uid));
    }
    let mut compared = gathered.compare(epoch);
    for found in &mut compared.found {
        let (uid, digest) = found.alone.miner;
        let miner =
            graph.neurons.iter().find(|neuron| neuron.uid == uid && miner_digest(&neuron.hotkey.0) == digest);
        if let Some(miner) = miner {
            found.word = Word::of(&asking.answer_roots(&miner.hotkey).await?, epoch);
        }
    }
    Ok(compared)
}

/// Statements about a comparison, with the command that makes it from proved state.
pub fn facts(compared: &Compared, checks: &Checks, counted: u64) -> Vec<Fact> {
    let verify = checks.claims(counted);
    let fact = |id, name, value: Value| Fact::new(id, name, value, &[&verify]);
    vec![
        fact("claims.validators", "Validators whose claims were compared", compared.validators.clone().into())
            .noted("By uid. Their records are those under their roots on the chain."),
        fact("claims.left_out", "Evidence that was not compared", compared.left_out.clone().into()),
        fact("claims.pairs", "Pairs of a validator and a miner that were compared", compared.pairs.into()),
        fact("claims.alone", "Of them with claims that stand alone", compared.found.len().into()).noted(
            "A broken line between the two, or a miner that does not serve the validator, looks like claims that are \
             made up.",
        ),
    ]
}

/// The claims that stand alone; `None` if there is none.
pub fn table(compared: &Compared, verify: Vec<String>) -> Option<Table> {
    (!compared.found.is_empty()).then(|| Table {
        id: "claims",
        caption: format!(
            "Claims of epoch {} that a miner gave no answer, which the other validators do not make",
            compared.epoch
        ),
        columns: vec![
            Column::plain("validator", "validator"),
            Column::plain("miner", "miner"),
            Column::plain("asked", "requests"),
            Column::plain("denied", "without an answer"),
            Column::of("median", "median of the others", Unit::Millionths),
            Column::plain("others", "others"),
            Column::plain("chance", "chance without a difference"),
            Column::plain("signed", "answers under the miner's root"),
            Column::plain("received", "answers that these validators got"),
        ],
        rows: compared.found.iter().take(MOST_ROWS).map(row).collect(),
        left_out: compared.found.len().saturating_sub(MOST_ROWS),
        verify,
    })
}

fn row(Found { alone, word }: &Found) -> Row {
    let Alone { validator, miner, own, median, others, received, chance } = *alone;
    let signed = match word {
        Word::Answers(answers) => (*answers).into(),
        Word::Away => Cell::Unknown("the miner has no root of the epoch, which says that it was away".into()),
        Word::Nothing => Cell::Unknown("the chain has no root of the miner".into()),
    };
    let mut row = Row::default();
    row.cells.extend([
        ("validator", validator.into()),
        ("miner", miner.0.into()),
        ("asked", own.asked.into()),
        ("denied", own.denied.into()),
        ("median", median.into()),
        ("others", others.into()),
        ("chance", format!("{chance:.0e}").into()),
        ("signed", signed),
        ("received", received.into()),
    ]);
    row
}

//! Follows the chain and takes a snapshot of a subnet after each of its epochs.

use std::time::{Duration, Instant};

use myelin_chain_client::ChainClient;
use myelin_units::{storage_index, AlphaBalance};

use super::proof;
use super::report::{Epoch, Neuron, Scores};
use super::stage::Stage;
use crate::output::{address, alpha, share, tao, Failure};

/// Waits for the first block after the next epoch of any subnet. Returns the subnet and its state in that block.
///
/// `after` holds the last known epoch of each subnet. `tick` is called about twice a second, and may stop the wait with
/// a failure.
pub async fn next_epoch(
    chain: &ChainClient,
    stages: &[Stage],
    after: &[u64],
    limit: Duration,
    mut tick: impl FnMut() -> Result<(), Failure>,
) -> Result<(usize, Epoch), Failure> {
    let started = Instant::now();
    loop {
        let mut newest = 0;
        for (index, (stage, after)) in stages.iter().zip(after).enumerate() {
            let graph = chain.metagraph(stage.netuid, None).await?;
            if graph.last_epoch > *after {
                return Ok((index, snapshot(chain, stage, graph.last_epoch).await?));
            }
            newest = graph.block;
        }
        tick()?;
        if started.elapsed() > limit {
            return Err(Failure::new(format!(
                "no epoch within {} s; the newest block is {newest}",
                limit.as_secs(),
            )));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// The state of the subnet in one block.
pub async fn snapshot(chain: &ChainClient, stage: &Stage, block: u64) -> Result<Epoch, Failure> {
    let hash = chain.block_hash(block).await?;
    let graph = chain.metagraph(stage.netuid, Some(hash)).await?;
    let price: u64 = chain
        .runtime_call("SwapRuntimeApi_current_alpha_price", &stage.netuid.to_le_bytes(), Some(hash))
        .await?;
    let submitted: Option<Vec<u16>> = match stage.play.mechanisms() {
        1 => None,
        _ => {
            let index = storage_index(stage.netuid, 1).into();
            chain.storage("SubtensorModule", "Incentive", &[index], Some(hash)).await?
        }
    };
    let mut neurons = Vec::new();
    for neuron in &graph.neurons {
        let weights: Option<Vec<(u16, u16)>> = chain
            .storage("SubtensorModule", "Weights", &[stage.netuid.into(), neuron.uid.into()], Some(hash))
            .await?;
        // AccountInfo: four counters, then free TAO.
        type Info = ([u32; 4], [u64; 3], u128);
        let account: Option<Info> =
            chain.storage("System", "Account", &[(&neuron.coldkey).into()], Some(hash)).await?;
        let stake: Option<AlphaBalance> = chain
            .storage(
                "SubtensorModule",
                "TotalHotkeyAlpha",
                &[(&neuron.hotkey).into(), stage.netuid.into()],
                Some(hash),
            )
            .await?;
        neurons.push(Neuron {
            uid: neuron.uid,
            hotkey: address(&neuron.hotkey),
            coldkey: address(&neuron.coldkey),
            incentive: neuron.incentive,
            incentive_of_mechanism_1: submitted
                .as_ref()
                .map(|shares| shares.get(usize::from(neuron.uid)).copied().unwrap_or_default()),
            dividends: neuron.dividends,
            emission_rao: neuron.emission.to_rao(),
            stake_rao: stake.unwrap_or_default().to_rao(),
            balance_rao: account.map_or(0, |info| info.1[0]),
            weights: weights.unwrap_or_default(),
        });
    }
    let validators: Vec<u16> = stage.validators().map(|actor| actor.uid).collect();
    let judged = neurons.iter().any(|neuron| validators.contains(&neuron.uid) && !neuron.weights.is_empty());
    let earned = neurons.iter().any(|neuron| neuron.incentive > 0);
    let proofs = match stage.demands_proof() {
        true => Some(proof::proofs(chain, stage, &graph, hash).await?),
        false => None,
    };
    let hash = hash.to_string();
    Ok(Epoch { block, hash, from_weights: judged && earned, price_rao: price, neurons, proofs })
}

/// A miner's score as text; validators have none.
pub fn score(scores: &Scores, uid: u16) -> String {
    scores.get(&uid).map(|score| format!("{score:.3}")).unwrap_or_default()
}

/// The epoch as a table for people.
pub fn table(stage: &Stage, epoch: &Epoch, scores: &Scores) -> crate::output::Table {
    let mut table = crate::output::table(
        &[
            "who",
            "role",
            "uid",
            "score",
            "incentive",
            "dividends",
            "earned",
            "stake",
            "worth at spot",
            "free TAO",
        ],
        2,
    );
    for actor in &stage.actors {
        let Some(neuron) = epoch.neurons.get(usize::from(actor.uid)) else { continue };
        let worth = u128::from(neuron.stake_rao) * u128::from(epoch.price_rao) / 1_000_000_000;
        table.add_row([
            actor.name.clone(),
            actor.role_name().to_string(),
            neuron.uid.to_string(),
            score(scores, neuron.uid),
            share(neuron.share_of(actor.mechanism())),
            share(neuron.dividends),
            alpha(AlphaBalance::from_rao(neuron.emission_rao)),
            alpha(AlphaBalance::from_rao(neuron.stake_rao)),
            tao(myelin_units::TaoBalance::from_rao(u64::try_from(worth).unwrap_or(u64::MAX))),
            tao(myelin_units::TaoBalance::from_rao(neuron.balance_rao)),
        ]);
    }
    table
}

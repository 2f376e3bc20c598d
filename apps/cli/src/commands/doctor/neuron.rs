//! The hotkey on the chain: owner, registration, permit, announcement.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use myelin_abi::Account;
use myelin_chain_client::{ChainClient, Metagraph, Neuron};

use super::Finding;
use crate::keys::Keys;
use crate::output::{address, alpha, tao, Failure};
use crate::Global;

/// How long an announced port may take to answer.
const KNOCK: Duration = Duration::from_secs(2);

/// Looks at the hotkey on the chain.
pub async fn check(
    global: &Global,
    chain: &ChainClient,
    keys: &Keys,
    netuids: &[u16],
) -> Result<Vec<Finding>, Failure> {
    let mut found = Vec::new();
    let coldkey = keys.coldkey_account(global).ok();
    if let Some(coldkey) = &coldkey {
        let free = chain.balance(coldkey).await?;
        found.push(if free.is_zero() {
            Finding::problem(
                "money",
                "the coldkey has no free TAO, so it can pay no fee",
                "send it some; on a local network `myelin wallet faucet`",
            )
        } else {
            Finding::ok("money", format!("{} free", tao(free)))
        });
    }
    let Ok(hotkey) = keys.hotkey_account(global) else { return Ok(found) };
    let owner = chain.owner(&hotkey).await?;
    found.push(match (owner, coldkey) {
        (None, _) => Finding::warning(
            "owner",
            "nobody owns this hotkey on the chain yet",
            "registering it makes the coldkey its owner: `myelin subnet register --netuid N`",
        ),
        (Some(owner), Some(coldkey)) if owner != coldkey => Finding::problem(
            "owner",
            format!("this hotkey belongs to {}, not to this wallet's coldkey", address(&owner)),
            "use the wallet that it belongs to, or another hotkey",
        ),
        _ => Finding::ok("owner", "the hotkey belongs to the coldkey"),
    });
    let everywhere = chain.prices().await?;
    let mut here = Vec::new();
    for netuid in everywhere.iter().map(|price| price.netuid) {
        if chain.uid(netuid, &hotkey).await?.is_some() {
            here.push(netuid);
        }
    }
    for netuid in netuids.iter().filter(|netuid| !here.contains(netuid)) {
        found.push(missing(chain, *netuid).await);
    }
    if netuids.is_empty() && here.is_empty() {
        found.push(Finding::warning(
            "registration",
            "the hotkey is registered nowhere",
            "`myelin subnet list` shows the subnets, `myelin subnet register --netuid N` joins one",
        ));
    }
    for netuid in here.into_iter().filter(|netuid| *netuid != 0) {
        if netuids.is_empty() || netuids.contains(&netuid) {
            let graph = chain.metagraph(netuid, None).await?;
            found.extend(on_subnet(chain, &graph, &hotkey).await?);
        }
    }
    Ok(found)
}

async fn missing(chain: &ChainClient, netuid: u16) -> Finding {
    let check = format!("registration on {netuid}");
    match chain.metagraph(netuid, None).await {
        Ok(graph) => Finding::problem(
            &check,
            format!("the hotkey is not registered; it costs {} now", tao(graph.burn)),
            format!("myelin subnet register --netuid {netuid}"),
        ),
        Err(error) => Finding::problem(&check, error.to_string(), "`myelin subnet list` shows the subnets"),
    }
}

async fn on_subnet(
    chain: &ChainClient,
    graph: &Metagraph,
    hotkey: &Account,
) -> Result<Vec<Finding>, Failure> {
    let netuid = graph.netuid;
    let Some(neuron) = graph.by_hotkey(hotkey) else { return Ok(Vec::new()) };
    let mut found = vec![Finding::ok(&format!("registration on {netuid}"), format!("uid {}", neuron.uid))];
    let paid: Option<u64> =
        chain.storage("SubtensorModule", "FirstEmissionBlockNumber", &[netuid.into()], None).await?;
    if paid.is_none() {
        found.push(Finding::warning(
            &format!("subnet {netuid}"),
            "it is not started: nobody earns there",
            format!("its owner runs `myelin subnet start --netuid {netuid}`"),
        ));
    }
    found.push(permit(graph, neuron));
    if neuron.validator_permit {
        found.extend(judging(graph, neuron));
    }
    found.push(announcement(netuid, neuron).await);
    Ok(found)
}

/// Whether it may set weights.
fn permit(graph: &Metagraph, neuron: &Neuron) -> Finding {
    let check = format!("permit on {}", graph.netuid);
    if neuron.validator_permit {
        return Finding::ok(&check, "it may set weights");
    }
    let weakest = graph.validators().map(|validator| validator.total_stake).min();
    let stake = alpha(neuron.total_stake);
    let found = match weakest {
        Some(least) => {
            format!("it has none: its stake is {stake}, the weakest validator's is {}", alpha(least))
        }
        None => format!("nobody has one yet; its stake is {stake}"),
    };
    Finding::warning(
        &check,
        found,
        "miners need none; validators stake more on the hotkey (`myelin stake add`) and wait for the next epoch",
    )
}

/// Whether its weights count.
fn judging(graph: &Metagraph, neuron: &Neuron) -> Vec<Finding> {
    let netuid = graph.netuid;
    let check = format!("weights on {netuid}");
    let age = graph.block.saturating_sub(neuron.last_update);
    let mut found = vec![if neuron.active {
        Finding::ok(&check, format!("set {age} blocks ago"))
    } else {
        Finding::warning(
            &check,
            format!("too old to count: set {age} blocks ago"),
            format!("run `myelin validator run --netuid {netuid}`, or set them with `myelin weights`"),
        )
    }];
    if graph.commit_reveal {
        found.push(Finding::warning(
            &format!("commitments on {netuid}"),
            "weights must be committed first; official Python validators do that with a public beacon that this chain does not follow yet",
            format!("`myelin validator` commits and reveals by itself; for Python validators the owner switches it off: `myelin subnet set --netuid {netuid} commit_reveal_weights_enabled off`"),
        ));
    }
    found
}

/// Whether somebody answers where the hotkey says it is.
async fn announcement(netuid: u16, neuron: &Neuron) -> Finding {
    let check = format!("axon on {netuid}");
    let Some(axon) = neuron.axon else {
        return Finding::warning(
            &check,
            "nothing is announced, so nobody asks it",
            "miners announce themselves when they start (`myelin miner run`); validators need not",
        );
    };
    let port = axon.port();
    let reach = tokio::time::timeout(KNOCK, tokio::net::TcpStream::connect(axon)).await;
    if matches!(reach, Ok(Ok(_))) {
        return match is_private(axon.ip()) {
            false => Finding::ok(&check, format!("{axon} answers")),
            true => Finding::warning(
                &check,
                format!("{axon} answers, but only in this network: it is a private address"),
                format!(
                    "announce the public one: `myelin axon set --netuid {netuid} --ip ADDRESS --port {port}`"
                ),
            ),
        };
    }
    let local = SocketAddr::from(([127, 0, 0, 1], port));
    let here = tokio::time::timeout(KNOCK, tokio::net::TcpStream::connect(local)).await;
    match here {
        Ok(Ok(_)) => Finding::problem(
            &check,
            format!("something listens on port {port} here, but {axon} does not answer"),
            format!("open TCP port {port} in the firewall and forward it to this machine, or announce the right address"),
        ),
        _ => Finding::problem(
            &check,
            format!("{axon} does not answer, and nothing listens on port {port} here"),
            format!("start the miner (`myelin miner run --netuid {netuid} --port {port}`), or take the announcement back: `myelin axon reset --netuid {netuid}`"),
        ),
    }
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    }
}

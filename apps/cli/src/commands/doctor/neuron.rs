//! The hotkey on the chain: owner, registration, permit, announcement.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use myelin_abi::Account;
use myelin_chain_client::{ChainClient, Metagraph, Neuron};
use myelin_units::TaoBalance;
use myelin_wire::v10::header;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Finding;
use crate::commands::metagraph::role;
use crate::keys::{word, Keys};
use crate::output::{address, alpha, share, tao, Failure};
use crate::Global;

/// Longest time for an announced port to open, and then to answer.
const KNOCK: Duration = Duration::from_secs(2);
/// Most bytes that are read of an answer.
const LONGEST_ANSWER: u64 = 16 * 1024;

/// Names of the wallet and the hotkey, for the commands that fix something.
struct Whose<'a> {
    wallet: &'a str,
    hotkey: &'a str,
}

impl Whose<'_> {
    /// A command for the hotkey.
    fn hotkey(&self, command: &str) -> String {
        format!("`{command} --wallet {} --hotkey {}`", word(self.wallet), word(self.hotkey))
    }
}

/// Checks the hotkey on the chain.
pub async fn check(
    global: &Global,
    chain: &ChainClient,
    keys: &Keys,
    netuids: &[u16],
) -> Result<Vec<Finding>, Failure> {
    let (mut found, whose) = (Vec::new(), Whose { wallet: keys.name(), hotkey: keys.hotkey_name() });
    let coldkey = keys.coldkey_account(global).ok();
    if let Some(coldkey) = &coldkey {
        let free = chain.balance(coldkey).await?;
        found.push(if free.is_zero() {
            Finding::problem(
                "money",
                "the coldkey has no free TAO, so it can pay no fee",
                format!("send it some; on a local network `myelin wallet faucet {}`", word(keys.name())),
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
            format!(
                "registering it makes the coldkey its owner: {}",
                whose.hotkey("myelin subnet register --netuid N")
            ),
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
        found.push(missing(chain, &whose, *netuid).await);
    }
    if netuids.is_empty() && here.is_empty() {
        found.push(Finding::warning(
            "registration",
            "the hotkey is registered nowhere",
            format!(
                "`myelin subnet list` shows the subnets, {} joins one",
                whose.hotkey("myelin subnet register --netuid N")
            ),
        ));
    }
    for netuid in here {
        if netuids.is_empty() || netuids.contains(&netuid) {
            let graph = chain.metagraph(netuid, None).await?;
            found.extend(on_subnet(chain, &whose, &graph, &hotkey).await?);
        }
    }
    Ok(found)
}

async fn missing(chain: &ChainClient, whose: &Whose<'_>, netuid: u16) -> Finding {
    let check = format!("registration on {netuid}");
    let seats = chain.value("SubtensorModule", "MaxAllowedUids", &[netuid.into()]).await;
    match (chain.metagraph(netuid, None).await, seats) {
        (Ok(root), Ok(seats)) if netuid == 0 => Finding::problem(
            &check,
            format!("the hotkey is not on root; {}", seat_on_root(&stakes(&root), seats)),
            format!(
                "stake on it with {}, then {}",
                whose.hotkey("myelin stake add --amount TAO --netuid 0"),
                whose.hotkey("myelin subnet register --netuid 0")
            ),
        ),
        (Ok(graph), Ok(_)) => Finding::problem(
            &check,
            format!("the hotkey is not registered; it costs {} now", tao(graph.burn)),
            whose.hotkey(&format!("myelin subnet register --netuid {netuid}")),
        ),
        (Err(error), _) | (_, Err(error)) => {
            Finding::problem(&check, error.to_string(), "`myelin subnet list` shows the subnets")
        }
    }
}

fn stakes(root: &Metagraph) -> Vec<TaoBalance> {
    root.neurons.iter().map(|member| member.tao_stake).collect()
}

/// The condition for a seat on root: no price, but a free seat, or more stake there than the seat with the least.
fn seat_on_root(stakes: &[TaoBalance], seats: u16) -> String {
    match usize::from(seats).checked_sub(stakes.len()).filter(|free| *free > 0) {
        Some(free) => format!(
            "it costs no price, {free} of {seats} seats are free, and what is staked there is what counts"
        ),
        None => format!(
            "it costs no price, but all {seats} seats are taken, so it needs more stake there than the least, {}",
            tao(stakes.iter().copied().min().unwrap_or_default())
        ),
    }
}

async fn on_subnet(
    chain: &ChainClient,
    whose: &Whose<'_>,
    graph: &Metagraph,
    hotkey: &Account,
) -> Result<Vec<Finding>, Failure> {
    let netuid = graph.netuid;
    let Some(neuron) = graph.by_hotkey(hotkey) else { return Ok(Vec::new()) };
    let mut found = vec![Finding::ok(&format!("registration on {netuid}"), format!("uid {}", neuron.uid))];
    // Nobody mines, sets weights or gets requests on root.
    if netuid == 0 {
        return Ok(found);
    }
    let paid: Option<u64> =
        chain.storage("SubtensorModule", "FirstEmissionBlockNumber", &[netuid.into()], None).await?;
    if paid.is_none() {
        found.push(Finding::warning(
            &format!("subnet {netuid}"),
            "it is not started: nobody earns there",
            format!("its owner runs `myelin subnet start --netuid {netuid}`"),
        ));
    }
    let mines = role(neuron) == "miner";
    if mines {
        found.push(work(whose, graph, neuron));
    } else {
        found.push(permit(whose, graph, neuron));
    }
    if neuron.validator_permit && !mines {
        found.push(weights(whose, netuid, graph.block, neuron));
    }
    if graph.commit_reveal {
        found.push(commitments(netuid, neuron.validator_permit && !mines));
    }
    found.push(announcement(whose, netuid, neuron).await);
    Ok(found)
}

/// A miner's earnings.
fn work(whose: &Whose<'_>, graph: &Metagraph, neuron: &Neuron) -> Finding {
    let check = format!("work on {}", graph.netuid);
    let judged = graph.validators().any(|other| role(other) == "validator" && other.uid != neuron.uid);
    if neuron.incentive > 0 {
        let found = format!(
            "incentive {}, emission {} in the last epoch",
            share(neuron.incentive),
            alpha(neuron.emission)
        );
        return Finding::ok(&check, found);
    }
    let (found, fix) = match judged {
        true => (
            "it earns nothing: the validators give it no weight",
            format!(
                "`myelin miner status` says whether it is asked and what fails; see also {}",
                whose.hotkey(&format!("myelin axon show --netuid {}", graph.netuid))
            ),
        ),
        false => (
            "it earns nothing: no validator sets weights there",
            "wait for one, or run one: `myelin validator run`".to_owned(),
        ),
    };
    Finding::warning(&check, found, fix)
}

/// Whether the neuron may set weights.
fn permit(whose: &Whose<'_>, graph: &Metagraph, neuron: &Neuron) -> Finding {
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
        format!(
            "miners need none; validators stake more on the hotkey ({}) and wait for the next epoch",
            whose.hotkey(&format!("myelin stake add --amount TAO --netuid {}", graph.netuid))
        ),
    )
}

/// The effect of commitments on validators in Python: a problem for those that judge, a note for those that may judge
/// later.
fn commitments(netuid: u16, judges: bool) -> Finding {
    let check = format!("commitments on {netuid}");
    let found =
        "weights must be committed first; official Python validators do that with a public beacon that this \
                 chain does not follow yet";
    if !judges {
        return Finding::ok(&check, format!("{found}, and `myelin validator` without it"));
    }
    Finding::warning(
        &check,
        found,
        format!(
            "`myelin validator` commits and reveals by itself; for Python validators the owner switches it off: \
             `myelin subnet set --netuid {netuid} commit_reveal_weights_enabled off --when-possible`"
        ),
    )
}

/// Whether the neuron's weights count.
fn weights(whose: &Whose<'_>, netuid: u16, now: u64, neuron: &Neuron) -> Finding {
    let check = format!("weights on {netuid}");
    let set = format!("set {} blocks ago", now.saturating_sub(neuron.last_update));
    let run = whose.hotkey(&format!("myelin validator run --netuid {netuid}"));
    let set_them = format!("run {run}, or set them with `myelin weights`");
    // Registration counts as an update too.
    if neuron.last_update <= neuron.registered_at {
        Finding::warning(&check, "it has never set any", set_them)
    } else if neuron.active {
        Finding::ok(&check, set)
    } else {
        Finding::warning(&check, format!("too old to count: {set}"), set_them)
    }
}

/// Whether a server answers at the announced address.
async fn announcement(whose: &Whose<'_>, netuid: u16, neuron: &Neuron) -> Finding {
    let check = format!("axon on {netuid}");
    let Some(axon) = neuron.axon else {
        return Finding::warning(
            &check,
            "nothing is announced, so nobody asks it",
            format!(
                "miners announce themselves when they start ({}); validators need not",
                whose.hotkey(&format!("myelin miner run --netuid {netuid}"))
            ),
        );
    };
    let port = axon.port();
    match knock(axon).await {
        Some(Answer::Axon) if is_private(axon.ip()) => {
            return Finding::warning(
                &check,
                format!("{axon} answers, but only in this network: it is a private address"),
                format!(
                    "announce the public one: {}",
                    whose.hotkey(&format!("myelin axon set --netuid {netuid} --ip ADDRESS --port {port}"))
                ),
            )
        }
        Some(Answer::Axon) => return Finding::ok(&check, format!("{axon} answers")),
        Some(Answer::Http) => {
            return Finding::warning(
                &check,
                format!("{axon} answers, but not as an axon does; it may be another program"),
                format!(
                    "see which program has port {port}; servers with signed requests of bittensor 11 are fine"
                ),
            )
        }
        Some(Answer::Other) => {
            return Finding::problem(
                &check,
                format!("something listens at {axon}, but it does not answer as an axon does"),
                format!(
                    "see which program has port {port}; start the miner there, or announce where it is: {}",
                    whose.hotkey(&format!("myelin axon set --netuid {netuid} --ip ADDRESS --port PORT"))
                ),
            )
        }
        None => {}
    }
    let local = SocketAddr::from(([127, 0, 0, 1], port));
    match knock(local).await {
        Some(_) => Finding::problem(
            &check,
            format!("something listens on port {port} here, but {axon} does not answer"),
            format!("open TCP port {port} in the firewall and forward it to this machine, or announce the right address"),
        ),
        _ => Finding::problem(
            &check,
            format!("{axon} does not answer, and nothing listens on port {port} here"),
            format!(
                "start the miner ({}), or take the announcement back: {}",
                whose.hotkey(&format!("myelin miner run --netuid {netuid} --port {port}")),
                whose.hotkey(&format!("myelin axon reset --netuid {netuid}"))
            ),
        ),
    }
}

/// Kind of server at an address.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// An axon of any make.
    Axon,
    /// Another HTTP server; any HTTP server can serve signed requests of bittensor 11.
    Http,
    /// Another program, or no answer in time.
    Other,
}

/// Asks for an unknown synapse, which axons refuse in the headers of their protocol. Returns `None` if no port is open.
async fn knock(at: SocketAddr) -> Option<Answer> {
    let mut stream = timeout(KNOCK, TcpStream::connect(at)).await.ok()?.ok()?;
    let mut heard = Vec::new();
    let question = format!("GET /MyelinDoctor HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
    let exchange = async {
        stream.write_all(question.as_bytes()).await?;
        stream.take(LONGEST_ANSWER).read_to_end(&mut heard).await
    };
    // The bytes that arrived by then are judged.
    let _ = timeout(KNOCK, exchange).await;
    let head = String::from_utf8_lossy(&heard).to_lowercase();
    Some(match head {
        head if head.contains(header::AXON_STATUS_CODE) => Answer::Axon,
        head if head.starts_with("http/") => Answer::Http,
        _ => Answer::Other,
    })
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_private() || ip.is_loopback() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::testing::silent_neuron;

    #[test]
    fn weights_are_old_only_if_there_are_any() {
        let neuron =
            |active, last_update| Neuron { active, last_update, registered_at: 100, ..silent_neuron(3) };
        let whose = Whose { wallet: "alice", hotkey: "judge" };
        let said = |active, last_update| weights(&whose, 2, 332, &neuron(active, last_update)).found;
        assert_eq!(said(false, 100), "it has never set any");
        assert_eq!(said(true, 100), "it has never set any");
        assert_eq!(said(true, 330), "set 2 blocks ago");
        assert_eq!(said(false, 130), "too old to count: set 202 blocks ago");
    }

    #[test]
    fn root_asks_for_stake_and_no_price() {
        let held = [5, 3].map(|tao| TaoBalance::from_rao(tao * 1_000_000_000));
        assert!(seat_on_root(&held, 64).contains("62 of 64 seats are free"));
        assert!(seat_on_root(&held, 2).contains("more stake there than the least, 3.0000 τ"));
    }
}

//! `myelin axon`: the address of a hotkey's server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use clap::{Args, Subcommand};
use myelin_abi::calls::subtensor::ServeAxon;
use serde_json::json;

use super::connect;
use crate::keys::Keys;
use crate::output::{self, address, fail, Outcome};
use crate::send::{OnSubnet, Order};
use crate::Global;

/// Address of a hotkey's server: show, set, reset.
#[derive(Subcommand)]
pub enum Axon {
    /// The announced address of a hotkey.
    Show(Whose),
    /// Announces an address and a port.
    #[command(
        after_help = "Example:\n  myelin axon set --netuid 2 --wallet alice --hotkey miner1 --ip 203.0.113.7 --port 8091"
    )]
    Set(Set),
    /// Withdraws the announcement.
    Reset(OnSubnet),
}

/// The subnet and the hotkey of an axon.
#[derive(Args)]
pub struct Whose {
    /// The subnet.
    #[arg(long, short = 'n')]
    netuid: u16,
    #[command(flatten)]
    keys: Keys,
}

/// The announcement.
#[derive(Args)]
pub struct Set {
    #[command(flatten)]
    on: OnSubnet,
    /// Address of the machine as others see it.
    #[arg(long, value_parser = announceable)]
    ip: IpAddr,
    /// TCP port.
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    port: u16,
    /// Protocol number; 4 by default.
    #[arg(long, default_value_t = 4)]
    protocol: u8,
}

/// Reads an address that may be announced, and refuses the others before anything starts.
///
/// The chain refuses 127.0.0.1, ::1 and broadcast addresses, and takes an address of zeros for a withdrawal. A test
/// tries each of them on a real chain.
pub fn announceable(text: &str) -> Result<IpAddr, String> {
    let ip: IpAddr = text.parse().map_err(|_| format!("`{text}` is no IP address"))?;
    let why = match ip {
        _ if ip.is_unspecified() => "is no address that others can reach",
        IpAddr::V4(v4) if v4 == Ipv4Addr::LOCALHOST => {
            "is refused by the chain as a forgotten setting; on one machine use 127.0.0.2"
        }
        IpAddr::V4(v4) if v4.is_broadcast() => "is a broadcast address",
        IpAddr::V6(v6) if v6 == Ipv6Addr::LOCALHOST => "is this machine for itself",
        IpAddr::V6(v6) if u128::from(v6) == u128::MAX => "is no address of a machine",
        _ => return Ok(ip),
    };
    Err(format!("{ip} {why}; announce the address at which others see this machine"))
}

impl Axon {
    /// Runs the verb.
    pub async fn run(self, global: &Global) -> Outcome {
        match self {
            Axon::Show(whose) => show(global, &whose).await,
            Axon::Set(set) => {
                let what = format!("announcing {}", SocketAddr::new(set.ip, set.port));
                announce(global, set.on, set.ip, set.port, set.protocol, what).await
            }
            // Clients take this for an absent axon: an address of zeros, with a port because the chain refuses 0.
            Axon::Reset(on) => {
                let nowhere = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
                let what = "taking the announcement back".to_owned();
                announce(global, on, nowhere, 1, 4, what).await
            }
        }
    }
}

async fn show(global: &Global, whose: &Whose) -> Outcome {
    let chain = connect(global).await?;
    let hotkey = whose.keys.hotkey_account(global)?;
    let graph = chain.metagraph(whose.netuid, None).await?;
    let Some(neuron) = graph.by_hotkey(&hotkey) else {
        return fail(format!("{} is not registered on subnet {}", address(&hotkey), whose.netuid));
    };
    let shown = neuron.axon.map(|axon| axon.to_string());
    let text = shown.clone().unwrap_or_else(|| "nothing is announced".into());
    output::report(
        global,
        &text,
        json!({ "netuid": whose.netuid, "hotkey": address(&hotkey), "axon": shown }),
    )
}

async fn announce(
    global: &Global,
    OnSubnet { netuid, by }: OnSubnet,
    ip: IpAddr,
    port: u16,
    protocol: u8,
    what: String,
) -> Outcome {
    let chain = connect(global).await?;
    let (number, ip_type) = match ip {
        IpAddr::V4(ip) => (u128::from(u32::from(ip)), 4),
        IpAddr::V6(ip) => (u128::from(ip), 6),
    };
    let call = ServeAxon {
        netuid,
        version: version(),
        ip: number,
        port,
        ip_type,
        protocol,
        placeholder1: 0,
        placeholder2: 0,
    };
    let what = format!("{what} for {} on subnet {netuid}", address(&by.hotkey(global)?));
    let value = json!({ "netuid": netuid, "ip": ip.to_string(), "port": port });
    by.carry_out(global, &chain, Order::of_hotkey(&call, what).unasked(), "announced", value).await
}

/// This program's version as announcements count: major · 10⁶ + minor · 10³ + patch.
fn version() -> u32 {
    let part = |text: &str| text.parse::<u32>().unwrap_or_default();
    part(env!("CARGO_PKG_VERSION_MAJOR")) * 1_000_000
        + part(env!("CARGO_PKG_VERSION_MINOR")) * 1_000
        + part(env!("CARGO_PKG_VERSION_PATCH"))
}

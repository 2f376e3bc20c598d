//! `Proxy`: accounts that act for other accounts.
//!
//! The two calls that carry another one, `proxy` and `proxy_announced`, are put together by the client that knows the
//! metadata. A kind of proxy is given by its number, as [`ProxyTypeInfo`](crate::ProxyTypeInfo) lists it.

use codec::{Compact, Decode, Encode};
use scale_info::TypeInfo;

use super::{Address, Call};

calls! { "Proxy"
    /// Lets an account act for the signing one.
    add_proxy => AddProxy {
        /// The account that may act.
        delegate: Address,
        /// Number of the kind.
        proxy_type: u8,
        /// Blocks between announcement and execution.
        delay: u32,
    }
    /// Ends a proxy made by `add_proxy`, with the same arguments.
    remove_proxy => RemoveProxy {
        /// The account that acted.
        delegate: Address,
        /// Number of the kind.
        proxy_type: u8,
        /// Blocks between announcement and execution.
        delay: u32,
    }
    /// Ends all proxies of the signing account.
    remove_proxies => RemoveProxies {}
    /// Creates an account without a key, for which the signing account may act.
    create_pure => CreatePure {
        /// Number of the kind.
        proxy_type: u8,
        /// Blocks between announcement and execution.
        delay: u32,
        /// Tells apart several created in one extrinsic.
        index: u16,
    }
    /// Removes an account without a key; its balance is lost. Signed by that account through its proxy.
    kill_pure => KillPure {
        /// The account that created it.
        spawner: Address,
        /// Number of the kind it was created with.
        proxy_type: u8,
        /// Index it was created with.
        index: u16,
        /// Block of its creation.
        height: Compact<u32>,
        /// Number of the extrinsic that created it in that block.
        ext_index: Compact<u32>,
    }
    /// Announces a call of the account that the signing one acts for.
    announce => Announce {
        /// The account acted for.
        real: Address,
        /// Blake2-256 of the call.
        call_hash: [u8; 32],
    }
    /// Takes an announcement back.
    remove_announcement => RemoveAnnouncement {
        /// The account acted for.
        real: Address,
        /// Blake2-256 of the call.
        call_hash: [u8; 32],
    }
    /// Refuses what a proxy of the signing account announced.
    reject_announcement => RejectAnnouncement {
        /// The proxy.
        delegate: Address,
        /// Blake2-256 of the call.
        call_hash: [u8; 32],
    }
}

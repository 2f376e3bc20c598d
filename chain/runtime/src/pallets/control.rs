//! Calls that carry other calls: batches, the sudo key, multisig accounts, proxies.

use crate::{
    constants::{deposit, MAX_ANNOUNCEMENTS, MAX_PROXIES, MAX_SIGNATORIES},
    proxy::ProxyType,
    weights, Balances, OriginCaller, Runtime, RuntimeCall, RuntimeEvent, System,
};
use frame_support::traits::{ConstU32, ConstU64};
use sp_runtime::traits::BlakeTwo256;

impl pallet_utility::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type WeightInfo = weights::pallet_utility::Measured<Runtime>;
}

impl pallet_sudo::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type WeightInfo = weights::pallet_sudo::Measured<Runtime>;
}

impl pallet_multisig::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type DepositBase = ConstU64<{ deposit::MULTISIG_BASE }>;
    type DepositFactor = ConstU64<{ deposit::MULTISIG_FACTOR }>;
    type MaxSignatories = ConstU32<MAX_SIGNATORIES>;
    type WeightInfo = weights::pallet_multisig::Measured<Runtime>;
    type BlockNumberProvider = System;
}

impl pallet_proxy::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type ProxyType = ProxyType;
    type ProxyDepositBase = ConstU64<{ deposit::PROXY_BASE }>;
    type ProxyDepositFactor = ConstU64<{ deposit::PROXY_FACTOR }>;
    type MaxProxies = ConstU32<MAX_PROXIES>;
    type WeightInfo = weights::pallet_proxy::Measured<Runtime>;
    type MaxPending = ConstU32<MAX_ANNOUNCEMENTS>;
    type CallHasher = BlakeTwo256;
    type AnnouncementDepositBase = ConstU64<{ deposit::ANNOUNCEMENT_BASE }>;
    type AnnouncementDepositFactor = ConstU64<{ deposit::ANNOUNCEMENT_FACTOR }>;
    type BlockNumberProvider = System;
}

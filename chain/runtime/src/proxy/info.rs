//! The rules of proxies as clients read them.

use alloc::{format, vec::Vec};

use frame_support::traits::{GetCallIndex, GetCallName, PalletsInfoAccess};
use myelin_abi::{CallCondition, CallInfo, FilterMode, ProxyFilterInfo, ProxyTypeInfo};

use super::{
    rules::{rule, Calls, Condition, Rule},
    ProxyType,
};
use crate::{AllPalletsWithSystem, Runtime};

/// Every kind of proxy.
pub fn types() -> Vec<ProxyTypeInfo> {
    let info =
        |of: &ProxyType| ProxyTypeInfo { name: name(*of), index: of.index(), deprecated: of.is_deprecated() };
    ProxyType::ALL.iter().map(info).collect()
}

/// Permissions of the kind with this number, or of every kind; nothing for a number without a kind.
pub fn filters(number: Option<u8>) -> Vec<ProxyFilterInfo> {
    let wanted = |of: &&ProxyType| number.is_none_or(|number| number == of.index());
    ProxyType::ALL.iter().filter(wanted).map(|of| filter(*of)).collect()
}

fn filter(of: ProxyType) -> ProxyFilterInfo {
    let describe = |calls: &[Calls]| calls.iter().flat_map(calls_of).collect::<Vec<_>>();
    let (filter_mode, calls, exceptions) = match rule(of) {
        Rule::Everything => (FilterMode::AllowAll, Vec::new(), Vec::new()),
        Rule::Nothing => (FilterMode::DenyAll, Vec::new(), Vec::new()),
        Rule::Only(calls, exceptions) => (FilterMode::Allow, describe(calls), describe(exceptions)),
        Rule::AllBut(lists) => {
            (FilterMode::Deny, lists.iter().flat_map(|calls| describe(calls)).collect(), Vec::new())
        }
    };
    ProxyFilterInfo {
        proxy_type: of.index(),
        name: name(of),
        deprecated: of.is_deprecated(),
        filter_mode,
        calls,
        exceptions,
    }
}

fn name(of: ProxyType) -> Vec<u8> {
    format!("{of:?}").into_bytes()
}

/// A line of the table, call by call; names that this chain has no call for are left out.
fn calls_of(calls: &Calls) -> Vec<CallInfo> {
    let infos = AllPalletsWithSystem::infos();
    let Some(pallet_index) = infos.iter().find(|info| info.name == calls.pallet).map(|info| info.index)
    else {
        return Vec::new();
    };
    let info = |call: Option<(&str, u8)>| CallInfo {
        pallet_name: calls.pallet.into(),
        // Numbers of pallets are bytes.
        pallet_index: pallet_index as u8,
        call_name: call.map(|(name, _)| name.into()),
        call_index: call.map(|(_, index)| index),
        condition: calls.condition.map(condition),
    };
    if calls.names.is_empty() {
        return [info(None)].into();
    }
    let numbered = numbered(calls.pallet);
    let number = |name: &&str| numbered.iter().find(|(known, _)| known == name).copied();
    calls.names.iter().filter_map(number).map(|call| info(Some(call))).collect()
}

fn condition(condition: Condition) -> CallCondition {
    match condition {
        Condition::Below(argument, limit) => {
            CallCondition::ParamLessThan { param_name: argument.into(), limit: limit.into() }
        }
        Condition::Inside(pallet, call) => {
            CallCondition::NestedCallMustBe { pallet_name: pallet.into(), call_name: call.into() }
        }
    }
}

/// Names and numbers of the calls of a pallet that the rules name.
pub(super) fn numbered(pallet: &str) -> Vec<(&'static str, u8)> {
    fn calls<C: GetCallName + GetCallIndex>() -> Vec<(&'static str, u8)> {
        C::get_call_names().iter().copied().zip(C::get_call_indices().iter().copied()).collect()
    }
    match pallet {
        "AdminUtils" => calls::<pallet_admin_utils::Call<Runtime>>(),
        "Elections" => calls::<pallet_myelin_election::Call<Runtime>>(),
        "Governance" => calls::<pallet_myelin_governance::Call<Runtime>>(),
        "Preimage" => calls::<pallet_preimage::Call<Runtime>>(),
        "Referenda" => calls::<pallet_referenda::Call<Runtime>>(),
        "Balances" => calls::<pallet_balances::Call<Runtime>>(),
        "Multisig" => calls::<pallet_multisig::Call<Runtime>>(),
        "Proxy" => calls::<pallet_proxy::Call<Runtime>>(),
        "SubtensorModule" => calls::<pallet_network::Call<Runtime>>(),
        "Sudo" => calls::<pallet_sudo::Call<Runtime>>(),
        _ => Vec::new(),
    }
}

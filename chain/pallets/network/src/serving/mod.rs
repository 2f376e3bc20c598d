//! Endpoints of neurons.

mod address;
pub(crate) mod storage;

use core::marker::PhantomData;

use frame_support::pallet_prelude::*;
use myelin_abi::{AxonInfo, NeuronCertificate, PrometheusInfo};
use myelin_economy::params::{FREE_SERVING_INTERVAL, MIN_SERVING_INTERVAL};
use myelin_units::{Block, NetUid};

use crate::{
    neurons::NeuronRegistry,
    pallet::{Axons, Config, Error, Event, NeuronCertificates, Pallet, Prometheus, ServingRateLimit},
    subnets::{now, SubnetRegistry},
};

/// Owner of [`Axons`], [`Prometheus`] and [`NeuronCertificates`].
///
/// Invariant: a stored endpoint has an address that others can reach, and its hotkey had a uid when it was stored.
pub struct Endpoints<T>(PhantomData<T>);

impl<T: Config> Endpoints<T> {
    /// `serve_axon` and `serve_axon_tls`: announces the endpoint of a hotkey, with its TLS key if one is given.
    ///
    /// `axon.block` is set here.
    pub fn serve_axon(
        hotkey: T::AccountId,
        netuid: NetUid,
        axon: AxonInfo,
        certificate: Option<&[u8]>,
    ) -> DispatchResult {
        Self::check_axon(&hotkey, netuid, &axon)?;
        let certificate = certificate.map(Self::check_certificate).transpose()?;
        Axons::<T>::insert(netuid, &hotkey, AxonInfo { block: now::<T>(), ..axon });
        if let Some(certificate) = certificate {
            NeuronCertificates::<T>::insert(netuid, &hotkey, certificate);
        }
        Pallet::<T>::deposit_event(Event::AxonServed(netuid, hotkey));
        Ok(())
    }

    /// `serve_prometheus`: announces the metrics endpoint of a hotkey. `info.block` is set here.
    pub fn serve_prometheus(hotkey: T::AccountId, netuid: NetUid, info: PrometheusInfo) -> DispatchResult {
        Self::check_prometheus(&hotkey, netuid, &info)?;
        Prometheus::<T>::insert(netuid, &hotkey, PrometheusInfo { block: now::<T>(), ..info });
        Pallet::<T>::deposit_event(Event::PrometheusServed(netuid, hotkey));
        Ok(())
    }

    /// Checks everything that [`Self::serve_axon`] requires of an endpoint.
    pub fn check_axon(hotkey: &T::AccountId, netuid: NetUid, axon: &AxonInfo) -> Result<(), Error<T>> {
        ensure!(SubnetRegistry::<T>::exists(netuid), Error::<T>::SubnetNotExists);
        ensure!(NeuronRegistry::<T>::is_registered(netuid, hotkey), Error::<T>::HotKeyNotRegisteredInSubNet);
        Self::check_address(axon.ip, axon.ip_type, axon.port)?;
        Self::check_rate(netuid, Axons::<T>::get(netuid, hotkey).map(|axon| axon.block))
    }

    /// The certificate in the bytes of an announcement: algorithm and a key of at most 64 bytes.
    pub fn check_certificate(announced: &[u8]) -> Result<NeuronCertificate, Error<T>> {
        NeuronCertificate::from_announcement(announced).ok_or(Error::<T>::InvalidValue)
    }

    /// Checks everything that [`Self::serve_prometheus`] requires of an endpoint.
    pub fn check_prometheus(
        hotkey: &T::AccountId,
        netuid: NetUid,
        info: &PrometheusInfo,
    ) -> Result<(), Error<T>> {
        ensure!(SubnetRegistry::<T>::exists(netuid), Error::<T>::SubnetNotExists);
        ensure!(NeuronRegistry::<T>::is_registered(netuid, hotkey), Error::<T>::HotKeyNotRegisteredInSubNet);
        Self::check_address(info.ip, info.ip_type, info.port)?;
        Self::check_rate(netuid, Prometheus::<T>::get(netuid, hotkey).map(|info| info.block))
    }

    /// Moves the endpoints of an old hotkey to a new one.
    pub(crate) fn swap_hotkey(netuid: NetUid, old: &T::AccountId, new: &T::AccountId) {
        if let Some(axon) = Axons::<T>::take(netuid, old) {
            Axons::<T>::insert(netuid, new, axon);
        }
        if let Some(info) = Prometheus::<T>::take(netuid, old) {
            Prometheus::<T>::insert(netuid, new, info);
        }
        if let Some(certificate) = NeuronCertificates::<T>::take(netuid, old) {
            NeuronCertificates::<T>::insert(netuid, new, certificate);
        }
    }

    /// Removes the endpoints of a hotkey that lost its uid.
    pub(crate) fn forget(netuid: NetUid, hotkey: &T::AccountId) {
        Axons::<T>::remove(netuid, hotkey);
        Prometheus::<T>::remove(netuid, hotkey);
        NeuronCertificates::<T>::remove(netuid, hotkey);
    }

    /// Whether an announcement costs a fee: hotkeys hold no TAO, so it is free unless the subnet lets them announce in
    /// every block.
    pub fn pays(netuid: NetUid) -> Pays {
        if ServingRateLimit::<T>::get(netuid) < FREE_SERVING_INTERVAL {
            Pays::Yes
        } else {
            Pays::No
        }
    }

    fn check_address(ip: u128, ip_type: u8, port: u16) -> Result<(), Error<T>> {
        ensure!(matches!(ip_type, 4 | 6), Error::<T>::InvalidIpType);
        ensure!(address::may_be_announced(ip, ip_type), Error::<T>::InvalidIpAddress);
        ensure!(port != 0, Error::<T>::InvalidPort);
        Ok(())
    }

    fn check_rate(netuid: NetUid, last: Option<Block>) -> Result<(), Error<T>> {
        ensure!(now::<T>() >= Self::may_serve_at(netuid, last), Error::<T>::ServingRateLimitExceeded);
        Ok(())
    }

    /// First block in which an endpoint may be announced again: the first announcement is free, later ones wait
    /// `ServingRateLimit` blocks, at least one.
    fn may_serve_at(netuid: NetUid, last: Option<Block>) -> Block {
        let wait = ServingRateLimit::<T>::get(netuid).max(MIN_SERVING_INTERVAL);
        last.map_or(0, |last| last.saturating_add(wait))
    }

    /// First block in which the hotkey may announce its endpoint.
    pub fn may_serve_axon_at(netuid: NetUid, hotkey: &T::AccountId) -> Block {
        Self::may_serve_at(netuid, Axons::<T>::get(netuid, hotkey).map(|axon| axon.block))
    }

    /// First block in which the hotkey may announce its metrics endpoint.
    pub fn may_serve_prometheus_at(netuid: NetUid, hotkey: &T::AccountId) -> Block {
        Self::may_serve_at(netuid, Prometheus::<T>::get(netuid, hotkey).map(|info| info.block))
    }
}

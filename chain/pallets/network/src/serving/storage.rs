//! Storage of endpoints. Owner: [`Endpoints`](super::Endpoints).

use frame_support::pallet_macros::pallet_section;

/// Published addresses of neurons.
#[pallet_section]
mod endpoints {
    /// Endpoint of a neuron.
    #[pallet::storage]
    pub type Axons<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, AxonInfo, OptionQuery>;

    /// Metrics endpoint of a neuron.
    #[pallet::storage]
    pub type Prometheus<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, PrometheusInfo, OptionQuery>;

    /// TLS key of a neuron.
    #[pallet::storage]
    pub type NeuronCertificates<T: Config> =
        StorageDoubleMap<_, Identity, NetUid, Blake2_128Concat, T::AccountId, NeuronCertificate, OptionQuery>;
}

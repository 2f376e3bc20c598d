//! JSON-RPC methods of this node beyond the stock set (chain, state, author, system, rpc-spec-v2).

use crate::finality::Finality;
use jsonrpsee::RpcModule;
use myelin_runtime::{opaque::Block, AccountId, Balance, Nonce};
use pallet_transaction_payment_rpc::{TransactionPayment, TransactionPaymentApiServer};
use sc_transaction_pool_api::TransactionPool;
use sp_api::ProvideRuntimeApi;
use sp_block_builder::BlockBuilder;
use sp_blockchain::{Error as BlockChainError, HeaderBackend, HeaderMetadata};
use std::sync::Arc;
use substrate_frame_rpc_system::{AccountNonceApi, System, SystemApiServer};

/// Nonces (`system_accountNextIndex`, alias `account_nextIndex`, which official clients ask for before they sign),
/// fees (`payment_queryInfo`), and proofs of finality (`grandpa_proveFinality`).
pub fn create<C, P>(
    client: Arc<C>,
    pool: Arc<P>,
    finality: Finality,
) -> Result<RpcModule<()>, Box<dyn std::error::Error + Send + Sync>>
where
    C: ProvideRuntimeApi<Block>,
    C: HeaderBackend<Block> + HeaderMetadata<Block, Error = BlockChainError> + 'static,
    C: Send + Sync + 'static,
    C::Api: AccountNonceApi<Block, AccountId, Nonce>,
    C::Api: pallet_transaction_payment_rpc::TransactionPaymentRuntimeApi<Block, Balance>,
    C::Api: BlockBuilder<Block>,
    P: TransactionPool<Block = Block> + 'static,
{
    let mut module = RpcModule::new(());
    module.merge(System::new(client.clone(), pool).into_rpc())?;
    module.merge(TransactionPayment::new(client).into_rpc())?;
    module.merge(finality.into_rpc()?)?;
    Ok(module)
}

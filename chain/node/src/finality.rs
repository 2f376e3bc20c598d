//! `grandpa_proveFinality`: a finalized block with the votes that finalized it, for clients that trust no server.
//!
//! The stock method answers with the newest votes of the authority set that the block belongs to, and with all headers
//! in between, up to 100,000. Authorities store votes every [`JUSTIFICATION_PERIOD`] blocks as well. So this method
//! answers with the first of these after the block, which is never far away, in the form of the stock answer.

use std::sync::Arc;

use codec::Encode;
use jsonrpsee::{
    types::{error::INVALID_PARAMS_CODE, ErrorObjectOwned},
    RpcModule,
};
use myelin_runtime::{opaque::Block, Hash, Header};
use sc_client_api::{BlockBackend, HeaderBackend};
use sc_consensus_grandpa::{
    best_justification, FinalityProof, FinalityProofError, FinalityProofProvider, SharedAuthoritySet,
    GRANDPA_ENGINE_ID,
};
use sp_core::Bytes;
use sp_runtime::generic::BlockId;

use crate::service::{FullBackend, FullClient};

/// Blocks between two justifications that GRANDPA authorities store.
pub const JUSTIFICATION_PERIOD: u32 = 512;

/// Votes of one authority set over one block or another.
pub struct Finality {
    client: Arc<FullClient>,
    provider: FinalityProofProvider<FullBackend, Block>,
    set: SharedAuthoritySet<Hash, u32>,
}

impl Finality {
    /// Reads justifications from a node's database.
    pub fn new(
        client: Arc<FullClient>,
        backend: Arc<FullBackend>,
        set: SharedAuthoritySet<Hash, u32>,
    ) -> Self {
        Self { client, provider: FinalityProofProvider::new(backend, Some(set.clone())), set }
    }

    /// The method's module.
    ///
    /// # Errors
    /// If the name is taken.
    pub fn into_rpc(self) -> Result<RpcModule<Self>, jsonrpsee::core::RegisterMethodError> {
        let mut module = RpcModule::new(self);
        module.register_method("grandpa_proveFinality", |params, finality, _| {
            let block: u32 = params.one()?;
            let proof = finality.prove(block).map_err(|error| {
                let text = format!("the finality of block {block} cannot be proved: {error}");
                ErrorObjectOwned::owned(INVALID_PARAMS_CODE, text, None::<()>)
            })?;
            Ok::<_, ErrorObjectOwned>(proof.map(|proof| Bytes(proof.encode())))
        })?;
        Ok(module)
    }

    /// The nearest votes that finalized a block, with the headers from the block to theirs if those are few.
    fn prove(&self, block: u32) -> Result<Option<FinalityProof<Header>>, FinalityProofError> {
        let proof = match self.provider.prove_finality_proof(block, false) {
            // The stock method knows no set before authorities have changed for the first time.
            Err(FinalityProofError::BlockNotInAuthoritySetChanges) if self.set.set_id() == 0 => {
                self.newest()?
            }
            proof => proof?,
        };
        let Some(mut proof) = proof else { return Ok(None) };
        let mut target = self.client.number(proof.block)?.unwrap_or(block);
        let stored = block.div_ceil(JUSTIFICATION_PERIOD).saturating_mul(JUSTIFICATION_PERIOD);
        if stored < target {
            if let Some((hash, justification)) = self.stored(stored)? {
                (target, proof.block, proof.justification) = (stored, hash, justification);
            }
        }
        if target.saturating_sub(block) <= JUSTIFICATION_PERIOD {
            proof.unknown_headers = (block.saturating_add(1)..=target)
                .map(|number| self.header(number))
                .collect::<Result<_, sp_blockchain::Error>>()?;
        }
        Ok(Some(proof))
    }

    /// The newest votes.
    fn newest(&self) -> Result<Option<FinalityProof<Header>>, sp_blockchain::Error> {
        let votes = best_justification::<_, Block>(&*self.client)?;
        Ok(votes.map(|votes| FinalityProof {
            block: votes.target().1,
            justification: votes.encode(),
            unknown_headers: Vec::new(),
        }))
    }

    fn header(&self, block: u32) -> Result<Header, sp_blockchain::Error> {
        let hash = self.client.expect_block_hash_from_id(&BlockId::Number(block))?;
        self.client.expect_header(hash)
    }

    /// The votes that are stored with a block.
    fn stored(&self, block: u32) -> Result<Option<(Hash, Vec<u8>)>, sp_blockchain::Error> {
        let Some(hash) = self.client.hash(block)? else { return Ok(None) };
        let votes = self.client.justifications(hash)?;
        Ok(votes.and_then(|votes| votes.into_justification(GRANDPA_ENGINE_ID)).map(|votes| (hash, votes)))
    }
}

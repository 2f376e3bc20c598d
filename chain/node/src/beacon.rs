//! The node's contributions to the beacon: the VRF of its block-writing key, in each block that it writes.
//!
//! Under the strict rules of the beacon a block needs a contribution. Without one the node makes no block, and says
//! why. On other chains any problem is logged, and the block goes without.

use crate::service::FullClient;
use async_trait::async_trait;
use codec::Encode;
use myelin_runtime::{api_traits::BeaconRuntimeApi, Hash};
use myelin_wire::beacon::{Turn, DOMAIN};
use pallet_myelin_beacon::{Contribution, INHERENT_IDENTIFIER};
use sp_api::ProvideRuntimeApi;
use sp_blockchain::HeaderBackend;
use sp_consensus_aura::Slot;
use sp_core::{
    crypto::key_types::AURA,
    sr25519::{
        vrf::{VrfSignData, VrfSignature, VrfTranscript},
        Public,
    },
};
use sp_inherents::{InherentData, InherentDataProvider, InherentIdentifier};
use sp_keystore::KeystorePtr;
use std::sync::Arc;

/// Signs contributions with the keys of a keystore.
#[derive(Clone)]
pub struct Contributor {
    client: Arc<FullClient>,
    keystore: KeystorePtr,
}

impl Contributor {
    /// Contributions to the chain of this client.
    pub fn new(client: Arc<FullClient>, keystore: KeystorePtr) -> Self {
        Self { client, keystore }
    }

    /// The inherent of a block with this parent and slot. It is signed only if the block is made.
    pub fn turn(&self, parent: Hash, slot: Slot) -> BlockTurn {
        BlockTurn { contributor: self.clone(), parent, slot }
    }

    /// Whether the block after this one is invalid without a contribution. A runtime that cannot say so demands none.
    fn is_demanded(&self, parent: Hash) -> bool {
        self.client.runtime_api().needs_next_contribution(parent).unwrap_or(false)
    }

    /// The contribution of the slot's author.
    fn contribution(&self, parent: Hash, slot: Slot) -> Result<Contribution, String> {
        let turn = self.client.runtime_api().next_turn(parent, *slot).map_err(|error| error.to_string())?;
        let (author, before) = turn.ok_or("the chain has no authorities")?;
        let turn = Turn { genesis: self.client.info().genesis_hash.0, before, slot: *slot };
        contribute(&self.keystore, author.as_ref(), &turn)
    }
}

/// The contribution to a turn by the key of `author`, which the keystore holds.
fn contribute(keystore: &KeystorePtr, author: &Public, turn: &Turn) -> Result<Contribution, String> {
    let signed = keystore.sr25519_vrf_sign(AURA, author, &statement(turn));
    let VrfSignature { pre_output, proof } = signed
        .map_err(|error| error.to_string())?
        .ok_or_else(|| format!("the keystore does not hold the key {author}"))?;
    let output = pre_output.encode().try_into().map_err(|_| "the output does not have 32 bytes")?;
    let proof = proof.encode().try_into().map_err(|_| "the proof does not have 64 bytes")?;
    Ok(Contribution { output, proof })
}

/// The statement that the keystore signs: the transcript of schnorrkel's signing context, which `myelin_wire::vrf`
/// verifies.
fn statement(turn: &Turn) -> VrfSignData {
    VrfTranscript::new(b"SigningContext", &[(b"", DOMAIN), (b"sign-bytes", &turn.input())]).into()
}

/// Decides about a block whose contribution cannot be made: it goes without, or it is not made if its chain demands
/// one.
fn without(slot: u64, why: String, is_demanded: bool) -> Result<(), sp_inherents::Error> {
    if !is_demanded {
        log::debug!("the block of slot {slot} contributes nothing to the beacon: {why}");
        return Ok(());
    }
    log::error!(
        "this node makes no block in slot {slot}: a block needs its author's contribution to the beacon, and {why}; \
         put the author's key into this node's keystore (`myelin node keys insert aura`)"
    );
    Err(sp_inherents::Error::Application("no contribution to the beacon".into()))
}

/// Contribution to one block.
pub struct BlockTurn {
    contributor: Contributor,
    parent: Hash,
    slot: Slot,
}

#[async_trait]
impl InherentDataProvider for BlockTurn {
    async fn provide_inherent_data(&self, data: &mut InherentData) -> Result<(), sp_inherents::Error> {
        match self.contributor.contribution(self.parent, self.slot) {
            Ok(contribution) => data.put_data(INHERENT_IDENTIFIER, &contribution),
            Err(why) => without(*self.slot, why, self.contributor.is_demanded(self.parent)),
        }
    }

    async fn try_handle_error(
        &self,
        _: &InherentIdentifier,
        _: &[u8],
    ) -> Option<Result<(), sp_inherents::Error>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myelin_wire::{sr25519::Keypair, vrf};
    use sp_keystore::{testing::MemoryKeystore, Keystore};

    #[test]
    fn the_chain_accepts_what_the_keystore_signs() {
        let keystore = MemoryKeystore::new();
        let author = keystore.sr25519_generate_new(AURA, Some("//One")).expect("a key of a path");
        let keystore: KeystorePtr = Arc::new(keystore);
        let turn = Turn { genesis: [1; 32], before: [2; 32], slot: 3 };
        let Contribution { output, proof } =
            contribute(&keystore, &author, &turn).expect("the keystore holds the key");
        let signature = vrf::VrfSignature { output, proof };
        let value = turn.value(&author.0, Some(&signature)).expect("the author's own contribution");
        assert_ne!(value, turn.value_without());

        let stranger = Public::from_raw(Keypair::from_seed(&[4; 32]).public());
        let refused = contribute(&keystore, &stranger, &turn).expect_err("there is no such key");
        assert!(refused.contains("does not hold the key"), "{refused}");
    }

    #[test]
    fn a_node_that_cannot_contribute_makes_no_block_where_contributions_are_demanded() {
        assert!(without(3, "the keystore is empty".into(), false).is_ok());
        let error = without(3, "the keystore is empty".into(), true).expect_err("no block");
        assert!(error.to_string().contains("no contribution to the beacon"), "{error}");
    }
}

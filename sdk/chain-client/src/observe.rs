//! Reads of an observer, who follows every block: the equation of all TAO, headers and their authors, and copies of the
//! whole state.

use myelin_abi::TaoEquation;
use myelin_wire::sr25519::verify;
use subxt::rpcs::client::rpc_params;

use crate::light::JsonHeader;
use crate::{Block, ChainClient, ChainError, Hash, Result};

/// Keys of one page of a state.
const PAGE: u32 = 512;

/// A block, and the parts of its header that link it to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The block.
    pub block: Block,
    /// Hash of the block before.
    pub parent: Hash,
    /// Root of the state after the block.
    pub state_root: Hash,
}

/// A storage key with its value.
pub type Entry = (Vec<u8>, Vec<u8>);

impl ChainClient {
    /// The equation of all TAO after a block; after the best one by default.
    pub async fn tao_equation(&self, at: Option<Hash>) -> Result<TaoEquation> {
        let answer = self.runtime_call("AuditRuntimeApi_tao_equation", &[], at).await;
        answer.map_err(|error| match error {
            ChainError::Connection(why) if why.contains("is not found") => ChainError::NotFound(
                "the runtime of this chain does not answer the equation of all TAO; a newer one does".into(),
            ),
            error => without_state(error, at),
        })
    }

    /// The header of a block.
    pub async fn header(&self, hash: Hash) -> Result<Header> {
        let header = self.inner.rpc.chain_get_header(Some(hash.0.into())).await?;
        let header = header.ok_or_else(|| ChainError::NotFound(format!("the node has no block {hash}")))?;
        Ok(Header {
            block: Block { number: header.number, hash },
            parent: Hash(header.parent_hash.0),
            state_root: Hash(header.state_root.0),
        })
    }

    /// The Aura key of a block's author: the authority whose turn the block's slot is, by the list of the block before.
    /// Its seal is checked.
    pub async fn author(&self, hash: Hash) -> Result<[u8; 32]> {
        let answer: Option<JsonHeader> =
            self.inner.raw.request("chain_getHeader", rpc_params![hash.to_string()]).await?;
        let header =
            answer.ok_or_else(|| ChainError::NotFound(format!("the node has no block {hash}")))?.read();
        let sealed = header.as_ref().and_then(|header| Some((header, header.sealed()?)));
        let (header, sealed) = sealed.ok_or_else(|| ChainError::undecodable("a header", "it has no seal"))?;
        let authorities: Option<Vec<[u8; 32]>> =
            self.storage("Aura", "Authorities", &[], Some(Hash(header.parent))).await?;
        let authorities = authorities.unwrap_or_default();
        let turn = u64::try_from(authorities.len()).ok().and_then(|count| sealed.slot.checked_rem(count));
        let author = turn.and_then(|turn| authorities.get(usize::try_from(turn).ok()?));
        let author = author.filter(|key| verify(key, &sealed.signed, &sealed.signature));
        author.copied().ok_or_else(|| ChainError::undecodable("a header", "the seal is not that of its turn"))
    }

    /// Version of the runtime that a block leaves in force.
    pub async fn spec_version(&self, at: Hash) -> Result<u32> {
        let version = self.inner.rpc.state_get_runtime_version(Some(at.0.into())).await;
        Ok(version.map_err(|error| without_state(error.into(), Some(at)))?.spec_version)
    }

    /// Blake2b-256 of the runtime's code that a block leaves in force. The code itself stays on the node: it has some
    /// megabytes.
    pub async fn code_hash(&self, at: Hash) -> Result<[u8; 32]> {
        let params = rpc_params![format!("0x{}", hex::encode(b":code")), at.to_string()];
        let answer: std::result::Result<Option<String>, subxt::rpcs::Error> =
            self.inner.raw.request("state_getStorageHash", params).await;
        let hash = answer.map_err(|error| without_state(error.into(), Some(at)))?;
        let hash = hash.ok_or_else(|| ChainError::NotFound(format!("block {at} has no code")))?;
        hash_of_digits(&hash).ok_or_else(|| ChainError::undecodable("state_getStorageHash", "it is no hash"))
    }

    /// The next page of the whole state after a block, in the order of its keys; empty after the last one. A node that
    /// answers out of order is refused, so a reader that goes on with the last key comes to an end.
    pub async fn state_page(&self, after: Option<&[u8]>, at: Hash) -> Result<Vec<Entry>> {
        let lost = |error: subxt::rpcs::Error| without_state(error.into(), Some(at));
        let rpc = &self.inner.rpc;
        let keys = rpc.state_get_keys_paged(&[], PAGE, after, Some(at.0.into())).await.map_err(lost)?;
        if !in_order(after, &keys) {
            return Err(ChainError::undecodable("state_getKeysPaged", "the keys are not in their order"));
        }
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let asked = keys.iter().map(Vec::as_slice);
        let sets = rpc.state_query_storage_at(asked, Some(at.0.into())).await.map_err(lost)?;
        let changes = sets.into_iter().flat_map(|set| set.changes);
        let entries: Vec<Entry> = changes.filter_map(|(key, value)| Some((key.0, value?.0))).collect();
        match entries.iter().map(|(key, _)| key).eq(&keys) {
            true => Ok(entries),
            false => {
                Err(ChainError::undecodable("state_queryStorageAt", "it has other keys than were asked for"))
            }
        }
    }
}

/// A hash as nodes write it: `0x` and 64 hexadecimal digits.
fn hash_of_digits(text: &str) -> Option<[u8; 32]> {
    hex::decode(text.strip_prefix("0x")?).ok()?.try_into().ok()
}

/// Whether the keys of a page rise, all of them above the last one of the page before.
fn in_order(after: Option<&[u8]>, keys: &[Vec<u8>]) -> bool {
    let before = after.into_iter().chain(keys.iter().map(Vec::as_slice));
    before.zip(keys.iter().skip(usize::from(after.is_none()))).all(|(one, next)| one < next.as_slice())
}

/// The error of a question about the state of a block, with a name if the node has removed that state.
fn without_state(error: ChainError, at: Option<Hash>) -> ChainError {
    match (error, at) {
        (ChainError::Connection(why), Some(block)) if why.contains("discarded") => {
            ChainError::Pruned { block }
        }
        (error, _) => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_do_not_go_on_are_refused() {
        let page = |keys: &[u8]| keys.iter().map(|key| vec![*key]).collect::<Vec<_>>();
        assert!(in_order(None, &page(&[1, 2, 3])) && in_order(Some(&[1]), &page(&[2, 3])));
        assert!(in_order(None, &[]) && in_order(Some(&[9]), &[]) && in_order(None, &page(&[0])));
        for (after, keys) in
            [(None, &[2, 1][..]), (None, &[1, 1]), (Some(&[2][..]), &[2, 3]), (Some(&[3]), &[1])]
        {
            assert!(!in_order(after, &page(keys)), "{after:?} {keys:?}");
        }
    }

    #[test]
    fn a_hash_has_64_digits() {
        assert_eq!(hash_of_digits(&format!("0x{}", "0a".repeat(32))), Some([10; 32]));
        for wrong in ["", "0x", "0a", &"0a".repeat(32), &format!("0x{}", "0a".repeat(33))] {
            assert_eq!(hash_of_digits(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_state_that_a_node_has_removed_has_a_name() {
        let at = Hash([7; 32]);
        let said = ChainError::Connection("UnknownBlock: State already discarded for 0x07".into());
        assert!(matches!(without_state(said, Some(at)), ChainError::Pruned { block } if block == at));
        let other = ChainError::Connection("it is gone".into());
        assert!(matches!(without_state(other, Some(at)), ChainError::Connection(_)));
    }
}

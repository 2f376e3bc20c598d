//! Content hashes: one function for files, manifests, records and endpoints.

use myelin_wire::hash::blake2_256_of;
pub use myelin_wire::hash::{blake2_256 as content_id, Blake2b256 as ContentHasher, Hash};

/// The identity of a model: the content hash of its weights.
pub type ModelId = [u8; 32];

/// First bytes of an endpoint's description, so that no file has its hash by accident.
const ENDPOINT: &[u8] = b"myelin/endpoint/1\0";

/// The address of a server as ids of endpoints name it: without slashes at its end, and without a last part `/v1`.
/// Clients write addresses with and without them, and mean one server.
pub fn endpoint_address(url: &str) -> &str {
    let url = url.trim_end_matches('/');
    url.strip_suffix("/v1").unwrap_or(url).trim_end_matches('/')
}

/// Id of a model behind an endpoint: the hash of its [address](endpoint_address) and of the name that the server has
/// for it. Its weights are unknown, so the id names the service and proves nothing about it.
pub fn endpoint_id(url: &[u8], name: &[u8]) -> ModelId {
    blake2_256_of(&[ENDPOINT, url, b"\0", name])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_hashes_are_those_of_b2sum() {
        // `printf '' | b2sum --length=256` and `printf abc | b2sum --length=256` of GNU coreutils.
        let hex =
            |hash: Hash| hash.iter().map(|byte| std::format!("{byte:02x}")).collect::<std::string::String>();
        assert_eq!(hex(content_id(b"")), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
        assert_eq!(
            hex(content_id(b"abc")),
            "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319"
        );
    }

    #[test]
    fn pieces_give_the_hash_of_the_whole_and_endpoints_depend_on_both_parts() {
        let mut hasher = ContentHasher::default();
        [&b"one "[..], b"", b"two"].iter().for_each(|piece| hasher.update(piece));
        assert_eq!(hasher.finish(), content_id(b"one two"));
        assert_ne!(endpoint_id(b"http://a", b"b"), endpoint_id(b"http://a", b"c"));
        assert_ne!(endpoint_id(b"http://a", b"b"), endpoint_id(b"http://ab", b""));
    }

    #[test]
    fn addresses_of_one_server_are_one_address() {
        for same in ["http://a:1", "http://a:1/", "http://a:1/v1", "http://a:1/v1/", "http://a:1//v1//"] {
            assert_eq!(endpoint_address(same), "http://a:1", "{same}");
        }
        assert_eq!(endpoint_address("http://a:1/api/v1"), "http://a:1/api");
        assert_eq!(endpoint_address("http://a:1/v12"), "http://a:1/v12");
    }
}

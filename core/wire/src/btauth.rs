//! `btauth/1`: the signature that newer official clients put on any HTTP request.
//!
//! The signed text has eight lines joined by `\n`, without a newline at the end: `btauth/1`, the scheme, the method in
//! upper case, path and query as sent. They are followed by the SHA-256 of the raw body in lower-case hexadecimal, the
//! nonce, the sender's address, and the receiver's address or `-`.
//!
//! A verifier checks version, hotkey, nonce, scheme and signature text first, then the receiver, then the age. It then
//! verifies the signature, under the scheme that the sender declares and no other, and only after that asks the replay
//! store.

use alloc::{collections::BTreeMap, format, string::String};

use crate::{
    ed25519,
    hash::{from_hex, sha256, to_hex},
    nonce::Rights,
    sr25519::{PublicKey, Signature, Signer},
    ss58, AccountId,
};

/// Names of the headers, in lower case.
pub mod header {
    /// Always `1`.
    pub const VERSION: &str = "x-bittensor-version";
    /// The sender's address.
    pub const HOTKEY: &str = "x-bittensor-hotkey";
    /// The receiver's address.
    pub const RECEIVER: &str = "x-bittensor-receiver";
    /// Unix nanoseconds.
    pub const NONCE: &str = "x-bittensor-nonce";
    /// The signature, hexadecimal with `0x`.
    pub const SIGNATURE: &str = "x-bittensor-signature";
    /// The scheme, absent for sr25519.
    pub const CRYPTO: &str = "x-bittensor-crypto";
    /// SHA-256 of the body in lower-case hexadecimal; an addition of this network that other verifiers ignore. With it
    /// a receiver can verify the signature before it reads the body, which it then compares.
    pub const BODY_SHA256: &str = "x-myelin-body-sha256";
}

/// Announces on the chain that an axon takes requests signed this way, with their challenge in the path. The axon
/// writes it into the first field that is free for the subnet. The announcement is signed, so nobody in between can
/// hide it from a sender.
pub const ANNOUNCED: u8 = 1;

/// Oldest accepted request: 10 seconds.
pub const MAX_AGE_NS: u64 = 10_000_000_000;
/// Most nanoseconds that a sender's clock may be ahead: 2 seconds.
pub const MAX_SKEW_NS: u64 = 2_000_000_000;

/// Signature scheme of a sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// The scheme of a request without [`header::CRYPTO`].
    Sr25519,
    /// The scheme of a request that names it in [`header::CRYPTO`].
    Ed25519,
}

impl Scheme {
    /// Reads the header; official verifiers take names in any case and the numbers of keyfiles.
    fn parse(text: Option<&str>) -> Option<Self> {
        match text.map(|text| text.trim().to_ascii_lowercase()).as_deref() {
            None | Some("sr25519" | "1") => Some(Self::Sr25519),
            Some("ed25519" | "0") => Some(Self::Ed25519),
            Some(_) => None,
        }
    }

    /// The name that is signed.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sr25519 => "sr25519",
            Self::Ed25519 => "ed25519",
        }
    }

    fn verify(self, public: &AccountId, text: &[u8], signature: &Signature) -> bool {
        match self {
            Self::Sr25519 => PublicKey::new(public).is_ok_and(|key| key.verify_or_wrapped(text, signature)),
            Self::Ed25519 => ed25519::verify_or_wrapped(public, text, signature),
        }
    }
}

/// The parts of an HTTP request that are signed.
#[derive(Debug, Clone, Copy)]
pub struct SignedRequest<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Path and query as sent.
    pub path: &'a str,
    /// SHA-256 of the raw body.
    pub body_sha256: [u8; 32],
}

impl<'a> SignedRequest<'a> {
    /// A request with this body.
    pub fn new(method: &'a str, path: &'a str, body: &[u8]) -> Self {
        Self { method, path, body_sha256: sha256(body) }
    }

    /// The signed text.
    pub fn text(&self, scheme: Scheme, nonce: u64, sender: &str, receiver: Option<&str>) -> String {
        let (scheme, method, path) = (scheme.name(), self.method.to_ascii_uppercase(), self.path);
        let body = to_hex(&self.body_sha256);
        let receiver = receiver.unwrap_or("-");
        format!("btauth/1\n{scheme}\n{method}\n{path}\n{body}\n{nonce}\n{sender}\n{receiver}")
    }

    /// Signs for `receiver`; returns header names and values.
    pub fn sign(&self, sender: &dyn Signer, receiver: &AccountId, nonce: u64) -> [(&'static str, String); 6] {
        let from = ss58::encode(&sender.public());
        let to = ss58::encode(receiver);
        let text = self.text(Scheme::Sr25519, nonce, &from, Some(&to));
        let signature = crate::v10::sign_text(sender, &text);
        [
            (header::VERSION, "1".into()),
            (header::HOTKEY, from),
            (header::RECEIVER, to),
            (header::NONCE, format!("{nonce}")),
            (header::SIGNATURE, signature),
            (header::BODY_SHA256, to_hex(&self.body_sha256)),
        ]
    }
}

/// Reasons to refuse a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// A header is missing or cannot be read.
    #[error("malformed or missing header `{0}`")]
    Malformed(&'static str),
    /// Addressed to somebody else.
    #[error("the request is addressed to another receiver")]
    WrongReceiver,
    /// Too old or too far ahead.
    #[error("the request is stale: {age_ms} ms old by this clock, accepted are -2000 to 10000 ms")]
    Stale {
        /// Age in milliseconds, negative if ahead.
        age_ms: i64,
    },
    /// The signature does not fit.
    #[error("the signature does not fit the request")]
    BadSignature,
    /// The body is not the one whose hash was signed.
    #[error("the body does not fit the hash that was signed")]
    OtherBody,
    /// Seen before.
    #[error("the request was already received")]
    Replayed,
    /// The replay store cannot take more.
    #[error("too many requests within the last seconds")]
    Full,
}

/// The headers of a signed request, syntactically checked.
#[derive(Debug, Clone, Copy)]
pub struct AuthHead<'a> {
    /// The sender, decoded.
    pub sender: AccountId,
    /// The sender's address as sent.
    pub sender_text: &'a str,
    /// The receiver as sent.
    pub receiver: Option<&'a str>,
    /// Unix nanoseconds.
    pub nonce: u64,
    /// Signature scheme that the sender declares.
    pub scheme: Scheme,
    /// The signature.
    pub signature: Signature,
    /// SHA-256 of the body, if the sender says it ahead of the body.
    pub body_sha256: Option<[u8; 32]>,
}

impl<'a> AuthHead<'a> {
    /// Whether a request carries `btauth` headers at all.
    pub fn is_present(get: impl Fn(&'static str) -> Option<&'a str>) -> bool {
        get(header::VERSION).is_some()
    }

    /// Reads the headers; `get` looks one up by its lower-case name.
    pub fn parse(get: impl Fn(&'static str) -> Option<&'a str>) -> Result<Self, AuthError> {
        let malformed = AuthError::Malformed;
        if get(header::VERSION) != Some("1") {
            return Err(malformed(header::VERSION));
        }
        let sender_text = get(header::HOTKEY).ok_or(malformed(header::HOTKEY))?;
        let sender = ss58::decode(sender_text).map_err(|_| malformed(header::HOTKEY))?;
        let nonce = get(header::NONCE)
            .filter(|text| text.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|text| text.parse().ok())
            .ok_or(malformed(header::NONCE))?;
        let scheme = Scheme::parse(get(header::CRYPTO)).ok_or(malformed(header::CRYPTO))?;
        let signature = get(header::SIGNATURE)
            .filter(|text| text.starts_with("0x"))
            .and_then(from_hex)
            .ok_or(malformed(header::SIGNATURE))?;
        let body_sha256 = match get(header::BODY_SHA256) {
            Some(text) => Some(from_hex(text).ok_or(malformed(header::BODY_SHA256))?),
            None => None,
        };
        let receiver = get(header::RECEIVER);
        Ok(Self { sender, sender_text, receiver, nonce, scheme, signature, body_sha256 })
    }

    /// Checks receiver and age, in this order, for the receiver whose address is `own`.
    pub fn check(&self, own: &str, now_ns: u64) -> Result<(), AuthError> {
        if self.receiver != Some(own) {
            return Err(AuthError::WrongReceiver);
        }
        let too_old = now_ns.saturating_sub(self.nonce) > MAX_AGE_NS;
        let ahead = self.nonce.saturating_sub(now_ns) > MAX_SKEW_NS;
        if too_old || ahead {
            let age = (i128::from(now_ns) - i128::from(self.nonce)) / 1_000_000;
            return Err(AuthError::Stale { age_ms: age as i64 });
        }
        Ok(())
    }

    /// Verifies the signature over `request`.
    pub fn verify(&self, request: &SignedRequest<'_>) -> Result<(), AuthError> {
        let text = request.text(self.scheme, self.nonce, self.sender_text, self.receiver);
        let fits = self.scheme.verify(&self.sender, text.as_bytes(), &self.signature);
        fits.then_some(()).ok_or(AuthError::BadSignature)
    }
}

/// Parameters that a signed request carries beside its body, in the query of its path, which the signature covers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Posed {
    /// The challenge that the answer is to be signed for.
    pub challenge_id: Option<[u8; 32]>,
    /// Milliseconds that the sender waits, 0 if it does not say.
    pub timeout_ms: u64,
}

impl Posed {
    const CHALLENGE: &'static str = "myelin-challenge";
    const TIMEOUT_MS: &'static str = "myelin-timeout-ms";

    /// Reads the part behind the `?` of a path; unknown names are ignored.
    pub fn parse(path: &str) -> Result<Self, AuthError> {
        let mut posed = Self::default();
        let query = path.split_once('?').map_or("", |(_, query)| query);
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            if name == Self::CHALLENGE {
                let id = from_hex(value).ok_or(AuthError::Malformed(Self::CHALLENGE))?;
                posed.challenge_id = Some(id);
            } else if name == Self::TIMEOUT_MS {
                posed.timeout_ms = value.parse().map_err(|_| AuthError::Malformed(Self::TIMEOUT_MS))?;
            }
        }
        Ok(posed)
    }

    /// The path of a request for `synapse` with these parameters.
    pub fn path(&self, synapse: &str) -> String {
        let path = format!("/{synapse}?{}={}", Self::TIMEOUT_MS, self.timeout_ms);
        match &self.challenge_id {
            Some(id) => format!("{path}&{}={}", Self::CHALLENGE, to_hex(id)),
            None => path,
        }
    }
}

/// Remembers (hotkey, nonce) of accepted requests until they are stale anyway; bounded per hotkey and, for strangers,
/// in all.
///
/// Holders are bounded by their number: no request of a stranger takes their room.
#[derive(Debug, Clone)]
pub struct ReplayStore {
    /// With the rights that the sender had.
    seen: BTreeMap<(u64, AccountId), Rights>,
    per_hotkey: BTreeMap<AccountId, usize>,
    strangers: usize,
    max_strangers: usize,
    max_per_hotkey: usize,
}

impl ReplayStore {
    /// An empty store for at most `max_strangers` requests of strangers, and `max_per_hotkey` of each sender.
    pub fn new(max_strangers: usize, max_per_hotkey: usize) -> Self {
        Self {
            seen: BTreeMap::new(),
            per_hotkey: BTreeMap::new(),
            strangers: 0,
            max_strangers,
            max_per_hotkey,
        }
    }

    /// Number of requests remembered.
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// Records a verified request of a sender with these rights; refuses one seen before.
    pub fn accept(
        &mut self,
        sender: AccountId,
        rights: Rights,
        nonce: u64,
        now_ns: u64,
    ) -> Result<(), AuthError> {
        self.forget_stale(now_ns);
        if self.seen.contains_key(&(nonce, sender)) {
            return Err(AuthError::Replayed);
        }
        let own = self.per_hotkey.get(&sender).copied().unwrap_or(0);
        let is_stranger = rights == Rights::Stranger;
        if own >= self.max_per_hotkey || (is_stranger && self.strangers >= self.max_strangers) {
            return Err(AuthError::Full);
        }
        self.strangers += usize::from(is_stranger);
        self.per_hotkey.insert(sender, own + 1);
        self.seen.insert((nonce, sender), rights);
        Ok(())
    }

    fn forget_stale(&mut self, now_ns: u64) {
        let oldest = now_ns.saturating_sub(MAX_AGE_NS);
        while let Some(stale) = self.seen.first_entry().filter(|stale| stale.key().0 < oldest) {
            let ((_, sender), rights) = stale.remove_entry();
            self.strangers -= usize::from(rights == Rights::Stranger);
            if let Some(count) = self.per_hotkey.get_mut(&sender) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    self.per_hotkey.remove(&sender);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{answer::tests::Key, sr25519::Keypair};

    const NOW: u64 = 1_752_076_800_000_000_000;
    fn request() -> SignedRequest<'static> {
        SignedRequest::new("post", "/generate?stream=false", br#"{"prompt": "hello"}"#)
    }

    fn signed() -> (Key, AccountId, [(&'static str, String); 6]) {
        let sender = Key(Keypair::from_seed(&[1; 32]));
        let receiver = Keypair::from_seed(&[2; 32]).public();
        let headers = request().sign(&sender, &receiver, NOW);
        (sender, receiver, headers)
    }

    fn head<'a>(headers: &'a [(&'static str, String)]) -> Result<AuthHead<'a>, AuthError> {
        AuthHead::parse(|name| headers.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str()))
    }

    #[test]
    fn the_signed_text_is_the_official_one() {
        // The official golden vector, with the ed25519 address of //Alice as sender.
        let text = request().text(
            Scheme::Ed25519,
            NOW,
            "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu",
            Some("5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"),
        );
        assert_eq!(
            text,
            "btauth/1\ned25519\nPOST\n/generate?stream=false\n341c57448e531310fbbe83f44cea2a5e838bd9e8a6b82b269f01d0dbbc23c3cc\n1752076800000000000\n5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu\n5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty"
        );
    }

    #[test]
    fn a_request_is_accepted_once_by_its_receiver_while_fresh() {
        let (_, receiver, headers) = signed();
        let own = ss58::encode(&receiver);
        let head = head(&headers).unwrap();
        assert_eq!(head.check(&own, NOW), Ok(()));
        assert_eq!(head.verify(&request()), Ok(()));
        let mut store = ReplayStore::new(100, 10);
        assert_eq!(store.accept(head.sender, Rights::Stranger, head.nonce, NOW), Ok(()));
        assert_eq!(store.accept(head.sender, Rights::Stranger, head.nonce, NOW), Err(AuthError::Replayed));
        assert_eq!(head.check("5GrwvaEF", NOW), Err(AuthError::WrongReceiver));
        assert_eq!(head.check(&own, NOW + MAX_AGE_NS), Ok(()));
        assert!(matches!(head.check(&own, NOW + MAX_AGE_NS + 1), Err(AuthError::Stale { .. })));
        assert!(matches!(head.check(&own, NOW - MAX_SKEW_NS - 1), Err(AuthError::Stale { .. })));
    }

    #[test]
    fn a_changed_request_or_header_is_refused() {
        let (_, _, headers) = signed();
        let head_ = head(&headers).unwrap();
        for other in [
            SignedRequest { method: "PUT", ..request() },
            SignedRequest { path: "/generate", ..request() },
            SignedRequest::new("post", "/generate?stream=false", b"{}"),
        ] {
            assert_eq!(head_.verify(&other), Err(AuthError::BadSignature));
        }
        for (index, name, value) in [
            (0, header::VERSION, "2"),
            (1, header::HOTKEY, "5Alice"),
            (3, header::NONCE, "+1"),
            (4, header::SIGNATURE, "00"),
            (5, header::BODY_SHA256, "00"),
        ] {
            let mut changed = headers.clone();
            changed[index].1 = value.into();
            assert_eq!(head(&changed).err(), Some(AuthError::Malformed(name)));
        }
    }

    #[test]
    fn the_replay_store_stays_bounded_and_recovers() {
        let mut store = ReplayStore::new(4, 3);
        for n in 0..3 {
            assert_eq!(store.accept([1; 32], Rights::Stranger, NOW + n, NOW), Ok(()));
        }
        assert_eq!(store.accept([1; 32], Rights::Stranger, NOW + 9, NOW), Err(AuthError::Full));
        assert_eq!(store.len(), 3);
        assert_eq!(store.accept([2; 32], Rights::Stranger, NOW, NOW), Ok(()));
        assert_eq!(store.accept([3; 32], Rights::Stranger, NOW, NOW), Err(AuthError::Full));
        for n in 0..3 {
            assert_eq!(store.accept([4; 32], Rights::Holder, NOW + n, NOW), Ok(()), "holders have room");
        }
        assert_eq!(store.accept([4; 32], Rights::Holder, NOW + 3, NOW), Err(AuthError::Full), "of their own");
        let later = NOW + MAX_AGE_NS + 10;
        assert_eq!(store.accept([3; 32], Rights::Stranger, later, later), Ok(()));
        assert_eq!(store.len(), 1);
    }

    #[test]
    fn a_scheme_is_read_as_officially_and_only_the_declared_one_counts() {
        let parsed = |text| Scheme::parse(Some(text));
        for text in ["sr25519", "SR25519", " sr25519", "1"] {
            assert_eq!(parsed(text), Some(Scheme::Sr25519), "{text}");
        }
        for text in ["ed25519", "Ed25519 ", "0"] {
            assert_eq!(parsed(text), Some(Scheme::Ed25519), "{text}");
        }
        for text in ["", "ecdsa", "2", "25519"] {
            assert_eq!(parsed(text), None, "{text}");
        }
        let (_, _, headers) = signed();
        let declared = AuthHead { scheme: Scheme::Ed25519, ..head(&headers).unwrap() };
        assert_eq!(declared.verify(&request()), Err(AuthError::BadSignature));
    }

    #[test]
    fn what_a_path_poses_is_read_as_it_was_written() {
        for challenge_id in [None, Some([7; 32])] {
            let posed = Posed { challenge_id, timeout_ms: 1_500 };
            assert_eq!(Posed::parse(&posed.path("Text")), Ok(posed));
        }
        assert_eq!(Posed::parse("/generate?stream=false&x"), Ok(Posed::default()));
        for wrong in ["/a?myelin-challenge=12", "/a?myelin-timeout-ms=soon"] {
            assert!(matches!(Posed::parse(wrong), Err(AuthError::Malformed(_))), "{wrong}");
        }
    }

    #[test]
    fn headers_of_this_kind_are_recognised_by_their_version() {
        assert!(AuthHead::is_present(|name| (name == header::VERSION).then_some("2")));
        assert!(!AuthHead::is_present(|name| (name != header::VERSION).then_some("1")));
    }

    #[test]
    fn a_stale_request_is_told_its_age() {
        let (_, receiver, headers) = signed();
        let own = ss58::encode(&receiver);
        let head = head(&headers).unwrap();
        assert_eq!(head.check(&own, NOW - MAX_SKEW_NS), Ok(()), "as far ahead as clocks may differ");
        assert_eq!(head.check(&own, NOW + 12_345_678_900), Err(AuthError::Stale { age_ms: 12_345 }));
        assert_eq!(head.check(&own, NOW - 3_000_000_000), Err(AuthError::Stale { age_ms: -3_000 }));
    }

    #[test]
    fn a_request_is_remembered_as_long_as_it_is_fresh() {
        let mut store = ReplayStore::new(4, 3);
        assert!(store.is_empty());
        assert_eq!(store.accept([1; 32], Rights::Stranger, NOW, NOW), Ok(()));
        assert_eq!((store.len(), store.is_empty()), (1, false));
        assert_eq!(store.accept([1; 32], Rights::Stranger, NOW, NOW + MAX_AGE_NS), Err(AuthError::Replayed));
        assert_eq!(store.accept([2; 32], Rights::Stranger, NOW + MAX_AGE_NS, NOW + MAX_AGE_NS + 1), Ok(()));
        assert_eq!(store.len(), 1, "the first is stale");
    }

    #[test]
    fn a_senders_requests_stay_counted_while_some_are_fresh() {
        let mut store = ReplayStore::new(9, 3);
        for n in 0..3 {
            assert_eq!(store.accept([1; 32], Rights::Stranger, NOW + n, NOW), Ok(()));
        }
        for n in 3..5 {
            assert_eq!(
                store.accept([1; 32], Rights::Stranger, NOW + n, NOW),
                Err(AuthError::Full),
                "a refusal frees nothing"
            );
        }
        // The first is stale now, the other two are not.
        let later = NOW + MAX_AGE_NS + 1;
        assert_eq!(store.accept([1; 32], Rights::Stranger, later, later), Ok(()));
        assert_eq!(store.accept([1; 32], Rights::Stranger, later + 1, later), Err(AuthError::Full));
    }
}

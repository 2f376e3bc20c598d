//! The record of a model: its shape and its limits.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;
use thiserror::Error;

use crate::{
    identity::{content_id, endpoint_id, Hash, ModelId},
    licence::{self, LicenceError, MAX_LICENCE},
};

/// All shares of a model together.
pub const SHARES: u32 = 1_000_000;
/// Most parents.
pub const MAX_PARENTS: usize = 8;
/// Most contributors; confirmations are bits of a 16-bit number.
pub const MAX_CONTRIBUTORS: usize = 16;
/// Most hashes of data.
pub const MAX_DATA: usize = 16;
/// Most addresses.
pub const MAX_URLS: usize = 4;
/// Most bytes of an address.
pub const MAX_URL: usize = 256;
/// Most older ids.
pub const MAX_ALIASES: usize = 4;
/// Most bytes of a name.
pub const MAX_NAME: usize = 64;

/// The form of a model's weights.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub enum WeightsKind {
    /// A safetensors file.
    #[codec(index = 0)]
    Safetensors,
    /// A GGUF file.
    #[codec(index = 1)]
    Gguf,
    /// A directory; the id is the hash of its manifest.
    #[codec(index = 2)]
    Directory,
    /// A file in a format of this network.
    #[codec(index = 3)]
    Own,
    /// A WebAssembly program for the sandbox.
    #[codec(index = 4)]
    Program,
    /// A service whose weights are unknown. Nobody can verify it.
    #[codec(index = 5)]
    Endpoint,
}

impl WeightsKind {
    /// Every kind with its word.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Safetensors, "safetensors"),
        (Self::Gguf, "gguf"),
        (Self::Directory, "directory"),
        (Self::Own, "own"),
        (Self::Program, "program"),
        (Self::Endpoint, "endpoint"),
    ];

    /// The word for this kind.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }

    /// Whether there are weights to hash.
    pub fn is_verifiable(self) -> bool {
        self != Self::Endpoint
    }
}

/// An account that contributed to a model.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct Contributor<AccountId> {
    /// The account.
    pub account: AccountId,
    /// Its share of [`SHARES`].
    pub share: u32,
}

/// A publisher's statement of a model. It never changes, and its hash names it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Record<AccountId> {
    /// The account that publishes it.
    pub publisher: AccountId,
    /// Content hash of the weights.
    pub model: ModelId,
    /// Form of the weights.
    pub kind: WeightsKind,
    /// Size of the weights in bytes; 0 for endpoints.
    pub size: u64,
    /// Name for people, in UTF-8.
    pub name: Vec<u8>,
    /// Models that it was made from.
    pub parents: Vec<ModelId>,
    /// Contributors; their shares add up to [`SHARES`].
    pub contributors: Vec<Contributor<AccountId>>,
    /// Hash of the record of the training run.
    pub run: Option<Hash>,
    /// SPDX licence expression.
    pub licence: Vec<u8>,
    /// Hashes of the data that it was trained on.
    pub data: Vec<Hash>,
    /// Addresses of the weights, `http://` or `https://`.
    pub urls: Vec<Vec<u8>>,
    /// Ids that other parts of the network gave to the same model before.
    pub aliases: Vec<Hash>,
}

/// Reasons to refuse a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum RecordError {
    /// The name is empty, too long or not printable.
    #[error("a name has 1 to {MAX_NAME} bytes of printable text")]
    Name,
    /// There are more than [`MAX_PARENTS`] parents.
    #[error("a model has at most {MAX_PARENTS} parents; this one has {0}")]
    TooManyParents(usize),
    /// A parent is named twice.
    #[error("a parent is named twice")]
    ParentTwice,
    /// The model is its own parent.
    #[error("the model is its own parent")]
    OwnParent,
    /// There is no contributor, or more than [`MAX_CONTRIBUTORS`].
    #[error("a model has 1 to {MAX_CONTRIBUTORS} contributors; this one has {0}")]
    Contributors(usize),
    /// An account is named twice.
    #[error("a contributor is named twice")]
    ContributorTwice,
    /// A contributor has no share.
    #[error("a contributor has no share; leave the account out")]
    NoShare,
    /// The shares do not add up to [`SHARES`].
    #[error("the shares of the contributors add up to {0} and not to {SHARES}")]
    Shares(u64),
    /// The licence expression is wrong.
    #[error(transparent)]
    Licence(#[from] LicenceError),
    /// There are more than [`MAX_DATA`] hashes of data.
    #[error("a model has at most {MAX_DATA} hashes of data; this one has {0}")]
    TooMuchData(usize),
    /// There are more than [`MAX_URLS`] addresses.
    #[error("a model has at most {MAX_URLS} addresses; this one has {0}")]
    TooManyUrls(usize),
    /// An address is not `http://` or `https://`, or not printable, or too long.
    #[error(
        "address {0} is not `http://` or `https://` with at most {MAX_URL} printable bytes and no blanks"
    )]
    Url(usize),
    /// There are more than [`MAX_ALIASES`] older ids.
    #[error("a model has at most {MAX_ALIASES} older ids; this one has {0}")]
    TooManyAliases(usize),
    /// Weights without bytes, or an endpoint with a size.
    #[error("weights have at least one byte, and an endpoint has none")]
    Size,
    /// The id of an endpoint is not the hash of its first address and its name.
    #[error("the id of an endpoint is the hash of its first address and its name; this record has another")]
    EndpointId,
}

impl<AccountId: Encode + PartialEq> Record<AccountId> {
    /// The content hash of the record: that of its SCALE bytes.
    pub fn id(&self) -> Hash {
        content_id(&self.encode())
    }

    /// Checks everything that does not depend on other records. Lengths come first, so that the work is bounded.
    pub fn check(&self) -> Result<(), RecordError> {
        if !is_name(&self.name) {
            return Err(RecordError::Name);
        }
        self.check_parents()?;
        self.check_contributors()?;
        licence::check(&self.licence)?;
        if self.data.len() > MAX_DATA {
            return Err(RecordError::TooMuchData(self.data.len()));
        }
        if self.aliases.len() > MAX_ALIASES {
            return Err(RecordError::TooManyAliases(self.aliases.len()));
        }
        if self.urls.len() > MAX_URLS {
            return Err(RecordError::TooManyUrls(self.urls.len()));
        }
        if let Some(at) = self.urls.iter().position(|url| !is_url(url)) {
            return Err(RecordError::Url(at + 1));
        }
        if self.kind.is_verifiable() != (self.size > 0) {
            return Err(RecordError::Size);
        }
        let endpoint = self.urls.first().map(|url| endpoint_id(url, &self.name));
        match self.kind {
            WeightsKind::Endpoint if endpoint != Some(self.model) => Err(RecordError::EndpointId),
            _ => Ok(()),
        }
    }

    fn check_parents(&self) -> Result<(), RecordError> {
        if self.parents.len() > MAX_PARENTS {
            return Err(RecordError::TooManyParents(self.parents.len()));
        }
        if self.parents.contains(&self.model) {
            return Err(RecordError::OwnParent);
        }
        match is_repeated(&self.parents) {
            true => Err(RecordError::ParentTwice),
            false => Ok(()),
        }
    }

    fn check_contributors(&self) -> Result<(), RecordError> {
        let count = self.contributors.len();
        if count == 0 || count > MAX_CONTRIBUTORS {
            return Err(RecordError::Contributors(count));
        }
        let accounts: Vec<&AccountId> =
            self.contributors.iter().map(|contributor| &contributor.account).collect();
        if is_repeated(&accounts) {
            return Err(RecordError::ContributorTwice);
        }
        if self.contributors.iter().any(|contributor| contributor.share == 0) {
            return Err(RecordError::NoShare);
        }
        let sum: u64 = self.contributors.iter().map(|contributor| u64::from(contributor.share)).sum();
        match sum == u64::from(SHARES) {
            true => Ok(()),
            false => Err(RecordError::Shares(sum)),
        }
    }
}

/// The longest record that [`Record::check`] accepts.
impl<AccountId: MaxEncodedLen> MaxEncodedLen for Record<AccountId> {
    fn max_encoded_len() -> usize {
        // Lengths of lists below 64 take one byte, of texts up to 256 two.
        let account = AccountId::max_encoded_len();
        let lists = [
            (MAX_PARENTS, 32),
            (MAX_CONTRIBUTORS, account.saturating_add(4)),
            (MAX_DATA, 32),
            (MAX_URLS, MAX_URL + 2),
            (MAX_ALIASES, 32),
        ];
        let lists = lists.iter().fold(0usize, |sum, (most, each)| {
            sum.saturating_add(most.saturating_mul(*each)).saturating_add(1)
        });
        let texts = (MAX_NAME + 2) + (MAX_LICENCE + 2);
        account.saturating_add(32 + 1 + 8 + 33 + texts).saturating_add(lists)
    }
}

/// Whether an item of a short list is there twice.
fn is_repeated<T: PartialEq>(items: &[T]) -> bool {
    items.iter().enumerate().any(|(at, item)| items.iter().take(at).any(|earlier| earlier == item))
}

/// Whether bytes are a name for people: UTF-8 without control characters, and not blank at its ends.
fn is_name(bytes: &[u8]) -> bool {
    let printable = |text: &str| text.trim() == text && !text.chars().any(char::is_control);
    (1..=MAX_NAME).contains(&bytes.len()) && core::str::from_utf8(bytes).is_ok_and(printable)
}

/// Whether bytes are an address of the web. The chain does not read it further.
pub fn is_url(bytes: &[u8]) -> bool {
    let rest = bytes.strip_prefix(b"http://").or_else(|| bytes.strip_prefix(b"https://"));
    bytes.len() <= MAX_URL
        && bytes.iter().all(u8::is_ascii_graphic)
        && rest.is_some_and(|rest| rest.first().is_some_and(|byte| *byte != b'/'))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    pub fn record(model: u8) -> Record<[u8; 32]> {
        Record {
            publisher: [1; 32],
            model: [model; 32],
            kind: WeightsKind::Safetensors,
            size: 1,
            name: b"small".to_vec(),
            parents: vec![],
            contributors: vec![Contributor { account: [1; 32], share: SHARES }],
            run: None,
            licence: b"Apache-2.0".to_vec(),
            data: vec![],
            urls: vec![b"https://models.example/small".to_vec()],
            aliases: vec![],
        }
    }

    type Change = fn(&mut Record<[u8; 32]>);

    #[test]
    fn each_fault_has_its_name() {
        let faults: [(Change, RecordError); 19] = [
            (|record| record.name.clear(), RecordError::Name),
            (|record| record.name = vec![b'a'; MAX_NAME + 1], RecordError::Name),
            (|record| record.name = b"two\nlines".to_vec(), RecordError::Name),
            (|record| record.name = vec![0xff], RecordError::Name),
            (|record| record.parents = vec![[9; 32]; MAX_PARENTS + 1], RecordError::TooManyParents(9)),
            (|record| record.parents = vec![[9; 32]; 2], RecordError::ParentTwice),
            (|record| record.parents = vec![record.model], RecordError::OwnParent),
            (|record| record.contributors.clear(), RecordError::Contributors(0)),
            (|record| record.contributors = vec![record.contributors[0]; 17], RecordError::Contributors(17)),
            (|record| record.contributors = vec![record.contributors[0]; 2], RecordError::ContributorTwice),
            (|record| record.contributors[0].share = 0, RecordError::NoShare),
            (|record| record.contributors[0].share = SHARES - 1, RecordError::Shares(999_999)),
            (
                |record| record.licence = b"do what you want".to_vec(),
                RecordError::Licence(LicenceError::Syntax(3)),
            ),
            (|record| record.data = vec![[0; 32]; MAX_DATA + 1], RecordError::TooMuchData(17)),
            (|record| record.urls = vec![vec![]; MAX_URLS + 1], RecordError::TooManyUrls(5)),
            (
                |record| record.urls = vec![b"https://a".to_vec(), b"file:///etc/passwd".to_vec()],
                RecordError::Url(2),
            ),
            (|record| record.aliases = vec![[0; 32]; MAX_ALIASES + 1], RecordError::TooManyAliases(5)),
            (|record| record.size = 0, RecordError::Size),
            (|record| (record.kind, record.size) = (WeightsKind::Endpoint, 0), RecordError::EndpointId),
        ];
        for (change, error) in faults {
            let mut record = record(5);
            assert_eq!(record.check(), Ok(()));
            change(&mut record);
            assert_eq!(record.check(), Err(error));
        }
    }

    #[test]
    fn an_endpoint_is_named_by_its_first_address_and_its_name() {
        let mut record = record(5);
        (record.kind, record.size) = (WeightsKind::Endpoint, 0);
        record.model = endpoint_id(&record.urls[0], &record.name);
        assert_eq!(record.check(), Ok(()));
        record.urls.clear();
        assert_eq!(record.check(), Err(RecordError::EndpointId));
    }

    #[test]
    fn the_largest_record_has_the_largest_size() {
        let mut record = record(5);
        record.name = vec![b'n'; MAX_NAME];
        record.licence = vec![b'l'; MAX_LICENCE];
        record.parents = (0..8).map(|at| [at + 10; 32]).collect();
        record.contributors =
            (0..16).map(|at| Contributor { account: [at; 32], share: SHARES / 16 }).collect();
        record.run = Some([1; 32]);
        record.data = vec![[0; 32]; MAX_DATA];
        record.urls = vec![[b"https://".to_vec(), vec![b'u'; MAX_URL - 8]].concat(); MAX_URLS];
        record.aliases = vec![[0; 32]; MAX_ALIASES];
        assert_eq!(record.check(), Ok(()));
        assert!(record.encode().len() <= Record::<[u8; 32]>::max_encoded_len());
        assert!(record.encode().len() + 8 >= Record::<[u8; 32]>::max_encoded_len());
    }

    proptest! {
        #[test]
        fn shares_are_accepted_exactly_if_they_add_up(
            shares in proptest::collection::vec(1u32..SHARES, 1..16),
            whole in any::<bool>(),
        ) {
            let mut shares = shares;
            if whole {
                let others: u32 = shares.iter().skip(1).map(|share| share / 16).sum();
                shares.iter_mut().skip(1).for_each(|share| *share /= 16);
                shares[0] = SHARES - others;
            }
            let mut record = record(5);
            let contributor = |(at, share): (u8, &u32)| Contributor { account: [at; 32], share: *share };
            record.contributors = (0u8..).zip(&shares).map(contributor).collect();
            let sum: u64 = shares.iter().map(|share| u64::from(*share)).sum();
            let expected = match (shares.contains(&0), sum) {
                (true, _) => Err(RecordError::NoShare),
                (_, 1_000_000) => Ok(()),
                (_, sum) => Err(RecordError::Shares(sum)),
            };
            prop_assert_eq!(record.check(), expected);
        }

        #[test]
        fn every_field_changes_the_id(bytes in any::<[u8; 32]>(), at in 0usize..12) {
            let first = record(5);
            let mut other = first.clone();
            match at {
                0 => other.publisher = bytes,
                1 => other.model = bytes,
                2 => other.kind = WeightsKind::Gguf,
                3 => other.size += 1 + u64::from(bytes[0]),
                4 => other.name = bytes.to_vec(),
                5 => other.parents.push(bytes),
                6 => other.contributors.push(Contributor { account: bytes, share: 1 }),
                7 => other.run = Some(bytes),
                8 => other.licence = bytes.to_vec(),
                9 => other.data.push(bytes),
                10 => other.urls.push(bytes.to_vec()),
                _ => other.aliases.push(bytes),
            }
            prop_assert_ne!(first.id(), other.id());
            prop_assert_eq!(Record::decode(&mut &other.encode()[..]), Ok(other));
        }

        #[test]
        fn any_bytes_are_decoded_and_judged(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Ok(record) = Record::<[u8; 32]>::decode(&mut &bytes[..]) {
                let _ = record.check();
            }
        }
    }
}

//! Proofs that no fork can drop a block.
//!
//! A node's word that a block is final proves nothing. A *justification* does: signatures of authorities over a block
//! or over descendants of it, with more than two thirds of the weight of the set in office. [`AuthoritySet::verify`]
//! checks it. The last block of a set names the next one in its header ([`Header::next_authorities`]), so whoever
//! knows one set can walk to all later ones.
//!
//! | part | bytes |
//! |---|---|
//! | vote | 1, target hash (32), target number (4), round (8), set id (8): signed by ed25519 |
//! | justification | round (8), target hash, target number, list of (target, signature, authority), headers |
//! | finality proof | hash of the final block, justification, headers after the block that was asked for |

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use crate::{ed25519, hash::Hash, header::CONSENSUS, scale::Reader, AccountId};

pub use crate::header::Header;

#[cfg(test)]
mod tests;

/// Most authorities of a set.
pub const MOST_AUTHORITIES: usize = 10_000;
/// Most votes of a justification: an authority that voted twice may be listed twice.
const MOST_VOTES: usize = 2 * MOST_AUTHORITIES;
/// Most headers that connect the votes of a justification, or that a finality proof adds.
const MOST_HEADERS: usize = 100_000;
/// Name by which GRANDPA signs its digest items.
const GRANDPA: &[u8] = b"FRNK";

/// Reason why a header or its finality is not proved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FinalityError {
    /// Bytes that are no header, justification or list of authorities.
    #[error("the {0} cannot be read: the node may be of another version; ask another one")]
    Malformed(&'static str),
    /// The votes weigh too little.
    #[error("authorities with {found} of {total} votes signed for block {number}, and {needed} are needed; the node \
        answers with a justification that is not one")]
    TooFewVotes {
        /// Weight of the valid votes.
        found: u64,
        /// Weight that makes a block final.
        needed: u64,
        /// Weight of the set.
        total: u64,
        /// The block.
        number: u32,
    },
    /// A signature does not fit, under this set, round and target.
    #[error("the vote of authority 0x{} for set {set} and round {round} is not signed by it; the justification is \
        forged or of another set", crate::hash::to_hex(.authority))]
    BadSignature {
        /// The authority.
        authority: AccountId,
        /// The set that was expected.
        set: u64,
        /// The round.
        round: u64,
    },
    /// A vote by a key that is not in the set.
    #[error(
        "0x{} voted and is not in authority set {set}; the justification is of another set",
        crate::hash::to_hex(.authority)
    )]
    Stranger {
        /// The key.
        authority: AccountId,
        /// The set that was expected.
        set: u64,
    },
    /// A vote for a block that does not descend from the justified one.
    #[error(
        "authority 0x{} voted for a block that is not shown to descend from block {number}",
        crate::hash::to_hex(.authority)
    )]
    Unconnected {
        /// The authority.
        authority: AccountId,
        /// The justified block.
        number: u32,
    },
    /// A set without weight, or too large.
    #[error("an authority set of {0} members cannot make blocks final; ask for another checkpoint")]
    BadSet(usize),
}

impl Header {
    /// Reads a header with nothing after it.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, FinalityError> {
        Self::parse(bytes).ok_or(FinalityError::Malformed("header"))
    }

    /// The authorities that take over after this block; `None` if the set stays. A change with a delay or by force
    /// cannot be followed and is malformed here.
    pub fn next_authorities(&self) -> Result<Option<Vec<(AccountId, u64)>>, FinalityError> {
        let mut next = None;
        for item in &self.digest {
            let mut reader = Reader(item);
            let is_grandpa = reader.byte() == Some(CONSENSUS) && reader.take(4) == Some(GRANDPA);
            let Some(log) = is_grandpa.then(|| reader.bytes()).flatten() else { continue };
            let mut log = Reader(log);
            match log.byte() {
                Some(1) => {
                    let members = read_members(&mut log).filter(|_| log.u32() == Some(0) && log.is_empty());
                    next = Some(members.ok_or(FinalityError::Malformed("change of authorities"))?);
                }
                Some(2) => return Err(FinalityError::Malformed("forced change of authorities")),
                _ => {}
            }
        }
        Ok(next)
    }
}

fn read_members(reader: &mut Reader<'_>) -> Option<Vec<(AccountId, u64)>> {
    let count = reader.len(40).filter(|count| *count <= MOST_AUTHORITIES)?;
    (0..count).map(|_| Some((reader.array()?, reader.u64()?))).collect()
}

/// The authorities whose votes make blocks final, with the weight of each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthoritySet {
    /// Number of the set, 0 at genesis.
    pub id: u64,
    members: BTreeMap<AccountId, u64>,
}

/// A block that a set made final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Justified {
    /// Its hash.
    pub hash: Hash,
    /// Its height.
    pub number: u32,
    /// Weight of the votes.
    pub votes: u64,
}

impl AuthoritySet {
    /// A set of these members.
    pub fn new(id: u64, members: Vec<(AccountId, u64)>) -> Result<Self, FinalityError> {
        let count = members.len();
        let members: BTreeMap<_, _> = members.into_iter().filter(|(_, weight)| *weight > 0).collect();
        let whole = members.values().try_fold(0u64, |sum, weight| sum.checked_add(*weight));
        match whole {
            Some(1..) if count <= MOST_AUTHORITIES => Ok(Self { id, members }),
            _ => Err(FinalityError::BadSet(count)),
        }
    }

    /// A set as the chain stores it: `Grandpa.Authorities`.
    pub fn from_bytes(id: u64, bytes: &[u8]) -> Result<Self, FinalityError> {
        let mut reader = Reader(bytes);
        let members = read_members(&mut reader).filter(|_| reader.is_empty());
        Self::new(id, members.ok_or(FinalityError::Malformed("list of authorities"))?)
    }

    /// Members of the set.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there are none; never so.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    fn total(&self) -> u64 {
        self.members.values().sum()
    }

    /// Weight that makes a block final: more than two thirds, `total − ⌊(total − 1) / 3⌋`.
    pub fn needed(&self) -> u64 {
        self.total() - self.total().saturating_sub(1) / 3
    }

    /// Checks a justification by this set, and returns the block that it makes final.
    ///
    /// Every vote has to be valid, since an honest node leaves others out. An authority counts once.
    pub fn verify(&self, justification: &[u8]) -> Result<Justified, FinalityError> {
        let read = Justification::read(justification);
        let Justification { round, target, number, votes, parents } =
            read.ok_or(FinalityError::Malformed("justification"))?;
        let (mut voters, mut found) = (BTreeSet::new(), 0u64);
        for Vote { target: voted, number: height, signature, authority } in votes {
            let Some(weight) = self.members.get(&authority) else {
                return Err(FinalityError::Stranger { authority, set: self.id });
            };
            let message = vote(&voted, height, round, self.id);
            if !ed25519::verify(&authority, &message, &signature) {
                return Err(FinalityError::BadSignature { authority, set: self.id, round });
            }
            let mut at = voted;
            for _ in 0..=parents.len() {
                if at == target {
                    break;
                }
                let parent = parents.get(&at).copied();
                at = parent.ok_or(FinalityError::Unconnected { authority, number })?;
            }
            if voters.insert(authority) {
                found = found.saturating_add(*weight);
            }
        }
        let (needed, total) = (self.needed(), self.total());
        if found < needed {
            return Err(FinalityError::TooFewVotes { found, needed, total, number });
        }
        Ok(Justified { hash: target, number, votes: found })
    }
}

/// The bytes that an authority signs.
fn vote(target: &Hash, number: u32, round: u64, set: u64) -> Vec<u8> {
    [&[1][..], target, &number.to_le_bytes(), &round.to_le_bytes(), &set.to_le_bytes()].concat()
}

struct Vote {
    target: Hash,
    number: u32,
    signature: [u8; 64],
    authority: AccountId,
}

struct Justification {
    round: u64,
    target: Hash,
    number: u32,
    votes: Vec<Vote>,
    /// Parent of each block between the target and a vote.
    parents: BTreeMap<Hash, Hash>,
}

impl Justification {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let (round, target, number) = (reader.u64()?, reader.array()?, reader.u32()?);
        let count = reader.len(132).filter(|count| *count <= MOST_VOTES)?;
        let vote = |reader: &mut Reader<'_>| {
            let (target, number) = (reader.array()?, reader.u32()?);
            Some(Vote { target, number, signature: reader.array()?, authority: reader.array()? })
        };
        let votes = (0..count).map(|_| vote(&mut reader)).collect::<Option<_>>()?;
        let headers = read_headers(&mut reader)?;
        let parents = headers.into_iter().map(|header| (header.hash(), header.parent)).collect();
        reader.is_empty().then_some(Self { round, target, number, votes, parents })
    }
}

fn read_headers(reader: &mut Reader<'_>) -> Option<Vec<Header>> {
    let count = reader.len(98).filter(|count| *count <= MOST_HEADERS)?;
    (0..count).map(|_| Header::read(reader)).collect()
}

/// The justification in a node's answer to `grandpa_proveFinality`. Its other parts are not needed.
pub fn justification_of(proof: &[u8]) -> Result<&[u8], FinalityError> {
    let mut reader = Reader(proof);
    let read = reader.take(32).and_then(|_| reader.bytes());
    read.ok_or(FinalityError::Malformed("finality proof"))
}

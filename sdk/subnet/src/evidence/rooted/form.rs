//! The bytes of parts and claims. Every fault has one form, and every other one is refused.
//!
//! | part | bytes |
//! |---|---|
//! | branches | length (4), head and miners |
//! | files | number (4), then each: length of its name (1), name, hash (32); by ascending names |
//! | contents | number (4), then each: length (4), content; by ascending hashes |
//! | claims | number (1), then each: kind (1), fields; ascending |

use std::collections::BTreeMap;

use myelin_wire::{
    evidence::{Branches, FileList},
    hash::{blake2_256, Hash},
};

use super::{FaultClaim, PartsError, Rooted};
use crate::rules::Terms;

/// Everything in such bytes.
pub(super) struct Parts {
    pub branches: Branches,
    pub files: Option<FileList>,
    pub contents: BTreeMap<Hash, Vec<u8>>,
    pub claims: Vec<FaultClaim>,
}

pub(super) fn write(
    branches: &Branches,
    files: Option<&FileList>,
    contents: &BTreeMap<Hash, Vec<u8>>,
    claims: &[FaultClaim],
) -> Vec<u8> {
    let mut out = Vec::new();
    let append = |out: &mut Vec<u8>, bytes: &[u8]| {
        out.extend((bytes.len() as u32).to_le_bytes());
        out.extend(bytes);
    };
    append(&mut out, &branches.to_bytes());
    let files: Vec<_> = files.into_iter().flat_map(FileList::iter).collect();
    out.extend((files.len() as u32).to_le_bytes());
    for (name, hash) in files {
        out.push(name.len() as u8);
        out.extend(name.as_bytes());
        out.extend(hash);
    }
    out.extend((contents.len() as u32).to_le_bytes());
    contents.values().for_each(|content| append(&mut out, content));
    out.push(claims.len() as u8);
    claims.iter().for_each(|claim| write_claim(&mut out, claim));
    out
}

pub(super) fn read(bytes: &[u8]) -> Result<Parts, PartsError> {
    let mut reader = Reader { bytes, at: 0 };
    let length = reader.number("the tree is larger than any", Branches::MOST_BYTES)?;
    let branches = Branches::from_bytes(reader.cut(length)?);
    let branches = branches.map_err(|error| PartsError::Branches(error.to_string()))?;
    let (files, contents) = (reader.files()?, reader.contents()?);
    let at = reader.at;
    let count = usize::from(u8::from_le_bytes(reader.take()?));
    if !(1..=Rooted::MOST_CLAIMS).contains(&count) {
        return Err(PartsError::Malformed { what: "no claim, or more than any file has", at });
    }
    let mut claims = Vec::new();
    for _ in 0..count {
        let at = reader.at;
        let claim = reader.claim()?;
        if claims.last().is_some_and(|last| *last >= claim) {
            return Err(PartsError::Malformed { what: "a claim stands twice or out of order", at });
        }
        claims.push(claim);
    }
    match reader.at == bytes.len() {
        true => Ok(Parts { branches, files, contents, claims }),
        false => Err(PartsError::Malformed { what: "bytes after the end", at: reader.at }),
    }
}

fn write_claim(out: &mut Vec<u8>, claim: &FaultClaim) {
    match claim {
        FaultClaim::Between { earlier, later } => {
            out.push(0);
            out.extend(earlier.to_le_bytes());
            out.extend(later.to_le_bytes());
        }
        FaultClaim::Round { round, mechanism, terms } => {
            out.push(1);
            out.extend(round.to_le_bytes());
            out.push(*mechanism);
            write_terms(out, terms);
        }
        FaultClaim::Weights { mechanism, terms } => {
            out.extend([2, *mechanism]);
            write_terms(out, terms);
        }
        FaultClaim::Seed { round, place } => {
            out.push(3);
            out.extend(round.to_le_bytes());
            out.extend(place.to_le_bytes());
        }
        FaultClaim::Twins { round, first, second } => {
            out.push(4);
            out.extend(round.to_le_bytes());
            out.extend(first.to_le_bytes());
            out.extend(second.to_le_bytes());
        }
        FaultClaim::Unseeded { round, place } => {
            out.push(5);
            out.extend(round.to_le_bytes());
            out.extend(place.to_le_bytes());
        }
    }
}

fn write_terms(out: &mut Vec<u8>, Terms { burn_in, collateral, load }: &Terms) {
    for number in [burn_in, load] {
        out.push(u8::from(number.is_some()));
        out.extend(number.iter().flat_map(|number| number.to_le_bytes()));
    }
    out.extend(collateral.to_le_bytes());
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn cut(&mut self, length: usize) -> Result<&'a [u8], PartsError> {
        let end = self.at.checked_add(length);
        let cut = end.and_then(|end| self.bytes.get(self.at..end));
        let cut = cut.ok_or(PartsError::Malformed { what: "it ends too early", at: self.at })?;
        self.at += length;
        Ok(cut)
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], PartsError> {
        let at = self.at;
        let cut = self.cut(N)?;
        cut.try_into().map_err(|_| PartsError::Malformed { what: "it ends too early", at })
    }

    /// A number of up to `most`.
    fn number(&mut self, what: &'static str, most: usize) -> Result<usize, PartsError> {
        let at = self.at;
        let number = u32::from_le_bytes(self.take()?) as usize;
        match number <= most {
            true => Ok(number),
            false => Err(PartsError::Malformed { what, at }),
        }
    }

    /// The list of files; `None` if there is none.
    fn files(&mut self) -> Result<Option<FileList>, PartsError> {
        let count = self.number("more files than an epoch has", FileList::MOST)?;
        let mut files = Vec::new();
        for _ in 0..count {
            let at = self.at;
            let length = usize::from(u8::from_le_bytes(self.take()?));
            let name = std::str::from_utf8(self.cut(length)?);
            let name = name.map_err(|_| PartsError::Malformed { what: "a name is no text", at })?;
            files.push((name.to_owned(), self.take()?));
        }
        let list = FileList::of_stranger(files)?;
        Ok(Some(list).filter(|_| count > 0))
    }

    fn contents(&mut self) -> Result<BTreeMap<Hash, Vec<u8>>, PartsError> {
        let count = self.number("more contents than an epoch has", FileList::MOST)?;
        let (mut contents, mut left) = (BTreeMap::new(), Rooted::MOST_BYTES);
        for _ in 0..count {
            let at = self.at;
            let length = self.number("the parts are larger than any", left)?;
            left -= length;
            let content = self.cut(length)?;
            let hash = blake2_256(content);
            if contents.last_key_value().is_some_and(|(last, _)| *last >= hash) {
                return Err(PartsError::Malformed { what: "a content stands twice or out of order", at });
            }
            contents.insert(hash, content.to_vec());
        }
        Ok(contents)
    }

    fn claim(&mut self) -> Result<FaultClaim, PartsError> {
        let at = self.at;
        let [kind] = self.take()?;
        Ok(match kind {
            0 => FaultClaim::Between { earlier: self.short()?, later: self.short()? },
            1 => FaultClaim::Round { round: self.short()?, mechanism: self.byte()?, terms: self.terms()? },
            2 => FaultClaim::Weights { mechanism: self.byte()?, terms: self.terms()? },
            3 => FaultClaim::Seed { round: self.short()?, place: self.long()? },
            4 => FaultClaim::Twins { round: self.short()?, first: self.long()?, second: self.long()? },
            5 => FaultClaim::Unseeded { round: self.short()?, place: self.long()? },
            _ => return Err(PartsError::Malformed { what: "no claim has this kind", at }),
        })
    }

    fn terms(&mut self) -> Result<Terms, PartsError> {
        let (burn_in, load) = (self.maybe()?, self.maybe()?);
        Ok(Terms { burn_in, collateral: u64::from_le_bytes(self.take()?), load })
    }

    fn maybe(&mut self) -> Result<Option<u32>, PartsError> {
        let at = self.at;
        match self.byte()? {
            0 => Ok(None),
            1 => self.long().map(Some),
            _ => Err(PartsError::Malformed { what: "a mark is neither 0 nor 1", at }),
        }
    }

    fn byte(&mut self) -> Result<u8, PartsError> {
        self.take().map(u8::from_le_bytes)
    }

    fn short(&mut self) -> Result<u16, PartsError> {
        self.take().map(u16::from_le_bytes)
    }

    fn long(&mut self) -> Result<u32, PartsError> {
        self.take().map(u32::from_le_bytes)
    }
}

//! Notices when a miner signs two different answers to one challenge.

use std::collections::HashMap;

use myelin_wire::{
    answer::SignedAnswer,
    equivocation::{verify_equivocation, Equivocation},
    AccountId,
};

/// The signed answers of a round: those of an earlier attempt at it, from the evidence on disk, and those of now.
#[derive(Debug, Default)]
pub struct Witness {
    seen: HashMap<(AccountId, [u8; 32]), SignedAnswer>,
    contradictions: Vec<Equivocation>,
}

impl Witness {
    /// A witness that remembers `earlier` answers.
    pub fn remembering(earlier: impl IntoIterator<Item = SignedAnswer>) -> Self {
        let mut witness = Self::default();
        for signed in earlier {
            witness.sees(signed);
        }
        witness
    }

    /// Adds a signed answer; true if it contradicts an earlier one, which is then kept as proof.
    pub fn sees(&mut self, signed: SignedAnswer) -> bool {
        let first = *self.seen.entry((signed.claim.miner, signed.claim.challenge_id)).or_insert(signed);
        let proof = Equivocation { first, second: signed };
        let contradicts = verify_equivocation(&proof).is_ok();
        if contradicts {
            self.contradictions.push(proof);
        }
        contradicts
    }

    /// Proofs of contradiction so far.
    pub fn contradictions(&self) -> &[Equivocation] {
        &self.contradictions
    }
}

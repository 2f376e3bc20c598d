//! Officers: accounts that can be authorities, because the secrets of their session keys are known.
//!
//! The Aura key of an officer is the key of its account. The GRANDPA key of an actor follows from its path.

use codec::Encode;
use myelin_election::Term;
use myelin_runtime::{genesis::keys::AUTHORITIES, AccountId, Authorities, Runtime, RuntimeCall, SessionKeys};
use myelin_wire::sr25519::Keypair;
use pallet_myelin_election::{Seats, TermIndex, TermSeats};
use sp_core::{ed25519, proof_of_possession::statement_of_ownership, sr25519, Pair};

use crate::cast::{Actor, Cast};

/// An account with its session keys.
pub struct Officer {
    account: AccountId,
    aura: sr25519::Pair,
    grandpa: ed25519::Pair,
}

impl Officer {
    /// The authority of genesis.
    pub fn of_genesis() -> Self {
        let account = &AUTHORITIES[0].account;
        let aura = sr25519::Pair::from_string(account.path, None).expect("a well-formed path");
        let grandpa = ed25519::Pair::from_string(account.path, None).expect("a well-formed path");
        Self { account: account.id(), aura, grandpa }
    }

    /// An actor.
    pub fn of_actor(actor: &Actor) -> Self {
        // The path has soft junctions, which ed25519 cannot follow.
        let seed = sp_io::hashing::blake2_256(actor.path.as_bytes());
        let grandpa = ed25519::Pair::from_seed(&seed);
        Self { account: actor.id.clone(), aura: actor.pair.clone(), grandpa }
    }

    /// The officer with this account, if its keys are known.
    pub fn of(account: &AccountId, cast: &Cast) -> Option<Self> {
        if *account == AUTHORITIES[0].account.id() {
            return Some(Self::of_genesis());
        }
        cast.index(account).map(|index| Self::of_actor(cast.actor(index)))
    }

    /// The author of the present slot with its term, if its keys are known. Requires externalities.
    pub fn on_duty(cast: &Cast) -> Option<(Term, Self)> {
        let slot = <Authorities as Seats<AccountId>>::slot();
        let term = TermIndex::<Runtime>::get().at_slot(slot)?;
        let seat = TermSeats::<Runtime>::get(term.number).get(term.place(slot)?).copied()?;
        Some((term, Self::of(&AccountId::from(seat.hotkey), cast)?))
    }

    /// The account.
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The key that signs blocks. With the same entropy it signs the same in every run, so that a story is the same.
    /// The second half of a secret is the seed of its nonces, which a soft junction draws at random.
    pub fn author(&self) -> Keypair {
        let mut secret: [u8; 64] = self.aura.to_raw_vec().try_into().expect("64 bytes");
        secret[32..].copy_from_slice(&sp_io::hashing::blake2_256(self.account.as_ref()));
        Keypair::from_secret(&secret).expect("a secret key")
    }

    /// The key that signs votes of finality.
    pub fn voter(&self) -> &ed25519::Pair {
        &self.grandpa
    }

    /// The session keys.
    pub fn keys(&self) -> SessionKeys {
        SessionKeys { aura: self.aura.public().into(), grandpa: self.grandpa.public().into() }
    }

    /// The proof that an account may use the session keys: the signature of either key over the account.
    pub fn proof_for(&self, account: &AccountId) -> Vec<u8> {
        let statement = statement_of_ownership(&account.encode());
        [self.author().sign(&statement, [0; 32]), self.grandpa.sign(&statement).0].concat()
    }

    /// The call by which the account stores the session keys.
    pub fn set_keys(&self) -> RuntimeCall {
        let (keys, proof) = (self.keys(), self.proof_for(&self.account));
        pallet_session::Call::<Runtime>::set_keys { keys, proof }.into()
    }
}

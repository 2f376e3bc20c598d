//! Offences of the chain's only authority. It pledges, signs two blocks for a slot and two votes in a round, and loses
//! its pledge unless root cancels the slash.

use codec::{Decode, Encode};
use myelin_election::Offence as Kind;
use myelin_runtime::{
    constants::TAO,
    genesis::keys::{DevAuthority, AUTHORITIES},
    AccountId, Authorities, Grandpa, Header, Runtime, RuntimeCall, System,
};
use myelin_units::TaoBalance;
use myelin_wire::sr25519::Keypair;
use pallet_myelin_election::{Candidacies, Convicted, RootedHeader, Seats, SlashDocket, TermIndex, TwoVotes};
use sp_consensus_aura::AURA_ENGINE_ID;
use sp_core::{ed25519, sr25519, Pair, H256};
use sp_runtime::{traits::Header as _, Digest, DigestItem};

use super::{Affair, Turn};
use crate::{cast::Cast, dice::Dice, scene::View};

type Call = pallet_myelin_election::Call<Runtime>;
type Network = pallet_network::Call<Runtime>;

/// Turns that it has at most.
const TURNS: u64 = 16;
/// The authority of the chains of stories.
const AUTHORITY: &DevAuthority = &AUTHORITIES[0];

/// The authority, and an account that reports it.
pub struct Offence {
    reporter: AccountId,
    turns: u64,
}

impl Offence {
    /// Any reporter.
    pub fn begin(dice: &mut Dice, cast: &Cast) -> Self {
        Self { reporter: cast.any_coldkey(dice), turns: 0 }
    }
}

/// Two blocks for the present slot, after the block before.
fn two_blocks() -> Call {
    let slot = <Authorities as Seats<AccountId>>::slot();
    let pair = sr25519::Pair::from_string(AUTHORITY.account.path, None).expect("a well-formed path");
    let secret = pair.to_raw_vec().try_into().expect("64 bytes");
    let keys = Keypair::from_secret(&secret).expect("a secret key");
    let block = |content: u8| {
        let logs = vec![DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode())];
        let (number, state) = (System::block_number(), H256::repeat_byte(content));
        let mut header =
            Header::new(number, Default::default(), state, System::parent_hash(), Digest { logs });
        // The same signature in every run, so that a story is the same.
        let seal = keys.sign(header.hash().as_bytes(), [content; 32]);
        header.digest_mut().push(DigestItem::Seal(AURA_ENGINE_ID, seal.to_vec()));
        Box::new(RootedHeader { header, between: Vec::new() })
    };
    Call::report_blocks { first: block(1), second: block(2) }
}

/// Two prevotes in a round.
fn two_votes() -> Call {
    let pair = ed25519::Pair::from_string(AUTHORITY.account.path, None).expect("a well-formed path");
    let (set_id, round) = (Grandpa::current_set_id(), 1u64);
    let vote = |block: u8| {
        let target = ([block; 32], 7u32);
        // A prevote is the first kind of message.
        (target, pair.sign(&(0u8, target, round, set_id).encode()).0)
    };
    let proof = (set_id, 0u8, round, pair.public().0, vote(1), vote(2)).encode();
    let proof: TwoVotes<Runtime> = Decode::decode(&mut &proof[..]).expect("the form of a proof");
    Call::report_votes { proof: Box::new(proof) }
}

/// Whether an offence of this kind was reported of the present term.
fn is_known(kind: Kind) -> bool {
    let term = TermIndex::<Runtime>::get().last().map(|term| term.number);
    term.is_none_or(|term| Convicted::<Runtime>::get(term).iter().any(|(_, of)| *of == kind))
}

impl Affair for Offence {
    fn turn(&mut self, dice: &mut Dice, view: &View, cast: &Cast) -> Turn {
        self.turns += 1;
        if self.turns > TURNS {
            return Turn::Over;
        }
        let hotkey = AUTHORITY.account.id();
        let reporter = self.reporter.clone();
        let Some(owner) = view.owners.get(&hotkey).filter(|owner| cast.place(owner).is_some()) else {
            return Turn::call(reporter, Network::try_associate_hotkey { hotkey });
        };
        let waiting = SlashDocket::<Runtime>::get().iter().find(|one| one.waits).map(|one| one.number);
        match (Candidacies::<Runtime>::get(&hotkey), dice.below(5)) {
            (None, 0..=2) => {
                Turn::call(owner.clone(), Call::join { hotkey, pledge: TaoBalance::from_rao(3 * TAO) })
            }
            (_, 0..=1) if !is_known(Kind::AuraEquivocation) => Turn::call(reporter, two_blocks()),
            (_, 2) if !is_known(Kind::GrandpaEquivocation) => Turn::call(reporter, two_votes()),
            (_, 3) => match waiting {
                Some(number) => {
                    let call = Box::new(RuntimeCall::from(Call::cancel_slash { number }));
                    let root = cast.actor(cast.sudo()).id.clone();
                    Turn::call(root, pallet_sudo::Call::<Runtime>::sudo { call })
                }
                None => Turn::Wait,
            },
            _ => Turn::Wait,
        }
    }
}

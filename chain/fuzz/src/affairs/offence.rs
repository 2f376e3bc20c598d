//! Offences of authorities. The author of the present slot pledges, unless it has pledged before. It signs two blocks
//! for the slot and two votes in a round, and loses a share of its pledge unless root cancels the slash.

use codec::{Decode, Encode};
use myelin_election::Offence as Kind;
use myelin_runtime::{AccountId, Authorities, Grandpa, Header, Runtime, System};
use pallet_myelin_election::{Candidacies, Convicted, RootedHeader, Seats, SlashDocket, TwoVotes};
use sp_consensus_aura::AURA_ENGINE_ID;
use sp_core::{Pair, H256};
use sp_runtime::{traits::Header as _, Digest, DigestItem};

use super::{Affair, Turn};
use crate::{cast::Cast, dice::Dice, officer::Officer, opening::PLEDGE, scene::View};

type Call = pallet_myelin_election::Call<Runtime>;
type Network = pallet_network::Call<Runtime>;

/// Turns that it has at most.
const TURNS: u64 = 16;

/// An account that reports authors.
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
fn two_blocks(officer: &Officer) -> Call {
    let slot = <Authorities as Seats<AccountId>>::slot();
    let keys = officer.author();
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
fn two_votes(officer: &Officer) -> Call {
    let pair = officer.voter();
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

impl Affair for Offence {
    fn turn(&mut self, dice: &mut Dice, view: &View, cast: &Cast) -> Turn {
        self.turns += 1;
        if self.turns > TURNS {
            return Turn::Over;
        }
        let Some((term, officer)) = Officer::on_duty(cast) else { return Turn::Wait };
        let hotkey = officer.account().clone();
        let reporter = self.reporter.clone();
        let Some(owner) = view.owners.get(&hotkey).filter(|owner| cast.index(owner).is_some()) else {
            return Turn::call(reporter, Network::try_associate_hotkey { hotkey });
        };
        let convicted = Convicted::<Runtime>::get(term.number);
        let is_known = |kind: Kind| convicted.iter().any(|(who, of)| *who == hotkey && *of == kind);
        let waiting =
            SlashDocket::<Runtime>::get().iter().find(|filed| filed.waits).map(|filed| filed.number);
        match (Candidacies::<Runtime>::get(&hotkey), dice.below(5)) {
            (None, 0..=2) => Turn::call(owner.clone(), Call::join { hotkey, pledge: PLEDGE }),
            (_, 0..=1) if !is_known(Kind::AuraEquivocation) => Turn::call(reporter, two_blocks(&officer)),
            (_, 2) if !is_known(Kind::GrandpaEquivocation) => Turn::call(reporter, two_votes(&officer)),
            (_, 3) => match waiting {
                Some(number) => Turn::by_root(cast, Call::cancel_slash { number }),
                None => Turn::Wait,
            },
            _ => Turn::Wait,
        }
    }
}

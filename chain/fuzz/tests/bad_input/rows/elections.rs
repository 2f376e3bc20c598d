//! Candidates and the rules of elections.

use codec::Decode;
use myelin_election::Rules;
use myelin_runtime::{genesis::keys::AUTHORITIES, Header};
use pallet_myelin_election::{Call as Elections, RootedHeader, MOST_BETWEEN};
use sp_consensus_aura::AURA_ENGINE_ID;
use sp_runtime::{traits::Header as _, Digest, DigestItem};

use super::*;

/// A header for a slot with a seal of nobody; `content` tells it from others.
fn header(slot: u64, content: u8) -> Box<RootedHeader<Header>> {
    let logs = vec![
        DigestItem::PreRuntime(AURA_ENGINE_ID, slot.encode()),
        DigestItem::Seal(AURA_ENGINE_ID, vec![0; 64]),
    ];
    let state = [content; 32].into();
    let header = Header::new(1, Default::default(), state, Default::default(), Digest { logs });
    Box::new(RootedHeader { header, between: Vec::new() })
}

/// Reports that prove nothing. The authority of genesis has all slots up to the present one.
fn reports(now: u64) -> Vec<Wrong> {
    let report = |first, second| Elections::<Runtime>::report_blocks { first, second };
    let mut open = header(now, 1);
    open.header.digest.pop();
    let mut far = header(now, 1);
    far.between = vec![far.header.clone(); MOST_BETWEEN + 1];
    // Two votes without a signature.
    let votes = |set: u64, voter: [u8; 32]| {
        let vote = |block: u8| ([block; 36], [0u8; 64]);
        let proof = (set, 0u8, 1u64, voter, vote(1), vote(2)).encode();
        let proof = Decode::decode(&mut &proof[..]).expect("the form of a proof");
        Elections::<Runtime>::report_votes { proof: Box::new(proof) }
    };
    vec![
        wrong("without a seal", STRANGER, report(open, header(now, 2)), "NotSealed"),
        wrong("of two slots", STRANGER, report(header(now, 1), header(now - 1, 2)), "DifferentSlots"),
        wrong("of one block", STRANGER, report(header(now, 1), header(now, 1)), "SameHeader"),
        wrong("of a slot to come", STRANGER, report(header(u64::MAX, 1), header(u64::MAX, 2)), "ToCome"),
        wrong("of an old slot", STRANGER, report(header(1, 1), header(1, 2)), "TooOld"),
        wrong("signed by nobody", STRANGER, report(header(now, 1), header(now, 2)), "NotByAuthor"),
        wrong("with a long way back", STRANGER, report(far, header(now, 2)), "Unconnected"),
        wrong("of a set that never was", STRANGER, votes(u64::MAX, [0; 32]), "UnknownVoter"),
        wrong("of nobody", STRANGER, votes(0, [0; 32]), "UnknownVoter"),
        wrong("without signatures", STRANGER, votes(0, AUTHORITIES[0].ed25519), "NotProven"),
        by_root("of no slash", Elections::<Runtime>::cancel_slash { number: 0 }, "NoSuchSlash"),
    ]
}

pub fn rows(of: &Accounts) -> Vec<Wrong> {
    let join =
        |i: usize, rao| Elections::<Runtime>::join { hotkey: of.hot(i), pledge: TaoBalance::from_rao(rao) };
    let amount = TaoBalance::from_rao(TAO);
    let hotkey = || of.hot(5);
    let rules = |rules| Elections::<Runtime>::set_rules { rules };
    let demand = |after| pallet_myelin_beacon::Call::<Runtime>::demand_contributions { after };
    let stalled = |delay, best_finalized_block_number| pallet_grandpa::Call::<Runtime>::note_stalled {
        delay,
        best_finalized_block_number,
    };
    let fast = Rules::fast();
    let mut rows = vec![
        wrong("a hotkey of another", STRANGER, join(5, TAO), "NotYourHotkey"),
        wrong("too little", 5, join(5, TAO - 1), "PledgeTooSmall"),
        wrong("maximum", 5, join(5, u64::MAX), "Token"),
        wrong("of no candidate", 5, Elections::pledge_more { hotkey: hotkey(), amount }, "NotCandidate"),
        wrong("of no candidate", 5, Elections::unbond { hotkey: hotkey(), amount }, "NotCandidate"),
        wrong("of no candidate", 5, Elections::leave { hotkey: hotkey() }, "NotCandidate"),
        wrong("of no candidate", 5, Elections::withdraw { hotkey: hotkey() }, "NotCandidate"),
        wrong("of no candidate", 5, Elections::chill { hotkey: hotkey() }, "NotCandidate"),
        wrong("of no candidate", 5, Elections::resume { hotkey: hotkey() }, "NotCandidate"),
        by_root("no seats", rules(Rules { seats: 0, ..fast }), "SeatsOutOfRange"),
        by_root(
            "more than the seats",
            rules(Rules { least_authorities: 9, ..fast }),
            "LeastAuthoritiesOutOfRange",
        ),
        by_root("no block", rules(Rules { era: 0, ..fast }), "NoEra"),
        by_root("no time to appeal", rules(Rules { appeal_window: 0, ..fast }), "AppealTooShort"),
        by_root("free before its slash", rules(Rules { unbonding: 1, ..fast }), "UnbondingTooShort"),
        by_root(
            "reports of terms that are gone",
            rules(Rules { report_window: 9_601, unbonding: 20_000, ..fast }),
            "RuleTooLong",
        ),
        by_root("pledges for good", rules(Rules { unbonding: u64::MAX, ..fast }), "RuleTooLong"),
        by_root("off already", Elections::<Runtime>::switch_off {}, "AlreadyOff"),
        by_root("at once", demand(0), "BadNotice"),
        by_root("never", demand(u32::MAX), "BadNotice"),
        by_root("in centuries", stalled(u32::MAX, 0), "Invalid(Call)"),
        by_root("after tomorrow", stalled(7_201, 0), "Invalid(Call)"),
        by_root("from a block to come", stalled(10, u32::MAX), "Invalid(Call)"),
    ];
    rows.extend(reports(of.0.slot()));
    rows
}

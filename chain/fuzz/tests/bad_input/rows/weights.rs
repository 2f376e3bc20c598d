//! Weights, and endpoints of neurons. These calls are free: a failing one does not enter a block where the interface
//! has a number for its error, and pays otherwise.

use super::*;

/// Weights, set at once or committed.
pub fn rows() -> Vec<Wrong> {
    let set = |netuid, dests: Vec<u16>, weights: Vec<u16>| Network::set_weights {
        netuid,
        dests,
        weights,
        version_key: 0,
    };
    let owner = 10;
    let batch = |netuids: &[NetUid], rows: usize| Network::batch_set_weights {
        netuids: netuids.iter().copied().map(Compact).collect(),
        weights: vec![vec![(Compact(0), Compact(1))]; rows],
        version_keys: vec![Compact(0); netuids.len()],
    };
    let commits = |netuids: &[NetUid], hashes: usize| Network::batch_commit_weights {
        netuids: netuids.iter().copied().map(Compact).collect(),
        commit_hashes: vec![H256::zero(); hashes],
    };
    let reveals = |salts: usize| Network::batch_reveal_weights {
        netuid: SECRET,
        uids_list: vec![vec![0]],
        values_list: vec![vec![1]],
        salts_list: vec![vec![1]; salts],
        version_keys: vec![0],
    };
    let answers = |netuid, epoch| Network::commit_answer_root { netuid, epoch, root: [0; 32], answers: 1 };
    let holdings = |netuid, epoch, held| Network::attest_evidence { netuid, epoch, held };
    vec![
        wrong("unequal lists", owner, batch(&[CLEAR], 2), "Custom 18"),
        wrong("nothing", owner, batch(&[], 0), "Custom 255"),
        wrong("twice the same subnet", owner, batch(&[CLEAR; 2], 2), "Custom 255"),
        wrong("a subnet that does not exist", owner, batch(&[NOWHERE], 1), "Custom 3"),
        wrong("unequal lists", owner + 1, commits(&[SECRET], 2), "Custom 18"),
        wrong("nothing", owner + 1, commits(&[], 0), "Custom 255"),
        wrong("twice the same subnet", owner + 1, commits(&[SECRET; 2], 2), "Custom 255"),
        wrong("a subnet that does not exist", owner + 1, commits(&[NOWHERE], 1), "Custom 3"),
        wrong("unequal lists", owner + 1, reveals(2), "Custom 18"),
        wrong("never committed", owner + 1, reveals(1), "Custom 16"),
        wrong("unequal lists", owner, set(CLEAR, vec![0, 1], vec![1]), "Custom 18"),
        wrong("twice the same uid", owner, set(CLEAR, vec![1, 1], vec![1, 1]), "DuplicateUids"),
        wrong("a uid that does not exist", owner, set(CLEAR, vec![200], vec![1]), "UidVecContainInvalidOne"),
        wrong(
            "too many",
            owner,
            set(CLEAR, (0..300).collect(), vec![1; 300]),
            "UidsLengthExceedUidsInSubNet",
        ),
        wrong("no uid", STRANGER, set(CLEAR, vec![0], vec![1]), "Custom 10"),
        wrong("root", owner, set(ROOT, vec![0], vec![1]), "CommitRevealEnabled"),
        wrong("without a commit", owner + 1, set(SECRET, vec![0], vec![1]), "CommitRevealEnabled"),
        wrong(
            "no such mechanism",
            owner,
            Network::set_mechanism_weights {
                netuid: CLEAR,
                mecid: 9,
                dests: vec![0],
                weights: vec![1],
                version_key: 0,
            },
            "MechanismDoesNotExist",
        ),
        wrong(
            "commits are off",
            owner,
            Network::commit_weights { netuid: CLEAR, commit_hash: H256::zero() },
            "CommitRevealDisabled",
        ),
        wrong(
            "no uid",
            STRANGER,
            Network::commit_weights { netuid: SECRET, commit_hash: H256::zero() },
            "Custom 10",
        ),
        wrong(
            "no such mechanism",
            owner + 1,
            Network::commit_mechanism_weights { netuid: SECRET, mecid: 9, commit_hash: H256::zero() },
            "MechanismDoesNotExist",
        ),
        wrong(
            "never committed",
            owner + 1,
            Network::reveal_weights {
                netuid: SECRET,
                uids: vec![0],
                values: vec![1],
                salt: vec![1],
                version_key: 0,
            },
            "Custom 16",
        ),
        wrong(
            "no such mechanism",
            owner + 1,
            Network::commit_proven_weights {
                netuid: SECRET,
                mecid: 9,
                commit_hash: H256::zero(),
                root: [0; 32],
            },
            "MechanismDoesNotExist",
        ),
        wrong(
            "never committed",
            owner + 1,
            Network::reveal_proven_weights {
                netuid: SECRET,
                mecid: 0,
                uids: vec![0],
                values: vec![1],
                salt: vec![1],
                version_key: 0,
                proof: vec![],
            },
            "Custom 16",
        ),
        wrong(
            "never committed",
            owner + 1,
            Network::reveal_mechanism_weights {
                netuid: SECRET,
                mecid: 0,
                uids: vec![0],
                values: vec![1],
                salt: vec![1],
                version_key: 0,
            },
            "Custom 16",
        ),
        wrong("no uid", STRANGER, answers(SECRET, 0), "Custom 10"),
        wrong("an epoch to come", owner + 1, answers(SECRET, u64::MAX), "AnswerRootOutOfTurn"),
        wrong("no uid", STRANGER, holdings(SECRET, 0, vec![]), "Custom 10"),
        wrong("a uid twice", owner + 1, holdings(SECRET, 0, vec![(1, [0; 16]); 2]), "InvalidValue"),
        wrong(
            "more validators than a subnet has",
            owner + 1,
            holdings(SECRET, 0, (0..65).map(|uid| (uid, [0; 16])).collect()),
            "InvalidValue",
        ),
        wrong("an epoch to come", owner + 1, holdings(SECRET, u64::MAX, vec![]), "EvidenceNotOpen"),
    ]
}

/// Endpoints.
pub fn serving() -> Vec<Wrong> {
    let axon = |netuid, ip, port, ip_type| Network::serve_axon {
        netuid,
        version: 1,
        ip,
        port,
        ip_type,
        protocol: 4,
        placeholder1: 0,
        placeholder2: 0,
    };
    let metrics =
        |ip, port, ip_type| Network::serve_prometheus { netuid: CLEAR, version: 1, ip, port, ip_type };
    let public = 0x0808_0808;
    vec![
        wrong("an address that leads nowhere", 10, axon(CLEAR, 0x7F00_0001, 9_000, 4), "Custom 11"),
        wrong("no kind of address", 10, axon(CLEAR, public, 9_000, 5), "Custom 11"),
        wrong("port zero", 10, axon(CLEAR, public, 0, 4), "Custom 13"),
        wrong("no uid", STRANGER, axon(CLEAR, public, 9_000, 4), "Custom 10"),
        wrong("address maximum", 10, metrics(u128::MAX, 9_000, 4), "Custom 11"),
        wrong("port zero", 10, metrics(public, 0, 4), "Custom 13"),
        wrong("no kind of address", 10, metrics(public, 9_000, 0), "Custom 11"),
        wrong(
            "a certificate that is too long",
            10,
            Network::serve_axon_tls {
                netuid: CLEAR,
                version: 1,
                ip: public,
                port: 9_000,
                ip_type: 4,
                protocol: 4,
                placeholder1: 0,
                placeholder2: 0,
                certificate: vec![1; 6_000],
            },
            "InvalidValue",
        ),
    ]
}

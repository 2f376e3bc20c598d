//! Signed answers: which answers a miner vouches for, and the proof that two of them make.

use std::sync::{
    atomic::{AtomicUsize, Ordering::SeqCst},
    Arc,
};

use myelin_neuron::{
    axon::{AnswerNetwork, Axon, Call, OpenToAll, Reply, Route},
    dendrite::{Authenticity, Challenge, Dendrite},
};
use myelin_wire::{
    answer::AnswerError,
    equivocation::{verify_equivocation, Equivocation},
    hash::blake2_256,
};

use super::situation::*;

fn dendrite() -> Dendrite {
    Dendrite::new(Arc::new(alice()))
}

/// An axon of Bob that answers differently every time.
fn moody() -> Axon {
    let count = Arc::new(AtomicUsize::new(0));
    let route = Route::new("Echo", move |_: Call| {
        let answer = format!(r#"{{"data":"answer {}"}}"#, count.fetch_add(1, SeqCst));
        async move { Ok(Reply::json(answer).signed_by(MODEL)) }
    });
    Axon::new(Arc::new(bob()), OpenToAll).route(route.protect(["data"])).sign_answers(NETWORK)
}

#[tokio::test]
async fn an_answer_to_a_challenge_is_signed_and_verified() {
    let axon = serve(axon()).await;
    let query = query("x").challenge(challenge(1));
    let answer = dendrite().query(target(&axon), &query).await;
    let claim = answer.signed().expect("signed").claim;
    assert_eq!((claim.validator, claim.miner), (alice().public(), bob().public()));
    assert_eq!((claim.challenge_id, claim.model_id, claim.netuid), ([1; 32], MODEL, 2));
    assert_eq!(claim.answer_hash, blake2_256(&answer.body));
    assert_eq!(claim.request_hash, blake2_256(query.body()));
    assert_eq!(axon.metrics().signed, 1);
}

#[tokio::test]
async fn answers_without_signature_are_marked_so() {
    let axon = serve(axon()).await;
    let answer = dendrite().query(target(&axon), &query("x")).await;
    assert_eq!(answer.authenticity, Authenticity::Unsigned, "no challenge was posed");
    let official = Axon::new(Arc::new(bob()), OpenToAll).route(Route::new("Echo", echo).protect(["data"]));
    let axon = serve(official).await;
    let answer = dendrite().query(target(&axon), &query("x").challenge(challenge(1))).await;
    assert!(answer.is_success());
    assert_eq!(answer.authenticity, Authenticity::Unsigned, "the axon does not sign");
}

#[tokio::test]
async fn a_signature_for_another_chain_subnet_or_key_is_invalid() {
    let wrong = Authenticity::Invalid(AnswerError::WrongSignature);
    let axon = serve(axon()).await;
    for challenge in
        [Challenge { genesis_hash: [8; 32], ..challenge(1) }, Challenge { netuid: 3, ..challenge(2) }]
    {
        let answer = dendrite().query(target(&axon), &query("x").challenge(challenge)).await;
        assert_eq!(answer.authenticity, wrong);
    }
    // A relay that signs with its own key instead of the registered one.
    struct OthersKey;
    impl myelin_wire::sr25519::Signer for OthersKey {
        fn public(&self) -> [u8; 32] {
            bob().public()
        }
        fn sign(&self, message: &[u8]) -> [u8; 64] {
            alice().sign(message)
        }
    }
    let relay = Axon::new(Arc::new(OthersKey), OpenToAll)
        .route(Route::new("Echo", echo).protect(["data"]))
        .sign_answers(NETWORK);
    let relay = serve(relay).await;
    let answer = dendrite().query(target(&relay), &query("x").challenge(challenge(1))).await;
    assert_eq!(answer.authenticity, wrong);
}

#[tokio::test]
async fn an_honest_axon_never_signs_two_answers_to_one_challenge() {
    let axon = serve(moody()).await;
    let dendrite = dendrite();
    let first = dendrite.query(target(&axon), &query("x").challenge(challenge(1))).await;
    let again = dendrite.query(target(&axon), &query("x").challenge(challenge(1))).await;
    assert!(first.signed().is_some());
    assert_ne!(first.body, again.body);
    assert_eq!(again.authenticity, Authenticity::Unsigned);
    assert_eq!(axon.metrics().unsigned_repeats, 1);
    let next = dendrite.query(target(&axon), &query("x").challenge(challenge(2))).await;
    assert!(next.signed().is_some());
}

#[tokio::test]
async fn two_axons_of_one_key_that_contradict_each_other_are_convicted() {
    // The same key on two machines that do not know of each other.
    let (one, other) = (serve(moody()).await, serve(axon()).await);
    let dendrite = dendrite();
    let ask = query("x").challenge(challenge(1));
    let first = *dendrite.query(target(&one), &ask).await.signed().unwrap();
    let second = *dendrite.query(target(&other), &ask).await.signed().unwrap();
    assert_eq!(verify_equivocation(&Equivocation { first, second }), Ok(bob().public()));
    assert!(verify_equivocation(&Equivocation { first, second: first }).is_err());
}

#[tokio::test]
async fn an_axon_signs_only_for_its_own_network() {
    let elsewhere = AnswerNetwork { netuid: 9, ..NETWORK };
    let axon = serve(axon().sign_answers(elsewhere)).await;
    let own = Challenge { netuid: 9, ..challenge(1) };
    let answer = dendrite().query(target(&axon), &query("x").challenge(own)).await;
    assert_eq!(answer.signed().unwrap().claim.netuid, 9);
}

//! Signed requests, and neurons that make and answer them.

use super::Verdict::{Absent, Differs, Works};
use super::{row, Part, Row};

const CAPTURED: &str =
    "no signature covers the header, so an attacker who captured a request could make it fresh again with it";

pub(super) const ROWS: &[Row] = &[
    row(Part::Axon, "a signed request is answered; the answer's fields and headers are read", Works),
    row(Part::Axon, "who answered whom: hotkey, address and uuid of both sides in the answer", Works),
    row(Part::Axon, "body hashes over texts, floats, big integers, lists and dictionaries", Works),
    row(Part::Axon, "the ping `/Synapse`", Works),
    row(Part::Axon, "`Dendrite.forward` to several axons, several dendrites at once", Works),
    row(Part::Axon, "a streamed answer, piece by piece; headers say the rest", Works),
    row(
        Part::Axon,
        "unknown synapse (404), blacklisted (403), other receiver (401), failing handler (500)",
        Works,
    ),
    row(Part::Axon, "headers of an answer", Works),
    row(Part::Axon, "the least request that is accepted, header names in any case, GET with a body", Works),
    row(Part::Axon, "a nonce less than a minute ahead of the clock passes", Works),
    row(
        Part::Axon,
        "a nonce more than a minute ahead of the clock",
        Differs("401; what is remembered of it could never be forgotten"),
    ),
    row(Part::Axon, "a dendrite with an ed25519 hotkey (401)", Works),
    row(
        Part::Axon,
        "missing nonce, missing signature, wrong signature, replayed, too old at first sight (401)",
        Works,
    ),
    row(
        Part::Axon,
        "headers that cannot be read",
        Differs("400, as the official axon means to; it fails on the way there and answers 500"),
    ),
    row(
        Part::Axon,
        "a body that is not what was signed (500)",
        Differs("the message says which hashes differ instead of a number in the axon's log"),
    ),
    row(
        Part::Axon,
        "a body that is no JSON",
        Differs("400 instead of 422: dendrites say 422 themselves, of answers that cannot be read"),
    ),
    row(
        Part::Axon,
        "a body without a field that the signature covers",
        Differs("400; the official axon fills in the class's defaults, which official dendrites always send"),
    ),
    row(Part::Axon, "an old request that asks for a long timeout", Differs(CAPTURED)),
    row(Part::Axon, "an old request of a client that says it is older than 7.2", Differs(CAPTURED)),
    row(
        Part::Axon,
        "a handler that takes longer than the sender waits",
        Differs("it ends with 408 when the sender's timeout is over, instead of running on"),
    ),
    row(
        Part::Axon,
        "a body of more than 1 MiB",
        Differs("413; `AxonLimits` raises it, the official axon has no limit"),
    ),
    row(
        Part::Axon,
        "signed headers of a refusal",
        Absent(
            "a signature per refused request would let strangers spend the miner's time; nobody checks it",
        ),
    ),
    row(Part::Dendrite, "a request is answered; body hashes as above", Works),
    row(Part::Dendrite, "fields that a class requires are named with the query (else 500)", Works),
    row(Part::Dendrite, "the ping `/Synapse`", Works),
    row(Part::Dendrite, "a streamed answer", Works),
    row(
        Part::Dendrite,
        "unknown synapse (404), blacklisted (403), other receiver (401), failing handler (500)",
        Works,
    ),
    row(Part::Dendrite, "too late (408) and nobody there (503), with the official words", Works),
    row(Part::Dendrite, "200 requests, 32 at a time, without a refusal", Works),
    row(
        Part::Miner,
        "`subnets/text/examples/miner.py` mines the text subnet beside a Rust miner, and is paid",
        Works,
    ),
    row(
        Part::Template,
        "`subnets/template/examples/miner.py` mines beside a Rust miner, and is paid by a Rust validator",
        Works,
    ),
    row(Part::Template, "`subnets/template/examples/validator.py` judges both, and sets weights", Works),
    row(Part::BtAuth, "a request signed there is answered by our axon", Works),
    row(Part::BtAuth, "replayed, stale, ahead of time, for another receiver, other body or path: 401", Works),
    row(
        Part::BtAuth,
        "a request signed here is verified there; replayed, other receiver, other body: refused",
        Works,
    ),
    row(
        Part::BtAuth,
        "a request of an ed25519 hotkey, verified under the scheme that it declares alone",
        Works,
    ),
];

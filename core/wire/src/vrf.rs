//! Verifiable randomness: an output that a key holder can compute, anybody can check, and nobody can choose.
//!
//! For one key, domain and input there is exactly one output; the proof may differ from call to call, the output
//! and the randomness derived from it may not.

use schnorrkel::{
    context::{attach_rng, signing_context},
    vrf::{VRFPreOut, VRFProof},
};

use crate::{
    sr25519::{Entropy, Keypair, OneShot, PublicKey},
    AccountId,
};

const RANDOMNESS_CONTEXT: &[u8] = b"myelin/vrf-randomness/1";

/// The output of a verifiable random function with the proof that it is the right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VrfSignature {
    /// The compressed output point; use [`verify`]'s result as randomness, not these bytes.
    pub output: [u8; 32],
    /// The proof of equality of discrete logarithms.
    pub proof: [u8; 64],
}

/// Reasons to refuse an output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VrfError {
    /// The signer's bytes are not a public key.
    #[error("the signer is not an sr25519 public key")]
    NotAPublicKey,
    /// The proof is no pair of scalars.
    #[error("the proof is malformed")]
    Malformed,
    /// The proof does not fit signer, domain, input and output.
    #[error("the proof does not hold for this signer, domain and input")]
    Invalid,
}

/// Evaluates the function of `keypair` at `input` within `domain`; returns the proof and 32 bytes of randomness.
pub fn sign(keypair: &Keypair, domain: &[u8], input: &[u8], entropy: Entropy) -> (VrfSignature, [u8; 32]) {
    let transcript = signing_context(domain).bytes(input);
    let extra = attach_rng(merlin::Transcript::new(b"VRF"), OneShot::new(entropy));
    let (in_out, proof, _) = keypair.inner().vrf_sign_extra(transcript, extra);
    let randomness = in_out.make_bytes(RANDOMNESS_CONTEXT);
    (VrfSignature { output: in_out.to_preout().to_bytes(), proof: proof.to_bytes() }, randomness)
}

/// Checks an output and returns the 32 bytes of randomness derived from it.
pub fn verify(
    signer: &AccountId,
    domain: &[u8],
    input: &[u8],
    signature: &VrfSignature,
) -> Result<[u8; 32], VrfError> {
    let key = PublicKey::new(signer).map_err(|_| VrfError::NotAPublicKey)?;
    let output = VRFPreOut::from_bytes(&signature.output).map_err(|_| VrfError::Malformed)?;
    let proof = VRFProof::from_bytes(&signature.proof).map_err(|_| VrfError::Malformed)?;
    let transcript = signing_context(domain).bytes(input);
    let (in_out, _) = key.inner().vrf_verify(transcript, &output, &proof).map_err(|_| VrfError::Invalid)?;
    Ok(in_out.make_bytes(RANDOMNESS_CONTEXT))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sr25519::NOBODY;

    const DOMAIN: &[u8] = b"test/domain";

    #[test]
    fn the_output_is_unique_and_verifiable() {
        let key = Keypair::from_seed(&[3; 32]);
        let (first, randomness) = sign(&key, DOMAIN, b"round 1", [0; 32]);
        let (second, again) = sign(&key, DOMAIN, b"round 1", [1; 32]);
        assert_eq!((first.output, randomness), (second.output, again));
        assert_ne!(first.proof, second.proof);
        assert_eq!(verify(&key.public(), DOMAIN, b"round 1", &first), Ok(randomness));
        assert_eq!(verify(&key.public(), DOMAIN, b"round 1", &second), Ok(randomness));
    }

    #[test]
    fn another_signer_domain_input_or_output_is_refused() {
        let key = Keypair::from_seed(&[3; 32]);
        let other = Keypair::from_seed(&[4; 32]);
        let (signature, _) = sign(&key, DOMAIN, b"round 1", [0; 32]);
        let refused = Err(VrfError::Invalid);
        assert_eq!(verify(&other.public(), DOMAIN, b"round 1", &signature), refused);
        assert_eq!(verify(&key.public(), b"other domain", b"round 1", &signature), refused);
        assert_eq!(verify(&key.public(), DOMAIN, b"round 2", &signature), refused);
        let (foreign, _) = sign(&key, DOMAIN, b"round 2", [0; 32]);
        let swapped = VrfSignature { output: foreign.output, ..signature };
        assert_eq!(verify(&key.public(), DOMAIN, b"round 1", &swapped), refused);
        let broken = VrfSignature { proof: [0xff; 64], ..signature };
        assert_eq!(verify(&key.public(), DOMAIN, b"round 1", &broken), Err(VrfError::Malformed));
        for no_key in [[0xff; 32], NOBODY] {
            assert_eq!(verify(&no_key, DOMAIN, b"round 1", &signature), Err(VrfError::NotAPublicKey));
        }
    }
}

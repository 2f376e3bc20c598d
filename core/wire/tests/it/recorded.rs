//! Values that other programs computed.

use ed25519_dalek::{Signature, VerifyingKey};
use myelin_wire::{btauth::SignedRequest, hash::from_hex, pystr::py_str_of_json};

/// 400 random JSON values with `str(json.loads(text))` of CPython 3.11, as pairs of strings.
#[test]
fn python_prints_recorded_values_alike() {
    let recorded = include_str!("../vectors/python-str.json");
    let pairs: Vec<(String, String)> = serde_json::from_str(recorded).unwrap();
    assert_eq!(pairs.len(), 400);
    for (json, python) in pairs {
        assert_eq!(py_str_of_json(&json).as_ref(), Ok(&python), "{json}");
    }
}

/// The official golden vector of `btauth/1`: its signature verifies over the text that we build.
#[test]
fn the_official_btauth_signature_covers_our_text() {
    let request =
        SignedRequest { method: "POST", path: "/generate?stream=false", body: br#"{"prompt": "hello"}"# };
    let sender = "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu";
    let receiver = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty";
    let text = request.text("ed25519", 1_752_076_800_000_000_000, sender, Some(receiver));
    let signature = "1a6b631988bf1f7ea093ab9d5acf61f05c316d0b0e428b24b487b75a5f6ee0e1a56a26918fdf871b6cf09437e6588023a4ce423cf622621b2a7feee17612f704";
    let key = VerifyingKey::from_bytes(&myelin_wire::ss58::decode(sender).unwrap()).unwrap();
    let signature = Signature::from_bytes(&from_hex(signature).unwrap());
    key.verify_strict(text.as_bytes(), &signature).unwrap();
}

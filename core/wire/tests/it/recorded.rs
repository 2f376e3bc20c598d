//! Values that other programs computed.

use myelin_wire::{
    btauth::{header, AuthError, AuthHead, SignedRequest},
    pystr::py_str_of_json,
};

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

/// The official golden vector of `btauth/1`, of an ed25519 sender.
#[test]
fn the_official_btauth_signature_is_verified() {
    let request = SignedRequest::new("POST", "/generate?stream=false", br#"{"prompt": "hello"}"#);
    let sender = "5FA9nQDVg267DEd8m1ZypXLBnvN7SFxYwV7ndqSYGiN9TTpu";
    let receiver = "5FHneW46xGXgs5mUiveU4sbTyGBzmstUspZC92UhjJM694ty";
    let signature = "0x1a6b631988bf1f7ea093ab9d5acf61f05c316d0b0e428b24b487b75a5f6ee0e1a56a26918fdf871b6cf09437e6588023a4ce423cf622621b2a7feee17612f704";
    let get = |name: &'static str| match name {
        header::VERSION => Some("1"),
        header::HOTKEY => Some(sender),
        header::RECEIVER => Some(receiver),
        header::NONCE => Some("1752076800000000000"),
        header::CRYPTO => Some("ed25519"),
        header::SIGNATURE => Some(signature),
        _ => None,
    };
    let head = AuthHead::parse(get).unwrap();
    assert_eq!(head.verify(&request), Ok(()));
    let other = SignedRequest { path: "/generate", ..request };
    assert_eq!(head.verify(&other), Err(AuthError::BadSignature));
    let undeclared = AuthHead::parse(|name| get(name).filter(|_| name != header::CRYPTO)).unwrap();
    assert_eq!(undeclared.verify(&request), Err(AuthError::BadSignature), "sr25519 is what is meant then");
}

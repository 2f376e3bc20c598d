//! Encoded calls in words, read by the chain's own metadata.

use scale_info::form::PortableForm;
use scale_info::{PortableRegistry, TypeDef, TypeDefPrimitive};
use subxt::ext::scale_value::scale::decode_as_type;
use subxt::ext::scale_value::{Composite, Value, ValueDef};

use crate::history::words;
use crate::{AnyCall, ChainClient, ChainError, Result};

/// Most letters of a value in words; longer ones are cut.
const MOST_LETTERS: usize = 1_200;

/// An encoded call, as the chain's metadata reads it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodedCall {
    /// Pallet in metadata.
    pub pallet: String,
    /// Call in metadata.
    pub name: String,
    /// Its arguments in order.
    pub arguments: Vec<Argument>,
    /// Number of calls that it carries, without those that they carry.
    pub carries: usize,
    /// Encoding of the call.
    pub bytes: Vec<u8>,
}

/// An argument of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Name in metadata.
    pub name: String,
    /// Its encoding.
    pub bytes: Vec<u8>,
    /// The value in words: accounts as addresses, bytes in hexadecimal digits, the rest as names and numbers.
    pub words: String,
}

impl DecodedCall {
    /// The argument of this name.
    pub fn argument(&self, name: &str) -> Option<&Argument> {
        self.arguments.iter().find(|argument| argument.name == name)
    }

    /// The encoded arguments, one after the other.
    pub fn encoded_arguments(&self) -> &[u8] {
        self.bytes.get(2..).unwrap_or_default()
    }
}

impl From<&DecodedCall> for AnyCall {
    fn from(call: &DecodedCall) -> Self {
        AnyCall::new(&call.pallet, &call.name, call.encoded_arguments().to_vec())
    }
}

impl std::fmt::Display for DecodedCall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let arguments: Vec<String> =
            self.arguments.iter().map(|Argument { name, words, .. }| format!("{name}: {words}")).collect();
        write!(f, "{}.{}({})", self.pallet, self.name, arguments.join(", "))
    }
}

impl ChainClient {
    /// The number of a pallet, by which calls and origins begin.
    pub async fn pallet_index(&self, pallet: &str) -> Result<u8> {
        let runtime = self.runtime().await;
        let found = runtime.at.metadata_ref().pallet_by_name(pallet).map(|pallet| pallet.call_index());
        found.ok_or_else(|| ChainError::NotFound(format!("the runtime has no pallet {pallet}")))
    }

    /// Reads an encoded call. Fails if the runtime has no such call, or if bytes are missing or left over.
    pub async fn decode_call(&self, bytes: &[u8]) -> Result<DecodedCall> {
        let runtime = self.runtime().await;
        let metadata = runtime.at.metadata_ref();
        let wrong = |why: &str| ChainError::undecodable("the encoded call", why);
        let [pallet, call, arguments @ ..] = bytes else { return Err(wrong("it has less than two bytes")) };
        let pallet = metadata
            .pallet_by_call_index(*pallet)
            .ok_or_else(|| wrong(&format!("the runtime has no pallet {pallet}")))?;
        let call = pallet
            .call_variant_by_index(*call)
            .ok_or_else(|| wrong(&format!("the pallet {} has no call {call}", pallet.name())))?;
        let (types, call_type) = (metadata.types(), metadata.outer_enums().call_enum_ty());
        let mut rest = arguments;
        let mut decoded = DecodedCall {
            pallet: pallet.name().into(),
            name: call.name.clone(),
            arguments: Vec::new(),
            carries: 0,
            bytes: bytes.to_vec(),
        };
        for field in &call.fields {
            let before = rest;
            let name = field.name.clone().unwrap_or_default();
            let value = decode_as_type(&mut rest, field.ty.id, types)
                .map_err(|error| wrong(&format!("its argument {name}: {error}")))?;
            let own = before.get(..before.len().saturating_sub(rest.len())).unwrap_or_default();
            decoded.carries = decoded.carries.saturating_add(carried(&value, call_type));
            decoded.arguments.push(Argument { name, bytes: own.to_vec(), words: said(&value, types) });
        }
        match rest.len() {
            0 => Ok(decoded),
            left => Err(wrong(&format!("{left} bytes are left over"))),
        }
    }
}

/// Calls in a value, without those inside of them.
fn carried(value: &Value<u32>, call_type: u32) -> usize {
    if value.context == call_type {
        return 1;
    }
    let inside: Box<dyn Iterator<Item = &Value<u32>>> = match &value.value {
        ValueDef::Composite(fields) => Box::new(fields.values()),
        ValueDef::Variant(variant) => Box::new(variant.values.values()),
        _ => return 0,
    };
    inside.map(|part| carried(part, call_type)).sum()
}

/// A value in words, with bytes in hexadecimal digits unless they are an account.
fn said(value: &Value<u32>, types: &PortableRegistry) -> String {
    let mut words =
        words(value, &|part| bytes_of(part, types).map(|bytes| format!("0x{}", hex::encode(bytes))));
    if let Some((cut, _)) = words.char_indices().nth(MOST_LETTERS) {
        words.truncate(cut);
        words.push('…');
    }
    words
}

/// The bytes of a list of bytes; `None` for other values, and for accounts.
fn bytes_of(value: &Value<u32>, types: &PortableRegistry) -> Option<Vec<u8>> {
    let ty = types.resolve(value.context)?;
    let is_byte = |id: u32| {
        let inner = types.resolve(id).map(|ty: &scale_info::Type<PortableForm>| &ty.type_def);
        matches!(inner, Some(TypeDef::Primitive(TypeDefPrimitive::U8)))
    };
    match &ty.type_def {
        TypeDef::Array(array) if is_byte(array.type_param.id) => {}
        TypeDef::Sequence(list) if is_byte(list.type_param.id) => {}
        // Accounts and hashes are both composites of one array.
        TypeDef::Composite(_)
            if ty.path.segments.last().is_some_and(|name| name.as_str() != "AccountId32") =>
        {
            let ValueDef::Composite(Composite::Unnamed(fields)) = &value.value else { return None };
            return match fields.as_slice() {
                [only] => bytes_of(only, types),
                _ => None,
            };
        }
        _ => return None,
    }
    let ValueDef::Composite(Composite::Unnamed(fields)) = &value.value else { return None };
    fields.iter().map(|field| field.as_u128().and_then(|byte| u8::try_from(byte).ok())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(arguments: &[(&str, &str)]) -> DecodedCall {
        let arguments = arguments
            .iter()
            .map(|(name, words)| Argument { name: (*name).into(), bytes: vec![1], words: (*words).into() })
            .collect();
        let bytes = vec![3, 4, 1];
        DecodedCall { pallet: "Balances".into(), name: "burn".into(), arguments, carries: 0, bytes }
    }

    #[test]
    fn a_call_reads_as_its_names_and_values() {
        let call = call(&[("value", "7"), ("keep_alive", "true")]);
        assert_eq!(call.to_string(), "Balances.burn(value: 7, keep_alive: true)");
        assert_eq!(call.argument("value").map(|argument| argument.words.as_str()), Some("7"));
        assert_eq!((call.argument("who"), call.encoded_arguments()), (None, &[1][..]));
    }

    #[test]
    fn bytes_are_shown_as_digits_and_accounts_as_addresses() {
        let mut registry = scale_info::Registry::new();
        let bytes = registry.register_type(&scale_info::MetaType::new::<[u8; 32]>()).id;
        let list = registry.register_type(&scale_info::MetaType::new::<Vec<u16>>()).id;
        let types = PortableRegistry::from(registry);
        let hash = decode_as_type(&mut &[7u8; 32][..], bytes, &types).expect("an array");
        assert_eq!(said(&hash, &types), format!("0x{}", "07".repeat(32)));
        let numbers = decode_as_type(&mut &[8u8, 1, 0, 2, 0][..], list, &types).expect("a list");
        assert_eq!(said(&numbers, &types), "(1, 2)");
        let long = decode_as_type(&mut &codec::Encode::encode(&vec![9u16; 5_000])[..], list, &types);
        assert_eq!(said(&long.expect("a list"), &types).chars().count(), MOST_LETTERS + 1);
    }

    #[test]
    fn a_carried_call_is_counted_wherever_it_stands() {
        let inner = Value { value: ValueDef::Composite(Composite::Unnamed(vec![])), context: 9 };
        let list =
            Value { value: ValueDef::Composite(Composite::Unnamed(vec![inner.clone(), inner])), context: 1 };
        assert_eq!((carried(&list, 9), carried(&list, 1), carried(&list, 2)), (2, 1, 0));
    }
}

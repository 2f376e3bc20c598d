//! Encoded calls in words, read by the chain's own metadata.

use scale_info::form::PortableForm;
use scale_info::{PortableRegistry, Type, TypeDef, TypeDefPrimitive};
use subxt::ext::scale_value::scale::decode_as_type;
use subxt::ext::scale_value::{Composite, Value, ValueDef};

use crate::depth::Walk;
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

    /// Reads an encoded call. Fails with [`ChainError::Undecodable`] if the runtime has no such call, if bytes are
    /// missing or left over, or if it carries calls more than 16 deep. Asks the node nothing.
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
            let unread = |error: String| wrong(&format!("its argument {name}: {error}"));
            // Decoding recurses, and a stranger wrote the bytes.
            Walk { types, call_type }.over(&mut &*rest, field.ty.id).map_err(|why| unread(why.into()))?;
            let value =
                decode_as_type(&mut rest, field.ty.id, types).map_err(|error| unread(error.to_string()))?;
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

/// A value in words: accounts as addresses, and other bytes in hexadecimal digits.
fn said(value: &Value<u32>, types: &PortableRegistry) -> String {
    let mut words = words(value, &|part| {
        let bytes = bytes_of(part, types)?;
        let account = <[u8; 32]>::try_from(&bytes[..]).ok().filter(|_| is_account(part.context, types));
        Some(
            account.map_or_else(|| format!("0x{}", hex::encode(&bytes)), |it| myelin_wire::ss58::encode(&it)),
        )
    });
    if let Some((cut, _)) = words.char_indices().nth(MOST_LETTERS) {
        words.truncate(cut);
        words.push('…');
    }
    words
}

/// Whether a type is that of accounts. Accounts and hashes are both composites of one array.
fn is_account(ty: u32, types: &PortableRegistry) -> bool {
    let name = types.resolve(ty).and_then(|ty| ty.path.segments.last());
    name.is_some_and(|name| name.as_str() == "AccountId32")
}

/// The bytes of a list of bytes, or of the only field of a composite that is one; `None` for other values.
fn bytes_of(value: &Value<u32>, types: &PortableRegistry) -> Option<Vec<u8>> {
    let ValueDef::Composite(fields) = &value.value else { return None };
    let is_byte = |id: u32| {
        let inner = types.resolve(id).map(|ty: &Type<PortableForm>| &ty.type_def);
        matches!(inner, Some(TypeDef::Primitive(TypeDefPrimitive::U8)))
    };
    match (&types.resolve(value.context)?.type_def, fields) {
        (TypeDef::Composite(_), Composite::Unnamed(fields)) => match fields.as_slice() {
            [only] => bytes_of(only, types),
            _ => None,
        },
        (TypeDef::Array(array), fields) if is_byte(array.type_param.id) => listed_bytes(fields),
        (TypeDef::Sequence(list), fields) if is_byte(list.type_param.id) => listed_bytes(fields),
        _ => None,
    }
}

fn listed_bytes(fields: &Composite<u32>) -> Option<Vec<u8>> {
    fields.values().map(|field| field.as_u128().and_then(|byte| u8::try_from(byte).ok())).collect()
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

    /// An account as chains describe it.
    #[derive(scale_info::TypeInfo)]
    #[allow(dead_code)]
    struct AccountId32([u8; 32]);

    /// A hash as chains describe it.
    #[derive(scale_info::TypeInfo)]
    #[allow(dead_code)]
    struct H256([u8; 32]);

    #[test]
    fn bytes_are_shown_as_digits_and_accounts_as_addresses() {
        let mut registry = scale_info::Registry::new();
        let account = registry.register_type(&scale_info::MetaType::new::<AccountId32>()).id;
        let hash = registry.register_type(&scale_info::MetaType::new::<H256>()).id;
        let bytes = registry.register_type(&scale_info::MetaType::new::<[u8; 32]>()).id;
        let list = registry.register_type(&scale_info::MetaType::new::<Vec<u16>>()).id;
        let types = PortableRegistry::from(registry);
        let of = |ty| said(&decode_as_type(&mut &[7u8; 32][..], ty, &types).expect("32 bytes"), &types);
        assert_eq!(of(account), myelin_wire::ss58::encode(&[7; 32]));
        let digits = format!("0x{}", "07".repeat(32));
        assert_eq!((of(hash), of(bytes)), (digits.clone(), digits));
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

//! A walk over an encoded value that builds nothing: how deep it is, before a decoder recurses into it.
//!
//! Strangers write proposals. Three bytes for each level are enough to carry calls thousands deep, and a decoder that
//! follows them ends the program. The walk recurses too, [`LEVELS`] deep at most.

use scale_info::form::PortableForm;
use scale_info::{Field, PortableRegistry, TypeDef, TypeDefPrimitive};

/// Most calls inside of each other below the outermost one: twice as many as the chain admits.
const CALLS: u8 = 16;
/// Most values inside of each other. A call that carries a call adds three to six of them.
const LEVELS: u8 = 128;

const TOO_MANY_CALLS: &str = "it carries calls more than 16 deep";
const TOO_DEEP: &str = "its values lie more than 128 deep";
const MISSING: &str = "bytes are missing";
const UNKNOWN: &str = "its type is not that of a call";

type Outcome = std::result::Result<(), &'static str>;

/// The types of a chain, and that of its calls.
pub(crate) struct Walk<'a> {
    pub types: &'a PortableRegistry,
    pub call_type: u32,
}

/// Levels that are left.
#[derive(Clone, Copy)]
struct Left {
    calls: u8,
    levels: u8,
}

impl Walk<'_> {
    /// Walks over a value of this type, and takes its bytes off the front.
    pub(crate) fn over(&self, bytes: &mut &[u8], ty: u32) -> Outcome {
        self.value(bytes, ty, Left { calls: CALLS, levels: LEVELS })
    }

    fn value(&self, bytes: &mut &[u8], ty: u32, mut left: Left) -> Outcome {
        left.levels = left.levels.checked_sub(1).ok_or(TOO_DEEP)?;
        if ty == self.call_type {
            left.calls = left.calls.checked_sub(1).ok_or(TOO_MANY_CALLS)?;
        }
        match &self.types.resolve(ty).ok_or(UNKNOWN)?.type_def {
            TypeDef::Composite(composite) => self.fields(bytes, &composite.fields, left),
            TypeDef::Variant(variant) => {
                let index = *take(bytes, 1)?.first().ok_or(MISSING)?;
                let variant = variant.variants.iter().find(|own| own.index == index);
                self.fields(bytes, &variant.ok_or("it has a variant that the runtime lacks")?.fields, left)
            }
            TypeDef::Tuple(tuple) => {
                tuple.fields.iter().try_for_each(|field| self.value(bytes, field.id, left))
            }
            TypeDef::Array(array) => {
                (0..array.len).try_for_each(|_| self.value(bytes, array.type_param.id, left))
            }
            TypeDef::Sequence(list) => {
                let length = length(bytes)?;
                // Values without bytes could be as many as the length says.
                if length > bytes.len() {
                    return Err(MISSING);
                }
                (0..length).try_for_each(|_| self.value(bytes, list.type_param.id, left))
            }
            TypeDef::Primitive(TypeDefPrimitive::Str) => {
                let length = length(bytes)?;
                take(bytes, length).map(drop)
            }
            TypeDef::Primitive(primitive) => take(bytes, width(primitive)).map(drop),
            TypeDef::Compact(_) => compact(bytes).map(drop),
            TypeDef::BitSequence(_) => Err("it holds a list of bits"),
        }
    }

    fn fields(&self, bytes: &mut &[u8], fields: &[Field<PortableForm>], left: Left) -> Outcome {
        fields.iter().try_for_each(|field| self.value(bytes, field.ty.id, left))
    }
}

/// Takes so many bytes off the front.
fn take<'a>(bytes: &mut &'a [u8], count: usize) -> std::result::Result<&'a [u8], &'static str> {
    let (taken, rest) = bytes.split_at_checked(count).ok_or(MISSING)?;
    *bytes = rest;
    Ok(taken)
}

/// Takes a compact number, and returns its bytes.
fn compact<'a>(bytes: &mut &'a [u8]) -> std::result::Result<&'a [u8], &'static str> {
    let first = *bytes.first().ok_or(MISSING)?;
    take(
        bytes,
        match first & 0b11 {
            0b00 => 1,
            0b01 => 2,
            0b10 => 4,
            _ => usize::from(first >> 2).saturating_add(5),
        },
    )
}

/// Takes the length of a list.
fn length(bytes: &mut &[u8]) -> std::result::Result<usize, &'static str> {
    let mut number = [0; 4];
    let taken = compact(bytes)?;
    if taken.len() > number.len() {
        return Err(MISSING);
    }
    number.iter_mut().zip(taken).for_each(|(to, from)| *to = *from);
    usize::try_from(u32::from_le_bytes(number) >> 2).map_err(|_| MISSING)
}

/// Bytes of a number, a truth value or a letter.
fn width(primitive: &TypeDefPrimitive) -> usize {
    match primitive {
        TypeDefPrimitive::Bool | TypeDefPrimitive::U8 | TypeDefPrimitive::I8 => 1,
        TypeDefPrimitive::U16 | TypeDefPrimitive::I16 => 2,
        TypeDefPrimitive::Char | TypeDefPrimitive::U32 | TypeDefPrimitive::I32 => 4,
        TypeDefPrimitive::U64 | TypeDefPrimitive::I64 => 8,
        TypeDefPrimitive::U128 | TypeDefPrimitive::I128 => 16,
        TypeDefPrimitive::U256 | TypeDefPrimitive::I256 => 32,
        TypeDefPrimitive::Str => 0,
    }
}

#[cfg(test)]
mod tests {
    use codec::{Compact, Encode};
    use scale_info::{MetaType, Registry, TypeInfo};

    use super::*;

    /// A call that carries calls, as those of a proxy or of a batch do.
    #[derive(Encode, TypeInfo)]
    enum Call {
        Plain(u64, [u8; 3], Option<bool>),
        Wrapped(Box<Call>),
        Batch(Vec<Call>),
    }

    #[derive(TypeInfo)]
    #[allow(dead_code)]
    struct List {
        next: Option<Box<List>>,
    }

    fn walked<T: TypeInfo + 'static>(bytes: &[u8]) -> Result<usize, &'static str> {
        let mut registry = Registry::new();
        let call_type = registry.register_type(&MetaType::new::<Call>()).id;
        let ty = registry.register_type(&MetaType::new::<T>()).id;
        let types = PortableRegistry::from(registry);
        let mut rest = bytes;
        Walk { types: &types, call_type }.over(&mut rest, ty).map(|()| rest.len())
    }

    #[test]
    fn calls_may_lie_sixteen_deep_and_no_deeper() {
        let plain = Call::Plain(7, [1, 2, 3], Some(true)).encode();
        let wrapped = |levels: usize| [vec![1; levels], plain.clone()].concat();
        assert_eq!((walked::<Call>(&wrapped(0)), walked::<Call>(&wrapped(15))), (Ok(0), Ok(0)));
        assert_eq!(walked::<Call>(&wrapped(16)), Err(TOO_MANY_CALLS));
        // Deep enough to overflow the stack of a decoder.
        assert_eq!(walked::<Call>(&wrapped(1_000_000)), Err(TOO_MANY_CALLS));
        assert_eq!(walked::<Call>(&[2, 4].repeat(1_000_000)), Err(TOO_MANY_CALLS));
        let side_by_side =
            Call::Batch((0..40).map(|_| Call::Wrapped(Box::new(Call::Batch(vec![])))).collect());
        assert_eq!(walked::<Call>(&side_by_side.encode()), Ok(0));
    }

    #[test]
    fn other_values_have_a_limit_as_well() {
        assert_eq!(walked::<List>(&[1; 1_000_000]), Err(TOO_DEEP));
        assert_eq!(walked::<List>(&[1, 1, 0]), Ok(0));
    }

    #[test]
    fn a_walk_takes_the_bytes_of_a_value_and_no_more() {
        type Parts = (bool, char, i16, u32, i128, String, Compact<u128>, Vec<u16>);
        let value = (true, b'a' as u32, -5i16, 9u32, -1i128, "text".to_string(), vec![3u16, 4]);
        let (a, b, c, d, e, f, list) = value;
        for number in [0u128, 63, 64, 16_383, 16_384, 1 << 30, u128::MAX] {
            let bytes = (a, b, c, d, e, &f, Compact(number), &list).encode();
            assert_eq!(walked::<Parts>(&[&bytes[..], &[9; 5]].concat()), Ok(5), "{number}");
            assert_eq!(walked::<Parts>(&bytes[..bytes.len() - 1]), Err(MISSING), "{number}");
        }
    }

    #[test]
    fn a_length_beyond_the_bytes_ends_the_walk_at_once() {
        let endless = Compact(u32::MAX >> 2).encode();
        assert_eq!(walked::<Vec<()>>(&endless), Err(MISSING));
        assert_eq!(walked::<Vec<u8>>(&[3, 0, 0, 0, 64]), Err(MISSING));
        assert_eq!(walked::<Vec<u8>>(&[&[7][..], &[255; 9]].concat()), Err(MISSING));
        assert_eq!(walked::<Call>(&[9]), Err("it has a variant that the runtime lacks"));
        assert_eq!(walked::<Call>(&[]), Err(MISSING));
    }
}

//! SCALE encoding: the raw integer, little-endian. Type information: a struct with the one field `bits`,
//! because clients of the chain read `value["bits"]` and shift by the number of fractional bits that they
//! know for each item.

use super::{I32F32, I64F64, I96F32, U64F64, U96F32};
use codec::{Decode, DecodeWithMemTracking, Encode, EncodeLike, Error, Input, MaxEncodedLen, Output};
use scale_info::{build::Fields, Path, Type, TypeInfo};

macro_rules! scale {
    ($Name:ident, $Bits:ty, $metadata_name:literal) => {
        impl Encode for $Name {
            fn size_hint(&self) -> usize {
                self.to_bits().size_hint()
            }
            fn encode_to<O: Output + ?Sized>(&self, output: &mut O) {
                self.to_bits().encode_to(output);
            }
        }

        impl EncodeLike for $Name {}

        impl Decode for $Name {
            fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
                <$Bits>::decode(input).map(Self::from_bits)
            }
        }

        impl DecodeWithMemTracking for $Name {}

        impl MaxEncodedLen for $Name {
            fn max_encoded_len() -> usize {
                <$Bits>::max_encoded_len()
            }
        }

        impl TypeInfo for $Name {
            type Identity = Self;
            fn type_info() -> Type {
                Type::builder().path(Path::new($metadata_name, "substrate_fixed")).composite(
                    Fields::named().field(|f| f.ty::<$Bits>().name("bits").type_name(stringify!($Bits))),
                )
            }
        }
    };
}

scale!(I32F32, i64, "FixedI64");
scale!(I64F64, i128, "FixedI128");
scale!(I96F32, i128, "FixedI128");
scale!(U64F64, u128, "FixedU128");
scale!(U96F32, u128, "FixedU128");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_point_encodes_as_its_raw_integer() {
        let number = U64F64::from_ratio(1, 2);
        assert_eq!(number.encode(), (1u128 << 63).encode());
        assert_eq!(U64F64::decode(&mut &number.encode()[..]), Ok(number));
        assert_eq!(I32F32::max_encoded_len(), 8);
    }

    #[test]
    fn type_information_is_a_struct_with_the_field_bits() {
        let scale_info::TypeDef::Composite(composite) = I96F32::type_info().type_def else {
            panic!("fixed point must be described as a struct");
        };
        assert_eq!(composite.fields.iter().filter_map(|f| f.name).collect::<std::vec::Vec<_>>(), ["bits"]);
        assert_eq!(I96F32::type_info().path.ident(), Some("FixedI128"));
    }
}

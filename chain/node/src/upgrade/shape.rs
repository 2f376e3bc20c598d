//! Encodings of types, for the comparison of two runtimes: a name may stay while the encoding behind it changes.

use std::collections::BTreeMap;

use frame_metadata::v14::RuntimeMetadataV14;
use scale_info::{form::PortableForm, Field, PortableRegistry, TypeDef};
use sp_io::hashing::twox_128;

/// Digest of the encoding of a type: equal shapes are encoded alike, up to the names of fields.
pub type Shape = [u8; 16];

/// The shapes of the types of one runtime.
pub struct Shapes<'a> {
    types: &'a PortableRegistry,
    known: BTreeMap<u32, Shape>,
}

impl<'a> Shapes<'a> {
    /// Of this runtime.
    pub fn new(metadata: &'a RuntimeMetadataV14) -> Self {
        Self { types: &metadata.types, known: BTreeMap::new() }
    }

    /// The shape of a type.
    ///
    /// A type that contains itself, and the enum of all calls, whose members are compared one by one, stand for
    /// themselves by name.
    pub fn of(&mut self, id: u32) -> Shape {
        if let Some(shape) = self.known.get(&id) {
            return *shape;
        }
        let Some(found) = self.types.resolve(id) else { return Shape::default() };
        let path = found.path.segments.join("::");
        let by_name = twox_128(format!("named {path}").as_bytes());
        if path.ends_with("RuntimeCall") {
            return by_name;
        }
        // A recursive reference from inside finds the name.
        self.known.insert(id, by_name);
        let text = match &found.type_def {
            TypeDef::Composite(composite) => format!("composite {:?}", self.fields(&composite.fields)),
            TypeDef::Variant(variants) => {
                let variants = variants.variants.iter();
                let each: Vec<_> = variants
                    .map(|variant| (variant.index, variant.name.clone(), self.fields(&variant.fields)))
                    .collect();
                format!("variants {each:?}")
            }
            TypeDef::Sequence(sequence) => format!("sequence {:?}", self.of(sequence.type_param.id)),
            TypeDef::Array(array) => format!("array {} {:?}", array.len, self.of(array.type_param.id)),
            TypeDef::Tuple(tuple) => {
                let parts: Vec<_> = tuple.fields.iter().map(|part| self.of(part.id)).collect();
                format!("composite {parts:?}")
            }
            TypeDef::Primitive(primitive) => format!("primitive {primitive:?}"),
            TypeDef::Compact(compact) => format!("compact {:?}", self.of(compact.type_param.id)),
            TypeDef::BitSequence(bits) => {
                let (store, order) = (self.of(bits.bit_store_type.id), self.of(bits.bit_order_type.id));
                format!("bits {store:?} {order:?}")
            }
        };
        let shape = twox_128(text.as_bytes());
        self.known.insert(id, shape);
        shape
    }

    fn fields(&mut self, fields: &[Field<PortableForm>]) -> Vec<Shape> {
        fields.iter().map(|field| self.of(field.ty.id)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use scale_info::{meta_type, MetaType, Registry, TypeInfo};

    mod before {
        #[derive(scale_info::TypeInfo)]
        #[allow(dead_code)]
        pub struct Terms {
            pub amount: u64,
        }
    }

    mod after {
        #[derive(scale_info::TypeInfo)]
        #[allow(dead_code)]
        pub struct Terms {
            pub amount: u128,
        }
    }

    #[derive(scale_info::TypeInfo)]
    #[allow(dead_code)]
    struct Tree {
        branches: Vec<Tree>,
    }

    fn shape_of<T: TypeInfo + 'static>() -> Shape {
        let mut registry = Registry::new();
        let id = registry.register_type(&meta_type::<T>() as &MetaType).id;
        let types = PortableRegistry::from(registry);
        Shapes { types: &types, known: BTreeMap::new() }.of(id)
    }

    #[test]
    fn a_type_that_keeps_its_name_and_changes_is_another() {
        assert_ne!(shape_of::<before::Terms>(), shape_of::<after::Terms>());
        assert_eq!(shape_of::<before::Terms>(), shape_of::<before::Terms>());
        assert_ne!(shape_of::<(u8, u16)>(), shape_of::<(u16, u8)>());
        assert_ne!(shape_of::<Option<u8>>(), shape_of::<u8>());
        assert_ne!(shape_of::<Tree>(), shape_of::<Vec<u8>>(), "a type that contains itself ends");
    }
}

//! Arguments: bytes of a type that make sense in a scene, or that are as bad as the type allows.

use codec::{Compact, Encode};
use myelin_runtime::{AccountId, Runtime};
use pallet_network::subnets::symbols;
use scale_info::{form::PortableForm, Type, TypeDef, TypeDefPrimitive};

use crate::{
    cast::Cast,
    dice::Dice,
    scene::Scene,
    schema::{type_name, Argument, Kind, Schema},
};

/// Depth of calls inside of calls.
const DEPTH: u8 = 2;

/// Makes calls of a kind for a scene.
pub struct Writer<'a> {
    /// Calls and types.
    pub schema: &'a Schema,
    /// Accounts.
    pub cast: &'a Cast,
    /// Subject of the calls.
    pub scene: &'a Scene,
}

/// The argument being written.
#[derive(Clone, Copy)]
struct Slot<'a> {
    argument: &'a Argument,
    hostile: bool,
    depth: u8,
}

impl Writer<'_> {
    /// The bytes of a call of this kind.
    pub fn call(&self, dice: &mut Dice, kind: &Kind) -> Vec<u8> {
        self.nested(dice, kind, 0)
    }

    /// The bytes of a call whose argument at `bad` is hostile and whose others make sense.
    pub fn call_with_bad(&self, dice: &mut Dice, kind: &Kind, bad: usize) -> Vec<u8> {
        let mut bytes = kind.index.to_vec();
        for (at, argument) in kind.arguments.iter().enumerate() {
            let slot = Slot { argument, hostile: at == bad, depth: 0 };
            self.write(dice, slot, argument.ty, &mut bytes);
        }
        bytes
    }

    fn nested(&self, dice: &mut Dice, kind: &Kind, depth: u8) -> Vec<u8> {
        let mut bytes = kind.index.to_vec();
        for argument in &kind.arguments {
            let hostile = dice.chance(self.scene.hostility);
            self.write(dice, Slot { argument, hostile, depth }, argument.ty, &mut bytes);
        }
        bytes
    }

    fn write(&self, dice: &mut Dice, slot: Slot, id: u32, out: &mut Vec<u8>) {
        let ty = self.schema.types.resolve(id).expect("every type is listed");
        match type_name(ty) {
            "AccountId32" => return self.account(dice, slot).encode_to(out),
            "MultiAddress" => {
                out.push(0);
                return self.account(dice, slot).encode_to(out);
            }
            "RuntimeCall" => return out.extend(self.inner_call(dice, slot.depth)),
            "BTreeSet" => return self.set(dice, slot, ty, out),
            _ => {}
        }
        match &ty.type_def {
            TypeDef::Primitive(primitive) => self.primitive(dice, slot, primitive, out),
            TypeDef::Compact(compact) => {
                let number = self.number(dice, slot, &self.primitive_of(compact.type_param.id));
                out.extend(Compact(number).encode());
            }
            TypeDef::Composite(composite) => {
                composite.fields.iter().for_each(|field| self.write(dice, slot, field.ty.id, out));
            }
            TypeDef::Tuple(tuple) => {
                tuple.fields.iter().for_each(|field| self.write(dice, slot, field.id, out))
            }
            TypeDef::Array(array) => {
                (0..array.len).for_each(|_| self.write(dice, slot, array.type_param.id, out));
            }
            TypeDef::Variant(variants) => {
                let Some(variant) = dice.pick(&variants.variants) else { return };
                out.push(variant.index);
                variant.fields.iter().for_each(|field| self.write(dice, slot, field.ty.id, out));
            }
            TypeDef::Sequence(sequence) => self.sequence(dice, slot, sequence.type_param.id, out),
            TypeDef::BitSequence(_) => Compact(0u32).encode_to(out),
        }
    }

    /// A list. Uids and the lists that belong to them are as long as the scene's list of uids.
    fn sequence(&self, dice: &mut Dice, slot: Slot, of: u32, out: &mut Vec<u8>) {
        let element = self.primitive_of(of);
        match element {
            Some(TypeDefPrimitive::U8) => return self.text(dice, slot).encode_to(out),
            Some(TypeDefPrimitive::U16) => return self.small_numbers(dice, slot).encode_to(out),
            _ => {}
        }
        let length = if slot.hostile && slot.depth == 0 { dice.below(200) } else { dice.below(4) };
        Compact(length as u32).encode_to(out);
        let slot = Slot { depth: slot.depth + 1, ..slot };
        (0..length).for_each(|_| self.write(dice, slot, of, out));
    }

    fn set(&self, dice: &mut Dice, slot: Slot, ty: &Type<PortableForm>, out: &mut Vec<u8>) {
        let small = ty.type_params.first().and_then(|p| p.ty).and_then(|ty| self.primitive_of(ty.id));
        if small != Some(TypeDefPrimitive::U16) {
            return Compact(0u32).encode_to(out);
        }
        let count = if slot.hostile { dice.below(9) } else { 1 + dice.below(3) };
        let set: std::collections::BTreeSet<u16> =
            (0..count)
                .map(|i| {
                    if slot.hostile {
                        dice.number() as u16
                    } else {
                        self.scene.netuid.saturating_add(i as u16)
                    }
                })
                .collect();
        set.encode_to(out);
    }

    fn small_numbers(&self, dice: &mut Dice, slot: Slot) -> Vec<u16> {
        let name = slot.argument.name.as_str();
        let uids = name.contains("uids") || name.contains("dests");
        if slot.hostile {
            let length = [0, 1, 2, 257, 4_097][dice.below(5) as usize];
            return (0..length).map(|_| dice.number() as u16).collect();
        }
        if uids {
            return self.scene.uids.clone();
        }
        if name.contains("split") {
            let first = dice.below(65_536) as u16;
            return vec![first, u16::MAX - first];
        }
        self.scene.uids.iter().map(|_| dice.magnitude() as u16).collect()
    }

    fn text(&self, dice: &mut Dice, slot: Slot) -> Vec<u8> {
        let name = slot.argument.name.as_str();
        if slot.hostile {
            let length = [0, 1, 66, 257, 1_025, 6_000][dice.below(6) as usize];
            return (0..length).map(|_| dice.number() as u8).collect();
        }
        if name == "symbol" {
            return symbols::of(dice.below(60) as u16).unwrap_or_default();
        }
        let length = 1 + dice.below(40);
        (0..length).map(|_| b'a' + dice.below(26) as u8).collect()
    }

    fn account(&self, dice: &mut Dice, slot: Slot) -> AccountId {
        let name = slot.argument.name.as_str();
        if slot.hostile {
            return match dice.below(4) {
                0 => AccountId::from([0; 32]),
                1 => AccountId::from([dice.number() as u8; 32]),
                2 => pallet_network::ledger::TaoLedger::<Runtime>::subnet_account(self.scene.netuid),
                _ => self.cast.any_hotkey(dice),
            };
        }
        let other = ["new", "destination", "child", "dest", "delegate", "target"]
            .iter()
            .any(|word| name.contains(word));
        match (name.contains("hotkey") || name.contains("child"), other) {
            (true, false) => self.scene.hotkey.clone(),
            (true, true) => self.scene.other_hotkey.clone(),
            (false, false) if name.contains("coldkey") => self.scene.coldkey.clone(),
            _ => self.scene.other_coldkey.clone(),
        }
    }

    fn inner_call(&self, dice: &mut Dice, depth: u8) -> Vec<u8> {
        let carriers = ["Utility", "Multisig", "Proxy"];
        let plain = |kind: &&Kind| depth + 1 < DEPTH || !carriers.contains(&kind.pallet.as_str());
        let kinds: Vec<_> = self.schema.kinds.iter().filter(plain).collect();
        let kind = dice.pick(&kinds).expect("there are calls");
        self.nested(dice, kind, depth + 1)
    }

    fn primitive(&self, dice: &mut Dice, slot: Slot, primitive: &TypeDefPrimitive, out: &mut Vec<u8>) {
        use TypeDefPrimitive as P;
        let number = self.number(dice, slot, &Some(primitive.clone()));
        match primitive {
            P::Bool => out.push(u8::from(dice.chance(70))),
            P::U8 | P::I8 => out.push(number as u8),
            P::U16 | P::I16 => (number as u16).encode_to(out),
            P::U32 | P::I32 | P::Char => (number as u32).encode_to(out),
            P::U64 | P::I64 => number.encode_to(out),
            P::U128 | P::I128 => self.wide(dice, slot).encode_to(out),
            P::U256 | P::I256 => [number, 0, 0, 0].encode_to(out),
            P::Str => self.text(dice, slot).encode_to(out),
        }
    }

    /// An address of a machine, or raw fixed-point bits around 1.
    fn wide(&self, dice: &mut Dice, slot: Slot) -> u128 {
        if slot.hostile {
            return [0, u128::MAX, u128::from(dice.number())][dice.below(3) as usize];
        }
        match slot.argument.name.as_str() {
            "ip" => 0x0808_0000 + u128::from(dice.below(0xFFFF)),
            "burn_increase_mult" => u128::from(4 + dice.below(9)) << 62,
            _ => u128::from(dice.below(1 << 33)),
        }
    }

    fn number(&self, dice: &mut Dice, slot: Slot, primitive: &Option<TypeDefPrimitive>) -> u64 {
        use TypeDefPrimitive as P;
        let most = match primitive {
            Some(P::U8 | P::I8) => u64::from(u8::MAX),
            Some(P::U16 | P::I16) => u64::from(u16::MAX),
            Some(P::U32 | P::I32) => u64::from(u32::MAX),
            _ => u64::MAX,
        };
        if slot.hostile {
            return match dice.below(6) {
                0 => 0,
                1 => most,
                2 => most - 1,
                3 => most / 2 + 1,
                4 => dice.number() & most,
                _ => dice.magnitude() & most,
            };
        }
        self.meant(dice, slot.argument) & most
    }

    /// A number that makes sense: by the name of its type, and by its own name.
    fn meant(&self, dice: &mut Dice, argument: &Argument) -> u64 {
        let scene = self.scene;
        let name = argument.name.as_str();
        match argument.written.as_str() {
            "NetUid" if name.contains("destination") => return scene.other_netuid.into(),
            "NetUid" => return scene.netuid.into(),
            "MechId" if name == "mechanism_count" => return 1 + dice.below(2),
            "MechId" => return dice.below(10) / 8,
            "AlphaBalance" => return dice.part_of(scene.stake),
            "TaoBalance" if name.contains("amount") => return dice.part_of(scene.free / 50),
            _ => {}
        }
        match name {
            "limit_price" if dice.chance(30) => scene.price,
            "limit_price" => scene.price / 2 + dice.below(scene.price.saturating_add(2)),
            "version_key" | "placeholder1" | "placeholder2" => 0,
            "ip_type" | "protocol" => 4,
            "port" => 1 + dice.below(60_000),
            "value" | "amount" => dice.part_of(scene.free / 100),
            "children" => u64::MAX / (1 + dice.below(8)),
            "tempo" if dice.chance(40) => 360 + dice.below(100),
            "tempo" => 1 + dice.below(40),
            "rate" => dice.below(10_000),
            "max_allowed_uids" => 8 + dice.below(10),
            "threshold" => 2,
            _ => match dice.below(4) {
                0 => dice.below(3),
                1 => dice.below(100),
                2 => dice.below(20_000),
                _ => dice.magnitude(),
            },
        }
    }

    /// The primitive that a type is, through structures with one field.
    fn primitive_of(&self, id: u32) -> Option<TypeDefPrimitive> {
        match &self.schema.types.resolve(id)?.type_def {
            TypeDef::Primitive(primitive) => Some(primitive.clone()),
            TypeDef::Composite(composite) => match &composite.fields[..] {
                [only] => self.primitive_of(only.ty.id),
                _ => None,
            },
            _ => None,
        }
    }
}

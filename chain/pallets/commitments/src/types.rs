//! Contents of a commitment, in the official encoding.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode, EncodeLike, Error, Input, MaxEncodedLen, Output};
use frame_support::{traits::ConstU32, BoundedVec};
use scale_info::{
    build::{Fields, Variants},
    Path, Type, TypeInfo,
};

/// Most fields of a commitment.
pub const MAX_FIELDS: u32 = 3;
/// Most bytes of a raw field.
pub const MAX_RAW: u32 = 128;
/// Most bytes of a big raw field.
pub const MAX_BIG_RAW: u32 = 512;
/// Most bytes of a sealed field.
pub const MAX_SEALED: u32 = 1024;

/// One field of a commitment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Data {
    /// Nothing.
    None,
    /// Up to 128 bytes. Clients see one variant per length, `Raw0` to `Raw128`.
    Raw(BoundedVec<u8, ConstU32<MAX_RAW>>),
    /// A BLAKE2-256 hash of something published elsewhere.
    BlakeTwo256([u8; 32]),
    /// A SHA2-256 hash.
    Sha256([u8; 32]),
    /// A Keccak-256 hash.
    Keccak256([u8; 32]),
    /// A SHA3-256 hash.
    ShaThree256([u8; 32]),
    /// Bytes sealed for a round of a public beacon.
    TimelockEncrypted {
        /// The ciphertext.
        encrypted: BoundedVec<u8, ConstU32<MAX_SEALED>>,
        /// The round whose signature opens it.
        reveal_round: u64,
    },
    /// The reset flag.
    ResetBondsFlag,
    /// Up to 512 bytes.
    BigRaw(BoundedVec<u8, ConstU32<MAX_BIG_RAW>>),
}

/// Number of `Raw0`; `Raw<n>` is `n` further.
const RAW: u8 = 1;
/// Number of `Raw128`.
const LAST_RAW: u8 = 129;
const BLAKE_TWO_256: u8 = 130;
const SHA_256: u8 = 131;
const KECCAK_256: u8 = 132;
const SHA_THREE_256: u8 = 133;
const TIMELOCK_ENCRYPTED: u8 = 134;
const RESET_BONDS_FLAG: u8 = 135;
const BIG_RAW: u8 = 136;

impl Data {
    /// Bytes that count as space.
    pub fn space(&self) -> u64 {
        let bytes = match self {
            Data::None | Data::ResetBondsFlag => 0,
            Data::Raw(bytes) => bytes.len(),
            Data::BigRaw(bytes) => bytes.len(),
            Data::TimelockEncrypted { encrypted, .. } => encrypted.len(),
            Data::BlakeTwo256(hash)
            | Data::Sha256(hash)
            | Data::Keccak256(hash)
            | Data::ShaThree256(hash) => hash.len(),
        };
        bytes as u64
    }

    fn number(&self) -> u8 {
        match self {
            Data::None => 0,
            // At most 128 bytes, so the sum is at most `LAST_RAW`.
            Data::Raw(bytes) => RAW.saturating_add(bytes.len() as u8),
            Data::BlakeTwo256(_) => BLAKE_TWO_256,
            Data::Sha256(_) => SHA_256,
            Data::Keccak256(_) => KECCAK_256,
            Data::ShaThree256(_) => SHA_THREE_256,
            Data::TimelockEncrypted { .. } => TIMELOCK_ENCRYPTED,
            Data::ResetBondsFlag => RESET_BONDS_FLAG,
            Data::BigRaw(_) => BIG_RAW,
        }
    }
}

impl Encode for Data {
    fn encode_to<O: Output + ?Sized>(&self, output: &mut O) {
        output.push_byte(self.number());
        match self {
            Data::None | Data::ResetBondsFlag => {}
            // The number gives the length.
            Data::Raw(bytes) => output.write(bytes),
            Data::BigRaw(bytes) => bytes.encode_to(output),
            Data::TimelockEncrypted { encrypted, reveal_round } => {
                encrypted.encode_to(output);
                reveal_round.encode_to(output);
            }
            Data::BlakeTwo256(hash)
            | Data::Sha256(hash)
            | Data::Keccak256(hash)
            | Data::ShaThree256(hash) => output.write(hash),
        }
    }
}

impl EncodeLike for Data {}

impl Decode for Data {
    fn decode<I: Input>(input: &mut I) -> Result<Self, Error> {
        Ok(match input.read_byte()? {
            0 => Data::None,
            number @ RAW..=LAST_RAW => {
                let mut bytes = alloc::vec![0; usize::from(number.saturating_sub(RAW))];
                input.read(&mut bytes)?;
                Data::Raw(BoundedVec::try_from(bytes).map_err(|_| "raw field longer than 128 bytes")?)
            }
            BLAKE_TWO_256 => Data::BlakeTwo256(Decode::decode(input)?),
            SHA_256 => Data::Sha256(Decode::decode(input)?),
            KECCAK_256 => Data::Keccak256(Decode::decode(input)?),
            SHA_THREE_256 => Data::ShaThree256(Decode::decode(input)?),
            TIMELOCK_ENCRYPTED => Data::TimelockEncrypted {
                encrypted: Decode::decode(input)?,
                reveal_round: Decode::decode(input)?,
            },
            RESET_BONDS_FLAG => Data::ResetBondsFlag,
            BIG_RAW => Data::BigRaw(Decode::decode(input)?),
            _ => return Err("no such kind of field".into()),
        })
    }
}

impl DecodeWithMemTracking for Data {}

impl MaxEncodedLen for Data {
    fn max_encoded_len() -> usize {
        // The longest is a sealed field: number, bytes with their length, round.
        let sealed = BoundedVec::<u8, ConstU32<MAX_SEALED>>::max_encoded_len();
        sealed.saturating_add(u8::max_encoded_len()).saturating_add(u64::max_encoded_len())
    }
}

/// Adds the variant of raw fields of each length.
macro_rules! raw_variants {
    ($variants:ident: $($length:literal)*) => {
        $variants$(.variant(concat!("Raw", stringify!($length)), |variant| {
            variant
                .index(RAW.saturating_add($length))
                .fields(Fields::unnamed().field(|field| field.ty::<[u8; $length]>()))
        }))*
    };
}

impl TypeInfo for Data {
    type Identity = Self;

    fn type_info() -> Type {
        let variants = Variants::new().variant("None", |variant| variant.index(0));
        let variants = raw_variants!(variants:
            0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32
            33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63 64
            65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80 81 82 83 84 85 86 87 88 89 90 91 92 93 94 95 96
            97 98 99 100 101 102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117 118 119 120
            121 122 123 124 125 126 127 128
        );
        let hashes = [
            ("BlakeTwo256", BLAKE_TWO_256),
            ("Sha256", SHA_256),
            ("Keccak256", KECCAK_256),
            ("ShaThree256", SHA_THREE_256),
        ];
        let variants = hashes.into_iter().fold(variants, |variants, (name, number)| {
            variants.variant(name, |variant| {
                variant.index(number).fields(Fields::unnamed().field(|field| field.ty::<[u8; 32]>()))
            })
        });
        let variants = variants
            .variant("TimelockEncrypted", |variant| {
                variant.index(TIMELOCK_ENCRYPTED).fields(
                    Fields::named()
                        .field(|field| field.name("encrypted").ty::<BoundedVec<u8, ConstU32<MAX_SEALED>>>())
                        .field(|field| field.name("reveal_round").ty::<u64>()),
                )
            })
            .variant("ResetBondsFlag", |variant| variant.index(RESET_BONDS_FLAG))
            .variant("BigRaw", |variant| {
                variant.index(BIG_RAW).fields(
                    Fields::unnamed().field(|field| field.ty::<BoundedVec<u8, ConstU32<MAX_BIG_RAW>>>()),
                )
            });
        Type::builder().path(Path::new("Data", module_path!())).variant(variants)
    }
}

/// The fields of a commitment.
#[derive(
    Clone, PartialEq, Eq, Debug, Default, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
)]
pub struct CommitmentInfo {
    /// At most three.
    pub fields: BoundedVec<Data, ConstU32<MAX_FIELDS>>,
}

impl CommitmentInfo {
    /// Size of the commitment in bytes, at least [`MIN_SPACE`](crate::MIN_SPACE).
    pub fn space(&self) -> u64 {
        let bytes = self.fields.iter().fold(0u64, |sum, field| sum.saturating_add(field.space()));
        bytes.max(crate::MIN_SPACE)
    }

    /// Whether the reset flag is among the fields.
    pub fn resets_bonds(&self) -> bool {
        self.fields.contains(&Data::ResetBondsFlag)
    }

    /// Whether a field is sealed.
    pub fn is_sealed(&self) -> bool {
        self.fields.iter().any(|field| matches!(field, Data::TimelockEncrypted { .. }))
    }
}

/// A commitment as it is stored.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Registration<BlockNumber> {
    /// Deposit in rao; always 0.
    pub deposit: u64,
    /// Block of the commitment.
    pub block: BlockNumber,
    /// The commitment.
    pub info: CommitmentInfo,
}

/// Space that was used in an epoch.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct UsageTracker {
    /// Number of the epoch.
    pub last_epoch: u64,
    /// Bytes.
    pub used_space: u64,
}

/// Commitments of a subnet: hotkeys and the encoded [`Registration`]s.
pub type Statements<AccountId> = Vec<(AccountId, Vec<u8>)>;

//! What people publish about themselves and their subnets. All fields are UTF-8 text chosen by the owner.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// What a subnet owner published about the subnet.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct SubnetIdentityV3 {
    /// Name of the subnet.
    pub subnet_name: Vec<u8>,
    /// Where its code is.
    pub github_repo: Vec<u8>,
    /// How to reach its owner.
    pub subnet_contact: Vec<u8>,
    /// Its web page.
    pub subnet_url: Vec<u8>,
    /// Discord handle.
    pub discord: Vec<u8>,
    /// What the subnet produces.
    pub description: Vec<u8>,
    /// Address of its logo.
    pub logo_url: Vec<u8>,
    /// Anything else.
    pub additional: Vec<u8>,
}

/// What the owner of a coldkey published about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct ChainIdentityV2 {
    /// Name.
    pub name: Vec<u8>,
    /// Web page.
    pub url: Vec<u8>,
    /// Where its code is.
    pub github_repo: Vec<u8>,
    /// Address of a picture.
    pub image: Vec<u8>,
    /// Discord handle.
    pub discord: Vec<u8>,
    /// Who it is.
    pub description: Vec<u8>,
    /// Anything else.
    pub additional: Vec<u8>,
}

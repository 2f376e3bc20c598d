//! Descriptions that owners publish of themselves and their subnets. All fields are UTF-8 text chosen by the owner.

use alloc::vec::Vec;

use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// Description of a subnet, published by its owner.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct SubnetIdentityV3 {
    /// Name of the subnet.
    pub subnet_name: Vec<u8>,
    /// Address of its code.
    pub github_repo: Vec<u8>,
    /// Contact of its owner.
    pub subnet_contact: Vec<u8>,
    /// Its web page.
    pub subnet_url: Vec<u8>,
    /// Discord handle.
    pub discord: Vec<u8>,
    /// Product of the subnet.
    pub description: Vec<u8>,
    /// Address of its logo.
    pub logo_url: Vec<u8>,
    /// Anything else.
    pub additional: Vec<u8>,
}

/// Description of a coldkey's owner, published by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct ChainIdentityV2 {
    /// Name.
    pub name: Vec<u8>,
    /// Web page.
    pub url: Vec<u8>,
    /// Address of its code.
    pub github_repo: Vec<u8>,
    /// Address of a picture.
    pub image: Vec<u8>,
    /// Discord handle.
    pub discord: Vec<u8>,
    /// Text about the owner.
    pub description: Vec<u8>,
    /// Anything else.
    pub additional: Vec<u8>,
}

//! Calls: operations that an account asks the chain for.

/// A call whose arguments encode exactly as the chain expects; `myelin-abi` has one type per call.
///
/// The names are looked up in the node's metadata when the call is submitted, and the arguments' shape is
/// compared with it when the client connects.
pub trait Call {
    /// Pallet name in metadata, for example `SubtensorModule`.
    fn pallet(&self) -> &'static str;
    /// Call name in metadata, for example `add_stake`.
    fn name(&self) -> &'static str;
    /// SCALE encoding of the arguments in order.
    fn arguments(&self) -> Vec<u8>;
}

impl<C: myelin_abi::calls::Call> Call for C {
    fn pallet(&self) -> &'static str {
        C::PALLET
    }
    fn name(&self) -> &'static str {
        C::NAME
    }
    fn arguments(&self) -> Vec<u8> {
        self.encode()
    }
}

/// A call with its names, ready to be nested in another ([`ChainClient::sudo`](crate::ChainClient::sudo),
/// [`ChainClient::batch`](crate::ChainClient::batch)) or submitted.
#[derive(Clone, Debug)]
pub struct AnyCall {
    pub(crate) pallet: String,
    pub(crate) name: String,
    pub(crate) arguments: Vec<u8>,
}

impl AnyCall {
    /// Any call by names and encoded arguments.
    pub fn new(pallet: impl Into<String>, name: impl Into<String>, arguments: Vec<u8>) -> Self {
        AnyCall { pallet: pallet.into(), name: name.into(), arguments }
    }
}

impl<C: Call> From<&C> for AnyCall {
    fn from(call: &C) -> Self {
        AnyCall::new(call.pallet(), call.name(), call.arguments())
    }
}

/// Arguments that are already encoded, passed through `subxt` as they are.
pub(crate) struct EncodedArguments(pub Vec<u8>);

impl subxt::ext::scale_encode::EncodeAsFields for EncodedArguments {
    fn encode_as_fields_to<R: subxt::ext::scale_encode::TypeResolver>(
        &self,
        _fields: &mut dyn subxt::ext::scale_encode::FieldIter<'_, R::TypeId>,
        _types: &R,
        out: &mut Vec<u8>,
    ) -> Result<(), subxt::ext::scale_encode::Error> {
        out.extend_from_slice(&self.0);
        Ok(())
    }
}

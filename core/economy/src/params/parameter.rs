//! One row of the table, and the words it is written in.

use super::{Caller, Cooldown, Kind, Origin, ParameterError, Setter, Unit};
use crate::profile::Profile;

/// A call of the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call {
    /// Name of the pallet in metadata.
    pub pallet: &'static str,
    /// Name of the call.
    pub name: &'static str,
    /// Its number in the pallet.
    pub index: u8,
}

impl Call {
    /// A call of `AdminUtils`.
    pub const fn admin(name: &'static str, index: u8) -> Self {
        Call { pallet: "AdminUtils", name, index }
    }

    /// A call of `SubtensorModule`.
    pub const fn network(name: &'static str, index: u8) -> Self {
        Call { pallet: "SubtensorModule", name, index }
    }
}

/// One parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// Name of the storage item; one number of a pair is named after a point.
    pub name: &'static str,
    /// Pallet of the storage item.
    pub pallet: &'static str,
    /// Name that clients use for it, where they do (`HyperparamEntry.name`).
    pub client_name: Option<&'static str>,
    /// Name for people where neither clients nor a call have one.
    pub alias: Option<&'static str>,
    /// Bytes of the storage item that stand before the value.
    pub offset: usize,
    /// The call by which root sets it, and the owner too if it is [`Self::shared`].
    pub call: Option<Call>,
    /// A call for the owner alone, where there is one.
    pub owner_call: Option<Call>,
    /// Whether the owner may use [`Self::call`].
    pub shared: bool,
    /// Type of the value.
    pub kind: Kind,
    /// Form of the value for people.
    pub unit: Unit,
    /// Default, on production networks if `fast` differs.
    pub default: i128,
    /// Default on fast networks, if it differs.
    pub fast: Option<i128>,
    /// Value set for user-registered subnets, if it differs from the default.
    pub registered: Option<i128>,
    /// The same on fast networks, if it differs.
    pub registered_fast: Option<i128>,
    /// Smallest and largest value an owner may set.
    pub range: (i128, i128),
    /// Smallest and largest value root may set.
    pub root_range: (i128, i128),
    /// Accounts that may set it.
    pub setter: Setter,
    /// Wait of an owner between two changes.
    pub cooldown: Cooldown,
    /// Whether anything follows from it; otherwise it is kept because clients read or set it.
    pub live: bool,
    /// Meaning of the parameter, in one sentence.
    pub meaning: &'static str,
}

impl Parameter {
    /// The default on a network of that profile, for a subnet of that origin.
    pub fn default_on(&self, profile: &Profile, origin: Origin) -> i128 {
        let general = match self.fast {
            Some(fast) if profile.fast => fast,
            _ => self.default,
        };
        match origin {
            Origin::Genesis => general,
            Origin::Registered if profile.fast => self.registered_fast.or(self.registered).unwrap_or(general),
            Origin::Registered => self.registered.unwrap_or(general),
        }
    }

    /// Whether a call sets it, root's or the owner's.
    pub fn is_set_by(&self, pallet: &str, call: &str) -> bool {
        let calls = [self.call, self.owner_call];
        calls.iter().flatten().any(|own| own.pallet == pallet && own.name == call)
    }

    /// The default that storage declares: the one of fast networks, as in the official metadata. On others genesis
    /// and registration write the value that differs.
    pub const fn stored(&self) -> i128 {
        match self.fast {
            Some(fast) => fast,
            None => self.default,
        }
    }

    /// The value of user-registered subnets.
    pub const fn on_registration(&self) -> i128 {
        match self.registered {
            Some(value) => value,
            None => self.default,
        }
    }

    /// The call by which the owner sets it.
    pub fn call_of_owner(&self) -> Option<Call> {
        match self.setter {
            Setter::Owner => self.owner_call.or(self.call),
            _ => None,
        }
    }

    /// The name for people: the clients' name, its alias, the part that its `AdminUtils` call names, or the storage
    /// item.
    pub fn title(&self) -> &'static str {
        let of_admin = self.call.filter(|call| call.pallet == "AdminUtils");
        let of_call = of_admin.and_then(|call| call.name.strip_prefix("sudo_set_"));
        self.client_name.or(self.alias).or(of_call).unwrap_or(self.name)
    }

    /// Whether this is one of its names.
    pub fn is_called(&self, name: &str) -> bool {
        let of_call = |call: Option<Call>| call.is_some_and(|call| call.name == name);
        self.name == name
            || self.client_name == Some(name)
            || self.title() == name
            || of_call(self.call)
            || of_call(self.owner_call)
    }

    /// The storage item: the name, or for one number of a pair the part before the point.
    pub fn item(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(item, _)| item)
    }

    /// The value in the bytes of the storage item; `None` if there are too few.
    pub fn read(&self, item: &[u8]) -> Option<i128> {
        self.kind.from_bytes(item.get(self.offset..)?)
    }

    /// Smallest and largest value that `caller` may set.
    pub const fn range_of(&self, caller: Caller) -> (i128, i128) {
        match caller {
            Caller::Root => self.root_range,
            Caller::Owner => self.range,
        }
    }

    /// Whether `caller` may set `value`; cool-downs and relations between parameters are the caller's to check.
    pub fn check(&self, value: i128, caller: Caller) -> Result<(), ParameterError> {
        let name = self.name;
        match (self.setter, caller) {
            (Setter::Nobody, _) | (Setter::Root, Caller::Owner) => {
                return Err(ParameterError::NotAllowed { name })
            }
            _ => {}
        }
        let (min, max) = self.kind.bounds();
        if !(min..=max).contains(&value) {
            return Err(ParameterError::WrongType { name, value, min, max });
        }
        let (min, max) = self.range_of(caller);
        if value < min {
            return Err(ParameterError::TooSmall { name, value, min });
        }
        if value > max {
            return Err(ParameterError::TooLarge { name, value, max });
        }
        Ok(())
    }
}

/// A row that only root sets, without range of its own.
pub(super) const fn root(
    name: &'static str,
    kind: Kind,
    unit: Unit,
    default: i128,
    meaning: &'static str,
) -> Parameter {
    Parameter {
        name,
        pallet: "SubtensorModule",
        client_name: None,
        alias: None,
        offset: 0,
        call: None,
        owner_call: None,
        shared: false,
        kind,
        unit,
        default,
        fast: None,
        registered: None,
        registered_fast: None,
        range: kind.bounds(),
        root_range: kind.bounds(),
        setter: Setter::Root,
        cooldown: Cooldown::None,
        live: true,
        meaning,
    }
}

/// A row that the owner sets too, with the general cool-down.
pub(super) const fn owner(
    name: &'static str,
    kind: Kind,
    unit: Unit,
    default: i128,
    meaning: &'static str,
) -> Parameter {
    Parameter {
        setter: Setter::Owner,
        shared: true,
        cooldown: Cooldown::OwnerTempos,
        ..root(name, kind, unit, default, meaning)
    }
}

/// A row that nobody sets.
pub(super) const fn fixed(
    name: &'static str,
    kind: Kind,
    unit: Unit,
    default: i128,
    meaning: &'static str,
) -> Parameter {
    Parameter { setter: Setter::Nobody, ..root(name, kind, unit, default, meaning) }
}

impl Parameter {
    pub(super) const fn client(self, name: &'static str) -> Self {
        Parameter { client_name: Some(name), ..self }
    }

    pub(super) const fn known_as(self, name: &'static str) -> Self {
        Parameter { alias: Some(name), ..self }
    }

    /// The value stands behind this many bytes of the storage item.
    pub(super) const fn behind(self, bytes: usize) -> Self {
        Parameter { offset: bytes, ..self }
    }

    pub(super) const fn by(self, call: &'static str, index: u8) -> Self {
        Parameter { call: Some(Call::admin(call, index)), ..self }
    }

    pub(super) const fn by_network(self, call: &'static str, index: u8) -> Self {
        Parameter { call: Some(Call::network(call, index)), ..self }
    }

    pub(super) const fn by_collateral(self, call: &'static str, index: u8) -> Self {
        Parameter { call: Some(Call { pallet: "Collateral", name: call, index }), ..self }
    }

    pub(super) const fn by_swap(self, call: &'static str, index: u8) -> Self {
        Parameter { call: Some(Call { pallet: "Swap", name: call, index }), ..self }
    }

    pub(super) const fn by_commitments(self, call: &'static str, index: u8) -> Self {
        Parameter { call: Some(Call { pallet: "Commitments", name: call, index }), ..self }
    }

    /// Adds a separate call for the owner.
    pub(super) const fn owner_also_by(self, call: &'static str, index: u8) -> Self {
        Parameter { owner_call: Some(Call::network(call, index)), ..self }
    }

    /// Gives the owner a separate call in place of root's.
    pub(super) const fn owner_only_by(self, call: &'static str, index: u8) -> Self {
        Parameter { shared: false, ..self.owner_also_by(call, index) }
    }

    pub(super) const fn fast(self, value: i128) -> Self {
        Parameter { fast: Some(value), ..self }
    }

    pub(super) const fn registered(self, value: i128) -> Self {
        Parameter { registered: Some(value), ..self }
    }

    pub(super) const fn registered_fast(self, value: i128) -> Self {
        Parameter { registered_fast: Some(value), ..self }
    }

    /// Sets the range for owners.
    pub(super) const fn range(self, min: i128, max: i128) -> Self {
        Parameter { range: (min, max), ..self }
    }

    /// Sets the range for owners and root.
    pub(super) const fn bounds(self, min: i128, max: i128) -> Self {
        Parameter { range: (min, max), root_range: (min, max), ..self }
    }

    pub(super) const fn every(self, cooldown: Cooldown) -> Self {
        Parameter { cooldown, ..self }
    }

    pub(super) const fn of_pallet(self, pallet: &'static str) -> Self {
        Parameter { pallet, ..self }
    }

    pub(super) const fn without_effect(self) -> Self {
        Parameter { live: false, ..self }
    }
}

//! Acts of people between blocks, followed by the model if they succeeded on the chain.

use myelin_economy::{
    childkeys::{check_children, with_link},
    dissolve::liquidate,
    pool::{BlockTrades, Terms},
};
use myelin_units::{AlphaBalance, MechId, NetUid, TaoBalance};
use myelin_yuma::{mechanisms::carried_over, set_weights::max_upscale};
use sp_core::H256;

use super::{
    subnet::{Mechanism, Votes},
    AccountId, Model,
};
use crate::removal::SubnetRemoval;
use crate::tests::mock::Test;

/// Children with their shares.
type Children = Vec<(u64, AccountId)>;

impl Model {
    /// A neuron's row of weights, in the clear.
    pub fn set_weights(
        &mut self,
        netuid: NetUid,
        mecid: MechId,
        hotkey: &AccountId,
        uids: &[u16],
        values: &[u16],
        now: u64,
    ) {
        let uid = self.uid(netuid, hotkey);
        let mechanism = self.mechanism(netuid, mecid);
        mechanism.weights[uid] = uids.iter().copied().zip(max_upscale(values)).collect();
        mechanism.last_update[uid] = now;
    }

    /// A neuron commits a hash. Commits that can no longer be revealed are dropped.
    pub fn commit(&mut self, netuid: NetUid, mecid: MechId, hotkey: &AccountId, hash: H256, now: u64) {
        let (uid, epoch) = (self.uid(netuid, hotkey), self.epoch(netuid, now));
        let reveal_epochs = self.subnets[&netuid].reveal_epochs;
        let mechanism = self.mechanism(netuid, mecid);
        let queue = mechanism.commits.entry(hotkey.clone()).or_default();
        let expired = queue.iter().take_while(|(_, committed, _)| committed + reveal_epochs < epoch).count();
        queue.drain(..expired);
        queue.push((hash, epoch, now));
        mechanism.last_update[uid] = now;
    }

    /// A neuron reveals a commit; it and all older ones are used up.
    pub fn reveal(
        &mut self,
        netuid: NetUid,
        mecid: MechId,
        hotkey: &AccountId,
        hash: H256,
        uids: &[u16],
        values: &[u16],
    ) {
        let uid = self.uid(netuid, hotkey);
        let mechanism = self.mechanism(netuid, mecid);
        let queue = mechanism.commits.get_mut(hotkey).expect("the chain revealed it");
        let at = queue.iter().position(|(committed, _, _)| *committed == hash).expect("it was committed");
        queue.drain(..=at);
        if queue.is_empty() {
            mechanism.commits.remove(hotkey);
        }
        mechanism.weights[uid] = uids.iter().copied().zip(max_upscale(values)).collect();
    }

    /// A hotkey names children on a subnet that was started: they wait.
    pub fn name_children(&mut self, netuid: NetUid, hotkey: &AccountId, children: Children, now: u64) {
        let due = now + self.cooldown;
        self.subnet(netuid).pending.insert(hotkey.clone(), (children, due));
    }

    /// Names the children whose wait is over, on the subnets whose epoch slot this block consumed.
    pub(super) fn apply_pending(&mut self, now: u64) {
        for subnet in self.subnets.values_mut().filter(|subnet| subnet.last_epoch == now) {
            let mut due: Vec<_> = subnet
                .pending
                .iter()
                .filter(|(_, (_, due))| *due < now)
                .map(|(hotkey, (children, due))| (*due, hotkey.clone(), children.clone()))
                .collect();
            due.sort();
            for (_, hotkey, children) in due {
                subnet.pending.remove(&hotkey);
                let parents = subnet.parents.get(&hotkey).into_iter().flatten();
                let parents: Vec<_> = parents.map(|(_, parent)| parent.clone()).collect();
                if check_children(&hotkey, &children, &parents).is_err() {
                    continue;
                }
                let former = subnet.children.remove(&hotkey).unwrap_or_default();
                let left =
                    former.iter().filter(|(_, child)| children.iter().all(|(_, other)| other != child));
                let links = left.map(|(_, child)| (child.clone(), None));
                let links: Vec<_> = links
                    .chain(children.iter().map(|(share, child)| (child.clone(), Some(*share))))
                    .collect();
                for (child, share) in links {
                    let parents = subnet.parents.remove(&child).unwrap_or_default();
                    let parents = with_link(parents, hotkey.clone(), share);
                    if !parents.is_empty() {
                        subnet.parents.insert(child, parents);
                    }
                }
                if !children.is_empty() {
                    subnet.children.insert(hotkey, children);
                }
            }
        }
    }

    /// Whether any hotkey lends stake now.
    pub fn lends(&self) -> bool {
        self.subnets.values().any(|subnet| !subnet.children.is_empty())
    }

    /// A new neuron, which may replace another: its price buys alpha, which is recycled. The first trade of a block.
    pub fn register(&mut self, netuid: NetUid, hotkey: &AccountId, coldkey: &AccountId, now: u64) {
        self.owners.entry(hotkey.clone()).or_insert_with(|| coldkey.clone());
        let subnet = self.subnet(netuid);
        let price = subnet.burn;
        let trade =
            BlockTrades::default().buy(&subnet.pool, price, Terms::with_fee(subnet.fee)).expect("it did");
        subnet.pool.tao = subnet.pool.tao.saturating_add(trade.amount_in);
        subnet.pool.alpha = subnet.pool.alpha.saturating_sub(trade.amount_out);
        subnet.account = subnet.account.saturating_add(price);
        subnet.burn = subnet.burn_bounds.bumped(price, subnet.burn_mult);
        let owners = &self.owners;
        let subnet = self.subnets.get_mut(&netuid).expect("the chain has it");
        let owner = subnet.owner.coldkey.clone();
        assert!(subnet.seat(hotkey, |hotkey| owners[hotkey] == owner, now), "the chain found a place");
    }

    /// Mechanisms are added without weights, or removed with all their weights and bonds.
    pub fn set_mechanisms(&mut self, netuid: NetUid, count: usize, now: u64, notice: u64) {
        let subnet = self.subnet(netuid);
        let neurons = subnet.hotkeys.len();
        let empty = Mechanism {
            weights: vec![Vec::new(); neurons],
            bonds: vec![Vec::new(); neurons],
            last_update: vec![0; neurons],
            incentive: vec![0; neurons],
            ..Default::default()
        };
        let before = subnet.mechanisms.len();
        subnet.mechanisms.resize(count, empty);
        let former = carried_over(subnet.split_at(now).as_deref(), before, count);
        subnet.former = Some((Some(former), now + notice));
        subnet.split = None;
    }

    /// The emission is shared among mechanisms in another way, after the notice.
    pub fn split(&mut self, netuid: NetUid, shares: Vec<u16>, now: u64, notice: u64) {
        let subnet = self.subnet(netuid);
        subnet.former = Some((subnet.split_at(now), now + notice));
        subnet.split = Some(shares);
    }

    /// Votes are tracked from now on.
    pub fn track_votes(&mut self, netuid: NetUid, alpha: u64) {
        let votes = self.subnet(netuid).votes.take();
        self.subnet(netuid).votes = votes.or(Some(Votes { alpha, power: Default::default() }));
    }

    /// A coldkey locks alpha; returns whether the rules permit it.
    pub fn lock(
        &mut self,
        netuid: NetUid,
        coldkey: &AccountId,
        hotkey: &AccountId,
        amount: AlphaBalance,
        now: u64,
    ) -> bool {
        let total = self.total_of(coldkey, netuid);
        self.locks.lock(netuid, coldkey, hotkey, amount, total, now)
    }

    /// A lock changes to another hotkey.
    pub fn move_lock(
        &mut self,
        netuid: NetUid,
        coldkey: &AccountId,
        from: &AccountId,
        to: &AccountId,
        now: u64,
    ) {
        let same_owner = self.owners[from] == self.owners[to];
        self.locks.move_to(netuid, coldkey, to, same_owner, now);
    }

    /// A coldkey chooses whether its lock melts.
    pub fn set_perpetual(&mut self, netuid: NetUid, coldkey: &AccountId, enabled: bool, now: u64) {
        self.locks.set_perpetual(netuid, coldkey, enabled, now);
    }

    /// A subnet is gone for other code at once; its entries are removed in pages.
    pub fn remove(&mut self, netuid: NetUid) {
        self.to_recycle = self.for_nobody(netuid);
        self.subnets.remove(&netuid);
        self.pools.retain(|(_, of), _| *of != netuid);
        self.shares.retain(|(_, _, of), _| *of != netuid);
        self.rates.retain(|(_, of), _| *of != netuid);
        self.earned.retain(|(of, _), _| *of != netuid);
        self.locks.forget(netuid);
        self.leaving.push(netuid);
    }

    /// At the end of a removal no entry of the subnet may be left.
    pub(super) fn let_go(&mut self) {
        self.leaving.retain(|netuid| SubnetRemoval::<Test>::is_in_progress(*netuid));
    }

    /// TAO of a removed subnet that its holders do not get. Their parts are those of `liquidate`, and all of them have
    /// an account here already.
    fn for_nobody(&self, netuid: NetUid) -> TaoBalance {
        let subnet = &self.subnets[&netuid];
        let held = self.shares.iter().filter(|((_, _, of), _)| *of == netuid);
        let mut claims: Vec<_> = held
            .map(|((hotkey, _, _), shares)| self.pools[&(hotkey.clone(), netuid)].value_of(shares))
            .collect();
        claims.push(subnet.protocol.saturating_add(subnet.pool.alpha));
        let mut parts = liquidate(subnet.pool.tao, &claims);
        parts.pop();
        subnet.account.checked_sub(parts.into_iter().sum()).expect("parts of the pool lie on the account")
    }

    /// TAO was recycled in a block with a removal under way: TAO that the coinbase could not place, and TAO that the
    /// removal pays to nobody. At the end of the removal none of the latter is left.
    pub fn recycled(&mut self, rao: u64) {
        let by_removal = rao.checked_sub(self.unplaced.to_rao()).expect("the coinbase recycles that much");
        self.issuance = self.issuance.checked_sub(by_removal.into()).expect("a part of what exists");
        self.to_recycle = self.to_recycle.checked_sub(by_removal.into()).expect("no more than nobody gets");
        assert!(!self.leaving.is_empty() || self.to_recycle.is_zero(), "{} were kept", self.to_recycle);
    }

    fn epoch(&self, netuid: NetUid, now: u64) -> u64 {
        let subnet = &self.subnets[&netuid];
        let (tempo, pending) = (u64::from(subnet.params.tempo), subnet.pending_at);
        let due = tempo > 0 && (pending > 0 && now >= pending || now - subnet.last_epoch >= tempo);
        subnet.index + u64::from(due)
    }

    fn subnet(&mut self, netuid: NetUid) -> &mut super::Subnet {
        self.subnets.get_mut(&netuid).expect("the chain has it")
    }

    fn mechanism(&mut self, netuid: NetUid, mecid: MechId) -> &mut Mechanism {
        &mut self.subnet(netuid).mechanisms[usize::from(mecid)]
    }

    fn uid(&self, netuid: NetUid, hotkey: &AccountId) -> usize {
        self.subnets[&netuid].hotkeys.iter().position(|member| member == hotkey).expect("a neuron")
    }
}

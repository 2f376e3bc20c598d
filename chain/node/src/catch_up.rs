//! Repeated requests of a voter to catch up with the rounds of finality.
//!
//! A voter that was away asks a peer for its round when the peer tells that it is in a later one. Peers tell so at each
//! new round, and otherwise every two minutes. While the answer is on its way, the rounds of a fast chain go on. If
//! the others then need this voter, their round stands still, nobody tells anything, and finality waits for two
//! minutes (decision 0122).
//!
//! [`CatchUp`] stands between the network and the voter, and knows in which rounds the voter and its peers are. While
//! the voter is behind a silent peer, the voter is told that the peer went, came back, and is in that round. It then
//! asks again. The peer gets this request, the round of the voter, and votes that it may have.

use async_trait::async_trait;
use codec::DecodeAll;
use myelin_runtime::BlockNumber;
use sc_network::{
    error,
    service::traits::{Direction, NotificationEvent},
    types::ProtocolName,
    MessageSink, NotificationService, PeerId,
};
use std::{
    collections::{HashMap, VecDeque},
    future::{poll_fn, Future},
    pin::pin,
    task::Poll,
    time::{Duration, Instant},
};
use tokio::time::{interval, Interval, MissedTickBehavior};

/// Rounds that a voter may be behind without asking, as in stock GRANDPA.
const BEHIND: u64 = 2;
/// Time in which a peer tells no new round before the voter is reminded of the last one.
const SILENCE: Duration = Duration::from_secs(5);
/// Time between two looks at the peers.
const PERIOD: Duration = Duration::from_secs(1);

/// Place of a voter: a round of a set of authorities. Later ones are greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct View {
    pub(crate) set: u64,
    pub(crate) round: u64,
}

impl View {
    /// The place that a notification of GRANDPA tells: the neighbor packet, version 1. `None` for all others.
    fn read(notification: &[u8]) -> Option<Self> {
        type Neighbor = (u8, u8, u64, u64, BlockNumber);
        match Neighbor::decode_all(&mut &notification[..]) {
            Ok((2, 1, round, set, _)) => Some(Self { round, set }),
            _ => None,
        }
    }

    /// Whether a voter here asks a peer there for its round.
    fn is_behind(&self, peer: &Self) -> bool {
        self.set == peer.set && peer.round.saturating_sub(BEHIND) > self.round
    }
}

/// A peer with an open stream.
#[derive(Debug)]
struct Peer {
    stream: Stream,
    told: Option<Told>,
}

/// An open stream, as the network told of it.
#[derive(Debug)]
struct Stream {
    direction: Direction,
    handshake: Vec<u8>,
    negotiated_fallback: Option<ProtocolName>,
}

/// The last notification in which a peer told its place.
#[derive(Debug)]
struct Told {
    notification: Vec<u8>,
    view: View,
    /// Time when it came, or when the voter was reminded of it.
    at: Instant,
}

/// Places of the voter and of its peers.
#[derive(Debug, Default)]
struct Views {
    own: Option<View>,
    peers: HashMap<PeerId, Peer>,
}

impl Views {
    /// Notes what the voter sends to a peer.
    fn sent(&mut self, notification: &[u8]) {
        self.own = View::read(notification).or(self.own);
    }

    /// Notes what the network tells the voter.
    fn heard(&mut self, event: &NotificationEvent, now: Instant) {
        match event {
            NotificationEvent::NotificationStreamOpened {
                peer,
                direction,
                handshake,
                negotiated_fallback,
            } => {
                let (direction, handshake) = (*direction, handshake.clone());
                let negotiated_fallback = negotiated_fallback.clone();
                let stream = Stream { direction, handshake, negotiated_fallback };
                self.peers.insert(*peer, Peer { stream, told: None });
            }
            NotificationEvent::NotificationStreamClosed { peer } => {
                self.peers.remove(peer);
            }
            NotificationEvent::NotificationReceived { peer, notification } => {
                if let (Some(view), Some(peer)) = (View::read(notification), self.peers.get_mut(peer)) {
                    peer.told = Some(Told { notification: notification.clone(), view, at: now });
                }
            }
            NotificationEvent::ValidateInboundSubstream { .. } => {}
        }
    }

    /// Events that remind the voter of the silent peer that is furthest ahead of it; none if there is no such peer.
    fn remind(&mut self, now: Instant) -> Vec<NotificationEvent> {
        let Some(own) = self.own else { return Vec::new() };
        let telling = self
            .peers
            .iter_mut()
            .filter_map(|(id, Peer { stream, told })| Some((*id, stream, told.as_mut()?)));
        let silent = telling
            .filter(|(_, _, told)| own.is_behind(&told.view) && now.duration_since(told.at) >= SILENCE);
        let furthest = silent.max_by_key(|(_, _, told)| told.view.round);
        let Some((id, stream, told)) = furthest else { return Vec::new() };
        told.at = now;
        let (own, round) = (own.round, told.view.round);
        log::debug!(target: "catch-up", "round {own} is behind round {round} of {id}, which is silent");
        vec![
            NotificationEvent::NotificationStreamClosed { peer: id },
            NotificationEvent::NotificationStreamOpened {
                peer: id,
                direction: stream.direction,
                handshake: stream.handshake.clone(),
                negotiated_fallback: stream.negotiated_fallback.clone(),
            },
            NotificationEvent::NotificationReceived { peer: id, notification: told.notification.clone() },
        ]
    }
}

/// The notifications of GRANDPA, with reminders.
#[derive(Debug)]
pub struct CatchUp {
    network: Box<dyn NotificationService>,
    views: Views,
    /// Reminders that the voter has not taken yet.
    waiting: VecDeque<NotificationEvent>,
    looks: Interval,
}

impl CatchUp {
    /// Stands before these notifications. Needs the clock of a running Tokio.
    pub fn new(network: Box<dyn NotificationService>) -> Self {
        let mut looks = interval(PERIOD);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Self { network, views: Views::default(), waiting: VecDeque::new(), looks }
    }
}

#[async_trait]
impl NotificationService for CatchUp {
    async fn open_substream(&mut self, peer: PeerId) -> Result<(), ()> {
        self.network.open_substream(peer).await
    }

    async fn close_substream(&mut self, peer: PeerId) -> Result<(), ()> {
        self.network.close_substream(peer).await
    }

    fn send_sync_notification(&mut self, peer: &PeerId, notification: Vec<u8>) {
        self.views.sent(&notification);
        self.network.send_sync_notification(peer, notification);
    }

    async fn send_async_notification(
        &mut self,
        peer: &PeerId,
        notification: Vec<u8>,
    ) -> Result<(), error::Error> {
        self.views.sent(&notification);
        self.network.send_async_notification(peer, notification).await
    }

    async fn set_handshake(&mut self, handshake: Vec<u8>) -> Result<(), ()> {
        self.network.set_handshake(handshake).await
    }

    fn try_set_handshake(&mut self, handshake: Vec<u8>) -> Result<(), ()> {
        self.network.try_set_handshake(handshake)
    }

    /// The voter drops this future whenever nothing is ready, so the state between two calls is in `self`.
    async fn next_event(&mut self) -> Option<NotificationEvent> {
        poll_fn(|context| loop {
            if let Some(event) = self.waiting.pop_front() {
                return Poll::Ready(Some(event));
            }
            if let Poll::Ready(event) = pin!(self.network.next_event()).poll(context) {
                if let Some(event) = &event {
                    self.views.heard(event, Instant::now());
                }
                return Poll::Ready(event);
            }
            if self.looks.poll_tick(context).is_pending() {
                return Poll::Pending;
            }
            self.waiting.extend(self.views.remind(Instant::now()));
        })
        .await
    }

    /// A copy without reminders: one of them is enough.
    fn clone(&mut self) -> Result<Box<dyn NotificationService>, ()> {
        self.network.clone()
    }

    fn protocol(&self) -> &ProtocolName {
        self.network.protocol()
    }

    fn message_sink(&self, peer: &PeerId) -> Option<Box<dyn MessageSink>> {
        self.network.message_sink(peer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;

    fn neighbor(round: u64, set: u64) -> Vec<u8> {
        (2u8, 1u8, round, set, 40 as BlockNumber).encode()
    }

    fn opened(peer: PeerId) -> NotificationEvent {
        NotificationEvent::NotificationStreamOpened {
            peer,
            direction: Direction::Inbound,
            handshake: vec![4],
            negotiated_fallback: None,
        }
    }

    fn said(peer: PeerId, round: u64, set: u64) -> NotificationEvent {
        NotificationEvent::NotificationReceived { peer, notification: neighbor(round, set) }
    }

    #[test]
    fn only_neighbor_packets_tell_a_place() {
        assert_eq!(View::read(&neighbor(7, 3)), Some(View { round: 7, set: 3 }));
        for (place, other) in [(0, 0), (0, 3), (1, 2)] {
            let mut wrong = neighbor(7, 3);
            wrong[place] = other;
            assert_eq!(View::read(&wrong), None);
        }
        assert_eq!(View::read(&neighbor(7, 3)[1..]), None);
        assert_eq!(View::read(&[neighbor(7, 3), vec![0]].concat()), None);
    }

    #[test]
    fn the_voter_is_reminded_of_the_silent_peer_that_is_furthest_ahead() {
        let (mut views, begun) = (Views::default(), Instant::now());
        let peers: Vec<PeerId> = (0..4).map(|_| PeerId::random()).collect();
        for (peer, (round, set)) in peers.iter().zip([(116, 0), (115, 0), (300, 1), (98, 0)]) {
            views.heard(&opened(*peer), begun);
            views.heard(&said(*peer, round, set), begun);
        }
        let later = begun + SILENCE;
        assert!(views.remind(later).is_empty(), "the voter has not told its own round yet");
        views.sent(&neighbor(96, 0));
        assert!(views.remind(begun).is_empty(), "nobody is silent yet");

        use NotificationEvent::{
            NotificationReceived as Received, NotificationStreamClosed as Closed,
            NotificationStreamOpened as Opened,
        };
        let reminded = |views: &mut Views, now: Instant| match &views.remind(now)[..] {
            [Closed { peer }, Opened { handshake, .. }, Received { notification, .. }] => {
                assert_eq!(handshake, &[4]);
                Some((*peer, View::read(notification).expect("a place").round))
            }
            events => {
                assert!(events.is_empty());
                None
            }
        };
        assert_eq!(reminded(&mut views, later), Some((peers[0], 116)));
        assert_eq!(reminded(&mut views, later), Some((peers[1], 115)), "one after the other");
        assert_eq!(reminded(&mut views, later), None, "another set, and no more than two rounds");
        assert_eq!(reminded(&mut views, later + SILENCE), Some((peers[0], 116)), "again after a while");

        views.heard(&NotificationEvent::NotificationStreamClosed { peer: peers[0] }, later);
        assert_eq!(reminded(&mut views, later + SILENCE), Some((peers[1], 115)));
        views.sent(&neighbor(115, 0));
        assert_eq!(reminded(&mut views, later + SILENCE * 9), None, "it has caught up");
    }
}

use std::sync::{Arc, Mutex};

use myelin_neuron::axon::{Axon, Call, HandlerError, OpenToAll, Reply, Route, RunningAxon};
use myelin_wire::sr25519::Signer;

use super::*;
use crate::{
    chain::CommittedRoot,
    disclosure::{Asker, Clock, Shelf, Told, SYNAPSE},
    evidence::{tests::key, tree::tests::two_rounds, EvidenceFolder},
};

const GENESIS: Hash = [1; 32];
const NETUID: u16 = 2;
const EPOCH: u64 = 3;

/// A desk that answers the first requests and no more, and what it answered: the part, and whether it sent bytes.
#[derive(Clone)]
struct Desk {
    folder: EvidenceFolder,
    answers: Arc<Mutex<usize>>,
    log: Arc<Mutex<Vec<(Part, bool)>>>,
}

impl Desk {
    /// Over two rounds of records.
    fn over(folder: EvidenceFolder) -> Self {
        two_rounds(&folder);
        Self { folder, answers: Arc::default(), log: Arc::default() }
    }

    fn tell(&self, call: &Call) -> Result<Reply, HandlerError> {
        let mut left = self.answers.lock().unwrap();
        *left = left.checked_sub(1).ok_or_else(|| HandlerError::unavailable("closed"))?;
        let request: PageRequest = serde_json::from_slice(&call.body).unwrap();
        let (clock, hotkey) = (Clock { epoch: 9, ..Clock::default() }, call.caller.hotkey);
        let asker = Asker { hotkey, registered: false };
        let page = Shelf::default().page(&self.folder, clock, asker, &request).unwrap();
        self.log.lock().unwrap().push((request.part, !page.bytes.is_empty()));
        let validator = key().public();
        let told = Told {
            genesis: GENESIS,
            netuid: NETUID,
            validator,
            asker: hotkey,
            request: &request,
            page: &page,
        };
        Ok(Reply::json(serde_json::to_vec(&told.sign(&key())).unwrap()))
    }

    async fn open(&self) -> (RunningAxon, Target) {
        let desk = self.clone();
        let tell = move |call: Call| {
            let reply = desk.tell(&call);
            async move { reply }
        };
        let axon = Axon::new(Arc::new(key()), OpenToAll).route(Route::new(SYNAPSE, tell));
        let axon = axon.bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let target = Target::new(key().public(), axon.address());
        (axon, target)
    }

    /// Answers since the last call.
    fn sent(&self) -> Vec<(Part, bool)> {
        std::mem::take(&mut self.log.lock().unwrap())
    }
}

fn wanted(folder: &EvidenceFolder) -> CommittedEpoch {
    let signer = key().public();
    let root = folder.tree(NETUID, EPOCH, signer).unwrap().tree.root();
    CommittedEpoch { netuid: NETUID, epoch: EPOCH, by: CommittedRoot { validator: signer, signer, root } }
}

#[tokio::test]
async fn an_epoch_whose_reading_ended_early_is_not_sent_twice() {
    let guard = tempfile::tempdir().unwrap();
    let desk = Desk::over(EvidenceFolder { path: guard.path().join("evidence"), keep: 9 });
    let (_axon, at) = desk.open().await;
    let (reader, wanted) = (Reader::new(Arc::new(key()), GENESIS, NETUID), wanted(&desk.folder));
    let mut unfinished = Unfinished::new(1 << 20);
    *desk.answers.lock().unwrap() = 3;
    let cut = reader.rest_of_epoch(at, &wanted, 1 << 20, &mut unfinished).await;
    assert!(matches!(&cut, Err(EpochError::Read { part: "records", .. })), "{cut:?}");
    let first = [(Part::Root, true), (Part::Rounds, true), (Part::Records, true)];
    assert_eq!(desk.sent(), first);
    assert!(unfinished.bytes() > 0);

    *desk.answers.lock().unwrap() = 99;
    let part = reader.rest_of_epoch(at, &wanted, 1 << 20, &mut unfinished).await.unwrap();
    let rest = [(Part::Root, false), (Part::Rounds, false), (Part::Records, false)];
    let rest = [&rest[..], &[(Part::Records, true), (Part::Weights, true)]].concat();
    assert_eq!(desk.sent(), rest);
    assert_eq!(unfinished.bytes(), 0, "it is finished");
    assert_eq!(reader.epoch(at, &wanted, 1 << 20).await.unwrap(), part);

    // A document that has changed is sent whole. One that failed its check is sent again.
    *desk.answers.lock().unwrap() = 3;
    desk.sent();
    reader.rest_of_epoch(at, &wanted, 1 << 20, &mut unfinished).await.unwrap_err();
    *desk.answers.lock().unwrap() = 99;
    let path = desk.folder.records_file(EPOCH, 0);
    let kept = std::fs::read(&path).unwrap();
    std::fs::write(&path, &kept[1 + usize::from(kept[0])..]).unwrap();
    let lie = reader.rest_of_epoch(at, &wanted, 1 << 20, &mut unfinished).await;
    assert!(matches!(&lie, Err(EpochError::Unproven(Unproven::Records(_)))), "{lie:?}");
    assert_eq!(unfinished.bytes(), 0);
    std::fs::write(&path, kept).unwrap();
    assert_eq!(reader.rest_of_epoch(at, &wanted, 1 << 20, &mut unfinished).await.unwrap(), part);
}

#[test]
fn documents_beyond_the_limit_are_not_kept() {
    let mut unfinished = Unfinished::new(10);
    unfinished.keep((Part::Records, 0, None), "a", &[0; 8]);
    unfinished.keep((Part::Records, 1, None), "b", &[0; 3]);
    assert_eq!(unfinished.bytes(), 8);
    unfinished.keep((Part::Records, 0, None), "c", &[0; 6]);
    unfinished.keep((Part::Records, 1, None), "b", &[0; 3]);
    assert_eq!(unfinished.bytes(), 9);
}

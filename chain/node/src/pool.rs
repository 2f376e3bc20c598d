//! The transaction pool, which accepts no transaction while it processes a new block.
//!
//! The pool of polkadot-sdk accepts a transaction in two steps: it stores it, then it validates it against its view of
//! the newest blocks. If a block arrives in between, the transaction is validated against that block at once. The
//! second step then finds it there, and a sender that sent it once gets `Already Imported` and no further status
//! (polkadot-sdk, pull request 12919). At four blocks a second official clients saw that once in some thousand
//! transactions.

use std::{collections::HashMap, pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use myelin_runtime::{opaque::Block, Hash};
use sc_transaction_pool::TransactionPoolHandle;
use sc_transaction_pool_api::{
    ChainEvent, ImportNotificationStream, LocalTransactionFor, LocalTransactionPool,
    MaintainedTransactionPool, PoolStatus, ReadyTransactions, TransactionFor, TransactionPool,
    TransactionSource, TransactionStatusStreamFor, TxHash, TxInvalidityReportMap,
};
use tokio::sync::{RwLock, RwLockReadGuard, Semaphore, SemaphorePermit};

use crate::service::FullClient;

/// Transactions that are accepted at the same time: a new block waits for no more than these.
const AT_A_TIME: usize = 16;

type Stock = TransactionPoolHandle<Block, FullClient>;
type Ready = Box<dyn ReadyTransactions<Item = Arc<<Stock as TransactionPool>::InPoolTransaction>> + Send>;

/// The stock pool behind a lock between transactions and blocks.
pub struct Pool {
    stock: Stock,
    /// Transactions wait here and not at the lock, or a block would queue behind all of them.
    turns: Semaphore,
    /// Read-locked while a transaction is accepted, write-locked while a block is processed.
    blocks: RwLock<()>,
}

impl Pool {
    /// Around the stock pool.
    pub fn new(stock: Stock) -> Self {
        Self { stock, turns: Semaphore::new(AT_A_TIME), blocks: RwLock::new(()) }
    }

    /// The right to add a transaction.
    async fn turn(&self) -> (Option<SemaphorePermit<'_>>, RwLockReadGuard<'_, ()>) {
        // The semaphore is never closed.
        (self.turns.acquire().await.ok(), self.blocks.read().await)
    }
}

#[async_trait]
impl TransactionPool for Pool {
    type Block = Block;
    type Hash = <Stock as TransactionPool>::Hash;
    type InPoolTransaction = <Stock as TransactionPool>::InPoolTransaction;
    type Error = <Stock as TransactionPool>::Error;

    async fn submit_at(
        &self,
        at: Hash,
        source: TransactionSource,
        transactions: Vec<TransactionFor<Self>>,
    ) -> Result<Vec<Result<TxHash<Self>, Self::Error>>, Self::Error> {
        let _turn = self.turn().await;
        self.stock.submit_at(at, source, transactions).await
    }

    async fn submit_one(
        &self,
        at: Hash,
        source: TransactionSource,
        transaction: TransactionFor<Self>,
    ) -> Result<TxHash<Self>, Self::Error> {
        let _turn = self.turn().await;
        self.stock.submit_one(at, source, transaction).await
    }

    async fn submit_and_watch(
        &self,
        at: Hash,
        source: TransactionSource,
        transaction: TransactionFor<Self>,
    ) -> Result<Pin<Box<TransactionStatusStreamFor<Self>>>, Self::Error> {
        let _turn = self.turn().await;
        self.stock.submit_and_watch(at, source, transaction).await
    }

    async fn ready_at(&self, at: Hash) -> Ready {
        self.stock.ready_at(at).await
    }

    fn ready(&self) -> Ready {
        self.stock.ready()
    }

    async fn report_invalid(
        &self,
        at: Option<Hash>,
        errors: TxInvalidityReportMap<TxHash<Self>>,
    ) -> Vec<Arc<Self::InPoolTransaction>> {
        self.stock.report_invalid(at, errors).await
    }

    fn futures(&self) -> Vec<Self::InPoolTransaction> {
        self.stock.futures()
    }

    fn status(&self) -> PoolStatus {
        self.stock.status()
    }

    fn import_notification_stream(&self) -> ImportNotificationStream<TxHash<Self>> {
        self.stock.import_notification_stream()
    }

    fn on_broadcasted(&self, propagations: HashMap<TxHash<Self>, Vec<String>>) {
        self.stock.on_broadcasted(propagations);
    }

    fn hash_of(&self, transaction: &TransactionFor<Self>) -> TxHash<Self> {
        self.stock.hash_of(transaction)
    }

    fn ready_transaction(&self, hash: &TxHash<Self>) -> Option<Arc<Self::InPoolTransaction>> {
        self.stock.ready_transaction(hash)
    }

    async fn ready_at_with_timeout(&self, at: Hash, timeout: Duration) -> Ready {
        self.stock.ready_at_with_timeout(at, timeout).await
    }
}

#[async_trait]
impl MaintainedTransactionPool for Pool {
    async fn maintain(&self, event: ChainEvent<Block>) {
        let _nothing_comes = self.blocks.write().await;
        self.stock.maintain(event).await;
    }
}

impl LocalTransactionPool for Pool {
    type Block = Block;
    type Hash = <Stock as LocalTransactionPool>::Hash;
    type Error = <Stock as LocalTransactionPool>::Error;

    fn submit_local(
        &self,
        at: Hash,
        transaction: LocalTransactionFor<Self>,
    ) -> Result<Self::Hash, Self::Error> {
        self.stock.submit_local(at, transaction)
    }
}

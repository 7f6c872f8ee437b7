//! A store with a clock that tests move, and an ear for what it tells.

use std::any::Any;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use contract::api::Role;
use contract::ids::{PersonId, PolicyId, RunKey, TenantId};
use contract::ingest::{Judgement, RunEvent};
use contract::run::{CAPTURE_ALL, CAPTURE_POLICY, Item, Run, RunError};
use contract::timestamp::Timestamp;
use runs::Store;
use runs::change::{Change, OnCommit};
use runs::ingest::{KeyId, NewKey};
use runs::items::{NewItem, NewVersion, Settlement, WorkItem};
use runs::lease::{Claim, Ending, Lease};
use runs::people::{NewTenant, TokenHash};
use runs::policies::ListedPolicy;
use runs::start::{StartRun, Started};

/// The lease of every claim here.
pub(crate) const LEASE: Duration = Duration::from_secs(15);
/// More than any test needs.
pub(crate) const UNBOUND: u32 = 1_000_000;
pub(crate) const FAMILY: &str = "configurationPolicies";

/// The store's clock: stands still until a test moves it.
pub(crate) type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

pub(crate) struct World {
    pub(crate) store: Arc<dyn Store>,
    now_ms: Arc<AtomicI64>,
    told: Arc<Mutex<Vec<Change>>>,
    n_names: AtomicU32,
    /// Of all portals here, once there is one.
    key: tokio::sync::OnceCell<KeyId>,
    /// What has to live as long as the store: a folder.
    _keep: Box<dyn Any + Send + Sync>,
}

impl World {
    /// `open` gets what the store calls after a commit, and its clock.
    pub(crate) fn new<K: Any + Send + Sync>(
        open: impl FnOnce(OnCommit, Clock) -> (Arc<dyn Store>, K),
    ) -> World {
        let now_ms = Arc::new(AtomicI64::new(1_768_147_146_123));
        let told: Arc<Mutex<Vec<Change>>> = Arc::default();
        let ear = told.clone();
        let hands = now_ms.clone();
        let (store, keep) = open(
            Box::new(move |changes| ear.lock().unwrap().extend(changes.iter().cloned())),
            Arc::new(move || Timestamp(hands.load(Ordering::SeqCst))),
        );
        World {
            store,
            now_ms,
            told,
            n_names: AtomicU32::new(0),
            key: tokio::sync::OnceCell::new(),
            _keep: Box::new(keep),
        }
    }

    pub(crate) fn pass(&self, time: Duration) {
        let ms = i64::try_from(time.as_millis()).unwrap();
        self.now_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// Somebody sets the clock.
    pub(crate) fn go_back(&self, time: Duration) {
        let ms = i64::try_from(time.as_millis()).unwrap();
        self.now_ms.fetch_sub(ms, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.store.now()
    }

    /// Everything that was told so far.
    pub(crate) fn told(&self) -> Vec<Change> {
        self.told.lock().unwrap().clone()
    }

    /// What was told since this was last asked.
    pub(crate) fn take_told(&self) -> Vec<Change> {
        std::mem::take(&mut self.told.lock().unwrap())
    }

    fn next_name(&self, kind: &str) -> String {
        let n = self.n_names.fetch_add(1, Ordering::SeqCst);
        format!("{kind} {n}")
    }

    /// A secret that nothing else has.
    pub(crate) fn token(&self) -> TokenHash {
        let mut token = [7; 32];
        let n = self.n_names.fetch_add(1, Ordering::SeqCst);
        token[..4].copy_from_slice(&n.to_le_bytes());
        token
    }

    /// An hour from now.
    pub(crate) fn soon(&self) -> Timestamp {
        later(self.now(), Duration::from_secs(3600))
    }

    pub(crate) async fn tenant(&self) -> TenantId {
        let name = self.next_name("tenant");
        let directory_id = format!("directory of {name}");
        let tenant = NewTenant { directory_id, name };
        self.store.put_tenant(tenant).await.unwrap().id
    }

    pub(crate) async fn person(&self, tenant_id: TenantId) -> PersonId {
        self.member(&self.next_name("person"), tenant_id, Role::Operator)
            .await
    }

    pub(crate) async fn member(&self, name: &str, tenant_id: TenantId, role: Role) -> PersonId {
        let invited = self
            .store
            .invite(name, tenant_id, role, self.token(), self.soon());
        invited.await.unwrap().id
    }

    /// A portal tells of its runs.
    pub(crate) async fn announce(
        &self,
        tenant_id: TenantId,
        events: Vec<RunEvent>,
    ) -> runs::error::Result<Vec<Judgement>> {
        let made = async || {
            let key = NewKey {
                name: self.next_name("portal"),
                tenants: Vec::new(),
                source: None,
                token: self.token(),
            };
            self.store.add_key(key).await.unwrap().id
        };
        let key = *self.key.get_or_init(made).await;
        self.store.ingest(key, tenant_id, events).await
    }

    /// A tenant with a person in it.
    pub(crate) async fn manned(&self) -> (TenantId, PersonId) {
        let tenant_id = self.tenant().await;
        (tenant_id, self.person(tenant_id).await)
    }

    /// That many policies of one family, by name.
    pub(crate) async fn policies(&self, tenant_id: TenantId, n: usize) -> Vec<PolicyId> {
        let listed = (0..n).map(|i| listed(&format!("policy {i:05}"))).collect();
        let rows = self.store.put_listed(tenant_id, &[FAMILY], listed).await;
        rows.unwrap().into_iter().map(|row| row.id).collect()
    }

    pub(crate) async fn start_policy(
        &self,
        tenant_id: TenantId,
        target: PolicyId,
        by: PersonId,
    ) -> Started {
        let request = capture(tenant_id, Some(target), by);
        self.store.start(request).await.unwrap()
    }

    pub(crate) async fn start_all(&self, tenant_id: TenantId, by: PersonId) -> Started {
        let request = capture(tenant_id, None, by);
        self.store.start(request).await.unwrap()
    }

    pub(crate) async fn claim(&self) -> Claim {
        self.try_claim().await.expect("there is something to claim")
    }

    pub(crate) async fn try_claim(&self) -> Option<Claim> {
        let claim = self.store.claim_next("worker", LEASE, UNBOUND).await;
        claim.unwrap()
    }

    /// Starts a capture of the whole tenant, claims it and plans these policies.
    pub(crate) async fn planned(
        &self,
        tenant_id: TenantId,
        by: PersonId,
        policies: &[PolicyId],
    ) -> (Lease, Vec<WorkItem>) {
        self.start_all(tenant_id, by).await;
        let lease = self.claim().await.lease;
        let plan = policies.iter().map(|policy| new_item(*policy)).collect();
        self.store.plan_items(&lease, plan).await.unwrap();
        let open = self.store.open_items(&lease).await.unwrap();
        (lease, open)
    }

    /// Starts, claims and ends a run.
    pub(crate) async fn ended(&self, tenant_id: TenantId, by: PersonId, ending: Ending) -> Run {
        let run = self.start_all(tenant_id, by).await.run;
        let lease = self.claim().await.lease;
        assert_eq!(lease.run_id, run.run_id, "nothing else is queued");
        self.store.finish(&lease, ending).await.unwrap();
        self.run(&run.key()).await
    }

    pub(crate) async fn settle(&self, lease: &Lease, item: &WorkItem, settlement: Settlement) {
        self.store
            .begin_item(lease, item.item_id, "capture")
            .await
            .unwrap();
        self.store
            .settle_item(lease, item.item_id, settlement)
            .await
            .unwrap();
    }

    pub(crate) async fn run(&self, key: &RunKey) -> Run {
        self.store.run_page(key).await.unwrap().run
    }

    pub(crate) async fn run_of(&self, lease: &Lease) -> Run {
        self.run(&key_of(lease)).await
    }

    /// All items of a run.
    pub(crate) async fn items(&self, key: &RunKey) -> Vec<Item> {
        let mut items = Vec::new();
        let mut after = None;
        loop {
            let page = self.store.items(key, after, 500).await.unwrap();
            items.extend(page.rows);
            match page.next {
                Some(next) => after = Some(next.parse().unwrap()),
                None => return items,
            }
        }
    }

    /// The whole log of these tenants.
    pub(crate) async fn log(&self, tenants: &[TenantId]) -> Vec<(u64, Run)> {
        let events = self.store.events_after(0, tenants, u32::MAX).await.unwrap();
        events
            .into_iter()
            .map(|event| (event.position, Run::clone(&event.run)))
            .collect()
    }
}

pub(crate) fn capture(tenant_id: TenantId, target: Option<PolicyId>, by: PersonId) -> StartRun {
    let operation = match target {
        Some(_) => CAPTURE_POLICY,
        None => CAPTURE_ALL,
    };
    StartRun {
        tenant_id,
        operation: operation.to_owned(),
        target,
        by,
        idempotency_key: None,
    }
}

pub(crate) fn key_of(lease: &Lease) -> RunKey {
    RunKey {
        tenant_id: lease.tenant_id,
        source: String::new(),
        run_type: lease.run_type.clone(),
        run_id: lease.run_id,
    }
}

pub(crate) fn listed(name: &str) -> ListedPolicy {
    ListedPolicy {
        graph_id: format!("graph id of {name}"),
        family: FAMILY.to_owned(),
        name: name.to_owned(),
        platform: "windows10".to_owned(),
    }
}

pub(crate) fn new_item(policy_id: PolicyId) -> NewItem {
    NewItem {
        policy_id,
        name: format!("policy {policy_id}"),
        family: FAMILY.to_owned(),
    }
}

pub(crate) fn captured(content: &str) -> Settlement {
    Settlement::Captured(NewVersion {
        name: "a policy".to_owned(),
        content_hash: format!("hash of {content}"),
        object: "{}".to_owned(),
        assignments: "[]".to_owned(),
        redactions: vec!["$.password".to_owned()],
        last_modified: None,
    })
}

pub(crate) fn failed(code: &str) -> Settlement {
    Settlement::Failed(error(code))
}

pub(crate) fn skipped() -> Settlement {
    Settlement::Skipped(error("left_alone"))
}

pub(crate) fn error(code: &str) -> RunError {
    RunError {
        code: code.to_owned(),
        message: format!("What {code} means."),
        retryable: false,
        request_id: None,
    }
}

pub(crate) fn later(than: Timestamp, by: Duration) -> Timestamp {
    Timestamp(than.0 + i64::try_from(by.as_millis()).unwrap())
}

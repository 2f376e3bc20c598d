//! The sites that a validator asks about: jobs in a folder, by host.

use std::{collections::BTreeMap, path::Path, sync::Arc, time::Duration};

use myelin_wire::seed::Seed;
use url::Url;

use super::{
    remembered::{Name, Remembered},
    watch::{Look, Watch},
    Live, Seen,
};
use crate::{
    backend::Web,
    fetch::normal,
    job::{files, Job, JobError},
    protocol::{Page, ScrapingRequest},
    task::{Hidden, Task},
};

/// Longest time until the second look at a page, if nothing else is wanted.
pub const WITHIN: Duration = Duration::from_secs(600);

/// A job without its sources.
struct Form {
    request: ScrapingRequest,
    key: Vec<usize>,
    personal: bool,
    /// Hash of all of it but the key.
    hash: [u8; 32],
}

impl Form {
    fn of(job: &Job) -> Self {
        let bytes = serde_json::to_vec(&(job.form(), job.personal)).unwrap_or_default();
        let hash = blake3::hash(&bytes).into();
        Self { request: job.form().clone(), key: job.key().to_vec(), personal: job.personal, hash }
    }

    /// The name of a source, under which its last rows are kept.
    fn name(&self, address: &str) -> Name {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&self.hash).update(address.as_bytes());
        hasher.finalize().into()
    }
}

/// Sources of jobs, and what looks at them.
pub struct Sites {
    forms: Vec<Form>,
    /// The sources of each host: the place of their form, and their address.
    hosts: Vec<Vec<(usize, String)>>,
    /// Sources that are not asked for, with the reason.
    pub left_out: Vec<String>,
    watch: Option<(Arc<Watch>, Duration)>,
}

impl Sites {
    /// Reads the jobs of a folder: its files that end in `.toml`. Sources that `permits` refuses are left out, and so
    /// are those whose rows everybody knows: they come with their page, or are the example.
    pub fn read(folder: &Path, permits: &dyn Fn(&str) -> Result<(), String>) -> Result<Self, JobError> {
        let mut sites = Self { forms: Vec::new(), hosts: Vec::new(), left_out: Vec::new(), watch: None };
        let mut hosts = BTreeMap::<String, Vec<(usize, String)>>::new();
        let files = files(folder)?;
        for file in &files {
            let job = Job::read(file)?;
            let example = |address: &str| {
                let same = |page: &Page| normal(&page.address).ok() == normal(address).ok();
                job.form().examples.iter().any(|example| same(&example.page))
            };
            for source in job.sources() {
                let refused = match &source.html {
                    Some(_) => Err("its page comes along".to_owned()),
                    None if example(&source.address) => Err("it is the example".to_owned()),
                    None => permits(&source.address),
                };
                if let Err(why) = refused {
                    sites.left_out.push(format!("{}: {why}", source.address));
                    continue;
                }
                let host = Url::parse(&source.address).ok().and_then(|url| url.host_str().map(str::to_owned));
                let of_host = hosts.entry(host.unwrap_or_default()).or_default();
                of_host.push((sites.forms.len(), source.address.clone()));
            }
            sites.forms.push(Form::of(&job));
        }
        if hosts.is_empty() {
            let found = format!(
                "{} jobs (*.toml), and no source that can be fetched; write a job there",
                files.len()
            );
            return Err(JobError::File(folder.display().to_string(), found));
        }
        sites.hosts = hosts.into_values().collect();
        Ok(sites)
    }

    /// Looks at the pages that are asked for, for the second time within this time. What was seen last of each is kept
    /// in the folder, if there is one, and otherwise in memory.
    pub fn watched(self, web: Arc<dyn Web>, within: Duration, folder: Option<&Path>) -> Self {
        let names = self.hosts.iter().flatten().map(|(form, address)| self.forms[*form].name(address));
        let seen = folder.map_or_else(Remembered::default, |folder| Remembered::open(folder, names));
        Self { watch: Some((Watch::new(web, seen), within)), ..self }
    }

    /// Hosts and sources.
    pub fn count(&self) -> (usize, usize) {
        (self.hosts.len(), self.hosts.iter().map(Vec::len).sum())
    }

    /// A task, and the share of the time within which the page is looked at again, in thousandths. Every host has the
    /// same chance, however many pages it has.
    pub fn draw(&self, seed: &Seed) -> Option<(Task, u32)> {
        self.drawn(seed).map(|(task, share, _)| (task, share))
    }

    fn drawn(&self, seed: &Seed) -> Option<(Task, u32, Name)> {
        let mut rng = seed.derive(b"scraping fetch", 0).rng();
        let host = &self.hosts[rng.index(self.hosts.len())?];
        let (form, address) = &host[rng.index(host.len())?];
        let form = &self.forms[*form];
        let sources = vec![Page { address: address.clone(), html: None }];
        let request = ScrapingRequest { sources, ..form.request.clone() };
        let live = Live { name: rng.next_u64(), key: form.key.clone(), personal: form.personal, seen: None };
        let share = u32::try_from(rng.range(333, 1_000)).unwrap_or(1_000);
        let task = Task { request, hidden: Hidden { rows: Vec::new(), live: Some(live) } };
        Some((task, share, form.name(address)))
    }

    /// The same, and begins to look at its page.
    pub fn ask(&self, seed: &Seed) -> Option<Task> {
        let (task, share, source) = self.drawn(seed)?;
        if let (Some((watch, within)), Some(live)) = (&self.watch, &task.hidden.live) {
            let look = Look { request: task.request.clone(), source, personal: live.personal };
            watch.begin(live.name, look, *within * share / 1_000);
        }
        Some(task)
    }

    /// The looks at the page of a task: nothing while they are under way, and none for good where they failed.
    pub fn seen(&self, name: u64) -> Option<Option<Seen>> {
        self.watch.as_ref()?.0.seen(name)
    }
}

//! Apertium, a translator by rules and dictionaries, as processes with limits.
//!
//! A process takes a fifth of a second to start, and then translates more than a thousand sentences in a second. So
//! texts that wait for the same direction share a process.
//!
//! Protected parts are given as blanks, which come back as they are. Source: the Apertium documentation, "Apertium
//! stream format".

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Condvar, Mutex, MutexGuard},
    time::{Duration, Instant},
};

use myelin_sandbox::process::{Process, ProcessError};

use crate::{
    language::{Language, DIRECTIONS},
    protected::{ends_like, pieces},
};

/// Address space of each process of the chain in KiB; they need less than 200 MiB.
const MEMORY_KIB: u64 = 1 << 20;
/// Most bytes that are read of its output.
const MOST_OUTPUT: u64 = 64 << 20;
/// Most texts that wait.
const MOST_WAITING: usize = 20_000;
/// Most bytes of the texts of a process, of which each request costs some: about three seconds of a core.
const MOST_BYTES: usize = 200_000;
const COST: usize = 50;
/// Behind each text: the end of a sentence that is no letter, and a blank with the mark.
const END: &str = ".[][\u{1}\n]";
const NAME: &str = "apertium";
/// Letters at which the chain stops reading, and the mark.
const UNREADABLE: [char; 4] = ['\0', '\u{1}', '\u{fffe}', '\u{ffff}'];
/// Longest time for a word of the check of the program: a busy machine takes some seconds.
const CHECK: Duration = Duration::from_secs(60);
/// The folder of the dictionaries.
const DICTIONARIES: &str = "/usr/share/apertium";

type Direction = (Language, Language);

/// Texts that wait.
struct Job {
    number: u64,
    texts: Vec<String>,
    deadline: Instant,
}

/// Why a text was not translated.
#[derive(Debug, thiserror::Error)]
pub enum ApertiumError {
    /// It has no dictionaries of these languages.
    #[error("apertium does not translate from {0} to {1}")]
    Direction(&'static str, &'static str),
    /// Too much waits already.
    #[error("{MOST_WAITING} texts wait for apertium; ask later")]
    Busy,
    /// The program failed, for all that waited with this text.
    #[error("{0}")]
    Failed(String),
    /// The program or dictionaries are missing or broken.
    #[error(
        "trying apertium: {why} (Debian, Ubuntu: `apt-get install {packages}` on the machine of the miner)"
    )]
    Unusable {
        /// The packages of the directions that failed.
        packages: String,
        /// The error of the first of them.
        why: String,
    },
}

/// Apertium with a bounded number of processes.
pub struct Apertium {
    program: &'static str,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    waiting: BTreeMap<Direction, Vec<Job>>,
    done: BTreeMap<u64, Result<Vec<String>, String>>,
    /// Texts that a process translates and nobody waits for any more.
    given_up: BTreeSet<u64>,
    /// Directions that a process translates now.
    running: Vec<Direction>,
    free: usize,
    next: u64,
}

impl Apertium {
    /// At most `processes` at a time.
    pub fn new(processes: usize) -> Self {
        Self::of_program(NAME, processes)
    }

    fn of_program(program: &'static str, processes: usize) -> Self {
        let state = State { free: processes.max(1), ..State::default() };
        Self { program, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Translates a word in each direction.
    ///
    /// # Errors
    /// If the program or a dictionary is not installed, or does not work. The error names the packages.
    pub fn check(&self) -> Result<(), ApertiumError> {
        let word = |(from, _): Direction| match from {
            Language::En => "house",
            Language::Es | Language::Pt => "casa",
            Language::Fr => "maison",
        };
        let failure = |direction| {
            let error = self.translate(direction, vec![word(direction).to_owned()], CHECK).err()?;
            Some((Self::mode(direction)?.0, error.to_string()))
        };
        let failures: Vec<(&str, String)> = std::thread::scope(|scope| {
            let tried = DIRECTIONS.map(|direction| scope.spawn(move || failure(direction)));
            tried.into_iter().filter_map(|thread| thread.join().ok().flatten()).collect()
        });
        let Some((_, why)) = failures.first().cloned() else { return Ok(()) };
        let packages: BTreeSet<&str> = failures.into_iter().map(|(package, _)| package).collect();
        let packages = packages.into_iter().collect::<Vec<_>>().join(" ");
        Err(ApertiumError::Unusable { packages, why })
    }

    /// The package and the name of a direction.
    pub fn mode((from, to): Direction) -> Option<(&'static str, &'static str)> {
        use Language::{En, Es, Fr, Pt};
        match (from, to) {
            (En, Es) => Some(("apertium-eng-spa", "eng-spa")),
            (Es, En) => Some(("apertium-eng-spa", "spa-eng")),
            (Fr, Es) => Some(("apertium-fr-es", "fr-es")),
            (Es, Fr) => Some(("apertium-fr-es", "es-fr")),
            (Pt, Es) => Some(("apertium-es-pt", "pt-es")),
            (Es, Pt) => Some(("apertium-es-pt", "es-pt")),
            _ => None,
        }
    }

    /// The translations of texts, in their order.
    pub fn translate(
        &self,
        direction: Direction,
        texts: Vec<String>,
        time: Duration,
    ) -> Result<Vec<String>, ApertiumError> {
        let (package, mode) = Self::mode(direction)
            .ok_or_else(|| ApertiumError::Direction(direction.0.code(), direction.1.code()))?;
        let deadline = Instant::now() + time;
        let mut state = self.lock();
        let waiting: usize = state.waiting.values().flatten().map(|job| job.texts.len()).sum();
        if waiting + texts.len() > MOST_WAITING {
            return Err(ApertiumError::Busy);
        }
        let own = state.next;
        state.next += 1;
        state.waiting.entry(direction).or_default().push(Job { number: own, texts, deadline });
        loop {
            if let Some(done) = state.done.remove(&own) {
                return done.map_err(ApertiumError::Failed);
            }
            if Instant::now() >= deadline {
                let waiting = state.waiting.entry(direction).or_default();
                match waiting.iter().position(|job| job.number == own) {
                    Some(at) => drop(waiting.remove(at)),
                    None => drop(state.given_up.insert(own)),
                }
                return Err(ApertiumError::Failed(ProcessError::TooSlow(NAME, time).to_string()));
            }
            let is_waiting = state.waiting.get(&direction).is_some_and(|waiting| !waiting.is_empty());
            if is_waiting && state.free > 0 && !state.running.contains(&direction) {
                state = self.run(state, direction, package, mode);
                continue;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            state = self.changed.wait_timeout(state, left).unwrap_or_else(|poisoned| poisoned.into_inner()).0;
        }
    }

    /// Whether nouns of a language are feminine; `None` for words that are no nouns, or of both genders. Of several
    /// words the first noun counts.
    pub fn feminine(
        &self,
        language: Language,
        words: &[&str],
        time: Duration,
    ) -> Result<Vec<Option<bool>>, ApertiumError> {
        let (package, analyser) = match language {
            Language::En => return Ok(vec![None; words.len()]),
            Language::Es => ("apertium-eng-spa", "apertium-eng-spa/spa-eng"),
            Language::Fr => ("apertium-fr-es", "apertium-fr-es/fr-es"),
            Language::Pt => ("apertium-es-pt", "apertium-es-pt/pt-es"),
        };
        let process = Process {
            name: "lt-proc",
            package,
            command: format!("lt-proc {DICTIONARIES}/{analyser}.automorf.bin"),
            memory_kib: MEMORY_KIB,
            most_output: MOST_OUTPUT,
        };
        let input: String =
            words.iter().map(|word| streamed(&word.replace('\n', " ")) + "[\u{1}\n]").collect();
        let failed = |error: ProcessError| ApertiumError::Failed(error.to_string());
        let output = process.run(input.into_bytes(), time).map_err(failed)?;
        let output = String::from_utf8_lossy(&output);
        let gender = |analyses: &str| {
            let place = |mark: &str| analyses.find(mark).unwrap_or(usize::MAX);
            match (place("<n><m>"), place("<n><f>")) {
                (usize::MAX, usize::MAX) => None,
                (masculine, feminine) => Some(feminine < masculine),
            }
        };
        let mut genders: Vec<Option<bool>> = output.split("[\u{1}\n]").map(gender).collect();
        genders.resize(words.len(), None);
        Ok(genders)
    }

    /// Translates what waits for a direction, in one process.
    fn run<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        direction: Direction,
        package: &'static str,
        mode: &str,
    ) -> MutexGuard<'a, State> {
        let waiting = state.waiting.entry(direction).or_default();
        let (mut count, mut jobs) = (0, Vec::new());
        while let Some(job) = waiting.first() {
            count += job.texts.iter().map(String::len).sum::<usize>() + COST;
            if count > MOST_BYTES && !jobs.is_empty() {
                break;
            }
            jobs.push(waiting.remove(0));
        }
        state.running.push(direction);
        state.free -= 1;
        drop(state);
        // The direction is free again also if this thread panics.
        let running = Running { apertium: self, direction };
        let process = Process {
            name: NAME,
            package,
            command: format!("{} -f none -u {mode}", self.program),
            memory_kib: MEMORY_KIB,
            most_output: MOST_OUTPUT,
        };
        self.translate_all(&process, &jobs);
        drop(running);
        self.lock()
    }

    /// Translates texts in one process, and if that fails in more, so that one request does not fail the others that
    /// shared its process.
    fn translate_all(&self, process: &Process, jobs: &[Job]) {
        let texts: Vec<&str> = jobs.iter().flat_map(|job| &job.texts).map(String::as_str).collect();
        let last = jobs.iter().map(|job| job.deadline).max().unwrap_or_else(Instant::now);
        let time = last.saturating_duration_since(Instant::now());
        let found = match time.is_zero() {
            true => Err(ProcessError::TooSlow(NAME, time).to_string()),
            false => translated(process, &texts, time),
        };
        match found {
            Err(_) if jobs.len() > 1 && !time.is_zero() => {
                let (one, other) = jobs.split_at(jobs.len() / 2);
                self.translate_all(process, one);
                self.translate_all(process, other);
            }
            found => {
                let mut state = self.lock();
                let mut found = found.map(Vec::into_iter);
                for Job { number, texts, .. } in jobs {
                    let own = match &mut found {
                        Ok(found) => Ok(found.by_ref().take(texts.len()).collect()),
                        Err(error) => Err(error.clone()),
                    };
                    if !state.given_up.remove(number) {
                        state.done.insert(*number, own);
                    }
                }
                self.changed.notify_all();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// A direction that a process translates; free again when this ends.
struct Running<'a> {
    apertium: &'a Apertium,
    direction: Direction,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        let mut state = self.apertium.lock();
        state.running.retain(|running| *running != self.direction);
        state.free += 1;
        self.apertium.changed.notify_all();
    }
}

/// Translates texts in one process.
fn translated(process: &Process, texts: &[&str], time: Duration) -> Result<Vec<String>, String> {
    let input: String = texts.iter().map(|text| streamed(text) + END).collect();
    let output = process.run(input.into_bytes(), time).map_err(|error| error.to_string())?;
    let output = String::from_utf8_lossy(&output);
    let mut found: Vec<String> = output.split("[\u{1}\n]").map(plain).collect();
    // Behind the last mark there is nothing.
    found.pop();
    if found.len() != texts.len() {
        return Err(format!("apertium gave {} translations of {} texts", found.len(), texts.len()));
    }
    // The chain moves blanks to where a text begins.
    Ok(texts.iter().zip(found).map(|(text, found)| ends_like(text, &found)).collect())
}

/// A text in Apertium's stream format: what has a meaning there is escaped, and protected parts are blanks.
fn streamed(text: &str) -> String {
    let mut out = String::with_capacity(2 * text.len());
    for (part, is_protected) in pieces(text) {
        if is_protected {
            out.push('[');
        }
        for letter in part.chars().filter(|letter| !UNREADABLE.contains(letter)) {
            match letter {
                '\n' | '\r' | '\t' | '~' if !is_protected => {
                    out.push('[');
                    out.push(letter);
                    out.push(']');
                    continue;
                }
                '\\' | '[' | ']' | '{' | '}' | '^' | '$' | '/' | '@' | '<' | '>' => out.push('\\'),
                _ => {}
            }
            out.push(letter);
        }
        if is_protected {
            out.push(']');
        }
    }
    out
}

/// The text of a part of the output, without the end of a sentence that was added.
fn plain(part: &str) -> String {
    let part = part.strip_suffix(".[]").unwrap_or(part);
    let mut out = String::with_capacity(part.len());
    let mut letters = part.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => out.extend(letters.next()),
            '[' | ']' => {}
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{En, Es, Fr, Pt};

    #[test]
    fn the_stream_format_keeps_everything() {
        let text = "a [b] {c} <b>d</b> %s\n50% ^x$/@ \\";
        assert_eq!(plain(&(streamed(text) + ".[]")), text);
        assert!(streamed("Open %s").ends_with("[%s]"));
    }

    #[test]
    fn it_translates_in_all_directions() {
        let apertium = Apertium::new(2);
        let said = |direction, text: &str| {
            let said =
                apertium.translate(direction, vec![text.into(), "{name}".into()], Duration::from_secs(60));
            let mut said = said.expect("apertium is installed");
            assert_eq!(said.pop().as_deref(), Some("{name}"));
            said.remove(0)
        };
        assert_eq!(said((En, Es), "The window of %s is open."), "La ventana de %s es abierto.");
        assert_eq!(said((Es, En), "La ventana es roja."), "The window is red.");
        assert_eq!(said((Es, Fr), "La ventana es roja."), "La fenêtre est rouge.");
        assert_eq!(said((Fr, Es), "La fenêtre est rouge."), "La ventana es roja.");
        assert_eq!(said((Es, Pt), "La ventana es roja."), "A janela é vermelha.");
        assert_eq!(said((Pt, Es), "A janela é vermelha."), "La ventana es roja.");
        let none = apertium.translate((En, Pt), vec!["a".into()], Duration::from_secs(1));
        assert!(none.unwrap_err().to_string().contains("from en to pt"));
    }

    #[test]
    fn a_program_that_is_missing_is_named_with_its_packages() {
        Apertium::new(2).check().expect("apertium is installed");
        let missing = Apertium::of_program("/nowhere/apertium", 2).check().unwrap_err().to_string();
        assert!(missing.starts_with("trying apertium: starting apertium: "), "{missing}");
        let wanted =
            "`apt-get install apertium-eng-spa apertium-es-pt apertium-fr-es` on the machine of the miner";
        assert!(missing.contains(wanted), "{missing}");
    }

    #[test]
    fn many_share_a_process_and_each_gets_its_own() {
        let apertium = Apertium::new(1);
        let translate_one = |number: usize| {
            let text = format!("There are {number} windows.");
            let said = apertium.translate((En, Es), vec![text; 3], Duration::from_secs(60)).unwrap();
            assert_eq!(said, vec![format!("Hay {number} ventanas."); 3]);
        };
        let began = Instant::now();
        std::thread::scope(|scope| {
            for number in 2..40 {
                scope.spawn(move || translate_one(number));
            }
        });
        println!("38 requests at once took {:?}", began.elapsed());
    }

    #[test]
    fn letters_at_which_the_chain_stops_spoil_nobodys_texts() {
        let apertium = Apertium::new(1);
        let expect_one = |text: String, expected: &str| {
            let said = apertium.translate((En, Es), vec![text], Duration::from_secs(60)).unwrap();
            assert_eq!(said, [expected]);
        };
        std::thread::scope(|scope| {
            scope.spawn(|| expect_one("The house\0 is red.".into(), "La casa es roja."));
            scope.spawn(|| expect_one("\u{ffff}\u{fffe}\u{1}".into(), ""));
            scope.spawn(|| expect_one("The house is ~ red.".into(), "La casa es ~ roja."));
            scope.spawn(|| expect_one("The house is red.".into(), "La casa es roja."));
        });
    }

    #[test]
    fn no_more_wait_than_there_is_room_for() {
        let full =
            Apertium::new(1).translate((En, Es), vec!["a".into(); MOST_WAITING + 1], Duration::from_secs(1));
        assert!(matches!(full, Err(ApertiumError::Busy)), "{full:?}");
    }
}

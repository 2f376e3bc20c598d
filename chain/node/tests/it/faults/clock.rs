//! A wall clock that is ahead or behind, for one process.
//!
//! The node has no option for that, and needs none: a library of a few lines takes the place of `clock_gettime` of the
//! C library. The C compiler that links Rust programs makes it, so no package is needed.

use std::{fs, path::Path, process::Command, sync::OnceLock};

/// The variable that the library reads.
const SHIFT: &str = "MYELIN_TEST_CLOCK_MS";

/// Variables of a process whose clock is this many milliseconds ahead; behind, if they are negative.
pub fn shifted(ms: i64) -> Vec<(String, String)> {
    match ms {
        0 => Vec::new(),
        _ => vec![("LD_PRELOAD".into(), library().into()), (SHIFT.into(), ms.to_string())],
    }
}

/// Path of the library, which is made once.
fn library() -> &'static str {
    static LIBRARY: OnceLock<String> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let (made, library) =
            (folder.join(format!("clock-{}.so", std::process::id())), folder.join("clock.so"));
        let done = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&made)
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/faults/clock.c"))
            .output()
            .expect("the C compiler that links Rust programs starts");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        // Another run may be using the library of before, which keeps its file.
        fs::rename(&made, &library).expect("the target folder is writable");
        library.display().to_string()
    })
}

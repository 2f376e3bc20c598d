//! Pictures of a question.

use std::path::Path;

use myelin_vision::picture::{Picture, MAX_FILE_BYTES};

use crate::output::Failure;

/// The picture of a file, whose length is checked before anything is read.
pub fn picture_in(path: &Path) -> Result<Picture, Failure> {
    let failed = |error: String| Failure::new(format!("the picture {}: {error}", path.display()));
    let length = std::fs::metadata(path).map_err(|error| failed(error.to_string()))?.len();
    if length > MAX_FILE_BYTES as u64 {
        return Err(failed(format!("it has {length} bytes, the limit is {MAX_FILE_BYTES}; make it smaller")));
    }
    let bytes = std::fs::read(path).map_err(|error| failed(error.to_string()))?;
    Picture::decode(&bytes).map_err(|error| failed(error.to_string()))
}

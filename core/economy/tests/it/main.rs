//! The economy as a whole: every larger rule against its literal twin, and the numeric cases that the twin makes.

mod agreement;
mod arbitrary;
mod kept_cases;
mod reference;
mod ties;

//! Integration tests of the wallet: recorded files of other programs, and folders on disk.

mod folders;
mod recorded;

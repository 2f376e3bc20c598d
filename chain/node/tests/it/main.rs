//! Real node processes on free ports: they find each other, agree, survive being killed, serve both paces,
//! and try a new runtime.

mod finality;
mod harness;
mod pace;
mod restart;
mod upgrade;

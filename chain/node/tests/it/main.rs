//! Real node processes on free ports: they find each other, agree, survive being killed, and serve both paces.

mod finality;
mod harness;
mod pace;
mod restart;

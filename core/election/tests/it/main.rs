//! The rules of elections together: moves that gain nothing, an automatic search for others, passes in pages, false
//! alarms about authors, and the choices of authors among seeds.

mod attack;
mod last_revealer;
mod moves;
mod offline;
mod paged;

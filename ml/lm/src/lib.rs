//! Language models.
pub mod corpus;
mod generate;
pub mod kernel;
pub mod lessons;
pub mod model;
pub mod ngram;
pub mod prompt;
pub mod sampling;
pub mod tokenizer;
pub mod train;
pub mod transformer;

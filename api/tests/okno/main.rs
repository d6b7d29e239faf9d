//! The program as somebody runs it in a shell.

mod demo;
mod import;
mod operator;
mod program;
mod reading;
mod recount;
mod start;
mod trends;

//! The program as somebody runs it in a shell.

mod demo;
mod import;
mod program;
mod reading;
mod start;

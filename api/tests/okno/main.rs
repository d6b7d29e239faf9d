//! The program as somebody runs it in a shell.

mod import;
mod program;
mod start;

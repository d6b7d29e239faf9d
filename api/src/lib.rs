//! The edges: HTTP, WebSocket, channels, sessions and the command line.

pub mod cli;
pub mod openapi;
pub mod pages;
pub mod server;
pub mod session;

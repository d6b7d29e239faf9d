//! The edges: HTTP, WebSocket, channels, sessions and the command line.

pub mod admin;
mod anomalies;
pub mod channels;
pub mod cli;
pub mod colleagues;
pub mod contacts;
pub mod customers;
pub mod inference;
pub mod live;
pub mod openapi;
pub mod pages;
pub mod quality;
pub mod replay;
pub mod server;
pub mod session;
pub mod templates;
pub mod trends;

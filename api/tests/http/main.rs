//! The HTTP interface as a browser meets it: a real server on a port of its own, a real database for each test.

mod alert_stream;
mod contacts;
mod customers;
mod given;
mod health;
mod holidays;
mod idempotency;
mod inference;
mod openapi;
mod origin;
mod rights;
mod rubbish;
mod server;
mod session;
mod summaries;
mod talk;
mod trends;

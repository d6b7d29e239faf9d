//! The channels against a real server on a real PostgreSQL; only Telegram's own servers are stood in for.

mod updates;

//! `okno serve`

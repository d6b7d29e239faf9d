//! What a new series takes from its siblings.

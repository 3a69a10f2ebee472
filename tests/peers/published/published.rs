//! There is nothing to compile here.

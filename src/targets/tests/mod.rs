//! What is written and read of each kind, and every trap of their files.

mod beside;
mod files;
mod kinds;
mod said;
mod traps;

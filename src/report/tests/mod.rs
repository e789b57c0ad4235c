//! What people, programs and merge gates get to read.

mod cases;
mod explain;
mod machines;
mod people;
mod several;
mod study;
mod text;

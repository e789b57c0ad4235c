//! The rules as scenarios and as properties.

mod by_hand;
mod calendar;
mod harm;
mod leaning;
mod properties;
mod said;
mod stage;
mod stops;

//! The Prometheus client and its queries, against real servers and scripted ones.

mod absence;
mod arms;
mod cache;
mod doctor;
mod doctor_more;
mod exact;
mod histories;
mod increments;
mod interruptions;
mod kinds;
mod native;
mod once;
mod past;
mod preflight;
mod quantiles;
mod reference;
mod releases;
mod restarts;
mod scrapes;
mod security;
mod shapes;
mod shop;
mod trouble;
mod verdicts;
mod victoria;

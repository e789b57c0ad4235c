//! Reports: decisions as text for people, JSON for programs, annotations for merge gates.

//! Prometheus: from a plan to queries, from their answers to a snapshot.

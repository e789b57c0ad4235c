//! Mathematics that knows no domain: mixtures, dispersion, tail functions. The only place where a
//! bare `f64` is a fine argument.

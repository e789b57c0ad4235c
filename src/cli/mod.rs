//! The command line: arguments, wiring, exit codes. Imports everything; nothing imports it.

//! Text of others: every control character in every place where others write, and every form of every
//! answer looked at. What is seen may be ugly; nothing of it is obeyed.

mod by_people;
mod in_files;
mod in_git;
mod look;
mod over_http;

//! What is written and read of each kind, and every trap of their files, each with its test:
//!
//! | trap | test |
//! | --- | --- |
//! | flagd takes a fraction as nobody | `traps::fractions_that_flagd_takes_as_nobody_become_whole_numbers` |
//! | the complement is left alone | `traps::a_complement_that_was_left_alone_is_seen_as_what_it_is_and_both_numbers_change` |
//! | a coverage halves an experiment | `said::` and `kinds::`, with the file of an experiment |
//! | nginx and 0 %, 100 % and a third decimal | `traps::nginx_is_never_told_nought_per_cent_nor_a_hundred_nor_three_decimals` |
//! | a seed, a salt, a group or a key deals users anew | `kinds::whatever_deals_users_their_arms_stays_untouched` |
//! | SDKs of one system disagree about users | `integration::targets::flags`, where each is compared with itself |
//! | rewriting changes `1.10` and `\u00e9` | `traps::one_line_changes_and_odd_spellings_elsewhere_stay` |
//! | pollers read half of a file | `integration::projection::by_hand::a_target_is_replaced_as_a_whole_and_keeps_its_mode` |
//! | Envoy wants a rename in its directory | the same, and `integration::targets::envoy` |
//! | a copy after `advance` never carries a rollback | `integration::projection::by_hand::a_release_reaches_its_targets_and_a_rollback_takes_it_back_in_one_commit_each` |
//! | a flag lowered by hand is raised again | `integration::projection::by_hand::a_brake_holds_advances_until_a_person_lets_go_of_it` |
//! | a typing error in a plan takes everybody off | `integration::projection::unfit::a_rollback_lowers_the_targets_of_a_plan_with_mistakes`, where `sync` lowers nobody |

mod beside;
mod files;
mod kinds;
mod said;
mod traps;

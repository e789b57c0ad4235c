//! Agreement with published implementations: `tests/golden.json` holds inputs, outputs and the exact
//! call that made them. Each entry is either checked here or named with the reason why not.

use serde_json::Value;
use statrs::distribution::{ContinuousCDF as _, Normal};

use super::counts::{log_ratio, share_ratio};
use super::mixture::{normal_mixture, t_to_z};
use super::moments::Moments;
use super::prior::{LOWER_DECILE_Z, chi_square_quantile};
use super::{TwoArmBlock, misassignment, rank_sum};

const GOLDEN: &str = include_str!("../../tests/golden.json");

/// What is done with an entry.
enum Use {
    /// Checked: ours, theirs, and the relative tolerance.
    Agree(Vec<(f64, f64)>),
    /// Not ours: why.
    NotUsed(&'static str),
}

fn number(value: &Value, key: &str) -> f64 {
    value[key]
        .as_f64()
        .unwrap_or_else(|| panic!("no number {key} in {value}"))
}

fn numbers(value: &Value, key: &str) -> Vec<f64> {
    let list = value[key].as_array().expect("a list");
    list.iter().map(|v| v.as_f64().expect("a number")).collect()
}

/// Decides by the entry's name. A new name fails the test until it is decided here.
fn check(id: &str, i: &Value, o: &Value) -> Option<Use> {
    let agree = |ours: f64, key: &str| Some(Use::Agree(vec![(ours, number(o, key))]));
    let not = |why| Some(Use::NotUsed(why));
    match id {
        "norm_mix_1s_bound_0" | "norm_mix_1s_bound_1" | "norm_mix_1s_bound_3" => {
            // At its own bound the evidence is exactly ln(1 / alpha).
            let v = number(i, "v");
            let z = number(o, "bound") / v.sqrt();
            let ours = normal_mixture(z, v, number(i, "v_opt"), number(i, "alpha_opt"));
            Some(Use::Agree(vec![(ours, -number(i, "alpha").ln())]))
        }
        "norm_mix_1s_log_e_1" | "norm_mix_1s_log_e_2" => {
            let v = number(i, "v");
            let z = number(i, "s") / v.sqrt();
            agree(
                normal_mixture(z, v, number(i, "v_opt"), number(i, "alpha_opt")),
                "log_e",
            )
        }
        "cond_binom_loglr_1" | "cond_binom_loglr_2" => {
            let block = TwoArmBlock {
                exposed_events: number(i, "YT"),
                exposed_total: number(i, "NT"),
                unexposed_events: number(i, "YC"),
                unexposed_total: number(i, "NC"),
            };
            let (r0, r1) = (number(i, "r0"), number(i, "r1"));
            let base = r0 * block.exposed_total + block.unexposed_total;
            agree(
                log_ratio(&block, r0, 0.0, (r1 / r0).ln(), r1, base),
                "log_e",
            )
        }
        "single_arm_loglr_0" | "single_arm_loglr_1" => {
            let (of_events, of_total) = share_ratio(number(i, "p0"), number(i, "p1"));
            agree(
                of_events * number(i, "Y") + of_total * number(i, "N"),
                "log_e",
            )
        }
        "savvi_srm_1" | "savvi_srm_2" => {
            // Listed the other way round: the unexposed arm first.
            let (theta, n) = (numbers(i, "theta0"), numbers(i, "counts"));
            agree(misassignment(n[1], n[0], theta[1], 0.0), "log_e")
        }
        "srm_betabinom_0" | "srm_betabinom_1" => {
            let (theta, n) = (numbers(i, "theta0"), numbers(i, "counts"));
            agree(misassignment(n[1], n[0], theta[1], 0.0), "log_e")
        }
        "t_to_z_1" | "t_to_z_2" => agree(t_to_z(number(i, "t"), number(i, "nu")), "z"),
        "chi2_q_1" | "chi2_q_2" => agree(
            chi_square_quantile(number(i, "nu"), LOWER_DECILE_Z),
            "wilson_hilferty",
        ),
        "hac_mean_L3" => {
            let x = numbers(i, "x");
            let k = x.len() as f64;
            let mean = x.iter().sum::<f64>() / k;
            let mut moments = Moments::default();
            let mut start = moments.start();
            for x in x {
                moments.push([x, 1.0]);
                moments.note(&mut start);
            }
            let ours = moments.long_run_over(&start, &[1.0, -mean], 3);
            Some(Use::Agree(vec![
                (mean, number(o, "mean")),
                ((ours / (k * (k - 1.0))).sqrt(), number(o, "se")),
            ]))
        }
        "scipy_mwu" => {
            let (x, y) = (numbers(i, "x"), numbers(i, "y"));
            let expected = 0.5 * (x.len() * y.len()) as f64;
            // Theirs is half a rank nearer to the middle: a correction for continuity.
            let distance = (number(o, "U") - expected).abs();
            let z = rank_sum(&x, &y).abs() * (distance - 0.5) / distance;
            agree(2.0 * Normal::standard().sf(z), "p_value")
        }
        "norm_mix_2s_bound" => not("only one-sided evidence is used"),
        "gamma_poisson_log_e_0" | "gamma_poisson_log_e_1" => {
            not("a grid of alternatives takes the place of the gamma mixture")
        }
        "beta_binom_1s_log_e_1" | "beta_binom_1s_log_e_2" => {
            not("a grid takes the place of the truncated beta mixture, which is not in log scale")
        }
        "bernoulli_cs_0" | "bernoulli_cs_1" => {
            not("limits are tested on the grid; their interval is not displayed")
        }
        "quantile_double_stitch_0"
        | "quantile_double_stitch_1"
        | "quantile_ab_p"
        | "empirical_process_lil" => {
            not("quantiles are judged as exceedance counts at bucket boundaries")
        }
        "gb_seq_prop_1" | "gb_seq_prop_2" => {
            not("requests are not independent units; for comparison only")
        }
        "gb_ratio_variance" => not("the contrast is linear, so no delta method is needed"),
        "gb_welch" => not("not sequential"),
        "gb_1s_halfwidth_1" | "gb_1s_halfwidth_2" => {
            not("a closed upper bound of the exact mixture that is used (norm_mix_1s)")
        }
        "spotify_gst_1" | "spotify_gst_2" => {
            not("group sequential bounds need the final information in advance")
        }
        "spotify_ztest_1" | "spotify_ztest_2" => {
            not("not sequential, and not pooled as the z-test that `simulate` compares with")
        }
        "spotify_srm_bad" => not("not sequential"),
        "scipy_binomtest_0" | "scipy_poisson_means" => not("not sequential"),
        "savvi_poisson_0" | "savvi_poisson_1" => {
            not("has no margin; the grid mixture of the same likelihood ratios is used")
        }
        "betting_cs" => not("bounded levels are judged by paired blocks"),
        _ => None,
    }
}

#[test]
fn every_golden_entry_agrees_or_is_not_used_for_a_reason() {
    let entries: Vec<Value> = serde_json::from_str(GOLDEN).expect("the golden file");
    let (mut used, mut unused) = (Vec::new(), Vec::new());
    for entry in &entries {
        let id = entry["id"].as_str().expect("an id");
        match check(id, &entry["inputs"], &entry["outputs"]) {
            Some(Use::Agree(pairs)) => {
                for (ours, theirs) in pairs {
                    let error = (ours - theirs).abs();
                    assert!(
                        error <= 1e-9 * theirs.abs().max(1.0),
                        "{id}: {ours} is not {theirs}"
                    );
                }
                used.push(id.to_owned());
            }
            Some(Use::NotUsed(why)) => unused.push(format!("{id}: {why}")),
            None => panic!("{id}: neither checked nor set aside for a reason"),
        }
    }
    assert_eq!(
        (used.len(), unused.len()),
        (19, 27),
        "{used:#?} {unused:#?}"
    );
}

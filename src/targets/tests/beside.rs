//! What gives users the change beside the numbers where no evaluator can be asked, and what readers take
//! of numbers. The others are asked in `tests/integration/targets/beside.rs`.

use super::files::{
    ENVOY, FLAGD, GROWTHBOOK, HTTPROUTE, LAUNCHDARKLY, VIRTUALSERVICE, flagd, httproute, percent,
    target, with,
};
use crate::plan::{MistakeCode, Target};
use crate::targets::{Shown, attainable_in, check, shows, write};
use crate::units::Exposure;

/// Of what gives users the change beside the numbers: what selects them, and what exposes everybody.
fn beside(target: &Target, text: &str) -> (usize, usize) {
    let mut found = check(target, text);
    found.retain(|one| one.code == MistakeCode::TargetOverruled);
    let errors = found.iter().filter(|one| one.is_error()).count();
    let overruled = matches!(shows(target, text), Ok(Shown::Overruled(..)));
    assert_eq!(overruled, errors > 0, "{text}");
    (found.len() - errors, errors)
}

#[test]
fn rules_of_an_httproute_lead_to_the_exposed_side_alone() {
    const RULE: &str = "  - matches: [{ headers: [{ name: x-staff, value: \"1\" }] }]\n";
    let seen = |matches: &str| beside(&httproute(), &with(HTTPROUTE, RULE, matches));
    assert_eq!(beside(&httproute(), HTTPROUTE), (1, 0));
    assert_eq!(seen("  - matches: [{ path: { value: /x } }]\n"), (1, 0));
    for all in [
        "  - name: all\n",
        "  - matches: [{ path: { type: PathPrefix, value: / } }]\n",
        "  - matches: []\n",
    ] {
        assert_eq!(seen(all), (0, 1), "{all}");
    }
    let nobody = with(
        HTTPROUTE,
        "checkout-v2, port: 80 }]",
        "checkout-v2, port: 80, weight: 0 }]",
    );
    assert_eq!(beside(&httproute(), &nobody), (0, 0));
    // Another resource has other hosts.
    let other = "---\nkind: HTTPRoute\nmetadata: { name: preview }\nspec: { rules: [{ backendRefs: [{ name: checkout-v2 }] }] }\n";
    assert_eq!(beside(&httproute(), &format!("{HTTPROUTE}{other}")), (2, 0));
}

#[test]
fn routes_of_istio_count_in_their_order() {
    let target = target("virtualservice = { file = 'a.yaml', exposed = 'v2', rest = 'v1' }");
    assert_eq!(beside(&target, VIRTUALSERVICE), (0, 0));
    let route = |matches: &str| {
        format!(
            "  http:\n  - {matches}route: [{{ destination: {{ host: checkout, subset: v2 }} }}]\n"
        )
    };
    let first =
        |matches: &str| beside(&target, &with(VIRTUALSERVICE, "  http:\n", &route(matches)));
    assert_eq!(first(""), (0, 1));
    assert_eq!(first("match: [{ uri: { prefix: / } }]\n    "), (0, 1));
    assert_eq!(
        first("match: [{ headers: { x-staff: { exact: '1' } } }]\n    "),
        (1, 0)
    );
    // Nobody gets behind a route for all.
    let last = route("").replace("  http:\n", "");
    assert_eq!(beside(&target, &format!("{VIRTUALSERVICE}{last}")), (0, 0));
}

#[test]
fn routes_of_envoy_and_its_runtime_may_lead_to_the_exposed_side() {
    let target =
        target("envoy = { file = 'a.yaml', exposed = 'checkout-v2', rest = 'checkout-v1' }");
    assert_eq!(beside(&target, ENVOY), (0, 0));
    let first = |matches: &str| {
        let route = format!(
            "    routes:\n    - match: {matches}\n      route: {{ cluster: checkout-v2 }}\n"
        );
        beside(&target, &with(ENVOY, "    routes:\n", &route))
    };
    assert_eq!(first("{ prefix: / }"), (0, 1));
    assert_eq!(first("{ prefix: /x }"), (1, 0));
    assert_eq!(
        first("{ prefix: /, headers: [{ name: x-staff, present_match: true }] }"),
        (1, 0)
    );
    let runtime = with(
        ENVOY,
        "          clusters:\n",
        "          runtime_key_prefix: shop\n          clusters:\n",
    );
    assert_eq!(beside(&target, &runtime), (1, 0));
}

#[test]
fn envoy_is_not_given_another_sum_than_its_total() {
    let target =
        target("envoy = { file = 'a.yaml', exposed = 'checkout-v2', rest = 'checkout-v1' }");
    let text = with(
        ENVOY,
        "          clusters:\n",
        "          total_weight: 100\n          clusters:\n",
    );
    let new = write(&target, &text, percent(12.5)).unwrap();
    assert!(
        new.contains("checkout-v2, weight: 12 }") && new.contains("checkout-v1, weight: 88 }"),
        "{new}"
    );
    assert_eq!(
        attainable_in(&target, &text, percent(12.5)),
        Ok(percent(12.0))
    );
    assert!(write(&target, &text, percent(0.5)).is_err());
    let odd = with(&text, "total_weight: 100", "total_weight: 90");
    assert!(matches!(shows(&target, &odd), Ok(Shown::Unclear(_))));
}

#[test]
fn launchdarkly_gives_the_first_variation_to_whom_it_cannot_tell_apart() {
    let line = |variant: u32| {
        target(&format!(
            "launchdarkly = {{ file = 'a.json', flag = 'checkout', variant = {variant} }}"
        ))
    };
    let by = |line: &str| {
        with(
            LAUNCHDARKLY,
            "\"rollout\": {",
            &format!("\"rollout\": {{{line}, "),
        )
    };
    for key in ["\"bucketBy\": \"country\"", "\"contextKind\": \"device\""] {
        assert_eq!(beside(&line(0), &by(key)), (0, 1), "{key}");
        // They have the second one when everybody has.
        let second = with(&by(key), "\"offVariation\": 1", "\"offVariation\": 0");
        let second = with(&second, "\"weight\": 0", "\"weight\": 100000");
        let second = with(&second, "1, \"weight\": 100000", "1, \"weight\": 0");
        assert_eq!(beside(&line(1), &second), (0, 0), "{key}");
    }
    for usual in ["\"bucketBy\": \"key\"", "\"contextKind\": \"user\""] {
        assert_eq!(beside(&line(0), &by(usual)), (0, 0), "{usual}");
    }
}

#[test]
fn growthbook_takes_one_group_more_than_a_coverage_says() {
    let target = target("growthbook = { file = 'a.json', flag = 'checkout' }");
    let one = write(&target, GROWTHBOOK, percent(1.0)).unwrap();
    assert!(one.contains("\"coverage\": 0.0099,"), "{one}");
    let by_hand = with(GROWTHBOOK, "\"coverage\": 0,", "\"coverage\": 0.01,");
    assert_eq!(shows(&target, &by_hand), Ok(Shown::Exposure(percent(1.01))));
    let coarse = with(GROWTHBOOK, "\"hashVersion\": 2", "\"hashVersion\": 1");
    let one = write(&target, &coarse, percent(1.05)).unwrap();
    assert!(one.contains("\"coverage\": 0.009,"), "{one}");
    assert_eq!(shows(&target, &one), Ok(Shown::Exposure(percent(1.0))));
    assert!(write(&target, &coarse, percent(0.05)).is_err());
    let all = write(&target, &coarse, Exposure::FULL).unwrap();
    assert!(all.contains("\"coverage\": 1,"), "{all}");
}

#[test]
fn comments_and_trailing_commas_are_told_where_services_read_json_alone() {
    let strict = |text: &str| {
        let found = check(&flagd(), text);
        let mut found = found.iter().map(|one| (one.code, one.is_error()));
        assert_eq!(shows(&flagd(), text), Ok(Shown::Exposure(Exposure::NONE)));
        found.next()
    };
    assert_eq!(strict(FLAGD), None);
    let told = Some((MistakeCode::TargetSyntax, false));
    assert_eq!(strict(&format!("{FLAGD}// at 0 %\n")), told);
    assert_eq!(strict(&format!("\u{feff}/* at 0 % */ {FLAGD}")), told);
    assert_eq!(
        strict(&with(FLAGD, "[\"off\", 100]]", "[\"off\", 100],]")),
        told
    );
}

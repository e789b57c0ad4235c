//! A file of every kind at 0 %, as people write them, and how a test makes a target. Nothing is asserted.

use crate::plan::{Target, salvaged_targets};
use crate::units::Exposure;

/// The target that a plan declares with this line.
pub(super) fn target(line: &str) -> Target {
    let mut targets = salvaged_targets(&format!("[[targets]]\n{line}\n"));
    assert_eq!(targets.len(), 1, "{line}");
    targets.remove(0)
}

/// An exposure in percent.
pub(super) fn percent(percent: f64) -> Exposure {
    Exposure::from_percent(percent).unwrap()
}

/// Every exposure that a plan can have.
pub(super) fn all_exposures() -> impl Iterator<Item = Exposure> {
    (0..=10_000).filter_map(Exposure::from_hundredths)
}

pub(super) const FLAGD: &str = r#"{
  "$schema": "https://flagd.dev/schema/v0/flags.json",
  "flags": {
    "caf\u00e9": { "state": "ENABLED", "variants": { "price": 1.10 }, "defaultVariant": "price" },
    "checkout": {
      "state": "ENABLED",
      "variants": { "on": true, "off": false },
      "defaultVariant": "off",
      "targeting": {
        "fractional": [["on", 0], ["off", 100]]
      }
    }
  }
}
"#;

pub(super) const GROWTHBOOK: &str = r#"{"features": {"checkout": {"defaultValue": false, "rules": [
  {"condition": {"staff": true}, "force": true},
  {"force": true, "coverage": 0, "hashAttribute": "id", "hashVersion": 2, "seed": "checkout"}
]}}}"#;

pub(super) const EXPERIMENT: &str = r#"{"features": {"checkout": {"defaultValue": false, "rules": [
  {"variations": [false, true], "weights": [1, 0], "coverage": 1.0, "hashAttribute": "id", "hashVersion": 2, "key": "checkout"}
]}}}"#;

pub(super) const UNLEASH: &str = r#"{"version": 2, "features": [
  {"name": "other", "enabled": true, "strategies": [{"name": "default"}]},
  {"name": "checkout", "enabled": true, "strategies": [
    {"name": "userWithId", "parameters": {"userIds": "ann"}},
    {"name": "flexibleRollout", "parameters": {"rollout": "0", "stickiness": "userId", "groupId": "checkout"}}
  ]}
]}
"#;

pub(super) const LAUNCHDARKLY: &str = r#"{"flags": {"checkout": {
  "key": "checkout", "on": true, "version": 1, "salt": "a1b2",
  "variations": [true, false], "offVariation": 1,
  "fallthrough": {"rollout": {"variations": [
    {"variation": 0, "weight": 0}, {"variation": 1, "weight": 100000}
  ]}}
}}}
"#;

pub(super) const GOFEATUREFLAG: &str = "# Flags of the shop.
checkout:
  variations:
    enabled: true
    disabled: false
  defaultRule:
    percentage:
      enabled: 0 # grows
      disabled: 100
";

pub(super) const ENVOY: &str = r#"resources:
- "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
  name: shop
  virtual_hosts:
  - name: shop
    domains: ["*"]
    routes:
    - match: { prefix: /health }
      route: { cluster: checkout-v1 }
    - match: { prefix: / }
      route:
        hash_policy: [{ header: { header_name: x-user-id } }]
        weighted_clusters:
          use_hash_policy: true
          clusters:
          - { name: checkout-v2, weight: 0 }
          - { name: checkout-v1, weight: 100 }
"#;

pub(super) const HTTPROUTE: &str = "apiVersion: v1
kind: Service
metadata: { name: checkout }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata:
  name: checkout
spec:
  parentRefs: [{ name: shop }]
  rules:
  - matches: [{ headers: [{ name: x-staff, value: \"1\" }] }]
    backendRefs: [{ name: checkout-v2, port: 80 }]
  - backendRefs:
    - name: checkout-v1
      port: 80
      weight: 100
    - name: checkout-v2
      port: 80
      weight: 0
";

pub(super) const VIRTUALSERVICE: &str = "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout }
spec:
  hosts: [checkout]
  http:
  - match: [{ uri: { prefix: /api } }]
    route:
    - destination: { host: checkout, subset: v1 }
      weight: 100
    - destination: { host: checkout, subset: v2 }
      weight: 0
  - route:
    - destination: { host: checkout, subset: v1 }
      weight: 100
    - destination: { host: checkout, subset: v2 }
      weight: 0
";

pub(super) const VALUES: &str =
    "image: \"shop:1.10\"\ncanary:\n  weight: 0   # percent\nstable:\n  weight: 100\n";

/// A target and its file, at 0 %.
pub(super) fn every_kind() -> Vec<(Target, &'static str)> {
    [
        ("flagd = { file = 'a.json', flag = 'checkout', variant = 'on' }", FLAGD),
        ("growthbook = { file = 'a.json', flag = 'checkout' }", GROWTHBOOK),
        ("growthbook = { file = 'a.json', flag = 'checkout', variant = 1 }", EXPERIMENT),
        ("unleash = { file = 'a.json', flag = 'checkout' }", UNLEASH),
        ("launchdarkly = { file = 'a.json', flag = 'checkout', variant = 0 }", LAUNCHDARKLY),
        ("gofeatureflag = { file = 'a.yaml', flag = 'checkout', variant = 'enabled' }", GOFEATUREFLAG),
        ("envoy = { file = 'a.yaml', exposed = 'checkout-v2', rest = 'checkout-v1' }", ENVOY),
        ("httproute = { file = 'a.yaml', exposed = 'checkout-v2', rest = 'checkout-v1' }", HTTPROUTE),
        ("virtualservice = { file = 'a.yml', exposed = 'v2', rest = 'v1' }", VIRTUALSERVICE),
        ("yaml = { file = 'a.yaml', exposed = '/canary/weight', rest = '/stable/weight' }", VALUES),
        ("json = { file = 'a', exposed = '/a/0', scale = 1 }", "{\"a\": [0, true]} // \u{e9}\n"),
        ("haproxy = { file = 'a.map', key = 'checkout' }", "checkout 0\n"),
        (
            "nginx = { file = 'a.conf', key = 'checkout-$cookie_uid', variable = '$checkout' }",
            "# Written by rollout as a whole: change the plan, not this file.\nsplit_clients \"checkout-$cookie_uid\" $checkout {\n    * control;\n}\n",
        ),
        ("text = { file = 'a.txt', template = \"new={exposed}% old={rest}%\\n\" }", "new=0% old=100%\n"),
    ]
    .map(|(line, text)| (target(line), text))
    .into()
}

pub(super) fn flagd() -> Target {
    target("flagd = { file = 'flags.json', flag = 'checkout', variant = 'on' }")
}

pub(super) fn values() -> Target {
    target("yaml = { file = 'values.yaml', exposed = '/canary/weight', rest = '/stable/weight' }")
}

pub(super) fn httproute() -> Target {
    target("httproute = { file = 'route.yaml', exposed = 'checkout-v2', rest = 'checkout-v1' }")
}

/// The text with this in place of that, which must be there once.
#[track_caller]
pub(super) fn with(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from}");
    text.replace(from, to)
}

//! Routes of Kubernetes: no controller can run in a test, so every file on the way is held against the
//! schema of its resource.

use super::consumers::{Language, files, script};
use super::walk::{steps, target};

const HTTPROUTE: &str = "apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: checkout }
spec:
  parentRefs: [{ name: shop }]
  rules:
  - backendRefs:
    - { name: checkout-v1, port: 80, weight: 100 }
    - { name: checkout-v2, port: 80, weight: 0 }
";

const VIRTUALSERVICE: &str = "apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: checkout }
spec:
  hosts: [checkout]
  http:
  - route:
    - destination: { host: checkout, subset: v1 }
      weight: 100
    - destination: { host: checkout, subset: v2 }
      weight: 0
";

fn valid(line: &str, text: &str) {
    let target = target(line);
    let steps = steps(&target, text);
    let (_folder, files) = files(&target, &steps);
    let Some(mut command) = script(Language::Node, "kubernetes.mjs") else {
        return;
    };
    let output = command.args(&files).output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said.trim(), format!("{} valid", files.len()), "{complaint}");
}

#[test]
fn an_httproute_stays_valid() {
    valid(
        "httproute = { file = 'a.yaml', exposed = 'checkout-v2', rest = 'checkout-v1' }",
        HTTPROUTE,
    );
}

#[test]
fn a_virtualservice_stays_valid() {
    valid(
        "virtualservice = { file = 'a.yaml', exposed = 'v2', rest = 'v1' }",
        VIRTUALSERVICE,
    );
}

#[test]
fn the_schemas_refuse_what_is_wrong() {
    let target = target("virtualservice = { file = 'a.yaml', exposed = 'v2', rest = 'v1' }");
    let mut steps = steps(&target, VIRTUALSERVICE);
    steps.truncate(1);
    steps[0].text = VIRTUALSERVICE.replace("weight: 0", "weight: \"0\"");
    let (_folder, files) = files(&target, &steps);
    if let Some(mut command) = script(Language::Node, "kubernetes.mjs") {
        let output = command.args(&files).output().unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr);
        assert!(complaint.contains("weight must be integer"), "{complaint}");
    }
}

#[test]
fn the_route_of_the_example_stays_valid() {
    valid(
        "httproute = { file = 'a.yaml', exposed = 'shop-new', rest = 'shop' }",
        include_str!("../../../examples/gitops-httproute/apps/route.yaml"),
    );
}

//! Envoy with its routes in a file that it watches: each step is a rename, as a live release does it.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::consumers::python_program;
use super::http::{answers, get, wait_for};
use super::walk::{holds, steps, target};

/// Envoy answers each request through a second listener of its own, so that fewer are asked.
const USERS: usize = 4_000;

const ROUTES: &str = r#"resources:
- "@type": type.googleapis.com/envoy.config.route.v3.RouteConfiguration
  name: shop
  virtual_hosts:
  - name: shop
    domains: ["*"]
    routes:
    - match: { prefix: / }
      route:
        hash_policy: [{ header: { header_name: x-user-id } }]
        weighted_clusters:
          use_hash_policy: true
          clusters:
          - { name: checkout-v2, weight: 0 }
          - { name: checkout-v1, weight: 100 }
"#;

struct Envoy(Child);

impl Drop for Envoy {
    fn drop(&mut self) {
        // A server that is already gone is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn listener(name: &str, socket: &Path, routes: &str) -> String {
    format!(
        r#"  - name: {name}
    address: {{ pipe: {{ path: {socket} }} }}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: {name}
          {routes}
          http_filters:
          - name: envoy.filters.http.router
            typed_config: {{ "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router }}
"#,
        socket = socket.display()
    )
}

fn cluster(name: &str, socket: &Path) -> String {
    format!(
        "  - name: {name}\n    connect_timeout: 5s\n    load_assignment:\n      cluster_name: {name}\n      endpoints: [{{ lb_endpoints: [{{ endpoint: {{ address: {{ pipe: {{ path: {socket} }} }} }} }}] }}]\n",
        socket = socket.display()
    )
}

fn bootstrap(folder: &Path) -> String {
    let at = |name: &str| folder.join(name);
    let routes = format!(
        "rds: {{ route_config_name: shop, config_source: {{ path_config_source: {{ path: {}, watched_directory: {{ path: {} }} }} }} }}",
        folder.join("routes.yaml").display(),
        folder.display()
    );
    let fixed = |word: &str| {
        format!(
            "route_config: {{ virtual_hosts: [{{ name: all, domains: [\"*\"], routes: [{{ match: {{ prefix: / }}, direct_response: {{ status: 200, body: {{ inline_string: {word} }} }} }}] }}] }}"
        )
    };
    let admin = at("admin").display().to_string();
    format!(
        "admin: {{ address: {{ pipe: {{ path: {admin} }} }} }}\nstatic_resources:\n  listeners:\n{}{}{}  clusters:\n{}{}",
        listener("shop", &at("shop"), &routes),
        listener("exposed", &at("exposed"), &fixed("treatment")),
        listener("unexposed", &at("unexposed"), &fixed("control")),
        cluster("checkout-v2", &at("exposed")),
        cluster("checkout-v1", &at("unexposed"))
    )
}

/// A counter of Envoy's; 0 where it does not know it yet.
fn counter(admin: &Path, name: &str) -> u64 {
    let text = get(admin, &format!("/stats?filter={name}"));
    let value = text
        .lines()
        .find_map(|line| line.split_once(&format!("{name}: ")));
    value.map_or(0, |(_, number)| number.trim().parse().unwrap())
}

/// Puts the routes in place as `rollout` does, by a rename, and waits until Envoy has them.
fn put(folder: &Path, admin: &Path, text: &str) {
    let before = counter(admin, "rds.shop.config_reload");
    let temporary = folder.join("routes.yaml.new");
    std::fs::write(&temporary, text).unwrap();
    std::fs::rename(temporary, folder.join("routes.yaml")).unwrap();
    let start = Instant::now();
    while counter(admin, "rds.shop.config_reload") == before {
        assert!(
            start.elapsed() < Duration::from_secs(30),
            "Envoy does not see the rename"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(counter(admin, "rds.shop.update_rejected"), 0);
}

#[test]
fn envoy_exposes_what_the_plan_says() {
    let Some(program) = python_program("envoy") else {
        return;
    };
    let target =
        target("envoy = { file = 'routes.yaml', exposed = 'checkout-v2', rest = 'checkout-v1' }");
    let steps = steps(&target, ROUTES);
    let folder = TempDir::new().unwrap();
    let (admin, shop) = (folder.path().join("admin"), folder.path().join("shop"));
    std::fs::write(folder.path().join("routes.yaml"), &steps[0].text).unwrap();
    let config = folder.path().join("envoy.yaml");
    std::fs::write(&config, bootstrap(folder.path())).unwrap();
    let envoy = |mode: &str| {
        let mut command = Command::new(&program);
        command
            .arg("-c")
            .arg(&config)
            .args([
                "--mode",
                mode,
                "--concurrency",
                "1",
                "--use-dynamic-base-id",
                "--service-node",
                "test",
                "--service-cluster",
                "test",
                "-l",
                "critical",
            ])
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    };
    let validated = envoy("validate").output().unwrap();
    assert!(validated.status.success(), "{validated:?}");
    let _envoy = Envoy(envoy("serve").stderr(Stdio::null()).spawn().unwrap());
    wait_for(&admin);
    wait_for(&shop);
    let header = |user: usize| format!("x-user-id: user-{user}");
    let mut seen = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        if index > 0 {
            put(folder.path(), &admin, &step.text);
        }
        seen.push(answers(&shop, USERS, header));
    }
    holds("envoy", &steps, &seen);
}

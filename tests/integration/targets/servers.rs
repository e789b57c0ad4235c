//! nginx and HAProxy, started on every file of the way and asked by real requests.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::consumers::server;
use super::http::{answers, wait_for};
use super::walk::{holds, steps, target};

const USERS: usize = 10_000;

/// A server that ends with this value.
struct Running(Child);

impl Running {
    fn start(command: &mut Command, socket: &Path) -> Self {
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let running = Self(child.spawn().unwrap());
        wait_for(socket);
        running
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A server that is already gone is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn cookie(user: usize) -> String {
    format!("Cookie: uid=user-{user}")
}

fn nginx(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command
        .args(["-e", "error.log", "-c", "nginx.conf", "-p"])
        .arg(folder);
    command
}

fn nginx_config(socket: &Path) -> String {
    format!(
        "daemon off;\nmaster_process off;\npid nginx.pid;\nevents {{}}\nhttp {{\n  access_log off;\n  include split.conf;\n  server {{\n    listen unix:{socket};\n    keepalive_requests 1000000;\n    location / {{ return 200 $checkout; }}\n  }}\n}}\n",
        socket = socket.display()
    )
}

#[test]
fn nginx_exposes_what_the_plan_says() {
    let Some(program) = server("nginx") else {
        return;
    };
    let target = target(
        "nginx = { file = 'split.conf', key = 'checkout-$cookie_uid', variable = '$checkout' }",
    );
    let steps = steps(&target, "");
    let seen: Vec<Vec<bool>> = steps
        .iter()
        .map(|step| {
            let folder = TempDir::new().unwrap();
            let socket = folder.path().join("socket");
            std::fs::write(folder.path().join("nginx.conf"), nginx_config(&socket)).unwrap();
            std::fs::write(folder.path().join("split.conf"), &step.text).unwrap();
            let tested = nginx(&program, folder.path()).arg("-t").output().unwrap();
            assert!(tested.status.success(), "{tested:?}\n{}", step.text);
            let _nginx = Running::start(&mut nginx(&program, folder.path()), &socket);
            answers(&socket, USERS, cookie)
        })
        .collect();
    holds("nginx", &steps, &seen);
}

#[test]
fn nginx_refuses_what_is_never_written() {
    let Some(program) = server("nginx") else {
        return;
    };
    for (share, accepted) in [
        ("0%", false),
        ("0.005%", false),
        ("100%", true),
        ("0.01%", true),
    ] {
        let folder = TempDir::new().unwrap();
        std::fs::write(
            folder.path().join("nginx.conf"),
            nginx_config(&folder.path().join("socket")),
        )
        .unwrap();
        let split = format!(
            "split_clients \"$cookie_uid\" $checkout {{ {share} treatment; * control; }}\n"
        );
        std::fs::write(folder.path().join("split.conf"), split).unwrap();
        let tested = nginx(&program, folder.path()).arg("-t").output().unwrap();
        assert_eq!(tested.status.success(), accepted, "{share}: {tested:?}");
    }
}

#[test]
fn haproxy_exposes_what_the_plan_says() {
    let Some(program) = server("haproxy") else {
        return;
    };
    let target = target("haproxy = { file = 'checkout.map', key = 'checkout' }");
    let steps = steps(&target, "");
    let seen: Vec<Vec<bool>> = steps
        .iter()
        .map(|step| {
            let folder = TempDir::new().unwrap();
            let socket = folder.path().join("socket");
            let map = folder.path().join("checkout.map");
            std::fs::write(&map, &step.text).unwrap();
            let config = format!(
                "global\n  maxconn 100\ndefaults\n  mode http\n  timeout client 10s\n  timeout server 10s\n  timeout connect 10s\nfrontend shop\n  bind unix@{socket}\n  http-request set-var(txn.share) str(checkout),map_str_int({map},0)\n  http-request set-var(txn.user) req.cook(uid),xxh32(1),mod(10000)\n  acl exposed var(txn.user),sub(txn.share) lt 0\n  http-request return status 200 content-type text/plain string treatment if exposed\n  http-request return status 200 content-type text/plain string control\n",
                map = map.display(),
                socket = socket.display()
            );
            let path = folder.path().join("haproxy.cfg");
            std::fs::write(&path, config).unwrap();
            let tested = Command::new(&program).arg("-c").arg("-f").arg(&path).output().unwrap();
            assert!(tested.status.success(), "{tested:?}");
            let _haproxy = Running::start(Command::new(&program).arg("-f").arg(&path), &socket);
            answers(&socket, USERS, cookie)
        })
        .collect();
    holds("haproxy", &steps, &seen);
}

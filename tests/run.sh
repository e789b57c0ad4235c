#!/usr/bin/env bash
# Installs what the tests need beyond a Rust toolchain, then runs all of them.
#
# The tests start real servers of their own, so they need the programs `prometheus`, `promtool`,
# `victoria-metrics` and `openssl`. On Debian and Ubuntu this script installs what is missing and
# makes sure that no service stays behind; elsewhere it says what to install. No test is skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

declare -A package=(
  [prometheus]=prometheus [promtool]=prometheus
  [victoria-metrics]=victoria-metrics [openssl]=openssl [git]=git
)
missing=()
for program in "${!package[@]}"; do
  command -v "$program" >/dev/null || missing+=("${package[$program]}")
done

if ((${#missing[@]})); then
  if ! command -v apt-get >/dev/null; then
    echo "install these first: ${missing[*]}" >&2
    exit 1
  fi
  as_root=()
  ((EUID == 0)) || as_root=(sudo)
  export DEBIAN_FRONTEND=noninteractive
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}"
  # The packages start their services; the tests start servers of their own.
  for service in prometheus victoria-metrics; do
    if command -v systemctl >/dev/null; then
      "${as_root[@]}" systemctl disable --now "$service" 2>/dev/null || true
    elif [[ -x /etc/init.d/$service ]]; then
      "${as_root[@]}" "/etc/init.d/$service" stop || true
    fi
  done
fi

exec cargo test --locked --all-targets "$@"

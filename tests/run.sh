#!/usr/bin/env bash
# Runs every test, those against a real Prometheus included. Installs Debian's packages when they
# are not there; starts no service and leaves none running.
set -euo pipefail
cd "$(dirname "$0")/.."

packages=()
command -v prometheus >/dev/null && command -v promtool >/dev/null || packages+=(prometheus)
command -v victoria-metrics >/dev/null || packages+=(victoria-metrics)
command -v git >/dev/null || packages+=(git)
command -v openssl >/dev/null || packages+=(openssl)

if ((${#packages[@]})); then
  if ! command -v apt-get >/dev/null; then
    echo "tests/run.sh: missing: ${packages[*]}; install them with your package manager, then run this again" >&2
    exit 1
  fi
  as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null || {
      echo "tests/run.sh: missing: ${packages[*]}; run 'apt-get install ${packages[*]}' as root, then run this again" >&2
      exit 1
    }
    as_root=(sudo -n)
  fi
  # The packages start their services when installed; this policy says no, for this one call.
  policy=/usr/sbin/policy-rc.d
  made_policy=
  forget_policy() { [[ -z $made_policy ]] || "${as_root[@]}" rm -f "$policy"; }
  trap forget_policy EXIT
  if [[ ! -e $policy ]]; then
    made_policy=yes
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
  fi
  echo "tests/run.sh: installing ${packages[*]}" >&2
  install() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -qq --no-install-recommends "${packages[@]}" </dev/null >/dev/null
  }
  install || { "${as_root[@]}" apt-get update -qq </dev/null >/dev/null && install; }
  forget_policy
  trap - EXIT
fi

# Prometheus 3 is what people run. Where the distribution's is older, the one of its next suite is put
# beside it, into the cache of whoever runs this; nothing is installed.
three() {
  prometheus --version 2>&1 | grep -q 'prometheus, version 3\.' && { command -v prometheus; return; }
  local kept=${XDG_CACHE_HOME:-$HOME/.cache}/rollout-tests/prometheus3
  [[ -x $kept/prometheus ]] && "$kept/prometheus" --version >/dev/null 2>&1 && { echo "$kept/prometheus"; return; }
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || return 1
  local mirror work
  mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null |
    grep -v '^ *#' | grep -oE 'https?://[^ ]+/debian/?([[:space:]]|$)' | head -n 1 | tr -d '[:space:]' || true)
  [[ -n $mirror ]] || return 1
  work=$(mktemp -d)
  mkdir -p "$work/lists/partial" "$work/unpacked" "$kept"
  chmod -R a+rwx "$work"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror forky main" >"$work/sources.list"
  local apt=(apt-get -qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State::lists=$work/lists" -o APT::Sandbox::User=root -o Acquire::Retries=2)
  if "${apt[@]}" update >/dev/null 2>&1 && (cd "$work" && "${apt[@]}" download prometheus >/dev/null 2>&1) &&
    dpkg-deb -x "$work"/prometheus_*.deb "$work/unpacked" &&
    install -m 755 "$work/unpacked/usr/bin/prometheus" "$kept/prometheus.$$" &&
    "$kept/prometheus.$$" --version >/dev/null 2>&1; then
    # In one step, so that two runs at once do not see half of it.
    mv -f "$kept/prometheus.$$" "$kept/prometheus"
  fi
  rm -rf "$work" "$kept/prometheus.$$"
  [[ -x $kept/prometheus ]] && echo "$kept/prometheus"
}

# Tests with a real Prometheus: they run on both.
with_server=(acceptance:: people:: planning:: prometheus:: ramp:: ramp_planning:: records:: terminal::)

PROMETHEUS3=${PROMETHEUS3:-$(three </dev/null || true)}
export PROMETHEUS3
status=0
cargo test --locked --no-fail-fast "$@" </dev/null || status=$?
if (($# > 0)); then
  exit "$status"
fi
if [[ -z $PROMETHEUS3 ]]; then
  skipped=$(cargo test --locked --quiet --test integration -- --list "${with_server[@]}" 2>/dev/null </dev/null | grep -c ': test$' || true)
  echo "tests/run.sh: Prometheus 3 cannot be had here: $skipped tests with a real server ran on $(prometheus --version 2>&1 | grep -oE 'version [0-9.]+' | head -n 1) only; skipped on 3" >&2
elif [[ $PROMETHEUS3 != "$(command -v prometheus)" ]]; then
  echo "tests/run.sh: the tests with a real server again, on $("$PROMETHEUS3" --version 2>&1 | grep -oE 'version [0-9.]+' | head -n 1)" >&2
  ROLLOUT_TEST_PROMETHEUS=$PROMETHEUS3 cargo test --locked --no-fail-fast --test integration -- "${with_server[@]}" </dev/null || status=$?
fi
exit "$status"

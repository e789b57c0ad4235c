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

exec cargo test --locked --no-fail-fast "$@" </dev/null

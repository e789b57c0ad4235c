#!/usr/bin/env bash
# Runs every fuzz target for so many seconds each (60 when not told), or the one that is named second. Needs a C++
# compiler, and neither nightly nor cargo-fuzz: what `cargo fuzz build` tells the compiler is told here, and a stable
# compiler is told to allow it. What is found is in target/fuzz/artifacts; inputs that led somewhere new are kept in
# target/fuzz/corpus.
set -euo pipefail
cd "$(dirname "$0")/../.."

seconds=${1:-60}
work=target/fuzz
coverage=(--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
  -Cllvm-args=-sanitizer-coverage-trace-compares)
profile=${FUZZ_PROFILE:-release}
# With a target, so that build scripts are compiled without all that.
host=$(rustc -vV | sed -n 's/^host: //p')
RUSTC_BOOTSTRAP=1 RUSTFLAGS="${coverage[*]}" cargo build --locked --manifest-path tests/fuzz/Cargo.toml \
  --target "$host" --target-dir "$work/build" --profile "$profile" --bins
built=$work/build/$host/${profile/#dev/debug}

# Where inputs begin: those beside this file, and what the examples have.
seed() {
  local corpus=$work/corpus/$1 number=0 file
  mkdir -p "$corpus" "$work/artifacts/$1"
  for file in "${@:2}"; do
    [[ ! -f $file ]] || { cp "$file" "$corpus/seed-$((++number))"; }
  done
}
# The first byte chooses the kind of target.
kinds() {
  local corpus=$work/corpus/targets kind
  mkdir -p "$corpus"
  for kind in 0 1 2 3 4; do
    for file in "$@"; do
      { printf "\\x0$kind" && cat "$file"; } >"$corpus/seed-$kind-${file//\//-}"
    done
  done
}
shopt -s globstar nullglob
seed answer tests/fuzz/seeds/answer/*
seed config examples/*/rollouts/config.toml rollouts/config.toml
seed plan examples/*/rollouts/[!c]*.toml examples/*/rollouts/checkout*.toml rollouts/*.toml
seed record examples/audit/rollouts/.evidence/**/*.json
seed snapshot examples/*/before.json
seed targets
kinds tests/fuzz/seeds/targets/* examples/flagd-python/flags.json examples/gitops-httproute/apps/route.yaml

targets=(answer config plan record snapshot targets)
status=0
for target in "${targets[@]}"; do
  [[ -z ${2:-} || $2 == "$target" ]] || continue
  echo "== $target" >&2
  "$built/$target" "$work/corpus/$target" -max_total_time="$seconds" -max_len=65536 -timeout=10 \
    -malloc_limit_mb=200 -artifact_prefix="$work/artifacts/$target/" -print_final_stats=1 || status=1
done
exit "$status"

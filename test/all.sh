#!/usr/bin/env bash
# all.sh SUITE...: runs suites of tests, every one to its end, and closes with one line of counts.
set -euo pipefail
cd "$(dirname "$0")/.."

counts=$(mktemp -d)
trap 'rm -rf "$counts"' EXIT
status=0

main() {
  local suite started
  for suite in "$@"; do
    started=$SECONDS
    printf '\n== %s\n' "$suite"
    run "$suite" || status=1
    printf '== %s took %s s\n' "$suite" "$((SECONDS - started))"
  done
  total
  exit "$status"
}

run() { # SUITE
  case $1 in
  static) run_static ;;
  unit) run_mocha unit 'test/{model,render,components,policies,scripts,lab,docs}/**/*.test.ts' ;;
  toolchain) run_mocha toolchain 'test/toolchain/**/*.test.ts' --timeout 1200000 ;;
  lab) run_mocha lab 'test/lab-{provider,world}/**/*.test.ts' --timeout 900000 ;;
  e2e) run_mocha e2e 'test/e2e/**/*.test.ts' --require tsx --require test/e2e/support/world.ts --timeout 1200000 --bail ;;
  *)
    echo "all.sh: there is no suite $1" >&2
    return 2
    ;;
  esac
}

run_static() {
  local scripts failed=0
  mapfile -t scripts < <(git ls-files -co --exclude-standard '*.sh' .ci/run policies/launch lab/lab lab/node toolchain/pulumi test/toolchain/stubs | while IFS= read -r file; do
    head -n 1 "$file" | grep -qE 'sh$|shellcheck shell' && printf '%s\n' "$file"
  done)
  step "types" npx tsc --noEmit || failed=1
  step "lint" npx eslint . || failed=1
  step "format" npx prettier --check --log-level warn . || failed=1
  step "shellcheck" shellcheck -x "${scripts[@]}" || failed=1
  step "shfmt" shfmt -i 2 -d "${scripts[@]}" || failed=1
  return "$failed"
}

run_mocha() { # SUITE SPEC MOCHA-FLAGS...
  local suite=$1
  shift
  COUNTS=$counts/$suite npx mocha --reporter test/support/reporter.ts "$@"
}

# One check that is not a mocha test, counted as one.
step() { # NAME COMMAND...
  local name=$1
  shift
  if "$@"; then
    echo "  ok $name"
    echo "1 0 0" >"$counts/static-$name"
  else
    echo "  FAILED $name"
    echo "0 1 0" >"$counts/static-$name"
    return 1
  fi
}

total() {
  [ -n "$(ls "$counts")" ] || {
    echo "no suite reported a count"
    exit 1
  }
  printf '\n'
  cat "$counts"/* | awk '{ p += $1; f += $2; s += $3 } END { printf "%d passed, %d failed, %d skipped\n", p, f, s }'
}

main "$@"

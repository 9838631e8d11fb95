#!/usr/bin/env bash
# all.sh SUITE...: runs suites of tests, every one to its end, and closes with what failed and one line of
# counts. JOBS that have a lab run side by side (2 unless told), and beside them one that has none, since a
# lab waits for its containers a good part of the time. `e2e` is each of its folders that has specs: a world of
# its own, with its own lab and stack.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH=$PWD/node_modules/.bin:$PATH

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

main() {
  local suite lane status=0 labs=() others=()
  for suite in $(expand "$@"); do
    case $suite in
    lab | e2e/*) labs+=("$suite") ;;
    *) others+=("$suite") ;;
    esac
  done
  # A browser, of 188 MB, for the one world that looks through it.
  if [[ " ${labs[*]} " == *" e2e/page "* ]]; then commands/deps.sh chromium; fi
  # What reads old NAT rules, in network namespaces of this machine (test/nat/driver.sh).
  if [[ " ${labs[*]} " == *" lab "* ]]; then commands/deps.sh iptables nft; fi
  # Each lane in a shell of its own, so that it waits for its own suites alone.
  lane "${JOBS:-2}" "${labs[@]}" &
  lane "$([ "${#labs[@]}" = 0 ] && echo 2 || echo 1)" "${others[@]}" &
  for lane in $(jobs -p); do
    wait "$lane" || status=1
  done
  total
  exit "$status"
}

# Fails when one of them fails.
lane() { # NUMBER SUITE...
  local suite number=$1 status=0 running=0
  shift
  for suite in "$@"; do
    if [ "$running" -ge "$number" ]; then
      wait -n || status=1
      running=$((running - 1))
    fi
    timed "$suite" &
    running=$((running + 1))
  done
  while [ "$running" -gt 0 ]; do
    wait -n || status=1
    running=$((running - 1))
  done
  return "$status"
}

# The suite that is a folder of worlds, world by world: what has the most specs first, so that nothing
# long is left to run alone at the end.
expand() { # SUITE...
  local suite
  for suite in "$@"; do
    case $suite in
    e2e)
      worlds | while IFS= read -r world; do
        printf '%s %s\n' "$(cat "test/$world"/*.test.ts | wc -l)" "$world"
      done | sort -rn | cut -d ' ' -f 2
      ;;
    *) printf '%s\n' "$suite" ;;
    esac
  done
}

worlds() {
  find test/e2e -mindepth 2 -name '*.test.ts' -printf '%h\n' | sed 's|^test/||' | sort -u
}

timed() { # SUITE
  local started=$SECONDS status=0 name=${1//\//-}
  printf '\n== %s\n' "$1"
  # Each line names its suite, since two of them speak at a time.
  run "$1" 2>&1 | sed -u "s|^|[$1] |" || status=1
  # A suite that broke off before it could count is one failure.
  [ "$status" = 0 ] || compgen -G "$results/$name*.count" >/dev/null || count "$name" 0 1
  printf '== %s took %s s\n' "$1" "$((SECONDS - started))"
  return "$status"
}

run() { # SUITE
  case $1 in
  static) run_static ;;
  unit) run_mocha unit 'test/{bench,model,render,components,appliance,commands,policies,scripts,lab,docs}/**/*.test.ts' ;;
  # The real engine on the lab's memory backend: no containers, no SSH, no root.
  engine) run_mocha engine 'test/engine/**/*.test.ts' --timeout 300000 ;;
  # The pinned and the newest SDK, on every supported Node; fetched from the npm registry once.
  sdk) run_mocha sdk 'test/sdk/**/*.test.ts' ;;
  toolchain) run_mocha toolchain 'test/toolchain/**/*.test.ts' --timeout 1200000 ;;
  lab-unit) run_mocha lab-unit 'test/lab/**/*.test.ts' ;;
  lab) run_mocha lab 'test/lab-{provider,world}/**/*.test.ts' --timeout 900000 ;;
  e2e/*) run_world "$1" ;;
  *)
    echo "all.sh: there is no suite $1" >&2
    return 2
    ;;
  esac
}

run_world() { # e2e/FOLDER
  local index
  index=$(worlds | grep -nxF "$1" | cut -d: -f1)
  E2E_LAB=${E2E_LAB:-${1//\//-}} E2E_PORT_BASE=${E2E_PORT_BASE:-$((24500 + 300 * index))} \
    run_mocha "${1//\//-}" "test/$1/**/*.test.ts" --require tsx --require test/e2e/support/world.ts --timeout 1200000 --bail
}

run_static() {
  local scripts program failed=0
  mapfile -t scripts < <(git ls-files -co --exclude-standard '*.sh' .ci/run policies/launch lab/lab lab/node toolchain/pulumi toolchain/language-host/pulumi-language-nodejs test/toolchain/stubs | while IFS= read -r file; do
    head -n 1 "$file" | grep -qE 'sh$|shellcheck shell' && printf '%s\n' "$file"
  done)
  step "types" tsc --noEmit || failed=1
  step "lint" eslint . || failed=1
  step "format" prettier --check --cache --log-level warn . || failed=1
  step "shellcheck" shellcheck -x "${scripts[@]}" || failed=1
  step "perl" perl -c scripts/guest/nginx-config-set-listen-all-interfaces 2>/dev/null || failed=1
  for program in scripts/node/obsolete-nat/*.p[lm]; do
    step "perl ${program##*/}" perl -I scripts/node/obsolete-nat -c "$program" 2>/dev/null || failed=1
  done
  step "shfmt" shfmt -i 2 -d "${scripts[@]}" || failed=1
  # What the benchmark compares with; only it needs Terraform.
  if command -v terraform >/dev/null; then
    step "terraform" terraform fmt -check -diff -recursive test/bench/peers/terraform || failed=1
  fi
  return "$failed"
}

run_mocha() { # SUITE SPEC MOCHA-FLAGS...
  local suite=$1
  shift
  RESULTS=$results SUITE=$suite mocha --reporter test/support/reporter.ts "$@"
}

# One check that is not a mocha test, counted as one.
step() { # NAME COMMAND...
  local name=$1
  shift
  if "$@"; then
    echo "  ok $name"
    count "static-$name" 1 0
  else
    echo "  FAILED $name"
    count "static-$name" 0 1
    return 1
  fi
}

# For what is no mocha test, whose reporter writes the same files.
count() { # NAME PASSED FAILED
  echo "$2 $3 0" >"$results/$1.count"
  [ "$3" = 0 ] || echo "$1" >"$results/$1.failed"
}

total() {
  [ -n "$(ls "$results")" ] || {
    echo "no suite reported a count"
    exit 1
  }
  local file
  printf '\n'
  for file in "$results"/*.failed; do
    [ -e "$file" ] || continue
    printf 'failed in %s:\n' "$(basename "$file" .failed)"
    sed 's/^/  /' "$file"
  done
  cat "$results"/*.count | awk '{ p += $1; f += $2; s += $3 } END { printf "%d passed, %d failed, %d skipped\n", p, f, s }'
}

main "$@"

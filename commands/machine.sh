#!/usr/bin/env bash
# Checks this machine before anything is downloaded or built, and reports every problem in one message:
#   machine.sh node   what every command needs: Node and npm
#   machine.sh lab    what `make up` needs for the lab's stacks
#   machine.sh test   what `make test` needs
# It runs with nothing installed, on macOS too (bash 3.2).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
wanted=${1:?usage: machine.sh node|lab|test}

# MiB that Go's modules and its build cache take, where the engine has to be built.
build_disk=6144

problems=()
problem() { problems+=("$*"); }

main() {
  local lab_problems line can_run_lab=0
  check_node
  if [ "$wanted" != node ]; then
    command -v git >/dev/null || problem "There is no git. Install it: apt-get install git."
    # The labs of the tests have other ports.
    lab_problems=$(lab/check-machine.sh "$([ "$wanted" = test ] || echo ports)") || can_run_lab=$?
    while IFS= read -r line; do
      [ -z "$line" ] || problem "$line"
    done <<<"$lab_problems"
    # It may ask the network, which is not worth it where there can be no lab.
    [ "$can_run_lab" = 2 ] || check_go
  fi
  [ "${#problems[@]}" = 0 ] || report "$can_run_lab"
}

report() { # EXIT_CODE_OF_THE_LAB_S_CHECK
  {
    case $wanted in
    node) echo "This machine is not ready:" ;;
    *) echo "This machine cannot run the lab$([ "$1" = 2 ] || echo " yet"):" ;;
    esac
    printf '  - %s\n' "${problems[@]}"
    [ "$1" != 2 ] || what_works
  } >&2
  exit 1
}

what_works() {
  if [ "$(uname -s)" = Linux ]; then
    echo "What works here: \`make check\`, and everything for a real node, such as \`make preview STACK=home\`"
  else
    echo "What works here: everything for a real node, such as \`make preview STACK=home\`; and \`make check\` in a container with Debian 12"
  fi
  echo '(README.md, "On a real Proxmox VE").'
}

# at_least FOUND NEEDED: as versions, whose parts are numbers.
at_least() {
  local found=$1 needed=$2
  while [ -n "$needed" ]; do
    [ "${found%%.*}" -le "${needed%%.*}" ] || return 0
    [ "${found%%.*}" -ge "${needed%%.*}" ] || return 1
    case $needed in *.*) needed=${needed#*.} ;; *) needed='' ;; esac
    case $found in *.*) found=${found#*.} ;; *) found=0 ;; esac
  done
}

check_node() {
  local needed found
  needed=$(sed -n 's/^ *"node": ">=\([0-9.]*\)".*/\1/p' package.json)
  found=$(node --version 2>/dev/null | sed 's/^v//; s/[^0-9.].*//') || found=
  if [ -z "$found" ]; then
    problem "There is no Node. Install $needed or newer: https://nodejs.org/en/download."
  elif ! at_least "$found" "$needed"; then
    problem "Node is $found, and $needed or newer is needed: https://nodejs.org/en/download."
  elif ! command -v npm >/dev/null; then
    problem "There is no npm, which comes with Node: https://nodejs.org/en/download."
  fi
}

# Go is needed for the tests of the toolchain, and where the engine has to be built.
check_go() {
  local trouble
  trouble=$(go_trouble)
  [ -n "$trouble" ] || return 0
  # Asked last: the official archive may take seconds not to answer.
  [ "$wanted" = test ] || [ "$(toolchain/get.sh --way 2>/dev/null)" = built ] || return 0
  problem "$trouble"
}

# Why the engine could not be built; nothing when it could, or is there.
go_trouble() {
  local needed found free
  needed=$(sed -n 's/^go \([0-9.]*\)$/\1/p' toolchain/cli/go.mod)
  found=$(go version 2>/dev/null | sed -n 's/^go version go\([0-9.]*\).*/\1/p') || found=
  if [ -z "$found" ] || ! at_least "$found" "$needed"; then
    echo "Go is ${found:-not installed}, and $needed or newer is needed to build Pulumi's engine, whose download cannot be reached from here, and to test it: https://go.dev/dl."
  elif ! toolchain/get.sh --where >/dev/null; then
    free=$(df -Pk "$HOME" | awk 'END { print int($4 / 1024) }')
    [ "$free" -ge "$build_disk" ] ||
      echo "$free MiB of disk are free for Go's caches in $HOME, and $build_disk MiB are needed to build Pulumi's engine. Make room, or set GOCACHE and GOMODCACHE to folders elsewhere."
  fi
}

main

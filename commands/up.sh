#!/usr/bin/env bash
# up.sh STACK lab|node [FLAG...]: brings the stack up, in the lab first when it is the lab's, and prints the
# addresses to open.
set -euo pipefail
cd "$(dirname "$0")/.."
stack=$1 where=$2
shift 2

# What a lab held went with it, by `make down` or with the machine; the state still has it.
if [ "$where" = lab ] && ! lab/lab status >/dev/null 2>&1; then
  lab/lab up
  set -- --refresh "$@"
fi
toolchain/pulumi stack select --create --stack "$stack" --non-interactive
toolchain/pulumi up --stack "$stack" --yes --non-interactive --skip-preview "$@" || {
  code=$?
  printf '\nWhat is wrong, and what to do: make doctor STACK=%s\n' "$stack" >&2
  exit "$code"
}
if [ "$where" = lab ]; then
  tsx commands/open.ts "$stack" --lab
else
  tsx commands/open.ts "$stack"
fi

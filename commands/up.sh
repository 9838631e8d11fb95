#!/usr/bin/env bash
# up.sh STACK lab|node [FLAG...]: brings the stack up, in the lab first when it is the lab's, and prints the
# addresses to open.
set -euo pipefail
cd "$(dirname "$0")/.."
stack=$1 where=$2
shift 2

if [ "$where" = lab ] && ! lab/lab status >/dev/null 2>&1; then
  lab/lab up
fi
tsx commands/up.ts "$stack" -- "$@"
if [ "$where" = lab ]; then
  tsx commands/open.ts "$stack" --lab
else
  tsx commands/open.ts "$stack"
fi

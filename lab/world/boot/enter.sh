#!/bin/sh
# Runs a command on a lab host, in its namespaces and cgroups: enter.sh FOLDER COMMAND [ARGUMENT…]
# The command's streams and exit code are the caller's. The environment is the host's own, short one.
set -eu

folder=$1
shift
lab=${folder%/hosts/*}
# A number alone may be another process's by now; the mark in its environment may not.
if ! read -r init 2>/dev/null <"$folder/init.pid" ||
  ! grep -qzx "PROXIMITY_LAB=$lab" "/proc/$init/environ" 2>/dev/null; then
  echo "lab: host ${folder##*/} of lab ${lab##*/} is down or does not exist: run lab up --name ${lab##*/}" >&2
  exit 255
fi
while read -r cgroup; do
  # Version 2 takes processes only in the leaf created next to the guests' groups.
  [ -d "$cgroup/init.scope" ] && cgroup=$cgroup/init.scope
  echo $$ >"$cgroup/cgroup.procs"
done <"$folder/cgroups"

exec nsenter --target "$init" --mount --uts --ipc --net --pid --cgroup \
  env --ignore-environment HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"

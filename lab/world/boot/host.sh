#!/bin/sh
# Becomes one lab host: host.sh IMAGE FOLDER NAME [SOURCE:TARGET…]
# Joins the host's own cgroups, then starts its init in namespaces of its own (init.sh). The process
# that stays here dies with the init, and the init with it, so killing either is a power cut.
# FOLDER/cgroups lists what `lab down` has to remove; it is written before anything is made.
set -eu

folder=$2 name=$3
self=$(dirname "$(readlink -f "$0")")

# This process's group in every hierarchy that the machine has mounted; the rest cannot be joined.
hierarchies() {
  while IFS=: read -r _ controllers path; do
    mount=/sys/fs/cgroup/${controllers#name=}
    if [ -z "$controllers" ] && [ -e /sys/fs/cgroup/unified/cgroup.procs ]; then
      mount=/sys/fs/cgroup/unified
    fi
    [ -e "$mount/cgroup.procs" ] || continue
    printf '%s\n' "${mount%/}${path%/}"
  done </proc/self/cgroup
}

group=proximity-lan-$(printf %s "$folder" | cksum | cut -d' ' -f1)-$name
hierarchies | sed "s|\$|/$group|" >"$folder/cgroups"
while read -r cgroup; do
  mkdir -p "$cgroup"
  for setting in cpuset.cpus cpuset.mems; do
    # A version 1 cpuset takes no process before it has a processor and memory.
    if [ -e "$cgroup/cgroup.clone_children" ] && [ -e "$cgroup/$setting" ]; then
      cat "$cgroup/../$setting" >"$cgroup/$setting"
    fi
  done
  echo $$ >"$cgroup/cgroup.procs"
done <"$folder/cgroups"

exec unshare --net --mount --uts --ipc --pid --cgroup --fork --kill-child \
  "$self/init.sh" "$@"

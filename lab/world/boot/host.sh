#!/bin/sh
# Becomes one lab host: host.sh IMAGE FOLDER NAME [SOURCE:TARGET…]
# Joins the host's own cgroups, then starts its init in namespaces of its own (init.sh). The process
# that stays here dies with the init, and the init with it, so killing either is a power cut.
# FOLDER/cgroups lists what `lab down` has to remove; it is written before anything is made.
set -eu

folder=$2 name=$3
self=$(dirname "$(readlink -f "$0")")

# A hierarchy that the machine has not mounted cannot be joined and is left out.
hierarchies() {
  while IFS=: read -r _ controllers path; do
    for mount in "/sys/fs/cgroup/${controllers#name=}" /sys/fs/cgroup/unified; do
      [ -e "$mount/cgroup.procs" ] || continue
      [ "$path" = / ] && path=
      printf '%s\n' "$mount$path"
      break
    done
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

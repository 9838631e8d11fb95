#!/bin/sh
# Becomes one lab host: host.sh IMAGE FOLDER NAME [SOURCE:TARGET…]
# Joins the host's own cgroups, then starts its init in its own namespaces (init.sh). The process
# that stays here dies with the init, and the init with it, so killing either is a power cut.
# FOLDER/cgroups lists what `lab down` has to remove; it is written before anything is made.
set -eu

folder=$2 name=$3
self=$(dirname "$(readlink -f "$0")")

. "$self/cgroups.sh"

group=proximity-lan-$(printf %s "$folder" | cksum | cut -d' ' -f1)-$name
hierarchies | sed "s|\$|/$group|" >"$folder/cgroups"
while read -r cgroup; do
  enter "$cgroup"
done <"$folder/cgroups"

exec unshare --net --mount --uts --ipc --pid --cgroup --fork --kill-child \
  "$self/init.sh" "$@"

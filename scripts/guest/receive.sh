#!/bin/sh
# Runs inside the guest: takes a bundle as tar on stdin and runs one of its scripts.
# Only what every family has: sh, tar, mktemp, flock.
set -eu
script=$1
shift
# Every init mounts /run early in its start; what was put there before would vanish.
tries=0
while ! [ -d /run/systemd/system ] && ! [ -e /run/openrc/softlevel ]; do
  tries=$((tries + 1))
  if [ "$tries" -gt 300 ]; then
    echo "receive.sh: the init of this container has not come up within 30 s" >&2
    exit 1
  fi
  sleep 0.1
done
umask 077
bundle=$(mktemp -d /run/proximity.XXXXXX)
trap 'rm -rf "$bundle"' EXIT
tar -xf - -C "$bundle"
cd "$bundle"
# A look changes nothing, so it neither waits for an update nor leaves anything.
if [ "$script" = look.sh ]; then
  sh scripts/look.sh </dev/null
  exit
fi
# One at a time: an update that was cut off may still be running here. BusyBox's flock knows no limit.
exec 9>/run/proximity.lock
tries=0
while ! flock -n 9; do
  tries=$((tries + 1))
  if [ "$tries" -gt 3000 ]; then
    echo "receive.sh: an earlier update has held this container for 10 minutes" >&2
    exit 1
  fi
  sleep 0.2
done
# The lock is this shell's alone: a daemon that the script starts would hold it for ever.
code=0
sh "scripts/$script" "$@" </dev/null 9>&- || code=$?
# Bounded, so that the observation in front of them is never cut off (guest.sh).
[ ! -e notices ] || head -n 10 notices | cut -c 1-300
if [ "$code" != 0 ]; then
  # Programs report a full disk in different words, some only as an input or output error.
  if [ "$(df -kP / | awk 'NR == 2 { print ($4 < 1024) }')" = 1 ]; then
    echo "$script: No space left on the disk of this container. Free some, or give it a larger one (disk)" >&2
  fi
  exit "$code"
fi
# What the script left, for look.sh to compare with.
left=/var/lib/proximity/placed/$script
mkdir -p "$left"
rm -rf "$left.new"
mkdir "$left.new"
[ ! -e files ] || cp -Rp files "$left.new/files"
[ ! -e kept ] || cp kept "$left.new/kept"
rm -rf "$left"
mv "$left.new" "$left"

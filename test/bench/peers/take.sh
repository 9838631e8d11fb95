#!/usr/bin/env bash
# Takes from the guests that this program built what the others are given: files/VMID, files/node and
# macs/VMID, next to this script.
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p files/node macs
cp /etc/network/interfaces.d/proximity-lan /etc/sysctl.d/60-proximity-lan.conf files/node/
for vmid in 100 101 102 103; do
  # Each script's files are in a separate folder there; a guest may have none.
  placed=$(mktemp -d)
  pct exec "$vmid" -- tar -C /var/lib/proximity/placed -cf - . | tar -xf - -C "$placed"
  mkdir -p "files/$vmid"
  for folder in "$placed"/*/files; do
    [ ! -d "$folder" ] || cp -a "$folder/." "files/$vmid"
  done
  rm -r "$placed"
  sed -n 's/^net[0-9]*: .*hwaddr=\([0-9A-F:]*\).*/\1/p' "/etc/pve/lxc/$vmid.conf" >"macs/$vmid"
done

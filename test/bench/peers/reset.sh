#!/usr/bin/env bash
# Removes the bench's site from the node, whichever tool built it.
set -euo pipefail
for vmid in 103 102 101 100; do
  [ ! -e "/etc/pve/lxc/$vmid.conf" ] || pct destroy "$vmid" --force >/dev/null 2>&1
done
rm -f /etc/network/interfaces.d/proximity-lan /etc/sysctl.d/60-proximity-lan.conf
ifreload -a

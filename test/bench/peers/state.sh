#!/usr/bin/env bash
# Prints what is on the node, as text that does not depend on the tool that built it: the guests, their packages, the content
# of the files that were placed, and which services run.
set -euo pipefail
cd "$(dirname "$0")"
for vmid in 100 101 102 103; do
  echo "== $vmid"
  grep -E '^(hostname|cores|memory|swap|onboot|unprivileged|features|nameserver|searchdomain|net[0-9]+|rootfs):' "/etc/pve/lxc/$vmid.conf" |
    sed -E 's/,(firewall|host-managed)=0//g; s/,type=veth//' | sort
  mapfile -t files < <(cd "files/$vmid" && find . -type f | sort)
  pct exec "$vmid" -- sh -eus "${files[@]}" <<'SH'
cd /
[ $# = 0 ] || sha256sum "$@"
dpkg-query -W -f '${Package} ${Version}\n'
systemctl list-units --state=running,listening --no-legend --plain | cut -d ' ' -f 1 |
  grep -E '^(caddy|dnsmasq|nginx|notes|board|proximity-probe)\.service|^cockpit\.socket' | sort
SH
done
ip -brief link show dev proximity-lan | awk '{ print $1, $2 }'
for app in nginx-01 notes board; do
  pct exec 100 -- curl -s -o /dev/null -w "$app answers %{http_code}\n" "http://127.0.0.1:8080/$app/"
done

#!/usr/bin/env bash
# The bench's site as one would script it on the node, with nothing looked at twice: the least that any tool
# has to do. Run as root on a node that has none of it. Above it lie the finished files, files/VMID and
# files/node, and macs/VMID with a line for each interface.
set -euo pipefail
cd "$(dirname "$0")/.."
template=local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst

main() {
  bridge
  guest 100 prox-appliance 8 --startup order=1 \
    --net0 "name=eth0,bridge=vmbr0,ip=dhcp,hwaddr=$(mac 100 1)" \
    --net1 "name=eth1,bridge=proximity-lan,ip=10.20.0.1/24,hwaddr=$(mac 100 2)"
  fill 100 caddy curl dnsmasq dnsmasq-utils jq nftables cockpit-bridge cockpit-system cockpit-ws
  appliance
  app 101 nginx-01 nginx-light nginx &
  app 102 notes busybox notes &
  app 103 board busybox board &
  wait -n && wait -n && wait -n
}

mac() { # VMID NUMBER
  sed -n "$2p" "macs/$1"
}

bridge() {
  cp files/node/proximity-lan /etc/network/interfaces.d/proximity-lan
  cp files/node/60-proximity-lan.conf /etc/sysctl.d/60-proximity-lan.conf
  ifreload -a
}

guest() { # VMID NAME DISK OPTION...
  local vmid=$1 name=$2 disk=$3
  shift 3
  pct create "$vmid" "$template" --hostname "$name" --unprivileged 1 --features nesting=1 --onboot 1 \
    --cores 1 --memory 512 --swap 0 --storage local-lvm --rootfs "local-lvm:$disk" --start 1 "$@" >/dev/null 2>&1
  until pct exec "$vmid" -- sh -c 'test -d /run/systemd/system && ip -4 route show default | grep -q .'; do sleep 0.2; done
}

# Packages before files: Debian asks about a file of a package that is there already.
fill() { # VMID PACKAGE...
  local vmid=$1
  shift
  pct exec "$vmid" -- sh -c 'export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update && apt-get -qq -y install --no-install-recommends "$@" >/dev/null 2>&1' sh "$@"
  tar -C "files/$vmid" -cf - . | pct exec "$vmid" -- tar -xf - -C /
}

appliance() {
  pct exec 100 -- sh -eu <<'SH'
sysctl -q -p /etc/sysctl.d/60-proximity.conf
systemctl daemon-reload
nft -f /etc/nftables.conf
proximity-sets
systemctl -q enable nftables proximity-probe cockpit.socket
systemctl start cockpit.socket
systemctl restart dnsmasq caddy proximity-probe
until [ -s /run/proximity/status.json ]; do sleep 0.2; done
SH
}

app() { # VMID NAME PACKAGE SERVICE
  guest "$1" "$2" 4 --nameserver 10.20.0.1 --searchdomain prox.local \
    --net0 "name=eth0,bridge=proximity-lan,ip=dhcp,hwaddr=$(mac "$1" 1)"
  fill "$1" "$3"
  pct exec "$1" -- sh -eus "$4" <<'SH'
systemctl daemon-reload
systemctl -q enable "$1"
systemctl restart "$1"
SH
}

main

#!/usr/bin/env bash
# A container where the appliance stands, between the LAN and the apps' bridge, with Debian's daemons and the
# least configuration that does their work; the files for /etc are next to this script, in etc.
# Run as root on the node: plain.sh VMID ADDRESS/BITS. Prints its address on the LAN.
set -euo pipefail
cd "$(dirname "$0")"
template=local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst

main() { # VMID ADDRESS/BITS
  pct create "$1" "$template" --hostname plain --unprivileged 1 --features nesting=1 \
    --cores 1 --memory 512 --swap 0 --storage local-lvm --rootfs local-lvm:8 --start 1 \
    --net0 name=eth0,bridge=vmbr0,ip=dhcp --net1 "name=eth1,bridge=proximity-lan,ip=$2" >/dev/null 2>&1
  wait_for_network "$1"
  pct exec "$1" -- sh -c 'export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update && apt-get -qq -y install --no-install-recommends caddy dnsmasq nftables' >/dev/null 2>&1
  tar -cf - etc | pct exec "$1" -- tar -xf - -C / --no-same-owner
  pct exec "$1" -- sh -c 'sysctl -qw net.ipv4.ip_forward=1 && systemctl restart dnsmasq caddy'
  pct exec "$1" -- ip -4 -o address show eth0 | awk '{ sub("/.*", "", $4); print $4 }'
}

wait_for_network() { # VMID
  local tries
  for tries in $(seq 300); do
    ! pct exec "$1" -- sh -c 'test -d /run/systemd/system && ip -4 route show default | grep -q .' || return 0
    sleep 0.2
  done
  echo "plain.sh: $1 has no network after $((tries / 5)) s" >&2
  return 1
}

main "$@"

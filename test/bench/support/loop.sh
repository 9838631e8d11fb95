#!/usr/bin/env bash
# The bench's site of many apps as a shell loop on the node builds it, with nothing looked at twice: the least
# that any tool has to do. Run as root on a node.
# Finished files and MACs are in FOLDER next to this script.
#
#   loop.sh FOLDER take                    takes them from the guests that this program built
#   loop.sh FOLDER site APPS PARALLEL      builds bridge, appliance and so many apps, from nothing
#   loop.sh FOLDER apps FIRST LAST PARALLEL      these apps alone, by their numbers
#   loop.sh FOLDER clear FIRST LAST        takes these apps away again
#   loop.sh FOLDER add NUMBER              one app more: the appliance's files, then the app
#   loop.sh FOLDER back NUMBER             takes the app away, and lays the appliance's files of FOLDER back
#   loop.sh FOLDER reset                   takes all guests off the node, and the bridge
set -euo pipefail
program=$(realpath "$0")
mkdir -p "$(dirname "$program")/$1"
cd "$(dirname "$program")/$1"
folder=$1
shift
template=local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst

main() {
  local verb=$1
  shift
  case $verb in
  take | reset) "$verb" ;;
  apps | app) "$verb" "$@" ;;
  clear) seq "$((200 + $1))" "$((200 + $2))" | xargs -P 4 -I{} pct destroy {} --force >/dev/null ;;
  site)
    bridge
    appliance
    apps 1 "$1" "$2"
    ;;
  add)
    tell_appliance
    app "$1"
    ;;
  back) back "$((200 + $1))" ;;
  *)
    echo "loop.sh: unknown verb $verb" >&2
    return 2
    ;;
  esac
}

# A container that is killed keeps its lease, and with it its name; the next one of its MAC is another client.
back() { # VMID
  local mac
  mac=$(sed -n 's/^net0: .*hwaddr=\([0-9A-F:]*\).*/\1/p' "/etc/pve/lxc/$1.conf")
  pct destroy "$1" --force >/dev/null
  pct exec 100 -- sh -eus "${mac,,}" <<'SH'
grep " $1 " /var/lib/misc/dnsmasq.leases | while read -r _ mac address _ client; do
  dhcp_release eth1 "$address" "$mac" "$client"
done
SH
  tell_appliance
}

tell_appliance() {
  tar -C files/100 -cf - . | pct exec 100 -- sh -euc '
    tar -xf - -C /
    nft -f /etc/nftables.conf
    proximity-sets
    systemctl kill -s HUP dnsmasq
    systemctl reload caddy'
}

take() {
  rm -rf files macs
  mkdir -p files/node macs
  cp /etc/network/interfaces.d/proximity-lan /etc/sysctl.d/60-proximity-lan.conf files/node/
  # All apps have the same files.
  for vmid in 100 201; do
    placed=$(mktemp -d)
    mkdir -p "files/$vmid"
    pct exec "$vmid" -- tar -C /var/lib/proximity/placed -cf - . | tar -xf - -C "$placed"
    for folder in "$placed"/*/files; do
      [ ! -d "$folder" ] || cp -a "$folder/." "files/$vmid"
    done
    rm -r "$placed"
  done
  for conf in /etc/pve/lxc/*.conf; do
    sed -n 's/^net[0-9]*: .*hwaddr=\([0-9A-F:]*\).*/\1/p' "$conf" >"macs/$(basename "$conf" .conf)"
  done
}

mac() { # VMID NUMBER
  sed -n "$2p" "macs/$1"
}

bridge() {
  cp files/node/proximity-lan /etc/network/interfaces.d/proximity-lan
  cp files/node/60-proximity-lan.conf /etc/sysctl.d/60-proximity-lan.conf
  ifreload -a
}

create() { # VMID NAME DISK MEMORY OPTION...
  local vmid=$1 name=$2 disk=$3 memory=$4
  shift 4
  pct create "$vmid" "$template" --hostname "$name" --unprivileged 1 --features nesting=1 --onboot 1 --cores 1 \
    --memory "$memory" --swap 0 --storage local-lvm --rootfs "local-lvm:$disk" --start 1 "$@" >/dev/null
}

appliance() {
  create 100 prox-appliance 8 512 --startup order=1 \
    --net0 "name=eth0,bridge=vmbr0,ip=dhcp,hwaddr=$(mac 100 1)" \
    --net1 "name=eth1,bridge=proximity-lan,ip=10.20.0.1/24,hwaddr=$(mac 100 2)"
  # Packages before files: Debian asks about a file of a package that is there already.
  pct exec 100 -- sh -euc 'until [ -d /run/systemd/system ] && ip -4 route show default | grep -q .; do sleep 0.2; done
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update
    apt-get -qq -y install --no-install-recommends caddy curl dnsmasq dnsmasq-utils jq nftables >/dev/null 2>&1'
  tar -C files/100 -cf - . | pct exec 100 -- tar -xf - -C /
  pct exec 100 -- sh -eu <<'SH'
sysctl -q -p /etc/sysctl.d/60-proximity.conf
systemctl daemon-reload
nft -f /etc/nftables.conf
proximity-sets
systemctl -q enable nftables proximity-probe
systemctl restart dnsmasq caddy proximity-probe
until [ -s /run/proximity/status.json ]; do sleep 0.2; done
SH
}

apps() { # FIRST LAST PARALLEL
  # None at all is for trying.
  [ "$1" -le "$2" ] || return 0
  seq "$1" "$2" | xargs -P "$3" -I{} bash "$program" "$folder" app {}
}

app() { # NUMBER
  local vmid=$((200 + $1))
  create "$vmid" "$(printf 'app-%03d' "$1")" 1 128 --nameserver 10.20.0.1 --searchdomain prox.local \
    --net0 "name=eth0,bridge=proximity-lan,ip=dhcp,hwaddr=$(mac "$vmid" 1)"
  # 1F40 is port 8000, and 0A a socket that listens.
  tar -C files/201 -cf - . | pct exec "$vmid" -- sh -euc '
    until [ -d /run/systemd/system ] && ip -4 route show default | grep -q .; do sleep 0.2; done
    tar -xf - -C /
    systemctl daemon-reload
    systemctl -q enable answer
    systemctl restart answer
    until grep -q "00000000:1F40 00000000:0000 0A" /proc/net/tcp; do sleep 0.2; done'
}

reset() {
  for conf in /etc/pve/lxc/*.conf; do
    [ ! -e "$conf" ] || basename "$conf" .conf
  done | xargs -r -P 4 -I{} pct destroy {} --force >/dev/null
  rm -f /etc/network/interfaces.d/proximity-lan /etc/sysctl.d/60-proximity-lan.conf
  ifreload -a
}

main "$@"

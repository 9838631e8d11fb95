#!/usr/bin/env bash
# A macvlan port of the node's own over the LAN's bridge, by which it reaches one macvlan guest: a bridge
# and the macvlan ports over it do not see each other. Kept as a stanza in interfaces.d.
#
#   host-shim.sh apply  VMID BRIDGE ADDRESS
#   host-shim.sh remove VMID BRIDGE ADDRESS
export program=host-shim.sh

main() {
  local verb=${1:?verb} vmid=${2:?vmid}
  shim=shim$vmid
  stanza=/etc/network/interfaces.d/$shim
  case $verb in
  apply) apply "${3:?bridge}" "${4:?address}" ;;
  remove) remove ;;
  *) die "unknown verb $verb" ;;
  esac
}

apply() { # BRIDGE ADDRESS
  local changed=
  [ -e "$stanza" ] || [ ! -e "/sys/class/net/$shim" ] ||
    die "an interface $shim exists already and was not made by this program"
  if stanza_text "$@" | place "$stanza" 0644; then
    changed=1
  fi
  if [ -n "$changed" ] && [ -e "/sys/class/net/$shim" ]; then ifdown "$shim" >&2; fi
  if ! has_route "$2"; then
    ifup "$shim" >&2 || die "ifup $shim failed; its words are above"
  fi
  has_route "$2" || die "there is no route to $2 by $shim after ifup. Is 'source /etc/network/interfaces.d/*' in /etc/network/interfaces?"
}

remove() {
  [ -e "$stanza" ] || return 0
  ifdown "$shim" >&2 || die "ifdown $shim failed; its words are above"
  rm -f "$stanza"
  [ ! -e "/sys/class/net/$shim" ] || ip link delete dev "$shim"
}

has_route() { # ADDRESS
  ip -4 route show "$1/32" dev "$shim" 2>/dev/null | grep -q .
}

# arp_filter: it speaks for the node to this guest alone, or the LAN would see the node under two MACs.
stanza_text() { # BRIDGE ADDRESS
  cat <<EOT
# Written by proximity-lan. A change made here by hand is replaced by the next update.
auto $shim
iface $shim inet manual
	pre-up ip link show dev $shim >/dev/null 2>&1 || ip link add $shim link $1 type macvlan mode bridge
	up echo 1 > /proc/sys/net/ipv4/conf/$shim/arp_filter
	up echo 1 > /proc/sys/net/ipv6/conf/$shim/disable_ipv6
	up ip link set dev $shim up
	up ip route replace $2/32 dev $shim
	post-down ip link delete dev $shim
EOT
}

main "$@"

#!/bin/sh
# Replies leave by the interface on which the request came in, and all else by the public router; what is
# so already stays. Kept in the guest as /usr/local/sbin/proximity-public-routes, run at each start by
# proximity-public.service and by the DHCP client when eth0's lease is new.
#
# From /etc/proximity/public: public_address (with prefix), public_gateway and internal_gateway, both empty
# when there is none. What DHCP said of the inner router is in /run/proximity-internal-gateway.
set -eu
public_address='' public_gateway='' internal_gateway=''
lease=/run/proximity-internal-gateway

main() {
  # shellcheck source=/dev/null # rendered: three assignments
  . /etc/proximity/public
  [ -n "$internal_gateway" ] || [ ! -s "$lease" ] || internal_gateway=$(cat "$lease")
  side 1000 eth0 "$(address_of eth0)" "$internal_gateway"
  side 1001 eth1 "${public_address%/*}" "$public_gateway"
  # Without its interface (not up yet, or already taken away) the inner default route is better than none.
  [ -z "$public_gateway" ] || [ -z "$(address_of eth1)" ] || default_by_public
}

# A table for what has this side's address as its source.
side() { # TABLE INTERFACE ADDRESS GATEWAY
  drop_stale_rules "$1" "$3"
  [ -n "$3" ] || return 0
  network=$(ip -4 route show dev "$2" scope link proto kernel src "$3" | awk '{ print $1; exit }')
  [ -n "$network" ] || return 0
  ip route replace "$network" dev "$2" src "$3" table "$1"
  if [ -n "$4" ]; then
    ip route replace default via "$4" dev "$2" table "$1"
  elif [ -n "$(ip -4 route show default table "$1")" ]; then
    ip route delete default table "$1"
  fi
  [ -n "$(ip -4 rule show pref "$1")" ] || ip rule add pref "$1" from "$3" lookup "$1"
}

# Rules of an address that the side no longer has.
drop_stale_rules() { # TABLE ADDRESS
  while ip -4 rule show pref "$1" | grep -v "from ${2:-none} lookup" | grep -q .; do
    ip rule delete pref "$1"
  done
}

# One default route, by the public router.
default_by_public() {
  [ "$(ip -4 route show default | awk '{ print $3, $5 }')" != "$public_gateway eth1" ] || return 0
  while [ -n "$(ip -4 route show default)" ]; do ip route delete default; done
  ip route add default via "$public_gateway" dev eth1
}

address_of() { # INTERFACE
  ip -4 -o address show dev "$1" scope global | awk '{ sub("/.*", "", $4); print $4; exit }'
}

main "$@"

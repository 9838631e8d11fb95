#!/bin/sh
# Places the appliance's files, checked by the daemons' own checkers, and sees that all of it runs.
# On any failure the old files and the old configuration stay, and the checker's words are the error.
#
#   appliance-services.sh dhcp|WAN-ADDRESS/PREFIX LAN-ADDRESS console|no-console PROXY-PORT...
#
# Prints what was observed as one line of JSON.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

main() {
  wan_address=$1 lan_address=$2 console=$3
  shift 3
  wait_for_network eth0
  [ "$wan_address" = dhcp ] || [ "$(address_of eth0)" = "${wan_address%/*}" ] ||
    die "eth0 has the address $(address_of eth0) instead of $wan_address. Was it changed inside the container?"
  wait_until 15 has_address eth1 || die "eth1 has no address; the bridge of the private network may be missing"
  changed=$(changed_files)
  validate
  for path in $changed; do place_file "$path"; done
  # In a subshell, so that verify's refusal leads here and not out.
  if ! { activate && (verify "$@"); }; then
    for path in $changed; do restore_file "$path"; done
    note "putting back the files that were there before"
    if activate; then all_in_use; else note "and the earlier configuration did not come up either"; fi
    exit 1
  fi
  all_in_use
  keep_list
  printf '{"wanAddress":"%s","lanAddress":"%s"}\n' "$(address_of eth0)" "$(address_of eth1)"
}

# Nothing is touched before every checker has agreed to every new file.
validate() {
  dnsmasq --test --conf-file=files/etc/dnsmasq.d/proximity.conf 2>check.log ||
    die "dnsmasq refuses its configuration: $(cat check.log)"
  nft -c -f files/etc/nftables.conf 2>check.log ||
    die "nft refuses the ruleset: $(cat check.log)"
  caddy validate --adapter caddyfile --config files/etc/caddy/Caddyfile >check.log 2>&1 ||
    die "caddy refuses its configuration: $(grep -v '"level":"info"' check.log)"
}

# Loads what changed and starts what does not run; a failure of any part is the failure of all.
activate() {
  sysctl -q -p /etc/sysctl.d/60-proximity.conf || return 1
  has_changed 'etc/systemd/' && { systemctl daemon-reload || return 1; }
  # The filter first: no service is reachable before it is in force.
  nft -f /etc/nftables.conf || return 1
  keep_enabled nftables || return 1
  if has_changed 'etc/dnsmasq.d/'; then
    systemctl restart dnsmasq || return 1
  elif has_changed 'etc/proximity/dhcp-hosts' && systemctl -q is-active dnsmasq; then
    systemctl kill -s HUP dnsmasq || return 1
  fi
  keep_running dnsmasq || return 1
  if has_changed 'etc/caddy/' && systemctl -q is-active caddy; then
    systemctl reload caddy || return 1
  fi
  keep_running caddy || return 1
  if has_changed 'usr/local/lib/proximity/' || has_changed 'etc/systemd/system/proximity-probe'; then
    systemctl restart proximity-probe || return 1
  fi
  keep_running proximity-probe || return 1
  if [ "$console" = console ]; then
    keep_running cockpit.socket
  elif systemctl -q is-enabled cockpit.socket 2>/dev/null; then
    systemctl -q disable --now cockpit.socket
  fi
}

# For look.sh.
keep_list() {
  kept switches /etc/sysctl.d/60-proximity.conf
  kept rules '/etc/nftables.conf inet proximity'
  kept enabled nftables dnsmasq caddy proximity-probe
  kept running dnsmasq caddy proximity-probe
  [ "$console" != console ] || { kept enabled cockpit.socket && kept running cockpit.socket; }
}

has_changed() { # PREFIX
  printf '%s\n' "$changed" | grep -q "^$1"
}

keep_running() { # UNIT
  keep_enabled "$1" || return 1
  is_running "$1" && return 0
  systemctl reset-failed "$1"
  systemctl start "$1" && return 0
  note "$1 does not start: $(journalctl -q -n 10 -o cat -u "$1")"
  return 1
}

# What the outputs will claim is looked at here, on the sockets themselves.
verify() { # PROXY-PORT...
  [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ] || die "net.ipv4.ip_forward is not 1"
  nft list table inet proximity >/dev/null || die "the ruleset is not loaded"
  wait_until 10 listens udp 53 || die "dnsmasq does not listen for DNS on $lan_address"
  wait_until 10 listens udp 67 || die "dnsmasq does not listen for DHCP"
  for port in "$@"; do
    wait_until 10 listens tcp "$port" || die "caddy does not listen on port $port"
  done
  [ "$console" = no-console ] || wait_until 10 listens tcp 9090 || die "cockpit does not listen on port 9090"
  wait_until 20 test -s /run/proximity/status.json || die "the probe writes no status: $(journalctl -q -n 5 -o cat -u proximity-probe)"
}

listens() { # tcp|udp PORT
  [ -n "$(ss -Hln "--$1" "sport = :$2")" ]
}

main "$@"

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
  gone=$(removed_macs)
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
  release_leases "$gone"
  printf '{"wanAddress":"%s","lanAddress":"%s"}\n' "$(address_of eth0)" "$(address_of eth1)"
}

# Nothing is touched before every checker has agreed to every new file.
validate() {
  check_dnsmasq etc/dnsmasq.d/proximity.conf ''
  # What dnsmasq re-reads it never refuses, it only says so in its log: asked here as if it were its own.
  check_dnsmasq etc/proximity/dhcp-hosts dhcp-host=
  check_dnsmasq etc/proximity/dhcp-options dhcp-option=
  check_dnsmasq etc/proximity/servers ''
  ! has_changed "$ruleset" || nft -c -f "files/$ruleset" 2>check.log ||
    die "nft refuses the ruleset: $(cat check.log)"
  ! has_changed etc/caddy/ || check_caddy files/etc/caddy/Caddyfile ||
    die "caddy refuses its configuration: $(in_sentences <check.log)"
}

check_dnsmasq() { # FILE OPTION
  has_changed "$1" || return 0
  sed "/^#/!s/^./$2&/" "files/$1" >dnsmasq.conf
  dnsmasq --test --conf-file=dnsmasq.conf 2>check.log ||
    die "dnsmasq refuses /$1: $(cat check.log)"
}

# Loads what changed and starts what does not run; a failure of any part is the failure of all.
activate() {
  sysctl -q -p /etc/sysctl.d/60-proximity.conf || return 1
  keep_switches || return 1
  if has_changed 'etc/\(systemd\|init.d\)/'; then read_services || return 1; fi
  # The filter first: no service is reachable before it is in force.
  keep_enabled "$filter_service" || return 1
  if is_running "$filter_service"; then
    proximity-filter start "/$ruleset" || return 1
  else
    start_service "$filter_service" || complain "$filter_service" || return 1
  fi
  proximity-sets || return 1
  if has_changed 'etc/\(dnsmasq.d/\|conf.d/dnsmasq\)'; then
    restart_service dnsmasq || complain dnsmasq || return 1
  elif has_changed 'etc/proximity/\(hosts\|servers\|dhcp-\)' && is_running dnsmasq; then
    hang_up dnsmasq || return 1
  fi
  is_running dnsmasq || proximity-sets mend || return 1
  keep_running dnsmasq || return 1
  if is_running caddy; then
    if has_changed 'etc/\(systemd/system\|init.d\|conf.d\)/caddy' || ! takes_reload; then
      restart_service caddy || complain caddy || return 1
    elif has_changed 'etc/caddy/'; then
      reload_service caddy || complain caddy || return 1
    fi
  fi
  keep_running caddy || return 1
  if has_changed 'usr/local/lib/proximity/' || has_changed 'etc/\(systemd/system\|init.d\)/proximity-probe'; then
    restart_service proximity-probe || complain proximity-probe || return 1
  fi
  keep_running proximity-probe || return 1
  if [ "$console" = console ]; then
    keep_running cockpit.socket
  else
    drop_service cockpit.socket
  fi
}

# Caddy is asked to reload where the file in place has its admin API. One that has been running since before
# that file is elsewhere, and has to be restarted.
takes_reload() {
  admin=$(sed -n 's/^[[:space:]]*admin //p' /etc/caddy/Caddyfile)
  case $admin in
  unix/*) [ -S "${admin#unix/}" ] ;;
  *:*) listens tcp "${admin##*:}" ;;
  *) return 1 ;;
  esac
}

# For look.sh.
keep_list() {
  kept switches /etc/sysctl.d/60-proximity.conf
  kept filter "/$ruleset"
  kept file /var/lib/misc/proximity.dhcp-hosts
  kept enabled "$filter_service" dnsmasq caddy proximity-probe
  kept running "$filter_service" dnsmasq caddy proximity-probe
  [ "$console" != console ] || { kept enabled cockpit.socket && kept running cockpit.socket; }
}

# MACs that are declared in the list in place and in the new one no more.
removed_macs() {
  [ -e /etc/proximity/dhcp-hosts ] || return 0
  awk -F, '/^#/ { next } NR == FNR { declared[$1] = 1; next } !($1 in declared) { print tolower($1) }' \
    files/etc/proximity/dhcp-hosts /etc/proximity/dhcp-hosts
}

# An app that is gone gives its address back; a pool of 151 would else be used up by 152 apps that
# came and went within the time of a lease.
release_leases() { # MACS
  for mac in $1; do
    awk -v mac="$mac" '$2 == mac { print $3, $2, $5 }' /var/lib/misc/dnsmasq.leases |
      while read -r address mac client; do
        set -- "$address" "$mac" "$client"
        [ "$client" != '*' ] || set -- "$address" "$mac"
        { command -v dhcp_release >/dev/null && dhcp_release eth1 "$@"; } ||
          inform "the lease of $address could not be released; it expires by itself"
      done
  done
}

has_changed() { # PREFIX
  printf '%s\n' "$changed" | grep -q "^$1"
}

keep_running() { # SERVICE
  keep_enabled "$1" || return 1
  is_running "$1" && return 0
  start_service "$1" || complain "$1"
}

# The service's own words: its manager only says that it failed.
complain() { # SERVICE
  note "$1 does not start: $(last_sentences "$1")"
  return 1
}

# What the outputs will claim is looked at here, on the sockets themselves.
verify() { # PROXY-PORT...
  [ "$(cat /proc/sys/net/ipv4/ip_forward)" = 1 ] || die "net.ipv4.ip_forward is not 1"
  nft list set inet proximity router | grep -q elements || die "the ruleset is not loaded, or does not know the way out"
  wait_until 10 listens udp 53 || die "dnsmasq does not listen for DNS on $lan_address"
  wait_until 10 listens udp 67 || die "dnsmasq does not listen for DHCP"
  for port in "$@"; do
    wait_until 10 listens tcp "$port" || die "caddy does not listen on port $port"
  done
  [ "$console" = no-console ] || wait_until 10 listens tcp 9090 || die "cockpit does not listen on port 9090"
  wait_until 20 test -s /run/proximity/status.json || die "the probe writes no status: $(last_sentences proximity-probe)"
}

main "$@"

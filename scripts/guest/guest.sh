#!/bin/sh
# Sets up a guest that is no app of the proxy: its packages, files, services, and what its interface on the
# LAN needs inside: filter, routes, and nginx on all interfaces.
#
#   guest.sh PUBLIC-ADDRESS NGINX-PORTS NGINX-FILES PACKAGES SERVICES
#
# PUBLIC-ADDRESS is empty when it has none; the others are lists with blanks between. Files come from the
# bundle. Prints what was observed as one line of JSON.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

# All that this program itself puts into a guest; what the bundle does not have goes.
own_files='etc/proximity/public etc/proximity/public.nft etc/systemd/system/proximity-public.service
etc/systemd/system/proximity-filter.service etc/sysctl.d/60-proximity-public.conf
etc/dhcp/dhclient-enter-hooks.d/proximity-public etc/dhcp/dhclient-exit-hooks.d/proximity-public
usr/local/sbin/proximity-public-routes usr/local/sbin/nginx-config-set-listen-all-interfaces'

main() {
  public=$1 nginx_ports=$2 nginx_files=$3 packages=$4 services=$5
  wait_until 60 has_address eth0 ||
    die "eth0 has no IPv4 address after 60 s. Does the network behind it answer DHCP? Its log: journalctl -u networking"
  [ -z "$public" ] || wait_until 30 has_public || die "eth1 has $(address_of eth1) where $public is declared"
  # The filter first, or what the packages start would be open for a moment.
  if is_filtered; then install_packages nftables; fi
  set_up_public
  # shellcheck disable=SC2086 # a list of names without blanks
  install_packages $packages
  set_up_services
  all_in_use
  printf '{"address":"%s","publicAddress":"%s","publicMac":"%s","openPorts":[%s]}\n' \
    "$(address_of eth0)" "$(address_of eth1)" "$(mac_of eth1)" "$(ports_on_all)"
}

# A filter of its own inside the guest, where the node has none for it.
is_filtered() {
  [ -e files/etc/proximity/public.nft ]
}

is_own() { # PATH
  for own in $own_files; do
    [ "$own" != "$1" ] || return 0
  done
  return 1
}

has_public() {
  [ "$(address_of eth1)" = "${public%/*}" ]
}

mac_of() { # INTERFACE
  [ ! -e "/sys/class/net/$1/address" ] || cat "/sys/class/net/$1/address"
}

# TCP ports that answer on every interface.
ports_on_all() {
  ss -Hltn | awk '$4 ~ /^(0\.0\.0\.0|\*|\[::\]):/ { sub(".*:", "", $4); print $4 }' | sort -nu | paste -sd , -
}

set_up_public() {
  changed=$(changed_files)
  if is_filtered; then
    nft -c -f files/etc/proximity/public.nft 2>check.log || die "nft refuses the filter: $(cat check.log)"
  fi
  for path in $changed; do
    if is_own "$path"; then place_file "$path"; fi
  done
  remove_undeclared
  systemctl daemon-reload
  if is_filtered; then
    systemctl -q is-enabled proximity-filter 2>/dev/null || systemctl -q enable proximity-filter
    nft -f /etc/proximity/public.nft
    systemctl -q is-active proximity-filter || systemctl start proximity-filter
  fi
  [ -z "$public" ] || set_up_routes
}

set_up_routes() {
  sysctl -q -p /etc/sysctl.d/60-proximity-public.conf
  systemctl -q is-enabled proximity-public 2>/dev/null || systemctl -q enable proximity-public
  systemctl restart proximity-public || die "the routes cannot be set: $(journalctl -q -n 5 -o cat -u proximity-public)"
}

# What an earlier declaration left: units are stopped, their files and routes go.
remove_undeclared() {
  [ -n "$public" ] || [ ! -x /usr/local/sbin/proximity-public-routes ] || forget_routes
  for path in $own_files; do
    if [ ! -e "/$path" ] || [ -e "files/$path" ]; then continue; fi
    case $path in
    */proximity-filter.service | */proximity-public.service)
      unit=$(basename "$path")
      systemctl -q disable --now "$unit"
      # It may have failed at a start without the interface; what is gone is not to be told as failed.
      if systemctl -q is-failed "$unit"; then systemctl reset-failed "$unit"; fi
      ;;
    esac
    rm -f "/$path"
  done
}

forget_routes() {
  for table in 1000 1001; do
    while ip rule delete pref "$table" 2>/dev/null; do :; done
    ip route flush table "$table" 2>/dev/null || true # a table that never was is empty, too
  done
}

set_up_services() {
  open_nginx
  changed=$(changed_files)
  for path in $changed; do place_file "$path"; done
  if [ -n "$changed" ]; then systemctl daemon-reload; fi
  for service in $services; do run_service "$service"; done
  # The tool itself looks at what nginx does with its files, and starts it anew where a reload is not enough.
  # shellcheck disable=SC2046,SC2086 # lists of words without blanks
  [ -z "$nginx_files" ] || nginx-config-set-listen-all-interfaces $(port_flags) $nginx_files >&2 ||
    die "nginx is not open to all interfaces; its words are above"
}

# The bundle's own nginx files are opened before they are compared, or each would seem changed every time.
open_nginx() {
  for path in $nginx_files; do
    [ -e "files$path" ] || continue
    # shellcheck disable=SC2046 # likewise
    perl files/usr/local/sbin/nginx-config-set-listen-all-interfaces $(port_flags) --files-only "files$path" >&2 ||
      die "$path cannot be opened to all interfaces; the words are above"
  done
}

port_flags() {
  for port in $nginx_ports; do printf -- '--port %s ' "$port"; done
}

run_service() { # UNIT
  systemctl -q is-enabled "$1" 2>/dev/null || systemctl -q enable "$1" || die "$1 cannot be enabled"
  if [ -n "$changed" ]; then
    systemctl restart "$1" || failed "$1"
  else
    systemctl -q is-active "$1" || systemctl start "$1" || failed "$1"
  fi
}

failed() { # UNIT
  die "$1 does not start: $(journalctl -q -n 10 -o cat -u "$1")"
}

main "$@"

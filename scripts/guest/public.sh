# shellcheck shell=sh
# Sourced behind lib.sh by the scripts of guests that may have an interface on the LAN: what that needs
# inside, filter and routes. `public` is its address with prefix, empty without one; files come from the
# bundle. Debian alone has such guests (model/rules/family.ts).

# All that this program itself puts into a guest; what the bundle does not have goes.
own_files='etc/proximity/public etc/proximity/public.nft etc/systemd/system/proximity-public.service
etc/systemd/system/proximity-filter.service etc/sysctl.d/60-proximity-public.conf
etc/dhcp/dhclient-enter-hooks.d/proximity-public etc/dhcp/dhclient-exit-hooks.d/proximity-public
usr/local/sbin/proximity-public-routes usr/local/sbin/nginx-config-set-listen-all-interfaces'

# Waits for the interface, and sets up what the bundle has for it; what it no longer has goes.
set_up_public() {
  [ -z "$public" ] || wait_until 30 has_public || die "eth1 has $(public_address) where $public is declared"
  # The filter first, or what the packages start would be open for a moment.
  if is_filtered; then install_packages nftables; fi
  place_public
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
  [ "$(public_address)" = "${public%/*}" ]
}

public_address() {
  [ ! -e /sys/class/net/eth1 ] || address_of eth1
}

mac_of() { # INTERFACE
  [ ! -e "/sys/class/net/$1/address" ] || cat "/sys/class/net/$1/address"
}

place_public() {
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

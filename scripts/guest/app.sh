#!/bin/sh
# Sets up one app: app.sh GATEWAY PORT ADDRESS PUBLIC-ADDRESS PACKAGES SERVICES, files from the bundle.
# GATEWAY is empty for an app on the LAN, ADDRESS where none is reserved, PUBLIC-ADDRESS (with prefix) where
# it has no interface of its own there; the last two are lists with blanks between.
# Prints what was observed as one line of JSON.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
# shellcheck source=public.sh
. "$(dirname "$0")/public.sh"

main() {
  gateway=$1 port=$2 address=$3 public=$4 packages=$5 services=$6
  wait_for_network eth0
  [ -z "$gateway" ] || renew_lease
  if [ -n "$public" ] || [ -e /etc/proximity/public ]; then set_up_public; fi
  # shellcheck disable=SC2086 # a list of names without blanks
  install_packages $packages
  changed=$(changed_files)
  for path in $changed; do place_file "$path"; done
  [ -z "$services" ] || read_services
  for service in $services; do run_service "$service"; done
  all_in_use
  # An app without packages and files is set up by its owner: its silence is reported, not refused.
  if [ -n "$packages$services" ] || [ -d files ]; then
    wait_until 30 answers || die "nothing listens on port $port after 30 s, or only for the app itself (127.0.0.1). Which service should?"
  fi
  # shellcheck disable=SC2086 # lists of names without blanks
  kept package $packages && kept enabled $services
  for service in $services; do
    # What has done its work and ended need not run.
    ! is_running "$service" || kept running "$service"
  done
  printf '{"address":"%s","listening":%s,"publicAddress":"%s","publicMac":"%s"}\n' "$(address_of eth0)" \
    "$(answers && echo true || echo false)" "$(public_address)" "$(mac_of eth1)"
}

# The lease is asked for anew when a reservation came after it, or when the appliance was made anew and
# does not know of it: without that, the app would not be found until half the lease is over.
renew_lease() {
  if has_reserved && is_known; then return 0; fi
  note "asking DHCP anew; until now the address is $(address_of eth0)"
  { ifdown eth0 && ifup eth0; } >dhcp.log 2>&1 || die "eth0 cannot be taken down and up: $(tail -n 5 dhcp.log)"
  wait_for_network eth0
  has_reserved ||
    die "DHCP gave $(address_of eth0) where $address is reserved. Another app may still hold it (leases: /var/lib/misc/dnsmasq.leases in the appliance), or something else answers DHCP on this bridge"
  wait_until 10 is_known || die "the resolver $gateway does not know $(hostname) at $(address_of eth0). Does dnsmasq run in the appliance?"
}

has_reserved() {
  [ -z "$address" ] || [ "$(address_of eth0)" = "$address" ]
}

is_known() {
  resolved "$(hostname)" "$gateway" | grep -qxF "$(address_of eth0)"
}

# On loopback alone, nobody but the app itself would reach it.
answers() {
  waiting_on tcp "$port" | grep -qvE '^(......7F|0{24}01000000)$'
}

main "$@"

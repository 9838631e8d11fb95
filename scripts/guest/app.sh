#!/bin/sh
# Sets up one app: app.sh PORT ADDRESS PACKAGES SERVICES, files from the bundle. ADDRESS is the
# reserved one or empty, the last two are lists with blanks between.
# Prints what was observed as one line of JSON.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

main() {
  port=$1 address=$2 packages=$3 services=$4
  wait_for_network eth0
  [ -z "$address" ] || take_address "$address"
  # shellcheck disable=SC2086 # a list of names without blanks
  install_packages $packages
  changed=$(changed_files)
  for path in $changed; do place_file "$path"; done
  for service in $services; do run_service "$service"; done
  # An app without packages and files is set up by its owner: its silence is reported, not refused.
  if [ -n "$packages$services" ] || [ -d files ]; then
    wait_until 30 listens || die "nothing listens on port $port after 30 s. Which service should?"
  fi
  printf '{"address":"%s","listening":%s}\n' "$(address_of eth0)" "$(listens && echo true || echo false)"
}

# A reservation that came after the lease is taken at once, not when half the lease is over.
take_address() { # ADDRESS
  [ "$(address_of eth0)" != "$1" ] || return 0
  note "asking DHCP for $1 instead of $(address_of eth0)"
  ifdown eth0 >&2
  ifup eth0 >&2
  wait_for_network eth0
  [ "$(address_of eth0)" = "$1" ] ||
    die "DHCP gave $(address_of eth0) where $1 is reserved. Who else answers DHCP on this bridge?"
}

run_service() { # UNIT
  systemctl daemon-reload
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

listens() {
  [ -n "$(ss -Hltn "sport = :$port")" ]
}

main "$@"

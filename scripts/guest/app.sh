#!/bin/sh
# Sets up one app: app.sh PORT PACKAGES SERVICES (lists with blanks between), files from the bundle.
# Prints what was observed as one line of JSON.
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

main() {
  port=$1 packages=$2 services=$3
  wait_for_network eth0
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

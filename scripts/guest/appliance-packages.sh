#!/bin/sh
# Installs the packages of the appliance: appliance-packages.sh PACKAGE...
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"

main() {
  wait_for_network eth0
  install_packages "$@"
  kept package "$@"
}

main "$@"

#!/bin/sh
# Stands in for pulumi (and for schemagen) in the tests of toolchain/get.sh.
set -eu
case "$1 ${2:-}" in
"version ") echo "v$STUB_VERSION" ;;
"package get-schema") echo '{}' ;;
"plugin install")
  [ ! -e "$GO_BREAK/plugins" ]
  mkdir -p "${PULUMI_HOME:-$HOME/.pulumi}/plugins/resource-$4-v$5"
  ;;
esac

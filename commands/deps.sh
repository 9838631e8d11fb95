#!/usr/bin/env bash
# Gets what checks, tests and benchmarks need: Debian packages, and an nginx that is unpacked but never
# installed. An operator's commands need none of it.
# deps.sh TOOL... gets those too. Silent when all is there.
set -euo pipefail
cd "$(dirname "$0")/.."

main() {
  local missing=() tool
  for tool in busybox curl hyperfine jq openssl shellcheck shfmt "$@"; do
    command -v "$tool" >/dev/null || missing+=("$(package_of "$tool")")
  done
  [ "${#missing[@]}" = 0 ] || install "${missing[@]}"
  test/nginx/get.sh >/dev/null
}

package_of() { # TOOL
  case $1 in
  h2load) echo nghttp2-client ;;
  nft) echo nftables ;;
  *) echo "$1" ;;
  esac
}

install() { # PACKAGE...
  if [ "$(id -u)" != 0 ]; then
    echo "deps.sh: $* are missing and need root: sudo apt-get install $*" >&2
    exit 1
  fi
  echo "Installing $* (less than a minute)"
  apt-get -qq update
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends "$@" >/dev/null
}

main "$@"

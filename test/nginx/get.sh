#!/usr/bin/env bash
# Prints the folder of an unpacked nginx of Debian's, with its stream module: get.sh
# Fetched once as a package and never installed: the machine gets no web server by it.
set -euo pipefail

main() {
  local cache=${XDG_CACHE_HOME:-$HOME/.cache}/proximity-lan/nginx-debian new
  if [ ! -x "$cache/usr/sbin/nginx" ]; then
    mkdir -p "$(dirname "$cache")"
    new=$(mktemp -d "$cache.XXXXXX")
    (cd "$new" && download nginx libnginx-mod-stream) >&2
    for package in "$new"/*.deb; do dpkg-deb -x "$package" "$new"; done
    rm -rf "$cache" "$new"/*.deb
    mv "$new" "$cache"
  fi
  printf '%s\n' "$cache"
}

download() { # PACKAGE...
  apt-get -qq download "$@" 2>&1 && return 0
  [ "$(id -u)" = 0 ] || {
    echo "get.sh: apt knows no $*; refresh its lists as root: apt-get update" >&2
    return 1
  }
  apt-get -qq update && apt-get -qq download "$@"
}

main

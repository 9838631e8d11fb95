#!/bin/sh
# Debian's Chromium with the network of a process, NETWORK_OF, and this machine's files: a lab's host has
# no browser, and the browser no way out of the lab.
set -eu
exec nsenter --net --target "$NETWORK_OF" chromium "$@"

#!/usr/bin/env bash
# Installs the Debian packages that the checks need; silent when all are there.
set -euo pipefail

missing=()
for tool in curl shellcheck shfmt; do
  command -v "$tool" >/dev/null || missing+=("$tool")
done
[ "${#missing[@]}" -gt 0 ] || exit 0
if [ "$(id -u)" != 0 ]; then
  echo "deps.sh: ${missing[*]} are missing and need root: sudo apt-get install ${missing[*]}" >&2
  exit 1
fi
echo "Installing ${missing[*]} (about 20 s)"
apt-get -qq update
DEBIAN_FRONTEND=noninteractive apt-get -qq -y install --no-install-recommends "${missing[@]}" >/dev/null

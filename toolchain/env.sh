#!/bin/bash
# Prints the environment in which `pulumi` works for this project, for a shell to take over:
#   eval "$(toolchain/env.sh)"
# What is needed and missing is fetched or built first, with its progress on stderr.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/settings.sh"

if [ ! -f "$installed/kind" ] || [ ! -x "$installed/bin/pulumi" ]; then
  "$toolchain/get.sh" >&2
fi

set_to() { printf "export %s=%q\n" "$1" "$2"; }

set_to PATH "$installed/bin:$PATH"
set_to PULUMI_HOME "$installed/home"
set_to PULUMI_SKIP_UPDATE_CHECK true
if [ "$(cat "$installed/kind")" = built ]; then
  # Nothing can be fetched here, and of plugins on PATH the versions are not known.
  set_to PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION true
  set_to PULUMI_IGNORE_AMBIENT_PLUGINS true
fi
if [ -z "${PULUMI_BACKEND_URL:-}" ]; then
  mkdir -p "$project/.state"
  set_to PULUMI_BACKEND_URL "file://$project/.state"
fi
if [ -z "${PULUMI_CONFIG_PASSPHRASE+set}" ] && [ -z "${PULUMI_CONFIG_PASSPHRASE_FILE:-}" ]; then
  # A throwaway value, known to everyone: good for the lab, whose secrets are in this repository, and
  # for nothing else. For a real site set one of the two variables (or use a backend with a key service).
  set_to PULUMI_CONFIG_PASSPHRASE lab
fi

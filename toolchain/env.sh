#!/bin/bash
# Prints the environment in which `pulumi` works for this project, for a shell to take over:
#   eval "$(toolchain/env.sh)"
#
#   env.sh STACK   for this stack: `dev` and `phoenix`, the lab's, have a passphrase of their own
#   env.sh -       for commands of no stack: a passphrase is neither given nor asked for
#   env.sh         for a person's shell: a passphrase must be set
#
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
if [ -z "${PULUMI_CONFIG_PASSPHRASE+set}" ] && [ -z "${PULUMI_CONFIG_PASSPHRASE_FILE:-}" ]; then
  if [ "${1:-}" = dev ] || [ "${1:-}" = phoenix ]; then
    # Known to everyone, as the lab's secrets are, which lie in this repository.
    set_to PULUMI_CONFIG_PASSPHRASE lab
  elif [ "${1:-}" != - ] && [ -z "${PULUMI_BACKEND_URL:-}" ]; then
    # Another backend may have a key service.
    echo "env.sh: ${1:-a stack of your own} needs a passphrase of its own, since the lab's is known to everyone. Set PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds one (docs/install.md, \"Pulumi\")" >&2
    exit 1
  fi
fi
if [ -z "${PULUMI_BACKEND_URL:-}" ]; then
  mkdir -p "$project/.state"
  set_to PULUMI_BACKEND_URL "file://$project/.state"
fi

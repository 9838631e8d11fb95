#!/bin/bash
# Prints the environment in which `pulumi` works for this project, for a shell to take over:
#   eval "$(toolchain/env.sh)"
#
#   env.sh STACK   for this stack: `dev` and `phoenix`, the lab's, have a passphrase of their own;
#                  any other gets the user's own pulumi 3 where there is one on PATH
#   env.sh -       for commands of no stack: a passphrase is neither given nor asked for
#   env.sh         for a person's shell: a passphrase must be set
#
# What is needed and missing is fetched or built first, with its progress on stderr.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/settings.sh"
stack=${1:-}

set_to() { printf "export %s=%q\n" "$1" "$2"; }

has_toolchain() { [ -f "$installed/kind" ] && [ -x "$installed/bin/pulumi" ]; }

uses_own() { own_pulumi "$stack" >/dev/null && has_own_plugins; }

# is_logged_in: the user's own pulumi has a backend that it uses without being told.
is_logged_in() {
  local file=${PULUMI_CREDENTIALS_PATH:-${PULUMI_HOME:-$HOME/.pulumi}}/credentials.json
  [ -n "${PULUMI_ACCESS_TOKEN:-}" ] || grep -q '"current": *"[^"]' "$file" 2>/dev/null
}

# is_in_state: the project's folder has the state of this stack.
is_in_state() { compgen -G "$project/.state/.pulumi/stacks/*/$stack.json*" >/dev/null; }

# has_passphrase: the stack is encrypted with one, as it is where its file names nothing else.
has_passphrase() {
  ! grep -q '^secretsprovider: *[a-z]' "$project/Pulumi.$stack.yaml" 2>/dev/null ||
    grep -q '^secretsprovider: *passphrase' "$project/Pulumi.$stack.yaml"
}

uses_own || has_toolchain || "$toolchain/get.sh" "$stack" >&2

set_to PULUMI_SKIP_UPDATE_CHECK true
if uses_own; then
  if [ -z "${PULUMI_BACKEND_URL:-}" ] && is_logged_in && ! is_in_state; then
    exit # it knows its backend, and the backend how its stacks are encrypted
  fi
else
  set_to PATH "$installed/bin:$PATH"
  set_to PULUMI_HOME "$installed/home"
  if [ "$(cat "$installed/kind")" = built ]; then
    # Nothing can be fetched here, and of plugins on PATH the versions are not known.
    set_to PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION true
    set_to PULUMI_IGNORE_AMBIENT_PLUGINS true
  fi
fi
if [ -z "${PULUMI_CONFIG_PASSPHRASE+set}" ] && [ -z "${PULUMI_CONFIG_PASSPHRASE_FILE:-}" ]; then
  if is_lab "$stack"; then
    # Known to everyone, as the lab's secrets are, which are in this repository.
    set_to PULUMI_CONFIG_PASSPHRASE lab
  elif [ "$stack" != - ] && [ -z "${PULUMI_BACKEND_URL:-}" ] && has_passphrase; then
    # Another backend may have a key service.
    echo "env.sh: ${stack:-a stack of your own} needs a passphrase of its own, since the lab's is known to everyone. Set PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds one (docs/install.md, \"Pulumi\")" >&2
    exit 1
  fi
fi
if [ -z "${PULUMI_BACKEND_URL:-}" ]; then
  mkdir -p "$project/.state"
  set_to PULUMI_BACKEND_URL "file://$project/.state"
fi

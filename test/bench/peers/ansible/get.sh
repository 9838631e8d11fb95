#!/usr/bin/env bash
# Gets Ansible with its collections from PyPI, once, into its own folder below the caches. Prints that
# folder, whose bin/ has the commands, and what there is, in words.
set -euo pipefail
cd "$(dirname "$0")"

command -v ssh >/dev/null || {
  echo "ansible/get.sh: ssh is not on PATH. To compare Ansible, install openssh-client" >&2
  exit 1
}
python3 -c 'import ensurepip' 2>/dev/null || {
  echo "ansible/get.sh: Python's venv is missing. To have Ansible compared, install python3-venv" >&2
  exit 1
}

folder=${XDG_CACHE_HOME:-$HOME/.cache}/proximity-lan/peers/ansible-$(sha256sum <requirements.txt | cut -c1-16)

# The scripts in bin/ name their folder, so that it cannot be made elsewhere and moved.
if [ ! -e "$folder/complete" ]; then
  rm -rf "$folder"
  mkdir -p "$folder"
  python3 -m venv "$folder" >&2
  "$folder/bin/pip" install --quiet --disable-pip-version-check --requirement requirements.txt >&2
  touch "$folder/complete"
fi
collection=$(echo "$folder"/lib/python3*/site-packages/ansible_collections/community/proxmox/MANIFEST.json)
echo "$folder"
echo "Ansible $(sed -n 's/^ansible==//p' requirements.txt) with community.proxmox $(jq -r .collection_info.version "$collection")"

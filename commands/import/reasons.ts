/** Why a key of a Phoenix container has no place in a declaration of this program. */

const byKey: Readonly<Record<string, string>> = {
  application_script:
    "what it sets up has to be written as packages, files and services (and nginx, to open nginx to all interfaces).",
  features: "what they set up has to be written as packages, files and services.",
  firewall:
    "its rules are about the inner side, which is not filtered here. Rules for the LAN go to publicInterface.firewall.",
  template: "all guests are made from the one Debian 12 template of the site. Set template.",
  clone_from_ctid: "guests are made from the template, not cloned.",
  start_at_boot: "every guest starts with the node.",
  boot_order: "guests start in the order of Proxmox.",
  boot_delay: "guests start in the order of Proxmox.",
  dependencies: "guests do not wait for each other.",
  unprivileged: "every guest is unprivileged.",
  lxc_options: "a token of Proxmox may set none, and an unconfined guest is refused on purpose.",
  apparmor_profile: "a guest without confinement is refused on purpose.",
  apparmor_manages_nesting: "nesting is always on.",
  gpu_assignment: "devices of the node are not handed to guests.",
  zfs_volumes: "a guest has its root disk alone.",
  volumes: "a guest has its root disk alone.",
  ports:
    "a guest with an address on the LAN needs no forwarding; see publicInterface.firewall.open.",
};

const other = "no part of what this program sets up; it stays as it is, or has to be done by hand.";

/** One sentence for a key. */
export function reasonFor(key: string): string {
  return byKey[key] ?? other;
}

/** Why an entry as a whole has none. */
export const templateReason = "a template to clone from, which is not needed here";

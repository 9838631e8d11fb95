/** Why a key of a Phoenix file has no place in a declaration of this program. */
import type { Path } from "./place";

const disks =
  "a guest is created with its root disk alone. A mount point that root adds with `pct set` stays.";
const devices = "devices are not declared here. One that root adds with `pct set` stays.";
const application = "write the application as packages, files and services.";
const nginx = "(and nginx, to open nginx to all interfaces)";
const boot =
  "guests start in the order of Proxmox. An order that root sets with `pct set --startup` stays.";
const vlan =
  "an interface has no VLAN tag here; make a bridge on the node for that VLAN, and name the bridge.";
const apparmor = "a guest without confinement is refused on purpose.";
const checks = "`make verify` and `make doctor` have checks of their own.";

/** Keys of a container. */
const ofContainer: Readonly<Record<string, string>> = {
  application_script: `what it sets up has to be written as packages, files and services ${nginx}.`,
  setup_script: `what it sets up has to be written as packages, files and services ${nginx}.`,
  features: "what they set up has to be written as packages, files and services.",
  firewall:
    "its rules are about the inner side, which is not filtered here. Rules for the LAN go to publicInterface.firewall.",
  template: "all guests are made from the one Debian 12 template of the site. Set template.",
  template_file: "all guests are made from the one Debian 12 template of the site. Set template.",
  clone_from_ctid: "guests are made from the template, not cloned.",
  clone_from_template_ctid: "guests are made from the template, not cloned.",
  start_at_boot: "every guest starts with the node.",
  boot_order: boot,
  boot_delay: boot,
  dependencies: "guests do not wait for each other.",
  unprivileged: "every guest is unprivileged.",
  lxc_options:
    "a token of Proxmox may set none, and an unconfined guest is refused on purpose. A macvlan interface is written as publicInterface.",
  pct_options:
    "nesting is always on, and a token of Proxmox may set no other feature. One that root sets with `pct set` stays.",
  apparmor_profile: apparmor,
  apparmor_manages_nesting: "nesting is always on.",
  id_maps: "every guest has the mapping of Proxmox.",
  balloon_min_mb: "a container has no balloon; memory is its limit.",
  gpu_assignment: devices,
  nvidia_pci_ids: devices,
  zfs_volumes: disks,
  volumes: disks,
  mount_points: disks,
  ports:
    "a guest with an address on the LAN needs no forwarding; see publicInterface.firewall.open.",
  traefik_service:
    "only apps are behind a proxy here. Declare it under apps, or write the proxy's files.",
  secondary_network_config:
    "a guest has one inner interface and one on the LAN. Decide which is which, and write internal and publicInterface.",
  health_check: checks,
  tests: checks,
  integration_tests: checks,
  run_integration_tests: checks,
  enable_lifecycle_snapshots: "no snapshots are made here.",
  bootstrap_ca_url: "certificates are not requested here; write it as files and services.",
};

/** Keys of a container's interfaces. */
const ofInterface: Readonly<Record<string, string>> = {
  tag: vlan,
  vlan,
  vlan_id: vlan,
  vlan_tag: vlan,
  trunks: vlan,
  name: "the inner interface is eth0 and the one on the LAN eth1.",
  ip6: "addresses inside are IPv4.",
  gw6: "addresses inside are IPv4.",
  searchdomain: "the search domain is network.domain.",
  firewall: "the inner side is not filtered by Proxmox. Rules for the LAN go to publicInterface.",
  mtu: "the private network has one size of packets, network.mtu.",
  bridge: "an interface on the LAN is on network.publicBridge.",
};

/** Keys of the hypervisor's file. */
const ofHost: Readonly<Record<string, string>> = {
  "network.macvlan_vlan_tag": vlan,
  "network.public_vlan_tag": vlan,
  "network.internal_bridge":
    "this program makes the private network itself. Write network.bridge and network.cidr.",
  "network.fallback_dns": "resolvers are network.upstreamDns.",
  proxmox_defaults: "sizes are written in each guest.",
};

const other = "no part of what this program sets up; it stays as it is, or has to be done by hand.";

/** One sentence for a place of a container. */
export function reasonInContainer([key = "", ...below]: Path): string {
  if (key.startsWith("vllm")) return application;
  const isInterface = key === "network_config" || key === "public_interface";
  return (isInterface ? ofInterface[below[0] ?? ""] : ofContainer[key]) ?? other;
}

/** One sentence for a place of the hypervisor's file, or for what stands beside the containers. */
export function reasonInHost(path: Path): string {
  return ofHost[path.join(".")] ?? other;
}

/** Why an entry as a whole has none. */
export const templateReason = "a template to clone from, which is not needed here";

/** Two files of a Phoenix hypervisor around what a test is about, and their import. */
import assert from "node:assert/strict";

import { importPhoenix } from "../../commands/import/phoenix";
import { parseSite } from "../../model/site";
import { readSource } from "../../source-file";

/** Host key of a node. */
export const hostKey =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB9XmYIgcwVQzHUBcnJE+87zK9+cUTaACxJRE6ToEY9q";
/** Volume id of a template. */
export const template = "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst";

/** An object of a file or of a site. */
export type Values = Readonly<Record<string, unknown>>;

/** The inner interface of the plain container. */
export const INNER = { name: "eth0", bridge: "vmbr1", ip: "10.0.0.20/24", gw: "10.0.0.1" };
/** The plain container without it. */
export const BASE = {
  name: "web-1",
  memory_mb: 1024,
  cores: 1,
  storage_pool: "tank",
  storage_size_gb: 8,
};
const HOST = { domain_name: "lan.example.org", network: { public_bridge: "vmbr0" } };

/** Imports one container, 120, with these keys on top of a plain one's. */
export function one(values: Values, host: Values = {}) {
  return of({ "120": { ...BASE, network_config: INNER, ...values } }, host);
}

/** Imports containers by their VMIDs. */
export function of(containers: Values, host: Values = {}) {
  const { site, notes, problems } = importPhoenix(
    { ...HOST, ...host },
    { lxc_configs: containers },
  );
  const guests = site["guests"] as Readonly<Record<string, Values>>;
  const guest = guests["web-1"] ?? {};
  return { site, notes, problems, guests, guest, internal: guest["internal"] as Values };
}

/** What the program says of an import, once node and template are there. */
export function verdict(site: Values): readonly string[] {
  const node = { name: "pve1", ssh: { host: "pve1.lan", hostKey } };
  const result = parseSite({ node, template, ...site }, "import", readSource);
  return result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
}

/** The one note about a path. */
export function noteOn(notes: readonly string[], path: string): string {
  const found = notes.filter((note) => note.startsWith(`${path}: `));
  assert.equal(found.length, 1, notes.join("\n"));
  return found[0] ?? "";
}
